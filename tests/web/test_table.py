"""The map's rows as a table, for whoever cannot use a map: what it lists, in which order, for whom."""

import re
from datetime import date

import pytest
import shapely
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gisplatform import clock
from gisplatform.access import Role
from gisplatform.crs import REGISTER_SRID, to_wgs84
from layers.cameras.models import Camera
from layers.tables import MOST
from planning.plans.models import PlanState
from tests.factories import (
    days,
    end_parcel,
    make_camera,
    make_edge,
    make_organisation,
    make_parcel,
    make_plan,
    make_unit,
    make_user,
    make_zone,
    place,
    rectangle,
)

pytestmark = pytest.mark.django_db


def rows(client, **asked) -> list[dict]:
    """The rows of the table that the map's script gets."""
    answer = client.get("/table.json", asked)
    assert answer.status_code == 200, answer.content
    return answer.json()["rows"]


def codes(client, **asked) -> list[str]:
    return [row["code"] for row in rows(client, **asked)]


def view(x: float, y: float, width: float, height: float) -> str:
    """The view of a map that shows a rectangle, in metres from the corner."""
    return ",".join(f"{degrees:.7f}" for degrees in to_wgs84(shape(x, y, width, height)).bounds)


def shape(x: float, y: float, width: float, height: float):
    return shapely.from_wkb(bytes(rectangle(x, y, width, height).wkb))


def test_the_table_lists_what_the_map_shows(client):
    near, far = make_parcel(boundary=rectangle(0, 0)), make_parcel(boundary=rectangle(500, 0))
    across = make_parcel(boundary=rectangle(95, 0))  # its western part is in the view
    beside = make_parcel(boundary=rectangle(-41, 0))
    assert set(codes(client, bbox=view(0, -10, 100, 100))) == {near.code, across.code}
    assert set(codes(client)) == {near.code, far.code, across.code, beside.code}


def test_numbers_are_sorted_as_people_count(client):
    for number in ("10", "9", "100"):
        make_parcel(sheet="7", number=number)
    assert codes(client, sort="number") == ["20194-7-9", "20194-7-10", "20194-7-100"]
    assert codes(client) == ["20194-7-9", "20194-7-10", "20194-7-100"]  # by code, as nothing else is asked
    make_parcel(sheet="7", number="3", boundary=rectangle(0, 0, 10, 10))
    assert codes(client, sort="-area_measured_m2")[-1] == "20194-7-3"


def test_names_are_sorted_as_in_vietnamese(client):
    for name in ("Phường Đa", "Phường Xa", "Phường Ất", "Phường Dạ"):
        make_unit(name=name, code=f"2{name[-2:]}")
    listed = [row["name"] for row in rows(client, layer="administrative_units", sort="name")]
    assert listed == ["Phường Ất", "Phường Dạ", "Phường Đa", "Phường Xa"]


def test_filters_take_parts_of_texts_and_ranges_of_numbers(client):
    rice = make_parcel(land_use_codes=["LUC"], boundary=rectangle(0, 0, 100, 100))
    house = make_parcel(land_use_codes=["ODT", "CLN"], sheet="17")
    assert codes(client, **{"f-land_use": "luc"}) == [rice.code]
    assert codes(client, **{"f-land_use": "odt+"}) == [house.code]
    assert codes(client, **{"f-sheet": "7"}) == [rice.code]  # a number is the whole of it, not a part of 17
    for asked, found in {">5000": rice, "<5.000": house, "900-1.100": house, "10000": rice, "≤ 1000,5": house}.items():
        assert codes(client, **{"f-area_measured_m2": asked}) == [found.code], asked
    assert codes(client, **{"f-area_measured_m2": "5,000-20,000", "f-land_use": "ODT"}) == []


