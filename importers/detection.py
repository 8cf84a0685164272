"""What a file from outside is, decided by its first bytes and never by its name; and zips unpacked with care.

Runs inside the closed reading process. Raises `Refused` with a code that importers/readers.py puts into words.
"""

import json
import mmap
import re
import shutil
import stat
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

GEOJSON, SHAPEFILE, GEOPACKAGE = "GeoJSON", "ESRI Shapefile", "GPKG"
FORMATS = (GEOJSON, SHAPEFILE, GEOPACKAGE)  # as GDAL names its drivers; no other driver is ever loaded

SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
ZIP_MEMBERS_MOST = 10_000
ZIP_BYTES_MOST = 4 << 30
# Text compresses to a tenth, a column of blanks to a hundredth; beyond that it is a bomb.
ZIP_RATIO_MOST, ZIP_BYTES_ALWAYS_ALLOWED = 200, 64 << 20
DATA_SUFFIXES = (".shp", ".gpkg", ".geojson", ".json")

_START_BYTES = 4096
# "crs" as a key, also when its letters are written as escapes.
_CRS_KEY = re.compile(rb'"(?:c|\\u0063)(?:r|\\u0072)(?:s|\\u0073)"\s*:\s*')
_CRS_BYTES_MOST = 20_000


class Refused(Exception):
    """The file is not taken: a code, and the details that its sentence needs."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code, self.details = code, details


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
    if not path.is_file():
        raise Refused("not_a_file")
    start = _start_of(path)
    if not start:
        raise Refused("empty")
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _unpack(path, folder, layer)
    kind = format_of(start)
    plain = folder / f"source{_plain_suffix(kind)}"
    parts = _shapefile_parts(path) if kind == SHAPEFILE else {}
    if kind == GEOPACKAGE:
        # SQLite writes beside what it opens, even only to read it; the file that was sent stays untouched.
        unsaved = path.with_name(path.name + "-wal")
        if unsaved.exists() and unsaved.stat().st_size:
            raise Refused("still_open", part=unsaved.name)
        shutil.copyfile(path, plain)
    for suffix, part in parts.items() or ([(".geojson", path)] if kind == GEOJSON else []):
        (folder / f"source{suffix}").symlink_to(part.resolve())
    return _checked(Source(plain, kind, path.stem, frozenset(parts))), layer


def format_of(start: bytes) -> str:
    """The format by a file's first bytes. Raises Refused("not_a_format")."""
    if start.startswith(b"SQLite format 3\0"):
        return GEOPACKAGE
    if start.startswith(b"\x00\x00\x27\x0a"):
        return SHAPEFILE
    if start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        return GEOJSON
    raise Refused("not_a_format")


def _start_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_START_BYTES)


def _plain_suffix(kind: str) -> str:
    return {GEOJSON: ".geojson", SHAPEFILE: ".shp", GEOPACKAGE: ".gpkg"}[kind]


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


def _unpack(path: Path, folder: Path, layer: str | None) -> tuple[Source, str | None]:
    """Check every name in a zip, then unpack the one data set that is meant; nothing else is written."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = _checked_members(archive, path.stat().st_size)
            meant, rest = _chosen(members, layer)
            names = [meant]
            if PurePosixPath(meant).suffix.lower() == ".shp":
                names = [
                    name
                    for name in members
                    if PurePosixPath(name).with_suffix("") == PurePosixPath(meant).with_suffix("")
                    and PurePosixPath(name).suffix.lower() in SHAPEFILE_PARTS
                ]
            for name in names:
                target = folder / f"source{PurePosixPath(name).suffix.lower()}"
                with archive.open(name) as packed, target.open("wb") as unpacked:
                    shutil.copyfileobj(packed, unpacked, 1 << 20)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError) as damage:
        raise Refused("damaged_zip", reason=str(damage)) from None
    unpacked_path = folder / f"source{PurePosixPath(meant).suffix.lower()}"
    start = _start_of(unpacked_path)
    if not start:
        raise Refused("empty")
    kind = format_of(start)
    parts = frozenset(PurePosixPath(name).suffix.lower() for name in names) if kind == SHAPEFILE else frozenset()
    plain = unpacked_path.with_suffix(_plain_suffix(kind))
    unpacked_path.rename(plain)
    return _checked(Source(plain, kind, PurePosixPath(meant).stem, parts)), rest


def _checked_members(archive: zipfile.ZipFile, packed_bytes: int) -> list[str]:
    members = archive.infolist()
    if len(members) > ZIP_MEMBERS_MOST:
        raise Refused("zip_too_large", reason=f"{len(members)} > {ZIP_MEMBERS_MOST}")
    for member in members:
        name = member.orig_filename
        if (
            "\0" in name
            or "\\" in name
            or name.startswith("/")
            or re.match(r"^[A-Za-z]:", name)
            or ".." in PurePosixPath(name).parts
            or stat.S_ISLNK(member.external_attr >> 16)
        ):
            raise Refused("unsafe_zip", member=name[:200])
        if member.flag_bits & 1:
            raise Refused("locked_zip", member=name[:200])
        if name.lower().endswith((".zip", ".tar", ".tgz", ".gz", ".7z", ".rar")):
            raise Refused("nested_zip", member=name[:200])
    total = sum(member.file_size for member in members)
    bomb = total > ZIP_BYTES_ALWAYS_ALLOWED and total > ZIP_RATIO_MOST * packed_bytes
    if bomb or total > ZIP_BYTES_MOST:
        raise Refused("zip_too_large", reason=f"{packed_bytes / 1e6:.1f} MB → {total / 1e6:,.0f} MB")
    hidden = ("__MACOSX", ".")
    return [m.filename for m in members if not m.is_dir() and not m.filename.split("/")[-1].startswith(hidden)
            and not m.filename.startswith("__MACOSX/")]  # fmt: skip


def _chosen(members: list[str], layer: str | None) -> tuple[str, str | None]:
    """The data file that is meant in a zip, and what of the asked layer is still to be found inside it."""
    data_files = [name for name in members if PurePosixPath(name).suffix.lower() in DATA_SUFFIXES]
    if not data_files:
        raise Refused("nothing_in_zip", members=members[:20])
    named = [name for name in data_files if layer in (PurePosixPath(name).stem, name)]
    if layer and len(named) == 1:
        return named[0], None
    if len(data_files) > 1:
        raise Refused("several_layers", layers=[PurePosixPath(name).stem for name in data_files])
    return data_files[0], layer


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
