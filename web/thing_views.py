"""A thing of the map by layer and identity, and all things at a place: as pages without scripts and as JSON."""

import math

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gisplatform import clock
from gisplatform.crs import REGISTER_ZONE, wgs84_to_register
from gisplatform.errors import InvalidInput
from gisplatform.http import day_asked, kept, person_of
from layers.catalogue import words
from layers.things import ThingNotFound, days_of, layer_of, thing, things_at
from web import things


@require_safe
def thing_json(request: HttpRequest, layer: str, identity: int) -> HttpResponse:
    """One thing as JSON. Raises ThingNotFound."""
    person = person_of(request)
    return kept(
        JsonResponse(things.thing_document(thing(layer, identity, person, day_asked(request)), person)), request
    )


@require_safe
def thing_page(request: HttpRequest, layer: str, identity: int) -> HttpResponse:
    """One thing as a page: its facts and the days on which the register has it. A parcel has its answer instead."""
    person, on = person_of(request), day_asked(request)
    context = {"layer_title": words(layer_of(layer, person).title), "on": on or clock.today()}
    try:
        found = thing(layer, identity, person, on)
    except ThingNotFound as missing:
        context |= {"message": str(missing), "days": missing.days, "nearest": missing.nearest}
        return kept(render(request, "web/no_thing.html", context, status=404), request)
    if layer == "parcels":
        return HttpResponseRedirect(things.page_url(found))
    context |= {
        "thing": found,
        "name": things.name_of(found, person),
        "state": things.state_of(found),
        "colour": things.colour_of(found),
        "facts": things.facts(found, person),
        "days": days_of(found.layer, identity, person),
        "map_url": things.map_url(found),
        "register_zone": REGISTER_ZONE,
    }
    return kept(render(request, "web/thing.html", context), request)


@require_safe
def at_json(request: HttpRequest) -> HttpResponse:
    """Everything at a place, of all layers that the person may see, whatever the map shows of it."""
    person, (lon, lat) = person_of(request), _position(request)
    return kept(
        JsonResponse(things.at_document(lon, lat, things_at(lon, lat, person, day_asked(request)), person)), request
    )


@require_safe
def coordinates_json(request: HttpRequest) -> HttpResponse:
    """A position in WGS 84 and in the register's zone of VN-2000."""
    return kept(JsonResponse(things.place_document(*_position(request))), request)


def _position(request: HttpRequest) -> tuple[float, float]:
    """`lon` and `lat` in degrees of WGS 84. Raises InvalidInput, also where the register's zone does not reach."""
    try:
        lon, lat = float(request.GET.get("lon", "")), float(request.GET.get("lat", ""))
    except ValueError:
        lon = lat = math.nan
    if abs(lon) <= 180 and abs(lat) <= 90 and all(map(math.isfinite, wgs84_to_register(lon, lat))):
        return lon, lat
    raise InvalidInput(
        _("Give a position as lon and lat in degrees of WGS 84, for example lon=108.2&lat=16.07."), field="lon"
    )
