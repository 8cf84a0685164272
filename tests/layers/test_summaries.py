"""What lies in a drawn area: numbers that can be checked by hand."""

from datetime import date

import pytest

from gisplatform.access import Role
from layers.outlines import MOST_CORNERS
from layers.parcels.models import LandUseCode
from planning.plans.models import PlanState, ZoneFunction
from tests.factories import (
    days,
    line,
    make_building,
    make_camera,
    make_edge,
    make_node,
    make_organisation,
    make_parcel,
    make_plan,
    make_street,
    make_unit,
    make_user,
    make_zone,
    place,
    point,
    rectangle,
)
from tests.layers.drawing import box, drawn

pytestmark = pytest.mark.django_db


def ask(client, **asked):
    return client.post("/summary.json", asked, "application/json", headers={"accept-language": "en"})


def summary(client, **asked):
    """The layers of a summary by their key."""
    reply = ask(client, **asked)
    assert reply.status_code == 200, reply.content
    return {found["key"]: found for found in reply.json()["layers"]}


def test_parcels_are_told_by_land_use_and_cut_at_the_outline(client):
    # The area is 100 m × 50 m. One lot lies inside, one half, one touches it from outside, one is far away.
    make_parcel(boundary=rectangle(0, 0, 20, 30), land_use_codes=["ODT"])
    make_parcel(boundary=rectangle(20, 0, 20, 30), land_use_codes=["ODT", "CLN"])
    make_parcel(boundary=rectangle(90, 0, 20, 30), land_use_codes=["ODT"])
    make_parcel(boundary=rectangle(100, 30, 20, 20), land_use_codes=["ODT"])
    make_parcel(boundary=rectangle(300, 0, 20, 30), land_use_codes=["ODT"])
    parcels = summary(client, geometry=box(0, 0, 100, 50))["parcels"]
    assert parcels["count"] == 3
    assert parcels["area_m2"] == pytest.approx(600 + 600 + 300, abs=0.01)
    assert parcels["share_percent"] == pytest.approx(30, abs=0.01)
    residential, mixed = parcels["groups"]
    assert residential["values"] == {"land_use": "ODT"}
    assert residential["titles"] == [f"ODT – {LandUseCode.objects.in_force().get(code='ODT').name_en}"]
    assert (residential["count"], residential["area_m2"]) == (2, pytest.approx(900, abs=0.01))
    assert residential["share_percent"] == pytest.approx(18, abs=0.01)
    assert mixed["titles"][0].startswith("ODT+CLN – ")
    assert (mixed["count"], mixed["area_m2"]) == (1, pytest.approx(600, abs=0.01))


def test_an_area_with_a_hole_counts_only_what_is_around_it(client):
    make_parcel(boundary=rectangle(10, 10, 10, 10))
    ring, hole = box(0, 0, 100, 50)["coordinates"][0], box(15, 5, 30, 30)["coordinates"][0]
    parcels = summary(client, geometry={"type": "Polygon", "coordinates": [ring, hole]})["parcels"]
    assert parcels["area_m2"] == pytest.approx(50, abs=0.01)


def test_buildings_lines_and_points_each_count_in_their_measure(client):
    make_building(footprint=rectangle(0, 0, 10, 10), storeys=3)
    make_building(footprint=rectangle(20, 0, 10, 10), storeys=3)
    make_building(footprint=rectangle(40, 0, 10, 10), storeys=1)
    make_building(footprint=rectangle(60, 0, 10, 10), storeys=None)
    make_street()  # 200 m, of which 100 m are inside
    make_camera(make_organisation(), position=point(33, 44))
    found = summary(client, geometry=box(0, -20, 100, 70))
    buildings = found["buildings"]
    assert [(group["values"]["storeys"], group["count"]) for group in buildings["groups"]] == [
        (1, 1),
        (3, 2),
        (None, 1),
    ]
    assert buildings["area_m2"] == pytest.approx(400, abs=0.01)
    assert buildings["floor_area_m2"] == pytest.approx(700, abs=0.1)
    assert buildings["floors_unknown"] == 1
    assert (found["streets"]["count"], found["streets"]["length_m"]) == (1, pytest.approx(100, abs=0.001))
    # A citizen is told about where cameras are; the approximate place of this one is outside.
    assert found["cameras"]["approximate"] is True
    assert found["places"] == {**found["places"], "count": 0, "groups": []}


