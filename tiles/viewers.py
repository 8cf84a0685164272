"""Who sees the same rows of a layer, and so may share its tiles.

A viewer is a name that stands in addresses and folders: "public", or the fewest roles that see what a person sees, such
as "planner" or "utility-5" for the utility of organisation 5. Names say what is in a tile, they give no right to it.
"""

import re
from functools import lru_cache
from typing import Any

from gisplatform.access import CITIZEN, Person, Role, row_condition, sees_exactly
from layers.catalogue import Layer, find

PUBLIC = "public"
_NAME = re.compile(r"([a-z]+(?:\.[a-z]+)*)(?:-([1-9][0-9]{0,17}))?")


def viewer_of(layer: Layer, person: Person) -> str | None:
    """The name under which this person's tiles of a layer are kept; None when the layer does not exist for him."""
    return _viewer_of(layer.key, person)


@lru_cache(maxsize=4096)
def _viewer_of(key: str, person: Person) -> str | None:
    layer = find(key)
    assert layer
    rows = _rows(layer, person)
    if rows is None:
        return None
    alone = [
        CITIZEN,
        *(Person.of([role], whose) for whose in (None, person.organisation) for role in Role if role in layer.access),
    ]
    return next(name_of(other) for other in (*alone, person) if _rows(layer, other) == rows)


def _rows(layer: Layer, person: Person) -> tuple[Any, ...] | None:
    """What decides the tiles of a layer, to compare with; None when the layer does not exist for the person."""
    restriction = row_condition(layer.access, person)
    if restriction is None:
        return None
    allowed = tuple(sorted((column, tuple(sorted(set(values)))) for column, values in restriction[1].items()))
    return sees_exactly(layer.access, person), allowed


def sees_everything(layer: Layer, person: Person) -> bool:
    """Whether this person sees every row of a layer, and exactly where it is."""
    return _rows(layer, person) == (True, ())


def name_of(person: Person) -> str:
    """A person as a viewer's name."""
    if person == CITIZEN:
        return PUBLIC
    roles = ".".join(sorted(person.roles - CITIZEN.roles)) or Role.CITIZEN.value
    return roles if person.organisation is None else f"{roles}-{person.organisation}"


def person_named(viewer: str) -> Person | None:
    """The person that a viewer's name describes; None where it is no such name."""
    if viewer == PUBLIC:
        return CITIZEN
    parts = _NAME.fullmatch(viewer)
    if not parts or not set(roles := parts[1].split(".")) <= set(Role.values):
        return None
    return Person.of(roles, int(parts[2]) if parts[2] else None)
