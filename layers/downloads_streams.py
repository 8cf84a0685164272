"""How a download leaves: written by the database row by row, carried on in pieces, never whole in memory.

Each download has a connection of its own. When the visitor leaves, Django cancels the stream, and with it ends the
query in the database.
"""

import asyncio
import json
import sqlite3
import tempfile
import threading
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from django.utils.translation import gettext as _
from psycopg import sql

from gisplatform.crs import REGISTER_ZONE
from gisplatform.errors import Unavailable
from layers.downloads import Download, csv_heading, csv_line, feature

AT_ONCE = 6  # downloads in one process
ROWS = 1000  # fetched at once
GEOPACKAGE_ROWS = 5000
PIECE_BYTES = 256 * 1024
SLOW_LINE_S = 600  # how long a visitor may take for one piece
BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for something else
_ARROW = {"int": "int64", "float": "float64", "text": "string", "bool": "bool"}

_taking = threading.Lock()


class Turn:
    """A place among the downloads that this process carries, taken at once and given back at the end of its block.

    A response that is never sent gives it back, too: nobody holds it any more. Raises Unavailable where none is free.
    """

    _taken: weakref.WeakSet["Turn"] = weakref.WeakSet()

    def __init__(self) -> None:
        with _taking:
            if len(self._taken) >= AT_ONCE:
                raise Unavailable(_("Others are downloading a lot at the moment. Please try again shortly."))
            self._taken.add(self)

    def __enter__(self) -> None: ...

    def __exit__(self, *_error: object) -> None:
        self._taken.discard(self)


def geojson(download: Download, turn: Turn) -> AsyncIterator[bytes]:
    """A FeatureCollection after RFC 7946, with what it is in members beside the features."""
    fields = [{"name": f.name, "title": f.title, "unit": f.unit, "type": f.type} for f in download.fields]
    about = {"type": "FeatureCollection", "name": download.layer.key, **download.about(), "fields": fields[1:]}
    head = json.dumps(about, ensure_ascii=False).removesuffix("}") + ', "features": [\n'
    return _lines(download, turn, feature(download), head, ",\n", "\n]}\n")


def csv(download: Download, turn: Turn) -> AsyncIterator[bytes]:
    """A table for spreadsheets: UTF-8 with a byte order mark, commas, decimal points."""
    head = f"{BYTE_ORDER_MARK}{csv_heading(download)}\r\n"
    return _lines(download, turn, csv_line(download), head, "\r\n", "\r\n")


def geopackage(download: Download, turn: Turn) -> AsyncIterator[bytes]:
    """A GeoPackage in the register's system. It is no stream by nature: a temporary file, removed at the end."""
    fields, about = download.fields, download.about()
    query, params = download.rows([*(field.expression for field in fields), sql.SQL("ST_AsBinary(shape)")])
    register = download.layer.register._meta
    column = register.get_field(download.layer.approximate or download.layer.geometry)
    kinds = {"POINT": "Point", "LINESTRING": "LineString", "MULTILINESTRING": "MultiLineString"}
    options = {
        "driver": "GPKG",
        "layer": download.layer.key,
        "geometry_name": "geometry",
        "geometry_type": kinds.get(getattr(column, "geom_type", ""), "MultiPolygon"),
        "crs": f"EPSG:{REGISTER_ZONE.epsg}",
        "dataset_metadata": about,
        "layer_options": {"IDENTIFIER": about["title"], "DESCRIPTION": "; ".join(about.values())},
    }
    titles = [(download.layer.key, field.name, field.title, field.heading) for field in fields]

    def write(file: Path, dsn: psycopg.Connection) -> None:
        # Only now: the two take 50 MB, which every web process would hold from its start for what few ask for.
        import pyarrow as pa
        import pyogrio

        columns = {field.name: _ARROW[field.type] for field in fields} | {"geometry": "binary"}
        schema = pa.schema([(name, pa.type_for_alias(kind)) for name, kind in columns.items()])

        def batches() -> Iterator[pa.RecordBatch]:
            with dsn.cursor(name="download", binary=True) as cursor:
                cursor.execute(query, params)
                while rows := cursor.fetchmany(GEOPACKAGE_ROWS):
                    told = zip(*rows, strict=True)
                    arrays = [pa.array(values, kind.type) for values, kind in zip(told, schema, strict=True)]
                    yield pa.record_batch(arrays, schema=schema)

        pyogrio.write_arrow(pa.RecordBatchReader.from_batches(schema, batches()), file, **options)
        with sqlite3.connect(file) as package:
            _write_titles(package, titles)
        package.close()

    return _file(write, turn)


def _write_titles(package: sqlite3.Connection, titles: list[tuple[str, str, str, str]]) -> None:
    """Titles of the columns, in the table that the standard has for them (GeoPackage, extension "schema")."""
    package.execute("""CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT,
        title TEXT, description TEXT, mime_type TEXT, constraint_name TEXT,
        CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name))""")
    package.execute("""INSERT INTO gpkg_extensions VALUES ('gpkg_data_columns', NULL, 'gpkg_schema',
        'http://www.geopackage.org/spec121/#extension_schema', 'read-write')""")
    package.executemany(
        "INSERT INTO gpkg_data_columns (table_name, column_name, name, title) VALUES (?, ?, NULL, ?)",
        [(table, column, heading) for table, column, _title, heading in titles],
    )


async def _lines(
    download: Download, turn: Turn, line: sql.Composable, head: str, between: str, tail: str
) -> AsyncIterator[bytes]:
    """Head, one line for each row as the database writes it, tail."""
    query, params = download.rows([line])
    with turn:
        async with await psycopg.AsyncConnection.connect(**_parameters()) as own:
            await own.execute(sql.SQL("SET idle_in_transaction_session_timeout = {}").format(SLOW_LINE_S * 1000))
            yield head.encode()
            joint = ""
            async with own.cursor(name="download") as cursor:
                await cursor.execute(query, params)
                while rows := await cursor.fetchmany(ROWS):
                    yield (joint + between.join(text for (text,) in rows)).encode()
                    joint = between
        yield tail.encode()


async def _file(write: Callable[[Path, psycopg.Connection], None], turn: Turn) -> AsyncIterator[bytes]:
    """The pieces of a file that is written in a thread, from a connection of its own, and removed."""
    with turn, tempfile.TemporaryDirectory(prefix="download-") as folder:
        file = Path(folder) / "download.gpkg"
        own = await asyncio.to_thread(psycopg.connect, **_parameters())
        writing = asyncio.ensure_future(asyncio.to_thread(write, file, own))
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            await asyncio.to_thread(own.cancel_safe)
            await asyncio.wait([writing])
            raise
        finally:
            await asyncio.to_thread(own.close)
        with file.open("rb") as written:
            while piece := await asyncio.to_thread(written.read, PIECE_BYTES):
                yield piece


def _parameters() -> dict[str, Any]:
    """How Django connects, without what is Django's own: the pool's connections are for pages."""
    own = {"cursor_factory", "context"}
    return {name: value for name, value in connection.get_connection_params().items() if name not in own}