def test_zones_are_told_apart_by_the_state_of_their_plan(client):
    make_zone(make_plan(PlanState.CONSULTATION), boundary=rectangle(0, 0, 100, 50))
    make_zone(make_plan(), boundary=rectangle(0, 0, 60, 50), function="O_Nhomnhao")
    make_zone(make_plan(PlanState.DRAFT), boundary=rectangle(0, 0, 100, 50))
    groups = summary(client, geometry=box(0, 0, 100, 50))["zones"]["groups"]
    # What is in force comes first though it covers less; a citizen learns of no draft.
    assert [group["values"]["state"] for group in groups] == ["adopted", "consultation"]
    assert groups[0]["share_percent"] == pytest.approx(60, abs=0.01)
    assert groups[0]["titles"] == ["Adopted", ZoneFunction.objects.in_force().get(code="O_Nhomnhao").name_en]
    client.force_login(make_user(Role.PLANNER))
    states = [group["values"]["state"] for group in summary(client, geometry=box(0, 0, 100, 50))["zones"]["groups"]]
    assert sorted(states) == ["adopted", "consultation", "draft"]


def test_networks_are_summed_up_for_their_owner_and_for_staff_only(client):
    water, power = make_organisation(), make_organisation()
    make_edge(water, route=line((0, -10), (80, -10)))
    make_edge(power, route=line((0, -12), (60, -12)), network="power", kind="cable")
    make_node(water)
    area = box(-10, -20, 60, 40)
    assert "network_edges" not in summary(client, geometry=area)
    client.force_login(make_user(Role.UTILITY, organisation=water))
    own = summary(client, geometry=area)["network_edges"]
    assert [(group["titles"], group["length_m"]) for group in own["groups"]] == [
        (["Water supply", "Main"], pytest.approx(50, abs=0.001))
    ]
    client.force_login(make_user(Role.OFFICER))
    found = summary(client, geometry=area)
    assert found["network_edges"]["length_m"] == pytest.approx(100, abs=0.001)
    assert {group["values"]["network"] for group in found["network_edges"]["groups"]} == {"water", "power"}
    assert found["network_nodes"]["count"] == 1


def test_a_camera_counts_where_this_person_may_know_it_to_be(client):
    camera = make_camera(make_organisation(), position=point(500, 500))
    camera.refresh_from_db()
    about = camera.approximate_position
    east, north = about.x - place(0, 0)[0], about.y - place(0, 0)[1]
    exactly, roughly = box(499, 499, 2, 2), box(east - 1, north - 1, 2, 2)
    assert summary(client, geometry=exactly)["cameras"]["count"] == 0
    assert summary(client, geometry=roughly)["cameras"]["count"] == 1
    client.force_login(make_user(Role.OPERATOR))
    assert summary(client, geometry=exactly)["cameras"]["count"] == 1
    assert summary(client, geometry=roughly)["cameras"]["count"] == 0


def test_the_summary_is_that_of_the_day_of_the_map(client):
    make_parcel(valid_during=days(date(2020, 1, 1), date(2024, 1, 1)))
    make_parcel(valid_during=days(date(2024, 1, 1)), boundary=rectangle(0, 0, 40, 10))
    area = box(-10, -10, 100, 100)
    assert summary(client, geometry=area)["parcels"]["area_m2"] == pytest.approx(400, abs=0.01)
    assert summary(client, geometry=area, as_of="2023-12-31")["parcels"]["area_m2"] == pytest.approx(1000, abs=0.01)
    assert summary(client, geometry=area, as_of="2019-12-31")["parcels"]["count"] == 0


