"""Colours as the map needs them in light and dark. Pure; colours are #rrggbb."""

import colorsys


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


def _written(red: float, green: float, blue: float) -> str:
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in (red, green, blue))


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1. Source: WCAG 2.2, "relative luminance"."""
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in _channels(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, 1 to 21. Source: WCAG 2.2, "contrast ratio"."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mixed(colour: str, other: str, share: float) -> str:
    """`colour` with a share (0 to 1) of `other` in it."""
    return _written(*(a + (b - a) * share for a, b in zip(_channels(colour), _channels(other), strict=True)))


def turned(colour: str) -> str:
    """The same hue as light as the colour was dark: what a quiet base colour becomes on a dark map."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    return _written(*colorsys.hls_to_rgb(hue, 0.08 + 0.8 * (1 - lightness), saturation))


def legible(colour: str, ground: str, ratio: float = 3.0) -> str:
    """The colour, moved towards white or black as little as it takes to stand out from the ground."""
    towards = "#ffffff" if luminance(ground) < 0.2 else "#000000"
    for step in range(21):
        candidate = mixed(colour, towards, step / 20)
        if contrast(candidate, ground) >= ratio:
            return candidate
    return towards
