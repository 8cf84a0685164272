"""Houses by street and number, and the parcel that each stands on."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from psycopg import sql

from layers import house_numbers
from layers.house_numbers import House
from layers.names import search_key, search_words
from layers.parcels import queries as cadastre
from layers.search import named, parcels
from layers.search.found import AMONG, AS_FOUND, AT_ONE_OF, Asked, Found, Spot, among, rows, several, spots, told

KEY = "addresses"
MOST_HOUSES = 60
# A street of this name and that: so many names are tried where the street was not typed as the register writes it.
MOST_STREETS = 12
# An entrance may stand a little before the border of its parcel.
AT_DOOR_M = 3.0
# Where a number is not there, so many of the nearest are offered, within so many degrees of the street's bounds (50 m).
NEAREST, ALONG = 4, 0.0005

Row = dict[str, Any]
# What the published row does not carry: the parcel that the register names, of use only together with the cadastre.
PARCEL = {
    "parcel": sql.SQL(
        "(SELECT parcel FROM base_address house WHERE house.identity = published.id"
        " AND house.valid_during = published.valid_during AND house.recorded_during = published.recorded_during)"
    )
}
# The key of a street's name and how many words of what was typed it takes, and the keys of numbers sought there.
Streets = Mapping[str, tuple[int, list[str]]]


def addresses(asked: Asked) -> list[Found]:
    """Houses that the text may mean; where the number is not there, those whose number begins with it."""
    houses = house_numbers.parse(asked.text)
    for house in houses:
        streets = _as_typed(house)
        if found := _houses(house, streets, asked):
            return found
    for house in houses:
        if (streets := _as_registered(house, asked)) and (found := _houses(house, streets, asked)):
            return found
    return []


def streets_of_houses(asked: Asked) -> list[Found]:
    """The street of a house that was typed."""
    words = street_words(asked)
    return named.streets(named.named("streets", words, asked.person), asked, words) if words else []


def instead_of(streets: Sequence[Found], asked: Asked) -> tuple[list[Found], list[Found]]:
    """Where a house is not in the register: its street, which says so, and the houses nearest by number."""
    house = next((house for house in house_numbers.parse(asked.text) if not house.lane), None)
    if house is None or not streets:
        return list(streets), []
    likest = min(street.rank for street in streets)
    # 601 may also be the street's own: Đường tỉnh 601.
    meant = {
        street.title for street in streets if street.rank == likest and house.doors[0] not in search_words(street.title)
    }
    near = _nearest_numbers(house, sorted(meant)[:MOST_STREETS], asked)
    told, offered = [], []
    for street in streets:
        there = [hit for hit in near if street.title in meant and _is_along(street, hit)][:NEAREST]
        told.append(replace(street, note=_not_there(house, there)) if street.title in meant else street)
        offered += [replace(hit, rank=street.rank + 1) for hit in there]
    return told, list(dict.fromkeys(offered))


def _nearest_numbers(house: House, streets: Sequence[str], asked: Asked) -> list[Found]:
    """Houses of streets of these names, those first whose number is nearest to the one that was typed."""
    keys = [key for street in streets for key in house_numbers.keys_of(search_key(street))]
    params = {"streets": keys, "number": int("0" + re.split(r"\D", house.doors[0])[0])}
    number = "substring(house_number from '[0-9]+')::numeric"
    order = sql.SQL(f"abs({number} - %(number)s) NULLS LAST, length(house_number), house_number, id")
    where = sql.SQL("search_key(street_name) = ANY(%(streets)s)")
    there = rows(KEY, asked.person, where, params, limit=MOST_HOUSES, order_by=order, extra=PARCEL)
    return [_hit(row, spot) for row, spot in zip(there, spots(there), strict=True)]


def _is_along(street: Found, house: Found) -> bool:
    """Whether a house stands along this street rather than along another of the same name."""
    if not street.bounds or house_numbers.bare(search_key(street.title)) not in search_key(house.title):
        return False
    (west, south, east, north), (lon, lat) = street.bounds, house.position
    return west - ALONG < lon < east + ALONG and south - ALONG < lat < north + ALONG


def _not_there(house: House, nearest: Sequence[Found] = ()) -> str:
    told = {"number": "/".join(house.doors).upper()}
    if not nearest:
        return _("No house number %(number)s in the records") % told
    numbers = [hit.title.split(" ", 1)[0] for hit in nearest]
    told["nearest"] = ", ".join(sorted(numbers, key=lambda number: (len(number), number)))
    return _("No house number %(number)s in the records; nearest: %(nearest)s") % told


def street_words(asked: Asked) -> list[str]:
    """The words behind the number of a house that was typed; none where none was."""
    return next((_street_words(house) for house in house_numbers.parse(asked.text)), [])


def _street_words(house: House) -> list[str]:
    return [part for word in house.place[: house.comma] for part in search_words(word)]


def _as_typed(house: House) -> Streets:
    """The streets that the words may name as they stand, longer names first; the rest of them is a ward's name."""
    streets: dict[str, tuple[int, list[str]]] = {}
    for street, rest in house.streets():
        length = len(house.place) - len(rest)
        for key in house_numbers.keys_of(street):
            streets.setdefault(key, (length, house.numbers))
            for lane, number in house.lanes(house_numbers.bare(street)).items():
                streets.setdefault(lane, (length, [number]))
    return streets


