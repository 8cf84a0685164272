"""Taking files into a register: read, checked, and recorded in one transaction, or not at all."""

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import shapely
from django.db import connection, transaction
from django.utils.translation import gettext as _

from gisplatform import crs
from gisplatform.errors import InvalidInput
from importers import mapping, numbering, parcels, placement
from importers.issues import Issues, counts
from importers.models import ImportIssue, ImportRun
from importers.readers import ReadFile, Wanted, read
from importers.refusals import shown
from importers.workspace import workspace
from layers.parcels.operations import hold_cadastre, record_parcels
from layers.parcels.queries import land_use_codes

Extent = tuple[float, float, float, float]  # west, south, east, north in degrees, WGS 84


@dataclass(frozen=True)
class Options:
    """What a person says about the files."""

    valid_from: date
    commune: str | None = None
    crs: str | None = None
    encoding: str | None = None
    layer: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)  # field → column
    repair: bool = True
    dry_run: bool = False


@dataclass(frozen=True)
class Outcome:
    """What an import did, or would have done."""

    files: list[ReadFile]
    systems: dict[str, str]  # file → the coordinate system that was used
    extents: dict[str, Extent]  # file → where the middles of its parcels lie
    counts: dict[str, int]
    issues: pa.Table  # issues.ISSUES and message
    warnings: list[str]
    options: Options


class Progress(Protocol):
    """Whoever wants to know how far it is."""

    def __call__(self, step: str, done: int = 0) -> None:
        """A step, in words, and how many rows of it are done."""


def import_parcels(paths: Sequence[Path], options: Options, progress: Progress) -> Outcome:
    """Take parcels from files into the cadastre, all or nothing.

    Raises InvalidInput (UnknownCRS among it) where a file as a whole cannot be taken; nothing is stored then, nor in
    a dry run.
    """
    if options.commune is not None:
        parcels.commune_code(options.commune)
    _check_columns(options.columns)
    issues, warnings = Issues(), []
    ask = parcels.Ask(options.commune, options.repair)
    with workspace() as folder:
        files = _read_all(paths, options, folder, progress)
        parts: list[pa.RecordBatch] = []
        systems: dict[str, str] = {}
        for file in files:
            progress(_("Checking %(file)s") % {"file": file.name})
            system = placement.declared(options.crs or file.crs, file.name)
            systems[file.name] = placement.name(system)
            warnings += _said_otherwise(file, options) + _read_as(file) + _made_otherwise(file)
            checked = parcels.check(file, system, ask, issues)
            warnings += checked.warnings
            parts += checked.parts
        found = pa.Table.from_batches(parts, schema=parcels.CHECKED)
    extents = _extents(found)
    parcels.say_unknown_land_use(found, *land_use_codes(options.valid_from), issues)
    total = sum(file.rows for file in files)
    progress(_("Recording"), 0)
    with transaction.atomic():
        # Held before the rows are told apart: by what the register says of their numbers.
        hold_cadastre()
        rows = numbering.numbered(found, issues)
        del found, parts
        recorded = record_parcels(parcels=rows, valid_from=options.valid_from)
        numbering.say_what_came_of_it(rows, recorded.refused, issues)
        table = issues.table()
        taken = rows.num_rows - recorded.refused.num_rows
        if taken == 0:
            raise _all_refused(files, total, table)
        counted = {"rows": total, "taken": taken, "refused": total - taken}
        counted |= {"new": recorded.new, "changed": recorded.changed, "unchanged": recorded.unchanged}
        counted["repaired"] = counts(table).get("repaired", 0)
        counted["remarks"] = pc.sum(table.column("taken")).as_py() or 0
        _remember(files, systems, counted, table)
        if options.dry_run:
            transaction.set_rollback(True)
    return Outcome(files, systems, extents, counted, table, warnings, options)


def _extents(found: pa.Table) -> dict[str, Extent]:
    """Where the parcels of each file lie, so that whoever sent them can look."""
    sides = [("x", "min"), ("y", "min"), ("x", "max"), ("y", "max")]
    extents = {}
    for row in found.group_by("file_name").aggregate(sides).to_pylist():
        box = shapely.box(row["x_min"], row["y_min"], row["x_max"], row["y_max"])
        west, south, east, north = np.round(shapely.bounds(crs.to_wgs84(box)), 7).tolist()
        extents[row["file_name"]] = (west, south, east, north)
    return extents


def _check_columns(chosen: Mapping[str, str]) -> None:
    known = mapping.fields(parcels.TABLE)
    if unknown := [name for name in chosen if name not in known]:
        raise InvalidInput(
            _("--column: “%(field)s” is not a field. Fields that can be filled: %(fields)s.")
            % {"field": unknown[0], "fields": ", ".join(known)}
        )


