"""What a file from outside is, decided by its content and never by its name.

Runs inside the closed reading process. Raises `Refused` with a code that importers/refusals.py puts into words.
"""

import json
import mmap
import re
import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from importers import archives
from importers.archives import SHAPEFILE_PARTS
from importers.formats import kinds
from importers.formats.contents import Refused
from importers.formats.kinds import FILEGDB, GEOPACKAGE, SHAPEFILE, XLSX

# "crs" as a key, also when its letters are written as escapes.
_CRS_KEY = re.compile(rb'"(?:c|\\u0063)(?:r|\\u0072)(?:s|\\u0073)"\s*:\s*')
_CRS_BYTES_MOST = 20_000
_GDB_TABLE = "a00000001.gdbtable"  # the list of tables, which every FileGDB has


@dataclass(frozen=True)
class Source:
    """One data set, linked or unpacked under a plain name into the reading process's own folder."""

    path: Path
    format: str
    stem: str  # its own name, without folder and ending
    parts: frozenset[str] = field(default_factory=frozenset)  # of a shapefile: the endings that are there


def locate(path: Path, folder: Path, layer: str | None) -> tuple[Source, str | None]:
    """The data set in a file, and the layer to read from it (None: the only one).

    folder  an empty folder of our own; the data set appears there under a plain name, so that nothing in the name
            or beside the file means something to the library that opens it
    """
    if not path.exists():
        raise Refused("missing")
    if path.is_dir() and (path / _GDB_TABLE).is_file():
        (folder / "source.gdb").symlink_to(path.resolve())
        return Source(folder / "source.gdb", FILEGDB, path.stem), layer
    if not path.is_file():
        raise Refused("not_a_file")
    start = _start_of(path)
    if not start:
        raise Refused("empty")
    if archives.is_archive(start):
        if start.startswith(b"PK") and archives.is_workbook(path):
            (folder / "source.xlsx").symlink_to(path.resolve())
            return Source(folder / "source.xlsx", XLSX, path.stem), layer
        return _from_archive(path, folder, layer)
    kind = format_of(start)
    plain = folder / f"source{kinds.BY_NAME[kind].suffix}"
    parts = _shapefile_parts(path) if kind == SHAPEFILE else {}
    if kind == GEOPACKAGE:
        # SQLite writes beside what it opens, even only to read it; the file that was sent stays untouched.
        unsaved = path.with_name(path.name + "-wal")
        if unsaved.exists() and unsaved.stat().st_size:
            raise Refused("still_open", part=unsaved.name)
        shutil.copyfile(path, plain)
    else:
        for suffix, part in (parts or {plain.suffix: path}).items():
            (folder / f"source{suffix}").symlink_to(part.resolve())
    return _checked(Source(plain, kind, path.stem, frozenset(parts))), layer


def format_of(start: bytes) -> str:
    """The format by a file's first bytes. Raises Refused, with the way to convert it where the format is known."""
    if code := kinds.unreadable(start):
        raise Refused(code)
    kind = kinds.recognise(start)
    if kind is None:
        raise Refused("not_a_format")
    return kind.name


def _start_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(kinds.START_BYTES)


def _shapefile_parts(path: Path) -> dict[str, Path]:
    """The files of a shapefile by ending; `.SHX` beside `.shp` counts."""
    beside = {other.suffix.lower(): other for other in path.parent.iterdir() if other.stem == path.stem}
    return {suffix: beside[suffix] for suffix in SHAPEFILE_PARTS if suffix in beside} | {".shp": path}


def _checked(source: Source) -> Source:
    if source.format == SHAPEFILE:
        for suffix in (".shx", ".dbf"):
            if suffix not in source.parts or not (source.path.with_suffix(suffix)).stat().st_size:
                raise Refused("no_shapefile_part", part=suffix)
        _refuse_cut_shapefile(source.path)
    return source


def _refuse_cut_shapefile(path: Path) -> None:
    """Compare each part with what its header says: GDAL reads one that was cut short as far as it goes, in silence."""
    sizes = {suffix: path.with_suffix(suffix).stat().st_size for suffix in (".shp", ".shx", ".dbf")}
    heads = {}
    for suffix in sizes:
        with path.with_suffix(suffix).open("rb") as part:
            heads[suffix] = part.read(32)
        if len(heads[suffix]) < 32:
            raise Refused("cut_short", part=suffix)
    for suffix in (".shp", ".shx"):
        (words,) = struct.unpack(">i", heads[suffix][24:28])  # of 16 bits
        if sizes[suffix] < 2 * words:
            raise Refused("cut_short", part=suffix)
    rows, head, row = struct.unpack("<IHH", heads[".dbf"][4:12])
    if sizes[".dbf"] < head + rows * row:
        raise Refused("cut_short", part=".dbf")
    shapes = (sizes[".shx"] - 100) // 8
    if shapes != rows:
        raise Refused("parts_differ", shapes=shapes, rows=rows)


def _from_archive(path: Path, folder: Path, layer: str | None) -> tuple[Source, str | None]:
    """The one data set of a zip or tar, under a plain name."""
    unpacked = archives.unpack(path, folder, layer)
    if unpacked.kind:
        return Source(unpacked.path, unpacked.kind, unpacked.stem), unpacked.layer
    start = _start_of(unpacked.path)
    if not start:
        raise Refused("empty")
    if start.startswith(b"PK") and archives.is_workbook(unpacked.path):
        return Source(unpacked.path, XLSX, unpacked.stem), unpacked.layer
    kind = format_of(start)
    plain = unpacked.path.with_suffix(kinds.BY_NAME[kind].suffix)
    unpacked.path.rename(plain)
    parts = frozenset(each.suffix for each in folder.glob("source.*")) if kind == SHAPEFILE else frozenset()
    return _checked(Source(plain, kind, unpacked.stem, parts)), unpacked.layer


def geojson_crs(path: Path) -> str | None:
    """The coordinate system that a GeoJSON declares in the manner of 2008; None where it declares none.

    GDAL would fetch a linked system, and would take WGS 84 in silence for a name that it does not know.
    Raises Refused when it is a link, cannot be read, or two places of the file disagree.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        declared = set(_declared(text))
    if len(declared) > 1:
        raise Refused("several_crs", names=sorted(declared))
    return declared.pop() if declared else None


def _declared(text: mmap.mmap) -> Iterator[str]:
    for key in _CRS_KEY.finditer(text):
        window = text[key.end() : key.end() + _CRS_BYTES_MOST].decode("utf-8", "replace")
        if window.startswith("null"):
            continue
        try:
            crs, _ = json.JSONDecoder().raw_decode(window)
        except (ValueError, RecursionError):
            raise Refused("unreadable_crs") from None
        kind = crs.get("type") if isinstance(crs, dict) else None
        properties = crs.get("properties") if isinstance(crs, dict) else None
        properties = properties if isinstance(properties, dict) else {}
        if str(kind).lower() in ("link", "url") or "href" in properties or "url" in properties:
            raise Refused("linked_crs")
        if isinstance(properties.get("name"), str):
            yield properties["name"]
        elif str(kind).upper() == "EPSG" and str(properties.get("code", "")).isdigit():
            yield f"EPSG:{properties['code']}"
        elif isinstance(crs, str | int) or kind is None:
            continue  # a column of this name, not a declaration
        else:
            raise Refused("unreadable_crs")
