"""Checks of many parcels at once. Pure: arrays in, arrays out; coordinates in metres of the register's system."""

from dataclasses import dataclass

import numpy as np
import shapely

POLYGON, MULTIPOLYGON = 3, 6
SNAP_DECIMALS = 4  # boundaries are kept to 0.1 mm, so that the same file read twice gives the same numbers
# Repair may change an area by this share, or by what a survey leaves open, whichever is more: a vertex is known to
# 7 cm in built-up land at 1:500, so an area P to 0.07 m times its square root.
# Source: TT 25/2014/TT-BTNMT (replaced by TT 26/2024), article 7; unverified.
REPAIR_SHARE_MOST = 0.01
VERTEX_ACCURACY_M = 0.07


@dataclass(frozen=True)
class Repair:
    """What came of the invalid ones among (n,) shapes: `index` names them, the rest has their length."""

    index: np.ndarray
    shapes: np.ndarray  # repaired, where `mended`
    mended: np.ndarray
    reasons: np.ndarray  # GEOS' words without the place
    places: np.ndarray  # (m, 2) where the fault lies, metres; nan where GEOS does not say


def snapped(shapes: np.ndarray) -> np.ndarray:
    """(n,) shapes rounded to 0.1 mm, rings and points in one standard order whatever format they came in."""
    return shapely.normalize(shapely.transform(shapes, _rounded))


def _rounded(coordinates: np.ndarray) -> np.ndarray:
    return np.round(coordinates, SNAP_DECIMALS)


def as_multipolygons(shapes: np.ndarray) -> np.ndarray:
    """(n,) polygons and multi-polygons, all as multi-polygons."""
    single = np.flatnonzero(shapely.get_type_id(shapes) == POLYGON)
    whole = shapes.copy()
    whole[single] = shapely.multipolygons(shapes[single], indices=np.arange(len(single)))
    return whole


def repair(shapes: np.ndarray) -> Repair:
    """Find the invalid ones among (n,) snapped polygons and mend those whose area hardly changes by it."""
    index = np.flatnonzero(~shapely.is_valid(shapes))
    broken = shapes[index]
    reasons, places = _faults(broken)
    whole = snapped(shapely.make_valid(broken, method="structure", keep_collapsed=False))
    before, after = shapely.area(broken), shapely.area(whole)
    allowed = np.maximum(REPAIR_SHARE_MOST * after, VERTEX_ACCURACY_M * np.sqrt(after))
    mended = (
        np.isin(shapely.get_type_id(whole), (POLYGON, MULTIPOLYGON))
        & ~shapely.is_empty(whole)
        & shapely.is_valid(whole)
        & (np.abs(after - before) <= allowed)
    )
    return Repair(index, whole, mended, reasons, places)


def _faults(broken: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """GEOS' reasons, `Self-intersection[x y]`, taken apart."""
    places = np.full((len(broken), 2), np.nan)
    reasons = np.empty(len(broken), dtype=object)
    for position, reason in enumerate(shapely.is_valid_reason(broken)):  # only the invalid ones, which are few
        words, _, where = str(reason).partition("[")
        reasons[position] = words
        numbers = where.rstrip("]").split()
        if len(numbers) >= 2:
            places[position] = [float(number) for number in numbers[:2]]
    return reasons, places


def suffixes(codes: np.ndarray, area: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """(n,) int: 1 for the largest parcel of each code, 2 for the next, …; the same whatever the order of rows.

    codes   (n,) integers or strings, one per commune, sheet and number
    area    (n,) m²; equal areas are told apart by `centre`, (n, 2) metres
    """
    _, group = np.unique(codes, return_inverse=True)
    order = np.lexsort((centre[:, 1], centre[:, 0], -np.round(area, 3), group))
    sorted_group = group[order]
    first = np.flatnonzero(np.r_[True, sorted_group[1:] != sorted_group[:-1]]) if len(codes) else np.zeros(0, int)
    rank = np.arange(len(codes)) - np.repeat(first, np.diff(np.r_[first, len(codes)]))
    found = np.empty(len(codes), dtype=np.int64)
    found[order] = rank + 1
    return found
