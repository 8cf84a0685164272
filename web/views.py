"""The map page, who is signed in, and the page for what nobody foresaw."""

import logging
import sys

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe
from psycopg_pool import PoolTimeout

from gisplatform.errors import Unavailable
from gisplatform.http import error_response
from web.config import map_config
from web.context import role_names

logger = logging.getLogger(__name__)


@never_cache
@ensure_csrf_cookie
@require_safe
def map_page(request: HttpRequest) -> HttpResponse:
    """The map with all that its script needs to start."""
    config = map_config(request.person, get_language() or "vi")  # type: ignore[attr-defined]
    config["signedIn"] = request.user.is_authenticated
    return render(request, "web/map.html", {"config": config})


@never_cache
@require_safe
def session(request: HttpRequest) -> JsonResponse:
    """Who is signed in. An open map asks every few minutes; the answer renews the pass that the tiles need."""
    if not request.user.is_authenticated:
        return JsonResponse({"signed_in": False})
    return JsonResponse({"signed_in": True, "name": str(request.user), "roles": role_names(request.user)})


def server_error(request: HttpRequest) -> HttpResponse:
    """What an exception becomes that no view answered for: a database that is away, or a bug."""
    if isinstance(sys.exc_info()[1], OperationalError | PoolTimeout):
        message = _("The database does not answer at the moment. Nothing was changed; try again shortly.")
        return error_response(request, Unavailable(message))
    # This page stands by itself: whatever failed may be what the other pages are made with.
    return render(None, "500.html", status=500)
