"""What a query of the database saw, and what has changed since. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from layers.catalogue import Layer
from layers.drawn.levels import grid_m
from tiles.bundles import Tileset, members_of
from tiles.envelope import EQUATOR_M, EXTENT
from tiles.statements import buffer_of

# ST_AsMVTGeom rounds corners to whole units: what lies half a unit beyond the buffer may come in.
_ROUNDED = 0.51

_TOUCHING = 0.01  # what only touches the buffer's edge is not drawn

_MANY = 2000  # tiles: of more it is quicker to look at those that there are

Tile = tuple[int, int, int]  # z, x, y


@dataclass(frozen=True)
class Snapshot:
    """Which transactions a query saw, as PostgreSQL writes it: first unfinished, first not yet begun, unfinished."""

    text: str

    @cached_property
    def _parts(self) -> tuple[int, int, frozenset[int]]:
        first, beyond, running = self.text.split(":")
        return int(first), int(beyond), frozenset(map(int, running.split(","))) if running else frozenset()

    def holds(self, other: "Snapshot") -> bool:
        """Whether everything was seen that another snapshot sees."""
        _first, beyond, running = self._parts
        return beyond >= other._parts[1] and not any(other.sees(transaction) for transaction in running)

    def sees(self, transaction: int) -> bool:
        """Whether what a transaction did was seen."""
        first, beyond, running = self._parts
        return transaction < first or (transaction < beyond and transaction not in running)


@dataclass(frozen=True)
class Change:
    """One line of the change log.

    layer        the key; "" for every layer
    transaction  its number
    shape        what was or is drawn, Web Mercator; None for all of the layer
    min_zoom, max_zoom  the zooms at which it is
    """

    layer: str
    transaction: int
    shape: BaseGeometry | None
    min_zoom: int = 0
    max_zoom: int = 99

    def concerns(self, key: str) -> bool:
        """Whether it is about a layer."""
        return self.layer in ("", key)

    def concerns_any(self, tileset: Tileset) -> bool:
        """Whether it is about a layer in these tiles."""
        return any(self.concerns(layer.key) for layer in members_of(tileset))


def grown_boxes(layer: Layer, tiles: Sequence[Tile]) -> np.ndarray:
    """The places from which a row is drawn in each tile: (n,) boxes with their buffers, Web Mercator metres."""
    z, x, y = np.asarray(tiles, dtype=float).reshape(-1, 3).T
    width = EQUATOR_M / 2**z
    zooms, at = np.unique(z, return_inverse=True)
    margin = (
        np.array([(buffer_of(layer, int(zoom)) + _beyond(layer, int(zoom))) / EXTENT for zoom in zooms])[at] * width
    )
    west, north = x * width - EQUATOR_M / 2, EQUATOR_M / 2 - y * width
    return shapely.box(west - margin, north - width - margin, west + width + margin, north + margin)


def _beyond(layer: Layer, z: int) -> float:
    """How much farther than the buffer what is drawn may lie, units; what lies on the grid already must lie within."""
    level = layer.level_at(z)
    return _ROUNDED if level is None or grid_m(layer, level) is None else -_TOUCHING


def touched(tileset: Tileset, tiles: Sequence[Tile], changes: Sequence[Change]) -> dict[int, list[Change]]:
    """Which tiles changes touch, and which do: position in `tiles` → changes. Shapes count, not bounding boxes."""
    found: dict[int, list[Change]] = {}
    for layer in members_of(tileset):
        with_it = [at for at, (z, _x, _y) in enumerate(tiles) if z >= layer.min_zoom]
        for at, by in _touched(layer, [tiles[at] for at in with_it], changes).items():
            found.setdefault(with_it[at], []).extend(by)
    return found


def _touched(layer: Layer, tiles: Sequence[Tile], changes: Sequence[Change]) -> dict[int, list[Change]]:
    about = [change for change in changes if change.concerns(layer.key)]
    if not about or not tiles:
        return {}
    found: dict[int, list[Change]] = {}
    for change in about:
        if change.shape is None:
            for at in range(len(tiles)):
                found.setdefault(at, []).append(change)
    placed = [change for change in about if change.shape is not None]
    if placed:
        tree = shapely.STRtree([change.shape for change in placed])
        pairs = tree.query(grown_boxes(layer, tiles), predicate="intersects").T.tolist()
        for at, which in pairs:
            if placed[which].min_zoom <= tiles[at][0] <= placed[which].max_zoom:
                found.setdefault(at, []).append(placed[which])
    return found


def tiles_near(tileset: Tileset, changes: Iterable[Change]) -> set[Tile] | None:
    """The tiles that the bounding boxes of changes may touch, at every zoom; None where they are many, or all."""
    near: set[Tile] = set()
    for layer, change in product(members_of(tileset), changes):
        if not change.concerns(layer.key) or (change.shape is not None and change.shape.is_empty):
            continue
        for z in range(max(layer.min_zoom, change.min_zoom), min(tileset.max_zoom, change.max_zoom) + 1):
            if change.shape is None or len(near) > _MANY:
                return None
            columns, rows = _around(layer, change.shape, z)
            if len(columns) * len(rows) > _MANY:
                return None
            near.update((z, x, y) for x in columns for y in rows)
    return near


def _around(layer: Layer, shape: BaseGeometry, z: int) -> tuple[range, range]:
    """The columns and rows of tiles that the bounding box of a shape may touch."""
    west, south, east, north = shape.bounds
    width = EQUATOR_M / 2**z
    margin = (buffer_of(layer, z) + 1) / EXTENT * width

    def span(low: float, high: float) -> range:
        first, last = (int((edge + EQUATOR_M / 2) // width) for edge in (low - margin, high + margin))
        return range(max(first, 0), min(last, 2**z - 1) + 1)

    return span(west, east), span(-north, -south)
