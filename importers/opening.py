"""Opening a file from outside and handing over its wanted columns. Runs only inside the closed reading process.

What leaves it is an Arrow file of a fixed form: one string or double column per field, `boundary` as plain
two-dimensional WKB polygons in the file's own coordinates, and `fault` where a row has no such polygon.
"""

import codecs
import errno
import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyogrio
import pyogrio.raw
import shapely

from importers import mapping
from importers.detection import FORMATS, GEOJSON, GEOPACKAGE, SHAPEFILE, Refused, Source, geojson_crs, locate

BATCH_ROWS = 16_384
POLYGON, MULTIPOLYGON = 3, 6
_CURVES = range(8, 15)  # WKB: circular strings to surfaces
# A DBF header's language byte, where it says something definite.
_DBF_LANGUAGE = {0x01: "cp437", 0x02: "cp850", 0x03: "cp1252"}
# Takes every byte to one letter and back: how bytes in an unknown encoding come through GDAL unharmed.
_CARRIER = "ISO-8859-1"

Answer = dict[str, Any]


def serve(request: dict[str, Any], tell: Callable[[Answer], None]) -> Answer:
    """Read one file as asked; the answer is facts about it, or the reason why it is refused."""
    warnings.simplefilter("ignore")
    try:
        return {"read": _read(request, tell)}
    except Refused as refused:
        return {"refused": {"code": refused.code, "details": refused.details}}
    except MemoryError:
        return {"refused": {"code": "too_large", "details": {}}}
    except PermissionError as failure:
        return {"refused": {"code": "no_permission", "details": {"reason": failure.strerror}}}
    except OSError as failure:
        codes = {errno.ENOSPC: "disk_full", errno.EDQUOT: "disk_full", errno.EFBIG: "too_large"}
        code = codes.get(failure.errno or 0, "unreadable")
        return {"refused": {"code": code, "details": {"reason": failure.strerror or str(failure)}}}
    except Exception as failure:  # whatever a hostile file makes a library raise is a fault of the file
        return {"refused": {"code": "unreadable", "details": {"reason": _reason(failure)}}}


def _read(request: dict[str, Any], tell: Callable[[Answer], None]) -> Answer:
    others = [driver for driver in pyogrio.list_drivers() if driver not in FORMATS]
    assert not others, f"GDAL was started with {others}"
    folder = Path(request["folder"])
    source, wanted_layer = locate(Path(request["path"]), folder, request["layer"])
    if source.format == SHAPEFILE and ".prj" not in source.parts and not request["crs_given"]:
        raise Refused("no_prj")
    encoding = _encoding(source, request["encoding"])
    declared_crs = geojson_crs(source.path) if source.format == GEOJSON else None
    if source.format == SHAPEFILE:
        pyogrio.set_gdal_config_options({"SHAPE_ENCODING": _CARRIER})
    carrier = _CARRIER if source.format == SHAPEFILE else None
    layer = _layer(source, wanted_layer)
    try:
        seen = pyogrio.read_info(source.path, layer=layer, encoding=carrier)
    except UnicodeDecodeError:
        raise Refused("wrong_encoding", encoding=encoding) from None
    if seen["driver"] != source.format:
        raise Refused("not_a_format")
    # A shapefile's declared encoding counts for its column names too; `names` leads back to what GDAL calls them.
    names = {_name(raw, encoding if carrier else None): raw for raw in seen["fields"]}
    columns = _mapped(request, list(names), source)
    raw_columns = {field: names[column] for field, column in columns.found.items()}
    rows = 0
    with (
        pyogrio.raw.open_arrow(
            source.path, layer=layer, encoding=carrier, columns=list(raw_columns.values()), batch_size=BATCH_ROWS,
            use_pyarrow=True,
        ) as (about, reader),
        pa.OSFile(str(folder / "rows.arrow"), "wb") as sink,
    ):  # fmt: skip
        geometry = about["geometry_name"] or "wkb_geometry"
        schema = pa.schema(
            [
                *((field, _plain_type(reader.schema.field(raw).type)) for field, raw in raw_columns.items()),
                ("boundary", pa.binary()),
                ("fault", pa.string()),
            ]
        )
        with pa.ipc.new_file(sink, schema) as writer:
            for batch in reader:
                writer.write_batch(_plain(batch, raw_columns, geometry, schema, encoding, carrier))
                rows += batch.num_rows
                tell({"rows": rows})
    crs = declared_crs or "EPSG:4326" if source.format == GEOJSON else seen["crs"]
    return {
        "format": source.format,
        "layer": layer or source.stem,
        "rows": rows,
        "crs": crs,
        "encoding": encoding or "UTF-8",
        "columns": columns.found,
        "personal": columns.personal,
        "unused": columns.unused,
    }


