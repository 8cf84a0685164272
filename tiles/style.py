"""The MapLibre style of the map, made from the catalogue: one source per layer, labels above everything.

Style layers are named after what they draw, `{key}-fill`, `-outline`, `-line`, `-circle`, `-label`, and carry their
layer's key as metadata. Colours by entries are the catalogue's; quiet base layers turn with the theme.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.conf import settings

from gisplatform.access import Person, sees_exactly
from layers.catalogue import Layer, Look, words
from tiles.colours import legible, turned
from tiles.documents import attribution, tile_address
from tiles.statements import labelled_apart, labels_of

FONT = "Be Vietnam Pro Regular"
# What binds nobody must not look like the law.
_FAINT_FILL, _FAINT_LINE = 0.15, 0.5
_FONT_PACKAGE = "be-vietnam-pro"


@dataclass(frozen=True)
class Theme:
    """The ground of the map and the ink of its labels."""

    ground: str
    ink: str
    halo: str
    dark: bool = False

    def quiet(self, colour: str) -> str:
        """A colour of the base map: it turns with the theme."""
        return turned(colour) if self.dark else colour


_THEMES = {
    "light": Theme(ground="#f5f4f0", ink="#2c2a26", halo="#ffffff"),
    "dark": Theme(ground="#15181b", ink="#e9e6df", halo="#15181b", dark=True),
}
THEMES = tuple(_THEMES)


def style(
    layers: Sequence[Layer], person: Person, *, base_url: str, language: str, theme: str, as_of: date | None
) -> dict[str, Any]:
    """A style with these layers, bottom first, as this person sees them.

    base_url  scheme and host; MapLibre wants absolute addresses
    """
    look = _THEMES[theme]
    shapes: list[dict[str, Any]] = []
    labels: list[dict[str, Any]] = []
    for layer in layers:
        exact = sees_exactly(layer.access, person)
        shapes += _shapes(layer, look, exact)
        labels += _labels(layer, look, exact, language)
    return {
        "version": 8,
        "name": f"gisplatform {theme}",
        "metadata": {"theme": theme, "language": language, "as_of": as_of and as_of.isoformat()},
        "font-faces": font_faces(base_url),
        "sources": {
            layer.key: {
                "type": "vector",
                "tiles": [tile_address(layer, base_url, as_of)],
                "minzoom": layer.min_zoom,
                "maxzoom": layer.max_zoom,
                "attribution": attribution(),
            }
            for layer in layers
        },
        "layers": [
            {"id": "background", "type": "background", "paint": {"background-color": look.ground}},
            *shapes,
            *labels,
        ],
    }


def font_faces(base_url: str) -> dict[str, Any]:
    """The label font as files of this platform, so that a map needs no glyph server and no font of the machine.

    MapLibre takes the first file that covers a letter; the Vietnamese file therefore stands first.
    """
    folder = f"{base_url}{settings.STATIC_URL}vendor/{_FONT_PACKAGE}/files"
    return {
        FONT: [
            {"url": f"{folder}/{_FONT_PACKAGE}-{subset}-400-normal.woff2", "unicode-range": ranges.split(",")}
            for subset, ranges in _font_subsets().items()
        ]
    }


@cache
def _font_subsets() -> dict[str, str]:
    """The font's files by subset with the letters that each covers, as its package says."""
    package = settings.BASE_DIR / "node_modules" / "@fontsource" / _FONT_PACKAGE / "unicode.json"
    ranges = json.loads(package.read_text(encoding="utf-8"))
    return {subset: ranges[subset] for subset in ("vietnamese", "latin-ext", "latin")}


def _drawing(layer: Layer, part: str, kind: str, paint: dict[str, Any], layout: dict[str, Any]) -> dict[str, Any]:
    """One style layer of a catalogue layer."""
    return {
        "id": f"{layer.key}-{part}",
        "type": kind,
        "source": layer.key,
        "source-layer": layer.key,
        "minzoom": layer.min_zoom,
        "metadata": {"layer": layer.key},
        "layout": {"visibility": "visible" if layer.shown else "none", **layout},
        "paint": paint,
    }


def _is_base(layer: Layer) -> bool:
    return layer.group in {"base", "land"}


def _colour(layer: Layer, theme: Theme) -> Any:
    """The colour of a shape: by the attribute that holds it, by the legend, or one for all."""
    look = layer.look

    def shown(colour: str) -> str:
        if look.drawn == "fill" or _is_base(layer):
            return theme.quiet(colour) if _is_base(layer) else colour
        return legible(colour, theme.ground)

    if look.colour_from:
        return ["to-color", ["get", look.colour_from], look.colour]
    # A legend that is a question to a rule table comes with colour_from.
    entries = [] if callable(look.entries) else [entry for entry in look.entries if entry.value]
    if not look.by or not entries:
        return shown(look.colour)
    pairs = [item for entry in entries for item in (entry.value, shown(entry.colour))]
    # to-string: legends are written as words, attributes may be numbers; a missing one becomes "".
    return ["match", ["to-string", ["get", look.by]], *pairs, shown(look.colour)]


def _growing(layer: Layer, width: float) -> list[Any]:
    """A line width in pixels: thin from afar, `width` at zoom 16, broad close by."""
    first = min(layer.min_zoom, 14)
    return ["interpolate", ["exponential", 1.5], ["zoom"], first, max(0.4, width * 0.3), 16, width, 20, width * 3]


