"""Areas and lines as they are drawn from afar: joined, with fewer corners, and neighbours still on one border. Pure.

Shapes are Web Mercator, metres; what they were cut into cells for is in levels.py.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

logger = logging.getLogger(__name__)

# Of the areas of a cell so much may be lost or gained when corners are left out, and so much go from one to another.
# Where more would, fewer corners are.
AREA_LOST, AREA_MOVED = 0.0005, 0.002
_FINER = 9  # times that the tolerance is halved before corners are left as they are

# The ellipsoid WGS 84.
_EQUATOR_M, _FLATTENING = 6378137.0, 1 / 298.257223563


def true_sizes(shapes: np.ndarray, *, areas: bool) -> np.ndarray:
    """Areas (m²) or lengths (m) on the ellipsoid of shapes that are small beside the globe: (n,) → (n,) float64.

    Source: radii of curvature of the ellipsoid at the latitude of each shape's middle.
    """
    bounds = shapely.bounds(shapes)
    latitude = np.arctan(np.sinh((bounds[:, 1] + bounds[:, 3]) / 2 / _EQUATOR_M))
    squared = _FLATTENING * (2 - _FLATTENING)
    bend = 1 - squared * np.sin(latitude) ** 2
    across, along = 1 / np.sqrt(bend), (1 - squared) / bend**1.5  # radii over that of the equator
    share = across * along * np.cos(latitude) ** 2
    return shapely.area(shapes) * share if areas else shapely.length(shapes) * np.sqrt(share)


@dataclass(frozen=True)
class Coverage:
    """Areas that do not lie over each other, joined where they are of one kind, and the empty land between them.

    kinds, shapes  (k,) what each joined area is, and where
    between        what is neither these areas nor land of others that comes up to them
    """

    kinds: list[int]
    shapes: np.ndarray
    between: BaseGeometry


def coverage_of(shapes: np.ndarray, kinds: np.ndarray, others: np.ndarray) -> Coverage:
    """Join areas of one kind.

    shapes, kinds  (n,) polygons, and which are to be joined
    others         (m,) polygons of other cells that may come up to these: the border with them must stay as it is
    """
    order = np.argsort(kinds, kind="stable")
    found, starts = np.unique(kinds[order], return_index=True)
    joined = np.array([_joined(part) for part in np.split(shapes[order], starts[1:])], dtype=object)
    west, south, east, north = shapely.total_bounds(shapes)
    margin = max(east - west, north - south) / 2 + 1
    frame = shapely.box(west - margin, south - margin, east + margin, north + margin)
    between = shapely.difference(frame, _joined(np.concatenate([joined, others])))
    return Coverage(found.tolist(), joined, between)


def _joined(shapes: np.ndarray) -> BaseGeometry:
    """One area of many; in real files some lie over each other, or are no valid shapes at all."""
    if len(shapes) == 1:
        return shapes[0]
    try:
        if shapely.coverage_is_valid(shapes):
            return shapely.coverage_union_all(shapes)
        return shapely.union_all(shapes)
    except shapely.GEOSException:
        return shapely.union_all(shapely.make_valid(shapes))


def simplified(coverage: Coverage, tolerance_m: float) -> tuple[np.ndarray, float]:
    """The shapes of a coverage with fewer corners, (k,) in their order, and the tolerance that could be had.

    A border between two of them, or with empty land, becomes another; one with land of others stays. Where areas lie
    over each other they keep their corners.
    tolerance_m  the square root of the area that a corner may enclose; it is lowered until the areas stay what they are
    """
    areas = shapely.area(coverage.shapes)
    for _turn in range(_FINER):
        drawn = shapely.coverage_simplify([*coverage.shapes, coverage.between], tolerance_m, simplify_boundary=False)
        drawn = drawn[:-1]
        changed = (shapely.area(drawn) - areas) / areas.sum()
        kept = abs(changed.sum()) <= AREA_LOST and np.abs(changed).sum() <= AREA_MOVED
        if kept and shapely.is_valid(drawn).all():
            return drawn, tolerance_m
        tolerance_m /= 2
    return coverage.shapes, 0.0


def drawn_areas(
    shapes: np.ndarray, kinds: np.ndarray, others: np.ndarray, tolerances_m: Sequence[float]
) -> Iterator[dict[int, BaseGeometry]]:
    """Joined areas by kind, for each tolerance, the largest first; see simplified. Fails on no shape."""
    try:
        coverage = coverage_of(shapes, kinds, others)
    except shapely.GEOSException as exc:
        logger.warning("Areas are drawn with all their corners from afar: %s", exc)
        joined = {kind: shapely.multipolygons(_parts(shapes[kinds == kind])) for kind in np.unique(kinds).tolist()}
        for _tolerance in tolerances_m:
            yield joined
        return
    drawn, had = coverage.shapes, float("inf")
    for tolerance in tolerances_m:
        if tolerance < had:
            try:
                drawn, had = simplified(coverage, tolerance)
            except shapely.GEOSException as exc:
                logger.warning("Areas keep their corners from afar: %s", exc)
                drawn, had = coverage.shapes, 0.0
        yield dict(zip(coverage.kinds, drawn, strict=True))


def on_grid(shape: BaseGeometry, unit_m: float, half_world_m: float) -> BaseGeometry:
    """A valid area with its corners on a grid that begins at the corner of the world; outer rings go clockwise.

    Neighbours' common corners go to the same place of the grid. What is narrower than the grid may be empty.
    """
    placed = shapely.transform(shape, lambda corners: (corners + half_world_m) / unit_m)
    snapped = shapely.orient_polygons(_rounded(placed), exterior_cw=True)
    return shapely.transform(snapped, lambda corners: corners * unit_m - half_world_m)


def _rounded(shape: BaseGeometry) -> BaseGeometry:
    """A valid area with its corners rounded to whole numbers.

    Corners are rounded one by one as far as that leaves a valid area: so a border is the same for both sides. To make
    one valid adds corners to it that its neighbour does not have.
    """
    parts = shapely.get_parts(shape)
    plain = shapely.remove_repeated_points(shapely.set_precision(parts, 1, mode="pointwise"))
    broken = ~shapely.is_valid(plain) | shapely.is_empty(plain)
    mended = shapely.get_parts(shapely.set_precision(parts[broken], 1))
    whole = shapely.MultiPolygon([*plain[~broken], *mended[~shapely.is_empty(mended)]])
    return whole if shapely.is_valid(whole) else shapely.set_precision(shape, 1)


def _parts(shapes: np.ndarray) -> np.ndarray:
    parts = shapely.get_parts(shapely.get_parts(shapes))
    return parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]


def drawn_lines(
    shapes: np.ndarray, kinds: np.ndarray, tolerances_m: Sequence[float]
) -> Iterator[dict[int, BaseGeometry]]:
    """Lines of one kind joined where they meet, by kind, for each tolerance (metres that a corner may move)."""
    joined = {
        kind: shapely.line_merge(shapely.multilinestrings(shapely.get_parts(shapes[kinds == kind])))
        for kind in np.unique(kinds).tolist()
    }
    for tolerance in tolerances_m:
        yield {kind: shapely.simplify(line, tolerance) for kind, line in joined.items()}
