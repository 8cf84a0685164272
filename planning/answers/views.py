"""The parcel answer as a page without scripts and as JSON."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from gisplatform.crs import REGISTER_ZONE
from gisplatform.http import day_asked, kept, person_of
from planning.answers import documents, wording
from planning.answers.queries import ParcelNotFound, parcel_answer


@require_safe
def parcels(request: HttpRequest) -> HttpResponse:
    """There is no list of all parcels; the search leads to each."""
    asked = urlencode({"q": request.GET["q"]}) if request.GET.get("q") else ""
    return HttpResponseRedirect(reverse("search") + (f"?{asked}" if asked else ""))


@require_safe
def parcel(request: HttpRequest, code: str) -> HttpResponse:
    """The answer for one parcel as a page; for an old code the parcels that it leads to."""
    code, on = _code(code), day_asked(request)
    try:
        answer = parcel_answer(code, person_of(request), on)
    except ParcelNotFound as missing:
        context = {"message": str(missing), "trace": missing.trace, "code": code, "on": on.isoformat() if on else ""}
        return kept(render(request, "answers/no_parcel.html", context, status=404), request)
    context = {
        "answer": answer,
        "headline": wording.headline(answer),
        "notice": wording.notice(),
        "day": documents.day_of(answer),
        "map_url": documents.answer_map_url(answer),
        "register_zone": REGISTER_ZONE,
    }
    return kept(render(request, "answers/parcel.html", context), request)


@require_safe
def parcel_json(request: HttpRequest, code: str) -> HttpResponse:
    """The answer for one parcel as JSON. Raises ParcelNotFound."""
    answer = parcel_answer(_code(code), person_of(request), day_asked(request))
    return kept(JsonResponse(documents.answer_document(answer)), request)


def _code(text: str) -> str:
    """A parcel code from an address, without what no code has: spaces around it, the NUL that PostgreSQL refuses."""
    return text.replace("\x00", "").strip()
