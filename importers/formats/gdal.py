"""Formats that GDAL opens: shapefile, GeoPackage, GeoJSON, FileGDB, FlatGeobuf."""

import codecs
import re
from collections.abc import Iterator

import pyarrow as pa
import pyogrio
import pyogrio.raw

from importers import legacy_text
from importers.detection import Source, geojson_crs
from importers.formats.contents import BATCH_ROWS, Contents, Refused, batch, the_layer
from importers.formats.kinds import FILEGDB, GEOJSON, GEOPACKAGE, SHAPEFILE

# Takes every byte to one letter and back: how bytes in an unknown encoding come through GDAL unharmed.
CARRIER = "ISO-8859-1"
# A DBF header's language byte, where it says something definite.
_DBF_LANGUAGE = {0x01: "cp437", 0x02: "cp850", 0x03: "cp1252"}


def open_source(source: Source, wanted_layer: str | None, encoding: str | None) -> Contents:
    """Open with GDAL. `encoding` is what a person gave, in any habit of writing, or None. Raises Refused."""
    declared = encoding or (_declared_encoding(source) if source.format == SHAPEFILE else None)
    codec = codec_of(declared) if declared and source.format != GEOPACKAGE else None
    crs = geojson_crs(source.path) if source.format == GEOJSON else None
    if source.format == SHAPEFILE:
        pyogrio.set_gdal_config_options({"SHAPE_ENCODING": CARRIER})
    carrier = CARRIER if source.format == SHAPEFILE else None
    layer = _layer(source, wanted_layer)
    try:
        seen = pyogrio.read_info(source.path, layer=layer, encoding=carrier)
    except UnicodeDecodeError:
        raise Refused("wrong_encoding", encoding=codec) from None
    if seen["driver"] != source.format:
        raise Refused("not_a_format")
    raw_names = list(seen["fields"])

    def rows(positions: list[int]) -> Iterator[pa.RecordBatch]:
        names = [raw_names[position] for position in positions]
        with pyogrio.raw.open_arrow(
            source.path, layer=layer, encoding=carrier, columns=names, batch_size=BATCH_ROWS, use_pyarrow=True
        ) as (about, reader):
            geometry = about["geometry_name"] or "wkb_geometry"
            for part in reader:
                wkb = part.column(geometry) if geometry in part.schema.names else pa.nulls(len(part), pa.binary())
                yield batch([part.column(name) for name in names], wkb)

    return Contents(
        layer=layer or source.stem,
        # A shapefile's declared encoding counts for its column names too.
        columns=[decoded_name(raw, codec if carrier else None) for raw in raw_names],
        crs=crs or "EPSG:4326" if source.format == GEOJSON else seen["crs"],
        rows=rows,
        carrier=carrier is not None,
        encoding=codec,
    )


def codec_of(declared: str) -> str:
    """A codec's name from any habit of writing it, `ANSI 1258` among them, or a table of before. Raises Refused."""
    old = re.sub(r"[^a-z0-9]", "", declared.lower())
    if old in legacy_text.TABLES:
        return old
    page = re.fullmatch(r"(?:ansi|oem|windows)?[ -]?(\d{3,5})", declared.lower())
    name = {"65001": "utf-8"}.get(page[1], f"cp{page[1]}") if page else declared.replace(" ", "-")
    try:
        codec = codecs.lookup(name)
        "".encode(codec.name)
    except LookupError:
        raise Refused("unknown_encoding", encoding=declared) from None
    return codec.name


def reason(failure: Exception) -> str:
    """A library's words, without the place where the file is kept meanwhile."""
    if isinstance(failure, LookupError | TypeError | AttributeError | StopIteration | AssertionError):
        return "unexpected content"  # words for programmers
    words = re.sub(r"'?\S*/source(\.\w+)'?", r"…\1", str(failure)).split("; It might help")[0].strip()
    return words.split("\n")[0][:200].rstrip(".") or type(failure).__name__


def _layer(source: Source, wanted: str | None) -> str | None:
    """The one layer with positions, or the one that is wanted; None where the format has only one."""
    try:
        listed = [(str(name), kind) for name, kind in pyogrio.list_layers(source.path)]
    except pyogrio.errors.DataSourceError as failure:
        raise Refused("unreadable", reason=reason(failure)) from None
    if not listed:
        raise Refused("unreadable", reason="no layer")
    if source.format in (GEOPACKAGE, FILEGDB):
        return the_layer([name for name, kind in listed if kind is not None], wanted)
    if wanted not in (None, source.stem, *(name for name, _ in listed)):
        raise Refused("no_such_layer", layer=wanted, layers=[source.stem])
    return None


def _declared_encoding(source: Source) -> str | None:
    """What .cpg or the DBF header says."""
    if ".cpg" in source.parts:
        return source.path.with_suffix(".cpg").read_bytes()[:60].decode("ascii", "replace").strip() or None
    with source.path.with_suffix(".dbf").open("rb") as dbf:
        header = dbf.read(30)
    return _DBF_LANGUAGE.get(header[29]) if len(header) == 30 else None


def decoded_name(raw: str, codec: str | None) -> str:
    """A column's name as letters. One that does not decode keeps its bytes: it can still be passed over."""
    try:
        return legacy_text.decode(raw.encode(CARRIER), codec or "utf-8")
    except UnicodeError:
        return raw
