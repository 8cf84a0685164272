"""`manage.py add_raster FILE --kind aerial --title …`: an aerial image or a terrain model onto the map."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from gisplatform.errors import InvalidInput
from gisplatform.management.base import PlatformCommand
from importers.rasters import add_raster
from layers.rasters.models import Raster


class Command(PlatformCommand):
    """Takes a GeoTIFF, converts it and puts it on the map; the file itself is not changed."""

    help = "Put a GeoTIFF on the map, as an aerial image or as a terrain model."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What a person must say of the file."""
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--kind", required=True, choices=Raster.Kind.values)
        parser.add_argument("--title", required=True, help="as the layer list shows it, in Vietnamese")
        parser.add_argument("--title-en", default="", help="the same in English")
        parser.add_argument("--captured-on", metavar="YYYY-MM-DD", help="the day of the flight or survey")
        parser.add_argument("--source", default="", help="whose it is, as the map shows it")
        parser.add_argument("--crs", help="coordinate system, for example EPSG:5899; goes before the file's own")
        parser.add_argument("--staff-only", action="store_true", help="not for citizens and utilities")

    def run(self, *args: Any, **options: Any) -> None:
        """Add it and say what was made."""
        try:
            captured_on = date.fromisoformat(options["captured_on"]) if options["captured_on"] else None
        except ValueError:
            raise InvalidInput(
                _("--captured-on takes a day as YYYY-MM-DD, not “%(word)s”.") % {"word": options["captured_on"]}
            ) from None
        raster = add_raster(
            options["file"],
            kind=options["kind"],
            title_vi=options["title"],
            title_en=options["title_en"],
            captured_on=captured_on,
            source=options["source"],
            audience=Raster.Audience.STAFF if options["staff_only"] else Raster.Audience.PUBLIC,
            crs=options["crs"],
        )
        self.stdout.write(
            _("number %(number)d: zoom %(first)d to %(last)d, %(megabytes)s MB in %(file)s")
            % {
                "number": raster.pk,
                "first": raster.min_zoom,
                "last": raster.max_zoom,
                "megabytes": f"{raster.path.stat().st_size / 1e6:.1f}",
                "file": raster.path,
            }
        )
