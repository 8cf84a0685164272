"""Light and shade of the ground, as a translucent picture that lies over any base map."""

import numpy as np

AZIMUTH_DEG, ALTITUDE_DEG = 315.0, 45.0  # light from the north-west, as maps have it
EXAGGERATION = 2.5  # towns are flat
DARKEST, LIGHTEST = 0.45, 0.35  # the greatest opacity of shade and of light


def hillshade(elevation_m: np.ndarray, pixel_m: float) -> np.ndarray:
    """Shade of a terrain as RGBA bytes.

    elevation_m  (h + 2, w + 2) metres, a pixel more on each side; nan where nothing is known; rows run southwards
    pixel_m      side of a pixel on the ground, metres
    Returns (4, h, w) uint8: black in the shade, white in the light, opacity by how much; flat or unknown ground is
    transparent.
    """
    northward = EXAGGERATION * (elevation_m[:-2, 1:-1] - elevation_m[2:, 1:-1]) / (2 * pixel_m)
    eastward = EXAGGERATION * (elevation_m[1:-1, 2:] - elevation_m[1:-1, :-2]) / (2 * pixel_m)
    azimuth, altitude = np.radians(AZIMUTH_DEG), np.radians(ALTITUDE_DEG)
    towards_light = eastward * np.sin(azimuth) + northward * np.cos(azimuth)
    flat = np.sin(altitude)
    lit = (flat - np.cos(altitude) * towards_light) / np.sqrt(1 + eastward**2 + northward**2)
    # From -1 in full shade over 0 on flat ground to 1 in full light.
    lightness = np.where(lit < flat, np.maximum(lit, 0) / flat - 1, (lit - flat) / (1 - flat))
    opacity = np.where(lightness < 0, -lightness * DARKEST, lightness * LIGHTEST)
    alpha = np.nan_to_num(np.round(opacity * 255)).astype(np.uint8)
    grey = np.where(lightness > 0, 255, 0).astype(np.uint8)
    return np.stack([grey, grey, grey, alpha])
