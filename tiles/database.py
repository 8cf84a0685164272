"""The tile server's own connections: the role that reads published tables only, and what happens when it cannot."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import psycopg
from django.utils.translation import gettext as _
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests

from gisplatform.errors import Unavailable
from tiles.statements import Statement

logger = logging.getLogger(__name__)

CONNECTIONS = 8
WAITING = 400  # requests that may stand in line; more are told at once to come back
WAIT_S = 3.0  # for a free connection
# The role's statement_timeout is shorter; this holds where an outside database gives the role none.
ANSWER_S = 10.0


def connection_options(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What psycopg needs to log in. settings: one entry as in Django's DATABASES."""
    options = {
        "dbname": settings["NAME"],
        "user": settings["USER"],
        "password": settings["PASSWORD"],
        "host": settings["HOST"],
        "port": settings["PORT"],
        "connect_timeout": 3,
        **settings["OPTIONS"],
    }
    return {name: value for name, value in options.items() if value not in ("", None)}


class Database:
    """A pool that opens at the first question, at the latest, and recovers when the database does."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """settings: one entry as in Django's DATABASES."""
        self._connect = {"application_name": "gisplatform-tiles", **connection_options(settings)}
        self._pool: AsyncConnectionPool | None = None

    async def open(self) -> None:
        """Begin to connect, without waiting: the process also starts while the database is away."""
        if self._pool is None:
            self._pool = AsyncConnectionPool(
                kwargs={**self._connect, "autocommit": True},
                min_size=1,
                max_size=CONNECTIONS,
                max_waiting=WAITING,
                timeout=WAIT_S,
                open=False,
                name="tiles",
            )
            await self._pool.open(wait=False)

    async def close(self) -> None:
        """Give all connections back."""
        if self._pool is not None:
            pool, self._pool = self._pool, None
            await pool.close(timeout=2)

    async def row(self, statement: Statement) -> tuple[Any, ...]:
        """The one row of a question. Raises Unavailable if the database is away, too slow or too busy."""
        await self.open()
        try:
            async with asyncio.timeout(ANSWER_S):
                try:
                    return await self._ask(statement)
                except (PoolTimeout, TooManyRequests, psycopg.errors.QueryCanceled):
                    raise
                except psycopg.OperationalError:
                    # The database was started anew: the connections in the pool are dead, a fresh one is not.
                    assert self._pool is not None
                    await self._pool.check()
                    return await self._ask(statement)
        except (psycopg.errors.QueryCanceled, TimeoutError):
            logger.warning("A tile took too long: %s", dict(statement.params))
            raise Unavailable(
                _("This part of the map takes too long to draw. Zoom in, or try again shortly.")
            ) from None
        except (TooManyRequests, PoolTimeout) as exc:
            logger.warning("No connection for a tile: %s", exc)
            raise Unavailable(_("The map is busy or its database is away. Try again shortly.")) from None
        except (psycopg.OperationalError, psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName) as exc:
            # The last two: the published tables are just being made.
            logger.error("Database away: %s", exc)
            raise Unavailable(_("The map's database does not answer at the moment. Try again shortly.")) from None

    async def _ask(self, statement: Statement) -> tuple[Any, ...]:
        assert self._pool is not None
        async with self._pool.connection() as connection:
            cursor = await connection.execute(statement.query, statement.params, prepare=True, binary=True)
            row = await cursor.fetchone()
            assert row is not None
            return row
