"""GML 2 to 3.2 of any application schema: INSPIRE, the Dutch BRK, CNIG, XPlanGML.

A feature may have several positions (a parcel its boundary and the point of its label): the one that covers an area is
taken. Not by GDAL's driver, which takes the last one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from importers.detection import Source
from importers.formats import gml_systems
from importers.formats.contents import BATCH_ROWS, Contents, Refused, batch, the_layer
from importers.formats.gml_geometry import AROUND_MEMBERS, GEOMETRIES, read
from importers.formats.markup import Element, walk

_COLLECTIONS = {"FeatureCollection", "SimpleFeatureCollection", "Tuple"}
_NOT_ABOUT_THE_FEATURE = {"boundedBy", "metaDataProperty"}
Path = tuple[str, ...]


@dataclass
class _Type:
    """What was seen of one type of feature."""

    count: int = 0
    paths: dict[Path, None] = field(default_factory=dict)
    placed: bool = False
    systems: dict[str, None] = field(default_factory=dict)


@dataclass
class _Survey:
    """First walk: which types of features there are, with which columns and systems."""

    types: dict[str, _Type] = field(default_factory=dict)
    system: str | None = None  # of the collection as a whole

    def feature(self, name: str) -> None:
        self.types.setdefault(name, _Type()).count += 1

    def value(self, name: str, path: Path, text: str) -> None:
        self.types[name].paths[path] = None

    def geometry(self, name: str, element: Element) -> None:
        seen = self.types[name]
        seen.placed = True
        for each in _with_system(element):
            seen.systems[each] = None

    def done(self, name: str) -> None:
        """Nothing is kept of single features."""


def _with_system(element: Element) -> Iterator[str]:
    if "srsName" in element.attributes:
        yield element.attributes["srsName"]
    for child in element.children:
        yield from _with_system(child)


@dataclass
class _Rows:
    """Second walk: the features of one type, as columns."""

    wanted: str
    paths: list[Path]
    swapped: Callable[[str | None], bool]
    values: list[list[str | None]] = field(default_factory=list)
    shapes: list[bytes | None] = field(default_factory=list)
    arcs: int = 0
    _row: dict[Path, str] = field(default_factory=dict)
    _found: list[bytes] = field(default_factory=list)
    _areas: list[bytes] = field(default_factory=list)

    def feature(self, name: str) -> None:
        self._row, self._found, self._areas = {}, [], []

    def value(self, name: str, path: Path, text: str) -> None:
        if name == self.wanted:
            self._row[path] = f"{self._row[path]}+{text}" if path in self._row else text

    def geometry(self, name: str, element: Element) -> None:
        if name == self.wanted:
            wkb, area, arcs = read(element, self.swapped)
            self.arcs += arcs
            (self._areas if area else self._found).append(wkb)

    def done(self, name: str) -> None:
        if name == self.wanted:
            self.values.append([self._row.get(path) for path in self.paths])
            self.shapes.append(next(iter(self._areas or self._found), None))

    def take(self, least: int) -> pa.RecordBatch | None:
        """The features so far as a batch, if there are as many as that."""
        if len(self.shapes) < max(least, 1):
            return None
        columns = [pa.array([row[n] for row in self.values], pa.string()) for n in range(len(self.paths))]
        whole = batch(columns, pa.array(self.shapes, pa.binary()))
        self.values, self.shapes = [], []
        return whole


def _holds_features(name: str) -> bool:
    """`featureMember`, `member`, `perceelMember`, and not the members of a geometry."""
    return name.lower().endswith(("member", "members")) and name not in AROUND_MEMBERS


class _Features:
    """Tells features, their values and their positions apart, and hands each to a listener."""

    def __init__(self, told: _Survey | _Rows) -> None:
        self.told = told
        self.above: list[str] = []  # elements around, up to the feature
        self.feature: str | None = None
        self.path: list[str] = []
        self.leaf = False
        self.geometry: list[Element] = []
        self.skipped = 0

    def begin(self, name: str, uri: str, attributes: dict[str, str]) -> None:
        if self.geometry:
            element = Element(name, attributes)
            self.geometry[-1].children.append(element)
            self.geometry.append(element)
        elif self.skipped or (name in _NOT_ABOUT_THE_FEATURE and self.feature):
            self.skipped += 1
        elif self.feature:
            if "/gml" in uri and name in GEOMETRIES:
                self.geometry = [Element(name, attributes)]
            else:
                self.path.append(name)
                self.leaf = True
        elif self.above and _holds_features(self.above[-1]) and name not in _COLLECTIONS:
            self.feature = name
            self.told.feature(name)
            for key in ("id", "fid"):
                if key in attributes:
                    self.told.value(name, ("gml_id",), attributes[key])
        else:
            self.above.append(name)
            if name in ("Envelope", "Box") and isinstance(self.told, _Survey):
                self.told.system = attributes.get("srsName", self.told.system)

    def end(self, name: str, text: str) -> None:
        if self.geometry:
            self.geometry[-1].text = text
            element = self.geometry.pop()
            if not self.geometry:
                assert self.feature
                self.told.geometry(self.feature, element)
                self.leaf = False
        elif self.skipped:
            self.skipped -= 1
        elif self.feature and self.path:
            if self.leaf and (text := text.strip()):
                self.told.value(self.feature, tuple(self.path), text)
            self.path.pop()
            self.leaf = False
        elif self.feature:
            self.told.done(self.feature)
            self.feature = None
        else:
            self.above.pop()


def open_source(source: Source, wanted_layer: str | None, encoding: str | None) -> Contents:
    """Open a GML file; each type of feature is a layer. XML says its encoding itself. Raises Refused."""
    survey = _Survey()
    for _ in walk(source.path, _Features(survey)):
        pass
    if not survey.types:
        raise Refused("no_features")
    placed = [name for name, seen in survey.types.items() if seen.placed]
    layer = the_layer(placed, wanted_layer)
    seen = survey.types[layer]
    systems = {gml_systems.code(name): name for name in seen.systems or ([survey.system] if survey.system else [])}
    if len(systems) > 1:
        raise Refused("several_crs", names=sorted(systems))
    paths = list(seen.paths)
    swapped = gml_systems.swapped_by(next(iter(systems.values()), None))
    remarks: dict[str, int] = {}

    def rows(positions: list[int]) -> Iterator[pa.RecordBatch]:
        kept = _Rows(layer, [paths[position] for position in positions], swapped)
        for _ in walk(source.path, _Features(kept)):
            while part := kept.take(BATCH_ROWS):
                yield part
        if part := kept.take(1):
            yield part
        remarks["arcs"] = kept.arcs

    return Contents(layer, column_names(paths), next(iter(systems), None), rows, remarks=remarks)


def column_names(paths: list[Path]) -> list[str]:
    """Each path's last name; where several end alike, as much of what stands before as tells them apart."""
    names = []
    for path in paths:
        length = 1
        while length < len(path) and sum(other[-length:] == path[-length:] for other in paths) > 1:
            length += 1
        names.append("|".join(path[-length:]))
    return names
