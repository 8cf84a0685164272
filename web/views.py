"""The map page, the start page, who is signed in, and the page for what nobody foresaw."""

import logging
import sys
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from psycopg_pool import PoolTimeout

from gisplatform.access import Role
from gisplatform.errors import Unavailable
from gisplatform.http import error_response, person_of
from web import start
from web.config import map_config
from web.context import role_names

logger = logging.getLogger(__name__)


@never_cache
@gzip_page
@ensure_csrf_cookie
@require_safe
def map_page(request: HttpRequest) -> HttpResponse:
    """The map with all that its script needs to start."""
    config = map_config(request.person, get_language() or "vi")  # type: ignore[attr-defined]
    config["signedIn"] = request.user.is_authenticated
    return render(request, "web/map.html", {"config": config})


@never_cache
@require_safe
def start_page(request: HttpRequest) -> HttpResponse:
    """Where work begins: a part for each role of the person; a citizen gets the search and how to read the answer."""
    person = person_of(request)
    roles = person.roles

    def has(*asked: Role) -> bool:
        return not roles.isdisjoint({*asked, Role.ADMINISTRATOR})

    context: dict[str, Any] = {"examples": start.examples(), "citizen": roles == {Role.CITIZEN}}
    if has(Role.PLANNER):
        context |= {"plans": start.coming_plans(person), "plan_changes": start.plan_changes(person)}
    if has(Role.PLANNER, Role.OFFICER, Role.CLERK):
        context["parcel_changes"] = start.parcel_changes(person)
        context["desk"] = has(Role.OFFICER, Role.CLERK)
    if has(Role.UTILITY):
        context["holdings"] = start.network(person)
    if has(Role.OPERATOR):
        context["cameras"] = start.cameras(person)
    if has():
        context |= {"accounts": start.accounts(), "registers": start.registers(), "imports": start.imports()}
    return render(request, "web/start.html", context)


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
