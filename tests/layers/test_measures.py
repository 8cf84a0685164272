"""Lengths and areas are those of the cadastre: the plane of the register's VN-2000 zone, not the map's Mercator."""

import numpy as np
import pytest
import shapely
from django.test import Client

from gisplatform.crs import REGISTER_ZONE
from layers.measures import MOST_POINTS
from tests.factories import CORNER, place
from tests.layers.drawing import lonlat


def measured(points: list[list[float]], closed: bool = False):
    return Client().post("/measure.json", {"points": points, "closed": closed}, "application/json")


def test_a_course_is_as_long_as_in_the_register():
    # 30 m east, 40 m north, then back by the diagonal.
    found = measured(lonlat((0, 0), (30, 0), (30, 40))).json()
    assert found["legs_m"] == pytest.approx([30, 40], abs=0.001)
    assert found["length_m"] == pytest.approx(70, abs=0.001)
    assert found["area_m2"] is None
    assert found["ground"] is None
    assert found["crs"] == {"epsg": REGISTER_ZONE.epsg, "name": REGISTER_ZONE.name}
    assert found["places"][0] == {
        "easting": pytest.approx(CORNER[0], abs=0.001),
        "northing": pytest.approx(CORNER[1], abs=0.001),
    }


def test_a_closed_course_has_an_area_and_a_perimeter():
    found = measured(lonlat((0, 0), (30, 0), (30, 40)), closed=True).json()
    assert found["legs_m"] == pytest.approx([30, 40, 50], abs=0.001)
    assert found["length_m"] == pytest.approx(120, abs=0.001)
    assert found["area_m2"] == pytest.approx(600, rel=1e-6)


def test_a_large_area_agrees_with_shapely_in_the_register():
    # A star of some 20 km²: what shapely finds in the register's metres, to a millimetre and a millionth.
    turns = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    radii = np.where(np.arange(40) % 2, 1700.0, 3300.0)
    corners = [(r * np.cos(t), r * np.sin(t)) for r, t in zip(radii, turns, strict=True)]
    shape = shapely.Polygon([place(x, y) for x, y in corners])
    found = measured(lonlat(*corners), closed=True).json()
    assert found["area_m2"] == pytest.approx(shape.area, rel=1e-6)
    assert found["length_m"] == pytest.approx(shape.length, abs=0.001)


def test_far_from_the_meridian_the_ground_is_told_too():
    # Hà Nội lies 1.9° from the meridian of the tests' register, where the plane is hardly longer; Điện Biên 4.7°.
    near = measured([[105.85, 21.03], [105.86, 21.03]]).json()
    assert near["ground"] is None
    far = measured([[103.02, 21.38], [103.03, 21.38]]).json()
    assert far["length_m"] / far["ground"]["length_m"] == pytest.approx(1.0029, abs=0.0005)


def test_a_crossed_outline_says_where():
    [[lon, lat]] = lonlat((5, 5))
    reply = measured(lonlat((0, 0), (10, 10), (10, 0), (0, 10)), closed=True)
    assert reply.status_code == 422
    error = reply.json()["error"]
    assert error["code"] == "crosses_itself"
    assert error["at"] == pytest.approx([lon, lat], abs=1e-6)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"points": "here"},
        {"points": []},
        {"points": [[1, 2, 3]]},
        {"points": [[108.2, None]]},
        {"points": [[16.05, 108.2]]},  # latitude first
        {"points": [[float("nan"), 16.05]]},
        {"points": [[108.2, 16.05]] * (MOST_POINTS + 1)},
        {"points": [[108.2, 16.05], [108.3, 16.05]], "closed": True},
        [],
    ],
)
def test_what_is_no_course_gets_one_clear_error(body):
    reply = Client().post("/measure.json", body, "application/json")
    assert reply.status_code == 422
    assert len(reply.json()["error"]["message"]) > 20


def test_a_body_of_any_size_is_refused_by_its_size():
    reply = Client().post("/measure.json", " " * 3_000_000, "application/json")
    assert reply.status_code == 422


def test_another_site_cannot_make_a_visitor_ask(db):
    reply = Client(enforce_csrf_checks=True).post("/measure.json", {"points": []}, "application/json")
    assert reply.status_code == 403
