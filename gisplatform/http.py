"""The edge of the web: errors become answers, in the form and the language that was asked for."""

import logging
from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from psycopg_pool import PoolTimeout

from gisplatform.errors import PlatformError, Unavailable

logger = logging.getLogger(__name__)


class ErrorMiddleware:
    """Turns a PlatformError into one JSON error or one page; any other exception is a bug and stays a 500."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exc: Exception) -> HttpResponse | None:
        if isinstance(exc, OperationalError | PoolTimeout):
            logger.error("database away: %s", exc)
            exc = Unavailable(_("The database does not answer at the moment. Nothing was changed; try again shortly."))
        if not isinstance(exc, PlatformError):
            return None
        return error_response(request, exc)


def error_response(request: HttpRequest, exc: PlatformError) -> HttpResponse:
    """One error as JSON where JSON was asked for, otherwise as a page."""
    response: HttpResponse
    if wants_json(request):
        content = {"error": {"code": exc.code, "message": str(exc), **exc.details}}
        response = JsonResponse(content, status=exc.status)
    else:
        response = render(request, "error.html", {"message": str(exc), "status": exc.status}, status=exc.status)
    if exc.status == 503:
        response["Retry-After"] = "10"
    return response


def wants_json(request: HttpRequest) -> bool:
    """Whether the answer should be JSON: by the address's ending, or because HTML is not accepted."""
    return request.path.endswith((".json", ".geojson")) or not request.accepts("text/html")