def _shapes(layer: Layer, theme: Theme, exact: bool) -> list[dict[str, Any]]:
    draw = {"fill": _fill, "line": _line, "circle": _circle}[layer.look.drawn]
    return draw(layer, theme, exact)


def _binds(look: Look) -> list[Any]:
    """Whether a row binds anybody, as an expression."""
    assert look.binding
    attribute, value = look.binding
    return ["==", ["get", attribute], value]


def _opacity(look: Look, faint: float) -> Any:
    """The look's opacity, and `faint` for what binds nobody."""
    return ["case", _binds(look), look.opacity, faint] if look.binding else look.opacity


def _fill(layer: Layer, theme: Theme, exact: bool) -> list[dict[str, Any]]:
    look = layer.look
    paint: dict[str, Any] = {"fill-color": _colour(layer, theme), "fill-opacity": _opacity(look, _FAINT_FILL)}
    drawn = [_drawing(layer, "fill", "fill", paint, {})]
    if look.binding:
        paint = {
            "line-color": legible(look.outline or look.colour, theme.ground),
            "line-width": _growing(layer, 1.5),
            "line-dasharray": [3, 2],
        }
        dashed = _drawing(layer, "provisional", "line", paint, {"line-join": "round"})
        drawn.append({**dashed, "filter": ["!", _binds(look)]})
    if look.outline:
        colour = theme.quiet(look.outline)
        # From afar outlines lie so close that they would darken the whole town.
        paint = {
            "line-color": colour,
            "line-width": ["interpolate", ["linear"], ["zoom"], 13, 0.3, 16, 0.8, 20, 1.6],
            "line-opacity": ["interpolate", ["linear"], ["zoom"], 13, 0.3, 16, 1],
        }
        drawn.append(_drawing(layer, "outline", "line", paint, {"line-join": "round"}))
    return drawn


def _line(layer: Layer, theme: Theme, exact: bool) -> list[dict[str, Any]]:
    look = layer.look
    paint: dict[str, Any] = {
        "line-color": _colour(layer, theme),
        "line-width": _growing(layer, look.width),
        "line-opacity": _opacity(look, _FAINT_LINE),
    }
    if look.dash:
        paint["line-dasharray"] = list(look.dash)
    return [
        _drawing(layer, "line", "line", paint, {"line-join": "round", "line-cap": "butt" if look.dash else "round"})
    ]


def _circle(layer: Layer, theme: Theme, exact: bool) -> list[dict[str, Any]]:
    look = layer.look
    colour = _colour(layer, theme)
    if layer.approximate and not exact:
        # Somewhere within: half a square of 250 m at the latitude of the country, 109 px at zoom 16.
        paint: dict[str, Any] = {
            "circle-color": colour,
            "circle-radius": ["interpolate", ["exponential", 2], ["zoom"], 11, 6, 13, 13.6, 18, 436],
            # Squares next to each other overlap, several cameras share one, and near they would hide the zones.
            "circle-opacity": ["interpolate", ["linear"], ["zoom"], 13, 0.07, 16, 0.01],
            "circle-stroke-width": 1.5,
            "circle-stroke-color": colour,
            "circle-stroke-opacity": ["interpolate", ["linear"], ["zoom"], 13, 0.6, 17, 0.35],
        }
        return [_drawing(layer, "circle", "circle", paint, {})]
    width = look.width
    radius = ["interpolate", ["linear"], ["zoom"], 11, width * 0.4, 14, width * 0.5, 16, width, 20, width * 2]
    paint = {
        "circle-color": colour,
        "circle-radius": radius,
        "circle-opacity": look.opacity,
        "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 14, 0.3, 17, 1],
        "circle-stroke-color": theme.halo,
    }
    return [_drawing(layer, "circle", "circle", paint, {})]


def _label_text(layer: Layer, language: str) -> list[Any]:
    """The words of a label; what binds nobody says in brackets what it is."""
    text = ["to-string", ["get", layer.look.label]]
    if not layer.look.binding:
        return text
    name = layer.look.binding[0]
    values = next(attribute.values for attribute in layer.attributes if attribute.name == name)
    pairs = [item for value, title in values.items() for item in (value, words(title, language).lower())]
    state = ["match", ["get", name], *pairs, ""] if pairs else ["to-string", ["get", name]]
    return ["case", _binds(layer.look), text, ["concat", text, " (", state, ")"]]


def _labels(layer: Layer, theme: Theme, exact: bool, language: str) -> list[dict[str, Any]]:
    label = layer.look.label
    if not label or label not in {attribute.name for attribute in layer.visible_attributes(exact)}:
        return []
    drawing_apart = {"source-layer": labels_of(layer)} if labelled_apart(layer) else {}
    along = "LINE" in getattr(layer.register._meta.get_field(layer.geometry), "geom_type", "")
    layout: dict[str, Any] = {
        "text-field": _label_text(layer, language),
        "text-font": [FONT],
        "text-size": ["interpolate", ["linear"], ["zoom"], 10, 11, 16, 12, 20, 15],
        "text-max-width": 8,
        "text-padding": 4,
    }
    if along:
        layout |= {"symbol-placement": "line", "symbol-spacing": 350, "text-max-angle": 35}
    elif layer.look.drawn == "circle":
        layout |= {"text-anchor": "top", "text-offset": [0, 0.6]}
    paint = {"text-color": theme.ink, "text-halo-color": theme.halo, "text-halo-width": 1.4}
    drawing = _drawing(layer, "label", "symbol", paint, layout)
    return [{**drawing, **drawing_apart, "minzoom": max(layer.min_zoom, layer.look.label_min_zoom)}]
