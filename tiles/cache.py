"""Tiles that are drawn once and kept while they are right: in the memory of this process and on the disk of all.

A kept tile is right as long as every change that touches it is in the snapshot that it was drawn from. So one rule
keeps all fresh: whenever a change becomes known, and whenever a tile is to be kept or taken from the disk, the two are
compared.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from hashlib import blake2b
from pathlib import Path
from typing import Any

from gisplatform import clock
from gisplatform.access import CITIZEN, Person, Role
from gisplatform.errors import Unavailable
from layers.catalogue import layers
from tiles import statements
from tiles.bundles import Bundle, Tileset, bundles, members_of, tilesets
from tiles.cached import Kept, Key
from tiles.database import Database
from tiles.disk import Disk, followed
from tiles.flights import Flights
from tiles.freshness import READABLE_S, Changes
from tiles.http import Replies
from tiles.kept import Memory
from tiles.snapshots import Change, Snapshot, touched
from tiles.statements import Statement
from tiles.viewers import person_named

logger = logging.getLogger(__name__)

_TRIES = 3  # a place that is edited faster than it is drawn is shown as of a moment ago, and not kept
_MOST_TO_WRITE = 500  # tiles that wait to be written; more are kept in memory only
_REMEMBER_EVERY_S = 60
_PACK_ASIDE_FROM = 60_000  # bytes: packing more would hold others up for longer than a thread takes to begin

Listener = Callable[[Sequence[Change]], None]


class TileCache:
    """All tiles of one process: `tile` draws or finds one."""

    def __init__(
        self, database: Mapping[str, Any], tiles: Database, *, folder: Path, memory_bytes: int, disk_bytes: int
    ) -> None:
        """database: one entry as in Django's DATABASES, for the change log; tiles: what draws."""
        self._database = tiles
        self.memory, self.flights, self._disk = Memory(memory_bytes), Flights(), Disk(folder, disk_bytes)
        self.changes = Changes(database, begin=self._begin, told=self._told)
        self.listeners: list[Listener] = []
        # One thread: what is asked of the disk is done in the order in which it was asked.
        self._clerk = ThreadPoolExecutor(1, "tiles-disk")
        # Tiles handed to the thread, counted here, and tiles it is done with, counted there.
        self._handed, self._written = 0, 0
        self._today, self._tomorrow_s, self._remembered_at = date.min, 0.0, 0.0
        self._opened: date | None = None  # the day whose tiles a web server in front may send

    async def start(self) -> None:
        """Begin to follow the changes."""
        self.changes.start()

    async def close(self) -> None:
        """Stop, and write down how far it came."""
        await self.changes.stop()
        self._remember()
        self._aside(self._disk.end_day)
        await asyncio.to_thread(self._clerk.shutdown)

    @property
    def today(self) -> date:
        """The present day. With the first question of a day all that was kept for the one before is forgotten."""
        if time.time() >= self._tomorrow_s:
            self._today, self._tomorrow_s = clock.today(), clock.tomorrow_s()
            self.memory.clear()
            if self.changes.following:
                self._open_day(self._today)
        return self._today

    def _open_day(self, day: date) -> None:
        """Let the web server in front send a day's tiles. Only once it is known which of them are right."""
        if self._opened != day:
            self._opened = day
            self._aside(self._disk.begin_day, day)

    # ---- A tile ----

    def at_hand(self, address: str) -> tuple[Key, Replies] | None:
        """What everyone sees today at the address of a tile, if it is in memory and known to be right."""
        found = self.memory.served.get(address)
        if found is None or time.time() >= self._tomorrow_s or not self.changes.following:
            return None
        self.memory.used(found[0])
        return found

    async def tile(self, tileset: Tileset, key: Key, gone: Callable[[], Awaitable[None]]) -> tuple[Kept, str]:
        """A tile, and where it was: "memory", "disk", "drawn", or "shared" with who asked for it before.

        gone: returns when nobody waits for the answer any more. Raises Unavailable and ClientGone.
        """
        kept = self.memory.get(key)
        if kept and self.changes.following:
            return kept, "memory"
        source = "shared"

        async def find_or_draw() -> Kept:
            nonlocal source
            found = await self._from_disk(tileset, key)
            if found:
                source = "disk"
                return found
            source = "drawn"
            return await self._draw(tileset, key)

        try:
            return await self.flights.join(key, find_or_draw, gone), source
        except Unavailable:
            # While the database is away nothing changes in it.
            if kept:
                return kept, "memory"
            raise

    async def _from_disk(self, tileset: Tileset, key: Key) -> Kept | None:
        if key.day != self.today or not self.changes.following or not self._disk.has(key):
            return None
        kept = await asyncio.to_thread(self._disk.load, key)
        if kept is None or not self._is_right(tileset, key, kept):
            return None
        self.memory.add(key, kept, serve=key.day == self.today)
        return kept

    async def _draw(self, tileset: Tileset, key: Key) -> Kept:
        for _number in range(_TRIES):
            kept = await self._drawn(_question(tileset, key, key.day == self.today))
            if self._is_right(tileset, key, kept):
                self._keep(tileset, key, kept)
                break
        return kept

    async def _drawn(self, statement: Statement) -> Kept:
        content, snapshot = await self._database.row(statement)
        content = bytes(content or b"")
        if len(content) < _PACK_ASIDE_FROM:
            return Kept.of(content, snapshot)
        return await asyncio.to_thread(Kept.of, content, snapshot)

    def _is_right(self, tileset: Tileset, key: Key, kept: Kept) -> bool:
        """Whether no change is known that touches a tile and is not in it."""
        floor = self.changes.floor
        if floor and not kept.snapshot.holds(floor):
            return False
        return not touched(tileset, [key.tile], self.changes.unseen(kept.snapshot))

    def _keep(self, tileset: Tileset, key: Key, kept: Kept) -> None:
        if not self.changes.following:
            return
        today = key.day == self.today
        if not today and any(layer.level_at(key.z) for layer in members_of(tileset)):
            return  # the log tells of rows from the zoom on at which the present day's tiles are made of rows
        self.memory.add(key, kept, serve=today)
        if today and self._handed - self._written < _MOST_TO_WRITE:  # of other days there are any number
            self._handed += 1
            self._aside(self._write, key, kept)

    def _write(self, key: Key, kept: Kept) -> None:
        self._written += 1
        # Asked again: this process may have been asleep in between.
        self._disk.store(key, kept, lambda: self.changes.following)

    # ---- Changes ----

    def _told(self, changes: Sequence[Change]) -> None:
        """Changes have become known: nothing that they touch is kept, and nobody joins a drawing that began before."""
        for tileset in tilesets():
            if not any(change.concerns_any(tileset) for change in changes):
                continue
            self.memory.drop(tileset, changes)
            under_way = self.flights.of(tileset.key)
            outdated = touched(tileset, [key.tile for key in under_way], changes)
            self.flights.forget([under_way[at] for at in outdated])
            self._aside(self._disk.drop, tileset, changes)
        if time.monotonic() - self._remembered_at > _REMEMBER_EVERY_S:
            self._remember()
            self._opened = None  # another process may have closed it when it ended
        self._open_day(self.today)
        for listener in self.listeners:
            listener(changes)

    # ---- From one start to the next ----

    def _begin(self, identity: str) -> Snapshot | None:
        """From where the log is followed: what is on disk counts if it is of this database and drawn as now."""
        words = self._disk.remembered()
        known = words.get("database") == identity and words.get("drawn_as") == drawn_as()
        recent = 0 <= time.time() - words.get("at", 0) < READABLE_S
        return followed(words) if known and recent else None

    def _remember(self) -> None:
        self._remembered_at = time.monotonic()
        if horizon := self.changes.horizon:
            words = {"database": self.changes.identity, "drawn_as": drawn_as(), "at": self.changes.looked_at_s}
            words["snapshot"] = horizon.text
            self._aside(self._disk.remember, words)

    def _aside(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        future = self._clerk.submit(work, *arguments)
        future.add_done_callback(_tell_failure)
        return future


def _tell_failure(future: Future[Any]) -> None:
    with suppress(Exception):
        if exc := future.exception():
            logger.error("The tiles on disk: %r", exc)


def _question(tileset: Tileset, key: Key, today: bool) -> Statement:
    """What asks the database for a tile."""
    person = person_named(key.viewer)
    assert person
    place = (key.day, key.z, key.x, key.y)
    if isinstance(tileset, Bundle):
        asked = {layer.key: statements.tile(layer, person, *place) for layer in tileset.at(key.z, today)}
        return statements.together({layer: statement for layer, statement in asked.items() if statement})
    statement = statements.tile(tileset, person, *place)
    assert statement
    return statement


def drawn_as() -> str:
    """A word for how tiles are drawn: another one when the catalogue or the tile server's SQL has changed."""
    everybody = Person.of(Role.values)
    asked = [
        statements.tile(layer, person, date.min, z, 0, 0)
        for person in (CITIZEN, everybody)
        for layer in layers()
        for z in range(layer.min_zoom, layer.max_zoom + 1)
    ]
    drawn = [(question.query, repr(sorted(question.params.items()))) for question in asked if question]
    sent = {key: [layer.key for layer in bundle.members] for key, bundle in bundles().items()}
    return blake2b(repr((drawn, sent, statements.drawn_from_afar())).encode(), digest_size=8).hexdigest()
