"""From lots and what happened to them to the rows of the cadastre: numbers, land use, areas, versions in time."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely

from demo.ground import spans
from demo.history import History, joined
from demo.lots import Lots
from demo.quarters import Kind, Quarters
from demo.units import commune_of

SURVEYED = date(2022, 6, 1)  # the register begins with this survey
MERGED_ON = date(2025, 7, 1)  # communes all over the country merged on this day
FOREVER = np.datetime64("NaT", "D")
# Land-use codes (TT 08/2024/TT-BTNMT) of a kind of quarter and their shares.
_LAND_USE = {
    Kind.OLD: (("ODT", 0.93), ("TMD", 0.06), ("TIN", 0.01)),
    Kind.NEW: (("ODT", 0.95), ("TMD", 0.05)),
    Kind.VILLA: (("ODT", 0.85), ("ODT+CLN", 0.15)),
    Kind.VILLAGE: (("ODT+CLN", 0.7), ("ODT", 0.2), ("CLN", 0.1)),
    Kind.INDUSTRY: (("SKC", 0.9), ("DNL", 0.1)),
    Kind.FIELD: (("LUC", 0.8), ("HNK", 0.13), ("NTS", 0.07)),
}
_LAND_USE_OF = {"park": "DKV", "school": "DGD", "market": "DCH", "office": "TSC", "clinic": "DYT", "culture": "DVH"}
BEFORE_CHANGE, AFTER_CHANGE = "CLN", "ODT+CLN"


@dataclass(frozen=True)
class Cadastre:
    """Versions of parcels (m,) and their lineage (k,).

    parcels         how many things the versions are about; `thing` (m,) counts them from 0
    commune, sheet, number, old_sheet, old_number, land_use   (m,) texts; land-use codes joined by +
    area_document_m2  (m,) nan where there are no papers
    shape           (m,) Polygons in the register's system
    start, end      (m,) numpy dates; NaT for no end
    predecessor, successor, kind, happened_on   (k,) things, split or merge, numpy dates
    """

    parcels: int
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


def record(lots: Lots, quarters: Quarters, history: History, seed: int) -> Cadastre:
    """The cadastre of a city. Things are the lots as drawn, then the lots before splits, then those after mergers."""
    random = np.random.default_rng([seed, 9])
    count, splits, mergers = len(lots), len(history.split), len(history.merged)
    parents = count + np.arange(splits)
    results = count + splits + np.arange(mergers)
    things = count + splits + mergers
    first = np.concatenate([np.arange(count), history.split[:, 0], history.merged[:, 0]])  # a lot where the thing is
    quarter = lots.quarter[first]
    shape = np.concatenate([lots.shape, joined(lots, history.split), joined(lots, history.merged)])

    start = np.full(things, SURVEYED, dtype="datetime64[D]")
    end = np.full(things, FOREVER)
    start[history.split] = history.split_days[:, None]
    end[parents] = history.split_days
    end[history.merged] = history.merged_days[:, None]
    start[results] = history.merged_days

    number, in_sheet = _numbers(quarter, first, start > np.datetime64(SURVEYED))
    now, before = commune_of(quarters)
    sheet, old_sheet = _sheets(now), _sheets(before)
    taken_over = (now != before)[quarter]
    land_use = _land_use(lots, random)[first]
    land_use[np.concatenate([history.split.ravel(), history.merged.ravel(), parents, results])] = "ODT"
    land_use[history.changed] = AFTER_CHANGE
    area_m2 = np.round(shapely.area(shape) * (1 + 0.008 * random.standard_normal(things)), 1)
    area_m2[random.random(things) < 0.03] = np.nan

    # Most things have one version. Land that came from another commune had other numbers before that day.
    later = np.flatnonzero(taken_over)
    changed = history.changed
    thing = np.concatenate([np.arange(things), later, changed])
    old_number = in_sheet - number + 1
    earlier = np.arange(len(thing)) >= things
    moved = np.isin(np.arange(len(thing)), things + np.arange(len(later)))
    version_start, version_end = start[thing], end[thing]
    version_end[moved] = MERGED_ON
    version_start[later] = MERGED_ON
    version_end[earlier & ~moved] = history.changed_days
    version_start[changed] = history.changed_days
    version_use = land_use[thing]
    version_use[earlier & ~moved] = BEFORE_CHANGE
    had_other = taken_over[thing] & ~moved
    texts = {
        "sheet": np.where(moved, old_sheet[quarter][thing], sheet[quarter][thing]),
        "number": np.where(moved, old_number[thing], number[thing]),
        "old_sheet": np.where(had_other, old_sheet[quarter][thing], 0),
        "old_number": np.where(had_other, old_number[thing], 0),
    }
    written = {name: np.where(figures > 0, figures.astype(str).astype(object), "") for name, figures in texts.items()}
    return Cadastre(
        parcels=things,
        thing=thing,
        commune=np.where(moved, before[quarter][thing], now[quarter][thing]),
        **written,
        land_use=version_use,
        area_document_m2=area_m2[thing],
        shape=shape[thing],
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


def _sheets(commune: np.ndarray) -> np.ndarray:
    """(n,) a sheet for each quarter, counted from 1 in each commune."""
    _, which = np.unique(commune.astype(str), return_inverse=True)
    order = np.argsort(which, kind="stable")
    sheet = np.empty(len(commune), dtype=int)
    sheet[order] = spans(np.bincount(which))[1] + 1
    return sheet


def _land_use(lots: Lots, random: np.random.Generator) -> np.ndarray:
    """(n,) land-use codes of lots, joined by +."""
    land_use = np.full(len(lots), "", dtype=object)
    drawn = random.random(len(lots))
    for kind, codes in _LAND_USE.items():
        reached = np.cumsum([share for _, share in codes])
        names = np.array([code for code, _ in codes], dtype=object)
        there = lots.kind == kind
        land_use[there] = names[np.minimum(np.searchsorted(reached, drawn[there]), len(codes) - 1)]
    for use, code in _LAND_USE_OF.items():
        land_use[lots.use == use] = code
    return land_use
