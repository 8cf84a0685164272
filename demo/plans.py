"""Three plans over the city: one in force, a draft that amends part of it, one in consultation at its edge."""

from dataclasses import dataclass

import numpy as np
import shapely

from demo.ground import Ground, rings, spans
from demo.lots import Blocks, Lots
from demo.quarters import Kind, Quarters
from demo.streets import BEND_POINTS, along

# Largest net building density of a plot by its area. Source: QCVN 01:2021/BXD, table 2.8 (in force to 2026-12-31).
_PLOT_M2, _DENSITY_PERCENT = (90, 100, 200, 300, 500, 1000), (100, 90, 70, 60, 50, 40)
_FAR_MAX = 7.0  # the same table
_PEOPLE_PER_LOT = 3.6


@dataclass(frozen=True)
class Use:
    """What a zone of one function may hold. 0 means that the plan says nothing.

    function     code of the zone function (TT 16/2025/TT-BXD)
    letter       with which its zones are lettered
    density      percent; 0 leaves it to the usual plot of the zone by QCVN 01:2021, table 2.8
    height_m     below 19 m a street narrower than 19 m asks for no setback, below 22 m for 3 m, above 28 m for 6 m
                 (QCVN 01:2021, table 2.7)
    """

    function: str
    letter: str
    density: float = 0.0
    storeys: tuple[int, int] = (0, 0)
    height_m: float = 0.0
    setback_m: float = 0.0
    homes: bool = False


USES = {
    "": Use("KHAC_Chuasudung", "KT"),
    "old": Use("O_Nhomnhao", "O", storeys=(2, 5), height_m=18.9, homes=True),
    "new": Use("O_Nhomnhao", "O", storeys=(3, 5), height_m=20.0, setback_m=3.0, homes=True),
    "villa": Use("O_Nhomnhao", "BT", storeys=(2, 3), height_m=13.0, setback_m=3.0, homes=True),
    "village": Use("O_Langxom", "LX", storeys=(1, 3), height_m=13.0, setback_m=3.0, homes=True),
    "mixed": Use("O_Honhop_Nhomo", "HH", storeys=(5, 9), height_m=34.0, setback_m=6.0, homes=True),
    # Works of production: at most 70 % up to five storeys (table 2.6).
    "industry": Use("SX_Congnghiep", "CN", 70.0, (1, 3), 18.0, 6.0),
    "field": Use("NN_Nongnghiep", "NN"),
    "street": Use("HTKT_DuongGT", "GT"),
    # New public services: at most 40 %; parks 5 %.
    "park": Use("HTXH_CayxanhCC", "CX", 5.0, (1, 1), 6.0, 3.0),
    "school": Use("HTXH_Truonghoc", "TH", 40.0, (2, 4), 16.0, 6.0),
    "market": Use("Dichvu", "DV", 40.0, (1, 3), 15.0, 6.0),
    "office": Use("Coquan", "CQ", 40.0, (3, 9), 36.0, 6.0),
    "clinic": Use("HTXH_Yte", "YT", 40.0, (1, 4), 16.0, 6.0),
    "culture": Use("HTXH_Vanhoa", "VH", 40.0, (1, 3), 15.0, 6.0),
}
_USE_OF_KIND = np.array(["", "old", "new", "villa", "village", "industry", "field"], dtype=object)


@dataclass(frozen=True)
class PlanDrawing:
    """One plan: its boundary, its zones (n,) and its lines, in the register's system.

    use         (n,) key of USES
    density_max_percent, floor_area_ratio_max, storeys_min, storeys_max, height_max_m, setback_m, population
                (n,) nan where the plan says nothing
    red_lines, building_lines   lines along the blocks, and where buildings may begin
    """

    boundary: shapely.Geometry
    code: np.ndarray
    use: np.ndarray
    shape: np.ndarray
    density_max_percent: np.ndarray
    floor_area_ratio_max: np.ndarray
    storeys_min: np.ndarray
    storeys_max: np.ndarray
    height_max_m: np.ndarray
    setback_m: np.ndarray
    population: np.ndarray
    red_lines: np.ndarray
    building_lines: np.ndarray

    @property
    def function(self) -> np.ndarray:
        """(n,) codes of zone functions."""
        return _by_use("function", self.use)


