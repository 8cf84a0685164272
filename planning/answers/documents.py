"""The answer as a JSON document, and the addresses of answers and of the map."""

from typing import Any
from urllib.parse import quote

from django.urls import reverse

from gisplatform import clock
from gisplatform.crs import REGISTER_ZONE
from layers.parcels.queries import LandUse, Relation
from planning.answers import wording
from planning.answers.answer import ParcelAnswer, ZoneShare

PARCEL_ZOOM, POSITION_ZOOM = 18, 16


def day_of(answer: ParcelAnswer) -> str:
    """The day of the answer as addresses carry it: nothing when it is today."""
    return "" if answer.as_of == clock.today() else answer.as_of.isoformat()


def parcel_url(code: str, on: str = "") -> str:
    """The address of a parcel's page, on a day."""
    url = reverse("parcel", args=[code])
    return f"{url}?as_of={on}" if on else url


def map_url(position: tuple[float, float], zoom: int, code: str = "", on: str = "") -> str:
    """The address of the map at a place (longitude, latitude), with a parcel selected, on a day."""
    lon, lat = position
    state = f"{reverse('map')}#map={zoom}/{lat:.6f}/{lon:.6f}"
    return state + (f"&date={on}" if on else "") + (f"&parcel={quote(code)}" if code else "")


def answer_map_url(answer: ParcelAnswer) -> str:
    """The map with the parcel of this answer selected."""
    return map_url((answer.centre.lon, answer.centre.lat), PARCEL_ZOOM, answer.code, day_of(answer))


def answer_document(answer: ParcelAnswer) -> dict[str, Any]:
    """The whole answer. Areas in m², shares in percent, positions as longitude and latitude or easting and northing."""
    return {
        "code": answer.code,
        "identity": answer.identity,
        "as_of": answer.as_of.isoformat(),
        "commune": {"code": answer.commune.code, "name": answer.commune.name},
        "addresses": list(answer.addresses),
        "sheet": answer.sheet,
        "number": answer.number,
        "old": {"sheet": answer.old[0], "number": answer.old[1]} if answer.old else None,
        "land_use": [_land_use(use) for use in answer.land_use],
        "area_document_m2": answer.area_document_m2,
        "area_measured_m2": answer.area_measured_m2,
        "valid_from": answer.valid_from.isoformat() if answer.valid_from else None,
        "planning": {
            "status": answer.planning.status,
            "note": answer.planning.note,
            "headline": wording.headline(answer),
            "uncovered_percent": answer.planning.uncovered_percent,
            "uncovered_m2": answer.planning.uncovered_m2,
        },
        "zones": [_zone(zone) for zone in answer.zones],
        "coming": [_zone(zone) for zone in answer.coming],
        "drafts": [_zone(zone) for zone in answer.drafts],
        "centre": {
            "wgs84": [round(answer.centre.lon, 8), round(answer.centre.lat, 8)],
            "vn2000": {
                "epsg": REGISTER_ZONE.epsg,
                "name": REGISTER_ZONE.name,
                "easting": round(answer.centre.easting, 3),
                "northing": round(answer.centre.northing, 3),
            },
        },
        "bounds": [round(degrees, 8) for degrees in answer.bounds],
        "lineage": {
            "from": [_relation(relation) for relation in answer.came_from],
            "to": [_relation(relation) for relation in answer.became],
        },
        "old_number_of": list(answer.old_number_of),
        "notice": wording.notice(),
        "url": parcel_url(answer.code, day_of(answer)),
        "map_url": answer_map_url(answer),
    }


def _land_use(use: LandUse) -> dict[str, Any]:
    return {
        "code": use.code,
        "name": wording.land_use_name(use),
        "known": use.known,
        "in_force": use.in_force,
        "unverified": use.unverified,
        "confidence": use.confidence,
    }


def _zone(zone: ZoneShare) -> dict[str, Any]:
    return {
        "id": zone.id,
        "code": zone.code,
        "share_percent": zone.share_percent,
        "area_m2": zone.area_m2,
        "too_close_to_call": zone.too_close_to_call,
        "function": {"code": zone.function.code, "name": zone.function.name, "colour": zone.function.colour},
        "plan": {
            "code": zone.plan.code,
            "title": zone.plan.title,
            "state": zone.plan.state,
            "state_name": zone.plan.state_name,
            "decision_ref": zone.plan.decision_ref,
            "url": zone.plan.url,
        },
        "indicators": [
            {"key": limit.key, "title": limit.title, "value": limit.value, "unit": limit.unit}
            for limit in zone.indicators
        ],
        "limits": [
            {"key": limit.key, "title": limit.title, "words": limit.words} for limit in wording.limit_rows(zone)
        ],
        "population": zone.population,
    }


def _relation(relation: Relation) -> dict[str, Any]:
    return {"code": relation.code, "kind": relation.kind, "on": relation.on.isoformat()}
