"""One search over what people look for on the map: parcels, positions, streets, administrative units.

Every hit comes through layers.queries.select, so a search finds nothing that the person could not see on the map.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely
from django.utils.translation import gettext as _
from psycopg import sql

from gisplatform.access import Person
from gisplatform.crs import (
    REGISTER_SRID,
    REGISTER_ZONE,
    ZONES,
    Zone,
    to_wgs84,
    wgs84_to_register,
    zone_to_wgs84,
)
from layers import positions
from layers.catalogue import find, value_words
from layers.formats import area, number
from layers.names import search_words, telling_words
from layers.parcels import queries as cadastre
from layers.parcels import references
from layers.queries import select

LONGEST_TEXT = 200
# A street is many rows, one between each two crossings; so many are read to find the streets that differ by name.
STREET_ROWS = 300
# A position is offered in a meridian that is not the register's own only where there is data this near.
NEAR_M = 200.0

# Where a hit is on the map.
SPOT = {
    "point": sql.SQL("ST_AsBinary(ST_PointOnSurface(shape))"),
    "box": sql.SQL("ST_AsBinary(ST_Envelope(shape))"),
}


@dataclass(frozen=True)
class Found:
    """One hit. position and bounds (west, south, east, north) are degrees of WGS 84."""

    kind: Literal["parcel", "position", "street", "unit"]
    title: str
    subtitle: str
    position: tuple[float, float]
    bounds: tuple[float, float, float, float] | None = None
    code: str | None = None


def search(text: str, person: Person, limit: int = 10) -> list[Found]:
    """What the text may mean, likeliest first, at most `limit` of each kind; texts in the language of the visitor."""
    text = text.replace("\x00", "").strip()[:LONGEST_TEXT]
    if not text:
        return []
    at_position = _positions(text, person, limit)
    parcels = _parcels(text, person, limit)
    named = [] if at_position or parcels else [*_streets(text, person, limit), *_units(text, person, limit)]
    return list(dict.fromkeys([*at_position, *parcels, *named]))


# Positions


def _positions(text: str, person: Person, limit: int) -> list[Found]:
    """The position itself, and the parcels there."""
    found: list[Found] = []
    for spot in positions.parse(text):
        readings = _degrees(spot, person) if isinstance(spot, positions.Degrees) else _metres(spot, person)
        for hit in readings[:limit]:
            place = wgs84_to_register(*hit.position)
            parcels = cadastre.at(place, person, extra=SPOT) if _finite(place) else []
            found += [hit, *_parcel_hits(parcels, person)]
    return found


def _degrees(spot: positions.Degrees, person: Person) -> list[Found]:
    if not positions.in_country(spot) and not _data_near(wgs84_to_register(spot.lon, spot.lat), person):
        return []
    title = f"{spot.lat:.6f}, {spot.lon:.6f}"
    return [Found("position", title, _("WGS 84, latitude and longitude"), (spot.lon, spot.lat))]


def _metres(spot: positions.Metres, person: Person) -> list[Found]:
    """The position in the register's own zone; where no data is there, in the zones in which there is some."""
    own = _in_zone(spot, REGISTER_ZONE)
    if _data_near((spot.easting, spot.northing), person):
        return [own] if own else []
    others = []
    for zone in sorted(ZONES.values(), key=lambda zone: abs(zone.meridian - REGISTER_ZONE.meridian)):
        hit = _in_zone(spot, zone) if zone != REGISTER_ZONE else None
        if hit and _data_near(wgs84_to_register(*hit.position), person):
            others.append(hit)
    return others or ([own] if own else [])


def _in_zone(spot: positions.Metres, zone: Zone) -> Found | None:
    lon, lat = zone_to_wgs84(zone, spot.easting, spot.northing)
    if not positions.in_country(positions.Degrees(lon, lat)):
        return None
    title = _("E %(easting)s; N %(northing)s") % {
        "easting": number(spot.easting, 2),
        "northing": number(spot.northing, 2),
    }
    if zone == REGISTER_ZONE:
        subtitle = zone.name
    else:
        subtitle = _("if meant in %(zone)s; the register's own zone is %(own)s") % {
            "zone": zone.name,
            "own": REGISTER_ZONE.name,
        }
    return Found("position", title, subtitle, (lon, lat))


def _data_near(place: tuple[float, float], person: Person) -> bool:
    """Whether an administrative unit or a parcel is at or near a place (easting, northing of the register)."""
    if not _finite(place):
        return False
    near = sql.SQL("shape && ST_Expand(ST_SetSRID(ST_MakePoint(%(easting)s, %(northing)s), %(srid)s), %(near)s)")
    params = {"easting": place[0], "northing": place[1], "srid": REGISTER_SRID, "near": NEAR_M}
    return any(_rows(key, person, near, params, limit=1) for key in ("administrative_units", "parcels"))


def _finite(place: tuple[float, float]) -> bool:
    return all(math.isfinite(value) for value in place)


# Parcels


