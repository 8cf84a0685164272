"""manage.py import_parcels FILE…: a cadastral file into the register, with a report."""

import json
import sys
import time
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.db import OperationalError
from django.utils.translation import gettext as _
from tqdm import tqdm

from gisplatform import clock
from gisplatform.errors import InvalidInput, PlatformError
from gisplatform.management.base import PlatformCommand, unavailable
from importers import report
from importers.operations import Options, import_parcels
from layers.drawn.following_levels import follow_up


class Command(PlatformCommand):
    """Take parcels from files into the cadastre: all or nothing, and every row that is not taken is listed."""

    help = "Take parcels from files of any usual format, plain or zipped, into the cadastre (docs/importing.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What a person can say about the files."""
        parser.add_argument("files", nargs="+", metavar="FILE", type=Path)
        parser.add_argument("--commune", metavar="CODE", help="commune of all rows, for example 20239")
        parser.add_argument("--crs", help="coordinate system, for example EPSG:5899; goes before the file's own")
        parser.add_argument(
            "--encoding", help="encoding of the text, for example tcvn3, or auto; goes before the file's own"
        )
        parser.add_argument(
            "--column", metavar="FIELD=NAME", action="append", default=[], help="which column holds a field"
        )
        parser.add_argument("--layer", metavar="NAME", help="which layer of a file, or data set of a zip")
        parser.add_argument("--valid-from", metavar="YYYY-MM-DD", help="day from which the rows have effect (today)")
        parser.add_argument("--no-repair", action="store_true", help="refuse invalid boundaries instead of repairing")
        parser.add_argument("--dry-run", action="store_true", help="do everything but store it")
        parser.add_argument("--json", action="store_true", help="the report as one JSON document")
        parser.add_argument("--report", metavar="FILE.csv", type=Path, help="write refused rows and remarks there too")

    def run(self, *args: Any, **options: Any) -> None:
        """Import and report; errors become one line, and with --json a document as well."""
        start = time.monotonic()
        try:
            if options["report"]:
                report.begin_csv(options["report"])
            with Bar() as bar:
                outcome = import_parcels(options["files"], _options(options), bar)
            if options["report"]:
                report.write_csv(outcome, options["report"])
        except (PlatformError, OperationalError) as failure:
            error = failure if isinstance(failure, PlatformError) else unavailable(failure)
            if options["json"]:
                content = {"error": {"code": error.code, "message": str(error), **error.details}}
                self.stdout.write(json.dumps(content, ensure_ascii=False))
            raise error from failure
        seconds = time.monotonic() - start
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(outcome, seconds), ensure_ascii=False, indent=1))
        else:
            self.stdout.write(report.as_text(outcome, seconds))
        if not options["dry_run"]:
            follow_up()


def _options(options: dict[str, Any]) -> Options:
    """The command line's words as Options. Raises InvalidInput where they cannot be understood."""
    columns = {}
    for word in options["column"]:
        field, equals, name = word.partition("=")
        if not (field and equals and name):
            raise InvalidInput(_("--column takes FIELD=NAME, for example sheet=SoTo, not “%(word)s”.") % {"word": word})
        columns[field.strip()] = name
    try:
        valid_from = date.fromisoformat(options["valid_from"]) if options["valid_from"] else clock.today()
    except ValueError:
        raise InvalidInput(
            _("--valid-from takes a day as YYYY-MM-DD, not “%(word)s”.") % {"word": options["valid_from"]}
        ) from None
    return Options(
        valid_from=valid_from,
        commune=options["commune"],
        crs=options["crs"],
        encoding=options["encoding"],
        layer=options["layer"],
        columns=columns,
        repair=not options["no_repair"],
        dry_run=options["dry_run"],
    )


class Bar:
    """A progress bar on standard error, where that is a terminal."""

    def __enter__(self) -> "Bar":
        self.bar = tqdm(unit=" rows", disable=not sys.stderr.isatty(), file=sys.stderr, leave=False)
        return self

    def __exit__(self, *failure: object) -> None:
        self.bar.close()

    def __call__(self, step: str, done: int = 0) -> None:
        """Show a step, and how many of its rows are done."""
        self.bar.set_description_str(step, refresh=False)
        self.bar.n = done
        self.bar.refresh()
