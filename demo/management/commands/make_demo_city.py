"""`manage.py make_demo_city`: a synthetic city in all registers, and accounts to try the platform with."""

import time
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from demo.operations import is_empty, make_city
from gisplatform.management.base import PlatformCommand


class Command(PlatformCommand):
    """Makes the demo city; the same number of parcels and seed give the same city."""

    help = "Make a synthetic demo city (plainly labelled so) and the demo accounts."

    def add_arguments(self, parser: CommandParser) -> None:
        """How large, which one, and what if something is there."""
        parser.add_argument("--parcels", type=int, default=600, help="parcels in force today (600)")
        parser.add_argument("--seed", type=int, default=1, help="another number makes another city (1)")
        parser.add_argument("--if-empty", action="store_true", help="do nothing when parcels or demo accounts exist")
        parser.add_argument("--replace", action="store_true", help="remove the demo city that exists first")

    def run(self, *args: Any, **options: Any) -> None:
        """Make the city and say what was written."""
        if options["if_empty"] and not is_empty():
            self.stdout.write(_("There are parcels or demo accounts already; nothing was changed."))
            return
        began = time.monotonic()

        def report(line: str) -> None:
            self.stdout.write(f"{time.monotonic() - began:6.1f} s  {line}")
            self.stdout.flush()

        make_city(parcels=options["parcels"], seed=options["seed"], replace=options["replace"], report=report)
        report(_("done; manage.py demo_accounts shows the accounts"))
