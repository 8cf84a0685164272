"""What is to be in an archive, checked, and how the archive describes itself."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from gisplatform import clock
from gisplatform.access import CITIZEN, sights
from gisplatform.errors import InvalidInput, NotFound
from layers.catalogue import Layer, find, layers
from tiles import statements
from tiles.documents import attribution, tilejson
from tiles.envelope import Box

DEEPEST = 18


@dataclass(frozen=True)
class Order:
    """What is to be in the archive.

    keys    of the layers, in drawing order
    bounds  degrees WGS 84; None for all there is within the country
    """

    keys: tuple[str, ...]
    min_zoom: int
    max_zoom: int
    bounds: Box | None

    @classmethod
    def checked(cls, keys: Sequence[str], *, min_zoom: int, max_zoom: int, bounds: Box | None = None) -> "Order":
        """An order that can be carried out. Raises InvalidInput, or NotFound for a layer that is not public."""
        if not 0 <= min_zoom <= max_zoom <= DEEPEST:
            raise InvalidInput(
                _("Zooms go from 0 to %(deepest)d, and the first is not above the last.") % {"deepest": DEEPEST}
            )
        if bounds and not (-180 <= bounds[0] < bounds[2] <= 180 and -85.06 <= bounds[1] < bounds[3] <= 85.06):
            raise InvalidInput(_("Bounds are west,south,east,north in degrees, for example 107.8,15.8,108.4,16.2."))
        public = [layer.key for layer in layers() if sights(layer.access, CITIZEN)]
        if unknown := set(keys) - set(public):
            raise NotFound(
                _("There is no public layer “%(key)s”. An archive can hold: %(public)s.")
                % {"key": min(unknown), "public": ", ".join(public)}
            )
        order = cls(tuple(key for key in public if key in keys), min_zoom, max_zoom, bounds)
        for layer in order.layers:
            if not layer.min_zoom <= max_zoom <= layer.max_zoom:
                raise InvalidInput(
                    _("“%(key)s” has tiles of the zooms %(first)d to %(last)d: no archive with it can end at %(zoom)d.")
                    % {"key": layer.key, "first": layer.min_zoom, "last": layer.max_zoom, "zoom": max_zoom}
                )
        return order

    @property
    def layers(self) -> list[Layer]:
        """The layers in drawing order."""
        return [layer for layer in map(find, self.keys) if layer]

    @property
    def zooms(self) -> range:
        """The zooms of the archive."""
        return range(self.min_zoom, self.max_zoom + 1)

    def told(self, day: date) -> dict[str, Any]:
        """The order as JSON holds it, with a word for how its tiles of a day are drawn.

        That word is another one when the catalogue or the tile server's SQL has changed.
        """
        asked = [statements.tile(layer, CITIZEN, date.min, z, 0, 0) for layer in self.layers for z in self.zooms]
        drawn = [(question.query, repr(sorted(question.params.items()))) for question in asked if question]
        afar = statements.drawn_from_afar() if day == clock.today() else ""
        word = blake2b(repr((drawn, afar)).encode(), digest_size=8).hexdigest()
        return {**asdict(self), "keys": list(self.keys), "bounds": self.bounds and list(self.bounds), "drawn_as": word}

    def description(self, *, day: date, recorded: datetime) -> Mapping[str, Any]:
        """The metadata document: for map clients, and under `build` what a later refresh needs to know."""
        # Everyone reads it, not only whoever builds it: the platform's first language, whatever the shell's.
        language = settings.LANGUAGE_CODE
        with translation.override(language):
            documents = [
                tilejson(layer, CITIZEN, base_url="", language=language, as_of=day, bounds=None)
                for layer in self.layers
            ]
            drawn = [part for document in documents for part in document["vector_layers"]]
            return {
                "name": ", ".join(document["name"] for document in documents),
                "type": "overlay",
                "format": "pbf",
                "attribution": attribution(),
                "vector_layers": [
                    {
                        **part,
                        "minzoom": max(part["minzoom"], self.min_zoom),
                        "maxzoom": min(part["maxzoom"], self.max_zoom),
                    }
                    for part in drawn
                    if part["minzoom"] <= self.max_zoom
                ],
                "build": {**self.told(day), "day": str(day), "recorded": recorded.isoformat()},
            }
