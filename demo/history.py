"""What happened to lots: splits, mergers and changes of land use, told backwards from today's lots."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import shapely

from demo.lots import Lots
from demo.quarters import Kind

_LOTS_PER_EVENT = 400
_TWO_YEARS_DAYS = 730


@dataclass(frozen=True)
class History:
    """Events among the lots; each lot is in one event at most.

    split          (a, 2) lots that were one until their day
    split_days     (a,) the days, numpy dates
    merged         (b, 2) lots that became one, and stay in the drawing as they were before
    merged_days    (b,)
    changed        (c,) lots whose land use changed, changed_days (c,)
    """

    split: np.ndarray
    split_days: np.ndarray
    merged: np.ndarray
    merged_days: np.ndarray
    changed: np.ndarray
    changed_days: np.ndarray


def two_months_before(today: date) -> date:
    """The same day two months ago, or the last of that month."""
    first = date(today.year + (today.month - 3) // 12, (today.month - 3) % 12 + 1, 1)
    next_month = (first + timedelta(days=32)).replace(day=1)
    return min(first + timedelta(days=today.day - 1), next_month - timedelta(days=1))


def events(count: int) -> int:
    """How many splits, how many mergers and how many changes a city of that many lots has seen."""
    return max(1, count // _LOTS_PER_EVENT)


def happened(lots: Lots, may_change: np.ndarray, count: int, today: date, seed: int) -> History:
    """What happened in the last two years; the first split was two months ago.

    lots        as drawn; a merger joins two of them, so the city has one lot fewer than drawn for each
    count       of splits, of mergers, of changes
    may_change  (n,) bool, lots that an event may touch
    """
    random = np.random.default_rng([seed, 8])
    beside = np.flatnonzero((lots.row[1:] == lots.row[:-1]) & may_change[1:] & may_change[:-1])
    homes = np.isin(lots.kind[beside], [Kind.NEW, Kind.VILLA])
    # Pairs that start at an even number have no lot in common.
    pairs = random.permutation(beside[homes & (beside % 2 == 0)])[: 2 * count]
    pairs = np.column_stack([pairs, pairs + 1])
    villages = random.permutation(np.flatnonzero((lots.kind == Kind.VILLAGE) & may_change))[:count]

    def days(number: int) -> np.ndarray:
        return np.datetime64(today) - random.integers(30, _TWO_YEARS_DAYS, number).astype("timedelta64[D]")

    split_days = days(len(pairs[:count]))
    split_days[:1] = np.datetime64(two_months_before(today))
    return History(pairs[:count], split_days, pairs[count:], days(len(pairs[count:])), villages, days(len(villages)))


def joined(lots: Lots, pairs: np.ndarray) -> np.ndarray:
    """(a,) Polygons of pairs (a, 2) as one lot, with every vertex that neighbours need."""
    if not len(pairs):
        return np.empty(0, dtype=object)
    return shapely.coverage_union_all(lots.shape[pairs], axis=1)
