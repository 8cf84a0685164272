"""Quarters cut into blocks, and how many lots stand in each row of a block."""

from dataclasses import dataclass

import numpy as np

from demo.ground import spans
from demo.mesh import Cut, Line, Mesh, cut
from demo.quarters import LOTS_ON, RECIPES, Kind, Quarters, Recipe, recipe_values

_LEAST_M, _LEAST_M2 = 7.0, 90.0  # what streets leave between them and is narrower is green, and what is smaller, street
_OLD_STREET_M = 9.0
_ROW_WIDTH = np.array([1.6, 1.25, 1.0, 0.93, 1.0])  # lots at a main street are wider: shops; by Line
_ROW_DEPTH = np.array([1.3, 1.12, 1.0, 0.96, 1.0])


@dataclass(frozen=True)
class Blocks:
    """Blocks (b,) and their rows of lots (r,), block by block.

    cell, quarter, kind, part
    use           "" or the one thing that stands there: park, school, market, …; then the block is one lot
    quad          (b, 4, 2) both ends of the first front, then of the other; flat coordinates
    side_line     (b, 4) line of the mesh along each side
    row_block     (r,) and row_side (r,): 0 where the lots face the first side, 2 where they face the third
    row_lots      (r,) how many lots
    middle        (b,) where the backs meet, 0 to 1 on the way from the first side to the third; 1 for one row only
    """

    cell: np.ndarray
    quarter: np.ndarray
    kind: np.ndarray
    part: np.ndarray
    use: np.ndarray
    quad: np.ndarray
    side_line: np.ndarray
    middle: np.ndarray
    row_block: np.ndarray
    row_side: np.ndarray
    row_lots: np.ndarray

    def __len__(self) -> int:
        return len(self.cell)


