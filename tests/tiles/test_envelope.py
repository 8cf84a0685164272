"""The box of a tile in the register: nothing that is drawn may lie outside it, and no place on Earth is an error."""

import math

import numpy as np
import pyproj
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gisplatform import crs
from tiles.envelope import BUFFER, lonlat_bounds, register_box, tile_lonlat

WGS84 = pyproj.CRS.from_epsg(4326)


@st.composite
def tiles(draw):
    z = draw(st.integers(0, 20))
    return z, draw(st.integers(0, 2**z - 1)), draw(st.integers(0, 2**z - 1))


@given(tiles())
def test_no_tile_on_earth_is_an_error(tile):
    box = register_box(*tile)
    if box is not None:
        west, south, east, north = box
        assert west < east
        assert south < north
        assert all(math.isfinite(value) and abs(value) < 2.5e7 for value in box)


@given(st.integers(4, 20), st.floats(100, 120), st.floats(3, 25), st.integers(0, 2**32))
def test_the_box_holds_everything_in_the_tile_and_its_buffer(z, lon, lat, seed):
    size = 2**z
    x = int((lon + 180) / 360 * size)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * size)
    west, south, east, north = tile_lonlat(z, x, y, BUFFER)
    chance = np.random.default_rng(seed)
    # As far as tiles of low zooms reach, only the near side of the globe counts.
    lons = np.clip(chance.uniform(west, east, 300), 50, 165)
    lats = np.clip(chance.uniform(south, north, 300), -80, 80)
    inside = (lons >= west) & (lons <= east) & (lats >= south) & (lats <= north)
    places = crs.to_register(shapely.points(lons[inside], lats[inside]), WGS84)
    assert shapely.within(places, shapely.box(*register_box(z, x, y))).all()


def test_a_box_is_not_much_larger_than_its_tile():
    west, south, east, north = register_box(16, 52466, 29812)
    side_m = 2 * math.pi * 6378137 / 2**16 * math.cos(math.radians(16.03)) * (1 + 2 * BUFFER / 4096)
    assert side_m < east - west < side_m * 1.03
    assert side_m < north - south < side_m * 1.03


def test_the_far_side_of_the_globe_is_found_too():
    # New York lies behind the pole, seen from the zone; a test file from there is drawn where it belongs.
    x, y = crs.wgs84_to_register(-73.98, 40.75)
    size = 2**14
    column = int((-73.98 + 180) / 360 * size)
    row = int((1 - math.asinh(math.tan(math.radians(40.75))) / math.pi) / 2 * size)
    west, south, east, north = register_box(14, column, row)
    assert west < x < east
    assert south < y < north
    assert east - west < 3000
    bounds = lonlat_bounds((x - 100, y - 100, x + 100, y + 100))
    assert bounds[0] < -73.98 < bounds[2]
    assert bounds[1] < 40.75 < bounds[3]


def test_places_that_are_nowhere_have_no_bounds():
    assert lonlat_bounds((1e9, 1e9, 2e9, 2e9)) is None