def plan_areas(quarters: Quarters) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which quarters (n,) bool the plan in force, the draft amendment and the plan in consultation cover.

    The outer fields have no plan at all, as at the edge of every town.
    """
    number = np.arange(len(quarters))
    fields = number[quarters.kind == Kind.FIELD]
    covered = ~np.isin(number, fields[len(fields) // 2 :])
    new = number[quarters.kind == Kind.NEW]
    amended = np.isin(number, new[: 1 + len(new) // 8])
    some_fields = fields[len(fields) // 2 :][: 1 + len(fields) // 8]
    return covered, amended, np.isin(number, some_fields)


def draw_plan(
    covered: np.ndarray, quarters: Quarters, blocks: Blocks, lots: Lots, ground: Ground, instead: dict[str, str]
) -> PlanDrawing:
    """One plan over some quarters.

    covered  (n,) bool, quarters within the plan
    instead  another use (key of USES) for zones that today have this one: what the plan wants to change

    A block is one zone, in civic blocks every lot is; the streets of a quarter, to their middle, are one more.
    """
    cells = quarter_cells(quarters, ground)
    kind = quarters.kind[blocks.quarter]
    of_block = covered[blocks.quarter]
    plain = of_block & (kind != Kind.CIVIC)
    civic = covered[lots.quarter] & (lots.kind == Kind.CIVIC)
    inner = np.flatnonzero(covered)
    use = np.concatenate([_USE_OF_KIND[kind[plain]], lots.use[civic], np.full(len(inner), "street", dtype=object)])
    for before, after in instead.items():
        use[use == before] = after
    streets = shapely.polygons(shapely.get_exterior_ring(cells[inner]), _holes(blocks, covered))
    shape = np.concatenate([blocks.shape[plain], lots.shape[civic], streets])

    lots_in_block = np.bincount(lots.block, minlength=len(kind))
    lot_count = np.concatenate([lots_in_block[plain], np.ones(civic.sum()), np.zeros(len(inner))])
    usual_plot_m2 = shapely.area(shape) / np.maximum(lot_count, 1)
    homes = _by_use("homes", use).astype(bool)
    density = _by_use("density", use).astype(float)
    density = np.where(homes, np.floor(np.interp(usual_plot_m2, _PLOT_M2, _DENSITY_PERCENT)), density)
    storeys_min, storeys_max = np.array([USES[each].storeys for each in use], dtype=float).T
    ratio = np.round(np.minimum(density / 100 * storeys_max, _FAR_MAX), 2)
    setback_m = _by_use("setback_m", use).astype(float)
    built = storeys_max > 0
    red_lines, building_lines = _lines(blocks.shape[of_block], _line_use(kind[of_block], instead))
    return PlanDrawing(
        boundary=shapely.coverage_union_all(cells[covered]),
        code=_letter_zones(use),
        use=use,
        shape=shape,
        density_max_percent=_or_nothing(density),
        floor_area_ratio_max=_or_nothing(ratio),
        storeys_min=_or_nothing(storeys_min),
        storeys_max=_or_nothing(storeys_max),
        height_max_m=_or_nothing(_by_use("height_m", use).astype(float)),
        # No setback is a setting of the plan, not silence, where something may be built.
        setback_m=np.where(built, setback_m, np.nan),
        population=_or_nothing(np.where(homes, np.round(lot_count * _PEOPLE_PER_LOT), 0)),
        red_lines=red_lines,
        building_lines=building_lines,
    )


def _line_use(kind: np.ndarray, instead: dict[str, str]) -> np.ndarray:
    """(b,) the use whose setback holds along each block; a civic block keeps that of its school."""
    use = np.where(kind == Kind.CIVIC, "school", _USE_OF_KIND[kind])
    for before, after in instead.items():
        use[use == before] = after
    return use


def _lines(block: np.ndarray, use: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Red lines around blocks on which one may build, and the building lines behind them where there is a setback."""
    built = np.array([USES[each].storeys[1] > 0 for each in use], dtype=bool)
    setback_m = _by_use("setback_m", use).astype(float)
    behind = built & (setback_m > 0)
    within = shapely.buffer(block[behind], -setback_m[behind], join_style="mitre")
    return shapely.get_exterior_ring(block[built]), shapely.boundary(within[~shapely.is_empty(within)])


def quarter_cells(quarters: Quarters, ground: Ground) -> np.ndarray:
    """(n,) Polygons of the quarters to the middle of the streets around; neighbours share their borders exactly."""
    grid, i, j = quarters.grid, quarters.column, quarters.row
    south_west, south_east, north_east, north_west = (
        np.column_stack([grid.u[i + right], grid.v[j + up]]) for right, up in ((0, 0), (1, 0), (1, 1), (0, 1))
    )
    # Every side is drawn from west to east or from south to north, then turned: the same numbers from both quarters.
    sides = [
        along(south_west, south_east, BEND_POINTS),
        along(south_east, north_east, BEND_POINTS),
        along(north_west, north_east, BEND_POINTS)[:, ::-1],
        along(south_west, north_west, BEND_POINTS)[:, ::-1],
    ]
    points = ground.place(np.concatenate([side[:, :-1] for side in sides], axis=1))
    return rings(points.reshape(-1, 2), np.repeat(np.arange(len(quarters)), points.shape[1]))


def _holes(blocks: Blocks, covered: np.ndarray) -> np.ndarray:
    """The rings of the blocks of each covered quarter, padded with None: (quarters, most blocks)."""
    of_block = covered[blocks.quarter]
    quarter, rank = np.unique(blocks.quarter[of_block], return_inverse=True)
    counts = np.bincount(rank)
    padded = np.full((len(quarter), counts.max(initial=0)), None, dtype=object)
    # Blocks come quarter by quarter.
    padded[spans(counts)] = shapely.get_exterior_ring(blocks.shape[of_block])
    return padded


def _letter_zones(use: np.ndarray) -> np.ndarray:
    """Letter and number of each zone, as on a drawing: O-1, O-2, …"""
    letter = _by_use("letter", use)
    kinds, which = np.unique(letter.astype(str), return_inverse=True)
    order = np.argsort(which, kind="stable")
    number = np.empty(len(use), dtype=int)
    number[order] = spans(np.bincount(which, minlength=len(kinds)))[1] + 1
    return letter + "-" + number.astype(str).astype(object)


def _by_use(figure: str, use: np.ndarray) -> np.ndarray:
    keys = list(USES)
    place = {key: number for number, key in enumerate(keys)}
    values = np.array([getattr(USES[key], figure) for key in keys], dtype=object)
    return values[np.array([place[each] for each in use], dtype=int)]


def _or_nothing(figures: np.ndarray) -> np.ndarray:
    return np.where(figures > 0, figures, np.nan)
