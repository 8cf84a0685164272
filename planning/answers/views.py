"""The parcel answer and the search, as pages without scripts and as JSON."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gisplatform.access import CITIZEN, Person
from gisplatform.crs import REGISTER_ZONE
from gisplatform.errors import InvalidInput
from layers.search import Found
from layers.search import search as find_places
from planning.answers import documents, wording
from planning.answers.queries import ParcelNotFound, parcel_answer

FEW, MANY, MOST = 10, 30, 50
# How long a citizen's answer may be kept. A plan that is adopted meanwhile shows this much later.
KEPT_S = 60


@require_safe
def parcels(request: HttpRequest) -> HttpResponse:
    """There is no list of all parcels; the search leads to each."""
    asked = urlencode({"q": request.GET["q"]}) if request.GET.get("q") else ""
    return HttpResponseRedirect(reverse("search") + (f"?{asked}" if asked else ""))


@require_safe
def parcel(request: HttpRequest, code: str) -> HttpResponse:
    """The answer for one parcel as a page; for an old code the parcels that it leads to."""
    code, on = _code(code), _day(request)
    try:
        answer = parcel_answer(code, _person(request), on)
    except ParcelNotFound as missing:
        context = {"message": str(missing), "trace": missing.trace, "code": code, "on": on.isoformat() if on else ""}
        return _kept(render(request, "answers/no_parcel.html", context, status=404), request)
    context = {
        "answer": answer,
        "headline": wording.headline(answer),
        "notice": wording.notice(),
        "day": documents.day_of(answer),
        "map_url": documents.answer_map_url(answer),
        "register_zone": REGISTER_ZONE,
    }
    return _kept(render(request, "answers/parcel.html", context), request)


@require_safe
def parcel_json(request: HttpRequest, code: str) -> HttpResponse:
    """The answer for one parcel as JSON. Raises ParcelNotFound."""
    answer = parcel_answer(_code(code), _person(request), _day(request))
    return _kept(JsonResponse(documents.answer_document(answer)), request)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The search as a page without scripts."""
    asked = request.GET.get("q", "").strip()
    found = find_places(asked, _person(request), MANY)
    context = {"asked": asked, "groups": _groups(found), "count": len(found), "zone_name": REGISTER_ZONE.name}
    return _kept(render(request, "answers/search.html", context), request)


@require_safe
def search_json(request: HttpRequest) -> HttpResponse:
    """The search as JSON, for the search box on the map."""
    limit = request.GET.get("limit", str(FEW))
    # Two digits at most: int() refuses thousands of them with an error of its own.
    if not (limit.isascii() and limit.isdigit() and len(limit) <= len(str(MOST)) and 1 <= int(limit) <= MOST):
        raise InvalidInput(_("The limit is a whole number from 1 to %(most)d.") % {"most": MOST}, field="limit")
    found = find_places(request.GET.get("q", ""), _person(request), int(limit))
    return _kept(JsonResponse(documents.search_document(found)), request)


def _person(request: HttpRequest) -> Person:
    return request.person  # type: ignore[attr-defined]


def _code(text: str) -> str:
    """A parcel code from an address, without what no code has: spaces around it, the NUL that PostgreSQL refuses."""
    return text.replace("\x00", "").strip()


def _day(request: HttpRequest) -> date | None:
    """The day in `as_of`, None for today. Raises InvalidInput."""
    asked = request.GET.get("as_of", "").strip()
    if not asked:
        return None
    try:
        return date.fromisoformat(asked)
    except ValueError:
        raise InvalidInput(
            _("“%(day)s” is not a day. Write it as year-month-day, for example 2026-11-22.") % {"day": asked[:20]},
            field="as_of",
        ) from None


def _kept(response: HttpResponse, request: HttpRequest) -> HttpResponse:
    """What a citizen sees may be kept for a minute; what staff sees is kept nowhere. Both differ by language."""
    if _person(request) != CITIZEN:
        patch_cache_control(response, private=True, no_store=True)
    elif response.status_code == 200 and isinstance(response, JsonResponse):
        patch_cache_control(response, public=True, max_age=KEPT_S)
    else:
        # A page carries the visitor's language and theme.
        patch_cache_control(response, private=True, no_cache=True)
    return response


def _groups(found: Iterable[Found]) -> list[dict[str, Any]]:
    """The hits under headings, each with its page and its place on the map."""
    titles = {
        "position": _("Positions"),
        "parcel": _("Parcels"),
        "street": _("Streets"),
        "unit": _("Administrative units"),
    }
    groups: dict[str, list[dict[str, Any]]] = {}
    for hit in found:
        zoom = documents.PARCEL_ZOOM if hit.code else documents.POSITION_ZOOM
        groups.setdefault(hit.kind, []).append(
            {
                "hit": hit,
                "url": documents.parcel_url(hit.code) if hit.code else "",
                "map_url": documents.map_url(hit.position, zoom, hit.code or ""),
            }
        )
    return [{"title": titles[kind], "hits": groups[kind]} for kind in titles if kind in groups]
