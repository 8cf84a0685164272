"""Which column of a file holds what, by its name in any of the habits of writing. Pure: no Django, no file.

Names are compared without case, underscores, spaces and tone marks; a shapefile cuts names after ten characters.
"""

import csv
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLES = Path(__file__).parent / "rules"
PERSONAL = "personal"  # the field of columns that never leave the file
SHAPEFILE_NAME_LENGTH = 10


class UnknownColumn(Exception):
    """A column was asked for that the file does not have, or for a field that is not known."""


@dataclass(frozen=True)
class Columns:
    """What was found: field → column, and the columns that stay in the file."""

    found: dict[str, str]
    personal: tuple[str, ...]
    unused: tuple[str, ...]


def comparable(name: str) -> str:
    """A column's name as it is compared: `Số_Thửa` and `SOTHUA` are one."""
    # NFKD leaves đ in one piece.
    parts = unicodedata.normalize("NFKD", name.casefold().replace("đ", "d"))
    return "".join(letter for letter in parts if letter.isalnum())


@cache
def aliases(table: str) -> tuple[tuple[str, str], ...]:
    """(field, alias) in order of preference, from `rules/{table}.csv`; the file also says where each was met."""
    with (TABLES / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return tuple((row["field"], row["alias"]) for row in csv.DictReader(lines))


def fields(table: str) -> tuple[str, ...]:
    """The fields that a file may fill."""
    return tuple(dict.fromkeys(field for field, _ in aliases(table) if field != PERSONAL))


def match(table: str, columns: Sequence[str], *, chosen: Mapping[str, str], cut_names: bool) -> Columns:
    """Find each field's column among the columns of a file.

    chosen     field → column as a person gave it; these win
    cut_names  the format keeps only ten characters of a name
    Raises UnknownColumn(field, column) when a chosen field or column does not exist.
    """
    found: dict[str, str] = {}
    for field, name in chosen.items():
        same = [column for column in columns if column == name] or [
            column for column in columns if comparable(column) == comparable(name)
        ]
        if field not in fields(table) or not same:
            raise UnknownColumn(field, name)
        found[field] = same[0]
    by_name: dict[str, str] = {}
    for column in columns:
        by_name.setdefault(comparable(column), column)
    personal: set[str] = set()
    for field, alias in aliases(table):
        names = [comparable(alias)]
        if cut_names and len(alias) > SHAPEFILE_NAME_LENGTH:
            names.append(comparable(alias[:SHAPEFILE_NAME_LENGTH]))
        for column in filter(None, map(by_name.get, names)):
            if field == PERSONAL:
                personal.add(column)
            elif field not in found and column not in found.values():
                found[field] = column
    personal -= set(found.values())
    unused = [column for column in columns if column not in found.values() and column not in personal]
    return Columns(found, tuple(column for column in columns if column in personal), tuple(unused))
