"""Make what is derived from the registers anew: the published views, and the tables that tiles are drawn from."""

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from gisplatform.errors import InvalidInput
from gisplatform.management.base import PlatformCommand
from layers.catalogue import find, layers
from layers.drawn.following_levels import follow_up
from layers.drawn.making import rebuild
from layers.publishing import publish


class Command(PlatformCommand):
    """`manage.py publish_layers [LAYER …] [--rebuild]`."""

    help = (
        "Makes the published views anew from the layer catalogue, and the tables that tiles are drawn from where the"
        " catalogue describes them otherwise than before. Reading goes on meanwhile."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which layers, and whether in any case."""
        parser.add_argument("layers", nargs="*", metavar="LAYER", help="with --rebuild: only these")
        parser.add_argument("--rebuild", action="store_true", help="draw the tables anew in any case")

    def run(self, *args: Any, **options: Any) -> None:
        """Publish every layer and name them; rebuild those that are asked for and tell how many rows they have."""
        keys = options["layers"] or [layer.key for layer in layers()]
        if options["layers"] and not options["rebuild"]:
            raise InvalidInput(_("Layers are named together with --rebuild; without it all are published."))
        if unknown := [key for key in keys if not find(key)]:
            raise InvalidInput(
                _("There is no layer “%(key)s”. There are: %(keys)s.")
                % {"key": unknown[0], "keys": ", ".join(layer.key for layer in layers())}
            )
        published = publish(self.stdout.write)
        if not options["rebuild"]:
            self.stdout.write(", ".join(published))
            return
        for layer in filter(None, map(find, keys)):
            rows = rebuild(layer, self.stdout.write)
            self.stdout.write(_("%(layer)s: %(rows)d rows, done") % {"layer": layer.key, "rows": rows})
        follow_up(self.stdout.write)
