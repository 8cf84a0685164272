"""A thing of the map by layer and identity, and everything at a place: same person, same rows, whichever door."""

from datetime import date

import pytest
import shapely
from pyproj import Transformer

from gisplatform.access import Role
from gisplatform.crs import REGISTER_ZONE, to_wgs84
from layers.catalogue import layers
from layers.things import ORDER
from planning.plans.models import PlanState
from tests.factories import (
    days,
    end_parcel,
    lines,
    make_address,
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
    make_water,
    make_zone,
    point,
    rectangle,
)  # fmt: skip
from web.strings import PARTS

pytestmark = pytest.mark.django_db


def lonlat(x: float, y: float) -> dict[str, float]:
    """The place x, y metres from the corner, as a query names it."""
    place = to_wgs84(shapely.Point(point(x, y).coords))
    return {"lon": place.x, "lat": place.y}


def layers_at(client, x, y, **query):
    answer = client.get("/at.json", {**lonlat(x, y), **query})
    assert answer.status_code == 200, answer.content
    return [thing["layer"] for thing in answer.json()["things"]]


def test_a_thing_is_told_as_data_and_as_a_page(client):
    street = make_street(name="Nguyễn Hữu Thọ", width_m=21)
    told = client.get(f"/things/streets/{street.identity}.json").json()
    assert (told["layer"], told["id"], told["title"]) == ("streets", street.identity, "Nguyễn Hữu Thọ")
    assert told["properties"]["width_m"] == 21
    assert told["length_m"] == pytest.approx(200)
    assert told["bounds"][0] < told["position"][0] < told["bounds"][2]
    client.cookies["django_language"] = "en"
    page = client.get(told["url"]).content.decode()
    assert "<h1>Nguyễn Hữu Thọ</h1>" in page
    assert "200 m" in page
    assert f"#map=17/{told['position'][1]:.6f}/{told['position'][0]:.6f}&amp;thing=streets/{street.identity}" in page


def test_a_parcel_has_its_answer_instead(client):
    parcel = make_parcel(sheet="12", number="283")
    assert client.get(f"/things/parcels/{parcel.identity}.json").json()["url"] == "/parcels/20194-12-283"
    answer = client.get(f"/things/parcels/{parcel.identity}?as_of=2024-05-01")
    assert (answer.status_code, answer["location"]) == (302, "/parcels/20194-12-283?as_of=2024-05-01")


def test_what_one_may_not_see_is_as_unknown_as_what_is_not_there(client):
    mine, other = make_organisation(), make_organisation()
    own, foreign = make_node(mine), make_node(other)
    draft = make_zone(make_plan(PlanState.DRAFT))

    def told(path):
        answer = client.get(f"/things/{path}.json")
        return answer.status_code, answer.content.replace(path.encode(), b"")

    # A citizen: there is no such layer, there is no such zone.
    assert told(f"network_nodes/{own.identity}") == told("no_such_layer/1")
    assert told(f"network_nodes/{own.identity}")[0] == 404
    assert told(f"zones/{draft.identity}") == told("zones/999999999999999999999999")
    assert client.get(f"/things/network_nodes/{own.identity}").status_code == 404
    # A utility: its own, and nobody else's.
    client.force_login(make_user(Role.UTILITY, organisation=mine))
    assert told(f"network_nodes/{own.identity}")[0] == 200
    assert told(f"network_nodes/{foreign.identity}") == told("network_nodes/999999")
    # A planner sees the draft, and it says that it is one.
    client.force_login(make_user(Role.PLANNER))
    assert told(f"zones/{draft.identity}")[0] == 200
    assert "Dự thảo" in client.get(f"/things/zones/{draft.identity}").content.decode()


def test_a_camera_tells_a_citizen_neither_where_it_hangs_nor_which_it_is(client):
    camera = make_camera(make_organisation(), position=point(33, 44))
    told = client.get(f"/things/cameras/{camera.identity}.json").json()
    assert not told["exact"]
    assert "reference" not in told["properties"]
    page = client.get(f"/things/cameras/{camera.identity}").content.decode()
    assert camera.reference not in page
    client.force_login(make_user(Role.OPERATOR))
    exactly = client.get(f"/things/cameras/{camera.identity}.json").json()
    assert exactly["exact"]
    assert exactly["position"] != told["position"]
    assert exactly["properties"]["reference"] == camera.reference


def test_what_is_gone_says_so_and_shows_the_way_on(client):
    client.cookies["django_language"] = "en"
    parcel = end_parcel(make_parcel(sheet="3", number="4"), date(2025, 3, 1))
    gone = client.get(f"/things/parcels/{parcel.identity}.json")
    assert gone.status_code == 404
    assert gone.json()["error"]["day"] == "2025-02-28"
    assert client.get(f"/things/parcels/{parcel.identity}.json?as_of=2025-02-28").status_code == 200
    street = make_street(valid_during=days(date(2024, 1, 1), date(2025, 1, 1)))
    page = client.get(f"/things/streets/{street.identity}")
    assert page.status_code == 404
    assert "until 31/12/2024" in page.content.decode()
    assert 'href="?as_of=2024-12-31"' in page.content.decode()
    before = client.get(f"/things/streets/{street.identity}?as_of=2023-06-01").content.decode()
    assert "not there yet" in before
    assert 'href="?as_of=2024-01-01"' in before


