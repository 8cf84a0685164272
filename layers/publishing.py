"""The published views: what of each register may leave it, in a schema of its own.

The tile role can read this schema, the drawn tables that tiles are made of, and nothing else, so a fault in the tile
server cannot show what was never published. All other doors ask the published views; the same person sees the same rows
through each. Both are derived: made anew after every migration and by `manage.py publish_layers`.
"""

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _
from psycopg import sql

from gisplatform.crs import OWN_SRID_OFFSET, REGISTER_SRID, REGISTER_ZONE
from gisplatform.errors import InvalidInput
from layers.catalogue import Layer, layers
from layers.drawn.following_levels import follow_up
from layers.drawn.making import Report, bring_up_to_date

SCHEMA = "published"


def view_definition(layer: Layer) -> sql.Composed:
    """CREATE VIEW for one layer: id, the two times, every published attribute, the position."""
    columns = [
        sql.SQL("row.identity AS id"),
        sql.SQL("row.valid_during"),
        sql.SQL("row.recorded_during"),
        *(
            sql.SQL("{} AS {}").format(sql.SQL(attribute.expression), sql.Identifier(attribute.name))
            for attribute in layer.attributes
        ),
        sql.SQL("row.{} AS exact").format(sql.Identifier(layer.geometry)),
    ]
    if layer.joined:
        columns += [
            sql.SQL("{}.{} AS {}").format(
                sql.Identifier(layer.joined), sql.Identifier(column), sql.Identifier(f"joined_{column}")
            )
            for column in ("valid_during", "recorded_during")
        ]
    if layer.approximate:
        columns.append(sql.SQL("row.{} AS approximate").format(sql.Identifier(layer.approximate)))
    return sql.SQL("CREATE VIEW {view} AS SELECT {columns} FROM {table} row {joins}").format(
        view=sql.Identifier(SCHEMA, layer.key),
        columns=sql.SQL(", ").join(columns),
        table=sql.Identifier(layer.table),
        joins=sql.SQL(layer.joins),
    )


def publish(report: Report = lambda line: None) -> list[str]:
    """Make what is derived from the registers as the catalogue says. Returns the layers' keys.

    report  is told the progress of tables that have to be made anew
    """
    _publish_views()
    bring_up_to_date(report)
    follow_up(report)
    return [layer.key for layer in layers()]


@transaction.atomic
def _publish_views() -> None:
    """Make the published schema anew from the catalogue and let the narrow roles read it."""
    schema = sql.Identifier(SCHEMA)
    with connection.cursor() as cursor:
        refuse_another_zone(cursor)
        guard_history(cursor)
        cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(schema))
        cursor.execute(sql.SQL("CREATE SCHEMA {}").format(schema))
        for layer in layers():
            cursor.execute(view_definition(layer))
        # An outside database may do without the narrow roles (docs/operations.md).
        cursor.execute(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND rolname <> current_user",
            [settings.DATABASE_ROLE_NAMES],
        )
        for (role,) in cursor.fetchall():
            reader = sql.Identifier(role)
            cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, reader))
            cursor.execute(sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}").format(schema, reader))


def guard_history(cursor: CursorWrapper) -> None:
    """Let the database refuse to overwrite or delete versions, in every register of the catalogue."""
    cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'keep_history'")
    guarded = {table for (table,) in cursor.fetchall()}
    for table in sorted({layer.table for layer in layers()} - guarded):
        cursor.execute(
            sql.SQL(
                "CREATE TRIGGER keep_history AFTER UPDATE OR DELETE ON {} FOR EACH ROW EXECUTE FUNCTION keep_history()"
            ).format(sql.Identifier(table))
        )


def refuse_another_zone(cursor: CursorWrapper) -> None:
    """Raise InvalidInput if the registers were made in another VN-2000 zone than the settings now name."""
    cursor.execute(
        "SELECT DISTINCT srid FROM geometry_columns WHERE f_table_name = ANY(%s) AND srid <> %s",
        [[layer.table for layer in layers()], REGISTER_SRID],
    )
    if found := cursor.fetchall():
        made_in = found[0][0] - OWN_SRID_OFFSET
        raise InvalidInput(
            _("The registers were made in EPSG:%(made)d, and REGISTER_EPSG now says %(asked)d. Set it back.")
            % {"made": made_in, "asked": REGISTER_ZONE.epsg}
        )
