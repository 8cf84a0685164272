"""What tiles are drawn from at low zooms: rows merged and simplified, a cell at a time. The tables and their SQL.

A cell is a tile of the layer's `cell_zoom`; a row belongs, whole, to the one that holds a certain point of it. Rows of
one cell are merged with each other only, so what an edit costs does not grow with the city.
"""

from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from gisplatform.crs import WEB_MERCATOR
from layers.catalogue import Attribute, Layer, Level, Rank, layers
from layers.drawn.rows import SCHEMA, is_area

STATES = sql.Identifier(SCHEMA, "level_states")
CELLS = sql.Identifier(SCHEMA, "level_cells")
EQUATOR_M = 40_075_016.685578488  # the side of the world in Web Mercator
_BATCH_ZOOMS = 2  # cells of one tile so many zooms farther off are built together
_PX_PER_TILE = 512
# Another number when the same rows would be drawn otherwise: all is then made anew.
_MADE = 3


def layers_with_levels() -> list[Layer]:
    """The layers that have levels."""
    return [layer for layer in layers() if layer.levels]


def level_table_name(layer: Layer) -> str:
    """The name, in the schema, of the table of a layer's levels."""
    return f"{layer.key}_levels"


def level_table(layer: Layer) -> sql.Identifier:
    """The table of a layer's levels."""
    return sql.Identifier(SCHEMA, level_table_name(layer))


def size_of(layer: Layer) -> str:
    """The column that says how large what was merged is on the ground."""
    return "area_m2" if is_area(layer) else "length_m"


def shared(layer: Layer) -> list[Attribute]:
    """The attributes that some level's merged rows share, in their order."""
    names = {name for level in layer.levels for name in level.by}
    return [attribute for attribute in layer.attributes if attribute.name in names]


def labelled(layer: Layer, level: Level) -> bool:
    """Whether words are written at some zoom of a level."""
    return layer.labelled_apart and level.max_zoom >= int(layer.look.label_min_zoom)


def tolerance_m(level: Level) -> float:
    """By how much corners may move: half a pixel at the last zoom of a level, Web Mercator metres."""
    return EQUATOR_M / 2**level.max_zoom / _PX_PER_TILE / 2


def grid_m(layer: Layer, level: Level) -> float | None:
    """The unit of a level's tiles, Web Mercator metres, where corners can be put on their grid beforehand."""
    one = level.min_zoom == level.max_zoom and is_area(layer)
    return EQUATOR_M / 2**level.max_zoom / level.extent if one else None


def zooms_of(layer: Layer, level: Level, kind: object) -> tuple[int, int] | None:
    """The zooms of a level at which rows of a kind are drawn; None where the kind matters too little for all."""
    rank = layer.ranks.get(str(kind or "")) or layer.ranks.get("", Rank())
    first = max(level.min_zoom, rank.min_zoom)
    return (first, level.max_zoom) if first <= level.max_zoom else None


def create(layer: Layer) -> list[sql.Composed]:
    """CREATE TABLE and its indexes.

    zoom, cell, place   the level's first zoom, and which of the cell's features it is
    id                  of the thing, where it was merged with no other
    grid                areas of a level of one zoom: the shape with its corners on the grid of that zoom's tiles
    count, area_m2      how many rows, and how large they are on the ground; of lines length_m
    label               where the words stand that one of the rows would have
    """
    table = level_table(layer)
    columns = sql.SQL("").join(
        sql.SQL("{} {}, ").format(sql.Identifier(attribute.name), sql.SQL(attribute.sql_type))
        for attribute in shared(layer)
    )
    geometry = sql.SQL(f"geometry(Geometry, {WEB_MERCATOR})")
    made = sql.SQL(
        "CREATE TABLE {table} (zoom smallint NOT NULL, cell bigint NOT NULL, place int NOT NULL, id bigint,"
        " grid {geometry}, {columns}"
        " count bigint NOT NULL, {size} double precision NOT NULL, shape {geometry} NOT NULL, label {geometry},"
        " PRIMARY KEY (zoom, cell, place))"
    ).format(table=table, columns=columns, size=sql.Identifier(size_of(layer)), geometry=geometry)
    # Shapes of a thousand corners: compressing them would cost each tile more than it saves.
    plain = sql.SQL(
        "ALTER TABLE {} ALTER COLUMN shape SET STORAGE EXTERNAL, ALTER COLUMN grid SET STORAGE EXTERNAL"
    ).format(table)
    indexes = [
        sql.SQL("CREATE INDEX ON {} USING gist (shape) WHERE zoom = {}").format(table, sql.Literal(level.min_zoom))
        for level in layer.levels
    ]
    return [made, plain, *indexes, sql.SQL("CREATE INDEX ON {} (cell)").format(table)]


