"""The SQL of tiles, one prepared statement per layer, precision and row condition, put together from the catalogue."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from psycopg import sql
from psycopg.types.numeric import Int4

from gisplatform import clock, crs
from gisplatform.access import Person, row_condition, sees_exactly
from layers.catalogue import Attribute, Layer, Level, find, layers
from layers.drawn.levels import level_table_name, size_of
from layers.drawn.rows import is_area
from tiles.envelope import BUFFER, EXTENT, buffer_to_scale, tile_box

_FOLDER = Path(__file__).parent / "sql"
# Put on the tile's grid, two corners move by up to half a unit in x and in y each: together √2 units. A little more.
_ROUNDED = 1.415
_BOXES_M = 2  # PostGIS compares boxes in single precision, rounded outwards: by so much at the rim of the world
_PARAM = re.compile(rb"%\((\w+)\)s")
# Parameters that are the same for all layers of a tile.
_SHARED = frozenset({"west", "south", "east", "north", "on"})


@dataclass(frozen=True)
class Statement:
    """A query as it is sent, and its parameters."""

    query: bytes
    params: Mapping[str, Any]


def buffer_of(layer: Layer, z: int) -> int:
    """How far beyond a tile's sides a layer's rows are drawn in it, units of EXTENT."""
    return buffer_to_scale(z) if layer.look.width_from else BUFFER


def tile(layer: Layer, person: Person, day: date, z: int, x: int, y: int) -> Statement | None:
    """What asks for one tile; None when the layer does not exist for this person.

    Its one row is the tile and the database's snapshot that it shows, as pg_current_snapshot() writes it.
    """
    # Int4, or small and large numbers would be prepared as statements of their own.
    labelled = layer.labelled_apart and z >= int(layer.look.label_min_zoom)
    names = {"name": layer.key, "labels": labels_of(layer), "labelled": labelled}
    drawing = {"extent": Int4(EXTENT), "buffer": Int4(buffer_of(layer, z)), **names}
    kinds, others = layer.kinds_at(z)
    ranked = {"kinds": kinds, "others": others, "named": [kind for kind in layer.ranks if kind]} if layer.ranks else {}
    place = _place(layer, z, x, y)
    params = {**place, **drawing, **ranked}
    level = layer.level_at(z) if day == clock.today() else None
    if level is not None:
        units = {"extent": Int4(level.extent), "buffer": Int4(buffer_of(layer, z) * level.extent // EXTENT)}
        return _statement("level", layer, person, {**params, **units}, level)
    scale = EXTENT / (place["east"] - place["west"])
    rounding = {"scale": scale, "within": place["margin"] - _BOXES_M, "sound": _ROUNDED / scale}
    return _statement("tile", layer, person, {**params, **rounding, "on": day})


def drawn_from_afar() -> str:
    """A text that is another one when tiles of levels are drawn otherwise; other queries say that themselves."""
    return repr((_template("level"), [(layer.key, layer.levels) for layer in layers()]))


def _place(layer: Layer, z: int, x: int, y: int) -> dict[str, float]:
    west, south, east, north = tile_box(z, x, y)
    margin = (east - west) * buffer_of(layer, z) / EXTENT
    return {"west": west, "south": south, "east": east, "north": north, "margin": margin}


def _far_enough(layer: Layer) -> sql.Composable:
    """The condition that leaves out what matters too little for the zoom. One query for all zooms: see `tile`."""
    if not layer.ranks:
        return sql.SQL("TRUE")
    return sql.SQL("({kind} = ANY(%(kinds)s) OR (%(others)s AND coalesce({kind}, '') <> ALL(%(named)s)))").format(
        kind=sql.Identifier(layer.ranked_by)
    )


def labels_of(layer: Layer) -> str:
    """The name of the layer of label points inside a tile."""
    return f"{layer.key}_labels"


def on_labels(layer: Layer) -> set[str]:
    """The attributes that label points carry: what is written, and what decides whether and how."""
    return {layer.look.label, layer.ranked_by, *(layer.look.binding or ())[:1]} - {""}


def extent(layer: Layer, person: Person) -> Statement | None:
    """What asks where a layer's rows lie, of whatever day; None when the layer does not exist for this person."""
    return _statement("extent", layer, person, {})


def occupied(layer: Layer, person: Person, day: date, z: int, x: int, y: int) -> Statement | None:
    """What asks whether a layer has rows in a tile, drawn at its zoom or not."""
    return _statement("occupied", layer, person, {**_place(layer, z, x, y), "on": day})


