"""Spreadsheets (.xlsx) row by row; each sheet with rows is a layer. Formulas give the value that was last saved."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any

import openpyxl
import pyarrow as pa

from importers.detection import Source
from importers.formats.contents import BATCH_ROWS, Contents, Refused, batch, the_layer
from importers.formats.tables import COLUMNS_MOST, header, places, positions, srid

_ROWS_LOOKED_AT = 50


def open_source(source: Source, wanted_layer: str | None, encoding: str | None) -> Contents:
    """Open one sheet of a workbook. Raises Refused."""
    book = openpyxl.load_workbook(source.path, read_only=True, data_only=True, keep_links=False)
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    begun = {
        title: first for title, sheet in sheets.items() if len(first := list(islice(_rows(sheet), _ROWS_LOOKED_AT)))
    }
    # A sheet of notes has one column.
    tables = {title: first for title, first in begun.items() if max(len(row) for row in first) > 1} or begun
    title = the_layer(list(tables), wanted_layer)
    first = tables[title]
    # Titles may stand above the table: its names are the first row that is as wide as the table.
    width = max(len(row) for row in first)
    if width > COLUMNS_MOST:
        raise Refused("not_a_format")
    skipped = next((n for n, row in enumerate(first) if _filled(row) > 0.5 * width), 0)
    names = header([*first[skipped], *[""] * (width - len(first[skipped]))])
    if names is None:
        names = [f"column_{n}" for n in range(1, width + 1)]
    else:
        skipped += 1
    found = places(names, first[skipped:])

    def rows(asked: list[int]) -> Iterator[pa.RecordBatch]:
        listed = islice(_rows(sheets[title]), skipped, None)
        while part := list(islice(listed, BATCH_ROWS)):
            columns = {
                n: pa.array([row[n] if n < len(row) and row[n] else None for row in part], pa.string())
                for n in {*asked, *found.columns}
            }
            yield batch([columns[n] for n in asked], positions([columns[n] for n in found.columns], len(part)))

    crs = srid([row[found.wkt] for row in first[skipped:] if found.wkt is not None and found.wkt < len(row)])
    return Contents(title, names, crs, rows)


def _rows(sheet: Any) -> Iterator[list[str]]:
    """The rows with anything in them, as texts."""
    sheet.reset_dimensions()  # what a file says of its own size is not believed
    for row in sheet.iter_rows(values_only=True):
        texts = [_text(value) for value in row]
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            yield texts


def _filled(row: list[str]) -> int:
    return sum(bool(cell) for cell in row)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date().isoformat()
    if isinstance(value, datetime | date):
        return value.isoformat()
    # Excel writes some control characters as _x000D_.
    return re.sub(r"_x[0-9A-Fa-f]{4}_", " ", str(value)).strip()
