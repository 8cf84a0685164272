"""Parcels as a kind of record: what columns they need, and how the rows of a file become rows of the cadastre."""

import re
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyproj
import shapely
from django.utils.translation import gettext as _

from gisplatform import crs
from gisplatform.errors import InvalidInput
from importers import checks, values
from importers.issues import Issues, counts, fault_names, shape_names
from importers.placement import Placement
from importers.readers import ReadFile
from layers.parcels.operations import PARCEL_ROWS

TABLE = "parcel_columns"
KEY = ("commune", "sheet", "number")
LONGEST = {"commune": 10, "sheet": 20, "number": 20}
CODE_LENGTH = 60

# Beside what the cadastre keeps: where the row stood, and what the numbering of repeated ones needs.
CHECKED = pa.schema(
    [
        *(column for column in PARCEL_ROWS if column.name != "suffix"),
        pa.field("file_name", pa.string()),
        pa.field("row", pa.int64()),
        *(pa.field(name, pa.float64()) for name in ("area", "x", "y")),
    ]
)


@dataclass(frozen=True)
class Ask:
    """What a person said about the parcels of a file."""

    commune: str | None
    repair: bool


@dataclass
class CheckedFile:
    """The rows of one file that may be taken so far, and what was said about it and them."""

    parts: list[pa.RecordBatch] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def commune_code(text: str) -> str:
    """A commune code as given on the command line. Raises InvalidInput if it cannot be one."""
    if not re.fullmatch(r"[0-9A-Za-z]{1,10}", text):
        raise InvalidInput(
            _("“%(commune)s” is no commune code: it has up to ten digits, for example 20239.") % {"commune": text[:40]}
        )
    return text


def check(file: ReadFile, system: pyproj.CRS, ask: Ask, issues: Issues) -> CheckedFile:
    """Check all rows of a file and bring them into the register's system.

    Refused rows go to `issues`. Raises InvalidInput where the file as a whole cannot be right.
    """
    checked, placement, row = CheckedFile(), Placement(system, file.name), 1
    faults: dict[str, int] = {}
    not_finite: list[int] = []
    reader = file.batches()
    for position in range(reader.num_record_batches):
        batch = reader.get_batch(position)
        batch.validate(full=True)
        found = Issues()
        checked.parts.append(_check_batch(batch, row, file.name, placement, ask, found))
        table = found.table()
        refused = table.filter(pc.invert(table.column("taken")))
        for code, count in counts(refused).items():
            faults[code] = faults.get(code, 0) + count
        not_finite += refused.filter(pc.equal(refused.column("code"), "not_finite")).column("row").to_pylist()
        issues.parts += found.parts
        row += batch.num_rows
    _judge(file, faults, not_finite)
    checked.warnings += placement.verdict()
    return checked


def _judge(file: ReadFile, faults: dict[str, int], not_finite: list[int]) -> None:
    """Faults that concern the whole file."""
    words = {"file": file.name, "count": len(not_finite), "rows": ", ".join(map(str, not_finite[:20]))}
    if file.rows == 0:
        raise InvalidInput(_("%(file)s: the file has no rows.") % words, file=file.name, problem="no_rows")
    if not_finite:
        raise InvalidInput(
            _(
                "%(file)s: %(count)d rows have coordinates that are not numbers (NaN or infinite), the first are rows"
                " %(rows)s. Correct them and send the file again."
            )
            % words,
            file=file.name,
            problem="not_finite",
            rows=not_finite[:1000],
        )
    if faults.get("missing", 0) == file.rows:
        raise InvalidInput(
            _("%(file)s: no row has a position. Export the layer with its geometry.") % words,
            file=file.name,
            problem="no_geometry",
        )


def _check_batch(
    batch: pa.RecordBatch, first_row: int, file_name: str, placement: Placement, ask: Ask, issues: Issues
) -> pa.RecordBatch:
    count = batch.num_rows
    column = {name: batch.column(name) for name in batch.schema.names}
    text = {name: values.text(column.get(name), count) for name in (*KEY, "old_sheet", "old_number", "land_use")}
    if ask.commune:
        _say_where_commune_differs(text["commune"], ask.commune, first_row, file_name, issues)
        text["commune"] = pa.array([ask.commune] * count, pa.string())
    rows = np.arange(first_row, first_row + count)
    fault, detail = _row_faults(column["fault"], text)
    good = np.flatnonzero(fault == "")

    raw = shapely.from_wkb(column["boundary"].to_numpy(zero_copy_only=False)[good])
    placed = checks.snapped(crs.to_register(raw, placement.system))
    lonlat, outside, not_true = placement.locate(raw, placed)
    fault[good[outside]], fault[good[not_true]] = "outside", "not_true"
    places = np.full((count, 2), np.nan)
    places[good] = lonlat
    kept = ~outside & ~not_true
    good, placed = good[kept], placed[kept]

    repair = checks.repair(placed)
    names = fault_names()
    reasons = np.array([names.get(reason, reason) for reason in repair.reasons], dtype=object)
    mended = repair.mended & ask.repair
    at_fault = shapely.get_coordinates(crs.to_wgs84(shapely.points(np.nan_to_num(repair.places))))
    places[good[repair.index]] = np.where(np.isnan(repair.places), places[good[repair.index]], at_fault)
    fault[good[repair.index[~mended]]] = "invalid" if ask.repair else "invalid_not_repaired"
    detail[good[repair.index]] = reasons
    placed[repair.index[mended]] = repair.shapes[mended]

    parcels = _codes(text).to_numpy(zero_copy_only=False)
    refused = np.flatnonzero(fault != "")
    issues.add(
        fault[refused], file_name=file_name, rows=rows[refused], taken=False, parcels=parcels[refused],
        details=detail[refused], places=places[refused],
    )  # fmt: skip
    repaired = good[repair.index[mended]]
    issues.add(
        "repaired", file_name=file_name, rows=rows[repaired], taken=True, parcels=parcels[repaired],
        details=reasons[mended], places=places[repaired],
    )  # fmt: skip
    taken = np.flatnonzero(fault == "")
    boundaries = checks.as_multipolygons(placed[fault[good] == ""])
    return _assembled(column, text, taken, boundaries, rows, file_name, parcels, issues)