def _layer(source: Source, wanted: str | None) -> str | None:
    """The one layer with positions, or the one that is wanted."""
    try:
        listed = [(str(name), kind) for name, kind in pyogrio.list_layers(source.path)]
    except pyogrio.errors.DataSourceError as failure:
        raise Refused("unreadable", reason=_reason(failure)) from None
    if source.format != GEOPACKAGE:
        if wanted not in (None, source.stem, *(name for name, _ in listed)):
            raise Refused("no_such_layer", layer=wanted, layers=[source.stem])
        return None
    on_the_map = [name for name, kind in listed if kind is not None]
    if wanted is not None:
        if wanted not in on_the_map:
            raise Refused("no_such_layer", layer=wanted, layers=on_the_map)
        return wanted
    if not on_the_map:
        raise Refused("no_geometry")
    if len(on_the_map) > 1:
        raise Refused("several_layers", layers=on_the_map)
    return on_the_map[0]


def _reason(failure: Exception) -> str:
    """GDAL's words, without the place where the file is kept meanwhile."""
    words = re.sub(r"'?\S*/source(\.\w+)'?", r"…\1", str(failure)).split("; It might help")[0].strip()
    return words.split("\n")[0][:200] or type(failure).__name__


def _mapped(request: dict[str, Any], names: list[str], source: Source) -> mapping.Columns:
    try:
        columns = mapping.match(request["table"], names, chosen=request["chosen"], cut_names=source.format == SHAPEFILE)
    except mapping.UnknownColumn as unknown:
        field, name = unknown.args
        raise Refused(
            "no_such_column", field=field, column=name, columns=names, fields=mapping.fields(request["table"])
        ) from None
    missing = [field for field in request["required"] if field not in columns.found]
    if missing:
        code = "no_commune_column" if missing == ["commune"] else "no_column"
        raise Refused(code, missing=missing, columns=names)
    return columns


def _encoding(source: Source, given: str | None) -> str | None:
    """The codec of the file's text: as given, as declared in .cpg or the DBF header, else None for UTF-8."""
    declared = given
    if not declared and source.format == SHAPEFILE:
        if ".cpg" in source.parts:
            declared = source.path.with_suffix(".cpg").read_bytes()[:60].decode("ascii", "replace").strip()
        else:
            with source.path.with_suffix(".dbf").open("rb") as dbf:
                header = dbf.read(30)
            declared = _DBF_LANGUAGE.get(header[29]) if len(header) == 30 else None
    if not declared or source.format == GEOPACKAGE:
        return None
    page = re.fullmatch(r"(?:ansi|oem|windows)?[ -]?(\d{3,5})", declared.lower())
    name = {"65001": "utf-8"}.get(page[1], f"cp{page[1]}") if page else declared.replace(" ", "-")
    try:
        codec = codecs.lookup(name)
        "".encode(codec.name)
    except LookupError:
        raise Refused("unknown_encoding", encoding=declared) from None
    return codec.name


def _name(raw: str, encoding: str | None) -> str:
    """A column's name as letters. One that does not decode keeps its bytes: it can still be passed over."""
    try:
        return raw.encode(_CARRIER).decode(encoding or "utf-8")
    except UnicodeError:
        return raw


def _plain_type(kind: pa.DataType) -> pa.DataType:
    return pa.float64() if pa.types.is_floating(kind) or pa.types.is_decimal(kind) else pa.string()


