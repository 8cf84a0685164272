"""From lots and what happened to them to the rows of the cadastre: numbers, land use, areas, versions in time."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely

from demo.ground import spans
from demo.history import History, joined
from demo.lots import Lots
from demo.mesh import Line
from demo.quarters import Kind
from demo.units import MERGED_CODE

SURVEYED = date(2022, 6, 1)  # the register begins with this survey
MERGED_ON = date(2025, 7, 1)  # communes all over the country merged on this day
FOREVER = np.datetime64("NaT", "D")
# Land-use codes (TT 08/2024/TT-BTNMT) of a kind of quarter and their shares.
_LAND_USE = {
    Kind.OLD: (("ODT", 0.97), ("TMD", 0.02), ("TIN", 0.01)),
    Kind.NEW: (("ODT", 0.97), ("TMD", 0.03)),
    Kind.VILLA: (("ODT", 0.9), ("ODT+CLN", 0.1)),
    Kind.VILLAGE: (("ODT+CLN", 0.72), ("ODT", 0.2), ("CLN", 0.08)),
    Kind.INDUSTRY: (("SKC", 0.92), ("DNL", 0.08)),
    Kind.FIELD: (("LUC", 0.8), ("HNK", 0.13), ("NTS", 0.07)),
}
# At main and secondary streets one more in so many is a shop or an office.
_TRADE_SHARE = {Line.MAIN: 0.3, Line.SECONDARY: 0.12}
_LAND_USE_OF = {
    "park": "DKV", "square": "DKV", "school": "DGD", "market": "DCH", "office": "TSC", "clinic": "DYT",
    "culture": "DVH", "temple": "TIN", "station": "DGT", "pond": "NTS",
}  # fmt: skip
BEFORE_CHANGE, AFTER_CHANGE = "CLN", "ODT+CLN"


@dataclass(frozen=True)
class Cadastre:
    """Versions of parcels (m,) and their lineage (k,).

    parcels         how many things the versions are about; `thing` (m,) counts them from 0
    of_lot          (n,) the thing that each lot is part of today
    commune, sheet, number, old_sheet, old_number, land_use   (m,) texts; land-use codes joined by +
    area_document_m2  (m,) nan where there are no papers
    shape           (m,) Polygons in the register's system
    start, end      (m,) numpy dates; NaT for no end
    predecessor, successor, kind, happened_on   (k,) things, split or merge, numpy dates
    """

    parcels: int
    of_lot: np.ndarray
    thing: np.ndarray
    commune: np.ndarray
    sheet: np.ndarray
    number: np.ndarray
    old_sheet: np.ndarray
    old_number: np.ndarray
    land_use: np.ndarray
    area_document_m2: np.ndarray
    shape: np.ndarray
    start: np.ndarray
    end: np.ndarray
    predecessor: np.ndarray
    successor: np.ndarray
    kind: np.ndarray
    happened_on: np.ndarray

    @property
    def today(self) -> np.ndarray:
        """(m,) bool: the versions that have effect from now on."""
        return np.isnat(self.end)


def record(
    lots: Lots, commune: str, merged: np.ndarray, history: History, random: np.random.Generator
) -> Cadastre:  # fmt: skip
    """The cadastre of one ward. Things are the lots as drawn, then the lots before splits, then those after mergers.

    commune  the ward's code
    merged   (n,) bool, lots that lay in the commune that the ward took over
    """
    count, splits, mergers = len(lots), len(history.split), len(history.merged)
    parents = count + np.arange(splits)
    results = count + splits + np.arange(mergers)
    things = count + splits + mergers
    first = np.concatenate([np.arange(count), history.split[:, 0], history.merged[:, 0]])  # a lot where the thing is
    shape = np.concatenate([lots.shape, joined(lots, history.split), joined(lots, history.merged)])

    start = np.full(things, SURVEYED, dtype="datetime64[D]")
    end = np.full(things, FOREVER)
    start[history.split] = history.split_days[:, None]
    end[parents] = history.split_days
    end[history.merged] = history.merged_days[:, None]
    start[results] = history.merged_days

    quarter, moved = lots.quarter[first], merged[first]
    sheet, old_sheet = _counted(quarter), np.where(moved, _counted(quarter[moved], quarter), 0)
    number, in_sheet = _numbers(sheet - 1, first, start > np.datetime64(SURVEYED))
    land_use = _land_use(lots, random)[first]
    land_use[np.concatenate([history.split.ravel(), history.merged.ravel(), parents, results])] = "ODT"
    land_use[history.changed] = AFTER_CHANGE
    area_m2 = np.round(shapely.area(shape) * (1 + 0.008 * random.standard_normal(things)), 1)
    area_m2[random.random(things) < 0.03] = np.nan

    # Most things have one version. Land that came from another commune had other numbers before that day; some lots
    # had another land use, and some another shape.
    later, changed, resurveyed = np.flatnonzero(moved), history.changed, history.resurveyed.ravel()
    thing = np.concatenate([np.arange(things), later, changed, resurveyed])
    before = things + np.arange(len(later) + len(changed) + len(resurveyed))
    was_moved, was_changed, was_resurveyed = np.split(before, np.cumsum([len(later), len(changed)]))
    resurveyed_days = np.repeat(history.resurveyed_days, 2)
    version_start, version_end, version_use, version_shape = start[thing], end[thing], land_use[thing], shape[thing]
    for versions, now, days in (
        (was_moved, later, MERGED_ON),
        (was_changed, changed, history.changed_days),
        (was_resurveyed, resurveyed, resurveyed_days),
    ):
        version_end[versions] = days
        version_start[now] = days
    version_use[was_changed] = BEFORE_CHANGE
    version_shape[was_resurveyed] = history.resurveyed_from.ravel()
    in_old, had_other = np.isin(np.arange(len(thing)), was_moved), moved[thing]
    had_other[was_moved] = False
    old_number = in_sheet - number + 1
    texts = {
        "sheet": np.where(in_old, old_sheet[thing], sheet[thing]),
        "number": np.where(in_old, old_number[thing], number[thing]),
        "old_sheet": np.where(had_other, old_sheet[thing], 0),
        "old_number": np.where(had_other, old_number[thing], 0),
    }
    written = {name: np.where(figures > 0, figures.astype(str).astype(object), "") for name, figures in texts.items()}
    of_lot = np.arange(count)
    of_lot[history.merged] = results[:, None]
    return Cadastre(
        parcels=things,
        of_lot=of_lot,
        thing=thing,
        commune=np.where(in_old, MERGED_CODE, commune).astype(object),
        **written,
        land_use=version_use,
        area_document_m2=area_m2[thing],
        shape=version_shape,
        start=version_start,
        end=version_end,
        predecessor=np.concatenate([np.repeat(parents, 2), history.merged.ravel()]),
        successor=np.concatenate([history.split.ravel(), np.repeat(results, 2)]),
        kind=np.repeat(np.array(["split", "merge"], dtype=object), [2 * splits, 2 * mergers]),
        happened_on=np.concatenate([np.repeat(history.split_days, 2), np.repeat(history.merged_days, 2)]),
    )


def _numbers(quarter: np.ndarray, place: np.ndarray, later: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n,) the number of each parcel in its sheet, later ones last, and the highest number of that sheet."""
    order = np.lexsort((place, later, quarter))
    # The parts of a split have numbers of their own; the lot before it stands where its first part stands.
    counts = np.bincount(quarter)
    number = np.empty(len(quarter), dtype=int)
    number[order] = spans(counts)[1] + 1
    return number, counts[quarter]


def _counted(quarter: np.ndarray, asked: np.ndarray | None = None) -> np.ndarray:
    """The quarters that occur in `quarter`, counted from 1: the count of each of `asked` (n,), or of `quarter`."""
    return np.searchsorted(np.unique(quarter), quarter if asked is None else asked) + 1


def _land_use(lots: Lots, random: np.random.Generator) -> np.ndarray:
    """(n,) land-use codes of lots, joined by +."""
    land_use = np.full(len(lots), "", dtype=object)
    drawn = random.random(len(lots))
    for kind, codes in _LAND_USE.items():
        reached = np.cumsum([share for _, share in codes])
        names = np.array([code for code, _ in codes], dtype=object)
        there = lots.kind == kind
        land_use[there] = names[np.minimum(np.searchsorted(reached, drawn[there]), len(codes) - 1)]
    trade = np.array([_TRADE_SHARE.get(line, 0.0) for line in Line])[lots.front]
    in_town = np.isin(lots.kind, (Kind.OLD, Kind.NEW, Kind.VILLA))
    land_use[in_town & (random.random(len(lots)) < trade)] = "TMD"
    for use, code in _LAND_USE_OF.items():
        land_use[lots.use == use] = code
    return land_use
