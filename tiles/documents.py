"""TileJSON 3.0.0: one layer's tiles, described for any client. Made from the catalogue alone."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from gisplatform import clock
from gisplatform.access import Person, sees_exactly
from layers.catalogue import Attribute, Layer, words
from layers.drawn.levels import size_of
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


def merged_fields(layer: Layer) -> dict[str, str]:
    """What features say that several rows were merged to, from afar."""
    size = size_of(layer)
    sizes = {"area_m2": _("Their area on the ground together (m²)"), "length_m": _("Their length together (m)")}
    return {"count": _("How many rows are drawn as one, seen from afar"), size: sizes[size]}


def tilejson(
    tileset: Tileset, person: Person, *, base_url: str, language: str, as_of: date | None, bounds: Box | None
) -> dict[str, Any]:
    """The TileJSON document of a layer, or of several in one tile, as this person sees it.

    bounds  of the rows, degrees WGS 84; None while there are none: the member is then left out
    """
    today = as_of in {None, clock.today()}
    document: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": words(tileset.title, language),
        "version": "1.0.0",
        "scheme": "xyz",
        "attribution": attribution(),
        "tiles": [tile_address(tileset, person, base_url, as_of, signed=True)],
        "minzoom": tileset.first_zoom(today),
        "maxzoom": tileset.max_zoom,
        "vector_layers": [
            part for layer in members_of(tileset) for part in _vector_layers(layer, person, language, today)
        ],
    }
    if bounds:
        west, south, east, north = bounds
        zoom = max(tileset.first_zoom(today), min(tileset.max_zoom, 14))
        document |= {
            "bounds": list(bounds),
            "center": [round((west + east) / 2, 6), round((south + north) / 2, 6), zoom],
        }
    return document


def _vector_layers(layer: Layer, person: Person, language: str, today: bool) -> list[dict[str, Any]]:
    """What is in the tiles of a layer: its rows, and the points of their labels."""
    attributes = layer.visible_attributes(sees_exactly(layer.access, person))
    fields = {attribute.name: described(attribute, language) for attribute in attributes}
    first = layer.first_zoom(today)
    if first < layer.plain_zoom and today:
        fields |= merged_fields(layer)
    drawn = {
        "id": layer.key,
        "description": words(layer.title, language),
        "minzoom": first,
        "maxzoom": layer.max_zoom,
        "fields": fields,
    }
    labels = []
    if layer.labelled_apart and layer.look.label in fields:
        from_zoom = max(first, int(layer.look.label_min_zoom))
        words_on_map = {name: field for name, field in fields.items() if name in on_labels(layer)}
        labels = [{**drawn, "id": labels_of(layer), "minzoom": from_zoom, "fields": words_on_map}]
    return [drawn, *labels]
