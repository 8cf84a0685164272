"""Tiles of several layers at once, as everyone may see them: the tile server's own queries, on other connections."""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self

import numpy as np
import psycopg
from django.conf import settings

from gisplatform import clock
from gisplatform.access import CITIZEN
from tiles import statements
from tiles.archives.draft import Place
from tiles.archives.numbering import places
from tiles.archives.order import Order
from tiles.archives.pmtiles import packed
from tiles.database import connection_options
from tiles.statements import Statement

_Pair = tuple[int, int]  # which tile, which layer

# One plan for all tiles of a layer, whatever was asked before: so rows come in the same order in every build.
_SESSION = {
    "statement_timeout": "30min",
    "plan_cache_mode": "force_generic_plan",
    "max_parallel_workers_per_gather": "0",
}


def connect() -> psycopg.Connection:
    """A session of the tile server's database role, which can read what is published and nothing else."""
    options = connection_options(settings.TILES_DATABASE)
    session = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
    return psycopg.connect(
        **{**options, "options": f"{options.get('options', '')} {session}", "application_name": "build_archive"},
        autocommit=True,
    )


class Drawer:
    """Draws the tiles of an order on one day."""

    def __init__(self, order: Order, day: date, *, connections: int) -> None:
        self._order, self._layers, self._day = order, order.layers, day
        self._idle: SimpleQueue[psycopg.Connection] = SimpleQueue()
        with ExitStack() as stack:
            self._connections = [stack.enter_context(connect()) for _number in range(connections)]
            self._open = stack.pop_all()
        for connection in self._connections:
            self._idle.put(connection)
        self._workers = ThreadPoolExecutor(connections)

    def start(self, z: int, ids: np.ndarray, layers: np.ndarray | None) -> Future[list[Place]]:
        """Begin to draw places of one zoom.

        layers  which ones may have rows at each, a bit each: the places then say which have, drawn at this zoom or
                further in. None to draw all and look no further
        """
        return self._workers.submit(self._draw, z, ids, layers)

    def _draw(self, z: int, ids: np.ndarray, layers: np.ndarray | None) -> list[Place]:
        x, y = (at.tolist() for at in places(z, ids))
        # (which place, which layer); the layers of a place in drawing order
        asked = [
            (at, bit)
            for at in range(len(ids))
            for bit in range(len(self._layers))
            if layers is None or int(layers[at]) >> bit & 1
        ]
        to_draw = {
            (at, bit): statements.tile(self._layers[bit], CITIZEN, self._day, z, x[at], y[at])
            for at, bit in asked
            if z >= max(self._order.min_zoom, self._layers[bit].first_zoom(self._day == clock.today()))
        }
        connection = self._idle.get()
        try:
            drawn = _answers(connection, to_draw)
            further = {
                (at, bit): statements.occupied(self._layers[bit], CITIZEN, self._day, z, x[at], y[at])
                for at, bit in asked
                if layers is not None and z < self._order.max_zoom and not drawn.get((at, bit))
            }
            found = _answers(connection, further)
        finally:
            self._idle.put(connection)
        tiles, there = [b""] * len(ids), [0] * len(ids)
        for at, bit in asked:
            content = drawn.get((at, bit), b"")
            tiles[at] += content
            there[at] |= (bool(content) or found.get((at, bit), False)) << bit
        return list(zip(ids.tolist(), [packed(tile) if tile else b"" for tile in tiles], there, strict=True))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._workers.shutdown(wait=error is None, cancel_futures=True)
        if error:
            for connection in self._connections:
                connection.cancel_safe(timeout=2)
            self._workers.shutdown()
        self._open.close()


def _answers(connection: psycopg.Connection, questions: Mapping[_Pair, Statement | None]) -> dict[_Pair, Any]:
    """The first value that each question asks for, in one trip to the database."""
    with connection.pipeline():
        cursors = {
            pair: connection.execute(question.query, question.params, prepare=True, binary=True)
            for pair, question in questions.items()
            if question
        }
        rows = {pair: cursor.fetchone() for pair, cursor in cursors.items()}
    return {pair: row[0] for pair, row in rows.items() if row}
