"""The invented province, its wards and communes, and the commune that one of them took over."""

from dataclasses import dataclass

import numpy as np
import shapely

from demo.names import EAST, MERGED, PROVINCE, SYNTHETIC, WEST, invented
from demo.pieces import Cells
from demo.quarters import LOTS_ON, Kind, Quarters, recipe_values

PROVINCE_CODE, EAST_CODE, WEST_CODE, MERGED_CODE = "99", "99001", "99002", "99003"  # no real unit's code begins so
_LOTS_OF_A_WARD = 7_500


@dataclass(frozen=True)
class Units:
    """Units by their code; boundaries in the register's system. The first ward was smaller before the merger.

    code, name, kind, shape  of the wards and communes, ward by ward: part 0, 1, …
    """

    province: shapely.Geometry
    code: np.ndarray
    name: np.ndarray
    kind: np.ndarray
    shape: np.ndarray
    east_before: shapely.Geometry
    merged: shapely.Geometry

    @property
    def rows(self) -> list[tuple[str, str, str, str, shapely.Geometry]]:
        """Code, name, kind, code of the unit above, boundary: as they stand since the merger."""
        wards = zip(self.code, self.name, self.kind, self.shape, strict=True)
        return [
            (PROVINCE_CODE, PROVINCE, "tỉnh", "", self.province),
            *((code, name, kind, PROVINCE_CODE, shape) for code, name, kind, shape in wards),
        ]

    @property
    def rows_before(self) -> list[tuple[str, str, str, str, shapely.Geometry]]:
        """The same for what was otherwise before the merger."""
        return [
            (EAST_CODE, EAST, "phường", PROVINCE_CODE, self.east_before),
            (MERGED_CODE, MERGED, "xã", PROVINCE_CODE, self.merged),
        ]


def part_quarters(
    kind: np.ndarray, centre: np.ndarray, area_m2: np.ndarray, eastern: np.ndarray, middle: np.ndarray
) -> np.ndarray:
    """(q,) the ward of each quarter: about as many lots in each, at least one in the east and one in the west.

    The first is in the east, the second in the west, both nearest to the middle (2,) of the town. Where it is large
    enough, no ward lies on both banks of the river.
    """
    weight = np.where(kind < Kind.RIVER, area_m2 / np.maximum(recipe_values("gross_m2", kind), 1), 0.0)
    lots = weight.sum()
    part = np.full(len(kind), -1)
    made = 0
    south = centre[:, 1] < -1.0
    for half in (eastern, ~eastern):
        banks = [half & south, half & ~south]
        if min(weight[bank].sum() for bank in banks) < _LOTS_OF_A_WARD / 2:
            banks = [half]
        waiting = [
            (np.flatnonzero(bank), int(np.ceil(weight[bank].sum() / min(1.2 * _LOTS_OF_A_WARD, lots))))
            for bank in banks
        ]
        while waiting:
            which, wards = waiting.pop()
            if wards == 1:
                part[which] = made
                made += 1
                continue
            spread = [np.average((centre[which, axis] - np.average(centre[which, axis], weights=weight[which])) ** 2,
                                 weights=weight[which]) for axis in (0, 1)]  # fmt: skip
            order = which[np.argsort(centre[which, int(spread[1] > spread[0])], kind="stable")]
            reached = np.cumsum(weight[order]) / weight[which].sum()
            at = int(np.searchsorted(reached, (wards // 2) / wards))
            waiting += [(order[:at], wards // 2), (order[at:], wards - wards // 2)]
    # Count the two in the middle first, then outwards.
    away = np.array([np.hypot(*(np.average(centre[part == each], axis=0, weights=weight[part == each] + 1e-9) - middle))
                     for each in range(made)])  # fmt: skip
    in_east = np.array([eastern[part == each].any() for each in range(made)])
    first = np.flatnonzero(in_east)[np.argmin(away[in_east])]
    second = np.flatnonzero(~in_east)[np.argmin(away[~in_east])]
    rank = np.argsort(np.where(np.arange(made) == first, -2, np.where(np.arange(made) == second, -1, away)))
    number = np.empty(made, dtype=int)
    number[rank] = np.arange(made)
    return number[part]


def ward_codes(wards: int) -> np.ndarray:
    """(wards,) the code of each ward."""
    return np.array(
        [EAST_CODE, WEST_CODE, *(f"{PROVINCE_CODE}{part + 2:03d}" for part in range(2, wards))], dtype=object
    )


def merged_quarters(quarters: Quarters, homes: np.ndarray) -> np.ndarray:
    """(q,) bool: the quarters of the first ward that were a commune of their own before the merger.

    homes  (q,) how many homes there are: most of them lie elsewhere
    """
    east = quarters.part == 0
    northern = quarters.centre[:, 1] > np.median(quarters.centre[east & np.isin(quarters.kind, LOTS_ON), 1])
    halves = [east & northern, east & ~northern]
    return halves[int(homes[halves[0]].sum() > homes[halves[1]].sum())]


def draw_units(quarters: Quarters, merged: np.ndarray, cells: Cells, random: np.random.Generator) -> Units:
    """The units around a city; they share their borders exactly."""
    wards = int(quarters.part.max()) + 1
    rings = cells.rings(np.arange(len(quarters)))
    shape = np.array([shapely.coverage_union_all(rings[quarters.part == part]) for part in range(wards)])
    urban = np.isin(quarters.kind, (Kind.OLD, Kind.NEW, Kind.VILLA, Kind.INDUSTRY))
    rural_m2 = np.bincount(quarters.part, np.where(urban, 0, quarters.area_m2) * (quarters.kind < Kind.RIVER))
    urban_m2 = np.bincount(quarters.part, np.where(urban, quarters.area_m2, 0))
    is_ward = urban_m2 > 0.35 * rural_m2
    is_ward[:2] = True
    kind = np.where(is_ward, "phường", "xã").astype(object)
    words = np.char.capitalize(kind.astype(str)).astype(object) + " " + invented(wards, random) + f" {SYNTHETIC}"
    words[:2] = EAST, WEST
    return Units(
        province=shapely.coverage_union_all(shape),
        code=ward_codes(wards),
        name=words,
        kind=kind,
        shape=shape,
        east_before=shapely.coverage_union_all(rings[(quarters.part == 0) & ~merged]),
        merged=shapely.coverage_union_all(rings[merged]),
    )