def _as_registered(house: House, asked: Asked) -> Streets:
    """Streets that have the words in another order, or begin with them, or are spelled alike."""
    words = _street_words(house)
    found = named.named("streets", words, asked.person) or named.alike(["streets"], words, asked.person).get(
        "streets", []
    )
    found = sorted(found, key=lambda row: (named.rank(row, asked, words), len(row["name"]), row["name"]))
    names = list(dict.fromkeys(row["name"] for row in found))[:MOST_STREETS]
    keys = [key for name in names for key in house_numbers.keys_of(search_key(name))]
    return dict.fromkeys(keys, (house.comma, house.numbers))


def _houses(house: House, streets: Streets, asked: Asked) -> list[Found]:
    numbers = sorted({number for _length, sought in streets.values() for number in sought})
    at_street = sql.SQL("search_key(street_name) = ANY(%(streets)s)")
    keys = {"streets": list(streets)}
    exact = at_street + sql.SQL(" AND search_key(house_number) = ANY(%(numbers)s)")
    found = list(_rows(exact, {**keys, "numbers": numbers}, asked)) if numbers else []
    # A lane's own number belongs to the lane's name only: `kiet 12 trang non` and 5, not `trang non` and 5.
    found = [row for row in found if search_key(row["house_number"]) in _street(row, streets)[1]]
    note = ""
    if not found:
        begun = at_street + sql.SQL(" AND search_key(house_number) LIKE ANY(%(begun)s)")
        patterns = [f"{beginning}%" for beginning in house.beginnings]
        found = list(_rows(begun, {**keys, "begun": patterns}, asked))
        note = "" if house.lane else _not_there(house)
    return _hits(found, streets, house, asked, note)


def _rows(where: sql.Composable, params: Mapping[str, Any], asked: Asked) -> Sequence[Row]:
    return rows(KEY, asked.person, where, params, limit=MOST_HOUSES, order_by=AS_FOUND, extra=PARCEL)


def _street(row: Row, streets: Streets) -> tuple[int, list[str]]:
    return streets.get(search_key(row["street_name"]), (0, []))


def _hits(found: Sequence[Row], streets: Streets, house: House, asked: Asked, note: str) -> list[Found]:
    """Hits for houses: those on the street of the longest name, and of several wards the nearest first."""
    if not found:
        return []
    lengths = [_street(row, streets)[0] for row in found]
    longest = max(lengths)
    kept = [row for row, length in zip(found, lengths, strict=True) if length == longest]
    within = tuple(part for word in house.place[longest:] for part in search_words(word))
    made = [_hit(row, spot, within, note) for row, spot in zip(kept, spots(kept), strict=True)]
    return sorted(made, key=lambda hit: (asked.distance(hit.place), len(hit.title), hit.title))


def _hit(row: Row, spot: Spot, within: tuple[str, ...] = (), note: str = "") -> Found:
    title = f"{row['house_number']} {row['street_name']}"
    return Found(
        "address", title, "", spot.position, layer=KEY, id=row["id"], place=spot.place, parcel=row["parcel"],
        within=within, note=note,
    )  # fmt: skip


def with_parcels(hits: Sequence[Found], asked: Asked) -> list[Found]:
    """The houses with the parcels that they stand on: those that the register names, else those at the door."""
    there = _named_parcels(hits, asked)
    left = [hit for hit in hits if hit.parcel not in there]
    at_door = dict(zip(left, _at_doors(left, asked), strict=True))
    made = []
    for hit in hits:
        parcel = there.get(hit.parcel) or at_door.get(hit)
        subtitle = told(hit.subtitle, parcels.title(parcel) if parcel else "")
        made.append(replace(hit, subtitle=subtitle, code=parcel["code"] if parcel else None))
    return made


def _named_parcels(hits: Sequence[Found], asked: Asked) -> dict[int | None, Row]:
    """The parcels that the register of addresses names, by identity; only those that are there today."""
    wanted = [hit.parcel for hit in hits if hit.parcel is not None]
    if not wanted:
        return {}
    where = sql.SQL("id = ANY(%(ids)s::bigint[])")
    there = cadastre.parcels(asked.person, where, {"ids": wanted}, limit=len(wanted), order_by=AS_FOUND)
    return {row["id"]: row for row in there}


def _at_doors(hits: Sequence[Found], asked: Asked) -> list[Row | None]:
    """The parcel at each door: the nearest one, the smaller of two."""
    nearest: list[tuple[float, float, Row] | None] = [None] * len(hits)
    if not hits:
        return []
    params = {**several(hit.place for hit in hits if hit.place), "reach": AT_DOOR_M}
    there = rows("parcels", asked.person, AT_ONE_OF, params, limit=20 * len(hits), order_by=AS_FOUND, extra=AMONG)
    for row in there:
        for nth, metres in among(row):
            rival = nearest[nth]
            if not rival or (metres, row["area_measured_m2"]) < rival[:2]:
                nearest[nth] = (metres, row["area_measured_m2"], row)
    return [best[2] if best else None for best in nearest]
