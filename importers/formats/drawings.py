"""Drawings (DXF, DGN) as rows: closed outlines are areas, and the texts inside an area are its attributes. Pure.

Each layer of texts is a column under the layer's name. Besides, of the labels that a cadastral sheet has (land use,
number, area), each is a column where it can be told from the others by its form.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import shapely

from importers.formats.contents import BATCH_ROWS, Contents, Refused, batch, wkb_of

LAYER, TEXT = "Layer", "Text"
# Columns made of labels, under names that parcel_columns.csv knows.
SHEET, NUMBER, LAND_USE, AREA = "SoTo", "SoThua", "LoaiDat", "DienTich"
_NUMBER = re.compile(r"[1-9]\d{0,4}[a-zA-Z]?")
_AREA = re.compile(r"\d+[.,]\d{1,2}")
_LAND_USE = re.compile(r"[A-Z]{3}(?:\+[A-Z]{3})*")
# "Tờ bản đồ số 12", also where the letters of an old encoding stand for Vietnamese ones.
_SHEET = re.compile(r"\bt\S{1,2}\s+b\S{1,2}n\s+\S{1,2}\s*(?:s\S{1,2})?\s*[:.]?\s*(\d{1,5})\b", re.IGNORECASE)
_DECIMALS = 6  # two outlines that agree so far are one


@dataclass
class Drawing:
    """What a drawing holds: closed outlines, open lines, and texts at their places. Lists of one length each."""

    shapes: list[shapely.Geometry] = field(default_factory=list)
    layers: list[str] = field(default_factory=list)
    lines: list[shapely.Geometry] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    text_layers: list[str] = field(default_factory=list)
    places: list[tuple[float, float]] = field(default_factory=list)
    arcs: int = 0
    mended: int = 0  # faults of the file's structure that had to be put right

    def add_text(self, text: str, layer: str, x: float, y: float) -> None:
        """A text at its place; a blank one is none."""
        if text.strip():
            self.texts.append(text.strip())
            self.text_layers.append(layer)
            self.places.append((x, y))


def contents(drawing: Drawing, stem: str, wanted_layer: str | None, *, carrier: bool = False) -> Contents:
    """The areas of a drawing as rows: those of one layer, or of all. Raises Refused."""
    made_of_lines = 0
    shapes, layers = np.array(drawing.shapes, dtype=object), np.array(drawing.layers, dtype=object)
    if not len(shapes) and drawing.lines:
        shapes = shapely.get_parts(shapely.polygonize([shapely.union_all(drawing.lines)]))
        layers, made_of_lines = np.full(len(shapes), "", dtype=object), len(shapes)
    shapes, layers = _once(shapes, layers)
    values = _values(shapes, drawing)
    if wanted_layer not in (None, stem):
        if wanted_layer not in layers:
            raise Refused("no_such_layer", layer=wanted_layer, layers=sorted(set(layers)))
        kept = np.flatnonzero(layers == wanted_layer)
        shapes, layers = shapes[kept], layers[kept]
        values = {name: [texts[n] for n in kept] for name, texts in values.items()}
    if not len(shapes):
        raise Refused("no_outlines", layers=sorted(set(drawing.text_layers))[:40])
    columns = {LAYER: layers.tolist(), **values}
    names = list(columns)

    def rows(positions: list[int]) -> Iterator[pa.RecordBatch]:
        for start in range(0, len(shapes), BATCH_ROWS):
            part = slice(start, start + BATCH_ROWS)
            texts = [pa.array(columns[names[position]][part], pa.string()) for position in positions]
            yield batch(texts, wkb_of(shapes[part]))

    remarks = {"arcs": drawing.arcs, "made_of_lines": made_of_lines, "mended": drawing.mended}
    return Contents(stem, names, None, rows, carrier=carrier, remarks=remarks)


def _once(shapes: np.ndarray, layers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each outline once, the first of its kind: a hatch often fills an outline that is also drawn."""
    if not len(shapes):
        return shapes, layers
    rounded = shapely.normalize(shapely.transform(shapes, lambda corners: np.round(corners, _DECIMALS)))
    place: dict[bytes, int] = {}
    for number, wkb in enumerate(shapely.to_wkb(rounded)):
        place.setdefault(wkb, number)
    first = list(place.values())
    return shapes[first], layers[first]


def _values(shapes: np.ndarray, drawing: Drawing) -> dict[str, list[str | None]]:
    """Column → (n,) texts: by layer of texts, all together, and by their form."""
    inside: list[list[int]] = [[] for _ in range(len(shapes))]
    for text, shape in enumerate(_smallest_around(shapes, drawing.places)):
        if shape >= 0:
            inside[shape].append(text)
    columns: dict[str, list[str | None]] = {}
    for number, texts in enumerate(inside):
        by_layer: dict[str, list[str]] = {}
        for text in _as_read(texts, drawing.places):
            by_layer.setdefault(drawing.text_layers[text], []).append(drawing.texts[text])
        for layer, found in by_layer.items():
            columns.setdefault(layer, [None] * len(shapes))[number] = " ".join(found)
        every = [drawing.texts[text] for text in _as_read(texts, drawing.places)]
        columns.setdefault(TEXT, [None] * len(shapes))[number] = " ".join(every) or None
        for name, label in _labels(every).items():
            columns.setdefault(name, [None] * len(shapes))[number] = label
    sheets = {sheet[1] for text in drawing.texts if (sheet := _SHEET.search(text))}
    if len(sheets) == 1 and SHEET not in columns:
        columns[SHEET] = [sheets.pop()] * len(shapes)
    return columns


def _as_read(texts: Sequence[int], places: Sequence[tuple[float, float]]) -> list[int]:
    """From top to bottom, then from left to right."""
    return sorted(texts, key=lambda text: (-places[text][1], places[text][0]))


def _smallest_around(shapes: np.ndarray, places: Sequence[tuple[float, float]]) -> np.ndarray:
    """(m,) the smallest of the shapes that has each place in it; -1 where none has."""
    found = np.full(len(places), -1)
    if not len(places) or not len(shapes):
        return found
    valid = np.where(shapely.is_valid(shapes), shapes, shapely.buffer(shapes, 0))
    place, shape = shapely.STRtree(valid).query(shapely.points(np.array(places)), predicate="intersects")
    order = np.lexsort((shapely.area(valid)[shape], place))
    places_in_order, first = np.unique(place[order], return_index=True)
    found[places_in_order] = shape[order][first]
    return found


def _labels(texts: Sequence[str]) -> dict[str, str]:
    """What can be told by its form: `ODT`, `123` and `45.6`, in one text or several; none that is there twice."""
    words = [word for text in texts if not _SHEET.search(text) for word in re.split(r"[\s/]+", text) if word]
    labels = {}
    for name, form in ((NUMBER, _NUMBER), (LAND_USE, _LAND_USE), (AREA, _AREA)):
        found = [word for word in words if form.fullmatch(word)]
        if len(found) == 1:
            labels[name] = found[0]
    return labels
