"""Rows into the registers by COPY, a column at a time; the registers' constraints check every row."""

import io
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.csv
import shapely
from django.contrib.gis.db.models.fields import GeometryField
from django.db import connection, models
from psycopg import sql

from demo.names import SYNTHETIC
from importers.rasters import add_raster

_ROWS_AT_ONCE = 20_000
_MULTI = {"MULTIPOLYGON": shapely.multipolygons, "MULTILINESTRING": shapely.multilinestrings}
_SINGLE_TYPES = (1, 3)  # shapely's numbers of LineString and Polygon


class Sink(Protocol):
    """Where rows go."""

    def identities(self, count: int) -> np.ndarray:
        """(count,) numbers for as many things."""

    def write(self, model: type[models.Model], columns: Mapping[str, Any]) -> int:
        """Take rows of a model, by column name as copy_rows has them, and return how many."""

    def raster(self, file: Path, kind: str, today: date) -> None:
        """Take a GeoTIFF of a kind, aerial or terrain, that is as of today."""


RASTER_TITLES = {
    "aerial": ("Ảnh hàng không tổng hợp", "Synthetic aerial image"),
    "terrain": ("Mô hình số địa hình", "Terrain model"),
}
SYNTHETIC_EN = "(synthetic)"
RASTER_SOURCE = f"Thành phố Thử Nghiệm {SYNTHETIC}"


class Database:
    """The registers themselves."""

    def identities(self, count: int) -> np.ndarray:
        """(count,) numbers that no register has."""
        return next_identities(count)

    def write(self, model: type[models.Model], columns: Mapping[str, Any]) -> int:
        """Rows into the model's table."""
        return copy_rows(model, columns)

    def raster(self, file: Path, kind: str, today: date) -> None:
        """Put it on the map, as an operator would."""
        vi, en = RASTER_TITLES[kind]
        add_raster(
            file,
            kind=kind,
            title_vi=f"{vi} {SYNTHETIC}",
            title_en=f"{en} {SYNTHETIC_EN}",
            captured_on=today,
            source=RASTER_SOURCE,
        )


def next_identities(count: int) -> np.ndarray:
    """(count,) new numbers of the sequence that all registers share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('register_identity') FROM generate_series(1, %s)", [count])
        return np.array([number for (number,) in cursor.fetchall()], dtype=np.int64)


def period(start: Any, end: Any = None, count: int | None = None) -> np.ndarray:
    """Date ranges as PostgreSQL reads them, [start, end); no end where it is None or NaT.

    start, end  days or (n,) arrays of days; `count` says how many rows where both are single days
    """
    first, last = np.broadcast_arrays(np.array(start, dtype="datetime64[D]"), np.array(end, dtype="datetime64[D]"))
    if count is not None:
        first, last = np.broadcast_to(first, count), np.broadcast_to(last, count)
    until = np.where(np.isnat(last), "", last.astype(str)).astype(object)
    return "[" + first.astype(str).astype(object) + "," + until + ")"


def text_lists(joined: np.ndarray) -> np.ndarray:
    """Texts joined by + (n,) as PostgreSQL arrays; the texts are codes without quotes or commas."""
    return np.char.add(np.char.add("{", np.char.replace(joined.astype(str), "+", ",")), "}").astype(object)


def copy_rows(model: type[models.Model], columns: Mapping[str, Any]) -> int:
    """Write rows into a model's table and return how many.

    columns  by column name: (n,) arrays, geometries in the register's system, or one value for all rows. nan, NaT and
             None are written as NULL; single geometries become multi where the column wants it
    """
    count = max(len(values) for values in columns.values() if isinstance(values, np.ndarray))
    fields = {field.column: field for field in model._meta.concrete_fields}
    copy = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(copy) as stream:
        for begin in range(0, count, _ROWS_AT_ONCE):
            rows = slice(begin, min(begin + _ROWS_AT_ONCE, count))
            written = io.BytesIO()
            table = pa.table({name: _column(fields[name], values, rows) for name, values in columns.items()})
            pyarrow.csv.write_csv(table, written, pyarrow.csv.WriteOptions(include_header=False))
            stream.write(written.getvalue())
    return count


def _column(field: models.Field, values: Any, rows: slice) -> pa.Array:
    """One column of a stretch of rows, as COPY's CSV wants it: texts in quotes, NULL as nothing."""
    if not isinstance(values, np.ndarray):
        return pa.array([values] * (rows.stop - rows.start))
    part = values[rows]
    if isinstance(field, GeometryField):
        return pa.array(_ewkb(field, part), pa.string())
    if np.issubdtype(part.dtype, np.datetime64):
        return pa.array(part.astype("datetime64[D]"), from_pandas=True).cast(pa.string())
    if np.issubdtype(part.dtype, np.floating):
        numbers = pa.array(part, from_pandas=True)
        return numbers.cast(pa.int64()) if isinstance(field, models.IntegerField) else numbers
    return pa.array(part)


def _ewkb(field: GeometryField, shapes: np.ndarray) -> np.ndarray:
    single = np.isin(shapely.get_type_id(shapes), _SINGLE_TYPES)
    if field.geom_type in _MULTI and single.any():
        shapes = shapes.copy()
        shapes[single] = _MULTI[field.geom_type](shapes[single], indices=np.arange(int(single.sum())))
    return shapely.to_wkb(shapely.set_srid(shapes, field.srid), hex=True, include_srid=True)
