"""Keeping levels as the drawn rows are: which cells an edit or a new day concerns, and building those anew.

What was done is written down in the same transaction, so whoever goes on after a kill goes on from there. Any number of
processes may follow; an advisory lock lets one at a time take a step.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _
from psycopg import sql

from gisplatform import clock
from gisplatform.crs import WEB_MERCATOR
from layers.catalogue import Layer, find
from layers.drawn.building_levels import rebuild_cells
from layers.drawn.following import CHANGES
from layers.drawn.levels import CELLS, STATES, batches, cell_of_row, layers_with_levels, level_table, tolerance_m
from layers.drawn.making import Report
from layers.drawn.rows import table_of

_LOCK = 5_899_003  # our class of advisory locks is the one before
# A look at more places is dearer than building the layer.
_MOST_PLACES = 20_000

# Lines of the log that tell of rows and that a state does not hold yet. A state of which nothing is known, or that is
# of another time than the log (a restored backup, or lines that have been forgotten since), holds nothing.
_PENDING = sql.SQL("""
    SELECT state.layer, state.day, pg_current_snapshot()::text,
        state.snapshot IS NULL OR state.at < now() - interval '1 day'
            OR pg_snapshot_xmax(state.snapshot) > pg_snapshot_xmax(pg_current_snapshot()),
        change.id IS NOT NULL, ST_AsBinary(change.shape), state.at < now() - interval '1 hour'
    FROM {states} AS state LEFT JOIN {changes} AS change
        ON change.layer IN (state.layer, '') AND change.max_zoom IS NULL
        AND change.xid >= pg_snapshot_xmin(state.snapshot)
        AND NOT pg_visible_in_snapshot(change.xid, state.snapshot)
        AND pg_visible_in_snapshot(change.xid, pg_current_snapshot())
    WHERE state.layer = ANY(%s)
""").format(states=STATES, changes=CHANGES)


def follow_up(report: Report = lambda line: None) -> int:
    """Do all that is to be done, whoever else may be at it too. Returns how many cells were built here."""
    built = 0
    while note_changes():
        step = build_some()
        if step is None:
            break  # somebody else did it
        layer, cells = step
        built += len(cells)
        report(
            _("%(layer)s from afar: %(done)d cells done, %(left)d left")
            % {"layer": layer.key, "done": built, "left": waiting()}
        )
    return built


def waiting() -> int:
    """How many cells are known to be out of date."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(CELLS))
        return cursor.fetchone()[0]


@transaction.atomic
def note_changes() -> bool:
    """Read what rows have changed since the last look and note the cells that it concerns. Returns if any are noted."""
    keys, today = [layer.key for layer in layers_with_levels()], clock.today()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(_PENDING, [keys])
        found: dict[str, list[tuple[Any, ...]]] = {}
        for key, *pending in cursor.fetchall():
            found.setdefault(key, []).append(tuple(pending))
        for key, lines in found.items():
            layer = find(key)
            assert layer
            day, snapshot, lost = lines[0][:3]
            places = [bytes(shape) if shape is not None else None for *_rest, told, shape, _old in lines if told]
            if not (lost or places or day != today or lines[0][-1]):
                continue
            if lost or None in places or len(places) > _MOST_PLACES:
                _note_all(cursor, layer)
            else:
                changed = [place for place in places if place is not None]
                _note(cursor, layer, [*changed, *_begun_and_ended(cursor, layer, day, today)])
            cursor.execute(
                sql.SQL("UPDATE {} SET snapshot = %s, day = %s, at = now() WHERE layer = %s").format(STATES),
                [snapshot, today, key],
            )
        cursor.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(CELLS))
        return cursor.fetchone()[0]


def _note_all(cursor: CursorWrapper, layer: Layer) -> None:
    """Every cell that has rows, or had some."""
    cursor.execute(
        sql.SQL(
            "INSERT INTO {cells} (layer, cell) SELECT DISTINCT %(layer)s, {cell} FROM {rows}"
            " UNION SELECT DISTINCT %(layer)s, cell FROM {levels} ON CONFLICT (layer, cell) DO UPDATE SET noted = now()"
        ).format(cells=CELLS, cell=cell_of_row(layer), rows=table_of(layer), levels=level_table(layer)),
        {"layer": layer.key},
    )


def _note(cursor: CursorWrapper, layer: Layer, places: Sequence[bytes]) -> None:
    """The cells of rows that touch changed places, and those that drew something there before."""
    if not places:
        return
    cursor.execute(
        sql.SQL(
            "WITH changed AS MATERIALIZED"
            " (SELECT ST_GeomFromWKB(wkb, {srid}) AS spot FROM unnest(%(places)s::bytea[]) AS wkb)"
            " INSERT INTO {cells} (layer, cell)"
            " SELECT DISTINCT %(layer)s, {cell} FROM changed JOIN {rows} ON ST_Intersects(shape, spot)"
            " UNION SELECT DISTINCT %(layer)s, cell FROM changed JOIN {levels}"
            " ON zoom = {finest} AND shape && ST_Expand(spot, {margin})"
            " ON CONFLICT (layer, cell) DO UPDATE SET noted = now()"
        ).format(
            srid=sql.Literal(WEB_MERCATOR),
            cells=CELLS,
            cell=cell_of_row(layer),
            rows=table_of(layer),
            levels=level_table(layer),
            # What is drawn at some level is drawn at the last one.
            finest=sql.Literal(layer.levels[-1].min_zoom),
            margin=sql.Literal(4 * tolerance_m(layer.levels[-1])),
        ),
        {"layer": layer.key, "places": list(places)},
    )


def _begun_and_ended(cursor: CursorWrapper, layer: Layer, former: date, day: date) -> list[bytes]:
    """Where rows begin or stop to be drawn between two days."""
    if former == day:
        return []
    cursor.execute(
        sql.SQL(
            "SELECT ST_AsBinary(shape) FROM {} WHERE (valid_from <= %(former)s AND %(former)s < valid_to)"
            " <> (valid_from <= %(day)s AND %(day)s < valid_to)"
        ).format(table_of(layer)),
        {"former": former, "day": day},
    )
    return [bytes(shape) for (shape,) in cursor.fetchall()]


@transaction.atomic
def build_some() -> tuple[Layer, list[int]] | None:
    """Build cells that lie together anew, of those that are noted. Returns which; None when none is left."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(
            sql.SQL("SELECT layer, cell FROM {cells} WHERE layer = (SELECT min(layer) FROM {cells})").format(
                cells=CELLS
            )
        )
        noted = cursor.fetchall()
        layer = find(noted[0][0]) if noted else None
        if layer is None:
            return None
        cells = batches(layer, (cell for _layer, cell in noted))[0]
        rebuild_cells(cursor, layer, cells, clock.today())
        cursor.execute(sql.SQL("DELETE FROM {} WHERE layer = %s AND cell = ANY(%s)").format(CELLS), [layer.key, cells])
    return layer, cells
