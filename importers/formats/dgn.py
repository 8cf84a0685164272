"""DGN of MicroStation up to version 7, by GDAL: shapes and closed lines, texts by level."""

from pathlib import Path

import numpy as np
import pyogrio.raw
import shapely

from importers.detection import Source
from importers.formats.contents import Contents, Refused
from importers.formats.drawings import Drawing, contents
from importers.formats.gdal import CARRIER, codec_of, reason


def open_source(source: Source, wanted_layer: str | None, encoding: str | None) -> Contents:
    """Open a design file; a level is a layer, `Level 10`. Raises Refused."""
    codec = codec_of(encoding) if encoding else None
    _refuse_cut(source.path)
    try:
        about, _, wkb, (levels, texts) = pyogrio.raw.read(
            source.path, columns=["Level", "Text"], ENCODING=CARRIER, on_invalid="ignore"
        )
    except pyogrio.errors.DataSourceError as failure:
        raise Refused("unreadable", reason=reason(failure)) from None
    order = [list(about["fields"]).index(name) for name in ("Level", "Text")]
    levels, texts = ((levels, texts)[n] for n in order)
    shapes = shapely.force_2d(shapely.from_wkb(wkb, on_invalid="ignore"))
    kinds, closed = shapely.get_type_id(shapes), shapely.is_closed(shapes) & (shapely.get_num_points(shapes) >= 4)
    found = Drawing()
    for shape, kind, ring, level, text in zip(shapes, kinds, closed, levels, texts, strict=True):
        layer = f"Level {level}"
        if kind == shapely.GeometryType.POINT and text:
            found.add_text(text, layer, shape.x, shape.y)
        elif kind == shapely.GeometryType.POLYGON:
            found.shapes.append(shape)
            found.layers.append(layer)
        elif kind == shapely.GeometryType.LINESTRING and ring:
            found.shapes.append(shapely.Polygon(shape.coords))
            found.layers.append(layer)
        elif kind == shapely.GeometryType.LINESTRING:
            found.lines.append(shape)
    if not np.isfinite(shapely.bounds(np.array([*found.shapes, *found.lines], dtype=object))).all():
        raise Refused("unreadable", reason="coordinates that are not numbers")
    drawn = contents(found, source.stem, wanted_layer, carrier=True)
    return Contents(drawn.layer, drawn.columns, None, drawn.rows, carrier=True, encoding=codec, remarks=drawn.remarks)


def _refuse_cut(path: Path) -> None:
    """Follow the elements to the mark of the end: GDAL stops in silence where one is broken.

    Each element begins with its kind and the number of 16-bit words that follow. Source: Intergraph Standard File
    Formats, chapter 1.
    """
    content = path.read_bytes()
    place = 0
    while content[place : place + 2] != b"\xff\xff":
        if place + 4 > len(content):
            raise Refused("cut_short", part=".dgn")
        place += 4 + 2 * int.from_bytes(content[place + 2 : place + 4], "little")
