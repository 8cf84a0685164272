"""One search over what people look for on the map: positions, parcels, houses, streets, places, units, waters, plans.

Every hit comes through layers.queries.select, so a search finds nothing that the person could not see on the map. How
many statements a search takes does not depend on what is typed, and none reads more than an index leads to.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from gisplatform.access import Person
from layers.names import search_words, telling_words
from layers.search import addresses, named, parcels, plans, questions, spots, units
from layers.search.found import KINDS, Asked, Found, told

__all__ = ["KINDS", "LONGEST_TEXT", "Found", "search"]

LONGEST_TEXT = 200
# Hits whose subtitle says in which commune they are.
IN_COMMUNE = ("address", "street", "place", "water")


def search(text: str, person: Person, limit: int = 10, near: tuple[float, float] | None = None) -> list[Found]:
    """What the text may mean, by kind, likeliest kind first; texts in the language of the visitor.

    limit  hits of each kind
    near   the middle of the map, easting and northing of the register: of equals, the nearest come first
    """
    text = " ".join(text.replace("\x00", " ")[: 2 * LONGEST_TEXT].split())[:LONGEST_TEXT]
    if not text:
        return []
    asked = Asked(text, person, limit, near)
    found = _meant(asked)
    if not found and (core := questions.core(text)):
        asked = replace(asked, text=core)
        found = _meant(asked)
    if not found:
        found = _finished(named.spelled_alike(asked), asked)
    if not any(hit.kind == "address" for hit in found):
        found = _with_nearest_houses(found, asked)
    return grouped(dict.fromkeys(found), limit)


def _meant(asked: Asked) -> list[Found]:
    """What has the words and numbers that were typed."""
    # 16 108 is a place in the sea off Huế as well as sheet 16, parcel 108.
    if found := spots.at_positions(asked):
        return [*found, *parcels.parcels(asked)]
    words = addresses.street_words(asked) or asked.words
    return _by_number_and_name(asked) or _finished(named.before_a_unit(asked, words), asked, only_within=True)


def _with_nearest_houses(found: Sequence[Found], asked: Asked) -> list[Found]:
    """The hits; the streets of a house that is not in the register say so, and the nearest numbers are offered."""
    streets, houses = addresses.instead_of([hit for hit in found if hit.kind == "street"], asked)
    others = [hit for hit in found if hit.kind != "street"]
    return [*streets, *others, *(_finished(houses, asked) if houses else [])]


def _by_number_and_name(asked: Asked) -> list[Found]:
    found = parcels.parcels(asked)
    if found and parcels.means_only_a_parcel(asked):
        return found
    houses = [*addresses.addresses(asked), *addresses.streets_of_houses(asked)]
    names = named.by_name(asked, asked.words)
    return _finished([*found, *houses, *names, *plans.plans(asked), *plans.zones(asked)], asked)


def _finished(found: Iterable[Found], asked: Asked, *, only_within: bool = False) -> list[Found]:
    """The hits with the commune that each is in; where one was typed behind the name, those that are there.

    only_within  leave out kinds of which none is there
    """
    hits = list(dict.fromkeys(found))
    placed = [hit for hit in hits if hit.kind in IN_COMMUNE and hit.place]
    placed.sort(key=lambda hit: (hit.rank, asked.distance(hit.place)))
    communes = units.communes_at([hit.place for hit in placed if hit.place], asked.person)
    there = [_is_within(hit, commune) for hit, commune in zip(placed, communes, strict=True)]
    narrowed = {hit.kind for hit, is_there in zip(placed, there, strict=True) if is_there}
    kept = [
        replace(hit, subtitle=told(hit.subtitle, commune))
        for hit, commune, is_there in zip(placed, communes, there, strict=True)
        if is_there or (hit.kind not in narrowed and not only_within)
    ]
    houses = [hit for hit in kept if hit.kind == "address"][: asked.limit]
    return [
        *(hit for hit in hits if hit.kind not in IN_COMMUNE),
        *(hit for hit in kept if hit.kind != "address"),
        *addresses.with_parcels(houses, asked),
    ]


def _is_within(hit: Found, commune: str) -> bool:
    """Whether the commune is the one that was typed behind the name."""
    typed, name = set(telling_words(hit.within)), set(telling_words(search_words(commune)))
    return bool(typed and name) and (typed <= name or name <= typed)


def grouped(found: Iterable[Found], limit: int) -> list[Found]:
    """The hits kind by kind, at most `limit` of each: first the kind whose best hit answers best."""
    by_kind: dict[str, list[Found]] = {}
    for hit in found:
        by_kind.setdefault(hit.kind, []).append(hit)
    order = sorted(by_kind, key=lambda kind: (min(hit.rank for hit in by_kind[kind]), KINDS.index(kind)))
    return [hit for kind in order for hit in by_kind[kind][:limit]]
