"""GeoParquet 1.0 and 1.1 with positions as WKB, by pyarrow."""

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from importers.detection import Source
from importers.formats.contents import BATCH_ROWS, Contents, Refused, batch

ROWS_MOST = 20_000_000  # a file of a kilobyte can claim thousands of millions
_LONLAT = "OGC:CRS84"  # where the metadata say nothing. Source: GeoParquet 1.1, column metadata, crs
_USUAL_NAMES = ("geometry", "geom", "wkb_geometry", "boundary", "shape")


def open_source(source: Source, wanted_layer: str | None, encoding: str | None) -> Contents:
    """Open a GeoParquet file. Raises Refused."""
    if wanted_layer not in (None, source.stem):
        raise Refused("no_such_layer", layer=wanted_layer, layers=[source.stem])
    file = pq.ParquetFile(source.path)
    if file.metadata.num_rows > ROWS_MOST:
        raise Refused("too_large")
    schema = file.schema_arrow
    geometry, crs = _geometry(schema)
    names = [name for name in schema.names if name != geometry]

    def rows(positions: list[int]) -> Iterator[pa.RecordBatch]:
        wanted = [names[position] for position in positions]
        for part in file.iter_batches(BATCH_ROWS, columns=[*wanted, geometry], use_threads=False):
            wkb = part.column(geometry)
            wkb = wkb.storage if isinstance(wkb, pa.ExtensionArray) else wkb
            yield batch([part.column(name) for name in wanted], wkb.cast(pa.binary()))

    return Contents(source.stem, names, crs, rows)


def _geometry(schema: pa.Schema) -> tuple[str, str | None]:
    """The column with positions, and what is said of their system."""
    about: Any = {}
    if stated := (schema.metadata or {}).get(b"geo"):
        try:
            about = json.loads(stated)
        except (ValueError, RecursionError):
            raise Refused("unreadable", reason="geo metadata") from None
    columns = about.get("columns") if isinstance(about, dict) else None
    if isinstance(columns, dict):
        name = about.get("primary_column")
        column = columns.get(name)
        if not isinstance(name, str) or name not in schema.names or not isinstance(column, dict):
            raise Refused("no_geometry")
        if column.get("encoding") != "WKB":
            raise Refused("not_wkb", column=name, form=str(column.get("encoding")))
        crs = column.get("crs", _LONLAT)
        return name, crs if crs in (None, _LONLAT) else json.dumps(crs)
    for name in schema.names:
        kind = schema.field(name).type
        kind = kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind
        if name.lower() in _USUAL_NAMES and (pa.types.is_binary(kind) or pa.types.is_large_binary(kind)):
            return name, None
    raise Refused("no_geometry")
