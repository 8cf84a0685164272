"""The MapLibre style of the map, made from the catalogue: a source for the base and one for each other layer.

Labels lie above everything. Style layers are named after what they draw (`{key}-fill`, `-outline`, `-provisional`,
`-casing`, `-line`, `-circle`, `-label`) and carry their layer's key as metadata.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from gisplatform import clock
from gisplatform.access import Person
from layers.catalogue import Layer, legend
from tiles.addresses import tile_address
from tiles.bundles import sources_of
from tiles.documents import attribution
from tiles.labels import claim, font_faces, labels
from tiles.parts import Scene
from tiles.shapes import fill_opacity, shapes
from tiles.themes import THEMES


def style(
    layers: Sequence[Layer],
    person: Person,
    *,
    base_url: str,
    language: str,
    theme: str,
    as_of: date | None,
    signed: bool = False,
) -> dict[str, Any]:
    """A style with these layers, bottom first, as this person sees them.

    base_url  scheme and host; MapLibre wants absolute addresses
    signed    see tiles.addresses.tile_address
    """
    today = as_of in {None, clock.today()}
    scene = Scene(person, language, THEMES[theme], today)
    return {
        "version": 8,
        "name": f"gisplatform {theme}",
        "metadata": {"theme": theme, "language": language, "as_of": as_of and as_of.isoformat()},
        "font-faces": font_faces(base_url),
        "sources": {
            key: {
                "type": "vector",
                "tiles": [tile_address(tileset, person, base_url, as_of, signed=signed)],
                "minzoom": tileset.first_zoom(today),
                "maxzoom": tileset.max_zoom,
                "attribution": attribution(),
            }
            for key, tileset in sources_of(layers).items()
        },
        "layers": [
            {"id": "background", "type": "background", "paint": {"background-color": scene.theme.ground}},
            *(part for layer in layers for part in shapes(layer, scene)),
            *(part for layer in sorted(layers, key=claim) for part in labels(layer, scene)),
        ],
    }


def drawn_legend(layer: Layer, language: str) -> list[dict[str, Any]]:
    """The legend's lines in one language, with the colour that each has on each ground: value, title, icon, colours."""
    return [
        {
            "value": line["value"],
            "title": line["title"],
            "icon": line["icon"],
            "colours": {theme.name: theme.drawn(layer, line["colour"]) for theme in THEMES.values()},
        }
        for line in legend(layer, language)
    ]


def samples(layer: Layer) -> dict[str, dict[str, Any]]:
    """How a piece of the layer looks on each ground, for the legend: ground, opacity, outline, casing."""
    look = layer.look
    return {
        theme.name: {
            "ground": theme.ground,
            "opacity": fill_opacity(layer, theme) if look.drawn == "fill" else 1,
            "outline": look.outline and theme.rim(layer, look.outline),
            "casing": look.casing and not theme.pictures and theme.drawn(layer, look.casing),
            "dash": bool(look.dash),
        }
        for theme in THEMES.values()
    }
