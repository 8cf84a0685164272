"""An area that somebody draws, looks at, or names: checked once where it enters, then a shape in the register's metres.

Summaries, downloads and tables all ask with `inside`, so they count the same rows.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
import psycopg
import pyproj
import shapely
from django.db import OperationalError
from django.utils.translation import gettext as _
from psycopg import sql

from gisplatform.access import Person, sights
from gisplatform.crs import COUNTRY_EXTENT, REGISTER_SRID, WGS84, to_register, to_wgs84
from gisplatform.errors import InvalidInput, NotFound
from layers.catalogue import Layer, find
from layers.formats import number
from layers.names import search_words
from layers.queries import select

MOST_CORNERS = 10_000
LEAST_AREA_M2 = 0.1
# What reaches into an area by less is a neighbour whose border was surveyed or drawn a little differently.
LEAST_OVERLAP = {"area": 0.1, "line": 0.1}  # m², m
# The sides of a view are parallels and meridians: straight on the screen, bent in the register's plane.
VIEW_STEP_DEGREES = 0.05

Extent = Literal["area", "line", "point"]
MEASURES = {"area": "ST_Area", "line": "ST_Length"}
WGS84_CRS = pyproj.CRS.from_epsg(WGS84)
SHAPE = sql.SQL("ST_GeomFromWKB(%(outline)s, %(outline_srid)s)")
_THING = re.compile(r"(\w+)/(\d{1,18})")
_PLACE_IN_REASON = re.compile(r"\[(-?[\d.e+-]+) (-?[\d.e+-]+)\]")


class TooMuch(InvalidInput):
    """A question that would take too long or give too much; that of a smaller area can be answered."""

    code = "too_much"


class CrossesItself(InvalidInput):
    """An outline whose sides cross; `at` says where, longitude and latitude."""

    code = "crosses_itself"


@dataclass(frozen=True)
class Outline:
    """An area that is asked about.

    shape  Polygon or MultiPolygon, valid, in the register's system (metres)
    kind   drawn by hand, the view of the map, or the outline of a thing in a register
    name   short words for the names of files: "" but for things
    """

    shape: Any
    kind: Literal["drawn", "view", "thing"]
    name: str = ""

    @property
    def params(self) -> dict[str, Any]:
        """The parameters of SHAPE."""
        return {"outline": shapely.to_wkb(self.shape), "outline_srid": REGISTER_SRID}

    @property
    def bounds(self) -> list[float]:
        """West, south, east, north in degrees."""
        return [round(float(side), 7) for side in to_wgs84(self.shape).bounds]


def extent_of(layer: Layer) -> Extent:
    """Whether things of a layer are areas, lines or points."""
    kind = getattr(layer.register._meta.get_field(layer.approximate or layer.geometry), "geom_type", "")
    return "area" if "POLYGON" in kind else "line" if "LINE" in kind else "point"


def inside(layer: Layer, outline: Outline) -> tuple[sql.Composable, dict[str, Any]]:
    """The condition on published columns, and its parameters, for what lies in an area, at least partly."""
    return sql.SQL("shape && {} AND {} IS NOT NULL").format(SHAPE, size_inside(layer)), outline.params


def size_inside(layer: Layer) -> sql.Composable:
    """SQL for how much of a row lies in SHAPE: m² or m, 0 for a point; null for what does not lie in it.

    Only what crosses the outline is cut; that is little, and the rest need not be.
    """
    extent = extent_of(layer)
    if extent == "point":
        return sql.SQL("CASE WHEN ST_Intersects(shape, {}) THEN 0 END").format(SHAPE)
    return sql.SQL(
        "CASE WHEN ST_CoveredBy(shape, {area}) THEN {measure}(shape) WHEN ST_Intersects(shape, {area}) THEN"
        " (SELECT CASE WHEN part >= {least} THEN part END FROM (SELECT {measure}(ST_Intersection("
        "ST_MakeValid(shape), {area})) AS part OFFSET 0) AS cut) END"  # OFFSET: to be cut once, not twice
    ).format(area=SHAPE, measure=sql.SQL(MEASURES[extent]), least=sql.Literal(LEAST_OVERLAP[extent]))


def outline_of(params: Mapping[str, Any], person: Person, on: date) -> Outline:
    """The area that a request names, by one of

    geometry  a GeoJSON Polygon or MultiPolygon in WGS 84, as text or as an object
    bbox      west, south, east, north in degrees, as text
    thing     layer and identity of something with an area that this person may see on that day, such as zones/123

    Raises InvalidInput, NotFound.
    """
    if geometry := params.get("geometry"):
        return Outline(_drawn(geometry), "drawn")
    if box := params.get("bbox"):
        return Outline(_seen(box), "view")
    if thing := params.get("thing"):
        return _thing(str(thing), person, on)
    raise InvalidInput(_("Say which area is meant: draw one, or take the view of the map."), field="geometry")


def _drawn(geometry: Any) -> Any:
    """A drawn polygon in the register's system. Raises InvalidInput, CrossesItself."""
    if isinstance(geometry, str):
        try:
            geometry = json.loads(geometry)
        except (ValueError, RecursionError):
            geometry = None
    try:
        rings = {"Polygon": lambda rings: [rings], "MultiPolygon": list}[geometry["type"]](geometry["coordinates"])
        corners = [np.asarray(ring, dtype=float) for polygon in rings for ring in polygon]
        # A polygon may be empty, and JSON as Python reads it knows numbers that are none.
        well_formed = all(rings) and all(
            ring.ndim == 2 and ring.shape[1] in (2, 3) and len(ring) > 3 and np.isfinite(ring).all() for ring in corners
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        well_formed = False
    if not well_formed or not corners:
        raise InvalidInput(
            _("The area must be a polygon of at least three corners in WGS 84 (GeoJSON)."), field="geometry"
        )
    return checked_area(shapely.multipolygons([_polygon(polygon) for polygon in rings]), sum(map(len, corners)))


def _polygon(rings: list[Any]) -> Any:
    shell, *holes = [np.asarray(ring, dtype=float)[:, :2] for ring in rings]
    return shapely.Polygon(shell, holes)


def checked_area(shape: Any, corners: int) -> Any:
    """A polygon in WGS 84 as a valid one in the register's system. Raises InvalidInput, CrossesItself."""
    if corners > MOST_CORNERS:
        raise InvalidInput(
            _("The outline has %(corners)s corners; %(most)s are the most. Draw it with fewer.")
            % {"corners": number(corners), "most": number(MOST_CORNERS)},
            field="geometry",
        )
    check_in_country(shapely.get_coordinates(shape))
    metric = to_register(shape, WGS84_CRS)
    if not shapely.is_valid(metric):
        raise crosses_itself(metric)
    if metric.area < LEAST_AREA_M2:
        raise InvalidInput(_("The area has no size. Draw at least three corners apart from each other."))
    return metric


def check_in_country(positions: np.ndarray) -> None:
    """Raise InvalidInput unless all positions (n, 2), degrees, lie on the map of the country."""
    west, south, east, north = COUNTRY_EXTENT
    lon, lat = positions[:, 0], positions[:, 1]
    if not np.all((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)):  # false for what is no number, too
        raise InvalidInput(_("That lies outside Viet Nam: longitude and latitude in WGS 84 are meant."))


def crosses_itself(shape: Any) -> CrossesItself:
    """The error for an invalid polygon of the register's system; it says where, as far as that is known."""
    found = _PLACE_IN_REASON.search(shapely.is_valid_reason(shape))
    at = to_wgs84(shapely.Point(float(found[1]), float(found[2]))) if found else None
    message = _("The outline crosses or touches itself. Move or take back a corner there.")
    return CrossesItself(message, **({"at": [round(at.x, 7), round(at.y, 7)]} if at and math.isfinite(at.x) else {}))


def _seen(box: Any) -> Any:
    """The view of a map, as far as it shows the country, in the register's system. Raises InvalidInput."""
    try:
        west, south, east, north = (float(side) for side in str(box).split(","))
    except ValueError:
        west = south = east = north = math.nan
    if not (west < east and south < north):
        raise InvalidInput(_("The view is given as west,south,east,north in degrees."), field="bbox")
    seen = shapely.intersection(shapely.box(west, south, east, north), shapely.box(*COUNTRY_EXTENT))
    if seen.area == 0:
        raise InvalidInput(_("That lies outside Viet Nam: longitude and latitude in WGS 84 are meant."), field="bbox")
    return to_register(shapely.segmentize(seen, VIEW_STEP_DEGREES), WGS84_CRS)


def _thing(text: str, person: Person, on: date) -> Outline:
    """The outline of something in a register. Raises NotFound where this person sees no such thing on that day."""
    named = _THING.fullmatch(text)
    layer = find(named[1]) if named else None
    missing = NotFound(_("There is no such thing on the map on this day."))
    if not named or layer is None or not sights(layer.access, person) or extent_of(layer) != "area":
        raise missing
    wanted = sql.SQL("id = %(identity)s")
    shape = {"outline": sql.SQL("ST_AsBinary(shape)")}
    rows = select(layer, person, where=wanted, params={"identity": int(named[2])}, extra=shape, limit=1, on=on)
    if not rows:
        raise missing
    told = next((str(rows[0][name]) for name in ("name", "code", "title") if rows[0].get(name)), named[2])
    return Outline(shapely.make_valid(shapely.from_wkb(bytes(rows[0]["outline"]))), "thing", told)


@contextmanager
def answered_in_time() -> Iterator[None]:
    """A question that the database breaks off because it takes too long raises TooMuch."""
    try:
        yield
    except OperationalError as exc:
        if isinstance(exc.__cause__, psycopg.errors.QueryCanceled):
            raise TooMuch(_("There is too much in this area to answer in time. Choose a smaller area.")) from None
        raise


def slug(text: str) -> str:
    """A text as part of a file's name: small letters without tone marks, digits and hyphens."""
    return "-".join("".join(letter for letter in word if letter.isascii()) for word in search_words(text))[:60]
