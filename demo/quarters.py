"""The plan of the city at its coarsest: a grid of streets and the quarters between them."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np


class Kind(IntEnum):
    """What a quarter is."""

    CIVIC = 0
    OLD = 1
    NEW = 2
    VILLA = 3
    VILLAGE = 4
    INDUSTRY = 5
    FIELD = 6


@dataclass(frozen=True)
class Recipe:
    """How the land of a kind of quarter is divided; a block is two rows of lots back to back.

    lot_width_m, spread  mean width along the street and its relative deviation
    block_depth_m        both rows together
    lane_m               width of the lanes between blocks
    skew                 how far the back of a side line strays from its front, relative to the lot's width
    share                of the quarters of a city
    """

    lot_width_m: float
    spread: float
    block_depth_m: float
    lane_m: float
    skew: float
    share: float


RECIPES = {
    Kind.CIVIC: Recipe(60, 0.0, 130, 8, 0.0, 0.02),
    Kind.OLD: Recipe(4.4, 0.16, 36, 6, 0.06, 0.15),
    Kind.NEW: Recipe(5.4, 0.07, 40, 9, 0.0, 0.26),
    Kind.VILLA: Recipe(12.0, 0.10, 44, 9, 0.0, 0.11),
    Kind.VILLAGE: Recipe(13.0, 0.22, 52, 6, 0.08, 0.15),
    Kind.INDUSTRY: Recipe(44.0, 0.15, 140, 12, 0.0, 0.09),
    Kind.FIELD: Recipe(23.0, 0.20, 140, 6, 0.05, 0.22),
}
# A civic block has fixed uses; the figures are shares of its length, first row and second row.
CIVIC_ROWS: tuple[tuple[tuple[str, float], ...], ...] = (
    (("park", 0.55), ("school", 0.45)),
    (("market", 0.3), ("office", 0.22), ("clinic", 0.16), ("culture", 0.32)),
)
LEAST_LOTS = 300
FEWEST = 9  # with fewer quarters some kind would be missing
LINE_WIDTHS_M = {"main": 30.0, "secondary": 22.0, "local": 14.0}


def recipe_values(name: str, kinds: np.ndarray) -> np.ndarray:
    """One figure of the recipe for each of many quarters (n,)."""
    return np.array([getattr(RECIPES[kind], name) for kind in Kind])[kinds]


@dataclass(frozen=True)
class Grid:
    """The grid of streets: centre lines `u` (columns + 1,) and `v` (rows + 1,), metres, and each line's width."""

    u: np.ndarray
    v: np.ndarray
    u_width: np.ndarray
    v_width: np.ndarray
    middle: tuple[int, int]  # which lines are the main streets


@dataclass(frozen=True)
class Quarters:
    """The quarters that are there, nearest to the centre first: (n,) arrays.

    column, row      its cell in the grid, between lines column and column + 1, row and row + 1
    bounds           (n, 4) u0, v0, u1, v1 between the red lines of the streets around it, metres
    across           whether its lanes run north to south
    """

    grid: Grid
    column: np.ndarray
    row: np.ndarray
    kind: np.ndarray
    bounds: np.ndarray
    across: np.ndarray

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def sides(self) -> tuple[np.ndarray, np.ndarray]:
        """Length along the lanes and depth across them, metres."""
        width = self.bounds[:, 2] - self.bounds[:, 0]
        height = self.bounds[:, 3] - self.bounds[:, 1]
        return np.where(self.across, height, width), np.where(self.across, width, height)

    @property
    def blocks(self) -> np.ndarray:
        """How many blocks lie between its lanes."""
        depth_m, lane_m = recipe_values("block_depth_m", self.kind), recipe_values("lane_m", self.kind)
        return np.maximum(1, np.round((self.sides[1] + lane_m) / (depth_m + lane_m))).astype(int)

    @property
    def usual_lots(self) -> np.ndarray:
        """How many lots of the usual width one row of each quarter holds; 3 on average where uses are fixed."""
        lots = np.maximum(2, np.round(self.sides[0] / recipe_values("lot_width_m", self.kind))).astype(int)
        return np.where(self.kind == Kind.CIVIC, 3, lots)


