"""Asking the published tables. Every page, search and download goes through `select`, as tiles do through their SQL."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection
from psycopg import sql

from gisplatform import clock
from gisplatform.access import Person, row_condition, sees_exactly
from layers.catalogue import Layer
from layers.publishing import SCHEMA

NO_CONDITION = sql.SQL("TRUE")


def select(
    layer: Layer,
    person: Person,
    *,
    where: sql.Composable = NO_CONDITION,
    params: Mapping[str, Any] | None = None,
    extra: Mapping[str, sql.Composable] | None = None,
    order_by: sql.Composable = sql.SQL("id"),  # noqa: B008 - immutable
    limit: int = 1000,
    on: date | None = None,
    known_at: datetime | None = None,
    ever: bool = False,
) -> Sequence[dict[str, Any]]:
    """Rows of a layer that this person may see, as dicts of id and published attributes.

    where, order_by  conditions on published columns; the position is `shape`, in the register's system
    extra            further columns by name, e.g. {"lonlat": SQL("ST_Transform(shape, 4326)")}
    on               the day that is asked about (today); known_at the moment of knowledge (now)
    ever             of whatever day, so a thing may come in several versions
    """
    restriction = row_condition(layer.access, person)
    if restriction is None:
        return []
    condition, allowed = restriction
    exact = sees_exactly(layer.access, person)
    columns = [sql.Identifier("id")]
    columns += [sql.Identifier(attribute.name) for attribute in layer.visible_attributes(exact)]
    # The inner select names the position `shape`, so that nobody can ask for the exact one by mistake.
    query = sql.SQL(
        "SELECT {columns}{extra} FROM (SELECT *, {position} AS shape FROM {view}) AS published"
        " WHERE {in_effect} AND {condition} AND {where}"
        " ORDER BY {order_by} LIMIT %(limit)s"
    ).format(
        columns=sql.SQL(", ").join(columns),
        extra=sql.SQL("").join(
            sql.SQL(", {} AS {}").format(expression, sql.Identifier(name)) for name, expression in (extra or {}).items()
        ),
        position=sql.Identifier(layer.geometry_column(exact)),
        view=sql.Identifier(SCHEMA, layer.key),
        in_effect=sql.SQL(layer.held_true if ever else layer.in_effect(known_at is not None)),
        condition=condition,
        where=where,
        order_by=order_by,
    )
    values = {**(params or {}), **allowed, "on": on or clock.today(), "known_at": known_at, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
