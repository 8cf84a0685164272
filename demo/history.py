"""What happened to lots: splits, mergers, re-surveys and changes of land use, told backwards from today's lots."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import shapely

from demo.lots import Lots
from demo.quarters import Kind

_LOTS_PER_EVENT = 400
_TWO_YEARS_DAYS = 730
# How far along the front a re-survey has moved the corner between two neighbours, as a share of the lot that gave.
_MOVED = (0.03, 0.09)


@dataclass(frozen=True)
class History:
    """Events among the lots; each lot is in one event at most.

    merged           (a, 2) lots that became one on merged_days (a,), and stay in the drawing as they were before
    split            (b, 2) lots that were one until split_days (b,)
    resurveyed       (c, 2) neighbours whose common border was found elsewhere on resurveyed_days (c,)
    resurveyed_from  (c, 2) their shapes before that, in the register's system
    changed          (d,) lots whose land use changed on changed_days (d,)
    """

    merged: np.ndarray
    merged_days: np.ndarray
    split: np.ndarray
    split_days: np.ndarray
    resurveyed: np.ndarray
    resurveyed_days: np.ndarray
    resurveyed_from: np.ndarray
    changed: np.ndarray
    changed_days: np.ndarray


def two_months_before(today: date) -> date:
    """The same day two months ago, or the last of that month."""
    first = date(today.year + (today.month - 3) // 12, (today.month - 3) % 12 + 1, 1)
    next_month = (first + timedelta(days=32)).replace(day=1)
    return min(first + timedelta(days=today.day - 1), next_month - timedelta(days=1))


def events(count: int) -> int:
    """How many mergers, splits, re-surveys and changes each a city of that many lots has seen."""
    return max(1, count // _LOTS_PER_EVENT)


def happened(lots: Lots, may_change: np.ndarray, count: int, today: date, seed: int, part: int, first: bool) -> History:
    """What happened in one part of the city in the last two years.

    lots        as drawn; a merger joins two of them, so the city has one lot fewer than drawn for each
    may_change  (n,) bool, lots that an event may touch
    count       of each kind of event; where there is too little room, mergers come first
    first       the first split was two months ago
    """
    random = np.random.default_rng([seed, 8, part])
    beside = np.flatnonzero((lots.row[1:] == lots.row[:-1]) & may_change[1:] & may_change[:-1])
    homes = np.isin(lots.kind[beside], [Kind.OLD, Kind.NEW, Kind.VILLA]) & (lots.use[beside] == "")
    # Pairs that start at an even number have no lot in common.
    pairs = random.permutation(beside[homes & (beside % 2 == 0)])[: 3 * count]
    pairs = np.column_stack([pairs, pairs + 1])
    merged, split, resurveyed = np.split(pairs, [count, 2 * count])
    village = np.isin(lots.kind, [Kind.VILLAGE]) & (lots.use == "") & may_change
    villages = random.permutation(np.flatnonzero(village))[:count]

    def days(number: int) -> np.ndarray:
        return np.datetime64(today) - random.integers(30, _TWO_YEARS_DAYS, number).astype("timedelta64[D]")

    split_days = days(len(split))
    if first:
        split_days[:1] = np.datetime64(two_months_before(today))
    return History(
        merged=merged,
        merged_days=days(len(merged)),
        split=split,
        split_days=split_days,
        resurveyed=resurveyed,
        resurveyed_days=days(len(resurveyed)),
        resurveyed_from=_before(lots, resurveyed, random),
        changed=villages,
        changed_days=days(len(villages)),
    )


def joined(lots: Lots, pairs: np.ndarray) -> np.ndarray:
    """(a,) Polygons of pairs (a, 2) as one lot, with every vertex that neighbours need."""
    if not len(pairs):
        return np.empty(0, dtype=object)
    return shapely.coverage_union_all(lots.shape[pairs], axis=1)


def _before(lots: Lots, pairs: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """(c, 2) shapes of pairs (c, 2) with the corner between them elsewhere on the front of the first.

    Both get the same corner, and no other lot has it, so they fit together and to their neighbours as before.
    """
    if not len(pairs):
        return np.empty((0, 2), dtype=object)
    corner, far_end = lots.corners[pairs[:, 0], 1], lots.corners[pairs[:, 0], 0]
    moved = np.round(corner + random.uniform(*_MOVED, len(pairs))[:, None] * (far_end - corner), 3)
    shapes = lots.shape[pairs].ravel()
    points, shape = shapely.get_coordinates(shapes, return_index=True)
    pair = shape // 2
    there = (points == corner[pair]).all(axis=1)
    points[there] = moved[pair[there]]
    return shapely.set_coordinates(shapes.copy(), points).reshape(-1, 2)