def test_the_outline_of_a_thing_is_taken_exactly(client):
    zone = make_zone(make_plan(), boundary=rectangle(0, 0, 100, 60), code="OM-7")
    make_parcel(boundary=rectangle(0, 0, 40, 25))
    make_parcel(boundary=rectangle(100, 0, 40, 25))  # the neighbour across the border
    reply = ask(client, thing=f"zones/{zone.identity}").json()
    assert (reply["outline"]["kind"], reply["outline"]["name"]) == ("thing", "OM-7")
    assert reply["outline"]["area_m2"] == 6000
    [parcels] = [found for found in reply["layers"] if found["key"] == "parcels"]
    assert (parcels["count"], parcels["area_m2"]) == (1, 1000)


def test_a_thing_that_a_person_may_not_see_is_as_unknown_as_none(client):
    draft = make_zone(make_plan(PlanState.DRAFT))
    building = make_building()
    errors = set()
    for thing in (f"zones/{draft.identity}", "zones/1", "network_edges/1", "nope/1", "cameras/1", "zones", "zones/-1"):
        reply = ask(client, thing=thing)
        assert reply.status_code == 404
        errors.add(reply.json()["error"]["message"])
    assert len(errors) == 1
    assert ask(client, thing=f"buildings/{building.identity}").status_code == 200


def test_the_view_of_the_map_can_be_summed_up(client):
    make_unit()
    make_parcel()
    found = summary(client, bbox="108.19,16.04,108.21,16.06")
    assert found["parcels"]["count"] == 1
    assert found["administrative_units"]["groups"][0]["titles"] == ["Commune", "Phường Hải Châu"]
    # The whole earth is looked at as far as the country goes.
    assert summary(client, bbox="-180,-85,180,85")["parcels"]["count"] == 1


def test_a_crossed_outline_says_where_and_many_corners_say_how_many(client):
    reply = ask(client, geometry=drawn((0, 0), (10, 10), (10, 0), (0, 10)))
    assert reply.status_code == 422
    assert reply.json()["error"]["code"] == "crosses_itself"
    assert len(reply.json()["error"]["at"]) == 2
    ring = [[108.2 + (i % 7) / 1e5, 16 + i / 1e6] for i in range(MOST_CORNERS + 1)]
    reply = ask(client, geometry={"type": "Polygon", "coordinates": [ring]})
    assert reply.status_code == 422
    assert "10,000" in reply.json()["error"]["message"]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"geometry": "{"},
        {"geometry": {"type": "Point", "coordinates": [108, 16]}},
        {"geometry": {"type": "Polygon", "coordinates": []}},
        {"geometry": {"type": "Polygon", "coordinates": [[[108, 16], [108, 16.1]]]}},
        {"geometry": {"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [5, 7], [1, 2]]]}},
        {"geometry": {"type": "Polygon", "coordinates": [[["a", 2], [3, 4], [5, 7], [1, 2]]]}},
        {"geometry": {"type": "Polygon", "coordinates": [[[108, 16], [108, 16], [108, 16], [108, 16]]]}},
        {"geometry": {"type": "Polygon", "coordinates": [[[None, 16], [108, 16], [108, 17], [None, 16]]]}},
        {"geometry": {"type": "Polygon", "coordinates": [[[float("inf"), 16], [108, 16], [108, 17], [109, 16]]]}},
        {"geometry": {"type": "MultiPolygon", "coordinates": []}},
        {"geometry": {"type": "MultiPolygon", "coordinates": [box(0, 0, 10, 10)["coordinates"], []]}},
        {"geometry": [1]},
        {"bbox": "1,2,3"},
        {"bbox": "108,16,107,17"},
        {"bbox": "1,2,3,4"},
        {"bbox": "nan,16,108,17"},
        {"geometry": box(0, 0, 10, 10), "as_of": "yesterday"},
    ],
)
def test_what_is_no_area_gets_one_clear_error(client, asked):
    reply = ask(client, **asked)
    assert reply.status_code == 422
    assert len(reply.json()["error"]["message"]) > 20
