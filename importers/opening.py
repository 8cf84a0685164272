"""Opening a file from outside and handing over its wanted columns. Runs only inside the closed reading process.

What leaves it is an Arrow file of a fixed form: one string or double column per field, `boundary` as plain
two-dimensional WKB in the file's own coordinates, and `fault` where a row has no such position. Where the encoding of
each column was judged, `raw_{field}` keeps the bytes of those that were not plain UTF-8.
"""

import errno
import importlib
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyogrio

from importers import mapping, positions, texts
from importers.detection import Source, locate
from importers.encodings import Judgement
from importers.formats.contents import Contents, Refused
from importers.formats.gdal import reason
from importers.formats.kinds import (
    CSV,
    DGN,
    DRIVERS,
    DXF,
    FILEGDB,
    FLATGEOBUF,
    GEOJSON,
    GEOPACKAGE,
    GEOPARQUET,
    GML,
    KML,
    LANDXML,
    SHAPEFILE,
    XLSX,
)

SAMPLE_ROWS = 5  # of a file that is looked at
JUDGED = "auto"  # the encoding that asks for each column to be judged

# The module that opens each format: `open_source(data set, wanted layer, given encoding)`. Only the one that is needed
# is loaded, because some take long to load.
_OPENERS = {
    **dict.fromkeys((SHAPEFILE, GEOPACKAGE, GEOJSON, FILEGDB, FLATGEOBUF), "gdal"),
    GEOPARQUET: "parquet",
    GML: "gml",
    KML: "kml",
    LANDXML: "landxml",
    DXF: "dxf",
    DGN: "dgn",
    CSV: "tables",
    XLSX: "workbooks",
}

Answer = dict[str, Any]


def serve(request: dict[str, Any], tell: Callable[[Answer], None]) -> Answer:
    """Read one file as asked; the answer is facts about it, or the reason why it is refused."""
    warnings.simplefilter("ignore")
    try:
        return {"looked": _look(request)} if request.get("look") else {"read": _read(request, tell)}
    except Refused as refused:
        return {"refused": {"code": refused.code, "details": refused.details}}
    except (MemoryError, pa.ArrowMemoryError):
        return {"refused": {"code": "too_large", "details": {}}}
    except RecursionError:
        return {"refused": {"code": "too_deep", "details": {}}}
    except PermissionError as failure:
        return {"refused": {"code": "no_permission", "details": {"reason": failure.strerror}}}
    except OSError as failure:
        codes = {errno.ENOSPC: "disk_full", errno.EDQUOT: "disk_full", errno.EFBIG: "too_large"}
        code = codes.get(failure.errno or 0, "unreadable")
        return {"refused": {"code": code, "details": {"reason": failure.strerror or reason(failure)}}}
    except Exception as failure:  # whatever a hostile file makes a library raise is a fault of the file
        return {"refused": {"code": "unreadable", "details": {"reason": reason(failure)}}}


def _read(request: dict[str, Any], tell: Callable[[Answer], None]) -> Answer:
    source, contents = _opened(request)
    folder, judged = Path(request["folder"]), request["encoding"] == JUDGED
    columns = _mapped(request, contents.columns, source)
    fields = {field: contents.columns.index(column) for field, column in columns.found.items()}
    judgements = _judgements(contents, fields) if judged else {}
    rows = _write(contents, fields, judgements if judged else None, folder, request["shape"], tell)
    return {
        "format": source.format,
        "layer": contents.layer,
        "rows": rows,
        "crs": contents.crs,
        "encoding": contents.encoding or "UTF-8",
        "columns": columns.found,
        "personal": columns.personal,
        "unused": columns.unused,
        "texts": {field: asdict(judgement) for field, judgement in judgements.items()},
        "remarks": {what: count for what, count in contents.remarks.items() if count},
    }


def _opened(request: dict[str, Any]) -> tuple[Source, Contents]:
    others = [driver for driver in pyogrio.list_drivers() if driver not in DRIVERS]
    assert not others, f"GDAL was started with {others}"
    source, wanted_layer = locate(Path(request["path"]), Path(request["folder"]), request["layer"])
    if source.format == SHAPEFILE and ".prj" not in source.parts and not request["crs_given"]:
        raise Refused("no_prj")
    opener = importlib.import_module(f"importers.formats.{_OPENERS[source.format]}")
    encoding = None if request["encoding"] == JUDGED else request["encoding"]
    return source, opener.open_source(source, wanted_layer, encoding)