def _parcels(text: str, person: Person, limit: int) -> list[Found]:
    """Parcels by public code, by sheet and number, and by numbers that they or their predecessors bore once."""
    written = sql.SQL("code = ANY(%(codes)s)")
    found = _parcel_hits(
        cadastre.parcels(person, written, {"codes": [text, text.upper()]}, limit=limit, extra=SPOT), person
    )
    for reference in references.parse(text):
        communes = _communes(reference.place, person)
        asked: dict[str, Any] = {"communes": communes, "extra": SPOT}
        found += _parcel_hits(cadastre.by_reference(reference, person, limit=limit, **asked), person)
        once = {"sheet": reference.sheet, "number": reference.number}
        found += _parcel_hits(
            cadastre.by_old_reference(reference, person, limit=limit, **asked),
            person,
            _("was parcel %(number)s, sheet %(sheet)s before the re-survey") % once,
        )
        found += _parcel_hits(
            cadastre.successors(reference, person, **asked),
            person,
            _("came from parcel %(number)s, sheet %(sheet)s") % once,
        )
        if found:
            break
    first = {hit.code: hit for hit in reversed(found)}
    return sorted(first.values(), key=found.index)[:limit]


def _parcel_hits(rows: Sequence[dict[str, Any]], person: Person, remark: str = "") -> list[Found]:
    communes = unit_names({row["commune_code"] for row in rows}, person)
    hits = []
    for row, (position, bounds) in zip(rows, _placed(rows), strict=True):
        size = row["area_document_m2"] or row["area_measured_m2"]
        subtitle = [communes.get(row["commune_code"], row["commune_code"]), row["land_use"], area(size), remark]
        hits.append(
            Found(
                "parcel",
                _("Parcel %(number)s, sheet %(sheet)s") % {"number": row["number"], "sheet": row["sheet"]},
                " · ".join(part for part in subtitle if part),
                position,
                bounds,
                row["code"],
            )
        )
    return hits


def _communes(place: str, person: Person) -> list[str]:
    """Codes of the communes of that name; empty when the words name none."""
    return [row["code"] for row in _named("administrative_units", place, person, 20)] if place else []


# Names


def _streets(text: str, person: Person, limit: int) -> list[Found]:
    by_name: dict[str, list[dict[str, Any]]] = {}
    for row in _named("streets", text, person, STREET_ROWS):
        by_name.setdefault(row["name"], []).append(row)
    hits = []
    for name, rows in list(by_name.items())[:limit]:
        placed = _placed(rows)
        boxes = np.array([bounds for _position, bounds in placed])
        west, south = boxes[:, :2].min(axis=0).tolist()
        east, north = boxes[:, 2:].max(axis=0).tolist()
        street_class = value_words("streets", "street_class", rows[0]["street_class"])
        hits.append(Found("street", name, street_class, placed[0][0], (west, south, east, north)))
    return hits


def _units(text: str, person: Person, limit: int) -> list[Found]:
    rows = _named("administrative_units", text, person, limit)
    above = unit_names({row["parent_code"] for row in rows}, person)
    hits = []
    for row, (position, bounds) in zip(rows, _placed(rows), strict=True):
        subtitle = [row["kind"], above.get(row["parent_code"], ""), row["code"]]
        hits.append(Found("unit", row["name"], " · ".join(part for part in subtitle if part), position, bounds))
    return hits


def _named(key: str, text: str, person: Person, limit: int) -> Sequence[dict[str, Any]]:
    """Rows of a layer whose name has all words of the text, in any order and without tone marks.

    Where none has them all, words that only say the kind of thing are left out: the register may not write `Đường`.
    """
    words = search_words(text)
    for wanted in dict.fromkeys([tuple(words), tuple(telling_words(words))]):
        if not wanted or max(map(len, wanted)) < 2:
            continue
        like = {f"word{at}": f"%{word}%" for at, word in enumerate(wanted)}
        where = sql.SQL(" AND ").join(
            sql.SQL("search_key(name) LIKE {}").format(sql.Placeholder(word)) for word in like
        )
        whole = " ".join(wanted)
        # Names that have the words as typed first, and of those the ones with least besides.
        order_by = sql.SQL("search_key(name) NOT LIKE %(whole)s, length(name), name, id")
        params = {**like, "whole": f"%{whole}%"}
        if rows := _rows(key, person, where, params, limit=limit, order_by=order_by):
            return rows
    return []


def unit_names(codes: set[str], person: Person) -> dict[str, str]:
    """The names of today's administrative units of these codes."""
    wanted = sorted(codes - {""})
    if not wanted:
        return {}
    rows = _rows("administrative_units", person, sql.SQL("code = ANY(%(codes)s)"), {"codes": wanted})
    return {row["code"]: row["name"] for row in rows}


# Rows and where they are


def _rows(
    key: str, person: Person, where: sql.Composable, params: Mapping[str, Any], **options: Any
) -> Sequence[dict[str, Any]]:
    layer = find(key)
    assert layer is not None
    return select(layer, person, where=where, params=params, extra=SPOT, **options)


def _placed(rows: Sequence[dict[str, Any]]) -> list[tuple[tuple[float, float], tuple[float, float, float, float]]]:
    """A position on each row's shape and the bounds around it, in degrees."""
    if not rows:
        return []
    points = to_wgs84(shapely.from_wkb([bytes(row["point"]) for row in rows]))
    boxes = shapely.bounds(to_wgs84(shapely.from_wkb([bytes(row["box"]) for row in rows]))).tolist()
    spots = zip(shapely.get_x(points).tolist(), shapely.get_y(points).tolist(), strict=True)
    return [(spot, tuple(box)) for spot, box in zip(spots, boxes, strict=True)]
