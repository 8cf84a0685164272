"""What a download holds: the rows of one layer in an area, as this person sees them on a day, with what they mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from psycopg import sql

from accounts.models import User
from gisplatform.access import Person, row_condition, sees_exactly
from gisplatform.crs import REGISTER_ZONE
from gisplatform.errors import NotFound
from layers.catalogue import Attribute, Layer, find, words
from layers.formats import number
from layers.outlines import SHAPE, Extent, Outline, TooMuch, answered_in_time, extent_of, size_inside, slug
from layers.publishing import SCHEMA

LIMIT = 200_000  # rows of one download
# Text that a spreadsheet would take for a formula, however it is disguised.
FORMULA = r"^\s*[=+\-@＝＋－＠]|^[\t\r\n]"


@dataclass(frozen=True)
class Field:
    """One column: its name for programs, its title for people, SQL on the row, and its words for codes."""

    name: str
    title: str
    type: str
    expression: sql.Composable
    unit: str = ""
    values: Sequence[tuple[str, str]] = ()

    @property
    def heading(self) -> str:
        """The title with its unit."""
        return f"{self.title} ({self.unit})" if self.unit else self.title


@dataclass(frozen=True)
class Download:
    """The rows of one layer in an area, for one person, on one day.

    source  the address of the platform, for the attribution
    """

    layer: Layer
    outline: Outline
    person: Person
    on: date
    source: str

    @property
    def exact(self) -> bool:
        """Whether positions are the exact ones."""
        return sees_exactly(self.layer.access, self.person)

    @property
    def extent(self) -> Extent:
        """Whether the rows are areas, lines or points."""
        return extent_of(self.layer)

    @property
    def fields(self) -> list[Field]:
        """The columns but for the position: the identity, the published attributes, and the part that lies inside."""
        told = self.layer.visible_attributes(self.exact)
        fields = [Field("id", _("Number in the register"), "int", sql.Identifier("id"))]
        fields += [_field(attribute) for attribute in told]
        if self.outline.kind != "view" and self.extent != "point":
            name, title, unit = (
                ("inside_m2", _("Part inside the area"), "m²")
                if self.extent == "area"
                else ("inside_m", _("Part inside the area"), "m")
            )
            fields.append(Field(name, title, "float", sql.SQL("round(inside::numeric, 3)::float8"), unit))
        return fields

    def rows(self, columns: Sequence[sql.Composable]) -> tuple[sql.Composed, dict[str, Any]]:
        """The query for columns of the rows, in the order of their identity, and its parameters.

        columns  expressions on published columns, on `shape` and on `inside`, the size that lies in the area
        """
        condition, params = self._condition()
        query = sql.SQL(
            "SELECT {columns} FROM (SELECT * FROM (SELECT *, {size} AS inside FROM {rows} WHERE {condition} OFFSET 0)"
            " AS near WHERE inside IS NOT NULL ORDER BY id OFFSET 0) AS row"  # OFFSET: what is said once is done once
        ).format(
            columns=sql.SQL(", ").join(columns), size=size_inside(self.layer), rows=self._seen(), condition=condition
        )
        return query, params

    def count(self) -> int:
        """How many rows there are. Raises TooMuch for more than LIMIT, or for more than can be counted in time."""
        condition, params = self._condition()
        query = sql.SQL(
            "SELECT count(*) FROM (SELECT FROM {rows} WHERE {condition} AND {size} IS NOT NULL LIMIT {limit}) AS found"
        ).format(rows=self._seen(), condition=condition, size=size_inside(self.layer), limit=sql.Literal(LIMIT + 1))
        with answered_in_time(), connection.cursor() as cursor:
            cursor.execute(query, params)
            (count,) = cursor.fetchone()
        if count > LIMIT:
            raise TooMuch(
                _("There are more than %(limit)s rows in this area. Choose a smaller area, or download it in parts.")
                % {"limit": number(LIMIT)},
                limit=LIMIT,
            )
        return count

    def _seen(self) -> sql.Composable:
        # The inner select names the position `shape`, so that nobody can ask for the exact one by mistake.
        return sql.SQL("(SELECT *, {position} AS shape FROM {view}) AS published").format(
            position=sql.Identifier(self.layer.geometry_column(self.exact)),
            view=sql.Identifier(SCHEMA, self.layer.key),
        )

    def _condition(self) -> tuple[sql.Composable, dict[str, Any]]:
        restriction = row_condition(self.layer.access, self.person)
        assert restriction is not None  # or there would be no download, see `layer_for`
        condition = sql.SQL("shape && {} AND {} AND {}").format(SHAPE, sql.SQL(self.layer.in_effect()), restriction[0])
        return condition, {**self.outline.params, **restriction[1], "on": self.on}

    def filename(self, ending: str) -> str:
        """Layer, area and day: thua-dat_vung-ve_2026-11-22.csv. What is made up says so."""
        area = {"drawn": _("drawn area"), "view": _("map view"), "thing": self.outline.name}[self.outline.kind]
        parts = [slug(words(self.layer.title)), slug(area), self.on.isoformat(), "demo" if demo_data() else ""]
        return "_".join(filter(None, parts)) + f".{ending}"

    def about(self) -> dict[str, str]:
        """What goes with the rows wherever a format has a place for it."""
        told = {
            "title": words(self.layer.title),
            "as_of": self.on.isoformat(),
            "attribution": f"{_('Land and planning')}, {self.source}",
            "terms": settings.DATA_TERMS or _("Ask the authority that runs this platform before passing this on."),
            "register_crs": f"EPSG:{REGISTER_ZONE.epsg} ({REGISTER_ZONE.name})",
        }
        if not self.exact:
            told["precision"] = _("Positions are approximate.")
        if demo_data():
            told["note"] = _("Demonstration data: the town and everything in it are invented.")
        return told


def layer_for(key: str, person: Person) -> Layer:
    """The layer of that key. Raises NotFound where there is none, or none for this person: they look alike."""
    layer = find(key)
    if layer is None or row_condition(layer.access, person) is None:
        raise NotFound(_("There is no layer “%(key)s”.") % {"key": key[:60]})
    return layer


def demo_data() -> bool:
    """Whether the rows are those of the demo city, told by its accounts."""
    return User.objects.filter(is_demo=True).exists()


def _field(attribute: Attribute) -> Field:
    return Field(
        attribute.name,
        words(attribute.title, get_language()),
        attribute.type,
        sql.Identifier(attribute.name),
        attribute.unit,
        [(value, words(title)) for value, title in attribute.values.items()],
    )


def feature(download: Download) -> sql.Composable:
    """SQL for a row as a GeoJSON feature: WGS 84 to a millimetre, rings as RFC 7946 wants them."""
    properties = sql.SQL(", ").join(
        sql.SQL("{}, {}").format(_literal(field.name), field.expression)
        for field in download.fields
        if field.name != "id"
    )
    return sql.SQL(
        "json_build_object('type', 'Feature', 'id', id, 'geometry',"
        " ST_AsGeoJSON(ST_ForcePolygonCCW(ST_Transform(shape, 4326)), 8)::json,"
        " 'properties', json_build_object({}))::text"
    ).format(properties)


def csv_line(download: Download) -> sql.Composable:
    """SQL for a row as a line for a spreadsheet: words for codes, a position in both systems, the shape in metres."""
    cells = [_cell(field) for field in download.fields]
    place = "shape" if download.extent == "point" else "ST_PointOnSurface(shape)"
    lonlat = f"ST_Transform({place}, 4326)"
    cells += [
        sql.SQL(f"round(ST_{axis}({at})::numeric, {digits})::text")
        for axis, at, digits in (("X", lonlat, 8), ("Y", lonlat, 8), ("Y", place, 3), ("X", place, 3))
    ]
    if download.extent != "point":
        cells.append(sql.SQL("'\"' || ST_AsText(shape, 3) || '\"'"))
    return sql.SQL("concat_ws(',', {})").format(
        sql.SQL(", ").join(sql.SQL("coalesce({}, '')").format(cell) for cell in cells)
    )


def csv_heading(download: Download) -> str:
    """The first line: titles in the visitor's language. Surveyors call the northing X and the easting Y."""
    titles = [field.heading for field in download.fields]
    titles += [_("Longitude (WGS 84)"), _("Latitude (WGS 84)")]
    titles += [_("X north (m, %(crs)s)") % {"crs": REGISTER_ZONE.name}]
    titles += [_("Y east (m, %(crs)s)") % {"crs": REGISTER_ZONE.name}]
    if download.extent != "point":
        titles.append("WKT")  # so called, it is read as the shape
    return ",".join('"' + title.replace('"', '""') + '"' for title in titles)


def _cell(field: Field) -> sql.Composable:
    """SQL for one cell. Text stands in quotes; what a spreadsheet would run as a formula gets an apostrophe first."""
    if field.type in ("int", "float") and not field.values:
        return sql.SQL("({})::text").format(field.expression)
    if field.type == "bool":
        words_for = sql.SQL("CASE WHEN {} THEN {} ELSE {} END")
        return words_for.format(field.expression, _literal(_("yes")), _literal(_("no")))
    text: sql.Composable = sql.SQL("({})::text").format(field.expression)
    if field.values:
        cases = [sql.SQL("WHEN {} THEN {}").format(_literal(code), _literal(said)) for code, said in field.values]
        text = sql.SQL("CASE {text} {cases} ELSE {text} END").format(text=text, cases=sql.SQL(" ").join(cases))
    return sql.SQL(
        """'"' || replace(CASE WHEN {text} ~ {formula} THEN '''' || {text} ELSE {text} END, '"', '""') || '"'"""
    ).format(text=text, formula=sql.Literal(FORMULA))


def _literal(text: str) -> sql.Composable:
    """A text inside a query that has parameters, where a single % would begin one."""
    return sql.Literal(text.replace("%", "%%"))
