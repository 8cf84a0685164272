"""The lots of one ward: rows back to back in each block, and neighbours share their borders exactly."""

from dataclasses import dataclass

import numpy as np

from demo.blocks import Blocks
from demo.ground import Ground, rings, spans
from demo.mesh import Line, Mesh
from demo.quarters import Kind, recipe_values

_CM = 100
# Longer than any block in centimetres: keeps the positions of one block apart from those of the next in one sort.
_APART = 1_000_000
_STEP_M = np.where(np.isin(np.arange(len(Kind)), [Kind.OLD, Kind.VILLAGE]), 7.0, 14.0)  # along a street that bends
_CORNER_LOT = 1.25  # how much wider than the others a lot at a corner is
_MANY = 1000  # more than the points on one side of a lot
# Where two streets meet, the corner is cut off so that drivers see each other: metres along either street, by kind.
_CUT_OFF_M = {Kind.OLD: 1.8, Kind.NEW: 3.5, Kind.VILLA: 4.0, Kind.INDUSTRY: 6.0}


@dataclass(frozen=True)
class Lots:
    """Lots (n,), row by row and along each row.

    block, row      the block and which of all rows it stands in (numbers of the whole city); neighbours in a row are
                    beside each other
    kind, use       of its quarter; "" or what alone stands in the block: park, school, market, …
    number, count   its place in the row, and how many the row has
    corners         (n, 4, 2) both ends of the front, then of the back, in the register's system, metres
    shape           Polygons in the register's system; the vertices of all neighbours are in the ring
    line, along     line of the mesh that it faces, and where its entrance is on the way along it, 0 to 1
    front           Line: what street that is
    entrance        (n, 2) in the middle of the front, in the register's system, metres
    """

    block: np.ndarray
    quarter: np.ndarray
    row: np.ndarray
    kind: np.ndarray
    use: np.ndarray
    number: np.ndarray
    count: np.ndarray
    corners: np.ndarray
    shape: np.ndarray
    line: np.ndarray
    along: np.ndarray
    front: np.ndarray
    entrance: np.ndarray

    def __len__(self) -> int:
        return len(self.block)


@dataclass(frozen=True)
class _Rows:
    """The lots of a ward in the flat plane, and its blocks, which count from 0 here.

    block, row, number, count      (n,) of lots; rows count from 0 here
    first, last, other             (n,) bool: at the left and right end of its row; facing the third side of its block
    quad, kind, single             (k,) of blocks
    corners                        (n, 4, 2) both ends of the front, then of the back
    back_begin, back_end           (n,) first and last of the points where its back meets others
    key_block, key_inner, key_end  (p,) of those points: their block, whether they lie within it, at its right end
    key_point                      (p, 2)
    """

    block: np.ndarray
    row: np.ndarray
    number: np.ndarray
    count: np.ndarray
    first: np.ndarray
    last: np.ndarray
    other: np.ndarray
    quad: np.ndarray
    kind: np.ndarray
    single: np.ndarray
    corners: np.ndarray
    back_begin: np.ndarray
    back_end: np.ndarray
    key_block: np.ndarray
    key_inner: np.ndarray
    key_end: np.ndarray
    key_point: np.ndarray


def on_quad(quad: np.ndarray, across: np.ndarray, deep: np.ndarray) -> np.ndarray:
    """(n, 2) points of four-cornered areas (n, 4, 2): the share of the way along the first side, and to the third."""
    near = quad[:, 0] + across[:, None] * (quad[:, 1] - quad[:, 0])
    far = quad[:, 3] + across[:, None] * (quad[:, 2] - quad[:, 3])
    return near + deep[:, None] * (far - near)


def divide(blocks: Blocks, part: int, mesh: Mesh, ground: Ground, seed: int) -> tuple[np.ndarray, np.ndarray, Lots]:
    """The numbers of a ward's blocks (k,), their Polygons through all corners of their lots (k,), and the lots."""
    mine = np.flatnonzero(blocks.part == part)
    its_rows = np.flatnonzero(blocks.part[blocks.row_block] == part)
    rows = _in_rows(blocks, mine, its_rows, np.random.default_rng([seed, 4, part]))
    shape, block_shape = _outlined(rows, mesh.line_class[blocks.side_line[mine]], ground)
    line = blocks.side_line[mine][rows.block, np.where(rows.other, 2, 0)]
    entrance = (rows.corners[:, 0] + rows.corners[:, 1]) / 2
    start, end = np.moveaxis(mesh.nodes[mesh.line_ends[line]], 1, 0)
    lots = Lots(
        block=mine[rows.block],
        quarter=blocks.quarter[mine][rows.block],
        row=its_rows[rows.row],
        kind=rows.kind[rows.block],
        use=blocks.use[mine][rows.block],
        number=rows.number,
        count=rows.count,
        corners=ground.place(rows.corners),
        shape=shape,
        line=line,
        along=np.sum((entrance - start) * (end - start), axis=1) / np.sum((end - start) ** 2, axis=1),
        front=mesh.line_class[line],
        entrance=ground.place(entrance),
    )
    return mine, block_shape, lots


