"""What an import did, for people, for scripts, and as a table to send back."""

import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from django.utils.translation import gettext as _

from gisplatform.errors import InvalidInput
from importers.issues import as_rows
from importers.operations import Outcome


def as_json(outcome: Outcome, seconds: float) -> dict[str, Any]:
    """The whole report as one document. Positions are lon, lat in WGS 84."""
    taken = outcome.issues.column("taken")
    return {
        "register": "parcels",
        "dry_run": outcome.options.dry_run,
        "valid_from": outcome.options.valid_from.isoformat(),
        "seconds": round(seconds, 3),
        "files": [
            {
                "name": file.name,
                "sha256": file.sha256,
                "format": file.format,
                "layer": file.layer,
                "rows": file.rows,
                "crs": outcome.systems[file.name],
                "encoding": file.encoding,
                "columns": file.columns,
                "not_read": file.unused,
                "personal_not_read": file.personal,
                "bounds": outcome.extents.get(file.name),
            }
            for file in outcome.files
        ],
        "counts": outcome.counts,
        "warnings": outcome.warnings,
        "refused": as_rows(outcome.issues.filter(pc.invert(taken))),
        "remarks": as_rows(outcome.issues.filter(taken)),
    }


def as_text(outcome: Outcome, seconds: float) -> str:
    """The report for a person at a terminal: files, counts, then every refused row and every remark."""
    lines = []
    for file in outcome.files:
        lines.append(
            _("%(file)s: %(format)s, %(rows)d rows, %(crs)s, %(encoding)s")
            % {"file": file.name, "format": file.format, "rows": file.rows, "crs": outcome.systems[file.name],
               "encoding": file.encoding}
        )  # fmt: skip
        if file.name in outcome.extents:
            lines.append("    " + _("on the map: /#map=%(place)s") % {"place": map_place(outcome.extents[file.name])})
        lines.append("    " + ", ".join(f"{field} ← {column}" for field, column in file.columns.items()))
        if file.personal:
            lines.append("    " + _("personal data, not read: %(columns)s") % {"columns": ", ".join(file.personal)})
    lines += [_("Note: %(warning)s") % {"warning": warning} for warning in outcome.warnings]
    counts = {**outcome.counts, "seconds": seconds, "valid_from": outcome.options.valid_from.isoformat()}
    lines += [
        "",
        _("%(rows)d rows: %(taken)d taken, %(refused)d refused") % counts,
        _("%(new)d parcels new, %(changed)d changed from %(valid_from)s on, %(unchanged)d as they were") % counts,
        _("%(repaired)d boundaries repaired, %(remarks)d remarks, %(seconds).1f seconds") % counts,
    ]
    taken = outcome.issues.column("taken")
    for title, chosen in [
        (_("Refused rows"), outcome.issues.filter(pc.invert(taken))),
        (_("Remarks about rows that were taken"), outcome.issues.filter(taken)),
    ]:
        if chosen.num_rows:
            lines += ["", title, *_table(chosen)]
    if outcome.options.dry_run:
        lines += ["", _("This was a dry run: nothing was stored.")]
    return "\n".join(lines)


def map_place(bounds: tuple[float, float, float, float]) -> str:
    """Bounds west, south, east, north in degrees as the map's address has them: zoom/latitude/longitude."""
    west, south, east, north = bounds
    # A window of some 1,000 pixels; a tile has 512.
    zoom = min(18.0, math.log2(2 * 360 / max(east - west, 2 * (north - south), 1e-4)))
    return f"{zoom:.1f}/{(south + north) / 2:.5f}/{(west + east) / 2:.5f}"


def _table(issues: pa.Table) -> list[str]:
    """Rows of a plain table: file, row, parcel, message, place."""
    cells = [
        (
            issue["file"],
            str(issue["row"]),
            issue["parcel"] or "",
            issue["message"],
            "" if issue["position"] is None else f"{issue['position'][1]:.6f}, {issue['position'][0]:.6f}",
        )
        for issue in as_rows(issues)
    ]
    heads = (_("file"), _("row"), _("parcel"), _("what"), _("where (latitude, longitude)"))
    widths = [max(len(row[column]) for row in [heads, *cells]) for column in range(len(heads))]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [heads, *cells]
    ]


def write_csv(outcome: Outcome, path: Path) -> None:
    """All refused rows and remarks as a CSV file."""
    pa.csv.write_csv(outcome.issues.drop_columns("detail"), path)


def begin_csv(path: Path) -> None:
    """Make the file of write_csv, before anything is stored. Raises InvalidInput where that is not possible."""
    try:
        path.write_bytes(b"")
    except OSError as failure:
        raise InvalidInput(
            _("The report %(path)s cannot be written: %(reason)s.")
            % {"path": str(path), "reason": failure.strerror or str(failure)}
        ) from None
