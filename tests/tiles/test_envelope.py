"""Where a tile lies: as PostGIS has it, with its neighbours edge to edge, and back on the globe in degrees."""

import pyproj
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from gisplatform.crs import WEB_MERCATOR, WGS84
from tiles.envelope import BUFFER, EXTENT, lonlat_bounds, tile_box

TO_MERCATOR = pyproj.Transformer.from_crs(WGS84, WEB_MERCATOR, always_xy=True)


@st.composite
def tiles(draw):
    z = draw(st.integers(0, 20))
    return z, draw(st.integers(0, 2**z - 1)), draw(st.integers(0, 2**z - 1))


@pytest.mark.django_db
def test_a_tile_is_where_postgis_has_it_to_the_last_bit():
    places = [(0, 0, 0), (4, 12, 7), (11, 1639, 931), (16, 52466, 29812), (18, 209867, 119250)]
    with connection.cursor() as cursor:
        for place in places:
            cursor.execute(
                "SELECT ST_XMin(t), ST_YMin(t), ST_XMax(t), ST_YMax(t) FROM ST_TileEnvelope(%s, %s, %s) t", place
            )
            assert cursor.fetchone() == tile_box(*place)


@given(tiles())
def test_the_buffer_reaches_as_far_on_every_side(tile):
    west, south, east, north = tile_box(*tile)
    margin = (east - west) * BUFFER / EXTENT
    grown = (west - margin, south - margin, east + margin, north + margin)
    assert tile_box(*tile, buffer=BUFFER) == pytest.approx(grown, abs=1e-6)


@given(st.floats(-180, 180), st.floats(-85, 85))
def test_bounds_in_degrees_hold_the_place(lon, lat):
    x, y = TO_MERCATOR.transform(lon, lat)
    west, south, east, north = lonlat_bounds((x, y, x, y))
    assert west - 1e-9 <= lon <= east + 1e-9
    assert south - 1e-9 <= lat <= north + 1e-9
    assert max(east - west, north - south) < 3e-6


def test_bounds_end_where_web_mercator_does():
    assert lonlat_bounds((-9e9, -9e9, 9e9, 9e9)) == (-180, -85.051129, 180, 85.051129)
