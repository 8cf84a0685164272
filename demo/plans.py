"""Four plans over the city: the one in force and the one before it, a draft amendment, one in consultation."""

from dataclasses import dataclass

import numpy as np
import shapely

from demo.city import City, Part
from demo.ground import spans
from demo.indicators import USES, Figures, by_use, figures
from demo.quarters import Kind
from demo.waters import railway

_USE_OF_KIND = np.array(["old", "new", "villa", "village", "industry", "field", "river", "railway", ""], dtype=object)
_BEFORE = {"old": "old before", "new": "new before"}
_WITHOUT_LOTS = (Kind.RIVER, Kind.RAILWAY)
# From the axis of a railway to the nearest house (QCVN 01:2021/BXD, protection); along the river the plan's own wish.
RAIL_CORRIDOR_M, RIVER_CORRIDOR_M = 20.0, 10.0


@dataclass(frozen=True)
class Plan:
    """One plan as a whole: where, and what it wants.

    covers        (quarters,) bool
    boundary      in the register's system
    coarse        whole quarters are its zones, streets among them; else blocks, and the streets of each quarter
    use_of_block, use_of_quarter    keys of USES; of a quarter, of the zone that is left of it when its blocks are out
    code_of_block, code_of_quarter  letter and number of each zone, as on a drawing: O-1, O-2, …; one count for the plan
    """

    covers: np.ndarray
    boundary: shapely.Geometry
    coarse: bool
    use_of_block: np.ndarray
    use_of_quarter: np.ndarray
    code_of_block: np.ndarray
    code_of_quarter: np.ndarray


@dataclass(frozen=True)
class Plans:
    """The plans by their state today."""

    adopted: Plan
    superseded: Plan
    draft: Plan
    consultation: Plan


@dataclass(frozen=True)
class Zones:
    """Zones (n,) of one plan in one part of the city, and lines along its blocks; in the register's system."""

    code: np.ndarray
    use: np.ndarray
    shape: np.ndarray
    figures: Figures
    red_lines: np.ndarray
    building_lines: np.ndarray

    @property
    def function(self) -> np.ndarray:
        """(n,) codes of zone functions."""
        return by_use("function", self.use)


