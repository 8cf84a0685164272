"""Plans by title, code and decision, and zones by the code that is lettered on the drawing."""

import re
from collections.abc import Sequence
from typing import Any

from django.utils.translation import get_language
from psycopg import sql

from layers.catalogue import value_words
from layers.names import MOST_WORDS, search_key, search_words, terms
from layers.search.found import AS_FOUND, Asked, Found, rows, spots, told

MOST_ROWS = 100
# Ô OM-12, lô đất O-12, zone O-12: what people write before a zone's code.
_ZONE = re.compile(r"^(?:o|lo|khu)(?: dat| quy hoach| pho)?\s+(?=[a-z]+[\s\-_.]*\d)|^(?:zone|ky hieu)\s+")
LONGEST_ZONE_CODE = 24
LEAST_DIGITS = 6  # a number alone means a plan from so many digits on

Row = dict[str, Any]


def plans(asked: Asked) -> list[Found]:
    """Plans whose title, code and decision together have all words."""
    words = _words(asked)
    if not words or (len(words) == 1 and words[0].isdigit() and len(words[0]) < LEAST_DIGITS):
        return []
    # The same expression as the index in planning/plans/models.py.
    where = sql.SQL("search_terms(code || ' ' || title || ' ' || decision_ref) @@ %(query)s::tsquery")
    found = rows("plans", asked.person, where, {"query": terms(words)}, limit=MOST_ROWS, order_by=AS_FOUND)
    ranked = sorted(
        found, key=lambda row: (_plan_rank(row, asked, words), _without_effect(row), row["title"], row["code"])
    )
    ranked = ranked[: asked.limit]
    return [
        Found(
            "plan", row["title"], told(_state("plans", row), row["decision_ref"], row["code"]), spot.position,
            spot.bounds, layer="plans", id=row["id"], place=spot.place, rank=_plan_rank(row, asked, words),
        )
        for row, spot in zip(ranked, spots(ranked), strict=True)
    ]  # fmt: skip


def _words(asked: Asked) -> list[str]:
    """The words that were typed, without `quyết định số` before the number of a decision."""
    words = asked.all_words
    if words[:2] == ["quyet", "dinh"] and any(word.isdigit() for word in words):
        words = words[2:]
        return words[1:] if words[0] == "so" else words
    return words


def _plan_rank(row: Row, asked: Asked, words: Sequence[str]) -> int:
    written = [search_words(row[name]) for name in ("code", "decision_ref", "title")]
    if words in written:
        return 0
    begins = 2 if any(each[: len(words)] == words for each in written) else 3
    return begins + asked.unlike(row["title"])


def zones(asked: Asked) -> list[Found]:
    """Zones whose code was typed, `O-12`, `o12` or `ô O-12`; those of plans in force first."""
    code = _zone_code(asked.text)
    if not code:
        return []
    runs = re.findall(r"[a-z]+|\d+", code)
    ways = [search_words(code)[:MOST_WORDS], runs[:MOST_WORDS], ["".join(runs)]]
    query = " | ".join(f"({terms(way)})" for way in ways)
    where = sql.SQL("search_terms(code) @@ %(query)s::tsquery")
    found = rows("zones", asked.person, where, {"query": query}, limit=MOST_ROWS, order_by=AS_FOUND)
    placed = list(zip(found, spots(found), strict=True))
    placed.sort(
        key=lambda each: (
            _zone_rank(each[0], runs),
            _without_effect(each[0]),
            asked.distance(each[1].place),
            each[0]["id"],
        )
    )
    return [
        Found(
            "zone", row["code"], told(_function(row), row["plan_title"], _state("zones", row)), spot.position,
            spot.bounds, layer="zones", id=row["id"], place=spot.place, rank=_zone_rank(row, runs),
        )
        for row, spot in placed[: asked.limit]
    ]  # fmt: skip


def _zone_code(text: str) -> str:
    """What of the text may be a zone's code, as a search key; empty where none is meant."""
    key = _ZONE.sub("", " ".join(search_key(text).split()))
    if len(key) > LONGEST_ZONE_CODE or not re.search(r"[a-z]", key) or not re.search(r"\d", key):
        return ""
    # Three words in a row are a name with a number in it.
    return "" if re.search(r"[a-z]{6}|[a-z]{2,} [a-z]{2,}", key) else key


def _zone_rank(row: Row, runs: Sequence[str]) -> int:
    return 0 if re.findall(r"[a-z]+|\d+", search_key(row["code"])) == list(runs) else 3


def _without_effect(row: Row) -> bool:
    """Whether the plan does not bind; sorts what has legal effect first."""
    return bool(row["state"] != "adopted")


def _state(key: str, row: Row) -> str:
    """The state in words where it is not that of a plan in force."""
    return value_words(key, "state", row["state"]) if _without_effect(row) else ""


def _function(row: Row) -> str:
    names = (row["function_en"], row["function_vi"]) if get_language() == "en" else (row["function_vi"],)
    return next((name for name in names if name), row["function"])
