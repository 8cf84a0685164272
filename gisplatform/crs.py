"""The one coordinate policy.

Registers are stored in one metric VN-2000 TM-3 system; WGS 84 and Web Mercator exist only at the edges. Every step
between VN-2000 and WGS 84 goes through the official seven parameters (QĐ 05/2007/QĐ-BTNMT, EPSG:6960), pinned here,
because PROJ left to itself takes EPSG:5194 in the Mekong delta and is 0.8 m off. PostGIS gets the same parameters
through SRIDs of our own (`SPATIAL_REF_SYS`), whose number is 900000 + the EPSG code.

Axis order is always east, north (lon, lat) inside the platform.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyproj
import shapely
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

from gisplatform.errors import UnknownCRS

WGS84, WEB_MERCATOR = 4326, 3857
OWN_SRID_OFFSET = 900_000

# dx, dy, dz in metres; rx, ry, rz in arc seconds, coordinate-frame convention (EPSG:9607); scale in ppm.
OFFICIAL_SHIFT = (
    -191.90441429,
    -39.30318279,
    -111.45032835,
    -0.00928836,
    0.01975479,
    -0.00427372,
    0.252906278,
)

# The part of the world that must be on every official map: QCVN 80:2024, west, south, east, north in degrees.
COUNTRY_EXTENT = (102.0, 4.5, 118.0, 23.5)


@dataclass(frozen=True)
class Zone:
    """One VN-2000 transverse Mercator zone: central meridian in degrees, scale factor on it."""

    epsg: int
    meridian: float
    k0: float = 0.9999

    @property
    def name(self) -> str:
        """What surveyors call it, e.g. VN-2000 / TM-3 107°45'."""
        degrees, minutes = int(self.meridian), round(self.meridian % 1 * 60)
        series = "TM-3" if self.k0 == 0.9999 else "UTM"
        return f"VN-2000 / {series} {degrees}°{minutes:02d}'"

    @property
    def projection(self) -> str:
        """The PROJ parameters of the projection alone."""
        return f"+proj=tmerc +lat_0=0 +lon_0={self.meridian} +k={self.k0} +x_0=500000 +y_0=0 +ellps=WGS84"

    @property
    def proj4text(self) -> str:
        """For spatial_ref_sys. +towgs84 is position-vector: the three rotations change sign."""
        dx, dy, dz, rx, ry, rz, ppm = OFFICIAL_SHIFT
        return f"{self.projection} +towgs84={dx},{dy},{dz},{-rx},{-ry},{-rz},{ppm} +units=m +no_defs"


# Source: EPSG dataset v11.022; the same rows with their areas of use are in docs/rules/coordinates.md.
ZONES = {
    zone.epsg: zone
    for zone in [
        Zone(5896, 102.0), Zone(9205, 103.0), Zone(9206, 104.0), Zone(9207, 104.5), Zone(9208, 104.75),
        Zone(5897, 105.0), Zone(9209, 105.5), Zone(9210, 105.75), Zone(9211, 106.0), Zone(9212, 106.25),
        Zone(9213, 106.5), Zone(9214, 107.0), Zone(9215, 107.25), Zone(9216, 107.5), Zone(5899, 107.75),
        Zone(5898, 108.0), Zone(9217, 108.25), Zone(9218, 108.5), Zone(3405, 105.0, 0.9996), Zone(3406, 111.0, 0.9996),
    ]
}  # fmt: skip
# Their false easting and northing are swapped in the EPSG dataset; files that name them mean the right column.
DEPRECATED = {6956: 5896, 6957: 5897, 6958: 5898, 6959: 5899}

if settings.REGISTER_EPSG not in ZONES:
    raise ImproperlyConfigured(f"REGISTER_EPSG must be a VN-2000 zone: one of {', '.join(map(str, sorted(ZONES)))}.")
REGISTER_ZONE = ZONES[settings.REGISTER_EPSG]
REGISTER_SRID = OWN_SRID_OFFSET + REGISTER_ZONE.epsg
SPATIAL_REF_SYS = {OWN_SRID_OFFSET + zone.epsg: zone.proj4text for zone in ZONES.values()}


def parse_crs(text: str | int) -> pyproj.CRS:
    """A coordinate system from an EPSG code, `EPSG:…`, WKT or PROJ text.

    Raises UnknownCRS if it cannot be read, or is a deprecated VN-2000 code (the message names the right one).
    """
    try:
        crs = pyproj.CRS.from_user_input(int(text) if str(text).strip().isdigit() else text)
    except pyproj.exceptions.CRSError:
        raise UnknownCRS(
            _("The coordinate system “%(crs)s” is not known. Give an EPSG code, for example EPSG:%(epsg)d (%(name)s).")
            % {
                "crs": str(text)[:80],
                "epsg": REGISTER_ZONE.epsg,
                "name": REGISTER_ZONE.name,
            }
        ) from None
    epsg = crs.to_epsg(min_confidence=100)
    if epsg in DEPRECATED:
        raise UnknownCRS(
            _("EPSG:%(old)d is a faulty entry (false easting and northing are swapped). Give EPSG:%(new)d instead.")
            % {"old": epsg, "new": DEPRECATED[epsg]}
        )
    return crs


