"""Layers that everyone sees alike and a map shows together, sent as one tile: the quiet base.

Each source of a map costs a request and a pass of drawing for every tile in view, so a map of few sources rests sooner.
The layers keep their own tiles too, for other clients.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from gisplatform.access import CITIZEN, Person, sights
from layers.catalogue import GROUPS, Layer, Text, find, layers
from tiles import viewers

BASE = "base"  # the group of the catalogue, and the name in addresses: no layer has it


@dataclass(frozen=True)
class Bundle:
    """Layers in one tile, each from its own first zoom on. No row of them is hidden from anybody."""

    key: str
    title: Text
    members: tuple[Layer, ...]

    @property
    def min_zoom(self) -> int:
        """The first zoom at which there is something."""
        return min(layer.min_zoom for layer in self.members)

    @property
    def max_zoom(self) -> int:
        """The last zoom of tiles."""
        return max(layer.max_zoom for layer in self.members)

    def first_zoom(self, today: bool) -> int:
        """The first zoom at which there is something of the present day, or of another one."""
        return min(layer.first_zoom(today) for layer in self.members)

    def at(self, z: int, today: bool) -> list[Layer]:
        """Those that are in tiles of a zoom."""
        return [layer for layer in self.members if layer.first_zoom(today) <= z]


Tileset = Layer | Bundle


@lru_cache(maxsize=1)
def bundles() -> dict[str, Bundle]:
    """All bundles by their keys."""
    members = tuple(layer for layer in layers() if layer.group == BASE and viewers.sees_everything(layer, CITIZEN))
    return {BASE: Bundle(BASE, GROUPS[BASE], members)} if members else {}


def source_of(layer: Layer) -> str:
    """The source of a map from which a layer is drawn: its bundle, or its own tiles."""
    return next((bundle.key for bundle in bundles().values() if layer in bundle.members), layer.key)


def sources_of(seen: Sequence[Layer]) -> dict[str, Tileset]:
    """What a map of these layers asks for, by the names of its sources."""
    own = {source_of(layer): layer for layer in seen}
    return {key: bundles().get(key, layer) for key, layer in own.items()}


def tilesets() -> list[Tileset]:
    """All that has tiles under a name of its own."""
    return [*layers(), *bundles().values()]


def tileset_for(key: str, person: Person) -> Tileset | None:
    """What has tiles under a name, as far as it exists for this person."""
    layer = find(key)
    if layer is None:
        return bundles().get(key)
    return layer if sights(layer.access, person) else None


def viewer_of(tileset: Tileset, person: Person) -> str | None:
    """The name under which this person's tiles are kept; None when there are none for him."""
    return viewers.PUBLIC if isinstance(tileset, Bundle) else viewers.viewer_of(tileset, person)


def members_of(tileset: Tileset) -> Sequence[Layer]:
    """The layers in a tile."""
    return tileset.members if isinstance(tileset, Bundle) else [tileset]
