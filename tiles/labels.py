"""The words on the map: their font, their inks, and which of them may stand where there is no room for all."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings

from layers.catalogue import Layer, Writing, words
from tiles.parts import Scene, by_kind, by_zoom, part_of
from tiles.statements import labels_of

REGULAR, MEDIUM = "Be Vietnam Pro Regular", "Be Vietnam Pro Medium"
_WEIGHTS = {REGULAR: 400, MEDIUM: 500}  # the pages are set in the same files
_PACKAGE = "be-vietnam-pro"
_NO_BREAK_SPACE = "\u00a0"
_BREAKING: frozenset[Writing] = frozenset({"name", "water", "area", "place"})


@dataclass(frozen=True)
class Hand:
    """How one sort of words is written.

    claim    who goes first where there is no room for all: the higher
    ink      on a light ground
    sizes    zoom → pixels
    spacing  between letters, em
    apart    from other words, pixels
    """

    claim: int
    ink: str
    sizes: Mapping[float, float]
    font: str = REGULAR
    spacing: float = 0.0
    capitals: bool = False
    apart: int = 4


_HANDS: dict[Writing, Hand] = {
    "house": Hand(0, "#3b6273", {17: 9, 18: 10, 20: 12.5}, apart=2),
    "number": Hand(1, "#6b6354", {16: 9, 18: 10.5, 20: 13}, apart=2),
    "code": Hand(2, "#45403a", {14: 10, 16: 11, 18: 13}, apart=12),
    "name": Hand(3, "#45403a", {12: 10.5, 16: 11.5, 20: 14}),
    # From afar only areas, places and waters have names: with one font among them a map is there sooner.
    "water": Hand(4, "#2f6a8a", {10: 11, 14: 12, 18: 15}, MEDIUM, spacing=0.08),
    "street": Hand(5, "#4b463e", {13: 10.5, 16: 11.5, 18: 13.5, 20: 15}, apart=6),
    "area": Hand(8, "#6a5f80", {9: 11, 13: 12, 16: 13}, MEDIUM, spacing=0.14, capitals=True, apart=8),
    "place": Hand(7, "#3c3833", {12: 10.5, 15: 11.5, 18: 13}, MEDIUM, apart=6),
}


def claim(layer: Layer) -> int:
    """Where a layer's labels stand among those of other layers: the higher lie above and go first."""
    return _HANDS[layer.look.label_as].claim


def labels(layer: Layer, scene: Scene) -> list[dict[str, Any]]:
    """The style layers that write a layer's names; none where it has none for this person."""
    look, theme = layer.look, scene.theme
    if not look.label or look.label not in {
        attribute.name for attribute in layer.visible_attributes(scene.exact(layer))
    }:
        return []
    hand = _HANDS[look.label_as]
    layout: dict[str, Any] = {
        "text-field": _from_zoom(layer, _written(layer, scene.language)),
        "text-font": [hand.font],
        "text-size": by_zoom(hand.sizes),
        "text-max-width": 8,
        "text-padding": hand.apart,
        **_placed(layer, scene),
    }
    if hand.spacing:
        layout["text-letter-spacing"] = hand.spacing
    if hand.capitals:
        layout["text-transform"] = "uppercase"
    if layer.ranks:
        # The lower goes first.
        layout["symbol-sort-key"] = by_kind(layer, {kind: -rank.weight for kind, rank in layer.ranks.items()}, -1)
    paint = {
        "text-color": theme.ink(hand.ink),
        "text-halo-color": theme.halo,
        "text-halo-width": 1.6 if theme.pictures else 1.3,
        "text-halo-blur": 0.4,
    }
    drawing = part_of(layer, scene, "label", "symbol", paint, layout)
    apart = {"source-layer": labels_of(layer)} if layer.labelled_apart else {}
    return [{**drawing, **apart, "minzoom": max(layer.min_zoom, look.label_min_zoom)}]


