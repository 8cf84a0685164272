"""DXF of all versions, ASCII and binary, by ezdxf: closed polylines and hatches, texts, blocks with attributes."""

import gc
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import ezdxf
import numpy as np
import shapely
from ezdxf import recover
from ezdxf.filemanagement import dxf_file_info
from ezdxf.lldxf.encoding import decode_dxf_unicode
from ezdxf.path import make_path

from importers.detection import Source
from importers.formats.arcs import SAGITTA_M
from importers.formats.contents import Contents, Refused
from importers.formats.drawings import Drawing, contents
from importers.formats.gdal import CARRIER, codec_of, decoded_name, reason
from importers.legacy_text import TABLES

ENTITIES_MOST = 3_000_000  # blocks in blocks can stand for any number of them
_BLOCKS_DEEP = 4


def open_source(source: Source, wanted_layer: str | None, encoding: str | None) -> Contents:
    """Open the model space of a drawing. Raises Refused."""
    _refuse_cut(source.path)
    codec = codec_of(encoding) if encoding else None
    declared = _declared(source.path)
    # Since AutoCAD 2007 texts are UTF-8; before that they are bytes of a code page that often is not the declared one.
    if declared and declared.version < "AC1021":
        found = _drawing(source.path, CARRIER)
        if all(text.isascii() or max(text) <= "\xff" for text in (*found.texts, *found.text_layers, *found.layers)):
            drawn = contents(found, source.stem, wanted_layer, carrier=True)
            codec = codec or codec_of(declared.encoding)
            names = [decoded_name(name, codec) for name in drawn.columns]
            return replace(drawn, columns=names, encoding=codec)
    # Letters written as \U+1EA4 are no bytes.
    return replace(
        contents(_drawing(source.path, None), source.stem, wanted_layer), encoding=codec if codec in TABLES else None
    )


def _declared(path: Path) -> Any:
    """Version and code page of a drawing in ASCII."""
    with path.open("rb") as file:
        if file.read(14) == b"AutoCAD Binary":
            return None
    try:
        return dxf_file_info(path)
    except (ezdxf.DXFError, UnicodeError, ValueError):
        return None


def _drawing(path: Path, encoding: str | None) -> Drawing:
    """What a drawing holds. Raises Refused."""
    found = Drawing()
    gc.disable()  # looking for cycles among millions of objects that all live takes a third of the time
    try:
        drawing = ezdxf.readfile(path, encoding=encoding)
    except (ezdxf.DXFError, UnicodeError, ValueError):
        # Programs other than AutoCAD write drawings that are not quite right; what had to be mended is counted.
        try:
            drawing, audit = recover.readfile(path)
        except ezdxf.DXFError as failure:
            raise Refused("unreadable", reason=reason(failure)) from None
        found.mended = max(len(audit.fixes) + len(audit.errors), 1)
    finally:
        gc.enable()
    for entity in _entities(drawing.modelspace(), _BLOCKS_DEEP, [0]):
        _READ.get(entity.dxftype(), _nothing)(entity, found)
    return found


def _refuse_cut(path: Path) -> None:
    """The last word of a drawing is EOF; what has lost it has lost more."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 4096))
        if not file.read().rstrip(b"\r\n\t \0\x1a").endswith(b"EOF"):
            raise Refused("cut_short", part=".dxf")


def _entities(space: Iterable[Any], deep: int, count: list[int]) -> Iterator[Any]:
    """All entities, those of blocks where they are inserted."""
    for entity in space:
        count[0] += 1
        if count[0] > ENTITIES_MOST:
            raise Refused("too_large")
        if entity.dxftype() == "INSERT":
            yield from entity.attribs
            if deep:
                for each in entity.multi_insert() if entity.mcount > 1 else [entity]:
                    yield from _entities(each.virtual_entities(), deep - 1, count)
        else:
            yield entity


def _nothing(entity: Any, found: Drawing) -> None:
    """Circles, dimensions and the like bound no land."""


def _polyline(entity: Any, found: Drawing) -> None:
    if entity.dxftype() == "POLYLINE" and (entity.is_poly_face_mesh or entity.is_polygon_mesh):
        return
    if entity.has_arc:
        corners = np.array([(point.x, point.y) for point in make_path(entity).flattening(SAGITTA_M)])
    elif entity.dxftype() == "LWPOLYLINE":
        corners = np.array([(point.x, point.y) for point in entity.vertices_in_wcs()])
    else:
        corners = np.array([(point.x, point.y) for point in entity.points_in_wcs()])
    closed = entity.is_closed
    if closed and len(corners) and (corners[0] != corners[-1]).any():
        corners = np.concatenate([corners, corners[:1]])
    if len(corners) >= 4 and (corners[0] == corners[-1]).all() and np.isfinite(corners).all():
        found.shapes.append(shapely.Polygon(corners))
        found.layers.append(entity.dxf.layer)
        found.arcs += bool(entity.has_arc)
    elif len(corners) >= 2 and np.isfinite(corners).all():
        found.lines.append(shapely.LineString(corners))


def _line(entity: Any, found: Drawing) -> None:
    start, end = entity.dxf.start, entity.dxf.end
    corners = np.array([[start.x, start.y], [end.x, end.y]])
    if np.isfinite(corners).all():
        found.lines.append(shapely.LineString(corners))


def _hatch(entity: Any, found: Drawing) -> None:
    """Its outermost paths; paths inside them are holes."""
    rings = []
    for path in ezdxf.path.from_hatch(entity):
        corners = np.array([(point.x, point.y) for point in path.flattening(SAGITTA_M)])
        if len(corners) and (corners[0] != corners[-1]).any():
            corners = np.concatenate([corners, corners[:1]])
        if len(corners) >= 4 and np.isfinite(corners).all():
            rings.append(shapely.Polygon(corners))
        found.arcs += bool(path.has_curves)
    rings = [ring for ring in rings if ring.is_valid and ring.area > 0]
    whole: shapely.Geometry | None = None
    for ring in sorted(rings, key=lambda ring: -ring.area):
        whole = ring if whole is None else whole.difference(ring) if whole.contains(ring) else whole.union(ring)
    if whole is not None and not whole.is_empty:
        found.shapes.append(whole)
        found.layers.append(entity.dxf.layer)


def _text(entity: Any, found: Drawing) -> None:
    place = entity.dxf.insert
    if entity.dxftype() == "TEXT" and (entity.dxf.halign or entity.dxf.valign) and entity.dxf.hasattr("align_point"):
        place = entity.dxf.align_point
    found.add_text(_plain(entity), entity.dxf.layer, place.x, place.y)


def _attribute(entity: Any, found: Drawing) -> None:
    place = entity.dxf.insert
    found.add_text(_plain(entity), entity.dxf.tag, place.x, place.y)


def _plain(entity: Any) -> str:
    """A text without its codes of form; letters that are written as numbers are letters."""
    if entity.dxftype() == "MTEXT":
        entity.text = decode_dxf_unicode(entity.text)
    else:
        entity.dxf.text = decode_dxf_unicode(entity.dxf.text)
    return str(entity.plain_text())


_READ = {
    "LWPOLYLINE": _polyline,
    "POLYLINE": _polyline,
    "LINE": _line,
    "HATCH": _hatch,
    "MPOLYGON": _hatch,
    "TEXT": _text,
    "MTEXT": _text,
    "ATTRIB": _attribute,
}