def _say_where_commune_differs(named: pa.Array, commune: str, first_row: int, file_name: str, issues: Issues) -> None:
    """One remark for each other name that the file has for its commune."""
    for name in pc.unique(pc.drop_null(named)).to_pylist():
        if name != commune:
            row = first_row + pc.index(named, name).as_py()
            issues.add(
                "commune_replaced", file_name=file_name, rows=np.array([row]), taken=True,
                details=np.array([name[:40]], dtype=object),
            )  # fmt: skip


def _row_faults(fault: pa.Array, text: dict[str, pa.Array]) -> tuple[np.ndarray, np.ndarray]:
    """(n,) the first reason against each row or "", and (n,) what its sentence needs."""
    shape = pc.fill_null(fault, "").to_numpy(zero_copy_only=False)
    found, detail = shape.astype(object), np.full(len(shape), None, dtype=object)
    names = shape_names()
    for kind in [code for code in pc.unique(fault).to_pylist() if code and code.startswith("type:")]:
        of_kind = found == kind
        found[of_kind], detail[of_kind] = "not_a_polygon", names.get(kind[5:], _("something else"))
    for field_name in KEY:
        absent = pc.is_null(text[field_name]).to_numpy(zero_copy_only=False) & (found == "")
        found[absent] = f"no_{field_name}"
    for field_name in KEY:
        unusable = ~values.usable(text[field_name], LONGEST[field_name]) & (found == "")
        found[unusable] = "unusable_name"
        detail[unusable] = text[field_name].to_numpy(zero_copy_only=False)[unusable]
    return found, detail


def _codes(text: dict[str, pa.Array]) -> pa.Array:
    """Public codes without suffix; "" where a part is missing, cut where a part is longer than it may be."""
    whole = pc.binary_join_element_wise(*(text[name] for name in KEY), "-")
    return pc.utf8_slice_codeunits(pc.fill_null(whole, ""), 0, CODE_LENGTH)


def _assembled(
    column: dict[str, pa.Array],
    text: dict[str, pa.Array],
    taken: np.ndarray,
    boundaries: np.ndarray,
    rows: np.ndarray,
    file_name: str,
    parcels: np.ndarray,
    issues: Issues,
) -> pa.RecordBatch:
    """The rows that are taken, as CHECKED; remarks about their attributes go to `issues`."""
    land_use = values.land_use(text["land_use"])
    area, no_area = values.area(column.get("area_document_m2"), len(rows))
    for code, concerned, words in [
        ("land_use_unreadable", pc.is_valid(land_use.left_out).to_numpy(zero_copy_only=False), land_use.left_out),
        ("area_unreadable", no_area, values.text(column.get("area_document_m2"), len(rows))),
    ]:
        of_taken = taken[concerned[taken]]
        issues.add(
            code, file_name=file_name, rows=rows[of_taken], taken=True, parcels=parcels[of_taken],
            details=pc.utf8_slice_codeunits(pc.fill_null(words, ""), 0, 80).to_numpy(zero_copy_only=False)[of_taken],
        )  # fmt: skip
    bounds = shapely.bounds(boundaries)
    old = {
        name: pc.if_else(pc.less_equal(pc.utf8_length(text[name]), 20), text[name], None)
        for name in ("old_sheet", "old_number")
    }
    return pa.RecordBatch.from_arrays(
        [
            *(text[name].take(pa.array(taken)) for name in KEY),
            *(pc.fill_null(old[name], "").take(pa.array(taken)) for name in ("old_sheet", "old_number")),
            land_use.codes.take(pa.array(taken)),
            area.take(pa.array(taken)),
            pa.array(shapely.to_wkb(boundaries, byte_order=1), pa.binary()),
            pa.array(np.full(len(taken), file_name, dtype=object), pa.string()),
            pa.array(rows[taken]),
            pa.array(shapely.area(boundaries)),
            pa.array((bounds[:, 0] + bounds[:, 2]) / 2),
            pa.array((bounds[:, 1] + bounds[:, 3]) / 2),
        ],
        schema=CHECKED,
    )


def say_unknown_land_use(found: pa.Table, in_force: set[str], known: set[str], issues: Issues) -> None:
    """One remark for each land-use code that is not in force, with how many parcels have it."""
    words = found["land_use"].combine_chunks()
    distinct = words.dictionary_encode()
    used: dict[str, tuple[int, int]] = {}  # code → first index, how many
    tally = np.bincount(distinct.indices.to_numpy(), minlength=len(distinct.dictionary))
    for position, joined in enumerate(distinct.dictionary.to_pylist()):
        for code in filter(None, joined.split("+")):
            if code not in in_force:
                first = pc.index(distinct.indices, pa.scalar(position, distinct.indices.type)).as_py()
                before, many = used.get(code, (first, 0))
                used[code] = (min(before, first), many + int(tally[position]))
    for code, (first, many) in used.items():
        issues.add(
            "land_use_not_in_force" if code in known else "land_use_unknown",
            file_name=np.array([found["file_name"][first].as_py()], dtype=object),
            rows=np.array([found["row"][first].as_py()]),
            taken=True,
            details=np.array([f"{code} × {many}"], dtype=object),
        )
