"""`manage.py build_archive LAYER… --out FILE.pmtiles`: the public map of some layers as one file."""

import sys
import time
from argparse import ArgumentParser
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg
from django.utils import timezone
from django.utils.translation import gettext as _

from gisplatform.errors import InvalidInput, Unavailable
from gisplatform.management.base import PlatformCommand
from tiles.archives.build import build
from tiles.archives.order import Order
from tiles.envelope import Box


class Command(PlatformCommand):
    """Writes a tile archive; stopped or killed, the same command goes on where it was."""

    help = (
        "Write the vector tiles of layers, as everyone may see them, into one PMTiles file. Rows that only some may "
        "see are not in it. If it is stopped, the same command goes on where it was."
    )
    # They look at pages and addresses, which no archive has, and take a good part of a small refresh's time.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which layers, where, which day, and what to begin from."""
        parser.add_argument("layers", nargs="+", metavar="LAYER", help="for example parcels zones streets")
        parser.add_argument("--out", required=True, type=Path, metavar="FILE.pmtiles")
        parser.add_argument("--min-zoom", type=int, default=8, help="first zoom (8)")
        parser.add_argument("--max-zoom", type=int, default=16, help="last zoom (16); maps enlarge it further")
        parser.add_argument("--bounds", metavar="W,S,E,N", help="degrees; all rows within the country by default")
        parser.add_argument("--as-of", metavar="YYYY-MM-DD", help="the day that it shows (today)")
        parser.add_argument(
            "--since",
            metavar="FILE-or-TIME",
            help="draw only what changed: since this archive was built, or since a time, in the archive at --out",
        )

    def run(self, *args: Any, **options: Any) -> None:
        """Build, and say what was written."""
        began = time.monotonic()

        def say(line: str) -> None:
            self.stderr.write(f"{time.monotonic() - began:6.0f} s  {line}")

        order = Order.checked(
            options["layers"],
            min_zoom=options["min_zoom"],
            max_zoom=options["max_zoom"],
            bounds=_bounds(options["bounds"]),
        )
        out: Path = options["out"]
        try:
            built = build(order, out, as_of=_day(options["as_of"]), since=_since(options["since"]), say=say)
        except psycopg.OperationalError as error:
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise Unavailable(
                _("The database does not answer. What is drawn is kept, the same command goes on. (%(reason)s)")
                % {"reason": reason}
            ) from error
        except KeyboardInterrupt:
            self.stderr.write(_("Stopped. What is drawn is kept, the same command goes on."))
            sys.exit(130)
        self.stdout.write(
            _("%(out)s: %(tiles)s tiles, %(size).1f MB, %(drawn)s places drawn now in %(seconds).0f s.")
            % {
                "out": out,
                "tiles": f"{built.tiles:,}",
                "size": built.size / 1e6,
                "drawn": f"{built.drawn:,}",
                "seconds": time.monotonic() - began,
            }
        )
        self.stdout.write(
            _("It shows %(day)s, with what was recorded until %(recorded)s.")
            % {"day": built.day, "recorded": timezone.localtime(built.recorded).isoformat(timespec="seconds")}
        )


def _bounds(word: str | None) -> Box | None:
    if word is None:
        return None
    try:
        west, south, east, north = (float(number) for number in word.split(","))
    except ValueError:
        raise InvalidInput(
            _("--bounds takes west,south,east,north in degrees, for example 107.8,15.8,108.4,16.2, not “%(word)s”.")
            % {"word": word}
        ) from None
    return west, south, east, north


def _day(word: str | None) -> date | None:
    try:
        return date.fromisoformat(word) if word else None
    except ValueError:
        raise InvalidInput(_("--as-of takes a day as YYYY-MM-DD, not “%(word)s”.") % {"word": word}) from None


def _since(word: str | None) -> Path | datetime | None:
    """An archive, or an instant; without a zone it is Vietnamese time."""
    if not word:
        return None
    if Path(word).exists():
        return Path(word)
    try:
        instant = datetime.fromisoformat(word)
    except ValueError:
        raise InvalidInput(
            _("--since takes an archive or a time as 2026-01-31T18:00, and “%(word)s” is neither.") % {"word": word}
        ) from None
    return instant if instant.tzinfo else timezone.make_aware(instant)