def _plain(
    batch: pa.RecordBatch,
    raw_columns: dict[str, str],
    geometry: str,
    schema: pa.Schema,
    encoding: str | None,
    carrier: str | None,
) -> pa.RecordBatch:
    columns = [
        _text(batch.column(raw), encoding, carrier) if schema.field(field).type == pa.string()
        else batch.column(raw).cast(pa.float64())
        for field, raw in raw_columns.items()
    ]  # fmt: skip
    if geometry in batch.schema.names:
        wkb = batch.column(geometry)
        boundary, fault = polygons(wkb.storage if isinstance(wkb, pa.ExtensionArray) else wkb)
    else:
        boundary = pa.nulls(batch.num_rows, pa.binary())
        fault = pa.array(["missing"] * batch.num_rows, pa.string())
    return pa.RecordBatch.from_arrays([*columns, boundary, fault], schema=schema)


def _text(column: pa.Array, encoding: str | None, carrier: str | None) -> pa.Array:
    """A column as strings; a list is joined by `+`. Each distinct value is decoded once."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        column = pc.binary_join(column.cast(pa.list_(pa.string())), "+")
    elif pa.types.is_nested(column.type):
        return pa.nulls(len(column), pa.string())
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column.cast(pa.string())
    distinct = column.cast(pa.binary()).dictionary_encode()
    letters = pa.array(_decoded(distinct.dictionary.to_pylist(), encoding, carrier), pa.string())
    return pa.DictionaryArray.from_arrays(distinct.indices, letters).cast(pa.string())


def _decoded(values: list[bytes], encoding: str | None, carrier: str | None) -> Iterator[str]:
    codec = encoding or "utf-8"
    for value in values:
        raw = value.decode("utf-8").encode(carrier) if carrier else value
        try:
            yield raw.decode(codec)
        except UnicodeDecodeError:
            raise Refused("wrong_encoding", encoding=encoding, sample=raw[:40].decode("ascii", "replace")) from None


def polygons(wkb: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Two-dimensional WKB of polygons and multi-polygons, and for every other row what is wrong with it."""
    raw = wkb.to_numpy(zero_copy_only=False)
    there = wkb.is_valid().to_numpy(zero_copy_only=False)
    kind = _wkb_kind(wkb)
    curved = np.isin(kind, list(_CURVES))
    shapes = shapely.force_2d(shapely.from_wkb(np.where(there & ~curved, raw, None), on_invalid="ignore"))
    read_kind = shapely.get_type_id(shapes)
    polygonal = np.isin(read_kind, (POLYGON, MULTIPOLYGON))
    finite = np.ones(len(shapes), dtype=bool)
    coordinates, row = shapely.get_coordinates(shapes, return_index=True)
    finite[row[~np.isfinite(coordinates).all(axis=1)]] = False
    for unreadable in np.flatnonzero(there & ~curved & (read_kind < 0)):
        finite[unreadable] = not _not_finite(raw[unreadable])
    fault = np.select(
        [
            ~there | (shapely.is_empty(shapes) & (read_kind >= 0)),
            curved,
            ~finite,
            read_kind < 0,
            ~polygonal,
        ],
        ["missing", "curved", "not_finite", "unreadable", np.char.add("type:", read_kind.astype(str))],
        default="",
    )
    good = fault == ""
    boundary = shapely.to_wkb(np.where(good, shapes, None), byte_order=1)
    return pa.array(boundary, pa.binary()), pa.array(fault, pa.string(), mask=good)


def _wkb_kind(wkb: pa.Array) -> np.ndarray:
    """(n,) the geometry kind in each WKB's header, without its Z and M marks; 0 where there is none."""
    start = pc.fill_null(pc.binary_slice(wkb, 0, 5), b"")
    whole = pc.if_else(pc.equal(pc.binary_length(start), 5), start, pa.scalar(b"\0" * 5)).cast(pa.binary(5))
    header = np.frombuffer(whole.buffers()[1], dtype=np.uint8)[: 5 * len(whole)].reshape(-1, 5)
    number = np.ascontiguousarray(header[:, 1:])
    kind = np.where(header[:, 0] == 1, number.view("<u4")[:, 0], number.view(">u4")[:, 0])
    return (kind & 0x1FFFFFFF) % 1000


def _not_finite(wkb: bytes) -> bool:
    """Whether an unreadable shape has NaN or infinity in it: all bits of a double's exponent are then set."""
    words = np.frombuffer(wkb[1 : 1 + len(wkb[1:]) // 4 * 4], dtype="<u4" if wkb[:1] == b"\1" else ">u4")
    return bool(((words & 0x7FF00000) == 0x7FF00000).any())
