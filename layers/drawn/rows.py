"""The drawn tables: one per layer, and what a row of one is, told from a row of the register."""

from psycopg import sql

from gisplatform.crs import REGISTER_SRID, WEB_MERCATOR
from layers.catalogue import Layer

SCHEMA = "drawn"
# Within this frame of the register's system, metres, every point can be transformed. A row with a corner outside is not
# drawn: transforming it would be an error.
FRAME = (-9_000_000, -20_100_000, 9_000_000, 20_100_000)
# How far, metres, each corner of an area lies at least from corners and sides that are not its own: as long as none
# moves by half of that, the area stays valid. In real files some areas are not valid at all.
_CLEARANCE = (
    "double precision NOT NULL GENERATED ALWAYS AS"
    " (CASE WHEN ST_IsValid(shape) THEN ST_MinimumClearance(shape) ELSE 0 END) STORED"
)


def table_of(layer: Layer) -> sql.Identifier:
    """The layer's drawn table."""
    return sql.Identifier(SCHEMA, layer.key)


def is_area(layer: Layer) -> bool:
    """Whether the rows are polygons."""
    return "POLYGON" in getattr(layer.register._meta.get_field(layer.geometry), "geom_type", "")


def shapes_of(layer: Layer) -> list[str]:
    """The columns that hold where a row is drawn: the exact position, and the approximate one where there is one."""
    return ["shape", "approximate"] if layer.approximate else ["shape"]


def columns_of(layer: Layer) -> dict[str, tuple[str, sql.Composable]]:
    """The columns of a drawn table by name: the type, and the expression over the register's `row` and its joins.

    row, id             the version's key and the thing's number
    valid_from, _to     the days [from, to) on which it is so, with its joined register; infinite where they are open
    shape, approximate  Web Mercator; the outer rings of areas go clockwise, as tiles want them
    label               where the label of an area stands
    """
    shape = sql.Identifier("row", layer.geometry)
    columns: dict[str, tuple[str, sql.Composable]] = {
        "row": ("bigint NOT NULL", sql.SQL("row.id")),
        "id": ("bigint NOT NULL", sql.SQL("row.identity")),
        "valid_from": ("date NOT NULL", sql.SQL("coalesce(lower({days}), '-infinity')").format(days=_days(layer))),
        "valid_to": ("date NOT NULL", sql.SQL("coalesce(upper({days}), 'infinity')").format(days=_days(layer))),
    }
    for attribute in layer.attributes:
        told = sql.SQL("({})::{}").format(sql.SQL(attribute.expression), sql.SQL(attribute.sql_type))
        columns[attribute.name] = (attribute.sql_type, told)
    columns["shape"] = _place(shape, "ST_ForcePolygonCW({})" if is_area(layer) else "{}")
    if layer.approximate:
        columns["approximate"] = _place(sql.Identifier("row", layer.approximate))
    if layer.labelled_apart:
        columns["label"] = _place(sql.SQL("ST_PointOnSurface({})").format(shape))
    return columns


def generated(layer: Layer) -> dict[str, str]:
    """The columns that a drawn table fills by itself, by name: the type, and from what.

    clearance  of areas, Web Mercator metres
    """
    return {"clearance": _CLEARANCE} if is_area(layer) else {}


def select(layer: Layer, source: sql.Composable) -> sql.Composed:
    """SELECT of the drawn rows that rows of the register make: of those that it holds true now, of whatever day.

    source  what goes after FROM and has the register's columns; the rows come in the order of a space-filling curve
    """
    return sql.SQL(
        "SELECT {expressions} FROM {source} row {joins}"
        " WHERE {held_true} AND NOT isempty({days}) AND {on_earth} ORDER BY shape"
    ).format(
        expressions=sql.SQL(", ").join(
            sql.SQL("{} AS {}").format(expression, sql.Identifier(name))
            for name, (_type, expression) in columns_of(layer).items()
        ),
        source=source,
        joins=sql.SQL(layer.joins),
        held_true=sql.SQL(" AND ").join(
            sql.SQL("upper_inf({})").format(sql.Identifier(alias, "recorded_during")) for alias in _registers(layer)
        ),
        days=_days(layer),
        on_earth=sql.SQL(" AND ").join(
            sql.SQL("row.{} @ ST_MakeEnvelope({})").format(
                sql.Identifier(column), sql.SQL(", ").join(map(sql.Literal, (*FRAME, REGISTER_SRID)))
            )
            for column in filter(None, [layer.geometry, layer.approximate])
        ),
    )


def names_of(layer: Layer) -> sql.Composed:
    """The names of the columns, for INSERT."""
    return sql.SQL(", ").join(map(sql.Identifier, columns_of(layer)))


def _place(shape: sql.Composable, turned: str = "{}") -> tuple[str, sql.Composable]:
    transformed = sql.SQL(turned).format(sql.SQL("ST_Transform({}, {})").format(shape, sql.Literal(WEB_MERCATOR)))
    return f"geometry(Geometry, {WEB_MERCATOR}) NOT NULL", transformed


def _registers(layer: Layer) -> list[str]:
    """The aliases of the registers whose times limit a row: its own, and the joined one."""
    return ["row", layer.joined] if layer.joined else ["row"]


def _days(layer: Layer) -> sql.Composed:
    days = [sql.Identifier(alias, "valid_during") for alias in _registers(layer)]
    return sql.SQL("({})").format(sql.SQL(" * ").join(days))
