"""The search, as a page without scripts and as JSON for the search box."""

import math

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gisplatform.crs import REGISTER_ZONE, wgs84_to_register
from gisplatform.errors import InvalidInput
from gisplatform.http import kept, person_of
from layers.search import search as find
from layers.search.examples import examples
from planning.answers import hits

FEW, MANY, MOST = 10, 30, 50
LONGEST_NUMBER, LONGEST_TOLD = 24, 200


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The search as a page without scripts."""
    asked = request.GET.get("q", "").strip()
    groups = hits.groups(find(asked, person_of(request), MANY), asked)
    for group in groups:
        for hit in group["hits"]:
            hit["pieces"] = hits.marked(hit["title"], hit["marks"])
    context = {
        "asked": asked[:LONGEST_TOLD],
        "groups": groups,
        "count": sum(len(group["hits"]) for group in groups),
        "examples": [] if groups else examples(),
        "zone_name": REGISTER_ZONE.name,
    }
    return kept(render(request, "answers/search.html", context), request)


@require_safe
def search_json(request: HttpRequest) -> HttpResponse:
    """The search as JSON. Raises InvalidInput."""
    asked = request.GET.get("q", "")
    found = find(asked, person_of(request), _limit(request), _near(request))
    return kept(JsonResponse(hits.document(found, asked)), request)


def _limit(request: HttpRequest) -> int:
    limit = request.GET.get("limit", str(FEW))
    # Two digits at most: int() refuses thousands of them with an error of its own.
    if not (limit.isascii() and limit.isdigit() and len(limit) <= len(str(MOST)) and 1 <= int(limit) <= MOST):
        raise InvalidInput(_("The limit is a whole number from 1 to %(most)d.") % {"most": MOST}, field="limit")
    return int(limit)


def _near(request: HttpRequest) -> tuple[float, float] | None:
    """The middle of the map, `near=longitude,latitude` in degrees, as easting and northing of the register."""
    near = request.GET.get("near", "")
    if not near:
        return None
    try:
        lon, lat = (float(number) for number in near[: 2 * LONGEST_NUMBER].split(","))
    except ValueError:
        lon = lat = math.nan
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise InvalidInput(_("“near” is a longitude and a latitude in degrees, for example 108.2,16.05."), field="near")
    place = wgs84_to_register(lon, lat)
    return place if all(map(math.isfinite, place)) else None