@lru_cache
def fingerprint(layer_key: str) -> str:
    """A word for how a layer's levels are made; another one when the catalogue or the making has changed."""
    [layer] = [layer for layer in layers_with_levels() if layer.key == layer_key]
    how = (_MADE, layer.levels, layer.cell_zoom, layer.over_each_other, layer.ranked_by, layer.ranks)
    parts = [part.as_bytes() for part in create(layer)]
    return blake2b(repr((how, parts)).encode(), digest_size=8).hexdigest()


# ---- Cells: numbered row by row from the north-west of the world ----


def cell_of_row(layer: Layer) -> sql.Composed:
    """SQL of the cell that a drawn row belongs to."""
    anchor = sql.SQL("label" if layer.labelled_apart else "ST_PointOnSurface(shape)")
    return sql.SQL(
        "(floor((ST_X({anchor}) + {half}) / {side}) + floor(({half} - ST_Y({anchor})) / {side}) * {columns})::bigint"
    ).format(
        anchor=anchor,
        half=sql.Literal(EQUATOR_M / 2),
        side=sql.Literal(EQUATOR_M / 2**layer.cell_zoom),
        columns=sql.Literal(2**layer.cell_zoom),
    )


def box_of_cells(layer: Layer, cells: Iterable[int]) -> tuple[float, float, float, float]:
    """West, south, east, north of cells, Web Mercator metres."""
    places = [(cell % 2**layer.cell_zoom, cell // 2**layer.cell_zoom) for cell in cells]
    side, half = EQUATOR_M / 2**layer.cell_zoom, EQUATOR_M / 2
    columns, rows = zip(*places, strict=True)
    return (
        min(columns) * side - half,
        half - (max(rows) + 1) * side,
        (max(columns) + 1) * side - half,
        half - min(rows) * side,
    )


def batches(layer: Layer, cells: Iterable[int]) -> list[list[int]]:
    """Cells that lie together, as they are built in one go; from the north-west on."""
    found: dict[tuple[int, int], list[int]] = {}
    for cell in sorted(cells):
        row, column = divmod(cell, 2**layer.cell_zoom)
        found.setdefault((row >> _BATCH_ZOOMS, column >> _BATCH_ZOOMS), []).append(cell)
    return [found[square] for square in sorted(found)]


# ---- Making the tables ----


def make_tables(cursor: CursorWrapper) -> None:
    """Make the tables whose definition is not the catalogue's: empty, with all that they lack to be built."""
    cursor.execute((Path(__file__).parent / "sql" / "levels.sql").read_text(encoding="utf-8"))
    for layer in layers_with_levels():
        cursor.execute("SELECT obj_description(to_regclass(%s), 'pg_class')", [f"{SCHEMA}.{level_table_name(layer)}"])
        told = fingerprint(layer.key)
        if cursor.fetchone() == (told,):
            continue
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(level_table(layer)))
        for statement in create(layer):
            cursor.execute(statement)
        cursor.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(level_table(layer), sql.Literal(told)))
        # A state of which nothing is known: every cell is to be built (following_levels.py).
        cursor.execute(sql.SQL("DELETE FROM {} WHERE layer = %s").format(STATES), [layer.key])
        cursor.execute(sql.SQL("INSERT INTO {} (layer) VALUES (%s)").format(STATES), [layer.key])
    keys = [layer.key for layer in layers_with_levels()]
    for table in (STATES, CELLS):
        cursor.execute(sql.SQL("DELETE FROM {} WHERE layer <> ALL(%s)").format(table), [keys])
