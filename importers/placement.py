"""Where a file says that its parcels lie, and whether that can be: wrong declarations are caught, never corrected."""

from dataclasses import dataclass, field

import numpy as np
import pyproj
import shapely
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gisplatform import crs
from gisplatform.errors import InvalidInput, UnknownCRS

AREA_MARGIN_DEG = 1.0  # surveys reach over the edge of the area that a system is made for
AREAL_SCALE_ERROR_MOST = 0.002  # of an area measured in the register's system
WRONG_FILE_SHARE = 0.5  # more rows than this in an impossible place: the declaration is wrong, not the rows


def declared(text: str | None, file_name: str) -> pyproj.CRS:
    """The coordinate system of a file or of --crs. Raises UnknownCRS if there is none, or none on the map."""
    if not text:
        raise UnknownCRS(
            _("%(file)s: the file does not say which coordinate system it is in. Give it with --crs, for example"
              " --crs EPSG:%(epsg)d (%(name)s).")
            % {"file": file_name, "epsg": crs.REGISTER_ZONE.epsg, "name": crs.REGISTER_ZONE.name},
            file=file_name,
        )  # fmt: skip
    try:
        system = crs.parse_crs(text)
    except UnknownCRS as unknown:
        raise UnknownCRS(f"{file_name}: {unknown}", file=file_name) from None
    if not _on_the_map(system):
        raise UnknownCRS(
            _("%(file)s: “%(crs)s” is no coordinate system of the map. Give the right one with --crs.")
            % {"file": file_name, "crs": system.name},
            file=file_name,
        )
    return system


def _on_the_map(system: pyproj.CRS) -> bool:
    """Whether positions on Earth can be had from it: no drawing, no height, no other planet."""
    if not (system.is_geographic or system.is_projected):
        return False
    try:
        crs.to_register(shapely.Point(0, 0), system)
    except pyproj.exceptions.ProjError:
        return False
    return True


def name(system: pyproj.CRS) -> str:
    """EPSG code and name, or the name alone."""
    epsg = system.to_epsg(min_confidence=100)
    return f"EPSG:{epsg} ({system.name})" if epsg else system.name


