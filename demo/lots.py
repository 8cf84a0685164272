"""Blocks and lots: every block is two rows of lots back to back, and neighbours share their borders exactly."""

from dataclasses import dataclass

import numpy as np

from demo.ground import Ground, rings, spans
from demo.quarters import CIVIC_ROWS, Kind, Quarters, recipe_values
from demo.streets import block_depth_m

_CM = 100
# Longer than any city in centimetres: keeps the positions of one block apart from those of the next in one sort.
_APART = 100_000_000


@dataclass(frozen=True)
class Blocks:
    """Blocks (b,): the quarter of each, its ring in the register's system, its front on which lanes or streets."""

    quarter: np.ndarray
    shape: np.ndarray


@dataclass(frozen=True)
class Lots:
    """Lots (n,), row by row and along each row from west to east or south to north.

    block, row  the block of each, and which of all rows it stands in; neighbours in a row are beside each other
    use         "" or the fixed use in a civic block: park, school, market, …
    corners     (n, 4, 2) both ends of the front, then of the back, in the register's system, metres
    shape       Polygons in the register's system; the vertices of all neighbours are in the ring
    """

    block: np.ndarray
    quarter: np.ndarray
    row: np.ndarray
    kind: np.ndarray
    use: np.ndarray
    corners: np.ndarray
    shape: np.ndarray

    def __len__(self) -> int:
        return len(self.block)


