"""Questions to the networks that pages ask. Rows come through the published tables, as everywhere."""

from dataclasses import dataclass

from django.core.cache import cache
from django.db import connection
from psycopg import sql

from gisplatform import clock
from gisplatform.access import Person, row_condition
from layers.catalogue import Layer, find, value_words, words
from layers.publishing import SCHEMA

KEPT_S = 900


@dataclass(frozen=True)
class Holding:
    """So many things of one kind of one network; lines also have a length, metres."""

    layer: str
    network: str
    kind: str
    count: int
    length_m: float | None

    @property
    def length_km(self) -> float | None:
        """The length in kilometres."""
        return None if self.length_m is None else self.length_m / 1000

    @property
    def network_words(self) -> str:
        """The network in the visitor's language."""
        layer = _layer(self.layer)
        titles = {entry.value: words(entry.title) for entry in layer.look.entries}  # type: ignore[union-attr]
        return titles.get(self.network, self.network)

    @property
    def kind_words(self) -> str:
        """The kind in the visitor's language."""
        return value_words(self.layer, "kind", self.kind)


def holdings(person: Person) -> list[Holding]:
    """What there is of the networks that this person may see, by network and kind, today.

    All rows of the person are counted (0.1 s for 150,000 of a utility), so the counts are kept for 15 minutes.
    """
    key = f"networks.holdings.{person.organisation}.{'-'.join(sorted(person.roles))}.{clock.today()}"
    found: list[Holding] | None = cache.get(key)
    if found is None:
        found = [*_counted(_layer("network_edges"), person), *_counted(_layer("network_nodes"), person)]
        cache.set(key, found, KEPT_S)
    return found


def _layer(key: str) -> Layer:
    layer = find(key)
    assert layer is not None
    return layer


def _counted(layer: Layer, person: Person) -> list[Holding]:
    restriction = row_condition(layer.access, person)
    if restriction is None:
        return []
    condition, allowed = restriction
    query = sql.SQL(
        "SELECT network, kind, count(*), {length} FROM {view} WHERE {in_effect} AND {condition}"
        " GROUP BY network, kind ORDER BY network, count(*) DESC, kind"
    ).format(
        length=sql.SQL("sum(ST_Length(exact))" if layer.look.drawn == "line" else "NULL::float"),
        view=sql.Identifier(SCHEMA, layer.key),
        in_effect=sql.SQL(layer.in_effect()),
        condition=condition,
    )
    with connection.cursor() as cursor:
        cursor.execute(query, {**allowed, "on": clock.today()})
        return [Holding(layer.key, *row) for row in cursor.fetchall()]
