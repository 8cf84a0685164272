"""Colours on pages as the map draws them."""

from typing import Any

from django import template

from layers.catalogue import find
from tiles.style import samples
from tiles.themes import THEMES

register = template.Library()
GROUNDS = ("light", "dark")


@register.inclusion_tag("web/swatch.html")
def swatch(key: str, colour: str) -> dict[str, Any]:
    """A colour of a layer on the ground of the map, light and dark; the style sheet shows one of them."""
    layer = find(key)
    assert layer is not None, key
    looks = samples(layer)
    return {"looks": [{"theme": name, "colour": THEMES[name].drawn(layer, colour), **looks[name]} for name in GROUNDS]}
