"""Shapes that are not in the database, as tiles: what is in a file, before anybody takes it over. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Self

import mapbox_vector_tile
import numpy as np
import shapely

from gisplatform import crs
from tiles.envelope import BUFFER, EQUATOR_M, EXTENT, Box, lonlat_bounds, tile_box

MOST_SHAPES = 5_000  # in one tile, the largest first
MOST_CORNERS = 500_000  # before they are simplified; the largest shape may have more
_SMALLEST = 8  # units of EXTENT: a pixel
_TOLERANCE = 2  # units of EXTENT that a simplified line may be off
_SQUARES = 32  # along a side of a tile
_MOST_INTEGER = 2**63


class Preview:
    """An index of shapes with their attributes; `tile` draws what lies in one place.

    Each shape is drawn, or counted in the tile in which its first corner lies: those smaller than a pixel, and the
    smallest where there are too many.
    """

    def __init__(self, shapes: Any, attributes: Mapping[str, Sequence[Any]] | None = None, name: str = "preview"):
        """shapes: (n,) array of shapely geometries or None as files have them, Web Mercator metres; mended where they
        cross themselves. attributes: columns of n values. name: of the layer in the tiles; what is counted is in
        `<name>_squares`.
        """
        self.name, self._attributes = name, attributes or {}
        shapes = shapely.force_2d(np.asarray(shapes, dtype=object))
        rows = np.flatnonzero(_is_somewhere(shapes))
        shapes = np.array([_of_one_kind(shape) for shape in _mended(shapes[rows])], dtype=object)
        left = ~shapely.is_empty(shapes)
        shapes, rows = shapes[left], rows[left]
        boxes = shapely.bounds(shapes).reshape(-1, 4)
        size = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
        largest_first = np.argsort(-size, kind="stable")
        # Everything below is in this order: the numbers that the index finds say who goes first.
        self._shapes, self._rows, self._size_m = shapes[largest_first], rows[largest_first], size[largest_first]
        self._is_point = shapely.get_dimensions(self._shapes) == 0
        self._corners = shapely.get_num_coordinates(self._shapes)
        first = np.cumsum(self._corners) - self._corners
        # In parts of the world from its north-west corner: which tile that is, is then exact at every zoom.
        self._begins = 0.5 + shapely.get_coordinates(self._shapes)[first] / (EQUATOR_M, -EQUATOR_M)
        self._index = shapely.STRtree(self._shapes)
        self.bounds: Box | None = None  # degrees, WGS 84
        if len(rows):
            west, south, east, north = map(float, shapely.total_bounds(self._shapes))
            self.bounds = lonlat_bounds((west, south, east, north))

    @classmethod
    def of_register(
        cls, shapes: Any, attributes: Mapping[str, Sequence[Any]] | None = None, name: str = "preview"
    ) -> Self:
        """The same of shapes in the register's system, metres."""
        return cls(crs.register_to_web_mercator(np.asarray(shapes, dtype=object)), attributes, name)

    def __len__(self) -> int:
        """How many shapes can be shown; fewer than were given where some are empty or nowhere on the map."""
        return len(self._shapes)

    def tile(self, z: int, x: int, y: int) -> bytes:
        """One tile, MVT 2.1; empty where nothing is.

        Layer `<name>`: the shapes, cut at the buffer, simplified to the zoom; the id is the row's number from 0.
        Layer `<name>_squares`: squares with the `count` of shapes that begin in them and are not drawn here.
        """
        unit_m = EQUATOR_M / 2**z / EXTENT
        near = np.sort(self._index.query(shapely.box(*tile_box(z, x, y, BUFFER))))
        seen = np.flatnonzero(self._is_point[near] | (self._size_m[near] >= _SMALLEST * unit_m))[:MOST_SHAPES]
        few = np.cumsum(self._corners[near[seen]]) <= MOST_CORNERS
        few[:1] = True
        seen = seen[few]
        west, _south, _east, north = tile_box(z, x, y)
        shapes = shapely.transform(self._shapes[near[seen]], lambda at: (at - (west, north)) / (unit_m, -unit_m))
        shapes = _drawn(shapes)
        there = ~shapely.is_empty(shapes)
        drawn = near[seen[there]]
        counted = np.delete(near, seen[there])
        squares = np.floor(self._begins[counted] * (2**z * _SQUARES)).astype(int) - np.multiply((x, y), _SQUARES)
        own = squares[np.all((squares >= 0) & (squares < _SQUARES), axis=1)]
        counts = np.bincount(own @ (1, _SQUARES), minlength=_SQUARES**2)
        layers = {
            self.name: [
                {"geometry": shape, "id": int(row), "properties": self._properties(row)}
                for shape, row in zip(shapes[there], self._rows[drawn], strict=True)
            ],
            f"{self.name}_squares": [
                {"geometry": _square(*divmod(int(at), _SQUARES)), "properties": {"count": int(counts[at])}}
                for at in np.flatnonzero(counts)
            ],
        }
        # Neither turned nor rounded by the encoder: both are done, for all shapes at once.
        options = {"y_coord_down": True, "extents": EXTENT, "check_winding_order": False}
        written = [{"name": name, "features": features} for name, features in layers.items() if features]
        return mapbox_vector_tile.encode(written, default_options=options)

    def _properties(self, row: int) -> dict[str, Any]:
        values = {name: _plain(column[row]) for name, column in self._attributes.items()}
        return {name: value for name, value in values.items() if value is not None}


