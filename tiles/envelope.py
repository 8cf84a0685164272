"""Where a tile lies in the register's system, and where a stretch of the register lies on the globe. Pure.

The tile's box is worked out here and not by ST_Transform in the query: far from the zone the projection has two points
where it fails and a seam along the equator, and a query that meets them is an error or reads the whole register.
"""

import math
from functools import lru_cache

import numpy as np
import pyproj
import shapely

from gisplatform import crs

EXTENT = 4096  # units along one side of a tile
BUFFER = 64  # units drawn beyond each side, so that lines and outlines meet at the seams: 8 px of 512
# Half of the widest street: a line drawn to scale is seen that far from its course, in the next tile too.
REACH_M = 30
_EQUATOR_M = 40_075_016.686

Box = tuple[float, float, float, float]  # west, south, east, north

_WGS84 = pyproj.CRS.from_epsg(crs.WGS84)
_SAMPLES = 33  # per side; the sides of a tile are curves in the register's system
# Extremes may lie between two samples; a larger box only costs a few rows that ST_AsMVTGeom drops.
_SPARE = 0.005
# Degrees from the zone's meridian, and latitudes, between which the projection is one smooth sheet: the near side of
# the globe, then the far side north and south of the seam. (Test files come from as far as New York.)
_SHEETS: tuple[Box, ...] = (
    (-60.0, -85.1, 60.0, 85.1),
    (120.0, 0.1, 240.0, 85.1),
    (120.0, -85.1, 240.0, -0.1),
)


def _latitude(z: int, row: float) -> float:
    """Latitude in degrees of a tile's edge, counted in tiles from the north."""
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / 2**z))))


def tile_lonlat(z: int, x: int, y: int, buffer: int = 0) -> Box:
    """A tile with its buffer (units of EXTENT) in degrees, WGS 84. Beside the ±180° seam it reaches past it."""
    margin = buffer / EXTENT
    width = 360 / 2**z
    return (
        (x - margin) * width - 180,
        _latitude(z, y + 1 + margin),
        (x + 1 + margin) * width - 180,
        _latitude(z, y - margin),
    )


def _on_one_sheet(lonlat: Box) -> Box | None:
    """The part of a box in degrees that lies on the first sheet it touches."""
    meridian = crs.REGISTER_ZONE.meridian
    for west, south, east, north in _SHEETS:
        for turn in (0, 360, -360):
            part = (
                max(lonlat[0] + turn, meridian + west),
                max(lonlat[1], south),
                min(lonlat[2] + turn, meridian + east),
                min(lonlat[3], north),
            )
            if part[0] < part[2] and part[1] < part[3]:
                return part
    return None


def buffer_to_scale(z: int) -> int:
    """The buffer, in units of EXTENT, that layers need whose lines are drawn as wide as they are."""
    return max(BUFFER, math.ceil(REACH_M * EXTENT * 2**z / _EQUATOR_M))


@lru_cache(maxsize=65536)
def register_box(z: int, x: int, y: int, buffer: int = BUFFER) -> Box | None:
    """The box around a tile and its buffer in the register's system, metres. None where the register has no places.

    No row whose position touches the tile or its buffer lies outside the box.
    """
    part = _on_one_sheet(tile_lonlat(z, x, y, buffer))
    if part is None:
        return None
    west, south, east, north = part
    along = np.linspace(0, 1, _SAMPLES)
    lon = west + (east - west) * np.concatenate([along, along, np.zeros(_SAMPLES), np.ones(_SAMPLES)])
    lat = south + (north - south) * np.concatenate([np.zeros(_SAMPLES), np.ones(_SAMPLES), along, along])
    edge = shapely.points((lon + 180) % 360 - 180, lat)
    left, bottom, right, top = shapely.total_bounds(crs.to_register(edge, _WGS84)).tolist()
    if not math.isfinite(left + bottom + right + top):
        return None
    spare = _SPARE * max(right - left, top - bottom)
    return left - spare, bottom - spare, right + spare, top + spare


def lonlat_bounds(box: Box) -> Box | None:
    """A box of the register (metres) as bounds in degrees, WGS 84, that hold it; None where it is nowhere on Earth."""
    left, bottom, right, top = box
    eastings, northings = np.meshgrid(np.linspace(left, right, 17), np.linspace(bottom, top, 17))
    places = shapely.get_coordinates(crs.to_wgs84(shapely.points(eastings.ravel(), northings.ravel())))
    places = places[np.isfinite(places).all(axis=1)]
    if not len(places):
        return None
    (west, south), (east, north) = places.min(axis=0), places.max(axis=0)
    # Six decimals are a decimetre; outwards, so that nothing at the rim is cut off.
    return (
        math.floor(west * 1e6) / 1e6,
        max(math.floor(south * 1e6) / 1e6, -85.051129),
        math.ceil(east * 1e6) / 1e6,
        min(math.ceil(north * 1e6) / 1e6, 85.051129),
    )
