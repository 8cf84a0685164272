"""Parcels by code, by sheet and number in any habit of writing, by old numbers, and by a number without its sheet."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from psycopg import sql

from layers.formats import area
from layers.names import search_key
from layers.parcels import queries as cadastre
from layers.parcels import references
from layers.parcels.references import ParcelReference
from layers.search import units
from layers.search.found import SPOT, Asked, Found, spots, told

Row = dict[str, Any]


def parcels(asked: Asked) -> list[Found]:
    """Parcels that bear what was typed, and those that they became which once bore it."""
    if not any(letter.isdigit() for letter in asked.text):
        return []
    written = sql.SQL("code = ANY(%(codes)s)")
    codes = {"codes": [asked.text, asked.text.upper()]}
    found: list[tuple[Row, str]] = [
        (row, "") for row in cadastre.parcels(asked.person, written, codes, limit=asked.limit, extra=SPOT)
    ]
    readings = [_borne(reference, asked) for reference in references.parse(asked.text)]
    for at, reading in enumerate(readings):
        # The likelier reading first, and room for the other.
        others = sum(map(len, readings[at + 1 :]))
        found += reading[: max(asked.limit - others, asked.limit // 2)]
    rank = 0
    if not found and (reference := references.parse_number(asked.text)):
        found, rank = _of_any_sheet(reference, asked)
    return hits(found, asked, rank)


def _borne(reference: ParcelReference, asked: Asked) -> list[tuple[Row, str]]:
    """Parcels of today with that sheet and number, or that bore it, or came from one that did; each with a remark."""
    communes = units.communes_of(reference.place, asked.person) if reference.place else []
    if communes is None and not references.says_parcel(asked.text):
        return []  # what stands behind the numbers is a street, and 12/283 a house in a lane of it
    ask: dict[str, Any] = {"communes": communes or [], "extra": SPOT}
    once = {"sheet": reference.sheet, "number": reference.number}
    renumbered = _("was parcel %(number)s, sheet %(sheet)s before the re-survey") % once
    successor = _("came from parcel %(number)s, sheet %(sheet)s") % once
    person, limit = asked.person, asked.limit
    found = [(row, "") for row in cadastre.by_reference(reference, person, limit=limit, near=asked.near, **ask)]
    found += [(row, renumbered) for row in cadastre.by_old_reference(reference, person, limit=limit, **ask)]
    return found + [(row, successor) for row in cadastre.successors(reference, person, **ask)]


def _of_any_sheet(reference: ParcelReference, asked: Asked) -> tuple[list[tuple[Row, str]], int]:
    """Candidates for a number alone, the nearest to the middle of the map first, and how well they answer."""
    says = references.says_parcel(asked.text)
    communes = units.communes_of(reference.place, asked.person) if reference.place else []
    if reference.place and not communes and not says:
        return [], 0
    # A small number is on every sheet; without a map any of them will do.
    found = cadastre.by_reference(
        reference, asked.person, communes=communes or [], limit=asked.limit, near=asked.near, extra=SPOT
    )
    return [(row, "") for row in found], 0 if says else 1


def hits(found: Sequence[tuple[Row, str]], asked: Asked, rank: int = 0) -> list[Found]:
    """Hits for rows with their remarks; of a parcel that was found twice, the first."""
    first: dict[str, tuple[Row, str]] = {}
    for row, remark in found:
        first.setdefault(row["code"], (row, remark))
    kept = list(first.values())[: asked.limit]
    communes = units.names_of({row["commune_code"] for row, _remark in kept}, asked.person)
    made = []
    for (row, remark), spot in zip(kept, spots([row for row, _remark in kept]), strict=True):
        size = row["area_document_m2"] or row["area_measured_m2"]
        subtitle = told(communes.get(row["commune_code"], row["commune_code"]), row["land_use"], area(size), remark)
        made.append(
            Found(
                "parcel", title(row), subtitle, spot.position, spot.bounds,
                row["code"], "parcels", row["id"], spot.place, rank=rank,
            )
        )  # fmt: skip
    return made


def title(row: Row) -> str:
    """What a parcel is called."""
    return _("Parcel %(number)s, sheet %(sheet)s") % {"number": row["number"], "sheet": row["sheet"]}


def means_only_a_parcel(asked: Asked) -> bool:
    """Whether the text names a parcel and nothing else could be meant."""
    return references.says_parcel(asked.text) or not any(letter.isalpha() for letter in search_key(asked.text))