def test_filters_know_the_words_of_codes(client):
    plan = make_plan()
    draft = make_plan(PlanState.DRAFT)
    client.force_login(make_user(Role.PLANNER))
    zone, sketch = make_zone(plan), make_zone(draft)
    assert [row["id"] for row in rows(client, layer="zones", **{"f-state": "adopted"})] == [zone.identity]
    assert [row["id"] for row in rows(client, layer="zones", **{"f-state": "du thao"})] == [sketch.identity]


def test_each_person_sees_his_rows_and_no_others(client):
    ours, theirs = make_organisation(), make_organisation()
    mine = make_edge(ours)
    make_edge(theirs)
    assert client.get("/table.json", {"layer": "network_edges"}).status_code == 404
    client.force_login(make_user(Role.UTILITY, organisation=ours))
    assert [row["id"] for row in rows(client, layer="network_edges")] == [mine.identity]


def test_positions_that_are_not_told_exactly_are_not_told_by_a_table_either(client):
    camera: Camera = make_camera(make_organisation())
    east, north = camera.position.coords
    lon, lat = to_wgs84(shapely.Point(east, north)).coords[0]
    [row] = rows(client, layer="cameras")
    assert row["position"] != pytest.approx([lon, lat], abs=1e-6)
    # Nor by asking for ever smaller views around where it may be.
    assert rows(client, layer="cameras", bbox=f"{lon - 1e-5},{lat - 1e-5},{lon + 1e-5},{lat + 1e-5}") == []
    assert client.get("/table.json", {"layer": "cameras", "sort": "bearing_deg"}).status_code == 422
    client.force_login(make_user(Role.OPERATOR))
    [row] = rows(client, layer="cameras")
    assert row["position"] == pytest.approx([lon, lat], abs=1e-6)


def test_the_table_of_another_day(client):
    ended = end_parcel(make_parcel(valid_during=days(date(2020, 1, 1))), date(2024, 5, 1))
    assert codes(client) == []
    [row] = rows(client, as_of="2024-04-30")
    assert row["code"] == ended.code
    assert row["url"].endswith("?as_of=2024-04-30")
    assert "date=2024-04-30" in row["map_url"]


def test_cells_are_words_and_units_stand_in_the_heading(client):
    make_parcel(area_document_m2=1234.5)
    client.cookies["django_language"] = "vi"
    told = client.get("/table.json").json()
    area = next(column for column in told["columns"] if column["name"] == "area_document_m2")
    assert area["numeric"]
    assert area["title"].endswith("(m²)")
    assert told["rows"][0]["cells"][told["columns"].index(area)] == "1.234,5"
    make_plan()
    [plan] = rows(client, layer="plans")
    assert "Đã phê duyệt" in plan["cells"]


def many_parcels(count: int) -> None:
    """Parcels of 5 m × 20 m in rows of 100."""
    east, north = place(0, 0)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO parcels_parcel (valid_during, commune_code, sheet, number, suffix, old_sheet, old_number,"
            " land_use_codes, boundary)"
            " SELECT '[2020-01-01,)', '20194', (i / 100)::text, (i %% 100)::text, 0, '', '', '{ODT}',"
            " ST_Multi(ST_MakeEnvelope(%(x)s + i %% 100 * 5, %(y)s + i / 100 * 20, %(x)s + i %% 100 * 5 + 5,"
            " %(y)s + i / 100 * 20 + 20, %(srid)s)) FROM generate_series(0, %(last)s) AS i",
            {"x": east, "y": north, "srid": REGISTER_SRID, "last": count - 1},
        )


def test_too_many_rows_are_said_to_be_too_many(client):
    many_parcels(MOST + 1)
    told = client.get("/table.json", {"sort": "-number", "page": 7}).json()
    assert told["more"]
    assert told["pages"] == told["page"] == 1
    assert "10" in told["count"]
    assert len(told["rows"]) == 50
    # The page says so too, and offers no order that would not be one.
    page = client.get("/table").content.decode()
    assert "note-warning" in page
    assert "sort=" not in page
    # In a smaller area there are few enough.
    told = client.get("/table.json", {"bbox": view(1, 1, 198, 98), "sort": "number"}).json()
    assert (told["more"], told["pages"]) == (False, 4)  # 40 × 5 parcels
    assert [row["code"].split("-")[2] for row in told["rows"][:5]] == ["0"] * 5