def _read_all(paths: Sequence[Path], options: Options, folder: Path, progress: Progress) -> list[ReadFile]:
    required = tuple(name for name in parcels.KEY if name != "commune" or options.commune is None)
    wanted = Wanted(
        table=parcels.TABLE,
        required=required,
        chosen=dict(options.columns),
        layer=options.layer,
        encoding=options.encoding,
        crs_given=options.crs is not None,
    )
    files = []
    own_names = [path.name for path in paths]
    for number, path in enumerate(paths):
        own_folder = folder / str(number)
        own_folder.mkdir()
        # Two sheets in two folders may have one name.
        name = shown(path.name if own_names.count(path.name) == 1 else str(path))[-255:]
        step = _("Reading %(file)s") % {"file": name}
        progress(step)
        files.append(read(path, wanted, own_folder, partial(progress, step), name=name))
    return files


def _said_otherwise(file: ReadFile, options: Options) -> list[str]:
    """A person's word goes before the file's, and that is said."""
    if options.crs and file.crs and placement.differ(options.crs, file.crs):
        declared = file.crs if len(file.crs) < 80 else file.crs[:77] + "…"
        return [
            _("%(file)s: --crs %(given)s was used; the file itself says %(declared)s.")
            % {"file": file.name, "given": options.crs, "declared": declared}
        ]
    return []


def _read_as(file: ReadFile) -> list[str]:
    """Which columns were judged to be in another encoding than UTF-8. Raises InvalidInput where nobody can tell."""
    said = []
    for name, text in file.texts.items():
        before, after = text["samples"][0] if text["samples"] else ("", "")
        words = {"file": file.name, "column": file.columns[name], "encoding": text["encoding"]}
        words |= {"before": shown(before)[:40], "after": shown(after)[:40]}
        if text["encoding"] is None:
            raise InvalidInput(
                _(
                    "%(file)s: nobody can tell the encoding of column “%(column)s” (“%(before)s”)."
                    " Give it with --encoding."
                )
                % words,
                file=file.name,
                problem="unknown_text",
            )
        if text["encoding"] not in ("ascii", "utf-8"):
            said.append(
                _("%(file)s: column “%(column)s” was read as %(encoding)s: “%(before)s” is “%(after)s”.") % words
            )
    return said


def _made_otherwise(file: ReadFile) -> list[str]:
    """What was done to boundaries while they were read, counted."""
    words = {"file": file.name, "arcs": file.remarks.get("arcs"), "areas": file.remarks.get("made_of_lines")}
    words |= {"faults": file.remarks.get("mended")}
    said = []
    if words["arcs"]:
        said.append(_("%(file)s: %(arcs)d arcs were made straight; the boundary leaves them by 1 mm at most.") % words)
    if words["areas"]:
        said.append(_("%(file)s: the drawing has no closed outlines; %(areas)d areas were made of its lines.") % words)
    if words["faults"]:
        said.append(
            _("%(file)s: the drawing's structure had %(faults)d faults, which were put right; check that nothing is"
              " missing.") % words
        )  # fmt: skip
    return said


def _all_refused(files: Sequence[ReadFile], total: int, issues: pa.Table) -> InvalidInput:
    """Every row has something against it: the reasons, each with its number and first row."""
    refused = issues.filter(pc.invert(issues.column("taken")))
    reasons = []
    for code, count in sorted(counts(refused).items(), key=lambda item: -item[1]):
        first = refused.filter(pc.equal(refused.column("code"), code)).slice(0, 1).to_pylist()[0]
        reasons.append(
            _("%(count)d × %(message)s (first in row %(row)d)")
            % {"count": count, "message": first["message"], "row": first["row"]}
        )
    names = ", ".join(file.name for file in files)
    return InvalidInput(
        _("%(files)s: none of the %(total)d rows can be taken: %(reasons)s")
        % {"files": names, "total": total, "reasons": "; ".join(reasons)},
        problem="all_refused",
        reasons=counts(refused),
    )


def _remember(files: Sequence[ReadFile], systems: Mapping[str, str], counted: dict[str, int], issues: pa.Table) -> None:
    """The run, and what it said about single rows, beside what it wrote."""
    sums = [file.sha256 for file in files]
    run = ImportRun.objects.create(
        register="parcels",
        file_names=[file.name for file in files],
        # One file keeps its own checksum, so that `sha256sum` finds it again.
        sha256=sums[0] if len(sums) == 1 else hashlib.sha256("".join(sums).encode()).hexdigest(),
        crs=", ".join(dict.fromkeys(systems.values()))[:200],
        counts=counted,
    )
    names = ["file_name", "row", "parcel", "taken", "code", "message", "lon", "lat"]
    said = issues.select(names).add_column(0, "run_id", pa.array(np.full(issues.num_rows, run.pk)))
    text = io.BytesIO()
    pa.csv.write_csv(said, text, pa.csv.WriteOptions(include_header=False))
    table = connection.ops.quote_name(ImportIssue._meta.db_table)
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(f"COPY {table} ({', '.join(said.column_names)}) FROM STDIN (FORMAT csv)") as copy,
    ):
        copy.write(text.getvalue())