def is_vn2000(crs: pyproj.CRS) -> bool:
    """Whether coordinates of this system are on the VN-2000 datum, by the datum's name in EPSG, Esri or PROJ text."""
    geodetic = crs.geodetic_crs
    if geodetic is None or crs.is_bound:
        return False
    name = f"{geodetic.name} {geodetic.datum.name if geodetic.datum else ''}".lower().replace("_", " ")
    return "vn-2000" in name or "vn 2000" in name or "vietnam 2000" in name


@lru_cache(maxsize=64)
def _pinned(zone: Zone) -> pyproj.Transformer:
    """From a VN-2000 zone (metres) to WGS 84 (degrees) by the official parameters."""
    dx, dy, dz, rx, ry, rz, ppm = OFFICIAL_SHIFT
    return pyproj.Transformer.from_pipeline(
        f"+proj=pipeline +step +inv {zone.projection} +step +proj=push +v_3 +step +proj=cart +ellps=WGS84 "
        f"+step +proj=helmert +x={dx} +y={dy} +z={dz} +rx={rx} +ry={ry} +rz={rz} +s={ppm} "
        "+convention=coordinate_frame +step +inv +proj=cart +ellps=WGS84 +step +proj=pop +v_3 "
        "+step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )


@lru_cache(maxsize=64)
def _unpinned(source: str, target: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def _move(geometries: Any, *steps: Any) -> Any:
    """Geometries with every coordinate pair (n, 2) sent through each step, `(x, y) -> (x, y)`, in turn."""

    def through(coordinates: np.ndarray) -> np.ndarray:
        x, y = coordinates[:, 0], coordinates[:, 1]
        for step in steps:
            x, y = step(x, y)
        return np.column_stack([x, y])

    return shapely.transform(geometries, through)


def _from_wgs84(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return _pinned(REGISTER_ZONE).transform(x, y, direction="INVERSE")


def to_register(geometries: Any, source: pyproj.CRS) -> Any:
    """Geometries in `source` as geometries in the register's system.

    geometries  (n,) array of shapely geometries, or one; x east, y north whatever the axis order of `source`
    Returns the same shape, metres. Between two VN-2000 systems no datum shift takes place; anything else goes to
    WGS 84 first (PROJ's choice) and then through the pinned parameters. Points that cannot be projected become inf.
    """
    if is_vn2000(source):
        within_datum = _unpinned(source.to_wkt(), f"EPSG:{REGISTER_ZONE.epsg}").transform
        return _move(geometries, within_datum)
    if source.to_epsg() == WGS84:
        return _move(geometries, _from_wgs84)
    return _move(geometries, _unpinned(source.to_wkt(), "EPSG:4326").transform, _from_wgs84)


def to_wgs84(geometries: Any) -> Any:
    """Geometries of the register (metres) as WGS 84 longitude, latitude in degrees; the same shape."""
    return _move(geometries, _pinned(REGISTER_ZONE).transform)


def register_to_web_mercator(geometries: Any) -> Any:
    """Geometries of the register (metres) in Web Mercator (metres on the equator); the same shape."""
    to_mercator = _unpinned(f"EPSG:{WGS84}", f"EPSG:{WEB_MERCATOR}").transform
    return _move(geometries, _pinned(REGISTER_ZONE).transform, to_mercator)


def from_register(geometries: Any, epsg: int) -> Any:
    """Geometries of the register (metres) in WGS 84 (degrees) or a VN-2000 zone (metres); the same shape.

    Raises UnknownCRS for any other code.
    """
    if epsg == WGS84:
        return to_wgs84(geometries)
    if epsg not in ZONES:
        raise UnknownCRS(
            _("EPSG:%(epsg)d is neither WGS 84 (4326) nor a VN-2000 zone: %(zones)s.")
            % {"epsg": epsg, "zones": ", ".join(map(str, sorted(ZONES)))}
        )
    return _move(geometries, _unpinned(f"EPSG:{REGISTER_ZONE.epsg}", f"EPSG:{epsg}").transform)


def wgs84_to_register(lon: float, lat: float) -> tuple[float, float]:
    """One WGS 84 position as easting, northing of the register in metres."""
    easting, northing = _pinned(REGISTER_ZONE).transform(lon, lat, direction="INVERSE")
    return float(easting), float(northing)


def zone_to_wgs84(zone: Zone, easting: float, northing: float) -> tuple[float, float]:
    """One position of any VN-2000 zone (metres) as WGS 84 longitude, latitude."""
    lon, lat = _pinned(zone).transform(easting, northing)
    return float(lon), float(lat)


def register_areal_scale(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """How many times too large an area comes out in the register's system at each place; 1.0 is true.

    lon, lat  (n,) degrees, WGS 84. Returns (n,) float64; inf where the projection breaks down.
    """
    factors = pyproj.Proj(f"EPSG:{REGISTER_ZONE.epsg}").get_factors(np.atleast_1d(lon), np.atleast_1d(lat))
    return np.nan_to_num(np.asarray(factors.areal_scale, dtype=float), nan=np.inf)