def test_a_draft_that_was_adopted_later_has_no_days_for_citizens_before(client):
    client.cookies["django_language"] = "en"
    plan = make_plan(PlanState.DRAFT, valid_during=days(date(2024, 1, 1), date(2025, 1, 1)))
    make_plan(identity=plan.identity, code=plan.code, valid_during=days(date(2025, 1, 1)))
    assert "2024" not in client.get(f"/things/plans/{plan.identity}").content.decode()
    assert client.get(f"/things/plans/{plan.identity}.json?as_of=2024-06-01").json()["error"]["day"] == "2025-01-01"
    client.force_login(make_user(Role.PLANNER))
    assert "since 01/01/2024" in client.get(f"/things/plans/{plan.identity}").content.decode()


@pytest.fixture
def corner():
    """Land, a plan, a house, a street along it, a main under the street, a camera, a commune."""
    make_unit()
    make_parcel()
    plan = make_plan()
    make_zone(plan)
    make_building()
    make_address()
    make_street(centreline=make_street().centreline)
    make_water()
    organisation = make_organisation()
    make_edge(organisation)
    make_camera(organisation)
    return organisation


def test_everything_at_a_place_comes_in_the_order_in_which_people_ask(client, corner):
    # 10 m east, 10 m north: in the house on the parcel. The camera stands within the same square of 250 m.
    found = layers_at(client, 10, 10)
    assert found[:3] == ["parcels", "zones", "buildings"]
    assert found[-1] == "administrative_units"
    assert "waters" not in found
    assert "streets" not in found
    # On the line of both streets: each of them, and no parcel although one is 15 m away.
    assert layers_at(client, 30, -15).count("streets") == 2
    assert "parcels" not in layers_at(client, 30, -15)
    # Who asks there means the street, not the zone for traffic that it lies in.
    make_zone(make_plan(), code="GT-1", boundary=rectangle(-50, -30, 200, 25))
    assert layers_at(client, 30, -15)[:3] == ["streets", "streets", "zones"]
    make_street(width_m=14, centreline=lines((-50, -40), (150, -40)))
    assert layers_at(client, 30, -46)[0] == "streets"
    assert "streets" not in layers_at(client, 30, -48)
    # What binds comes before what is only planned, and that before what does not bind any more.
    for state in (PlanState.SUPERSEDED, PlanState.CONSULTATION):
        make_plan(state, boundary=rectangle(-5, -5, 30, 30))
    plans = client.get("/at.json", lonlat(10, 10)).json()["things"]
    states = [thing["properties"]["state"] for thing in plans if thing["layer"] == "plans"]
    assert states == ["adopted", "adopted", "consultation", "superseded"]


def test_the_network_at_a_place_is_for_those_who_see_it(client, corner):
    assert "network_edges" not in layers_at(client, 40, -10)
    client.force_login(make_user(Role.UTILITY, organisation=make_organisation()))
    assert "network_edges" not in layers_at(client, 40, -10)
    client.force_login(make_user(Role.UTILITY, organisation=corner))
    assert "network_edges" in layers_at(client, 40, -10)
    # Before any of it was there, nothing is.
    assert layers_at(client, 40, -10, as_of="2019-01-01") == []


def test_coordinates_are_those_of_the_official_parameters(client):
    told = client.get("/coordinates.json?lon=108.2&lat=16.05").json()
    # Between two VN-2000 systems no shift takes place; to WGS 84 it is the pinned one: within a millimetre and a half.
    pinned = Transformer.from_pipeline(
        f"+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=cart +ellps=WGS84 "
        "+step +inv +proj=helmert +x=-191.90441429 +y=-39.30318279 +z=-111.45032835 +rx=-0.00928836 +ry=0.01975479 "
        "+rz=-0.00427372 +s=0.252906278 +convention=coordinate_frame +step +inv +proj=cart +ellps=WGS84 "
        f"+step {REGISTER_ZONE.projection}"
    )
    easting, northing = pinned.transform(108.2, 16.05)
    assert told["vn2000"]["easting"] == pytest.approx(easting, abs=0.0015)
    assert told["vn2000"]["northing"] == pytest.approx(northing, abs=0.0015)


@pytest.mark.parametrize(
    "query", ["", "lon=108", "lon=a&lat=b", "lon=nan&lat=16", "lon=108&lat=95", "lon=inf&lat=1", "lon=999&lat=16"]
)
def test_a_place_that_is_none_gets_one_clear_error(client, query):
    for address in ("/at.json", "/coordinates.json"):
        answer = client.get(f"{address}?{query}")
        assert answer.status_code == 422
        assert answer.json()["error"]["field"] == "lon"


def test_a_day_that_is_none_gets_one_clear_error(client):
    assert client.get("/things/streets/1.json?as_of=tomorrow").json()["error"]["field"] == "as_of"


def test_staffs_answers_are_kept_nowhere(client):
    street = make_street()
    assert "max-age=60" in client.get(f"/things/streets/{street.identity}.json")["cache-control"]
    client.force_login(make_user(Role.PLANNER))
    assert "no-store" in client.get(f"/things/streets/{street.identity}.json")["cache-control"]


def test_the_order_of_a_click_names_layers_that_there_are():
    assert set(ORDER) <= {layer.key for layer in layers()}


def test_each_word_of_the_scripts_has_one_meaning():
    told = [key for part in PARTS for key in part.strings()]
    assert sorted(told) == sorted(set(told))
