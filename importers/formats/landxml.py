"""LandXML 1.0 to 2.0, ePlan among it: parcels whose lines and arcs refer to points by name. North comes before east."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import shapely

from importers.detection import Source
from importers.formats.arcs import around
from importers.formats.contents import BATCH_ROWS, UNREADABLE, Contents, Refused, batch
from importers.formats.markup import Element, numbers, walk

_METRES = {"meter", "metre"}
_SEGMENTS = ("Line", "Curve", "IrregularLine")
_TOGETHER_M = 0.01  # a ring whose pieces leave a wider gap is not closed


@dataclass
class _Survey:
    """First walk: all points, the names of columns, and the pieces of parcels that others refer to."""

    points: dict[str, tuple[float, float]] = field(default_factory=dict)  # name → east, north
    columns: dict[str, None] = field(default_factory=dict)
    system: str | None = None
    parcels: int = 0
    _point: str | None = None

    def begin(self, name: str, uri: str, attributes: dict[str, str]) -> None:
        if name == "CgPoint":
            self._point = attributes.get("name") or attributes.get("oID")
            if self._point is None and "pntRef" not in attributes:
                self._point = ""
        elif name == "Parcel":
            self.parcels += 1
            self.columns |= dict.fromkeys(attributes)
        elif name in ("Metric", "Imperial") and attributes.get("linearUnit") not in _METRES | {None}:
            raise Refused("wrong_unit", unit=attributes["linearUnit"])
        elif name == "CoordinateSystem":
            epsg = attributes.get("epsgCode", "").upper().removeprefix("EPSG:")
            self.system = f"EPSG:{epsg}" if epsg.isdigit() else attributes.get("ogcWktCode") or None

    def end(self, name: str, text: str) -> None:
        if name == "CgPoint" and self._point is not None:
            try:
                north, east = numbers(text)[:2]
            except ValueError:
                return  # refers to another, or has no place; a parcel that needs it says so
            self.points[self._point] = (east, north)


@dataclass
class _Parcels:
    """Second walk: each parcel as attributes and a position."""

    points: dict[str, tuple[float, float]]
    rows: list[tuple[dict[str, str], bytes | None]] = field(default_factory=list)
    arcs: int = 0
    _inside: list[Element] = field(default_factory=list)
    _shapes: dict[str, shapely.Geometry] = field(default_factory=dict)

    def begin(self, name: str, uri: str, attributes: dict[str, str]) -> None:
        if self._inside or name == "Parcel":
            element = Element(name, attributes)
            if self._inside:
                self._inside[-1].children.append(element)
            self._inside.append(element)

    def end(self, name: str, text: str) -> None:
        if self._inside:
            self._inside[-1].text = text
            element = self._inside.pop()
            if not self._inside:
                self.rows.append((element.attributes, self._wkb(element)))

    def _wkb(self, parcel: Element) -> bytes | None:
        try:
            shape = self._shape(parcel)
        except (ValueError, KeyError, IndexError, shapely.errors.GEOSException):
            return UNREADABLE
        if shape is None:
            return None
        self._shapes[parcel.attributes.get("name", "")] = shape
        return shapely.to_wkb(shape, byte_order=1)

    def _shape(self, parcel: Element) -> shapely.Geometry | None:
        """Its own rings, or the parcels that it is put together from, which come before it."""
        rings = [self._ring(geometry) for geometry in parcel.all("CoordGeom") if geometry.all(*_SEGMENTS)]
        if rings:
            return _area(rings)
        listed = parcel.child("Parcels")
        parts = listed.all("Parcel") if listed else []
        shapes = [self._shapes[part.attributes["pclRef"]] for part in parts if "pclRef" in part.attributes]
        shapes += [shape for part in parts if "pclRef" not in part.attributes and (shape := self._shape(part))]
        return shapely.union_all(shapes) if shapes else None

    def _ring(self, geometry: Element) -> np.ndarray:
        pieces = [self._piece(each) for each in geometry.all(*_SEGMENTS)]
        corners = pieces[0]
        for piece in pieces[1:]:
            if np.hypot(*(piece[0] - corners[-1])) > _TOGETHER_M:
                raise ValueError("the pieces do not meet")
            corners = np.concatenate([corners, piece[1:]])
        if len(corners) < 4 or np.hypot(*(corners[0] - corners[-1])) > _TOGETHER_M:
            raise ValueError("a ring that is not closed")
        corners[-1] = corners[0]
        return corners

    def _piece(self, element: Element) -> np.ndarray:
        start, end = self._point(element.child("Start")), self._point(element.child("End"))
        if element.name == "Line":
            return np.array([start, end])
        if element.name == "Curve":
            self.arcs += 1
            return around(
                self._point(element.child("Center")), start, end, clockwise=element.attributes.get("rot") == "cw"
            )
        listed = element.child("PntList2D", "PntList3D")
        size = 3 if listed and listed.name == "PntList3D" else 2
        between = np.reshape(numbers(listed.text) if listed else [], (-1, size))[:, 1::-1]
        return np.concatenate([[start], between, [end]])

    def _point(self, element: Element | None) -> np.ndarray:
        if element is None:
            raise ValueError("a piece without an end")
        reference = element.attributes.get("pntRef")
        if reference is not None:
            return np.array(self.points[reference])
        north, east = numbers(element.text)[:2]
        return np.array([east, north])


def open_source(source: Source, wanted_layer: str | None, encoding: str | None) -> Contents:
    """Open the parcels of a LandXML file as one layer. Raises Refused."""
    if wanted_layer not in (None, source.stem, "Parcels"):
        raise Refused("no_such_layer", layer=wanted_layer, layers=["Parcels"])
    survey = _Survey()
    for _ in walk(source.path, survey):
        pass
    if not survey.parcels:
        raise Refused("no_features")
    columns = list(survey.columns)
    remarks: dict[str, int] = {}

    def rows(positions: list[int]) -> Iterator[pa.RecordBatch]:
        names = [columns[position] for position in positions]
        found = _Parcels(survey.points)
        for _ in walk(source.path, found):
            if len(found.rows) >= BATCH_ROWS:
                yield _batch(found.rows, names)
                found.rows.clear()
        if found.rows:
            yield _batch(found.rows, names)
        remarks["arcs"] = found.arcs

    return Contents("Parcels", columns, survey.system, rows, remarks=remarks)


def _batch(rows: list[tuple[dict[str, str], bytes | None]], names: list[str]) -> pa.RecordBatch:
    columns = [pa.array([values.get(name) for values, _ in rows], pa.string()) for name in names]
    return batch(columns, pa.array([wkb for _, wkb in rows], pa.binary()))


def _area(rings: list[np.ndarray]) -> shapely.Geometry:
    """Rings in any order as one area: what lies in another is a hole."""
    polygons = sorted((shapely.Polygon(ring) for ring in rings), key=lambda polygon: -polygon.area)
    whole = polygons[0]
    for polygon in polygons[1:]:
        whole = whole.difference(polygon) if whole.contains(polygon) else whole.union(polygon)
    return whole
