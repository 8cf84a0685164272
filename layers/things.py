"""One thing by its layer and identity, and all things at one place: what a click on the map asks.

Everything comes through layers.queries.select, so a thing is told to whoever sees it on the map and to nobody else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import shapely
from django.db import connection
from django.utils.translation import gettext as _
from psycopg import sql

from gisplatform import clock
from gisplatform.access import Person, row_condition, sees_exactly, sights
from gisplatform.crs import REGISTER_SRID, to_wgs84, wgs84_to_register
from gisplatform.errors import NotFound
from layers.catalogue import Layer, find, layers
from layers.publishing import SCHEMA
from layers.queries import select

# A line or a point counts as "at" a place within so many metres: what a finger hits at the closest zooms.
REACH_M = 3.0
# Where cameras stand is told to the citizen as a square of 250 m of the register's grid; half its side.
APPROXIMATE_REACH_M = 125.0
MOST_OF_A_LAYER = 20
# People ask about the land first, then about what lies on and over it, then about what lies in and around it.
ORDER = (
    "parcels", "zones", "buildings", "addresses", "streets", "places", "plan_lines", "plans",
    "network_nodes", "network_edges", "cameras",
)  # fmt: skip
LAST = "administrative_units"  # behind everything: each place lies in some
# What has effect first, then what may come, and what no longer has any.
STATES = ("adopted", "consultation", "appraisal", "draft", "superseded", "withdrawn")
# A street is its whole width between the red lines, and no street here is wider than twice this.
HALF_WIDEST_M = 60.0
LARGEST_IDENTITY = 2**63 - 1

SPOT = {
    # Of a line PostGIS gives an end; its middle tells better where it is.
    "point": sql.SQL(
        "ST_AsBinary(CASE ST_Dimension(shape) WHEN 1 THEN ST_ClosestPoint(shape, ST_Centroid(shape))"
        " ELSE ST_PointOnSurface(shape) END)"
    ),
    "box": sql.SQL("ST_AsBinary(ST_Envelope(shape))"),
    "length_m": sql.SQL("CASE ST_Dimension(shape) WHEN 1 THEN ST_Length(shape) END"),
    "area_m2": sql.SQL("CASE ST_Dimension(shape) WHEN 2 THEN ST_Area(shape) END"),
    "valid_from": sql.SQL("lower(valid_during)"),
}
HALF_WIDTH = sql.SQL("GREATEST(%(near)s, LEAST(COALESCE(width_m, 0) / 2, %(farthest)s))")


@dataclass(frozen=True)
class Thing:
    """One thing of one layer on one day, as this person may see it.

    properties   the published attributes, as a tile carries them
    position     a place on it; longitude and latitude of WGS 84
    bounds       west, south, east, north in degrees of WGS 84
    place        the same position as easting and northing of the register, metres
    length_m     of a line; area_m2 of a surface; measured in the register's system
    exact        whether the position is the exact one
    """

    layer: Layer
    id: int
    as_of: date
    properties: Mapping[str, Any]
    position: tuple[float, float]
    bounds: tuple[float, float, float, float]
    place: tuple[float, float]
    length_m: float | None
    area_m2: float | None
    valid_from: date | None
    exact: bool


@dataclass(frozen=True)
class Days:
    """The days on which one version of a thing has effect: from the first, until the day before `until` or for good."""

    first: date | None
    until: date | None

    @property
    def last(self) -> date | None:
        """The last day on which it has effect."""
        return self.until and self.until - timedelta(days=1)


class ThingNotFound(NotFound):
    """No such thing on that day that this person may see; `days` are those on which there is one."""

    def __init__(self, message: str, days: list[Days], nearest: date | None) -> None:
        self.days = days
        self.nearest = nearest
        super().__init__(message, **({"day": nearest.isoformat()} if nearest else {}))


def layer_of(key: str, person: Person) -> Layer:
    """The layer of that key. Raises NotFound alike for one that is not and one that is not for this person."""
    layer = find(key)
    if layer is None or not sights(layer.access, person):
        raise NotFound(_("There is nothing of that kind on the map."))
    return layer


def thing(key: str, identity: int, person: Person, on: date | None = None) -> Thing:
    """One thing on a day (today). Raises ThingNotFound, which knows the days on which there is one."""
    layer = layer_of(key, person)
    on = on or clock.today()
    rows: Sequence[dict[str, Any]] = []
    if identity <= LARGEST_IDENTITY:
        # Small numbers would arrive as smallint, for which the index on identities is blind.
        where = sql.SQL("id = %(identity)s::bigint")
        rows = select(layer, person, where=where, params={"identity": identity}, extra=SPOT, on=on, limit=1)
    if not rows:
        raise _not_found(layer, identity, person, on)
    return things_of(layer, rows, person, on)[0]


def days_of(layer: Layer, identity: int, person: Person) -> list[Days]:
    """When there was and will be a thing, as far as this person may see it; oldest first, days that join as one."""
    restriction = row_condition(layer.access, person)
    if restriction is None or identity > LARGEST_IDENTITY:
        return []
    condition, allowed = restriction
    during = " * ".join(["valid_during", *(["joined_valid_during"] if layer.joined else [])])
    query = sql.SQL(
        "SELECT lower(days), upper(days) FROM (SELECT unnest(range_agg({during})) AS days FROM {view}"
        " WHERE id = %(identity)s::bigint AND {held} AND {condition}) AS told ORDER BY days"
    ).format(
        during=sql.SQL(during),
        view=sql.Identifier(SCHEMA, layer.key),
        held=sql.SQL(layer.held_true),
        condition=condition,
    )
    with connection.cursor() as cursor:
        cursor.execute(query, {**allowed, "identity": identity})
        return [Days(*row) for row in cursor.fetchall()]


def _not_found(layer: Layer, identity: int, person: Person, on: date) -> ThingNotFound:
    """Why there is no such thing on a day, in a sentence, and the day nearest to it on which there is."""
    days = days_of(layer, identity, person)
    written = f"{on:%d/%m/%Y}"
    ended = [found.last for found in days if found.last and found.last < on]
    begins = [found.first for found in days if found.first and found.first > on]
    if ended:
        message = _("This was in the register until %(last)s; on %(day)s it is not there any more.")
        return ThingNotFound(message % {"last": f"{max(ended):%d/%m/%Y}", "day": written}, days, max(ended))
    if begins:
        message = _("This is in the register from %(first)s on; on %(day)s it is not there yet.")
        return ThingNotFound(message % {"first": f"{min(begins):%d/%m/%Y}", "day": written}, days, min(begins))
    return ThingNotFound(_("The register has nothing of that number."), [], None)


def things_at(lon: float, lat: float, person: Person, on: date | None = None) -> list[Thing]:
    """Everything at a place (degrees of WGS 84) of all layers that this person may see, what people ask about first.

    Surfaces count where they hold the place, lines and points within REACH_M metres, a street as far as it is wide. A
    position that is not told exactly counts where the place lies in its square. Where no parcel is, a street that has a
    name comes first: who asks there means it rather than the zone for traffic that it lies in.
    """
    on = on or clock.today()
    easting, northing = wgs84_to_register(lon, lat)
    found: list[Thing] = []
    for layer in sorted(layers(), key=rank):
        if not sights(layer.access, person):
            continue
        near = REACH_M if sees_exactly(layer.access, person) or not layer.approximate else APPROXIMATE_REACH_M
        is_street = layer.key == "streets"
        params = {
            "easting": easting,
            "northing": northing,
            "srid": REGISTER_SRID,
            "near": near,
            "farthest": HALF_WIDEST_M if is_street else near,
            "states": list(STATES),
        }
        place = sql.SQL("ST_SetSRID(ST_MakePoint(%(easting)s, %(northing)s), %(srid)s)")
        # A surface that only comes near is the neighbour's.
        where = sql.SQL(
            "shape && ST_Expand({place}, %(farthest)s)"
            " AND ST_DWithin(shape, {place}, CASE ST_Dimension(shape) WHEN 2 THEN 0 ELSE {reach} END)"
        ).format(place=place, reach=HALF_WIDTH if is_street else sql.SQL("%(near)s"))
        # The commune before its province, the local plan before that of the whole city.
        nearest = sql.SQL("ST_Distance(shape, {}), ST_Area(shape), id").format(place)
        if any(attribute.name == "state" for attribute in layer.attributes):
            nearest = sql.SQL("array_position(%(states)s::text[], state::text), ") + nearest
        rows = select(
            layer, person, where=where, params=params, extra=SPOT, order_by=nearest, on=on, limit=MOST_OF_A_LAYER
        )
        found += things_of(layer, rows, person, on)
    if any(each.layer.key == "parcels" for each in found):
        return found
    return sorted(found, key=lambda each: not (each.layer.key == "streets" and each.properties["name"]))


def rank(layer: Layer) -> int:
    """The place of a layer among what a click tells."""
    if layer.key == LAST:
        return len(ORDER) + 1
    return ORDER.index(layer.key) if layer.key in ORDER else len(ORDER)


def things_of(layer: Layer, rows: Any, person: Person, on: date) -> list[Thing]:
    """Rows of `select` with SPOT as things."""
    if not rows:
        return []
    exact = sees_exactly(layer.access, person) or not layer.approximate
    points = shapely.from_wkb([bytes(row.pop("point")) for row in rows])
    spots = to_wgs84(points)
    boxes = shapely.bounds(to_wgs84(shapely.from_wkb([bytes(row.pop("box")) for row in rows]))).tolist()
    return [
        Thing(
            layer=layer,
            id=row.pop("id"),
            as_of=on,
            position=(float(spot.x), float(spot.y)),
            bounds=tuple(box),
            place=(float(point.x), float(point.y)),
            length_m=row.pop("length_m"),
            area_m2=row.pop("area_m2"),
            valid_from=row.pop("valid_from"),
            exact=exact,
            properties=row,
        )
        for row, point, spot, box in zip(rows, points, spots, boxes, strict=True)
    ]
