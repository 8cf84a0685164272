"""Positions as people type them, and the parcels there."""

import math
from dataclasses import replace

from django.utils.translation import gettext as _

from gisplatform.crs import REGISTER_ZONE, ZONES, Zone, wgs84_to_register, zone_to_wgs84
from layers import positions
from layers.formats import number
from layers.parcels import queries as cadastre
from layers.search.found import AMONG, AS_FOUND, AT_ONE_OF, SPOT, Asked, Found, among, rows, several
from layers.search.parcels import hits

# A position is offered in a meridian that is not the register's own only where there is data this near, in metres.
NEAR_M = 200.0
# A deployment has one zone; two or three meet where provinces do.
MOST_ZONES = 4


def at_positions(asked: Asked) -> list[Found]:
    """Each position that the text may mean, with the parcels there behind it."""
    candidates = [hit for spot in positions.parse(asked.text) for hit in _readings(spot)]
    if not candidates:
        return []
    near = _near_data(candidates, asked)
    chosen = [hit for hit, has_data in zip(candidates, near, strict=True) if has_data][:MOST_ZONES]
    # Where nothing is near any of them, the plainest reading stands, if it lies in the country at all.
    chosen = chosen or [replace(hit, rank=1) for hit in candidates[:1] if _in_country(hit)]
    found: list[Found] = []
    for hit in chosen:
        there = cadastre.at(hit.place, asked.person, extra=SPOT) if hit.place else []
        found += [hit, *hits([(row, "") for row in there], asked)]
    return found


def _readings(spot: positions.Degrees | positions.Metres) -> list[Found]:
    """The position in degrees, or in each zone, the register's own first; only what can be placed on the register."""
    if isinstance(spot, positions.Degrees):
        found = [Found("position", f"{spot.lat:.6f}, {spot.lon:.6f}", _("WGS 84, latitude and longitude"),
                       (spot.lon, spot.lat))]  # fmt: skip
    else:
        zones = sorted(
            ZONES.values(), key=lambda zone: (zone != REGISTER_ZONE, abs(zone.meridian - REGISTER_ZONE.meridian))
        )
        found = [_in_zone(spot, zone) for zone in zones if spot.meridian is None or _is(zone, spot.meridian)]
        found = [hit for hit in found if _in_country(hit)]
    placed = [replace(hit, place=wgs84_to_register(*hit.position)) for hit in found]
    return [hit for hit in placed if hit.place and all(map(math.isfinite, hit.place))]


def _is(zone: Zone, meridian: float) -> bool:
    return abs(zone.meridian - meridian) < 0.01


def _in_country(hit: Found) -> bool:
    return positions.in_country(positions.Degrees(*hit.position))


def _in_zone(spot: positions.Metres, zone: Zone) -> Found:
    title = _("E %(easting)s; N %(northing)s") % {
        "easting": number(spot.easting, 2),
        "northing": number(spot.northing, 2),
    }
    if zone == REGISTER_ZONE or spot.meridian is not None:
        subtitle = zone.name
    else:
        subtitle = _("if meant in %(zone)s; the register's own zone is %(own)s") % {
            "zone": zone.name,
            "own": REGISTER_ZONE.name,
        }
    return Found("position", title, subtitle, zone_to_wgs84(zone, spot.easting, spot.northing))


def _near_data(candidates: list[Found], asked: Asked) -> list[bool]:
    """Whether an administrative unit or a parcel is at or near each; one statement for units, one for parcels."""
    params = {**several(hit.place for hit in candidates if hit.place), "reach": NEAR_M}
    near = [False] * len(candidates)
    for key in ("administrative_units", "parcels"):
        for row in rows(key, asked.person, AT_ONE_OF, params, limit=500, order_by=AS_FOUND, extra=AMONG):
            for nth, _metres in among(row):
                near[nth] = True
        if any(near):
            break
    return near
