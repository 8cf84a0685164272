"""The formats that are read: how each is recognised by its content, what opens it, what stands beside it. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass

GEOJSON, SHAPEFILE, GEOPACKAGE = "GeoJSON", "ESRI Shapefile", "GPKG"
FILEGDB, FLATGEOBUF, GEOPARQUET = "OpenFileGDB", "FlatGeobuf", "GeoParquet"
GML, KML, LANDXML = "GML", "KML", "LandXML"
DXF, DGN = "DXF", "DGN"
CSV, XLSX = "CSV", "XLSX"

START_BYTES = 16_384  # what is looked at; an XML root element with all its namespaces fits


@dataclass(frozen=True)
class Kind:
    """One format.

    name     as reports show it; where GDAL opens it, the name of its driver
    suffix   the plain ending under which it is opened
    begins   whether the first START_BYTES bytes of a file are of it
    driver   whether GDAL opens it: no other driver of GDAL is ever loaded
    letters  whether its texts come as bytes in an encoding that it may not declare
    """

    name: str
    suffix: str
    begins: Callable[[bytes], bool]
    driver: bool = False
    letters: bool = False


def root(start: bytes) -> tuple[str, str]:
    """The local name of XML's root element, and its tag; two empty strings of anything else."""
    text = _text(start).lstrip("\ufeff \t\r\n")
    if not text.startswith("<"):
        return "", ""
    text = re.sub(r"<!--.*?-->|<\?.*?\?>", "", text, flags=re.DOTALL)
    text = re.sub(r"<!DOCTYPE[^<>\[]*(\[.*?\]\s*)?>", "", text, flags=re.DOTALL)
    tag = re.search(r"<(?:[\w.-]+:)?([\w.-]+)([^>]*)", text)
    return (tag[1], tag[0]) if tag else ("", "")


def _text(start: bytes) -> str:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return start.decode("utf-16", "replace")
    return start.decode("utf-8-sig", "replace")


def _gml(start: bytes) -> bool:
    name, tag = root(start)
    return name not in ("", "kml", "LandXML") and ("opengis.net/gml" in tag or "opengis.net/wfs" in tag)


def _dxf(start: bytes) -> bool:
    if start.startswith(b"AutoCAD Binary DXF\r\n"):
        return True
    lines = [line.strip() for line in start[:4000].removeprefix(b"\xef\xbb\xbf").splitlines()]
    while len(lines) > 2 and lines[0] == b"999":  # comments
        lines = lines[2:]
    return len(lines) >= 2 and lines[0] == b"0" and lines[1] == b"SECTION"


def _dbf(start: bytes) -> bool:
    """A date of the last change, and a header of 32 bytes for each column and one more at the end."""
    return (
        len(start) > 32
        and start[0] in (0x03, 0x30, 0x83, 0x8B, 0xF5)
        and 1 <= start[2] <= 12
        and 1 <= start[3] <= 31
        and int.from_bytes(start[8:10], "little") % 32 in (1, 8)
    )


def _csv(start: bytes) -> bool:
    text = _text(start)
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or re.search(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1d\x7f]", lines[0]) or "\0" in text:
        return False
    # A word on the first line, and a mark that stands between columns; a blank after it is prose.
    return any(re.search(rf"\w.*{mark}\S", lines[0]) for mark in (",", ";", r"\|")) or bool(
        re.search(r"\w[^\t]*\t", lines[0])
    )


# The order counts: whatever looks like text comes last.
KINDS = (
    Kind(GEOPACKAGE, ".gpkg", lambda start: start.startswith(b"SQLite format 3\0"), driver=True),
    Kind(SHAPEFILE, ".shp", lambda start: start.startswith(b"\x00\x00\x27\x0a"), driver=True, letters=True),
    Kind(FLATGEOBUF, ".fgb", lambda start: start[:3] + start[4:7] == b"fgbfgb", driver=True),
    Kind(GEOPARQUET, ".parquet", lambda start: start.startswith(b"PAR1")),
    Kind(DGN, ".dgn", lambda start: start[:1] in (b"\x08", b"\xc8") and start[1:4] == b"\x09\xfe\x02", driver=True,
         letters=True),
    Kind(GEOJSON, ".geojson", lambda start: start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{", driver=True),
    Kind(KML, ".kml", lambda start: root(start)[0] == "kml"),
    Kind(LANDXML, ".xml", lambda start: root(start)[0] == "LandXML"),
    Kind(GML, ".gml", _gml),
    Kind(DXF, ".dxf", _dxf),
    Kind(CSV, ".csv", lambda start: not root(start)[0] and _csv(start), letters=True),
    # These two are not one file with a beginning of its own: a folder, and a zip with certain members.
    Kind(FILEGDB, ".gdb", lambda start: False, driver=True),
    Kind(XLSX, ".xlsx", lambda start: False),
)  # fmt: skip
BY_NAME = {kind.name: kind for kind in KINDS}
DRIVERS = tuple(kind.name for kind in KINDS if kind.driver)

# Formats that people send and that cannot be read here; refusals.py says how to convert each.
_UNREADABLE = (
    ("dwg", lambda start: re.match(rb"AC(10\d\d|1\.\d|2\.\d\d)", start) is not None),
    ("dgn_v8", lambda start: start.startswith(b"\xd0\xcf\x11\xe0") and "Dgn".encode("utf-16-le") in start),
    ("xls", lambda start: start.startswith(b"\xd0\xcf\x11\xe0") and "Workbook".encode("utf-16-le") in start),
    ("ole", lambda start: start.startswith(b"\xd0\xcf\x11\xe0")),
    ("rar", lambda start: start.startswith((b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c"))),
    ("dbf", lambda start: _dbf(start)),
    ("osm", lambda start: b"OSMHeader" in start[:20] or root(start)[0] == "osm"),
    ("topojson", lambda start: re.match(rb'\s*\{\s*"type"\s*:\s*"Topology"', start) is not None),
    ("tab", lambda start: start.lstrip().lower().startswith(b"!table")),
)  # fmt: skip
SUFFIXES = (*(kind.suffix for kind in KINDS), ".json", ".geoparquet", ".tsv", ".dwg")


def recognise(start: bytes) -> Kind | None:
    """The format that a file's first bytes are of; None where they are of none."""
    return next((kind for kind in KINDS if kind.begins(start)), None)


def unreadable(start: bytes) -> str | None:
    """The code of the refusal for a known format that cannot be read here."""
    return next((code for code, begins in _UNREADABLE if begins(start)), None)
