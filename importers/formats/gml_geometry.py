"""GML's geometry elements as WKB: rings, surfaces of patches, curves of segments. Heights are left out."""

from collections.abc import Callable

import numpy as np
import shapely

from importers.formats.arcs import through_three_points
from importers.formats.contents import CURVED, UNREADABLE
from importers.formats.gml_systems import axes
from importers.formats.markup import Element, numbers

_AREAS = {"Polygon", "Surface", "MultiSurface", "MultiPolygon", "CompositeSurface", "PolygonPatch", "Rectangle",
          "Triangle", "PolyhedralSurface", "OrientableSurface"}  # fmt: skip
_LINES = {"LineString", "Curve", "MultiCurve", "MultiLineString", "CompositeCurve", "LinearRing", "Ring",
          "OrientableCurve"}  # fmt: skip
GEOMETRIES = _AREAS | _LINES | {"Point", "MultiPoint", "MultiGeometry"}
AROUND_MEMBERS = {"surfaceMember", "surfaceMembers", "polygonMember", "patches", "polygonPatches", "curveMember",
                   "curveMembers", "lineStringMember", "pointMember", "pointMembers", "geometryMember", "baseSurface",
                   "geometryMembers", "baseCurve", "segments"}  # fmt: skip


def _size(element: Element, size: int | None) -> int | None:
    """How many numbers a place has, by an element or what stands around it; None where nobody says."""
    said = element.attributes.get("srsDimension") or element.attributes.get("dimension")
    return int(said) if said else size


class _Curved(Exception):
    """A curve of a kind that is not made of arcs through points."""


class _Reading:
    """One position as it is read."""

    def __init__(self, swapped: Callable[[str | None], bool]) -> None:
        self.swapped = swapped
        self.arcs = 0

    def shapes(self, element: Element, name: str | None, size: int | None) -> list[shapely.Geometry]:
        """All single shapes in an element."""
        name = element.attributes.get("srsName", name)
        size = _size(element, size)
        kind = element.name
        if kind in ("Polygon", "PolygonPatch", "Rectangle", "Triangle"):
            return [self._polygon(element, name, size)]
        if kind in _LINES - {"MultiCurve", "MultiLineString"}:
            return [shapely.LineString(self._line(element, name, size))]
        if kind == "Point":
            return [shapely.Point(self._corners(element, name, size)[0])]
        if not element.children and "href" in element.attributes:
            raise ValueError("a member is only a link")
        within = [part for child in element.children if child.name in AROUND_MEMBERS | GEOMETRIES
                  for part in self.shapes(child, name, size)]  # fmt: skip
        if kind in ("Surface", "CompositeSurface", "PolyhedralSurface") and len(within) > 1:
            return [shapely.union_all(within)]  # patches of one area
        return within

    def _polygon(self, element: Element, name: str | None, size: int | None) -> shapely.Polygon:
        outer = element.child("exterior", "outerBoundaryIs")
        if outer is None:
            raise ValueError("a polygon without a boundary")
        return shapely.Polygon(
            self._ring(outer, name, size),
            [self._ring(inner, name, size) for inner in element.all("interior", "innerBoundaryIs")],
        )

    def _ring(self, element: Element, name: str | None, size: int | None) -> np.ndarray:
        corners = self._line(element.children[0], name, size)
        if len(corners) < 4 or (corners[0] != corners[-1]).any():
            raise ValueError("a ring that is not closed")
        return corners

    def _line(self, element: Element, name: str | None, size: int | None) -> np.ndarray:
        """(n, 2) corners of a line, a ring, or a curve with all its segments."""
        name = element.attributes.get("srsName", name)
        size = _size(element, size)
        if element.name in ("LineString", "LinearRing", "LineStringSegment"):
            return self._corners(element, name, size)
        if element.name in ("Arc", "ArcString"):
            self.arcs += 1
            return through_three_points(self._corners(element, name, size))
        if element.name in ("Circle", "ArcByCenterPoint", "CircleByCenterPoint", "BSpline", "Bezier", "CubicSpline",
                            "Geodesic", "GeodesicString", "Clothoid", "ArcByBulge", "ArcStringByBulge"):  # fmt: skip
            raise _Curved
        parts = [self._line(each, name, size) for child in element.children
                 for each in (child.children if child.name in AROUND_MEMBERS else [child])]  # fmt: skip
        if not parts:
            raise ValueError("an empty curve")
        return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])

    def _corners(self, element: Element, name: str | None, size: int | None) -> np.ndarray:
        listed: list[list[float]] = []
        for child in element.children:
            name = child.attributes.get("srsName", name)
            if child.name == "posList":
                flat = numbers(child.text)
                size = _size(child, size) or axes(name)
                if not 2 <= size <= 3 or len(flat) % size:
                    raise ValueError("coordinates that do not come in pairs")
                listed += np.reshape(flat, (-1, size)).tolist()
            elif child.name == "pos":
                listed.append(numbers(child.text))
            elif child.name == "coordinates":
                decimal, comma = child.attributes.get("decimal", "."), child.attributes.get("cs", ",")
                text = child.text if child.attributes.get("ts", " ").isspace() else child.text.replace(
                    child.attributes["ts"], " ")  # fmt: skip
                listed += [[float(number.replace(decimal, ".")) for number in pair.split(comma)]
                           for pair in text.split()]  # fmt: skip
            elif child.name == "coord":
                listed.append([float(axis.text) for axis in child.all("X", "Y")])
            elif child.name in ("pointProperty", "pointRep"):
                listed += self._corners(child.children[0], name, size).tolist()
        corners = np.array([pair[:2] for pair in listed], dtype=float).reshape(-1, 2)
        if not len(corners):
            raise ValueError("no coordinates")
        return corners[:, ::-1] if self.swapped(name) else corners


def read(element: Element, swapped: Callable[[str | None], bool]) -> tuple[bytes, bool, int]:
    """WKB of a geometry element, whether it is an area, and how many arcs were made straight.

    swapped  by a name of a coordinate system (None: the file's own): whether north comes first
    """
    area = element.name in _AREAS
    reading = _Reading(swapped)
    try:
        shapes = reading.shapes(element, None, None)
        kinds = {shape.geom_type for shape in shapes}
        if len(shapes) == 1 and not element.name.startswith("Multi"):
            whole = shapes[0]
        elif kinds <= {"Polygon", "MultiPolygon"}:
            whole = shapely.multipolygons(shapely.get_parts(shapes))
        elif kinds == {"LineString"}:
            whole = shapely.MultiLineString(shapes)
        elif kinds == {"Point"}:
            whole = shapely.MultiPoint(shapes)
        else:
            whole = shapely.GeometryCollection(shapes)
        return shapely.to_wkb(whole, byte_order=1), area, reading.arcs
    except _Curved:
        return CURVED, area, 0
    except (ValueError, IndexError, KeyError, TypeError, shapely.errors.GEOSException):
        return UNREADABLE, area, 0
