"""What is asked, what a hit is, and where rows lie."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

import shapely
from psycopg import sql

from gisplatform.access import Person
from gisplatform.crs import REGISTER_SRID, to_wgs84
from layers.catalogue import find
from layers.names import MOST_WORDS, contradicts, search_words, unit_names
from layers.queries import select

Kind = Literal["position", "parcel", "address", "street", "place", "unit", "water", "plan", "zone"]
# In the order in which they are shown where they answer equally well.
KINDS: tuple[Kind, ...] = get_args(Kind)

# The order in which the index comes upon them, so that reading can stop: no sorting of what a common word finds.
AS_FOUND = sql.SQL("(SELECT 1)")
SPOT = {
    "point": sql.SQL("ST_AsBinary(ST_PointOnSurface(shape))"),
    "box": sql.SQL("ST_AsBinary(ST_Envelope(shape))"),
}

# More than any two ranks of words without their marks are apart: who types tone marks means them.
OTHER_MARKS = 6


@dataclass(frozen=True)
class Found:
    """One hit.

    position, bounds  (longitude, latitude) and (west, south, east, north) in degrees of WGS 84
    code              public code of the parcel that the hit opens
    layer, id         the thing on the map that the hit is, where it is a single one
    place             easting, northing of the register
    parcel            identity of the parcel that the register of addresses names
    within            words that were typed behind the name, mostly that of a commune
    rank              how well it answers, 0 best
    note              what the visitor must know before he takes it for what he asked for
    """

    kind: Kind
    title: str
    subtitle: str
    position: tuple[float, float]
    bounds: tuple[float, float, float, float] | None = None
    code: str | None = None
    layer: str | None = None
    id: int | None = None
    place: tuple[float, float] | None = field(default=None, compare=False)
    parcel: int | None = field(default=None, compare=False)
    within: tuple[str, ...] = field(default=(), compare=False)
    rank: int = field(default=0, compare=False)
    note: str = field(default="", compare=False)


@dataclass(frozen=True)
class Asked:
    """What a person typed. limit: hits of each kind; near: the middle of the map, easting and northing."""

    text: str
    person: Person
    limit: int
    near: tuple[float, float] | None = None

    @cached_property
    def parts(self) -> list[list[str]]:
        """The words of the name, and of the units that were typed behind it."""
        return unit_names(self.text)

    @property
    def words(self) -> list[str]:
        """The words of the name."""
        return self.parts[0][:MOST_WORDS] if self.parts else []

    @property
    def within(self) -> tuple[str, ...]:
        """The words of the units behind it."""
        return tuple(word for part in self.parts[1:] for word in part)

    @cached_property
    def all_words(self) -> list[str]:
        """Every word that was typed, as it was typed."""
        return search_words(self.text)[:MOST_WORDS]

    def unlike(self, name: str) -> int:
        """What a name loses in rank that has the words with other tone marks than were typed: `Chờ` for `chợ`."""
        return OTHER_MARKS if contradicts(name, self.text) else 0

    def distance(self, place: tuple[float, float] | None) -> float:
        """Metres from the middle of the map; the same for all where the middle is not known."""
        return math.dist(self.near, place) if self.near and place else 0.0


@dataclass(frozen=True)
class Spot:
    """Where a row is: a position on it and the bounds around it in degrees, and easting, northing of the position."""

    position: tuple[float, float]
    bounds: tuple[float, float, float, float]
    place: tuple[float, float]


def rows(
    key: str, person: Person, where: sql.Composable, params: Mapping[str, Any], **options: Any
) -> Sequence[dict[str, Any]]:
    """Rows of a layer with what `spots` needs; none where the layer does not exist."""
    layer = find(key)
    extra = {**SPOT, **options.pop("extra", {})}
    return select(layer, person, where=where, params=params, extra=extra, **options) if layer else []


def spots(found: Sequence[Mapping[str, Any]]) -> list[Spot]:
    """Where each row is."""
    if not found:
        return []
    points = shapely.from_wkb([bytes(row["point"]) for row in found])
    boxes = shapely.from_wkb([bytes(row["box"]) for row in found])
    positions = shapely.get_coordinates(to_wgs84(points)).tolist()
    bounds = shapely.bounds(to_wgs84(boxes)).tolist()
    places = shapely.get_coordinates(points).tolist()
    return [
        Spot(tuple(position), tuple(bound), tuple(place))
        for position, bound, place in zip(positions, bounds, places, strict=True)
    ]


def told(*parts: str | None) -> str:
    """The parts that say something, in one line."""
    return " · ".join(part for part in parts if part)


def several(places: Iterable[tuple[float, float]]) -> dict[str, Any]:
    """Parameters for SQL over places, as in AMONG and AT_ONE_OF."""
    eastings, northings = zip(*places, strict=True)
    return {"eastings": list(eastings), "northings": list(northings), "srid": REGISTER_SRID}


_SPOT = {
    "point": sql.SQL("ST_SetSRID(ST_MakePoint(spot.easting, spot.northing), %(srid)s)"),
    "spots": sql.SQL("unnest(%(eastings)s::float8[], %(northings)s::float8[])"),
}
# Whether the box of `shape` reaches one of the places, or comes within `reach` metres of it. An array of boxes: only so
# does the map's index serve it.
AT_ONE_OF = sql.SQL(
    "shape && ANY ((SELECT array_agg(ST_Expand({point}, %(reach)s))"
    " FROM {spots} AS spot (easting, northing))::geometry[])"
).format(**_SPOT)
# Which of the places are within `reach` metres of `shape`, and how far; `among` reads it.
AMONG = {
    "among": sql.SQL(
        "(SELECT array_agg(ARRAY[spot.nth, ST_Distance(shape, {point})])"
        " FROM {spots} WITH ORDINALITY AS spot (easting, northing, nth) WHERE ST_DWithin(shape, {point}, %(reach)s))"
    ).format(**_SPOT)
}


def among(row: Mapping[str, Any]) -> list[tuple[int, float]]:
    """The places, counted from 0, that a row is near, each with its distance in metres."""
    return [(int(nth) - 1, metres) for nth, metres in row["among"] or []]