def changed(layer: Layer, person: Person, since: datetime, former: date, day: date) -> Statement | None:
    """What asks where tiles of a day differ from those that showed another day, as recorded until `since`."""
    return _statement(
        "changed", layer, person, {"since": since, "former": former, "on": day, "srid": Int4(crs.REGISTER_SRID)}
    )


def level_boxes(layer: Layer, level: Level) -> Statement:
    """What asks where the features of a level are drawn: west, south, east, north."""
    query = sql.SQL(
        "SELECT ST_XMin(shape), ST_YMin(shape), ST_XMax(shape), ST_YMax(shape) FROM drawn.{} WHERE zoom = {}"
    ).format(sql.Identifier(level_table_name(layer)), sql.Literal(level.min_zoom))
    return Statement(query.as_bytes(), {})


def together(asked: Mapping[str, Statement]) -> Statement:
    """One question instead of several, by the keys of their layers: their tiles one after another are one tile."""
    query = _joined(tuple((key, statement.query) for key, statement in asked.items()))
    params = {
        name if name in _SHARED else f"{key}_{name}": value
        for key, statement in asked.items()
        for name, value in statement.params.items()
    }
    return Statement(query, params)


@lru_cache(maxsize=100)
def _joined(queries: tuple[tuple[str, bytes], ...]) -> bytes:
    def renamed(key: str, query: bytes) -> bytes:
        return _PARAM.sub(
            lambda found: found[0] if found[1].decode() in _SHARED else b"%%(%b_%b)s" % (key.encode(), found[1]), query
        )

    tiles = b" || ".join(
        b"coalesce((SELECT tile FROM (%b) AS asked (tile, seen)), '')" % renamed(key, query) for key, query in queries
    )
    return b"SELECT %b, pg_current_snapshot()::text" % tiles


def version(keys: Sequence[str]) -> Statement:
    """What asks for a word that is another one after each change of layers."""
    query = b"SELECT concat_ws('-', max(id), count(*)) FROM drawn.changes WHERE layer = ANY(%(layers)s) OR layer = ''"
    return Statement(query, {"layers": list(keys)})


def _statement(
    name: str, layer: Layer, person: Person, params: Mapping[str, Any], level: Level | None = None
) -> Statement | None:
    question = _question(name, layer.key, person, level and level.min_zoom)
    if question is None:
        return None
    query, allowed = question
    return Statement(query, {**params, **allowed})


@lru_cache(maxsize=2048)
def _question(name: str, key: str, person: Person, zoom: int | None) -> tuple[bytes, dict[str, Any]] | None:
    """The query and the values of its row condition. Kept, because a city's map asks the same few for every tile."""
    layer = find(key)
    restriction = row_condition(layer.access, person) if layer else None
    if layer is None or restriction is None:
        return None
    condition, allowed = restriction
    exact = sees_exactly(layer.access, person)
    attributes = layer.visible_attributes(exact)
    level = None if zoom is None else layer.level_at(zoom)
    if level is not None:
        attributes = [attribute for attribute in attributes if attribute.name in level.by]
    query = sql.SQL(_template(name)).format(
        layer=sql.Identifier(layer.key),
        levels=sql.Identifier(level_table_name(layer)),
        zoom=sql.Literal(zoom),  # in the text: each level has an index of its own
        size=sql.Identifier(size_of(layer)),
        position=sql.Identifier("approximate" if layer.approximate and not exact else "shape"),
        published_position=sql.Identifier(layer.geometry_column(exact)),
        attributes=_columns(attributes),
        # Lines and points are not checked anyway.
        sound=sql.SQL("clearance > %(sound)s" if is_area(layer) and not layer.approximate else "FALSE"),
        label=sql.Identifier("label" if layer.labelled_apart else "shape"),
        label_attributes=_columns([attribute for attribute in attributes if attribute.name in on_labels(layer)]),
        in_effect=sql.SQL("valid_from <= %(on)s AND %(on)s < valid_to"),
        changed=sql.SQL(layer.changed),
        allowed=condition,
        ranked=_far_enough(layer),
    )
    return query.as_bytes(), allowed


@lru_cache
def _template(name: str) -> str:
    return (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def _columns(attributes: Iterable[Attribute]) -> sql.Composed:
    """Attributes by their names, before further columns; ST_AsMVT leaves nulls out."""
    return sql.SQL("").join(sql.SQL("{}, ").format(sql.Identifier(attribute.name)) for attribute in attributes)
