"""Areas, lines and points on the map, from what the catalogue says of a layer's look."""

import math
from collections.abc import Mapping
from typing import Any

from layers.catalogue import Layer, Look
from tiles.parts import Scene, by_kind, by_zoom, part_of
from tiles.themes import Theme, is_base

# What binds nobody must not look like the law.
_FAINT_FILL, _FAINT_LINE = 0.15, 0.5
# Ground metres at the middle of the country, 16° N, in pixels at zoom 16; 3 % more in the north, 3 % less in the south.
_PX_PER_M = 2**16 / (40_075_016.686 / 512 * math.cos(math.radians(16)))
_WIDTH_UNKNOWN_M = 6
_RIM_PX = 1.0
_ON_PICTURES = 0.45
# Farther off edges of areas are lost among each other, and drawing them took most of the time of the whole map.
_EDGES_FROM = 14
_MERE_DOT_PX = 1.5  # a rim would be all that is seen of it


def shapes(layer: Layer, scene: Scene) -> list[dict[str, Any]]:
    """The style layers that draw a layer's rows, bottom first."""
    return {"fill": _fill, "line": _line, "circle": _circle}[layer.look.drawn](layer, scene)


def colour(layer: Layer, theme: Theme) -> Any:
    """The colour of a shape: by the attribute that holds it, by the legend, or one for all."""
    look = layer.look
    if look.colour_from:
        return ["to-color", ["get", look.colour_from], look.colour]
    # A legend that is a question to a rule table comes with colour_from.
    entries = [] if callable(look.entries) else [entry for entry in look.entries if entry.value]
    if not look.by or not entries:
        return theme.drawn(layer, look.colour)
    pairs = [item for entry in entries for item in (entry.value, theme.drawn(layer, entry.colour))]
    # to-string: legends are written as words, attributes may be numbers; a missing one becomes "".
    return ["match", ["to-string", ["get", look.by]], *pairs, theme.drawn(layer, look.colour)]


def fill_opacity(layer: Layer, theme: Theme) -> float:
    """How opaque an area is that binds; the legend asks here too."""
    return round(layer.look.opacity * theme.share(layer), 3)


def _binds(look: Look) -> list[Any]:
    """Whether a row binds anybody, as an expression."""
    assert look.binding
    attribute, value = look.binding
    return ["==", ["get", attribute], value]


def _fill(layer: Layer, scene: Scene) -> list[dict[str, Any]]:
    look, theme = layer.look, scene.theme
    opacity: Any = fill_opacity(layer, theme)
    if look.binding:
        opacity = ["case", _binds(look), opacity, _FAINT_FILL * theme.share(layer)]
    paint = {
        "fill-color": colour(layer, theme),
        "fill-opacity": opacity,
        "fill-antialias": ["step", ["zoom"], False, max(layer.plain_zoom, _EDGES_FROM), True],
    }
    drawn = [part_of(layer, scene, "fill", "fill", paint, {})]
    if look.outline:
        paint = {
            "line-color": theme.rim(layer, look.outline),
            "line-width": by_zoom({14: 0.4, 16: 0.7, 18: 1.1, 20: 1.8}),
            "line-opacity": by_zoom({14: 0.3, 15: 0.5, 17: 0.9}),
        }
        if theme.pictures and not is_base(layer):
            # The faint fill alone would not tell a colour on a picture; its edge does.
            paint |= {"line-color": colour(layer, theme), "line-width": by_zoom({13: 0.8, 16: 1.8, 20: 4})}
            under = {**paint, "line-color": theme.halo, "line-width": by_zoom({13: 1.4, 16: 3, 20: 6})}
            drawn.append(part_of(layer, scene, "casing", "line", under, {"line-join": "round"}))
        outline = part_of(layer, scene, "outline", "line", paint, {"line-join": "round"})
        drawn.append(outline if theme.pictures else {**outline, "minzoom": max(layer.plain_zoom, _EDGES_FROM)})
    if look.binding:
        paint = {
            "line-color": theme.rim(layer, look.outline or look.colour),
            "line-width": by_zoom({13: 0.8, 16: 1.5, 20: 3}),
            "line-dasharray": [3, 2],
        }
        dashed = part_of(layer, scene, "provisional", "line", paint, {"line-join": "round"})
        drawn.append({**dashed, "filter": ["!", _binds(look)], "minzoom": max(layer.plain_zoom, _EDGES_FROM)})
    return drawn


