"""TileJSON 3.0.0: one layer's tiles, described for any client. Made from the catalogue alone."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from gisplatform.access import Person, sees_exactly
from layers.catalogue import Attribute, Layer, words
from tiles.addresses import tile_address
from tiles.bundles import Tileset, members_of
from tiles.envelope import Box
from tiles.statements import labels_of, on_labels


def attribution() -> str:
    """Whose data it is, as maps show it."""
    return _("Data: the land registers of this authority")


def described(attribute: Attribute, language: str) -> str:
    """An attribute in words, with its unit."""
    text = words(attribute.description or attribute.title, language)
    return f"{text} ({attribute.unit})" if attribute.unit else text


def tilejson(
    tileset: Tileset, person: Person, *, base_url: str, language: str, as_of: date | None, bounds: Box | None
) -> dict[str, Any]:
    """The TileJSON document of a layer, or of several in one tile, as this person sees it.

    bounds  of the rows, degrees WGS 84; None while there are none: the member is then left out
    """
    document: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": words(tileset.title, language),
        "version": "1.0.0",
        "scheme": "xyz",
        "attribution": attribution(),
        "tiles": [tile_address(tileset, person, base_url, as_of, signed=True)],
        "minzoom": tileset.min_zoom,
        "maxzoom": tileset.max_zoom,
        "vector_layers": [part for layer in members_of(tileset) for part in _vector_layers(layer, person, language)],
    }
    if bounds:
        west, south, east, north = bounds
        zoom = max(tileset.min_zoom, min(tileset.max_zoom, 14))
        document |= {
            "bounds": list(bounds),
            "center": [round((west + east) / 2, 6), round((south + north) / 2, 6), zoom],
        }
    return document


def _vector_layers(layer: Layer, person: Person, language: str) -> list[dict[str, Any]]:
    """What is in the tiles of a layer: its rows, and the points of their labels."""
    attributes = layer.visible_attributes(sees_exactly(layer.access, person))
    fields = {attribute.name: described(attribute, language) for attribute in attributes}
    drawn = {
        "id": layer.key,
        "description": words(layer.title, language),
        "minzoom": layer.min_zoom,
        "maxzoom": layer.max_zoom,
        "fields": fields,
    }
    labels = []
    if layer.labelled_apart and layer.look.label in fields:
        first = max(layer.min_zoom, int(layer.look.label_min_zoom))
        words_on_map = {name: field for name, field in fields.items() if name in on_labels(layer)}
        labels = [{**drawn, "id": labels_of(layer), "minzoom": first, "fields": words_on_map}]
    return [drawn, *labels]
