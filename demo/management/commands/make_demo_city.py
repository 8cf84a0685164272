"""`manage.py make_demo_city`: a synthetic city in all registers, and accounts to try the platform with."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from demo.export import ENCODINGS, FORMATS
from demo.operations import export_city, is_empty, make_city
from gisplatform.management.base import PlatformCommand
from layers.drawn.following_levels import follow_up


class Command(PlatformCommand):
    """Makes the demo city; the same number of parcels and seed give the same city."""

    help = "Make a synthetic demo city (plainly labelled so) and the demo accounts."

    def add_arguments(self, parser: CommandParser) -> None:
        """How large, which one, and what if something is there."""
        parser.add_argument("--parcels", type=int, default=5000, help="parcels in force today (5,000)")
        parser.add_argument("--seed", type=int, default=1, help="another number makes another city (1)")
        parser.add_argument("--if-empty", action="store_true", help="do nothing when parcels or demo accounts exist")
        parser.add_argument("--without", default="", help="registers that stay empty, as in networks,buildings")
        parser.add_argument("--replace", action="store_true", help="remove the demo city that exists first")
        files = parser.add_argument_group("as files, without a database")
        files.add_argument("--out", metavar="DIR", type=Path, help="write the city into this new folder instead")
        files.add_argument("--format", choices=FORMATS, default="gpkg", help="of the files (gpkg)")
        files.add_argument("--epsg", type=int, help="VN-2000 zone or 4326 (the zone of the registers)")
        files.add_argument("--encoding", choices=ENCODINGS, default="utf-8", help="of a shapefile's texts (utf-8)")

    def run(self, *args: Any, **options: Any) -> None:
        """Make the city and say what was written."""
        if options["if_empty"] and not options["out"] and not is_empty():
            self.stdout.write(_("There are parcels or demo accounts already; nothing was changed."))
            return
        began = time.monotonic()

        def report(line: str) -> None:
            self.stdout.write(f"{time.monotonic() - began:6.1f} s  {line}")
            self.stdout.flush()

        city = {
            "parcels": options["parcels"],
            "seed": options["seed"],
            "without": [name for name in options["without"].split(",") if name],
            "report": report,
        }
        if options["out"]:
            export_city(
                folder=options["out"],
                file_format=options["format"],
                epsg=options["epsg"],
                encoding=options["encoding"],
                **city,
            )
            report(_("done; the files are in %(folder)s") % {"folder": options["out"]})
            return
        make_city(replace=options["replace"], **city)
        follow_up(report)
        report(_("done; manage.py demo_accounts shows the accounts"))
