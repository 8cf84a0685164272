"""KML: placemarks with their extended data, out of all folders. Always WGS 84 longitude, latitude.

Not by GDAL's drivers: one of them loses extended data, the other makes a layer of every folder.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import shapely

from importers.detection import Source
from importers.formats.contents import BATCH_ROWS, UNREADABLE, Contents, Refused, batch
from importers.formats.markup import Element, walk

_SINGLE = {"Point", "LineString", "LinearRing", "Polygon"}
_GEOMETRIES = _SINGLE | {"MultiGeometry"}
FOLDER = "Folder"


@dataclass
class _Placemarks:
    """Gathers placemarks; the columns are those that any of them has."""

    columns: dict[str, None] = field(default_factory=dict)
    rows: list[tuple[dict[str, str], bytes | None]] = field(default_factory=list)
    count: int = 0
    keep: bool = True
    _folders: list[str] = field(default_factory=list)
    _inside: list[Element] = field(default_factory=list)
    _above: list[str] = field(default_factory=list)

    def begin(self, name: str, uri: str, attributes: dict[str, str]) -> None:
        if self._inside or name == "Placemark":
            element = Element(name, attributes)
            if self._inside:
                self._inside[-1].children.append(element)
            self._inside.append(element)
            return
        self._above.append(name)
        if name == FOLDER:
            self._folders.append("")

    def end(self, name: str, text: str) -> None:
        if self._inside:
            self._inside[-1].text = text
            element = self._inside.pop()
            if not self._inside:
                self._placemark(element)
            return
        self._above.pop()
        if name == "name" and self._above and self._above[-1] == FOLDER:
            self._folders[-1] = text.strip()
        elif name == FOLDER:
            self._folders.pop()

    def _placemark(self, element: Element) -> None:
        self.count += 1
        values = {child.name: child.text.strip() for child in element.children if child.name in ("name", "description")}
        if folder := "/".join(filter(None, self._folders)):
            values[FOLDER] = folder
        for extended in element.all("ExtendedData"):
            for one in extended.all("Data"):
                value = one.child("value")
                values[one.attributes.get("name", "")] = value.text.strip() if value else ""
            for schema in extended.all("SchemaData"):
                values |= {one.attributes.get("name", ""): one.text.strip() for one in schema.all("SimpleData")}
        self.columns |= dict.fromkeys(values)
        if self.keep:
            shape = element.child(*_GEOMETRIES)
            self.rows.append((values, None if shape is None else _wkb(shape)))


def open_source(source: Source, wanted_layer: str | None, encoding: str | None) -> Contents:
    """Open a KML file as one layer. Raises Refused."""
    if wanted_layer not in (None, source.stem):
        raise Refused("no_such_layer", layer=wanted_layer, layers=[source.stem])
    survey = _Placemarks(keep=False)
    for _ in walk(source.path, survey):
        pass
    if not survey.count:
        raise Refused("no_features")
    columns = list(survey.columns)

    def rows(positions: list[int]) -> Iterator[pa.RecordBatch]:
        found = _Placemarks()
        for _ in walk(source.path, found):
            if len(found.rows) >= BATCH_ROWS:
                yield _batch(found.rows, [columns[position] for position in positions])
                found.rows.clear()
        if found.rows:
            yield _batch(found.rows, [columns[position] for position in positions])

    return Contents(source.stem, columns, "EPSG:4326", rows)


def _batch(rows: list[tuple[dict[str, str], bytes | None]], names: list[str]) -> pa.RecordBatch:
    columns = [pa.array([values.get(name) for values, _ in rows], pa.string()) for name in names]
    return batch(columns, pa.array([wkb for _, wkb in rows], pa.binary()))


def _wkb(element: Element) -> bytes:
    try:
        parts = _shapes(element)
        if element.name in _SINGLE:
            return shapely.to_wkb(parts[0], byte_order=1)
        kinds = {part.geom_type for part in parts}
        if kinds == {"Polygon"}:
            return shapely.to_wkb(shapely.MultiPolygon(parts), byte_order=1)
        if kinds == {"LineString"}:
            return shapely.to_wkb(shapely.MultiLineString(parts), byte_order=1)
        return shapely.to_wkb(shapely.GeometryCollection(parts), byte_order=1)
    except (ValueError, IndexError, AttributeError, shapely.errors.GEOSException):
        return UNREADABLE


def _shapes(element: Element) -> list[shapely.Geometry]:
    if element.name == "MultiGeometry":
        return [part for child in element.all(*_GEOMETRIES) for part in _shapes(child)]
    if element.name == "Polygon":
        [outer] = element.all("outerBoundaryIs")
        return [shapely.Polygon(_ring(outer), [_ring(inner) for inner in element.all("innerBoundaryIs")])]
    corners = _corners(element)
    return [shapely.Point(corners[0]) if element.name == "Point" else shapely.LineString(corners)]


def _ring(element: Element) -> np.ndarray:
    corners = _corners(element.children[0])
    if len(corners) < 4 or (corners[0] != corners[-1]).any():
        raise ValueError("a ring that is not closed")
    return corners


def _corners(element: Element) -> np.ndarray:
    [coordinates] = element.all("coordinates")
    return np.array([[float(number) for number in place.split(",")[:2]] for place in coordinates.text.split()])