def _look(request: dict[str, Any]) -> Answer:
    """What a file holds, before anything is asked of it; of several layers only their names."""
    try:
        source, contents = _opened(request)
    except Refused as refused:
        if refused.code != "several_layers":
            raise
        return {"layers": refused.details["layers"]}
    columns = _mapped(request | {"required": ()}, contents.columns, source)
    # Nothing of columns about people leaves the file, not even to be looked at.
    shown = [name for name in contents.columns if name not in columns.personal]
    first = next(contents.rows([contents.columns.index(name) for name in shown]), None)
    decode = texts.judged(contents.encoding, contents.carrier)
    samples = {
        name: [] if first is None else texts.plain(first.column(n)[:SAMPLE_ROWS], decode).to_pylist()
        for n, name in enumerate(shown)
    }
    return {
        "format": source.format,
        "layers": [contents.layer],
        "columns": columns.found,
        "personal": columns.personal,
        "unused": columns.unused,
        "samples": samples,
        "crs": contents.crs,
        "encoding": contents.encoding,
    }


def _judgements(contents: Contents, fields: dict[str, int]) -> dict[str, Judgement]:
    """What each column of text is encoded in: looked at before the rows are read."""
    gathered = texts.Gathered(contents.carrier, {field: {} for field in fields})
    for batch in contents.rows(list(fields.values())):
        for position, field in enumerate(fields):
            gathered.add(field, batch.column(position))
    return gathered.judgements()


def _write(
    contents: Contents,
    fields: dict[str, int],
    judgements: dict[str, Judgement] | None,
    folder: Path,
    shape: str,
    tell: Callable[[Answer], None],
) -> int:
    """Write rows.arrow; returns how many rows."""
    one = texts.in_one(contents.encoding, contents.carrier)
    decode = {
        field: one if judgements is None else texts.judged(judgements[field].encoding, contents.carrier)
        for field in fields
    }
    kept = [field for field, judgement in (judgements or {}).items() if judgement.encoding not in ("ascii", "utf-8")]
    rows = 0
    with ExitStack() as stack:
        sink = stack.enter_context(pa.OSFile(str(folder / "rows.arrow"), "wb"))
        writer = None
        for batch in _at_least_one(contents.rows(list(fields.values())), len(fields)):
            if writer is None:
                schema = pa.schema(
                    [
                        *((field, _plain_type(batch.column(n).type)) for n, field in enumerate(fields)),
                        ("boundary", pa.binary()),
                        ("fault", pa.string()),
                        *((f"raw_{field}", pa.binary()) for field in kept),
                    ]
                )
                writer = stack.enter_context(pa.ipc.new_file(sink, schema))
            columns = [
                texts.plain(batch.column(n), decode[field]) if schema.field(field).type == pa.string()
                else batch.column(n).cast(pa.float64())
                for n, field in enumerate(fields)
            ]  # fmt: skip
            wkb = batch.column(len(fields))
            checked = positions.plain(wkb.storage if isinstance(wkb, pa.ExtensionArray) else wkb, shape)
            raw = [texts.original(batch.column(list(fields).index(field)), contents.carrier) for field in kept]
            writer.write_batch(pa.RecordBatch.from_arrays([*columns, *checked, *raw], schema=schema))
            rows += batch.num_rows
            tell({"rows": rows})
    return rows


def _at_least_one(batches: Iterator[pa.RecordBatch], columns: int) -> Iterator[pa.RecordBatch]:
    """The batches, or one without rows."""
    empty = True
    for batch in batches:
        empty = False
        yield batch
    if empty:
        yield pa.RecordBatch.from_arrays(
            [*([pa.array([], pa.string())] * columns), pa.array([], pa.binary())],
            names=list(map(str, range(columns + 1))),
        )


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


def _plain_type(kind: pa.DataType) -> pa.DataType:
    return pa.float64() if pa.types.is_floating(kind) or pa.types.is_decimal(kind) else pa.string()