def divide(quarters: Quarters, lots: int, ground: Ground, seed: int) -> tuple[Blocks, Lots]:
    """Blocks and exactly that many lots. Widths give way by the few per cent that the number asks for."""
    random = np.random.default_rng([seed, 4])
    block_quarter, place = spans(quarters.blocks)
    row_block = np.repeat(np.arange(len(block_quarter)), 2)
    row_quarter = block_quarter[row_block]
    side = np.arange(len(row_block)) % 2
    civic = quarters.kind[row_quarter] == Kind.CIVIC
    fixed = np.array([len(uses) for uses in CIVIC_ROWS])[side]
    usual = np.where(civic, 0, quarters.usual_lots[row_quarter])
    counts = np.where(civic, fixed, _apportion(usual, lots - int(fixed[civic].sum())))
    row, number = spans(counts)

    # Along the rows: where each lot begins at its front and at its back, in whole centimetres.
    first, second = np.where(quarters.across[:, None], quarters.bounds[:, [1, 3]], quarters.bounds[:, [0, 2]]).T
    begin_cm, end_cm = (np.round(edge * _CM).astype(np.int64)[row_quarter] for edge in (first, second))
    kind = quarters.kind[row_quarter[row]]
    width = np.clip(1 + recipe_values("spread", kind) * random.standard_normal(len(row)), 0.55, 1.6)
    use = np.full(len(row), "", dtype=object)
    for which, uses in enumerate(CIVIC_ROWS):
        there = civic[row] & (side[row] == which)
        use[there] = np.array([name for name, _ in uses], dtype=object)[number[there]]
        width[there] = np.array([share for _, share in uses])[number[there]]
    total = np.bincount(row, width, minlength=len(row_block))
    reached = np.cumsum(width)
    before = (reached - width) - (np.cumsum(total) - total)[row]
    length_cm = end_cm - begin_cm
    front_cm = begin_cm[row] + np.round(before / total[row] * length_cm[row]).astype(np.int64)
    stray = recipe_values("skew", kind) * (length_cm / counts)[row] * random.uniform(-1, 1, len(row))
    back_cm = front_cm + np.where(number == 0, 0, np.round(stray)).astype(np.int64)
    front_end, back_end = (_next_in_row(begins, number, counts, end_cm, row) for begins in (front_cm, back_cm))

    # Across: the two fronts and the line in the middle where the backs meet.
    depth_m, lane_m = block_depth_m(quarters)[block_quarter], recipe_values("lane_m", quarters.kind)[block_quarter]
    base_m = np.where(quarters.across, quarters.bounds[:, 0], quarters.bounds[:, 1])[block_quarter]
    near_m = base_m + place * (depth_m + lane_m)
    far_m = near_m + depth_m
    middle_m = near_m + depth_m * random.uniform(0.46, 0.54, len(depth_m))
    front_m = np.where(side == 0, near_m[row_block], far_m[row_block])[row]
    back_m = middle_m[row_block[row]]

    block = row_block[row]
    across = quarters.across[block_quarter[block]]

    def placed(along_cm: np.ndarray, across_m: np.ndarray, swapped: np.ndarray) -> np.ndarray:
        along_m = along_cm / _CM
        flat = np.column_stack([np.where(swapped, across_m, along_m), np.where(swapped, along_m, across_m)])
        return ground.place(flat)

    corners = np.stack(
        [
            placed(front_cm, front_m, across),
            placed(front_end, front_m, across),
            placed(back_end, back_m, across),
            placed(back_cm, back_m, across),
        ],
        axis=1,
    )
    # The middle line of a block has a vertex wherever a side line of either row meets it.
    middle_key = np.unique(np.concatenate([block * _APART + back_cm, block * _APART + back_end]))
    lowest = np.searchsorted(middle_key, block * _APART + back_cm)
    highest = np.searchsorted(middle_key, block * _APART + back_end)
    lot, step = spans(highest - lowest + 1)
    key = middle_key[highest[lot] - step]
    key_block = np.floor_divide(key + _APART // 2, _APART)
    back_points = placed(key - key_block * _APART, middle_m[key_block], quarters.across[block_quarter[key_block]])
    points = np.concatenate([corners[:, 0], corners[:, 1], back_points])
    owner = np.concatenate([np.arange(len(row)), np.arange(len(row)), lot])
    turn = np.concatenate([np.zeros(len(row)), np.ones(len(row)), 2 + step])
    order = np.lexsort((turn, owner))
    shape = rings(points[order], owner[order])
    lots_drawn = Lots(block, block_quarter[block], row, kind, use, corners, shape)
    return Blocks(block_quarter, _block_rings(lots_drawn, number, counts, side)), lots_drawn


def _apportion(weights: np.ndarray, total: int) -> np.ndarray:
    """Whole numbers (n,) that add up to `total`, in proportion to the weights; at least 1 where a weight is."""
    exact = weights * (total / weights.sum())
    whole = np.where(weights > 0, np.maximum(1, np.floor(exact)), 0).astype(int)
    missing = total - int(whole.sum())
    ranked = np.argsort(whole - exact, kind="stable")
    ranked = ranked[weights[ranked] > 0]
    chosen = ranked[np.arange(abs(missing)) % len(ranked)] if missing > 0 else ranked[::-1][: abs(missing)]
    np.add.at(whole, chosen, np.sign(missing))
    return whole


def _next_in_row(
    begins: np.ndarray, number: np.ndarray, counts: np.ndarray, end: np.ndarray, row: np.ndarray
) -> np.ndarray:
    """(n,) where the next lot of the row begins; the end of the row for its last lot."""
    following = np.append(begins[1:], 0)
    return np.where(number == counts[row] - 1, end[row], following)


def _block_rings(lots: Lots, number: np.ndarray, counts: np.ndarray, side: np.ndarray) -> np.ndarray:
    """(b,) Polygons around each block through every corner of its lots, in the register's system."""
    last = number == counts[lots.row] - 1
    first = number == 0
    second_row = side[lots.row] == 1
    everyone = np.arange(len(lots))
    # Along the first row's front, over the far end of the middle line, back along the second row, the near end.
    legs = [
        (lots.corners[~second_row, 0], lots.block[~second_row], 0, everyone[~second_row]),
        (lots.corners[~second_row & last, 1], lots.block[~second_row & last], 1, None),
        (lots.corners[~second_row & last, 2], lots.block[~second_row & last], 2, None),
        (lots.corners[second_row & last, 1], lots.block[second_row & last], 3, None),
        (lots.corners[second_row, 0], lots.block[second_row], 4, -everyone[second_row]),
        (lots.corners[~second_row & first, 3], lots.block[~second_row & first], 5, None),
    ]
    points = np.concatenate([leg[0] for leg in legs])
    block = np.concatenate([leg[1] for leg in legs])
    phase = np.concatenate([np.full(len(leg[1]), leg[2]) for leg in legs])
    place = np.concatenate([np.zeros(len(leg[1]), dtype=int) if leg[3] is None else leg[3] for leg in legs])
    order = np.lexsort((place, phase, block))
    return rings(points[order], block[order])