def make_plans(city: City) -> Plans:
    """The plans of a city. The outer fields have none at all, as at the edge of every town."""
    quarters = city.quarters
    kind = quarters.kind
    town = np.isin(kind, (Kind.OLD, Kind.NEW, Kind.VILLA))
    centre = quarters.centre[town].mean(axis=0)
    away_m = np.hypot(*(quarters.centre - centre).T)
    fields = np.flatnonzero(kind == Kind.FIELD)
    fields = fields[np.argsort(away_m[fields], kind="stable")]
    inner, outer = np.split(fields, [len(fields) // 2])
    lots_of = np.isin(kind, (Kind.OLD, Kind.NEW, Kind.VILLA, Kind.VILLAGE, Kind.INDUSTRY))
    covers = lots_of | np.isin(np.arange(len(kind)), inner)
    between = _within_town(city, centre, float(np.abs(quarters.centre[town, 0] - centre[0]).max()))
    before = town | (kind == Kind.INDUSTRY) | between
    return Plans(
        adopted=_plan(city, covers | between),
        superseded=_plan(city, before, coarse=True, instead=_BEFORE),
        draft=_plan(city, _cluster(city, np.flatnonzero(kind == Kind.NEW)), instead={"new": "mixed"}),
        consultation=_plan(city, _cluster(city, outer), instead={"field": "villa"}),
    )


def _within_town(city: City, centre: np.ndarray, reach_m: float) -> np.ndarray:
    """(quarters,) bool: the stretches of the river and the railway in town, the two nearest of each at least."""
    quarters = city.quarters
    away_m = np.abs(quarters.centre[:, 0] - centre[0])
    chosen = np.isin(quarters.kind, _WITHOUT_LOTS) & (away_m <= reach_m)
    for kind in _WITHOUT_LOTS:
        stretches = np.flatnonzero(quarters.kind == kind)
        chosen[stretches[np.argsort(away_m[stretches], kind="stable")[:2]]] = True
    return chosen


def _cluster(city: City, among: np.ndarray) -> np.ndarray:
    """(quarters,) bool: an eighth of these quarters that lie together around the first of them."""
    centre = city.quarters.centre
    nearest = np.argsort(np.hypot(*(centre[among] - centre[among[0]]).T), kind="stable")
    return np.isin(np.arange(len(centre)), among[nearest[: 1 + len(among) // 8]])


def _plan(city: City, covers: np.ndarray, *, coarse: bool = False, instead: dict[str, str] | None = None) -> Plan:
    blocks, quarters = city.blocks, city.quarters
    use_of_block = np.where(blocks.use != "", blocks.use, _USE_OF_KIND[blocks.kind])
    own = _USE_OF_KIND[quarters.kind]
    use_of_quarter = own if coarse else np.where(np.isin(quarters.kind, _WITHOUT_LOTS), own, "street")
    for now, wanted in (instead or {}).items():
        use_of_block = np.where(use_of_block == now, wanted, use_of_block)
        use_of_quarter = np.where(use_of_quarter == now, wanted, use_of_quarter)
    shown = np.concatenate([covers[blocks.quarter] & (not coarse), covers])
    code = np.full(len(shown), "", dtype=object)
    code[shown] = _letter_zones(np.concatenate([use_of_block, use_of_quarter])[shown])
    return Plan(
        covers=covers,
        boundary=shapely.coverage_union_all(city.cells.rings(np.flatnonzero(covers))),
        coarse=coarse,
        use_of_block=use_of_block,
        use_of_quarter=use_of_quarter,
        code_of_block=code[: len(blocks)],
        code_of_quarter=code[len(blocks) :],
    )


def draw_zones(plan: Plan, city: City, part: Part) -> Zones | None:
    """The zones of a plan in one part of the city; None where it has none there.

    A block is one zone; the streets of a quarter, to their middle, are one more. Together they cover its quarters.
    """
    quarters, blocks = city.quarters, city.blocks
    inside = np.flatnonzero(plan.covers & (quarters.part == part.number))
    if not len(inside):
        return None
    cells = city.cells.rings(inside)
    lots_in_block = np.bincount(blocks.row_block, blocks.row_lots, minlength=len(blocks))
    if plan.coarse:
        lots_in_quarter = np.bincount(blocks.quarter, lots_in_block, minlength=len(quarters))[inside]
        use = plan.use_of_quarter[inside]
        # Streets are part of such a zone: about a third of it.
        rules = figures(use, shapely.area(cells) * 2 / 3, lots_in_quarter)
        nothing = np.empty(0, dtype=object)
        return Zones(plan.code_of_quarter[inside], use, cells, rules, nothing, nothing)
    here = np.flatnonzero(plan.covers[blocks.quarter[part.blocks]])
    block, block_shape = part.blocks[here], part.block_shape[here]
    streets = shapely.polygons(shapely.get_exterior_ring(cells), _holes(blocks.quarter[block], block_shape, inside))
    use = np.concatenate([plan.use_of_block[block], plan.use_of_quarter[inside]])
    shape = np.concatenate([block_shape, streets])
    lots = np.concatenate([lots_in_block[block], np.zeros(len(inside))])
    red_lines, building_lines = _lines(block_shape, plan.use_of_block[block])
    return Zones(
        code=np.concatenate([plan.code_of_block[block], plan.code_of_quarter[inside]]),
        use=use,
        shape=shape,
        figures=figures(use, shapely.area(shape), lots),
        red_lines=red_lines,
        building_lines=building_lines,
    )


def _holes(quarter: np.ndarray, block_shape: np.ndarray, quarters: np.ndarray) -> np.ndarray:
    """The rings of the blocks of each of some quarters (k,), padded with None: (k, most blocks)."""
    order = np.argsort(quarter, kind="stable")
    which = np.searchsorted(quarters, quarter[order])
    counts = np.bincount(which, minlength=len(quarters))
    padded = np.full((len(quarters), counts.max(initial=0)), None, dtype=object)
    padded[spans(counts)] = shapely.get_exterior_ring(block_shape[order])
    return padded


def _lines(block: np.ndarray, use: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Red lines around blocks on which one may build, and the building lines behind them where there is a setback."""
    built = np.array([USES[each].storeys[1] > 0 for each in use], dtype=bool)
    setback_m = by_use("setback_m", use).astype(float)
    behind = built & (setback_m > 0)
    within = shapely.buffer(block[behind], -setback_m[behind], join_style="mitre")
    return shapely.get_exterior_ring(block[built]), shapely.boundary(within[~shapely.is_empty(within)])


def corridors(plan: Plan, city: City) -> np.ndarray:
    """(k,) lines in the register's system that bound what is protected along the river and the railway."""
    _, track = railway(city.track_v, city.ground)
    river = city.waters.surface[city.waters.kind == "river"]
    protected = [*shapely.buffer(river, RIVER_CORRIDOR_M), shapely.buffer(track, RAIL_CORRIDOR_M)]
    lines = shapely.intersection(shapely.boundary(np.array(protected)), plan.boundary)
    return lines[~shapely.is_empty(lines)]


def _letter_zones(use: np.ndarray) -> np.ndarray:
    """Letter and number of each zone (n,), as on a drawing: O-1, O-2, …"""
    letter = by_use("letter", use)
    kinds, which = np.unique(letter.astype(str), return_inverse=True)
    order = np.argsort(which, kind="stable")
    number = np.empty(len(use), dtype=int)
    number[order] = spans(np.bincount(which, minlength=len(kinds)))[1] + 1
    return letter + "-" + number.astype(str).astype(object)