def _is_somewhere(shapes: np.ndarray) -> np.ndarray:
    """Which shapes are neither missing nor empty, and have no corner in the infinite."""
    corners, of = shapely.get_coordinates(shapes, return_index=True)
    somewhere = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    somewhere[of[~np.isfinite(corners).all(axis=1)]] = False
    return somewhere


def _mended(shapes: np.ndarray) -> np.ndarray:
    crossed = ~shapely.is_valid(shapes)
    shapes[crossed] = shapely.make_valid(shapes[crossed], method="structure", keep_collapsed=False)
    return shapes


def _of_one_kind(shape: shapely.Geometry) -> shapely.Geometry:
    """A tile has points, lines or areas, not collections: of these the areas, else the lines, else the points."""
    if shape.geom_type != "GeometryCollection":
        return shape
    parts = shapely.get_parts(shapely.get_parts(shape))
    kinds = shapely.get_dimensions(parts)
    return shapely.union_all(parts[kinds == kinds.max(initial=0)])


def _drawn(shapes: np.ndarray) -> np.ndarray:
    """Shapes in units of a tile, cut, simplified and on whole units, valid; empty where nothing is left of them."""
    box = shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    beyond = ~shapely.contains(box, shapely.box(*shapely.bounds(shapes).reshape(-1, 4).T))
    kinds = shapely.get_dimensions(shapes)
    shapes[beyond] = [_of_one_kind(shape) for shape in shapely.intersection(shapes[beyond], box)]
    # An area that only touches the box would leave a line.
    shapes[shapely.get_dimensions(shapes) != kinds] = shapely.Point()
    shapes = shapely.set_precision(shapely.simplify(shapes, _TOLERANCE), 1)
    return shapely.orient_polygons(shapes)


def _square(row: int, column: int) -> shapely.Polygon:
    side = EXTENT // _SQUARES
    return shapely.box(column * side, row * side, (column + 1) * side, (row + 1) * side)


def _plain(value: Any) -> bool | int | float | str | None:
    """A value as tiles know it: days as text; None for what is not there."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value != value:  # the last: not a number, not a time
        return None
    if isinstance(value, bool | float) or (isinstance(value, int) and -_MOST_INTEGER <= value < _MOST_INTEGER):
        return value
    text = value.isoformat() if isinstance(value, date) else str(value)
    return text.encode(errors="replace").decode()
