"""Search hits under headings: for the page without scripts, and as the JSON document of the search box."""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from layers.names import marks, search_words
from layers.search import LONGEST_TEXT, Found
from planning.answers import documents

# What a window of a usual size shows, in pixels, and the pixels around the world at zoom 0.
WINDOW_PX, WORLD_PX = 600, 512
FARTHEST_ZOOM = 5


def headings() -> dict[str, str]:
    """What each kind of hit is called."""
    return {
        "position": _("Positions"),
        "parcel": _("Parcels"),
        "address": _("Addresses"),
        "street": _("Streets"),
        "place": _("Places"),
        "unit": _("Administrative units"),
        "water": _("Waters"),
        "plan": _("Plans"),
        "zone": _("Zones of plans"),
    }


def groups(found: Iterable[Found], asked: str) -> list[dict[str, Any]]:
    """The hits under headings, in the order in which they came: {"kind", "title", "hits"}, each hit as in `hit`."""
    titles = headings()
    by_kind: dict[str, list[dict[str, Any]]] = {}
    words = search_words(asked[: 2 * LONGEST_TEXT])
    for each in found:
        by_kind.setdefault(each.kind, []).append(hit(each, words))
    return [{"kind": kind, "title": titles[kind], "hits": hits} for kind, hits in by_kind.items()]


def document(found: Iterable[Found], asked: str) -> dict[str, Any]:
    """The hits of a search as JSON: docs/search.md tells each key."""
    made = groups(found, asked)
    return {
        "groups": [{"kind": group["kind"], "title": group["title"]} for group in made],
        "results": [each for group in made for each in group["hits"]],
    }


def hit(found: Found, words: Sequence[str]) -> dict[str, Any]:
    """One hit as JSON; `url` is the page of a hit that has one, `map_url` the map with it in the middle."""
    return {
        "kind": found.kind,
        "title": found.title,
        "subtitle": found.subtitle,
        "note": found.note,
        "marks": [list(span) for span in marks(found.title, words)],
        "url": page_url(found),
        "map_url": documents.map_url(found.position, zoom(found), found.code or ""),
        "code": found.code,
        "layer": found.layer,
        "id": found.id,
        "position": [round(degrees, 8) for degrees in found.position],
        "bounds": [round(degrees, 8) for degrees in found.bounds] if found.bounds else None,
    }


def page_url(found: Found) -> str | None:
    """The page without a map: of the parcel, else of the thing; streets, positions and what has gone have none."""
    if found.code:
        return documents.parcel_url(found.code)
    if found.layer and found.id is not None:
        return reverse("thing", args=[found.layer, found.id])
    return None


def zoom(found: Found) -> int:
    """The zoom of the map at which the hit is seen as a whole."""
    if found.kind in ("parcel", "address"):
        return documents.PARCEL_ZOOM
    if not found.bounds:
        return documents.POSITION_ZOOM
    west, south, east, north = found.bounds
    degrees = max(east - west, (north - south) / math.cos(math.radians(south)), 1e-6)
    fitting = math.floor(math.log2(WINDOW_PX * 360 / (WORLD_PX * degrees)))
    return min(max(fitting, FARTHEST_ZOOM), documents.PARCEL_ZOOM)


def marked(title: str, spans: Sequence[Sequence[int]]) -> list[tuple[str, bool]]:
    """A title in pieces, each with whether it is marked."""
    ends = [0, *(at for span in spans for at in span), len(title)]
    pieces = [(title[start:end], nth % 2 == 1) for nth, (start, end) in enumerate(pairwise(ends))]
    return [(text, is_marked) for text, is_marked in pieces if text]