def _in_rows(blocks: Blocks, mine: np.ndarray, its_rows: np.ndarray, random: np.random.Generator) -> _Rows:
    """The lots of blocks `mine` (k,), which have the rows `its_rows` (r,)."""
    row_block = np.searchsorted(mine, blocks.row_block[its_rows])
    counts, quad, kind_of = blocks.row_lots[its_rows], blocks.quad[mine], blocks.kind[mine]
    middle, single = blocks.middle[mine], blocks.middle[mine] == 1
    length_m = (np.hypot(*(quad[:, 1] - quad[:, 0]).T) + np.hypot(*(quad[:, 2] - quad[:, 3]).T)) / 2
    depth_m = (np.hypot(*(quad[:, 3] - quad[:, 0]).T) + np.hypot(*(quad[:, 2] - quad[:, 1]).T)) / 2
    length_cm = np.round(length_m * _CM).astype(np.int64)

    # Along the rows: where each lot begins at its front and at its back, in whole centimetres of the block's length.
    row, number = spans(counts)
    block = row_block[row]
    kind = kind_of[block]
    first, last = number == 0, number == counts[row] - 1
    width = np.clip(1 + recipe_values("spread", kind) * random.standard_normal(len(row)), 0.6, 1.8)
    width = width * np.where((first | last) & (counts[row] > 3), _CORNER_LOT, 1.0)
    total = np.bincount(row, width, minlength=len(counts))
    before = np.cumsum(width) - width - (np.cumsum(total) - total)[row]
    front_cm = np.round(before / total[row] * length_cm[block]).astype(np.int64)
    stray = recipe_values("skew", kind) * (length_cm[row_block] / counts)[row] * random.uniform(-1, 1, len(row))
    back_cm = front_cm + np.where(first, 0, np.round(stray)).astype(np.int64)
    front_end, back_end = (np.where(last, length_cm[block], np.append(at[1:], 0)) for at in (front_cm, back_cm))

    # Across: fronts at 0 or 1, and the line where the backs meet; it has a point wherever a side line ends. Where there
    # is one row only, that line lies along a street and bends with it.
    steps = np.where(single, np.floor(length_m / _STEP_M[kind_of]), 0).astype(int)
    bending, place = spans(steps)
    bend_cm = np.round((place + 1) / (steps[bending] + 1) * length_cm[bending]).astype(np.int64)
    on_middle = [(block, back_cm), (block, back_end), (bending, bend_cm)]
    key = np.unique(np.concatenate([which * _APART + at_cm for which, at_cm in on_middle]))
    key_block, key_cm = key // _APART, key % _APART
    inner = (key_cm > 0) & (key_cm < length_cm[key_block])
    jag_m = np.maximum(recipe_values("jag_m", kind_of), 1e-9)[key_block]
    phase = random.uniform(0, 2 * np.pi, (2, len(quad)))[:, key_block]
    turns = 2 * np.pi * key_cm / (_CM * jag_m)
    jag = jag_m / depth_m[key_block] * (np.sin(turns / 15 + phase[0]) + np.sin(turns / 6.6 + phase[1])) / 2
    deep = middle[key_block] + np.where(inner & ~single[key_block], jag, 0)
    key_point = on_quad(quad[key_block], key_cm / length_cm[key_block], deep)

    other = blocks.row_side[its_rows][row] == 2
    left, right = (
        on_quad(quad[block], at_cm / length_cm[block], np.where(other, 1.0, 0.0)) for at_cm in (front_cm, front_end)
    )
    begin, end = (np.searchsorted(key, block * _APART + at_cm) for at_cm in (back_cm, back_end))
    return _Rows(
        block=block, row=row, number=number, count=counts[row], first=first, last=last, other=other,
        quad=quad, kind=kind_of, single=single,
        corners=np.stack([left, right, key_point[end], key_point[begin]], axis=1),
        back_begin=begin, back_end=end,
        key_block=key_block, key_inner=inner, key_end=key_cm > 0, key_point=key_point,
    )  # fmt: skip


