"""What has changed in the registers, read from their change log as it grows: once a process, for all who wait."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
import shapely

from tiles.database import connection_options
from tiles.snapshots import Change, Snapshot

logger = logging.getLogger(__name__)

POLL_S = 5.0  # a notification may be lost with its connection
AGAIN_S = 1.0
# A tile that takes longer to draw, or a process that lags further behind, than this does not exist.
REMEMBERED_S = 600
# Behind by more, a process reads the log no more but takes everything for changed: lines go after two days.
READABLE_S = 24 * 3600
# Without a look at the log for this long nothing is kept that was drawn meanwhile.
BLIND_AFTER_S = 30
# More in one go are taken as a change of the whole layer.
_MOST_SHAPES = 20_000

# A line counts once: when the transaction that wrote it was not yet to be seen at the last look, and now is. Lines of a
# transaction that is still to come are those of another database, which a backup brought here.
_READ = """
    SELECT pg_current_snapshot()::text, change.xid::text, change.layer, ST_AsBinary(change.shape),
        coalesce(change.min_zoom, 0), coalesce(change.max_zoom, 99)
    FROM (SELECT) AS once LEFT JOIN drawn.changes AS change
        ON change.xid >= pg_snapshot_xmin(%(last)s::pg_snapshot)
        AND NOT pg_visible_in_snapshot(change.xid, %(last)s::pg_snapshot)
        AND pg_visible_in_snapshot(change.xid, pg_current_snapshot())
"""
_NOW = """
    SELECT pg_current_snapshot()::text, concat_ws(' ', (SELECT system_identifier FROM pg_control_system()),
        (SELECT oid FROM pg_database WHERE datname = current_database()))
"""

# Nothing that was drawn so far saw it.
EVERYTHING = Change("", 2**63, None)

Told = Callable[[Sequence[Change]], None]


@dataclass(frozen=True)
class _Batch:
    """What one look at the log brought: when, what the look before had seen, what this one saw, and the changes."""

    read_at: float
    before: Snapshot
    after: Snapshot
    changes: Sequence[Change]


class Changes:
    """Follows the log. `begin`, given the database's identity, says from where: a snapshot, or None for from now on."""

    def __init__(self, database: Mapping[str, Any], *, begin: Callable[[str], Snapshot | None], told: Told) -> None:
        """database: one entry as in Django's DATABASES; told: called with each batch, before anything else happens."""
        self._connect = {"application_name": "gisplatform-tiles-log", **connection_options(database)}
        self._begin, self._told = begin, told
        self._task: asyncio.Task[None] | None = None
        self._looked_at = float("-inf")  # on the clock that nobody sets
        self.looked_at_s = 0.0  # the same, seconds since 1970
        self._recent: list[_Batch] = []
        self.floor: Snapshot | None = None  # what does not see this is of unknown age
        self.seen: Snapshot | None = None  # up to where the log is read; None before the first time
        self.version: Snapshot | None = None  # the same, as of the last change
        self.identity = ""

    # ---- What is known ----

    @property
    def following(self) -> bool:
        """Whether the log was read not long ago, so that what is drawn now may be kept."""
        return time.monotonic() - self._looked_at < BLIND_AFTER_S

    @property
    def horizon(self) -> Snapshot | None:
        """Every change that this snapshot does not see is still remembered."""
        return self._recent[0].before if self._recent else self.seen

    def unseen(self, snapshot: Snapshot) -> list[Change]:
        """The remembered changes that a snapshot does not see."""
        batches = (batch.changes for batch in self._recent if not snapshot.holds(batch.after))
        return [change for changes in batches for change in changes if not snapshot.sees(change.transaction)]

    def remembers(self, snapshot: Snapshot) -> bool:
        """Whether `unseen` knows of every change since a snapshot."""
        return self.horizon is not None and snapshot.holds(self.horizon)

    # ---- Reading ----

    def start(self) -> None:
        """Begin to follow the log."""
        if self._task is None:
            self._task = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """Stop following."""
        if self._task is not None:
            task, self._task = self._task, None
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _follow(self) -> None:
        silent = False
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**self._connect, autocommit=True) as connection:
                    await connection.execute("LISTEN drawn")
                    await self._identify(connection)
                    silent = False
                    while True:
                        await self._read(connection)
                        async for _notification in connection.notifies(timeout=POLL_S, stop_after=1):
                            pass
            except (psycopg.Error, OSError) as exc:
                if not silent:
                    logger.warning("The change log cannot be read, so no tile is kept until it can: %s", exc)
                silent = True
            except Exception:
                # A change may have been lost: all that is kept counts for nothing.
                logger.exception("The change log was not followed to the end")
                self._looked_at = float("-inf")
            await asyncio.sleep(AGAIN_S)

    async def _identify(self, connection: psycopg.AsyncConnection) -> None:
        """Look which database this is; begin anew where it is another one, or was put back to an earlier state."""
        row = await (await connection.execute(_NOW)).fetchone()
        assert row
        now, identity = Snapshot(row[0]), row[1]
        away_s = time.monotonic() - self._looked_at
        if self.seen and identity == self.identity and now.holds(self.seen) and away_s < READABLE_S:
            return
        start = None if self.seen else self._begin(identity)
        if start and not now.holds(start):
            start = None
        self.identity = identity
        self.seen = self.version = start or now
        self._recent.clear()
        if start is None:
            self.floor = now
            self._told([EVERYTHING])

    async def _read(self, connection: psycopg.AsyncConnection) -> None:
        assert self.seen
        rows = await (await connection.execute(_READ, {"last": self.seen.text}, binary=True)).fetchall()
        before, self.seen, blind = self.seen, Snapshot(rows[0][0]), not self.following
        batch: list[Change] = []
        self._looked_at, self.looked_at_s = time.monotonic(), time.time()
        if rows[0][1] is not None:
            self.version = self.seen
            batch = _changes([(int(xid), *line) for _seen, xid, *line in rows])
            self._recent.append(_Batch(self._looked_at, before, self.seen, batch))
        if batch or blind:
            self._told(batch)
        # The first of the list says from where on all is known, so one that is old enough is left in.
        while len(self._recent) > 1 and self._looked_at - self._recent[1].read_at > REMEMBERED_S:
            del self._recent[0]


def _changes(rows: Sequence[tuple[int, str, bytes | None, int, int]]) -> list[Change]:
    """Lines of the log as changes."""
    if len(rows) > _MOST_SHAPES:
        layers = {row[1] for row in rows}
        return [Change(layer, max(xid for xid, of, *_rest in rows if of == layer), None) for layer in layers]
    shapes = shapely.from_wkb([row[2] for row in rows])
    broken = ~(shapely.is_valid(shapes) | shapely.is_missing(shapes))
    shapes[broken] = shapely.make_valid(shapes[broken])
    return [
        Change(layer, xid, shape, first, last)
        for (xid, layer, _wkb, first, last), shape in zip(rows, shapes, strict=True)
    ]