def lay_out(lots: int, seed: int) -> Quarters:
    """The quarters of a city of about that many lots (at least LEAST_LOTS)."""
    few, many = FEWEST, max(12, lots // 20)
    while few < many:
        count = (few + many) // 2
        quarters = _quarters(count, seed)
        if int((quarters.blocks * 2 * quarters.usual_lots).sum()) >= lots:
            many = count
        else:
            few = count + 1
    return _quarters(few, seed)


def _grid(count: int, random: np.random.Generator) -> Grid:
    # Cells are wider than high: the circle of the city is lower in columns than in rows.
    columns, rows = (int(np.ceil(share * count**0.5)) + 2 for share in (0.5, 0.7))

    def lines(half: int, least_m: float, most_m: float) -> tuple[np.ndarray, np.ndarray]:
        number = np.arange(-half, half + 1)
        width = np.where(number == 0, LINE_WIDTHS_M["main"],
                         np.where(number % 4 == 0, LINE_WIDTHS_M["secondary"], LINE_WIDTHS_M["local"]))  # fmt: skip
        between = np.round(random.uniform(least_m, most_m, len(number) - 1)) + (width[:-1] + width[1:]) / 2
        position = np.concatenate([[0.0], np.cumsum(between)])
        return position - position[half], width

    u, u_width = lines(columns, 150, 188)
    v, v_width = lines(rows, 106, 138)
    return Grid(u, v, u_width, v_width, (columns, rows))


def _quarters(count: int, seed: int) -> Quarters:
    """The `count` cells nearest to the centre and what each becomes."""
    random = np.random.default_rng([seed, 2])
    grid = _grid(count, random)
    column, row = (axis.ravel() for axis in np.meshgrid(np.arange(len(grid.u) - 1), np.arange(len(grid.v) - 1)))
    bounds = np.column_stack(
        [
            grid.u[column] + grid.u_width[column] / 2,
            grid.v[row] + grid.v_width[row] / 2,
            grid.u[column + 1] - grid.u_width[column + 1] / 2,
            grid.v[row + 1] - grid.v_width[row + 1] / 2,
        ]
    )
    centre = np.column_stack([bounds[:, [0, 2]].mean(axis=1), bounds[:, [1, 3]].mean(axis=1)])
    # Seen from beside the crossing of the main streets, so that no two cells are equally near.
    nearest = np.argsort(np.hypot(centre[:, 0] - 43.0, centre[:, 1] - 29.0), kind="stable")[:count]
    kind = _kinds(centre[nearest])
    across = (random.random(count) < 0.35) & np.isin(kind, [Kind.OLD, Kind.NEW, Kind.VILLA])
    return Quarters(grid, column[nearest], row[nearest], kind, bounds[nearest], across)


def _kinds(centre: np.ndarray) -> np.ndarray:
    """What each quarter is; `centre` (n, 2) is sorted by distance. Industry lies in the east, fields all around."""
    count = len(centre)
    kind = np.full(count, Kind.FIELD)
    # Rounded down: what is left over becomes fields, which a small town could otherwise be without.
    share = {each: max(1, int(RECIPES[each].share * count)) for each in Kind}
    inner = np.cumsum([0, share[Kind.OLD], share[Kind.NEW], share[Kind.VILLA]]) + 1
    for each, start, end in zip((Kind.OLD, Kind.NEW, Kind.VILLA), inner, inner[1:], strict=False):
        kind[start:end] = each
    # A town's second school and park stand in its quarters, not beside the first.
    kind[:: max(2, count // share[Kind.CIVIC])] = Kind.CIVIC
    outer = np.arange(inner[-1], count)
    outer = outer[kind[outer] == Kind.FIELD]
    eastern = outer[np.argsort(-centre[outer, 0], kind="stable")[: share[Kind.INDUSTRY]]]
    kind[eastern] = Kind.INDUSTRY
    remaining = outer[~np.isin(outer, eastern)]
    kind[remaining[: share[Kind.VILLAGE]]] = Kind.VILLAGE
    return kind
