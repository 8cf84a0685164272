"""Making the drawn tables: where their definition changed, and anew from the registers on demand."""

import time
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _
from psycopg import sql

from gisplatform.databases import ROLES
from layers.catalogue import Layer, find, layers
from layers.drawn.following import CHANGES, functions, insert, lock_of, names_of_functions, triggers
from layers.drawn.levels import CELLS, STATES, layers_with_levels, level_table, level_table_name, make_tables
from layers.drawn.rows import SCHEMA, columns_of, generated, shapes_of, table_of

_ROWS_AT_ONCE = 20_000
# For the sorting of a whole register. Of the transaction only.
_MEMORY = "SET LOCAL work_mem = '128MB'; SET LOCAL maintenance_work_mem = '256MB'"
_SWAP_WAITS, _SWAP_TRIES = "200ms", 600

Report = Callable[[str], None]


def bring_up_to_date(report: Report = lambda line: None) -> list[str]:
    """Make the schema, and the tables whose definition is not the one of the catalogue. Returns their layers' keys."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(SCHEMA)))
        cursor.execute((Path(__file__).parent / "sql" / "changes.sql").read_text(encoding="utf-8"))
        _forget_another_database(cursor)
        _drop_undeclared(cursor)
        stale = _stale(cursor)
        make_tables(cursor)
        _grant(cursor)
    # Each in a transaction of its own: what is put in its place can be read at once.
    for layer in stale:
        rebuild(layer, report)
    return [layer.key for layer in stale]


@transaction.atomic
def rebuild(layer: Layer, report: Report = lambda line: None) -> int:
    """Draw all rows of a layer anew beside the table that is read, and put them in its place. Returns how many.

    Who reads goes on; who writes the register, or what it is told from, waits until this is committed.
    """
    new = sql.Identifier(SCHEMA, f"{layer.key} new")
    with connection.cursor() as cursor:
        stale = layer in _stale(cursor)
        for table in sorted({layer.table, *(source.table for source in layer.sources)}) if stale else []:
            # Its triggers are made anew. Before the lock on the layer, for which the old ones wait.
            cursor.execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(sql.Identifier(table)))
        cursor.execute(sql.SQL("SELECT pg_advisory_xact_lock({})").format(lock_of(layer)))
        cursor.execute(_MEMORY)
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(new))
        cursor.execute(_create(layer, new))
        rows = _fill(cursor, layer, new, report)
        for column in shapes_of(layer):
            cursor.execute(sql.SQL("CREATE INDEX ON {} USING gist ({})").format(new, sql.Identifier(column)))
        # A zone has a row for each version of its plan.
        cursor.execute(sql.SQL("ALTER TABLE {} ADD PRIMARY KEY (row, valid_from)").format(new))
        cursor.execute(sql.SQL("ANALYZE {}").format(new))
        _swap(cursor, layer, new)
        for definition in (*functions(layer).values(), *triggers(layer).values()) if stale else []:
            cursor.execute(definition)
        _grant(cursor)
        cursor.execute(sql.SQL("INSERT INTO {} (layer) VALUES (%s)").format(CHANGES), [layer.key])
        cursor.execute("SELECT pg_notify('drawn', '')")
    return rows


def _fill(cursor: CursorWrapper, layer: Layer, new: sql.Identifier, report: Report) -> int:
    """Draw what the register holds into a new table, part by part along a space-filling curve. Returns the rows."""
    parts, register = sql.Identifier("drawn_parts"), sql.Identifier(layer.table)
    cursor.execute(sql.SQL("DROP TABLE IF EXISTS pg_temp.{}").format(parts))
    cursor.execute(
        sql.SQL(
            "CREATE TEMPORARY TABLE {parts} ON COMMIT DROP AS"
            " SELECT id, 1 + (row_number() OVER (ORDER BY {position}) - 1) / {size} AS part"
            " FROM {register} WHERE upper_inf(recorded_during)"
        ).format(
            parts=parts,
            position=sql.Identifier(layer.geometry),
            size=sql.Literal(_ROWS_AT_ONCE),
            register=register,
        )
    )
    cursor.execute(sql.SQL("ANALYZE {}").format(parts))
    cursor.execute(sql.SQL("SELECT coalesce(max(part), 0), count(*) FROM {}").format(parts))
    last, versions = cursor.fetchone()
    rows = 0
    for part in range(1, last + 1):
        source = sql.SQL("(SELECT register.* FROM {} JOIN {} register USING (id) WHERE part = {})")
        cursor.execute(insert(layer, source.format(parts, register, sql.Literal(part)), new))
        rows += cursor.rowcount
        done = min(part * _ROWS_AT_ONCE, versions)
        report(_("%(layer)s: %(done)d of %(all)d versions drawn") % {"layer": layer.key, "done": done, "all": versions})
    return rows


def _create(layer: Layer, table: sql.Identifier) -> sql.Composed:
    kinds = {name: kind for name, (kind, _told) in columns_of(layer).items()} | generated(layer)
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in kinds.items()
    )
    return sql.SQL("CREATE TABLE {} ({})").format(table, columns)


def _swap(cursor: CursorWrapper, layer: Layer, new: sql.Identifier) -> None:
    """Put the new table in the place of the one that is read. Waits in short turns, or readers would line up behind."""
    table = table_of(layer)
    for turn in range(_SWAP_TRIES):
        try:
            with transaction.atomic():
                cursor.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(_SWAP_WAITS)))
                cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table))
                cursor.execute(sql.SQL("ALTER TABLE {} RENAME TO {}").format(new, sql.Identifier(layer.key)))
                cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
            break
        except OperationalError:
            if turn == _SWAP_TRIES - 1:
                raise
            time.sleep(0.05)
    told = sql.Literal(_fingerprint(layer.key))
    cursor.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(table, told))


@lru_cache
def _fingerprint(key: str) -> str:
    """A word for how a layer is drawn and followed; another one when the catalogue or the SQL here has changed."""
    layer = find(key)
    assert layer is not None
    parts = [_create(layer, table_of(layer)), *functions(layer).values(), *triggers(layer).values()]
    return blake2b(b"".join(part.as_bytes() for part in parts), digest_size=8).hexdigest()


def _forget_another_database(cursor: CursorWrapper) -> None:
    """Drop from the log what a restored backup brought along: numbers of transactions that are still to come here."""
    cursor.execute(sql.SQL("DELETE FROM {} WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())").format(CHANGES))
    if cursor.rowcount:
        cursor.execute(sql.SQL("INSERT INTO {} (layer) VALUES ('')").format(CHANGES))
        cursor.execute("SELECT pg_notify('drawn', '')")


def _stale(cursor: CursorWrapper) -> list[Layer]:
    """The layers whose table or triggers are not there, or not as the catalogue has them."""
    cursor.execute(
        "SELECT relname, obj_description(oid, 'pg_class') FROM pg_class"
        " WHERE relnamespace = %s::regnamespace AND relkind = 'r'",
        [SCHEMA],
    )
    found = dict(cursor.fetchall())
    cursor.execute(r"SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgname LIKE 'drawn\_%'")
    there = set(cursor.fetchall())
    return [
        layer
        for layer in layers()
        if found.get(layer.key) != _fingerprint(layer.key) or not triggers(layer).keys() <= there
    ]


def _drop_undeclared(cursor: CursorWrapper) -> None:
    """Take away what belongs to layers that the catalogue no longer has, triggers included."""
    tables = [layer.key for layer in layers()]
    cursor.execute(
        "SELECT 'TABLE ' || oid::regclass FROM pg_class"
        " WHERE relnamespace = %(schema)s::regnamespace AND relkind = 'r' AND relname <> ALL(%(tables)s)"
        " UNION ALL SELECT 'FUNCTION ' || oid::regprocedure FROM pg_proc"
        " WHERE pronamespace = %(schema)s::regnamespace AND proname <> ALL(%(functions)s)",
        {
            "schema": SCHEMA,
            "tables": [*tables, *map(level_table_name, layers_with_levels()), "changes", "level_states", "level_cells"],
            "functions": [name for layer in layers() for name in names_of_functions(layer)],
        },
    )
    for (what,) in cursor.fetchall():
        cursor.execute(f"DROP {what} CASCADE")


def _grant(cursor: CursorWrapper) -> None:
    """Let the tile role read, and the worker build levels and forget old changes."""
    roles = dict(zip(ROLES, settings.DATABASE_ROLE_NAMES, strict=True))
    schema = sql.Identifier(SCHEMA)
    # An outside database may do without the narrow roles (docs/operations.md).
    cursor.execute("SELECT rolname FROM pg_roles WHERE rolname <> current_user")
    there = {role for (role,) in cursor.fetchall()}
    everything = sql.SQL("ALL TABLES IN SCHEMA {}").format(schema)
    levels = sql.SQL(", ").join([STATES, CELLS, *map(level_table, layers_with_levels())])
    grants = [
        ("tiles", "SELECT", everything),
        ("worker", "SELECT", everything),
        ("worker", "INSERT, UPDATE, DELETE", sql.SQL("{}, {}").format(CHANGES, levels)),
        ("worker", "USAGE", sql.SQL("ALL SEQUENCES IN SCHEMA {}").format(schema)),
    ]
    for role, rights, what in grants:
        if roles[role] in there:
            reader = sql.Identifier(roles[role])
            cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, reader))
            cursor.execute(sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(rights), what, reader))
