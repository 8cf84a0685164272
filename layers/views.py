"""Measuring, summing up and downloading, for the map and for programs."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

import numpy as np
from django.http import HttpRequest, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from gisplatform import clock
from gisplatform.errors import InvalidInput, Unavailable
from gisplatform.http import person_of, read_day
from layers import downloads_streams as streams
from layers import measures, summaries
from layers.downloads import LIMIT, Download, layer_for
from layers.outlines import outline_of

MOST_BYTES = 2_000_000
# Summing up a large area keeps a database connection busy for seconds; the map and the pages need the others.
AT_ONCE = threading.BoundedSemaphore(3)
TURN_S = 5.0


@never_cache
@require_POST
def measure(request: HttpRequest) -> JsonResponse:
    """Length and area of a course {"points": [[lon, lat], …], "closed": false} in the register's plane."""
    asked = asked_json(request)
    try:
        positions = np.array(asked["points"], dtype=float)
    except (KeyError, TypeError, ValueError, OverflowError):
        positions = np.empty(0)
    if positions.ndim != 2 or positions.shape[1] != 2:
        raise InvalidInput(_("Points are given as longitude and latitude in WGS 84."), field="points")
    return JsonResponse(measures.document(measures.measure(positions, closed=asked.get("closed") is True)))


@never_cache
@require_POST
def summary(request: HttpRequest) -> JsonResponse:
    """What lies in an area (layers.outlines.outline_of) on the day `as_of`, as far as this person may see it."""
    asked = asked_json(request)
    on, person = day_of(asked), person_of(request)
    outline = outline_of(asked, person, on)
    with in_turn():
        found = list(summaries.summaries(outline, person, on))
    return JsonResponse(summaries.summary_document(outline, found, on))


FORMATS = {
    "geojson": (streams.geojson, "application/geo+json"),
    "csv": (streams.csv, "text/csv; charset=utf-8"),
    "gpkg": (streams.geopackage, "application/geopackage+sqlite3"),
}


@never_cache
@require_http_methods(["GET", "POST"])
def download(request: HttpRequest, key: str, ending: str) -> HttpResponseBase:
    """The rows of a layer in an area on a day as a file; with the ending `json`, how many there are.

    A form of the map may send it (POST, for large outlines), and it may stand in a link (GET).
    """
    asked, person = (request.POST if request.method == "POST" else request.GET), person_of(request)
    layer, on = layer_for(key, person), day_of(asked)
    wanted = Download(layer, outline_of(asked, person, on), person, on, request.build_absolute_uri("/"))
    with in_turn():
        count = wanted.count()
    if ending == "json":
        return JsonResponse({"rows": count, "limit": LIMIT})
    write, content_type = FORMATS[ending]
    response = StreamingHttpResponse(write(wanted, streams.Turn()), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{wanted.filename(ending)}"'
    return response


def asked_json(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of a request. Raises InvalidInput."""
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise InvalidInput(_("That is too large. Draw the area with fewer corners."))
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        raise InvalidInput(_("A JSON object was expected."))
    return asked


def day_of(asked: Mapping[str, Any]) -> date:
    """The day in `as_of`, today where none is given. Raises InvalidInput."""
    return read_day(str(asked.get("as_of") or "")) or clock.today()


@contextmanager
def in_turn() -> Iterator[None]:
    """A few large questions at a time. Raises Unavailable for who would have to wait long."""
    if not AT_ONCE.acquire(timeout=TURN_S):
        raise Unavailable(_("Others are asking large questions at the moment. Please try again shortly."))
    try:
        yield
    finally:
        AT_ONCE.release()
