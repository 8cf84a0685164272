"""The tile cache inside a test, where what happens when can be decided."""

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from unittest import mock

from django.conf import settings
from django.db import connection

from gisplatform.access import CITIZEN, Person
from tests.loops import in_a_loop
from tests.tiles.decoding import decoded
from tiles.bundles import tileset_for, viewer_of
from tiles.cache import TileCache
from tiles.cached import Kept, Key
from tiles.database import Database
from tiles.statements import Statement

Tile = tuple[int, int, int]


class CountingDatabase(Database):
    """The tile server's connections; counts its questions, and lets a test do something while one is answered."""

    asked = 0
    meanwhile: Callable[[], object] | None = None

    async def row(self, statement: Statement) -> tuple:
        self.asked += 1
        row = await super().row(statement)
        if self.meanwhile is not None and asyncio.iscoroutine(waiting := self.meanwhile()):
            await waiting
        return row


class Cache(TileCache):
    """One server process's cache."""

    def __init__(self, folder: Path, memory_bytes: int = 2**24, disk_bytes: int = 2**24) -> None:
        role = {**settings.TILES_DATABASE, "NAME": connection.settings_dict["NAME"]}
        self.sql = CountingDatabase(role)
        super().__init__(role, self.sql, folder=folder, memory_bytes=memory_bytes, disk_bytes=disk_bytes)

    def key(self, layer: str, tile: Tile, person: Person = CITIZEN, day=None) -> Key:
        return Key(layer, viewer_of(tileset_for(layer, person), person), day or self.today, *tile)

    async def ask(self, layer: str, tile: Tile, person: Person = CITIZEN, day=None) -> tuple[set[int], str]:
        """The identities that are drawn in a tile, and where it was."""
        kept, source = await self.tile(tileset_for(layer, person), self.key(layer, tile, person, day), stay)
        return identities(kept), source

    async def settle(self) -> None:
        """Wait until all is known that was committed, and done with the disk."""
        await until(lambda: self.changes.following and not unseen(self.changes.seen.text))
        await asyncio.wrap_future(self._clerk.submit(lambda: None))


def play(story: Callable[[], Coroutine[None, None, None]]) -> None:
    """Run a story that edits the registers while caches wait in the same loop."""

    async def whole() -> None:
        try:
            await story()
        finally:
            connection.close()  # the loop has one of its own

    with mock.patch.dict(os.environ, DJANGO_ALLOW_ASYNC_UNSAFE="true"):
        in_a_loop(whole())


async def stay() -> None:
    """A client that waits for its answer, however long."""
    await asyncio.Event().wait()


def identities(kept: Kept) -> set[int]:
    """Which rows a tile draws."""
    drawn = {} if kept.empty else decoded(kept.content)
    return {feature["id"] for part in drawn.values() for feature in part["features"]}


def unseen(snapshot: str) -> bool:
    """Whether the change log has lines that a snapshot does not see."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM drawn.changes WHERE NOT pg_visible_in_snapshot(xid, %s) LIMIT 1", [snapshot])
        return bool(cursor.rowcount)


async def until(true: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for something that has to come."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come"
        await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def running(folder: Path, **bounds: int) -> AsyncIterator[Cache]:
    """A cache that follows the changes."""
    cache = Cache(folder, **bounds)
    await cache.start()
    try:
        await cache.settle()
        yield cache
    finally:
        await cache.close()
        await cache.sql.close()
