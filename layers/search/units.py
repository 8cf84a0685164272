"""Administrative units by name or code, those that have gone, and in which commune a place is."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from psycopg import sql

from gisplatform import clock
from gisplatform.access import Person
from layers.base.models import AdministrativeSuccession
from layers.names import closeness, says_unit, search_key, search_words, telling_words, terms, unit_names
from layers.search.found import AMONG, AT_ONE_OF, Asked, Found, among, rows, several, spots, told

KEY = "administrative_units"
MOST_UNITS = 400
COMMUNE = sql.SQL("level = 'commune'")
ENDED = sql.SQL("upper(valid_during) <= %(today)s")


def names_of(codes: set[str], person: Person) -> dict[str, str]:
    """The names of today's units of these codes."""
    wanted = sorted(codes - {""})
    if not wanted:
        return {}
    found = rows(KEY, person, sql.SQL("code = ANY(%(codes)s)"), {"codes": wanted})
    return {row["code"]: row["name"] for row in found}


def communes_at(places: Sequence[tuple[float, float]], person: Person) -> list[str]:
    """The name of today's commune at each place (easting, northing); empty where there is none. One statement."""
    names = [""] * len(places)
    if not places:
        return names
    where = COMMUNE + sql.SQL(" AND ") + AT_ONE_OF
    for row in rows(KEY, person, where, {**several(places), "reach": 0.0}, extra=AMONG):
        for nth, _metres in among(row):
            names[nth] = row["name"]
    return names


def communes_of(place: str, person: Person) -> list[str] | None:
    """Codes of the communes that the words name, those of former ones where no commune of today is meant.

    None where the words name no unit at all; an empty list where they name one, but no commune.
    """
    parts = [telling_words(part) for part in unit_names(place)]
    if not parts:
        return None
    # Where no comma or word tells one name from the next, as in `hai chau da nang`, the beginning may be the commune.
    beginnings = [part[:count] for part in parts for count in range(1, len(part) + 1)]
    query = " | ".join(
        [*(f"({terms(part)})" for part in parts), *(f"({terms(part, begun=False)})" for part in beginnings)]
    )
    asked: dict[str, Any] = {"query": query, "today": clock.today()}
    named = sql.SQL("search_terms(name) @@ %(query)s::tsquery")
    for where, ever in ((named, False), (named + sql.SQL(" AND ") + ENDED, True)):
        found = rows(KEY, person, where, asked, limit=MOST_UNITS, ever=ever)
        if found:
            best = _best(parts, found)
            return [row["code"] for row in best if row["level"] == "commune"] if best else None
    return None


def _best(parts: Sequence[Sequence[str]], found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The units that the first part names that names any: by the longest whole name, else by what has all words."""
    telling = [(row, telling_words(search_words(row["name"]))) for row in found]
    for part in parts:
        for count in range(len(part), 0, -1):
            if whole := [row for row, name in telling if name == part[:count]]:
                return whole
        if begun := [row for row, name in telling if _has(name, part)]:
            return begun
    return []


def _has(name: Sequence[str], words: Sequence[str]) -> bool:
    """Whether the name has all words; the last may be only begun."""
    return set(words[:-1]) <= set(name) and any(word.startswith(words[-1]) for word in name)


def units(asked: Asked, words: Sequence[str]) -> list[Found]:
    """Units by name or code; where there is none today, those that have gone, with what took their place."""
    query = terms(telling_words(words))
    if not query:
        return []
    where = sql.SQL("(search_terms(name) @@ %(query)s::tsquery OR code = %(code)s)")
    params = {"query": query, "code": asked.text, "today": clock.today()}
    # Few enough to read them all: what only begins with a letter is a page long even in a whole country.
    found = rows(KEY, asked.person, where, params, limit=MOST_UNITS)
    if found:
        return hits(found, asked, words)
    gone = rows(KEY, asked.person, where + sql.SQL(" AND ") + ENDED, params, limit=asked.limit, ever=True,
                extra={"ended_on": sql.SQL("upper(valid_during)")})  # fmt: skip
    return _gone(gone, asked, words)


def hits(found: Sequence[dict[str, Any]], asked: Asked, words: Sequence[str]) -> list[Found]:
    """Hits for rows, the nearest to what was typed first."""
    ranked = sorted(found, key=lambda row: (rank(row, asked, words), len(row["name"]), row["name"]))[: asked.limit]
    above = names_of({row["parent_code"] for row in ranked}, asked.person)
    return [
        Found(
            "unit", row["name"],
            told(row["kind"], above.get(row["parent_code"]), row["code"]),
            spot.position, spot.bounds, layer=KEY, id=row["id"], place=spot.place, rank=rank(row, asked, words),
        )
        for row, spot in zip(ranked, spots(ranked), strict=True)
    ]  # fmt: skip


def rank(row: dict[str, Any], asked: Asked, words: Sequence[str]) -> int:
    """How well a unit answers; its kind counts as written before its name. See named.rank for names spelled alike."""
    if "likeness" in row:
        return 4 + round(20 * (1 - row["likeness"]))
    if row["code"] in words:
        return 0
    written = search_key(row["name"])
    kind = search_key(row["kind"])
    found = closeness(row["name"] if written.startswith(kind) else f"{kind} {written}", words)
    found += asked.unlike(row["name"])
    # Who writes `phường` before a name means no street.
    return found - 2 if says_unit(words) else found


def _gone(found: Sequence[dict[str, Any]], asked: Asked, words: Sequence[str]) -> list[Found]:
    """Hits for units that are no more."""
    if not found:
        return []
    steps = AdministrativeSuccession.objects.filter(predecessor__in=[row["id"] for row in found])
    became: dict[int, list[int]] = {}
    for before, after in steps.values_list("predecessor", "successor"):
        became.setdefault(before, []).append(after)
    heirs = [identity for identities in became.values() for identity in identities]
    today = rows(KEY, asked.person, sql.SQL("id = ANY(%(ids)s::bigint[])"), {"ids": heirs}) if heirs else []
    names = {row["id"]: row["name"] for row in today}
    made = []
    for row, spot in zip(found, spots(found), strict=True):
        now = ", ".join(names[identity] for identity in became.get(row["id"], []) if identity in names)
        ended = _("until %(day)s") % {"day": row["ended_on"].strftime("%d/%m/%Y")}
        remark = _("now part of %(units)s") % {"units": now} if now else ""
        made.append(
            Found(
                "unit", row["name"], told(row["kind"], ended, remark),
                spot.position, spot.bounds, place=spot.place, rank=max(1, rank(row, asked, words)),
            )
        )  # fmt: skip
    return made