@dataclass
class Placement:
    """Gathers, batch by batch, where the polygons of one file lie."""

    system: pyproj.CRS
    file_name: str
    polygons: int = 0
    outside: int = 0
    not_true: int = 0
    abroad: int = 0
    raw_bounds: np.ndarray = field(default_factory=lambda: np.array([np.inf, np.inf, -np.inf, -np.inf]))
    places: list[np.ndarray] = field(default_factory=list)

    def locate(self, raw: np.ndarray, placed: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Check one batch.

        raw     (n,) polygons in the file's own coordinates
        placed  (n,) the same in the register's system
        Returns (n, 2) lon, lat of each one's middle (WGS 84, nan where there is none), (n,) bool: outside the area
        of its coordinate system, and (n,) bool: where the register's system does not measure truly.
        """
        bounds = shapely.bounds(raw)
        middle = _middle(shapely.bounds(placed))
        lonlat = shapely.get_coordinates(crs.to_wgs84(shapely.points(np.where(np.isfinite(middle), middle, 0.0))))
        lonlat[~np.isfinite(middle).all(axis=1)] = np.nan
        outside = self._outside(bounds, lonlat)
        inside = np.flatnonzero(~outside)
        not_true = np.zeros(len(raw), dtype=bool)
        if len(inside):
            scale = crs.register_areal_scale(lonlat[inside, 0], lonlat[inside, 1])
            not_true[inside[np.abs(scale - 1) > AREAL_SCALE_ERROR_MOST]] = True
        west, south, east, north = crs.COUNTRY_EXTENT
        within = (lonlat >= [west, south]).all(axis=1) & (lonlat <= [east, north]).all(axis=1)
        if len(raw):
            self.raw_bounds[:2] = np.minimum(self.raw_bounds[:2], bounds[:, :2].min(axis=0))
            self.raw_bounds[2:] = np.maximum(self.raw_bounds[2:], bounds[:, 2:].max(axis=0))
        self.polygons += len(raw)
        self.outside += int(outside.sum())
        self.not_true += int(not_true.sum())
        self.abroad += int((~within & ~outside & ~not_true).sum())
        self.places.append(lonlat[~within & ~outside])
        return lonlat, outside, not_true

    def _outside(self, bounds: np.ndarray, lonlat: np.ndarray) -> np.ndarray:
        outside = ~np.isfinite(lonlat).all(axis=1)
        if self.system.is_geographic:
            outside |= (np.abs(bounds[:, [0, 2]]) > 180).any(axis=1) | (np.abs(bounds[:, [1, 3]]) > 90).any(axis=1)
        area = self._area()
        if area:
            west, south, east, north = area
            lon, lat = lonlat.T
            outside |= (lat < south - AREA_MARGIN_DEG) | (lat > north + AREA_MARGIN_DEG)
            # An area over the 180th meridian has its west east of its east.
            width = (east - west) % 360 or 360
            outside |= (lon - west + AREA_MARGIN_DEG) % 360 > width + 2 * AREA_MARGIN_DEG
        return outside

    def _area(self) -> tuple[float, float, float, float] | None:
        if self.system.is_geographic and crs.is_vn2000(self.system):
            return crs.COUNTRY_EXTENT  # EPSG leaves out the islands
        use = self.system.area_of_use
        return use.bounds if use else None

    def verdict(self) -> list[str]:
        """Warnings about the file as a whole. Raises InvalidInput where its declaration cannot be right."""
        words = {
            "file": self.file_name,
            "crs": name(self.system),
            "x": f"{self.raw_bounds[0]:g} – {self.raw_bounds[2]:g}",
            "y": f"{self.raw_bounds[1]:g} – {self.raw_bounds[3]:g}",
            "place": self._place(),
            "register": crs.REGISTER_ZONE.name,
            "rows": self.outside,
        }
        if self.outside > WRONG_FILE_SHARE * self.polygons:
            raise InvalidInput(self._impossible() % words, file=self.file_name, problem="impossible_place")
        if self.not_true > WRONG_FILE_SHARE * self.polygons:
            sentence = _(
                "%(file)s: the parcels lie near %(place)s, too far from the meridian of the register (%(register)s):"
                " areas would come out wrong by more than 0.2 %%. Check the coordinate system, or load them into the"
                " platform of the province that they belong to."
            )
            raise InvalidInput(sentence % words, file=self.file_name, problem="not_true")
        if not self.abroad:
            return []
        sentence = ngettext(
            "%(file)s: %(abroad)d parcel lies outside Viet Nam, near %(place)s.",
            "%(file)s: %(abroad)d parcels lie outside Viet Nam, near %(place)s.",
            self.abroad,
        )
        return [sentence % {**words, "abroad": self.abroad}]

    def _impossible(self) -> str:
        """The sentence for a file most of which lies where its coordinate system is not used."""
        west, south, east, north = self.raw_bounds
        as_degrees = max(abs(west), abs(east)) <= 180 and max(abs(south), abs(north)) <= 90
        if self.system.is_projected and as_degrees:
            return _(
                "%(file)s: the coordinates are declared as metres in %(crs)s but look like degrees (x %(x)s,"
                " y %(y)s). Give the right system, for example --crs EPSG:4326."
            )
        if self.system.is_geographic and max(abs(west), abs(east)) <= 90 and 90 < max(abs(south), abs(north)) <= 180:
            return _(
                "%(file)s: the axes seem to be swapped: %(crs)s allows latitudes up to 90°, the file has x %(x)s,"
                " y %(y)s. Export it again with longitude first."
            )
        if self.system.is_geographic and max(abs(self.raw_bounds)) > 180:
            return _(
                "%(file)s: the coordinates are declared as degrees in %(crs)s but look like metres (x %(x)s,"
                " y %(y)s). Give the right system with --crs, for example EPSG:5899."
            )
        return _(
            "%(file)s: %(rows)d rows lie outside the area in which %(crs)s is used (x %(x)s, y %(y)s)."
            " Check the coordinate system and give the right one with --crs."
        )

    def _place(self) -> str:
        """The middle of what lies abroad, as people write it: 40.6° N 74.0° W."""
        places = np.concatenate(self.places) if self.places else np.zeros((0, 2))
        if not len(places):
            return "?"
        lon, lat = np.median(places, axis=0)
        return f"{abs(lat):.1f}° {'N' if lat >= 0 else 'S'} {abs(lon):.1f}° {'E' if lon >= 0 else 'W'}"


def _middle(bounds: np.ndarray) -> np.ndarray:
    """(n, 2) the middles of (n, 4) bounds."""
    with np.errstate(invalid="ignore"):
        return (bounds[:, :2] + bounds[:, 2:]) / 2


def differ(one: str, other: str) -> bool:
    """Whether two statements of a coordinate system mean different ones; what cannot be read differs."""
    try:
        return not pyproj.CRS.from_user_input(one).equals(pyproj.CRS.from_user_input(other), ignore_axis_order=True)
    except pyproj.exceptions.CRSError:
        return True
