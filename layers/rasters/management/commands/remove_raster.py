"""`manage.py remove_raster NUMBER`: an aerial image or terrain model off the map."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from gisplatform.management.base import PlatformCommand
from layers.rasters.models import Raster
from layers.rasters.operations import remove_raster


class Command(PlatformCommand):
    """Removes one raster with its file; without a number it lists them."""

    help = "Take an aerial image or terrain model off the map and remove its file. Without a number: list them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which one."""
        parser.add_argument("number", nargs="?", type=int, metavar="NUMBER")

    def run(self, *args: Any, **options: Any) -> None:
        """Remove it, or list all."""
        if options["number"] is not None:
            self.stdout.write(_("removed: %(title)s") % {"title": remove_raster(options["number"])})
            return
        for raster in Raster.objects.order_by("pk"):
            self.stdout.write(f"{raster.pk:>5}  {raster.kind:<8} {raster.captured_on or '–'}  {raster.title_vi}")