def test_the_rows_of_a_view_come_through_the_index_of_the_map(client):
    many_parcels(2000)
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as asked:
        client.get("/table.json", {"bbox": view(1, 1, 48, 38)})
        [query] = [query["sql"] for query in asked if '"published"."parcels"' in query["sql"]]
        cursor.execute("ANALYZE parcels_parcel")
        cursor.execute(f"EXPLAIN {query}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "parcels_parcel_map" in plan


def test_pages_hold_every_row_once(client):
    many_parcels(120)
    found = [code for page in (1, 2, 3) for code in codes(client, sort="land_use", page=page)]
    assert len(found) == len(set(found)) == 120
    told = client.get("/table.json", {"page": 99}).json()
    assert (told["page"], len(told["rows"])) == (3, 20)


@pytest.mark.parametrize(
    "asked",
    [{"layer": "nothing"}, {"sort": "boundary"}, {"sort": "id"}, {"f-nothing": "1"}, {"f-area_measured_m2": "large"},
     {"page": "0"}, {"page": "x"}, {"page": "1" * 9}, {"bbox": "1,2,3"}, {"bbox": "a,b,c,d"}, {"as_of": "yesterday"},
     {"thing": "zones/1"}, {"thing": "x"}, {"f-code": "x" * 101}, {"f-area_measured_m2": "1..2..3"}],
)  # fmt: skip
def test_a_faulty_question_gets_one_clear_answer(client, asked):
    answer = client.get("/table.json", asked)
    assert answer.status_code in (404, 422)
    assert answer.json()["error"]["message"]
    assert client.get("/table", asked, headers={"accept": "text/html"}).status_code == answer.status_code


def test_the_page_works_by_links_and_a_form_alone(client):
    commune = make_unit(name="Phường Giữa", code="20194", boundary=rectangle(-10, -10, 200, 200))
    inside, outside = make_parcel(boundary=rectangle(0, 0)), make_parcel(boundary=rectangle(900, 900))
    page = client.get("/table").content.decode()
    assert inside.code in page
    assert outside.code in page
    # A commune is chosen in the form; what the form sends is an address that can be kept.
    assert f'value="administrative_units/{commune.identity}"' in page
    page = client.get(
        "/table", {"thing": f"administrative_units/{commune.identity}", "f-land_use": "odt"}
    ).content.decode()
    assert inside.code in page
    assert outside.code not in page
    assert "Phường Giữa" in page
    # The filter stands above as a chip whose link takes it out.
    chips = re.search(r'class="table-chips".*?</ul>', page, re.S)
    assert chips
    assert re.search(r'href="/table\?layer=parcels&amp;thing=administrative_units%2F\d+"', chips[0])
    # Each row leads to its page and to its place on the map; the whole area can be taken home.
    assert f'href="/parcels/{inside.code}"' in page
    assert f"parcel={inside.code}" in page
    download = re.search(r'href="(/layers/parcels/download\.csv\?[^"]+)"', page)
    assert download
    assert client.get(download[1].replace("&amp;", "&")).status_code == 200


def test_what_a_register_holds_is_never_markup(client):
    make_unit(name="<script>alert(1)</script>", code="20001")
    page = client.get("/table", {"layer": "administrative_units", "f-name": '"><script>'}).content.decode()
    page += client.get("/table", {"layer": "administrative_units"}).content.decode()
    assert "<script>alert" not in page
    assert '"><script>' not in page


def test_what_staff_sees_is_kept_nowhere(client):
    assert "public" in client.get("/table.json")["Cache-Control"]
    client.force_login(make_user(Role.PLANNER))
    assert "no-store" in client.get("/table.json", {"as_of": clock.today().isoformat()})["Cache-Control"]
