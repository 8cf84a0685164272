"""Lengths and areas as the cadastre measures them: in the plane of the register's VN-2000 zone."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely
from django.utils.translation import gettext as _

from gisplatform.crs import REGISTER_ZONE, register_areal_scale, to_register
from gisplatform.errors import InvalidInput
from layers.formats import number
from layers.outlines import WGS84_CRS, check_in_country, crosses_itself

MOST_POINTS = 1000
# From here on plane and ground differ so much that both are told. Within a zone of 3° it is 0.02 % at most.
TELLING_DISTORTION = 0.001

_ELLIPSOID = pyproj.Geod(ellps="WGS84")  # VN-2000 stands on the same one


@dataclass(frozen=True)
class Measured:
    """A course of points and, where it is closed, the area that it goes around.

    places         (n, 2) easting, northing in the register's system, metres
    legs_m         (n - 1,) or, closed, (n,) lengths from each point to the next, metres
    area_m2        of the plane; None where the course is not closed
    ground_m       the same length along the ellipsoid, and ground_m2 the area on it
    """

    places: np.ndarray
    legs_m: np.ndarray
    area_m2: float | None
    ground_m: float
    ground_m2: float | None
    distorted: bool

    @property
    def length_m(self) -> float:
        """The whole length; the perimeter of a closed course."""
        return float(self.legs_m.sum())


def measure(positions: np.ndarray, *, closed: bool) -> Measured:
    """Measure a course.

    positions  (n, 2) longitude, latitude in degrees of WGS 84, n ≥ 1; a closed course goes back to the first by itself
    Raises InvalidInput, and CrossesItself for a closed course without one inside.
    """
    if len(positions) > MOST_POINTS:
        raise InvalidInput(_("At most %(most)s points can be measured at once.") % {"most": number(MOST_POINTS)})
    if closed and len(positions) < 3:
        raise InvalidInput(_("An area needs at least three points."))
    check_in_country(positions)
    places = shapely.get_coordinates(to_register(shapely.points(positions), WGS84_CRS))
    course = np.vstack([places, places[:1]]) if closed else places
    legs_m = np.hypot(*np.diff(course, axis=0).T)
    lon, lat = (np.append(axis, axis[0]) if closed else axis for axis in positions.T)
    area_m2 = ground_m2 = None
    if closed:
        ring = shapely.Polygon(course)
        if not shapely.is_valid(ring):
            raise crosses_itself(ring)
        area_m2, ground_m2 = float(ring.area), abs(_ELLIPSOID.polygon_area_perimeter(lon, lat)[0])
    distortion = np.abs(np.sqrt(register_areal_scale(lon, lat)) - 1).max()
    ground_m = float(_ELLIPSOID.line_length(lon, lat))
    return Measured(places, legs_m, area_m2, ground_m, ground_m2, bool(distortion > TELLING_DISTORTION))


def document(measured: Measured) -> dict[str, Any]:
    """What was measured, as JSON."""
    return {
        "crs": {"epsg": REGISTER_ZONE.epsg, "name": REGISTER_ZONE.name},
        "places": [
            {"easting": round(east, 4), "northing": round(north, 4)} for east, north in measured.places.tolist()
        ],
        "legs_m": [round(leg, 4) for leg in measured.legs_m.tolist()],
        "length_m": round(measured.length_m, 4),
        "area_m2": None if measured.area_m2 is None else round(measured.area_m2, 4),
        "ground": {"length_m": round(measured.ground_m, 4), "area_m2": measured.ground_m2}
        if measured.distorted
        else None,
    }
