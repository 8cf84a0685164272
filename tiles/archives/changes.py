"""Which tiles of an archive are no longer what the registers say, and since when an archive can be sure of them."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

import numpy as np
import psycopg
import shapely
from django.utils.translation import gettext as _

from gisplatform import clock
from gisplatform.access import CITIZEN
from gisplatform.errors import Unavailable
from layers.catalogue import Layer, Level
from tiles import statements
from tiles.archives.numbering import ids
from tiles.envelope import EXTENT, Box, lonlat_bounds

_EARTH_M = 2 * np.pi * 6378137
# An operation looks at the clock before it writes; the writing may come so much later.
_STAMPED_EARLY = timedelta(minutes=1)
_WAIT_S = 600
# Every transaction that writes holds a lock on its own number. Others' in this database; no role may see more of them.
_WRITING = """
    SELECT coalesce(array_agg(transactionid::text), '{}') FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND granted AND datname = current_database()
"""
_AT_ONCE = 1_000_000  # tiles worked out in one step


def certain_from(connection: psycopg.Connection, say: Callable[[str], None]) -> datetime:
    """An instant up to which all that is recorded can be seen: whoever was just writing then has finished.

    Raises Unavailable if somebody goes on writing for ten minutes.
    """
    (instant,) = connection.execute("SELECT clock_timestamp()").fetchone() or ()
    writing = awaited = _writing(connection)
    deadline = time.monotonic() + _WAIT_S
    if awaited:
        say(_("Waiting for a change to the registers that is just being written."))
    while awaited:
        if time.monotonic() > deadline:
            raise Unavailable(_("A change to the registers has been going on for ten minutes. Try again after it."))
        time.sleep(0.1)
        awaited = writing & _writing(connection)
    return instant


def _writing(connection: psycopg.Connection) -> set[str]:
    (numbers,) = connection.execute(_WRITING).fetchone() or ([],)
    return set(numbers)


class Changes:
    """Where layers differ from what an archive shows."""

    def __init__(
        self, connection: psycopg.Connection, layers: Sequence[Layer], *, since: datetime, former: date, day: date
    ) -> None:
        """since, former: until when what is recorded is in the archive, and the day that it shows. day: to be shown."""
        self._layers = layers
        found, of_layer = [np.empty((0, 4))], [np.empty(0, int)]
        for number, layer in enumerate(layers):
            question = statements.changed(layer, CITIZEN, since - _STAMPED_EARLY, former, day)
            if question:
                with connection.cursor(binary=True) as cursor:
                    rows = cursor.stream(question.query, question.params)
                    found.append(np.fromiter(rows, np.dtype((float, 4))))
                    of_layer.append(np.full(len(found[-1]), number))
        self._of_layer = np.concatenate(of_layer)
        self._boxes = np.concatenate(found)
        self._from_afar = [
            (number, level, _drawn_around(connection, layer, level, self._boxes[self._of_layer == number]))
            for number, layer in enumerate(layers if day == clock.today() else [])
            for level in layer.levels
        ]

    @property
    def extent(self) -> Box | None:
        """All of them, in degrees; None without any."""
        if not len(self._boxes):
            return None
        west, south = self._boxes[:, :2].min(axis=0).tolist()
        east, north = self._boxes[:, 2:].max(axis=0).tolist()
        return lonlat_bounds((west, south, east, north))

    def tiles(self, z: int) -> np.ndarray:
        """The numbers, ascending, of the tiles of a zoom that a changed row touches, buffer included."""
        boxes, of_layer = [self._boxes], [self._of_layer]
        for number, level, drawn in self._from_afar:
            if level.min_zoom <= z <= level.max_zoom:
                boxes.append(drawn)
                of_layer.append(np.full(len(drawn), number))
        west, south, east, north = np.concatenate(boxes).T / _EARTH_M
        # In widths of the world, from its north-west corner.
        placed = np.column_stack([west + 0.5, 0.5 - north, east + 0.5, 0.5 - south])
        units = [(statements.buffer_of(layer, z), layer.level_at(z)) for layer in self._layers]
        # A corner is rounded by up to one unit.
        margins = np.array([buffer / EXTENT + 1 / (level.extent if level else EXTENT) for buffer, level in units])
        ends = placed * 2**z + margins[np.concatenate(of_layer), None] * [-1, -1, 1, 1]
        left, top, right, bottom = np.clip(np.floor(ends), 0, 2**z - 1).astype(np.int64).T
        wide, high = right - left + 1, bottom - top + 1
        touched = [np.empty(0, np.int64)]
        for part in _parts(wide * high):
            count = (wide * high)[part]
            within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
            across, down = within % np.repeat(wide[part], count), within // np.repeat(wide[part], count)
            touched.append(np.unique(ids(z, np.repeat(left[part], count) + across, np.repeat(top[part], count) + down)))
        return np.unique(np.concatenate(touched))


def _drawn_around(connection: psycopg.Connection, layer: Layer, level: Level, changed: np.ndarray) -> np.ndarray:
    """Where, (n, 4), features of a level are drawn that changed rows (m, 4) may have become part of, or were."""
    question = statements.level_boxes(layer, level)
    drawn = np.fromiter(connection.execute(question.query, binary=True), np.dtype((float, 4)))
    pairs = shapely.STRtree(shapely.box(*drawn.T)).query(shapely.box(*changed.T))
    return drawn[np.unique(pairs[1])]


def _parts(counts: np.ndarray) -> Iterator[slice]:
    """Stretches of rows that together touch no more tiles than can be worked out in one step."""
    steps = np.cumsum(counts) // _AT_ONCE
    starts = np.flatnonzero(np.diff(steps, prepend=-1))
    for start, stop in pairwise([*starts.tolist(), len(counts)]):
        yield slice(start, stop)
