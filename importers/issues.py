"""What is said about single rows: refused, or taken with a remark. Kept as columns: a file may earn millions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext as _

# lon, lat: WGS 84, where the fault lies. `detail` is what the sentence of the code needs.
ISSUES = pa.schema(
    [
        ("file_name", pa.string()),
        ("row", pa.int64()),
        ("parcel", pa.string()),
        ("taken", pa.bool_()),
        ("code", pa.string()),
        ("detail", pa.string()),
        ("lon", pa.float64()),
        ("lat", pa.float64()),
    ]
)


@dataclass
class Issues:
    """Collects what is found, a column of rows at a time."""

    parts: list[pa.Table] = field(default_factory=list)

    def add(
        self,
        code: str | np.ndarray,
        *,
        file_name: str | np.ndarray,
        rows: np.ndarray,
        taken: bool,
        parcels: np.ndarray | None = None,
        details: np.ndarray | None = None,
        places: np.ndarray | None = None,
    ) -> None:
        """One issue for each of (n,) rows; details and parcels as strings or None, places (n, 2) as lon, lat."""
        count = len(rows)
        if not count:
            return
        nowhere = np.full((count, 2), np.nan)
        lonlat = nowhere if places is None else np.where(np.isfinite(places), places, np.nan)
        values = {
            "file_name": np.full(count, file_name, dtype=object),
            "row": rows,
            "parcel": np.full(count, "", dtype=object) if parcels is None else parcels,
            "taken": np.full(count, taken),
            "code": np.full(count, code, dtype=object),
            "detail": np.full(count, "", dtype=object) if details is None else details,
            "lon": lonlat[:, 0],
            "lat": lonlat[:, 1],
        }
        arrays = [
            pa.array(values[column.name], column.type, from_pandas=column.name in ("lon", "lat")) for column in ISSUES
        ]
        self.parts.append(pa.Table.from_arrays(arrays, schema=ISSUES))

    def table(self) -> pa.Table:
        """All issues in the order of files and rows, with `message` in the language of now."""
        found = pa.concat_tables([ISSUES.empty_table(), *self.parts]).combine_chunks()
        order = pc.sort_indices(found, [("taken", "ascending"), ("file_name", "ascending"), ("row", "ascending")])
        found = found.take(order)
        return found.append_column("message", _messages(found))


def counts(issues: pa.Table) -> dict[str, int]:
    """How many issues of each code."""
    return {pair["values"]: pair["counts"] for pair in pc.value_counts(issues.column("code")).to_pylist()}


def _messages(issues: pa.Table) -> pa.Array:
    """Each row's sentence; the detail is put into it for all rows of a code at once."""
    codes, details = issues.column("code").combine_chunks(), pc.fill_null(issues.column("detail"), "").combine_chunks()
    sentences = _sentences()
    message = pa.array([""] * len(codes), pa.string())
    for code in pc.unique(codes).to_pylist():
        before, _mark, after = sentences[code].partition("{}")
        whole = pc.binary_join_element_wise(before, details, after, "") if _mark else pa.scalar(before)
        message = pc.if_else(pc.equal(codes, code), whole, message)
    return message


def _sentences() -> Mapping[str, str]:
    """What each code says; {} stands for the detail."""
    return {
        # refused
        "missing": _("The row has no position."),
        "uneven": _("The row has more cells than the first row has names; quote cells that hold the separator."),
        "curved": _("The boundary has arcs. Convert them to straight segments and send it again."),
        "unreadable": _("The boundary cannot be read: a ring is not closed or has fewer than four points."),
        "not_finite": _("A coordinate is not a number."),
        "not_a_polygon": _("The position is not an area but {}."),
        "no_commune": _("The commune code is missing. Give it with --commune."),
        "no_sheet": _("The sheet number is missing."),
        "no_number": _("The parcel number is missing."),
        "unusable_name": _("The commune, sheet or parcel number is too long or has unusual characters: {}"),
        "outside": _("The position lies outside the area in which its coordinate system is used."),
        "not_true": _("The position is too far from the register's meridian: areas would come out wrong there."),
        "invalid": _("The boundary is not valid ({}) and cannot be repaired without changing the area."),
        "invalid_not_repaired": _("The boundary is not valid ({}), and repair was switched off."),
        "same_again": _("The same parcel with the same boundary stands in an earlier row: {}"),
        "code_taken": _("Its public code {} is also that of another row. Give it another number."),
        "code_stands": _("Its public code {} is that of another parcel in the register. Give it another number."),
        "ended": _("In the register this parcel ends on {}; an import does not bring it back."),
        "too_often": _("The number is repeated too often in its sheet: {}"),
        # taken, with a remark
        "repaired": _("The boundary was not valid and was repaired: {}"),
        "duplicate_number": _("The sheet has this parcel number more than once; the parcel was taken as {}."),
        "commune_replaced": _("The file names the commune otherwise; --commune was used. In the file: {}"),
        "land_use_unknown": _("The land-use code is not in the table: {}"),
        "land_use_not_in_force": _("The land-use code is in the table but not in force on that day: {}"),
        "land_use_unreadable": _("The land use is not a code and was left out: {}"),
        "area_unreadable": _("The area in the papers is not a positive number and was left out: {}"),
    }


def shape_names() -> dict[str, str]:
    """What a position is that is no area, by shapely's number of the type."""
    return {
        "0": _("a point"),
        "1": _("a line"),
        "2": _("a ring"),
        "4": _("several points"),
        "5": _("several lines"),
        "7": _("a collection"),
    }


def fates() -> dict[str, str]:
    """What became of a parcel that has ended, by ParcelLineage.Kind; {} stands for the public codes."""
    return {"split": _("split into {}"), "merge": _("merged into {}"), "resurvey": _("surveyed anew as {}")}


def fault_names() -> dict[str, str]:
    """What is wrong with a ring, by GEOS' words."""
    return {
        "Self-intersection": _("it crosses itself"),
        "Ring Self-intersection": _("it touches itself"),
        "Hole lies outside shell": _("a hole lies outside"),
        "Nested holes": _("a hole lies in a hole"),
        "Nested shells": _("a part lies in another part"),
        "Interior is disconnected": _("its interior falls apart"),
        "Duplicate Rings": _("a ring is there twice"),
        "Too few points in geometry component": _("a ring has too few points"),
    }


def as_rows(issues: pa.Table) -> list[dict[str, Any]]:
    """Issues as plain dicts, for JSON and for people."""
    return [
        {
            "file": issue["file_name"],
            "row": issue["row"],
            "parcel": issue["parcel"] or None,
            "code": issue["code"],
            "message": issue["message"],
            "position": None if issue["lon"] is None else [round(issue["lon"], 7), round(issue["lat"], 7)],
        }
        for issue in issues.to_pylist()
    ]
