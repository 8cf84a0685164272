"""The triggers that keep drawn tables as the registers are, and the log of what changed: all as SQL, none of it run."""

from functools import lru_cache
from pathlib import Path

from django.db import connection
from django.db.models import Field
from psycopg import sql

from gisplatform.crs import WEB_MERCATOR
from layers.catalogue import Layer, Source
from layers.drawn.rows import SCHEMA, names_of, select, shapes_of, table_of

CHANGES = sql.Identifier(SCHEMA, "changes")
# Statements that touch more rows are logged by the squares of a grid, metres of Web Mercator.
_ROWS_LOGGED = 500
_GRID_M = 1000
_LOCKS = 5_899_002  # our class of advisory locks, of which each layer has one; no other part of the platform has it
_EVENTS = {
    "insert": "REFERENCING NEW TABLE AS new_rows",
    "update": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "REFERENCING OLD TABLE AS old_rows",
    "truncate": "",
}


def lock_of(layer: Layer) -> sql.Composed:
    """The arguments of the advisory lock that writers of the register share and who writes a source holds alone."""
    return sql.SQL("{}, hashtext({})").format(sql.Literal(_LOCKS), sql.Literal(layer.key))


def insert(layer: Layer, source: sql.Composable, table: sql.Composable | None = None) -> sql.Composed:
    """INSERT of the drawn rows that rows of the register make; into the layer's table or another like it."""
    return sql.SQL("INSERT INTO {} AS drawn ({}) {}").format(
        table or table_of(layer), names_of(layer), select(layer, source)
    )


def names_of_functions(layer: Layer) -> list[str]:
    """The names of a layer's trigger functions in the schema."""
    return [_name(layer), f"{_name(layer)}_truncate", *(_name(layer, source) for source in layer.sources)]


def functions(layer: Layer) -> dict[str, sql.Composed]:
    """CREATE FUNCTION of a layer's trigger functions, by their names in the schema."""
    register = sql.Identifier(layer.table)
    common = {"lock": lock_of(layer), "drawn": table_of(layer), "changes": CHANGES, "layer": sql.Literal(layer.key)}
    made = {
        _name(layer): _template("follow_register").format(
            function=sql.Identifier(SCHEMA, _name(layer)),
            remove=_logged(
                layer,
                sql.SQL("DELETE FROM {} drawn USING old_rows WHERE drawn.row = old_rows.id").format(table_of(layer)),
            ),
            add=_logged(layer, insert(layer, sql.SQL("new_rows"))),
            **common,
        ),
        f"{_name(layer)}_truncate": _template("follow_truncate").format(
            function=sql.Identifier(SCHEMA, f"{_name(layer)}_truncate"), add=insert(layer, register), **common
        ),
    }
    for source in layer.sources:
        referring = sql.SQL("(SELECT * FROM {} WHERE {} = ANY($1))").format(register, sql.Identifier(source.column))
        made[_name(layer, source)] = _template("follow_source").format(
            function=sql.Identifier(SCHEMA, _name(layer, source)),
            type=sql.SQL(_type(source)),
            key=sql.Identifier(source.key),
            remove=_logged(
                layer,
                sql.SQL("DELETE FROM {} drawn USING {} row WHERE drawn.row = row.id").format(
                    table_of(layer), referring
                ),
            ),
            add=_logged(layer, insert(layer, referring)),
            **common,
        )
    return made


def triggers(layer: Layer) -> dict[tuple[str, str], sql.Composed]:
    """CREATE TRIGGER of what calls those functions, by table and name."""
    followed = {layer.table: _name(layer), **{source.table: _name(layer, source) for source in layer.sources}}
    return {
        (table, f"drawn_{layer.key}_{event}"): sql.SQL(
            "CREATE OR REPLACE TRIGGER {name} AFTER {event} ON {table} {rows}"
            " FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        ).format(
            name=sql.Identifier(f"drawn_{layer.key}_{event}"),
            event=sql.SQL(event.upper()),
            table=sql.Identifier(table),
            rows=sql.SQL(rows),
            function=sql.Identifier(SCHEMA, function if rows else f"{_name(layer)}_truncate"),
        )
        for table, function in followed.items()
        for event, rows in _EVENTS.items()
    }


def _name(layer: Layer, source: Source | None = None) -> str:
    return f"{layer.key}_follow_{source.table}" if source else f"{layer.key}_follow"


def _type(source: Source) -> str:
    field = source.model._meta.get_field(source.key)
    assert isinstance(field, Field)
    return field.rel_db_type(connection) or ""


def _logged(layer: Layer, statement: sql.Composable) -> sql.Composed:
    columns = shapes_of(layer)
    return _template("logged").format(
        statement=statement,
        shapes=sql.SQL(", ").join(sql.Identifier("drawn", column) for column in columns),
        each=sql.SQL(", ").join(sql.SQL("({})").format(sql.Identifier("touched", column)) for column in columns),
        first_zoom=_first_zoom(layer),
        most=sql.Literal(_ROWS_LOGGED),
        grid=sql.Literal(_GRID_M),
        srid=sql.Literal(WEB_MERCATOR),
        changes=CHANGES,
        layer=sql.Literal(layer.key),
    )


def _first_zoom(layer: Layer) -> sql.Composed:
    """From which zoom on a drawn row itself is in tiles."""
    first = {kind: max(layer.plain_zoom, rank.min_zoom) for kind, rank in layer.ranks.items()}
    other = sql.Literal(first.pop("", layer.plain_zoom))
    if not first:
        return sql.SQL("{}::smallint").format(other)
    turns = sql.SQL(" ").join(
        sql.SQL("WHEN {} THEN {}").format(sql.Literal(kind), sql.Literal(zoom)) for kind, zoom in first.items()
    )
    kind = sql.Identifier("drawn", layer.ranked_by)
    return sql.SQL("(CASE {} {} ELSE {} END)::smallint").format(kind, turns, other)


@lru_cache
def _template(name: str) -> sql.SQL:
    return sql.SQL((Path(__file__).parent / "sql" / f"{name}.sql").read_text(encoding="utf-8"))