def cut_quarters(
    mesh: Mesh, land: np.ndarray, kind: np.ndarray, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Cut neighbourhoods (n,) into quarters: their cells and kinds."""
    cells, kinds = [land[kind == Kind.WILD]], [kind[kind == Kind.WILD]]
    for each in LOTS_ON:
        recipe = RECIPES[each]
        length_m, depth_m = recipe.quarter_m
        part = land[kind == each]
        if recipe.planned:
            first, second = mesh.spread(part)
            mesh.turn(part[first < second])
            first, second = mesh.spread(part)
            columns = np.maximum(1, np.round(first / length_m)).astype(int)
            rows = np.maximum(1, np.round(second / depth_m)).astype(int)
            whole = (columns == 1) & (rows == 1)
            how = Cut(Line.LOCAL, recipe.street_m, uneven=0.12, snap_m=22.0)
            part = np.concatenate([part[whole], cut(mesh, part[~whole], columns[~whole], rows[~whole], how, random)])
        else:
            part = _halve(mesh, part, length_m * depth_m, recipe.street_m, random)
        cells.append(part)
        kinds.append(np.full(len(part), int(each)))
    return np.concatenate(cells), np.concatenate(kinds)


def _halve(mesh: Mesh, cells: np.ndarray, area_m2: float, street_m: float, random: np.random.Generator) -> np.ndarray:
    """Cut cells in two until none is larger than one and a half of that area."""
    while True:
        due = cells[mesh.area_m2(cells) > 1.5 * area_m2]
        if not len(due):
            return cells
        now = due[(random.random(len(due)) < 0.6) | (len(due) < 3)]
        first, second = mesh.spread(now)
        mesh.turn(now[first < second])
        ones = np.ones(len(now), dtype=int)
        width_m = street_m * random.uniform(0.8, 1.2, len(now))
        how = Cut(Line.LOCAL, np.round(width_m, 1), uneven=0.2, slant=0.2, snap_m=16.0)
        cells = np.concatenate([cells, cut(mesh, now, 2 * ones, ones, how, random)])
        cells = cells[mesh.alive[cells]]


def cut_blocks(
    mesh: Mesh, cells: np.ndarray, kind: np.ndarray, whole: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """Cut quarters (q,) into the cells of blocks; the mesh's label of each is its quarter.

    whole  (q,) bool: quarters that are one block each
    """
    mesh.label[cells] = np.arange(len(cells))
    made = [cells[whole]]
    for each in LOTS_ON:
        part = cells[(kind == each) & ~whole]
        made.append((_parallel if RECIPES[each].planned else _irregular)(mesh, part, RECIPES[each], each, random))
    found = np.concatenate(made)
    return found[_corner_m2(mesh.insets(found)).min(axis=1) > _LEAST_M2]


def _corner_m2(quad: np.ndarray) -> np.ndarray:
    """(n, 4) the area of the triangle at each corner of a block (n, 4, 2); all are positive where it is convex."""
    before, after = np.roll(quad, 1, axis=1) - quad, np.roll(quad, -1, axis=1) - quad
    return 0.5 * (after[..., 0] * before[..., 1] - after[..., 1] * before[..., 0])


def narrow(mesh: Mesh, cells: np.ndarray) -> np.ndarray:
    """(b,) bool: blocks that are too narrow somewhere for lots."""
    quad = mesh.insets(cells)
    side_m = np.hypot(*np.moveaxis(np.roll(quad, -1, axis=1) - quad, -1, 0))
    return side_m.min(axis=1) < _LEAST_M


def narrow_old_streets(mesh: Mesh, cells: np.ndarray, kind: np.ndarray) -> None:
    """Streets between two quarters that have both grown are as narrow as those in them."""
    lines = np.arange(len(mesh.line_ends))
    grown = np.isin(kind, (Kind.OLD, Kind.VILLAGE))
    around, between = mesh.sides[cells[grown]].ravel(), mesh.sides[cells[~grown]].ravel()
    old = np.isin(lines, around) & ~np.isin(lines, between) & (mesh.line_class == Line.LOCAL)
    mesh.line_width[old] = np.minimum(mesh.line_width[old], _OLD_STREET_M)


def _parallel(mesh: Mesh, cells: np.ndarray, recipe: Recipe, kind: Kind, random: np.random.Generator) -> np.ndarray:
    """Blocks side by side, parallel to the most important street at the quarter."""
    rank = mesh.line_class[mesh.sides[cells]]
    first, second = mesh.spread(cells)
    level, upright = rank[:, [0, 2]].min(axis=1), rank[:, [1, 3]].min(axis=1)
    mesh.turn(cells[(upright < level) | ((upright == level) & (first < second))])
    first, second = mesh.spread(cells)
    lane_m = np.round(random.uniform(*recipe.lane_m, len(cells)) * 2) / 2
    rows = np.maximum(1, np.round(second / (recipe.block_m[1] + lane_m))).astype(int)
    columns = np.maximum(1, np.ceil(first / recipe.block_m[0])).astype(int)
    whole = (columns == 1) & (rows == 1)
    line = Line.LANE if kind == Kind.FIELD else Line.LOCAL
    how = Cut(line, lane_m[~whole], uneven=0.05, snap_m=9.0)
    return np.concatenate([cells[whole], cut(mesh, cells[~whole], columns[~whole], rows[~whole], how, random)])


def _irregular(mesh: Mesh, cells: np.ndarray, recipe: Recipe, kind: Kind, random: np.random.Generator) -> np.ndarray:
    """Blocks as they come about where everybody cuts his own land in two, with a lane between."""
    longest_m, depth_m = recipe.block_m
    while True:
        first, second = mesh.spread(cells)
        mesh.turn(cells[first < second])
        first, second = mesh.spread(cells)
        deep, long = second > 1.5 * depth_m, first > 1.25 * longest_m
        due = (deep | long) & ((random.random(len(cells)) < 0.6) | ((deep | long).sum() < 3))
        if not (deep | long).any():
            return cells
        now, across = cells[due], (deep & ((second > 0.6 * first) | ~long))[due]
        parts = np.where(across, np.round(second[due] / depth_m), 2).astype(int)
        share = np.floor(np.maximum(parts, 2) / 2) / np.maximum(parts, 2)
        ones = np.ones(len(now), dtype=int)
        width_m = np.round(random.uniform(*recipe.lane_m, len(now)), 1)
        how = Cut(Line.LANE, width_m, uneven=0.14, slant=0.16, snap_m=5.0, share=share)
        cells = np.concatenate([cells, cut(mesh, now, ones + ~across, ones + across, how, random)])
        cells = cells[mesh.alive[cells]]


def face_streets(mesh: Mesh, cells: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """Turn the cells of blocks so that rows lie along their sides 0 and 2; returns (b,) whether there is one row only.

    A shallow block has one row, and its side 0 is the one at the better street.
    """
    grown = np.isin(kind, [each for each in LOTS_ON if not RECIPES[each].planned])
    first, second = mesh.spread(cells)
    mesh.turn(cells[grown & (first < second)])
    inset = mesh.insets(cells)
    ends = np.roll(inset, -1, axis=1) - inset
    depth_m = np.hypot(*np.moveaxis(ends[:, [1, 3]], -1, 0)).mean(axis=1)
    single = depth_m < 0.66 * recipe_values("block_m", kind)[:, 1]
    rank = mesh.line_class[mesh.sides[cells]]
    back = cells[single & (rank[:, 2] < rank[:, 0])]
    mesh.turn(back)
    mesh.turn(back)
    return single


def lay_blocks(
    mesh: Mesh, cells: np.ndarray, quarters: Quarters, single: np.ndarray, use: np.ndarray, lots: int,
    random: np.random.Generator,
) -> Blocks:  # fmt: skip
    """The blocks of all quarters with exactly that many lots.

    single  (b,) bool: one row only
    use     (b,) "" or the one use of the block
    """
    quarter = mesh.label[cells]
    kind = quarters.kind[quarter]
    quad, side_line = mesh.insets(cells), mesh.sides[cells]
    single = single | (use != "")
    row_block, place = spans(np.where(single, 1, 2))
    row_side = 2 * place
    rank = mesh.line_class[side_line]
    weight = _ROW_DEPTH[rank[:, [0, 2]]]
    middle = np.clip(weight[:, 0] / weight.sum(axis=1) + random.uniform(-0.035, 0.035, len(cells)), 0.36, 0.64)
    row_kind = kind[row_block]
    length_m = np.hypot(*(quad[row_block, row_side + 1] - quad[row_block, row_side]).T)
    width_m = recipe_values("lot_width_m", row_kind) * np.where(
        np.isin(row_kind, (Kind.OLD, Kind.NEW, Kind.VILLA)), _ROW_WIDTH[rank[row_block, row_side]], 1.0
    )
    usual = np.maximum(2, np.round(length_m / width_m))
    fixed = use[row_block] != ""
    row_lots = np.where(fixed, 1, apportion(np.where(fixed, 0, usual), lots - int(fixed.sum())))
    return Blocks(
        cell=cells,
        quarter=quarter,
        kind=kind,
        part=quarters.part[quarter],
        use=use,
        quad=quad,
        side_line=side_line,
        middle=np.where(single, 1.0, middle),
        row_block=row_block,
        row_side=row_side,
        row_lots=row_lots,
    )


def apportion(weights: np.ndarray, total: int) -> np.ndarray:
    """Whole numbers (n,) that add up to `total`, in proportion to the weights; at least 1 where a weight is."""
    exact = weights * (total / weights.sum())
    whole = np.where(weights > 0, np.maximum(1, np.floor(exact)), 0).astype(int)
    missing = total - int(whole.sum())
    ranked = np.argsort(whole - exact, kind="stable")
    ranked = ranked[weights[ranked] > 0]
    chosen = ranked[np.arange(abs(missing)) % len(ranked)] if missing > 0 else ranked[::-1][: abs(missing)]
    np.add.at(whole, chosen, np.sign(missing))
    return whole
