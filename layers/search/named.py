"""Streets, named places and waters: whatever is found by the words of its name."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from django.db import connection, transaction
from psycopg import sql

from gisplatform.access import Person
from layers.catalogue import value_words
from layers.names import closeness, search_words, telling_words, terms
from layers.search import units
from layers.search.found import AS_FOUND, Asked, Found, Kind, Spot, rows, spots

# So many rows are read of a layer. A street is several, one between each two crossings; what has more rows is so common
# a word that nobody looks for it alone.
MOST_ROWS = 300
# Pieces of one name this near belong to one street; two streets of that name may lie in one city.
SAME_STREET_M = 400.0
# Word similarity of pg_trgm: one letter wrong in a name of two words is 0.7, in a short one 0.55.
ALIKE, ROUGHLY_ALIKE = 0.68, 0.5
# Below so many letters everything is like everything.
LEAST_LETTERS = 4


def named(key: str, words: Sequence[str], person: Person) -> list[dict[str, Any]]:
    """Rows of a layer whose name has the words, in any order and without tone marks; the last may be only begun.

    Words that only say the kind of thing need not be there: the register may not write `Đường`.
    """
    telling = telling_words(words)
    found = list(_having(key, terms(telling), person))
    if len(found) == MOST_ROWS:
        # There are more: those that have the last word as a whole must be among them.
        found = [*_having(key, terms(telling, begun=False), person), *found]
    return list({row["id"]: row for row in found}.values())


def _having(key: str, query: str, person: Person) -> Sequence[dict[str, Any]]:
    if not query:
        return []
    where = sql.SQL("search_terms(name) @@ %(query)s::tsquery")
    return rows(key, person, where, {"query": query}, limit=MOST_ROWS, order_by=AS_FOUND)


def alike(keys: Iterable[str], words: Sequence[str], person: Person) -> dict[str, list[dict[str, Any]]]:
    """Rows whose names are spelled like the words, by layer: for where nothing has the words themselves."""
    typed = " ".join(telling_words(words))
    if sum(letter.isalpha() for letter in typed) < LEAST_LETTERS:
        return {}
    where = sql.SQL("%(typed)s <%% search_key(name)")
    likeness = {"likeness": sql.SQL("word_similarity(%(typed)s, search_key(name))")}
    with transaction.atomic(), connection.cursor() as cursor:
        for threshold in (ALIKE, ROUGHLY_ALIKE):
            # Only the index knows at once where nothing is alike; the planner takes it that something will turn up.
            cursor.execute(
                "SELECT set_config('pg_trgm.word_similarity_threshold', %s, true),"
                " set_config('enable_seqscan', 'off', true)",
                [str(threshold)],
            )
            found = {
                key: rows(key, person, where, {"typed": typed}, limit=MOST_ROWS, order_by=AS_FOUND, extra=likeness)
                for key in keys
            }
            if any(found.values()):
                return {key: _likest(each) for key, each in found.items()}
    return {}


def _likest(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    likest = sorted(found, key=lambda row: -row["likeness"])
    return [row for row in likest if row["likeness"] >= likest[0]["likeness"] - 0.1]


def rank(row: dict[str, Any], asked: Asked, words: Sequence[str]) -> int:
    """How well a row answers: by its words and their tone marks, or behind all those by its likeness."""
    if "likeness" in row:
        return 4 + round(20 * (1 - row["likeness"]))
    return closeness(row["name"], words) + asked.unlike(row["name"])


def streets(found: Sequence[dict[str, Any]], asked: Asked, words: Sequence[str]) -> list[Found]:
    """One hit for each street, however many pieces of it were found."""
    by_name: dict[str, list[int]] = {}
    for at, row in enumerate(found):
        by_name.setdefault(row["name"], []).append(at)
    ranks = {name: rank(found[at[0]], asked, words) for name, at in by_name.items()}
    names = sorted(by_name, key=lambda name: (ranks[name], len(name), name))[: 3 * asked.limit]
    where = spots([found[at] for name in names for at in by_name[name]])
    hits = []
    for name in names:
        pieces, where = where[: len(by_name[name])], where[len(by_name[name]) :]
        row = found[by_name[name][0]]
        street_class = value_words("streets", "street_class", row["street_class"])
        for street in _apart(pieces):
            boxes = np.array([piece.bounds for piece in street])
            west, south = boxes[:, :2].min(axis=0).tolist()
            east, north = boxes[:, 2:].max(axis=0).tolist()
            middle = street[len(street) // 2]
            hits.append(
                Found(
                    "street", name, street_class, middle.position, (west, south, east, north),
                    place=middle.place, within=asked.within, rank=ranks[name],
                )
            )  # fmt: skip
    return hits


def _apart(pieces: Sequence[Spot]) -> list[list[Spot]]:
    """The pieces of one name, in as many groups as there are streets of that name."""
    if len(pieces) == 1:
        return [list(pieces)]
    around = shapely.buffer(shapely.points([piece.place for piece in pieces]), SAME_STREET_M, quad_segs=2)
    parts = shapely.get_parts(shapely.union_all(around))
    group = [int(np.argmax(shapely.intersects_xy(parts, *piece.place))) for piece in pieces]
    return [[piece for piece, of in zip(pieces, group, strict=True) if of == at] for at in range(len(parts))]


def things(key: str, kind: Kind, found: Sequence[dict[str, Any]], asked: Asked, words: Sequence[str]) -> list[Found]:
    """One hit for each place or water; the layer has words for their kinds."""
    ranked = sorted(found, key=lambda row: (rank(row, asked, words), len(row["name"]), row["name"]))
    ranked = ranked[: 3 * asked.limit]
    return [
        Found(
            kind, row["name"], value_words(key, "kind", row["kind"]), spot.position,
            spot.bounds if kind == "water" else None, layer=key, id=row["id"], place=spot.place, within=asked.within,
            rank=rank(row, asked, words),
        )
        for row, spot in zip(ranked, spots(ranked), strict=True)
    ]  # fmt: skip


def places(found: Sequence[dict[str, Any]], asked: Asked, words: Sequence[str]) -> list[Found]:
    """One hit for each named place."""
    return things("places", "place", found, asked, words)


def waters(found: Sequence[dict[str, Any]], asked: Asked, words: Sequence[str]) -> list[Found]:
    """One hit for each river, canal, lake or pond."""
    return things("waters", "water", found, asked, words)


Hits = Callable[[Sequence[dict[str, Any]], Asked, Sequence[str]], list[Found]]
BY_NAME: dict[str, Hits] = {"streets": streets, "places": places, "waters": waters, "administrative_units": units.hits}


def by_name(asked: Asked, words: Sequence[str]) -> list[Found]:
    """Streets, places, waters and units that have the words in their names."""
    hits = [make(named(key, words, asked.person), asked, words) for key, make in BY_NAME.items() if key != units.KEY]
    return [hit for each in hits for hit in each] + units.units(asked, words)


def before_a_unit(asked: Asked, words: Sequence[str]) -> list[Found]:
    """Streets and places where the name of a unit stands behind theirs and nothing between: `tran phu hai chau`."""
    words = telling_words(words)
    beginnings = [words[:count] for count in range(len(words) - 1, 1, -1)]
    if not beginnings:
        return []
    query = " | ".join(f"({terms(beginning, begun=False)})" for beginning in beginnings)
    hits: list[Found] = []
    for key in ("streets", "places"):
        found = _having(key, query, asked.person)
        of_name = [(row, set(search_words(row["name"]))) for row in found]
        for beginning in beginnings:
            has = [row for row, name in of_name if name.issuperset(beginning)]
            within = tuple(words[len(beginning) :])
            hits += [replace(hit, within=within) for hit in BY_NAME[key](has, asked, beginning)]
    return hits


def spelled_alike(asked: Asked) -> list[Found]:
    """The same for names that are only spelled like the words; they rank behind all others."""
    found = alike(BY_NAME, asked.words, asked.person)
    return [hit for key, each in found.items() if each for hit in BY_NAME[key](each, asked, asked.words)]
