"""A map on paper is true to scale: what MapLibre draws is compared with the register's own plane."""

import math

import pytest
import shapely

from gisplatform.crs import REGISTER_ZONE, to_wgs84
from tests.factories import make_unit, rectangle
from web.paper import EARTH_RADIUS_M, PX_MM, TILE_PX, Placement, fitting, placed

PLACES = [(108.2, 16.05), (REGISTER_ZONE.meridian, 16.0), (106.7, 10.7), (105.8, 21.0)]


def on_paper(placement: Placement, centre: tuple[float, float], lon: float, lat: float) -> tuple[float, float]:
    """Where MapLibre's picture has a place, in millimetres right of and above the middle of the paper."""

    def mercator(lon: float, lat: float) -> tuple[float, float]:
        return EARTH_RADIUS_M * math.radians(lon), EARTH_RADIUS_M * math.asinh(math.tan(math.radians(lat)))

    pixels = TILE_PX * 2**placement.zoom / (2 * math.pi * EARTH_RADIUS_M)
    (x, y), (middle_x, middle_y) = mercator(lon, lat), mercator(*centre)
    right, up, turn = (x - middle_x) * pixels, (y - middle_y) * pixels, math.radians(placement.bearing)
    return (
        (right * math.cos(turn) - up * math.sin(turn)) * PX_MM,
        (right * math.sin(turn) + up * math.cos(turn)) * placement.stretch * PX_MM,
    )


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("scale", "tolerance_mm"), [(500, 0.02), (10_000, 0.02), (50_000, 0.05)])
def test_a_millimetre_is_as_long_as_the_scale_says_whichever_way(place, scale, tolerance_mm):
    placement = placed(*place, scale=scale, width_mm=200, height_mm=200)
    assert placement
    for right, up in [(100, 0), (0, 100), (-100, 0), (0, -100), (100, 100), (-100, 100)]:
        there = to_wgs84(
            shapely.Point(placement.easting + right * scale / 1000, placement.northing + up * scale / 1000)
        )
        assert on_paper(placement, place, there.x, there.y) == pytest.approx((right, up), abs=tolerance_mm)


def test_what_is_on_the_paper_is_told_in_degrees():
    placement = placed(108.2, 16.05, scale=1000, width_mm=200, height_mm=100)
    assert placement
    west, south, east, north = placement.bounds
    assert (east - west) * 107_000 == pytest.approx(200, rel=0.01)
    assert (north - south) * 110_700 == pytest.approx(100, rel=0.01)


def test_a_view_fits_at_a_scale_that_can_be_said():
    box = to_wgs84(shapely.box(500_000, 1_775_000, 501_234, 1_775_500)).bounds
    scale = fitting(box, width_mm=200, height_mm=150)
    assert scale == 6200  # 1234 m on 200 mm is 1:6170
    assert fitting((-180, -85, 180, 85), width_mm=200, height_mm=150) == 1_000_000
    assert fitting((108, 16, 108.0000001, 16.0000001), width_mm=200, height_mm=150) == 100


@pytest.mark.django_db
def test_the_paper_names_its_communes(client):
    make_unit(name="Phường Giữa", code="20194", boundary=rectangle(-100, -100, 200, 200))
    make_unit(name="Phường Xa", code="20195", boundary=rectangle(5000, 5000, 200, 200))
    asked = {"lon": 108.2, "lat": 16.05, "scale": 1000, "width": 200, "height": 150}
    assert client.get("/print/placement.json", asked).json()["communes"] == ["Phường Giữa"]
    told = client.get("/print/placement.json", asked | {"fit": "108.1,16,108.3,16.1"}).json()
    assert told["communes"] == ["Phường Giữa", "Phường Xa"]
    assert told["scale"] > 50_000


@pytest.mark.django_db
@pytest.mark.parametrize(
    "faulty",
    [{"scale": "0"}, {"scale": "x"}, {"lon": "nan"}, {"lon": "181"}, {"lat": "90"}, {"width": "0"}, {"height": "1e9"},
     {"fit": "1,2,3"}, {"fit": "108,16,107,17"}, {"as_of": "x"}, {"lat": ""}],
)  # fmt: skip
def test_a_faulty_paper_is_refused_in_words(client, faulty):
    asked = {"lon": 108.2, "lat": 16.05, "scale": 1000, "width": 200, "height": 150}
    answer = client.get("/print/placement.json", asked | faulty)
    assert answer.status_code == 422
    assert answer.json()["error"]["message"]