def _line(layer: Layer, scene: Scene) -> list[dict[str, Any]]:
    look, theme = layer.look, scene.theme
    # To scale, the round end of a wide street would reach beyond a narrow one that it comes to.
    cap: Any = ["step", ["zoom"], "round", 16, "butt"] if look.width_from else "round"
    layout: dict[str, Any] = {"line-join": "round", "line-cap": "butt" if look.dash else cap}
    if layer.ranks:
        layout["line-sort-key"] = by_kind(layer, {kind: rank.weight for kind, rank in layer.ranks.items()}, 1)
    opacity: Any = ["case", _binds(look), look.opacity, _FAINT_LINE] if look.binding else look.opacity
    if not is_base(layer):
        # Where a layer begins its lines lie close: they come in softly.
        opacity = by_zoom({layer.min_zoom: ["*", opacity, 0.5], layer.min_zoom + 1.5: opacity})
    elif theme.pictures:
        opacity = _ON_PICTURES  # the picture itself shows the street
    paint: dict[str, Any] = {
        "line-color": colour(layer, theme),
        "line-width": _widths(layer, theme, 0),
        "line-opacity": opacity,
    }
    if look.dash:
        paint["line-dasharray"] = list(look.dash)
    drawn = [part_of(layer, scene, "line", "line", paint, layout)]
    if theme.pictures:
        casing = "" if is_base(layer) else theme.halo  # on a picture no colour stands out by itself
    else:
        casing = look.casing and theme.drawn(layer, look.casing)
    if casing:
        paint = {"line-color": casing, "line-width": _widths(layer, theme, _RIM_PX), "line-opacity": opacity}
        drawn.insert(0, part_of(layer, scene, "casing", "line", paint, {**layout, "line-cap": cap}))
    return drawn


def _widths(layer: Layer, theme: Theme, rim_px: float) -> list[Any]:
    """A line's width in pixels with a rim on both sides: thin from afar, full near, to scale where it has a scale."""
    look = layer.look

    def px(at_zoom_16: Mapping[str, float], share: float, rim_share: float) -> Any:
        sizes = {
            kind: round(look.width * weight * share * thin + 2 * rim_px * rim_share, 2)
            for kind, weight in at_zoom_16.items()
        }
        return by_kind(layer, sizes, sizes[""])

    weights = {"": 1.0, **{kind: rank.weight for kind, rank in layer.ranks.items()}}
    thin = 0.4 if theme.pictures and is_base(layer) else 1
    if not look.width_from or theme.pictures:
        return by_zoom(
            {10: px(weights, 0.3, 0.4), 14: px(weights, 0.5, 0.6), 16: px(weights, 1, 1), 20: px(weights, 3.5, 1.5)},
            1.5,
        )

    def to_scale(zoom: int) -> Any:
        metres = ["to-number", ["get", look.width_from], _WIDTH_UNKNOWN_M]
        return ["+", ["*", metres, round(_PX_PER_M * 2 ** (zoom - 16), 4)], 2 * rim_px]

    return by_zoom(
        {
            10: px(weights, 0.25, 0.3),
            13: px(weights, 0.45, 0.5),
            14: px(weights, 0.8, 0.7),
            16: to_scale(16),
            22: to_scale(22),
        },
        2,
    )


def _circle(layer: Layer, scene: Scene) -> list[dict[str, Any]]:
    look, theme = layer.look, scene.theme
    shade = colour(layer, theme)
    if layer.approximate and not scene.exact(layer):
        # Somewhere within: half a square of 250 m at the latitude of the country, 109 px at zoom 16.
        paint: dict[str, Any] = {
            "circle-color": shade,
            "circle-radius": by_zoom({11: 6, 13: 13.6, 18: 436}, 2),
            # Squares next to each other overlap, several cameras share one, and near they would hide the zones.
            "circle-opacity": by_zoom({13: 0.07, 16: 0.01}),
            "circle-stroke-width": 1.5,
            "circle-stroke-color": shade,
            "circle-stroke-opacity": by_zoom({13: 0.6, 17: 0.35}),
        }
        return [part_of(layer, scene, "circle", "circle", paint, {})]
    weights = {"": 1.0, **{kind: rank.weight for kind, rank in layer.ranks.items()}}

    def px(share: float) -> Any:
        sizes = {kind: round(look.width * weight * share, 2) for kind, weight in weights.items()}
        return by_kind(layer, sizes, sizes[""])

    paint = {
        "circle-color": shade,
        "circle-radius": by_zoom({11: px(0.35), 14: px(0.5), 16: px(1), 20: px(2)}),
        "circle-opacity": look.opacity,
        "circle-stroke-width": by_zoom({14: 0.3, 17: 1}) if look.width > _MERE_DOT_PX else 0,
        "circle-stroke-color": theme.halo,
    }
    return [part_of(layer, scene, "circle", "circle", paint, {})]