def _placed(layer: Layer, scene: Scene) -> dict[str, Any]:
    """Where the words stand: along a line, beside a point or its badge, in an area."""
    look = layer.look
    if "LINE" in getattr(layer.register._meta.get_field(layer.geometry), "geom_type", ""):
        return {"symbol-placement": "line", "symbol-spacing": by_zoom({13: 350, 18: 600}), "text-max-angle": 30}
    if look.drawn != "circle":
        return {}
    badges = badge_names(layer, scene)
    if not badges:
        return {"text-variable-anchor": ["top", "bottom"], "text-radial-offset": 0.5}
    pairs = [item for pair in badges.items() for item in pair]
    return {
        "icon-image": ["match", ["to-string", ["get", look.by]], *pairs, ""],
        "icon-size": by_zoom({13: 0.75, 16: 1, 19: 1.25}),
        "icon-padding": 1,
        "text-optional": True,
        "text-variable-anchor": ["left", "right", "top", "bottom"],
        "text-radial-offset": 1.0,
        "text-justify": "auto",
    }


def badge_names(layer: Layer, scene: Scene) -> dict[str, str]:
    """The image of each legend value that has an icon, "badge:ICON:COLOUR"; the client draws it (badges.js)."""
    entries = () if callable(layer.look.entries) else layer.look.entries
    return {
        entry.value: f"badge:{entry.icon}:{scene.theme.drawn(layer, entry.colour)}" for entry in entries if entry.icon
    }


def _from_zoom(layer: Layer, text: Any) -> Any:
    """The words, for each kind only at the zooms at which its rank lets it speak."""
    ranks = layer.ranks.values()
    turns = sorted({rank.label_zoom for rank in ranks} | {rank.label_until for rank in ranks if rank.label_until < 99})

    def spoken(zoom: float) -> Any:
        words_by_kind = {
            kind: text if rank.label_zoom <= zoom < rank.label_until else "" for kind, rank in layer.ranks.items()
        }
        return by_kind(layer, words_by_kind, text)

    steps = [item for zoom in turns if zoom > 0 for item in (zoom, spoken(zoom))]
    return ["step", ["zoom"], spoken(0), *steps] if steps else text


def _written(layer: Layer, language: str) -> list[Any]:
    """The words of a label; where they may break into lines, not within brackets."""
    text = _text(layer, language)
    if layer.look.label_as not in _BREAKING:
        return text
    bracket = ["index-of", "(", text]
    kept = ["join", ["split", ["slice", text, bracket], " "], _NO_BREAK_SPACE]
    return ["case", ["in", "(", text], ["concat", ["slice", text, 0, bracket], kept], text]


def _text(layer: Layer, language: str) -> list[Any]:
    """The words of a label; what binds nobody says in brackets what it is."""
    look = layer.look
    text = ["to-string", ["get", look.label]]
    if not look.binding:
        return text
    name, binds = look.binding
    values = next(attribute.values for attribute in layer.attributes if attribute.name == name)
    pairs = [item for value, title in values.items() for item in (value, words(title, language).lower())]
    state = ["match", ["get", name], *pairs, ""] if pairs else ["to-string", ["get", name]]
    return ["case", ["==", ["get", name], binds], text, ["concat", text, " (", state, ")"]]


def font_faces(base_url: str) -> dict[str, Any]:
    """The label fonts as files of this platform, so that a map needs no glyph server and no font of the machine.

    MapLibre takes the first file that covers a letter; the Vietnamese file therefore stands first.
    """
    folder = f"{base_url}{settings.STATIC_URL}vendor/{_PACKAGE}/files"
    return {
        font: [
            {"url": f"{folder}/{_PACKAGE}-{subset}-{weight}-normal.woff2", "unicode-range": ranges.split(",")}
            for subset, ranges in _subsets().items()
        ]
        for font, weight in _WEIGHTS.items()
    }


@cache
def _subsets() -> dict[str, str]:
    """The font's files by subset with the letters that each covers, as its package says."""
    package = settings.BASE_DIR / "node_modules" / "@fontsource" / _PACKAGE / "unicode.json"
    ranges = json.loads(package.read_text(encoding="utf-8"))
    return {subset: ranges[subset] for subset in ("vietnamese", "latin-ext", "latin")}
