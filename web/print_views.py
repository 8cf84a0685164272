"""The page that prints the map, and how the map lies on its paper."""

import math

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from gisplatform import clock
from gisplatform.crs import REGISTER_ZONE
from gisplatform.errors import InvalidInput
from gisplatform.http import day_asked, kept, person_of
from web import paper
from web.areas import communes_in
from web.config import map_config

SCALES = (200, 500, 1000, 2000, 5000, 10_000, 25_000, 50_000)


@never_cache
@ensure_csrf_cookie
@require_safe
def print_page(request: HttpRequest) -> HttpResponse:
    """The map on paper, with what its script needs; the address's hash says what is on it."""
    config = map_config(person_of(request), get_language() or "vi")
    config["signedIn"] = request.user.is_authenticated
    config["zone"] = {"name": REGISTER_ZONE.name, "epsg": REGISTER_ZONE.epsg}
    return render(request, "web/print.html", {"config": config, "scales": SCALES, "today": clock.today()})


@require_safe
def placement_json(request: HttpRequest) -> HttpResponse:
    """How a map of `width` × `height` mm lies on paper: around lon, lat at a scale, or so that bounds fit.

    Also the communes that are on it on the day `as_of`. Raises InvalidInput.
    """
    size = {
        "width_mm": _number(request, "width", paper.LEAST_MM, paper.MOST_MM),
        "height_mm": _number(request, "height", paper.LEAST_MM, paper.MOST_MM),
    }
    lon, lat = _number(request, "lon", -180, 180), _number(request, "lat", -85, 85)
    if request.GET.get("fit"):
        scale = paper.fitting(_bounds(request), **size)
    else:
        scale = int(_number(request, "scale", paper.LEAST_SCALE, paper.MOST_SCALE))
    placement = paper.placed(lon, lat, scale=scale, **size)
    if placement is None:
        raise InvalidInput(_("That place is too far from the register's zone to be printed."), field="lon")
    communes, more = communes_in(placement.land, day_asked(request))
    document = {
        "scale": placement.scale,
        "zoom": placement.zoom,
        "bearing": placement.bearing,
        "stretch": placement.stretch,
        "easting": round(placement.easting, 3),
        "northing": round(placement.northing, 3),
        "bounds": [round(degrees, 8) for degrees in placement.bounds],
        "communes": communes,
        "more_communes": more,
    }
    return kept(JsonResponse(document), request)


def _number(request: HttpRequest, name: str, least: float, most: float) -> float:
    """A number of the address. Raises InvalidInput."""
    try:
        value = float(request.GET.get(name, ""))
    except ValueError:
        value = math.nan
    if not least <= value <= most:
        raise InvalidInput(
            _("“%(name)s” must be a number from %(least)s to %(most)s.") % {"name": name, "least": least, "most": most},
            field=name,
        )
    return value


def _bounds(request: HttpRequest) -> tuple[float, float, float, float]:
    """West, south, east, north of the address, in degrees. Raises InvalidInput."""
    try:
        west, south, east, north = map(float, request.GET["fit"].split(","))
    except ValueError:
        west = south = east = north = math.nan
    if not (-180 <= west < east <= 180 and -85 <= south < north <= 85):
        raise InvalidInput(_("“fit” must be west, south, east, north in degrees."), field="fit")
    return west, south, east, north
