"""One drawing for all who wait for the same tile."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from gisplatform.errors import Unavailable
from tiles.cached import Kept, Key

MOST = 400  # tiles being drawn or waiting for a connection; more are told at once to come back


class ClientGone(Exception):
    """Nobody waits for the answer any more."""


@dataclass
class _Flight:
    task: asyncio.Task[Kept]
    waiting: int = 0


class Flights:
    """The tiles that are being drawn."""

    def __init__(self) -> None:
        self._open: dict[Key, _Flight] = {}  # those that may be joined
        self._drawing: set[asyncio.Task[Kept]] = set()

    def __len__(self) -> int:
        return len(self._drawing)

    async def join(self, key: Key, draw: Callable[[], Awaitable[Kept]], gone: Callable[[], Awaitable[None]]) -> Kept:
        """The tile, drawn now or by whoever asked before; its drawing ends when the last one who waits is gone.

        gone: returns when this one is. Raises ClientGone, Unavailable, and what draw raises.
        """
        flight = self._open.get(key)
        if flight is None:
            if len(self._drawing) >= MOST:
                raise Unavailable(_("The map is busy or its database is away. Try again shortly."))
            flight = self._open[key] = _Flight(asyncio.ensure_future(draw()))
            self._drawing.add(flight.task)
            flight.task.add_done_callback(lambda task: self._landed(key, task))
        flight.waiting += 1
        leaving = asyncio.ensure_future(gone())
        try:
            await asyncio.wait({flight.task, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if flight.task.done():
                return flight.task.result()
            raise ClientGone
        finally:
            leaving.cancel()
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                self._close(key, flight.task)
                flight.task.cancel()

    def forget(self, keys: Iterable[Key]) -> None:
        """Let nobody join these any more: what they draw may be outdated. Who waits for them already goes on."""
        for key in keys:
            self._open.pop(key, None)

    def of(self, layer: str) -> list[Key]:
        """The tiles of a layer that are being drawn."""
        return [key for key in self._open if key.layer == layer]

    def _landed(self, key: Key, task: asyncio.Task[Kept]) -> None:
        self._drawing.discard(task)
        self._close(key, task)
        if not task.cancelled():
            task.exception()  # told to those who waited; asyncio shall not tell it again

    def _close(self, key: Key, task: asyncio.Task[Kept]) -> None:
        if (flight := self._open.get(key)) and flight.task is task:
            del self._open[key]
