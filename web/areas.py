"""In words where a stretch of land lies."""

from datetime import date
from typing import Any

import shapely
from psycopg import sql

from gisplatform.access import CITIZEN
from gisplatform.crs import REGISTER_SRID
from layers.catalogue import find
from layers.queries import select

MOST = 4


def communes_in(shape: Any, on: date | None = None) -> tuple[list[str], bool]:
    """The names of the communes that a shape (register, metres) lies in, and whether there are more than are named."""
    units = find("administrative_units")
    assert units is not None
    rows = select(
        units,
        CITIZEN,
        where=sql.SQL("level = 'commune' AND ST_Intersects(shape, ST_GeomFromWKB(%(area)s, %(area_srid)s))"),
        params={"area": shapely.to_wkb(shape), "area_srid": REGISTER_SRID},
        order_by=sql.SQL("name, id"),
        limit=MOST + 1,
        on=on,
    )
    return [row["name"] for row in rows[:MOST]], len(rows) > MOST
