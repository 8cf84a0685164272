"""The edge of the web: errors become answers, in the form and the language that was asked for."""

import logging
from collections.abc import Callable
from datetime import date

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from psycopg_pool import PoolTimeout

from gisplatform.access import CITIZEN, Person
from gisplatform.errors import InvalidInput, PlatformError, Unavailable

# How long a citizen's answer may be kept. A plan that is adopted meanwhile shows this much later.
KEPT_S = 60

logger = logging.getLogger(__name__)


def person_of(request: HttpRequest) -> Person:
    """Who is asking, as accounts.middleware found it."""
    return request.person  # type: ignore[attr-defined]


def day_asked(request: HttpRequest) -> date | None:
    """The day in `as_of`, None for today. Raises InvalidInput."""
    return read_day(request.GET.get("as_of", ""))


def read_day(text: str) -> date | None:
    """A day as requests write it, None where none is written. Raises InvalidInput."""
    asked = text.strip()
    if not asked:
        return None
    try:
        return date.fromisoformat(asked)
    except ValueError:
        raise InvalidInput(
            _("“%(day)s” is not a day. Write it as year-month-day, for example 2026-11-22.") % {"day": asked[:20]},
            field="as_of",
        ) from None


def kept(response: HttpResponse, request: HttpRequest) -> HttpResponse:
    """What a citizen sees may be kept for a minute; what staff sees is kept nowhere. Both differ by language."""
    if person_of(request) != CITIZEN:
        patch_cache_control(response, private=True, no_store=True)
    elif response.status_code == 200 and isinstance(response, JsonResponse):
        patch_cache_control(response, public=True, max_age=KEPT_S)
    else:
        # A page carries the visitor's language and theme.
        patch_cache_control(response, private=True, no_cache=True)
    return response


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
    return request.path.endswith((".json", ".geojson", ".webp")) or not request.accepts("text/html")