def _outlined(rows: _Rows, side_class: np.ndarray, ground: Ground) -> tuple[np.ndarray, np.ndarray]:
    """Polygons of the lots (n,) and of the blocks (k,), in the register's system.

    side_class  (k, 4) Line along each side of the blocks
    """
    corners, block = rows.corners, rows.block
    kind = rows.kind[block]
    everyone, begins, ends = np.arange(len(block)), np.flatnonzero(rows.first), np.flatnonzero(rows.last)
    # Points between the corners, where a lot lies along a street that bends: along fronts, and at both ends of a row.
    # Long side lines bend with the land as well, so that a narrow field stays a field.
    long = np.isin(kind, (Kind.FIELD, Kind.INDUSTRY))
    lot_f, place_f, front = _between(corners, everyone, (0, 1), _STEP_M[kind])
    lot_r, place_r, right = _between(corners, np.flatnonzero(rows.last | long), (1, 2), _STEP_M[kind])
    lot_l, place_l, left = _between(corners, np.flatnonzero(rows.first | long), (0, 3), _STEP_M[kind])
    lot_b, place_b = spans(rows.back_end - rows.back_begin + 1)
    back = rows.key_point[rows.back_end[lot_b] - place_b]
    # Two points instead of a corner where streets meet.
    streets_meet = np.maximum(side_class, np.roll(side_class, 1, axis=1)) < Line.LANE
    cut_m = streets_meet * np.array([_CUT_OFF_M.get(each, 0.0) for each in Kind])[rows.kind][:, None]
    left_front, right_front = corners[:, 0].copy(), corners[:, 1].copy()
    at_left, at_right = np.where(rows.other, 3, 0)[begins], np.where(rows.other, 2, 1)[ends]
    left_front[begins], left_cut = _cut_off(corners[begins], (0, 1, 3), cut_m[block[begins], at_left])
    right_front[ends], right_cut = _cut_off(corners[ends], (1, 0, 2), cut_m[block[ends], at_right])

    shape = _assembled(
        [
            (everyone, np.zeros(len(block)), left_front),
            (lot_f, 1 + place_f, front),
            (everyone, np.full(len(block), _MANY), right_front),
            (ends, np.full(len(ends), _MANY + 1), right_cut),
            (lot_r, _MANY + 2 + place_r, right),
            (lot_b, 2 * _MANY + place_b, back),
            (lot_l, 4 * _MANY - place_l, left),
            (begins, np.full(len(begins), 4 * _MANY + 1), left_cut),
        ],
        ground,
    )
    # Around a block: along the first row's front, the right end, back along the other side, the left end.
    far = np.int64(len(block) + 1) * _MANY
    one, other = ~rows.other, rows.other
    of_lots = [
        (everyone, everyone * _MANY, left_front, one),
        (lot_f, lot_f * _MANY + 1 + place_f, front, one[lot_f]),
        (ends, np.full(len(ends), far), right_front[ends], one[ends]),
        (ends, np.full(len(ends), far + 1), right_cut, one[ends]),
        (lot_r, far + 2 + place_r, right, (one & rows.last)[lot_r]),
        (lot_r, 3 * far - place_r, right, (other & rows.last)[lot_r]),
        (ends, np.full(len(ends), 3 * far + 1), right_cut, other[ends]),
        (ends, np.full(len(ends), 3 * far + 2), right_front[ends], other[ends]),
        (lot_f, 5 * far - lot_f * _MANY - 1 - place_f, front, other[lot_f]),
        (everyone, 5 * far - everyone * _MANY, left_front, other),
        (begins, np.full(len(begins), 5 * far + 1), left_cut, other[begins]),
        (lot_l, 5 * far + 2 + place_l, left, (other & rows.first)[lot_l]),
        (lot_l, 7 * far - place_l, left, (one & rows.first)[lot_l]),
        (begins, np.full(len(begins), 7 * far + 1), left_cut, one[begins]),
    ]
    single = rows.single[rows.key_block]
    middle = ~single & ~rows.key_inner
    of_keys = [
        (3 * far - np.arange(len(single)), single),
        (np.full(len(single), 2 * far), middle & rows.key_end),
        (np.full(len(single), 6 * far), middle & ~rows.key_end),
    ]
    legs = [(block[lot[there]], place[there], points[there]) for lot, place, points, there in of_lots]
    legs += [(rows.key_block[there], place[there], rows.key_point[there]) for place, there in of_keys]
    return shape, _assembled(legs, ground)


def _between(
    corners: np.ndarray, lots: np.ndarray, which: tuple[int, int], step_m: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points on the way from one corner to another, for lots (k,): whose each is, its place on the way, the point."""
    start, end = corners[lots, which[0]], corners[lots, which[1]]
    steps = np.floor(np.hypot(*(end - start).T) / step_m[lots]).astype(int)
    of, place = spans(steps)
    share = ((place + 1) / (steps[of] + 1))[:, None]
    return lots[of], place, start[of] + share * (end[of] - start[of])


def _cut_off(corners: np.ndarray, which: tuple[int, int, int], cut_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two points instead of a corner of lots (k, 4, 2): towards the other corner of the front, and towards the back.

    which  the corner and both its neighbours
    """
    corner, front, back = (corners[:, each] for each in which)
    found = []
    for towards in (front, back):
        on = towards - corner
        share = np.minimum(cut_m / np.hypot(*on.T), 0.4)
        found.append(corner + share[:, None] * on)
    return found[0], found[1]


def _assembled(legs: list[tuple[np.ndarray, np.ndarray, np.ndarray]], ground: Ground) -> np.ndarray:
    """Polygons from stretches of their rings: whose each point is, its place in the ring, the flat point."""
    owner, place, points = (np.concatenate([leg[which] for leg in legs]) for which in range(3))
    order = np.lexsort((place, owner))
    return rings(ground.place(points[order]), owner[order])
