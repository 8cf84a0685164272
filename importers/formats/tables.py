"""CSV, and what spreadsheets share with it: a row of names, and positions as WKT or as two columns of numbers."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from importers.detection import Source
from importers.formats.contents import (
    BATCH_ROWS,
    COLLECTION,
    CURVED,
    UNEVEN,
    UNREADABLE,
    Contents,
    Refused,
    batch,
    wkb_of,
)
from importers.formats.gdal import CARRIER, codec_of, decoded_name
from importers.mapping import comparable

COLUMNS_MOST = 2_000
_BLOCK_BYTES = 4 << 20  # the most that one row may have
_LINES_LOOKED_AT = 50
_WKT_NAMES = {"wkt", "geom", "geometry", "thegeom", "wktgeom", "geomwkt", "shape", "shapewkt", "hinhhoc", "toado"}
# In pairs, east first. Surveyors of Viet Nam write x for north; a swapped pair shows when candidates are compared.
_PAIRS = (
    ("lon", "lat"), ("lng", "lat"), ("long", "lat"), ("longitude", "latitude"), ("kinhdo", "vido"),
    ("easting", "northing"), ("east", "north"), ("toadox", "toadoy"), ("xcoord", "ycoord"), ("coordx", "coordy"),
    ("pointx", "pointy"), ("x", "y"),
)  # fmt: skip
_SIMPLE = r"^\s*(?:SRID=\d+;)?\s*(?:MULTI)?(?:POINT|LINESTRING|POLYGON)\b"
_CURVE = r"^\s*(?:SRID=\d+;)?\s*(?:CIRCULARSTRING|COMPOUNDCURVE|CURVEPOLYGON|MULTICURVE|MULTISURFACE|CURVE|SURFACE)\b"
_COLLECTION = r"^\s*(?:SRID=\d+;)?\s*GEOMETRYCOLLECTION\b"
_WKT_START = re.compile(
    r"^\s*(?:SRID=\d+;)?\s*(?:MULTI)?(?:POINT|LINESTRING|POLYGON|CURVE|SURFACE)\s*(?:Z|M|ZM)?\s*(?:\(|EMPTY)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"^\s*[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,3})?\s*$")


@dataclass(frozen=True)
class Places:
    """Which columns hold positions: one of WKT, or two of numbers, east first."""

    wkt: int | None = None
    pair: tuple[int, int] | None = None

    @property
    def columns(self) -> list[int]:
        """Their positions."""
        return [self.wkt] if self.wkt is not None else list(self.pair or ())


def places(names: Sequence[str], sample: Sequence[Sequence[str]]) -> Places:
    """Find the columns with positions by their names, WKT also by what stands in them."""
    for position in range(len(names)):
        texts = [row[position] for row in sample if position < len(row) and row[position].strip()]
        if texts and all(_WKT_START.match(text) for text in texts[:5]):
            return Places(wkt=position)
    plain = [comparable(name) for name in names]
    for position, name in enumerate(plain):
        if name in _WKT_NAMES and any(_WKT_START.match(row[position]) for row in sample if position < len(row)):
            return Places(wkt=position)
    for east, north in _PAIRS:
        if east in plain and north in plain:
            return Places(pair=(plain.index(east), plain.index(north)))
    return Places()


def positions(columns: Sequence[pa.Array], rows: int) -> pa.Array:
    """WKB of positions: from one column of WKT, from two of numbers, or nulls from none."""
    if len(columns) == 1:
        return _from_wkt(columns[0])
    if len(columns) == 2:
        east, north = (_numbers(column) for column in columns)
        there = np.isfinite(east) & np.isfinite(north)
        points = np.full(rows, None, dtype=object)
        points[there] = shapely.points(east[there], north[there])
        return wkb_of(points)
    return pa.nulls(rows, pa.binary())


def _numbers(column: pa.Array) -> np.ndarray:
    """(n,) numbers with a dot or a comma for decimals; nan where there is none."""
    text = pc.replace_substring(pc.utf8_trim_whitespace(column.cast(pa.string())), ",", ".", max_replacements=1)
    good = pc.match_substring_regex(text, r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$")
    return pc.if_else(pc.fill_null(good, False), text, None).cast(pa.float64()).to_numpy(zero_copy_only=False)


def _from_wkt(column: pa.Array) -> pa.Array:
    """WKB of WKT. Only forms that cannot be nested are handed to GEOS: it dies of a collection 100,000 deep."""
    column = column.cast(pa.string())

    def of(pattern: str) -> np.ndarray:
        found = pc.match_substring_regex(column, pattern, ignore_case=True)
        return pc.fill_null(found, False).to_numpy(zero_copy_only=False)

    simple, blank = of(_SIMPLE), of(r"^\s*$") | column.is_null().to_numpy(zero_copy_only=False)
    plain = pc.replace_substring_regex(pc.if_else(pa.array(simple), column, None), r"(?i)^\s*SRID=\d+;", "")
    shapes = shapely.from_wkt(plain.to_numpy(zero_copy_only=False), on_invalid="ignore")
    wkb = shapely.to_wkb(shapes, byte_order=1).astype(object)
    missing = ~blank & (shapely.get_type_id(shapes) < 0)
    wkb[missing] = UNREADABLE
    wkb[of(_CURVE)], wkb[of(_COLLECTION)] = CURVED, COLLECTION
    return pa.array(wkb, pa.binary())


def srid(texts: Sequence[str]) -> str | None:
    """The system that extended WKT names."""
    found = {match[1] for text in texts if (match := re.match(r"\s*SRID=(\d{4,6});", text, re.IGNORECASE))}
    return f"EPSG:{found.pop()}" if len(found) == 1 else None


def header(first: Sequence[str]) -> list[str] | None:
    """The names in a first row; None where it is a row as the others: it holds numbers or a position."""
    words = [cell.strip() for cell in first]
    if any(_NUMBER.match(word) or _WKT_START.match(word) for word in words) or not any(words):
        return None
    return unique([word or f"column_{n}" for n, word in enumerate(words, 1)])


def unique(names: Sequence[str]) -> list[str]:
    """Names of which no two are the same."""
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
    repeated = {name: 0 for name, count in seen.items() if count > 1}
    found = []
    for name in names:
        if name in repeated:
            repeated[name] += 1
            name = name if repeated[name] == 1 else f"{name}_{repeated[name]}"
        found.append(name)
    return found


def open_source(source: Source, wanted_layer: str | None, encoding: str | None) -> Contents:
    """Open a CSV with any of the usual separators. Raises Refused."""
    if wanted_layer not in (None, source.stem):
        raise Refused("no_such_layer", layer=wanted_layer, layers=[source.stem])
    path, codec = _as_bytes(source.path, codec_of(encoding) if encoding else None)
    lines = _first_lines(path)
    delimiter = _delimiter(lines)
    with_text = [row for row in csv.reader(lines, delimiter=delimiter) if row]
    if not with_text or len(with_text[0]) > COLUMNS_MOST:
        raise Refused("not_a_format")
    raw_names = header(with_text[0])
    width = len(with_text[0])
    names = raw_names or [f"column_{n}" for n in range(1, width + 1)]
    found = places(names, with_text[1:] if raw_names else with_text)

    def rows(asked: list[int]) -> Iterator[pa.RecordBatch]:
        with path.open(encoding=CARRIER, newline="") as file:
            filled = (row for row in csv.reader(file, delimiter=delimiter) if row)
            listed = islice(filled, 1 if raw_names else 0, None)
            while part := list(islice(listed, BATCH_ROWS)):
                columns = {
                    n: pa.array([row[n] if n < len(row) and row[n] else None for row in part], pa.string())
                    for n in {*asked, *found.columns}
                }
                where = positions([columns[n] for n in found.columns], len(part))
                uneven = pa.array([len(row) > width for row in part], pa.bool_())
                yield batch([columns[n] for n in asked], pc.if_else(uneven, pa.scalar(UNEVEN), where))

    crs = srid([row[found.wkt] for row in with_text[1:] if found.wkt is not None and found.wkt < len(row)])
    return Contents(source.stem, [decoded_name(name, codec) for name in names], crs, rows, carrier=True, encoding=codec)


def _as_bytes(path: Path, codec: str | None) -> tuple[Path, str | None]:
    """The file, rewritten as UTF-8 where a spreadsheet wrote it as UTF-16, without its mark; and its encoding."""
    with path.open("rb") as file:
        mark = file.read(3)
    if mark[:2] in (b"\xff\xfe", b"\xfe\xff"):
        target = path.with_name("source-utf8.csv")
        with path.open(encoding="utf-16", newline="") as wide, target.open("w", encoding="utf-8", newline="") as plain:
            while piece := wide.read(1 << 20):
                plain.write(piece)
        return target, "utf-8"
    return path, "utf-8" if mark == b"\xef\xbb\xbf" else codec


def _first_lines(path: Path) -> list[str]:
    """The first lines as letters that stand for bytes."""
    with path.open(encoding=CARRIER, newline="") as file:
        lines = list(islice(_bounded(file), _LINES_LOOKED_AT))
    return [lines[0].removeprefix("\xef\xbb\xbf"), *lines[1:]] if lines else lines


def _bounded(file: Iterator[str]) -> Iterator[str]:
    """Lines, none longer than a row may be."""
    csv.field_size_limit(_BLOCK_BYTES)
    while line := file.readline(_BLOCK_BYTES):  # type: ignore[attr-defined]
        yield line


def _delimiter(lines: Sequence[str]) -> str:
    """The mark that parts the first line most often, and the other lines as often."""

    def worth(mark: str) -> tuple[bool, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=mark) if row]
        return (len(set(widths)) == 1, widths[0] if widths else 0) if widths and widths[0] > 1 else (False, 0)

    try:
        return max([",", ";", "\t", "|"], key=worth)
    except csv.Error:
        raise Refused("not_a_format") from None
