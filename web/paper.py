"""A map true to scale on paper, in the register's plane. Pure.

MapLibre draws in Web Mercator. There, a millimetre is not the same length everywhere, nor quite the same to the north
as to the east, and true north is up. Zoom, turn and stretch below undo that for one stretch of land: on the paper,
grid north is up and a millimetre is as many metres of the register as the scale says, whichever way it is measured.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely

from gisplatform.crs import WGS84, to_register, to_wgs84

LEAST_SCALE, MOST_SCALE = 100, 1_000_000
LEAST_MM, MOST_MM = 20.0, 2000.0

EARTH_RADIUS_M = 6_378_137.0  # of Web Mercator
TILE_PX = 512
PX_MM = 25.4 / 96  # a CSS pixel on paper
_STEP_RAD = 1e-5  # 64 m, over which the plane is measured
_WGS84 = pyproj.CRS.from_epsg(WGS84)


@dataclass(frozen=True)
class Placement:
    """How a map lies on paper.

    scale              1 : so many
    zoom               of MapLibre
    bearing            degrees clockwise from true north to grid north, which is up
    stretch            height on paper of what MapLibre draws, over its width
    easting, northing  of the middle, metres of the register
    land               all that is on the paper, as a rectangle of the register
    bounds             west, south, east, north of it in degrees
    """

    scale: int
    zoom: float
    bearing: float
    stretch: float
    easting: float
    northing: float
    land: Any
    bounds: tuple[float, float, float, float]


def placed(lon: float, lat: float, *, scale: int, width_mm: float, height_mm: float) -> Placement | None:
    """A map of that size in millimetres, its middle at a place in degrees; None where the register's plane has no such
    place. In the middle it is exact; 100 mm from there it is off by less than 0.05 mm at 1:10,000 and larger.
    """
    east, north, across, up = _plane(lon, lat)
    width_m, height_m = width_mm * scale / 1000, height_mm * scale / 1000
    land = shapely.box(east - width_m / 2, north - height_m / 2, east + width_m / 2, north + height_m / 2)
    bounds = to_wgs84(land).bounds
    if not all(map(math.isfinite, (*across, *up, *bounds))):
        return None
    # Metres of the register for one of Web Mercator, to the east and to the north.
    eastwards = math.hypot(*across) / EARTH_RADIUS_M
    northwards = math.hypot(*up) * math.cos(math.radians(lat)) / EARTH_RADIUS_M
    metres_of_px = scale * PX_MM / 1000
    return Placement(
        scale=scale,
        zoom=math.log2(2 * math.pi * EARTH_RADIUS_M * eastwards / (TILE_PX * metres_of_px)),
        bearing=-math.degrees(math.atan2(up[0], up[1])),
        stretch=northwards / eastwards,
        easting=east,
        northing=north,
        land=land,
        bounds=bounds,
    )


def fitting(bounds: tuple[float, float, float, float], *, width_mm: float, height_mm: float) -> int:
    """The scale, to two digits, at which west, south, east, north in degrees fill a map of that size in millimetres."""
    west, south, east, north = bounds
    box = shapely.segmentize(shapely.box(west, south, east, north), max(east - west, north - south) / 8)
    left, bottom, right, top = shapely.bounds(to_register(box, _WGS84)).tolist()
    needed = max((right - left) / width_mm, (top - bottom) / height_mm) * 1000
    if not math.isfinite(needed):
        return MOST_SCALE
    needed = min(max(needed, LEAST_SCALE), MOST_SCALE)
    step = 10 ** (math.floor(math.log10(needed)) - 1)
    return int(math.ceil(round(needed / step, 6)) * step)


def _plane(lon: float, lat: float) -> tuple[float, float, tuple[float, float], tuple[float, float]]:
    """Easting and northing of a place in degrees, and how both grow with longitude and with latitude, m a radian."""
    step = math.degrees(_STEP_RAD)
    around = shapely.points([lon, lon - step, lon + step, lon, lon], [lat, lat, lat, lat - step, lat + step])
    middle, west, east, south, north = shapely.get_coordinates(to_register(around, _WGS84))
    across, up = (east - west) / (2 * _STEP_RAD), (north - south) / (2 * _STEP_RAD)
    return float(middle[0]), float(middle[1]), _pair(across), _pair(up)


def _pair(values: np.ndarray) -> tuple[float, float]:
    return float(values[0]), float(values[1])
