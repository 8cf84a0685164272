"""What may be built here, on parcels that can be worked out by hand: 20 m × 10 m, zones whose edges cut it."""

from datetime import date

import jsonschema
import pytest

from gisplatform.access import Role
from layers.parcels.models import ParcelLineage
from planning.plans.models import PlanState
from tests.answers.schema import ANSWER
from tests.factories import (
    days,
    end_parcel,
    make_address,
    make_parcel,
    make_plan,
    make_unit,
    make_user,
    make_zone,
    point,
    rectangle,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def lot():
    """A parcel of 20 m × 10 m = 200 m²."""
    return make_parcel(sheet="12", number="283", boundary=rectangle(0, 0, 20, 10))


def answer(client, code="20194-12-283", **query):
    response = client.get(f"/parcels/{code}.json", query)
    assert response.status_code == 200, response.content
    document = response.json()
    jsonschema.validate(document, ANSWER, format_checker=jsonschema.FormatChecker())
    return document


def test_a_citizen_reads_what_may_be_built_on_a_lot_inside_one_zone(client, lot):
    plan = make_plan(code="480126100007", title="Quy hoạch phân khu Hòa Xuân")
    make_zone(plan, code="OM-1", function="O_Nhomnhao", storeys_max=5, density_max_percent=80, floor_area_ratio_max=4)
    make_unit(code="20194", name="Phường Hải Châu")

    found = answer(client)

    [zone] = found["zones"]
    assert (zone["code"], zone["share_percent"], zone["area_m2"]) == ("OM-1", 100, 200)
    assert zone["function"] == {"code": "O_Nhomnhao", "name": "Đất nhóm nhà ở", "colour": "#cc9900"}
    assert (zone["plan"]["code"], zone["plan"]["decision_ref"]) == ("480126100007", "12/QĐ-UBND")
    limits = {limit["key"]: (limit["value"], limit["unit"]) for limit in zone["indicators"]}
    assert limits == {"storeys_max": (5, ""), "density_max_percent": (80, "%"), "floor_area_ratio_max": (4, "")}
    assert found["planning"]["status"] == "applies"
    assert found["planning"]["uncovered_percent"] == 0
    assert found["planning"]["note"] == ""
    assert found["commune"] == {"code": "20194", "name": "Phường Hải Châu"}
    assert found["area_measured_m2"] == 200
    assert found["coming"] == found["drafts"] == []


def test_the_least_and_the_most_storeys_are_one_limit_and_people_are_none(client, lot):
    make_zone(make_plan(), function="O_Nhomnhao", storeys_min=3, storeys_max=5, setback_m=2.5, population=1200)
    [zone] = answer(client)["zones"]
    assert [(limit["key"], limit["words"]) for limit in zone["limits"]] == [
        ("storeys", "từ 3 đến 5 tầng"), ("setback_m", "2,5 m"),
    ]  # fmt: skip
    assert zone["population"] == 1200
    [sentence] = answer(client)["planning"]["headline"]
    assert sentence.endswith(": từ 3 đến 5 tầng, lùi 2,5 m so với chỉ giới đường đỏ.")
    page = client.get("/parcels/20194-12-283").content.decode()
    assert "Dân số theo quy hoạch của cả ô</dt><dd>1.200</dd>" in page
    assert 'fill="#cc9900" fill-opacity="0.4"' in page  # as the map draws it, on its ground


def test_a_lot_across_two_zones_gets_both_with_their_shares(client, lot):
    plan = make_plan()
    make_zone(plan, code="OM", boundary=rectangle(-50, -50, 65, 100))  # 15 m of 20 m
    make_zone(plan, code="GT", boundary=rectangle(15, -50, 50, 100))  # the other 5 m

    zones = answer(client)["zones"]

    assert [(zone["code"], zone["share_percent"], zone["area_m2"]) for zone in zones] == [
        ("OM", 75, 150),
        ("GT", 25, 50),
    ]


def test_shares_of_thirds_add_up_to_the_whole(client, lot):
    # 66.67 + 66.67 + 66.66 m²: each is 33.3 % by itself, and together they are all of it.
    plan = make_plan()
    make_zone(plan, code="A", boundary=rectangle(-50, -50, 50 + 20 / 3, 100))
    make_zone(plan, code="B", boundary=rectangle(20 / 3, -50, 20 / 3, 100))
    make_zone(plan, code="C", boundary=rectangle(40 / 3, -50, 50, 100))

    shares = [zone["share_percent"] for zone in answer(client)["zones"]]

    assert sorted(shares) == [33.3, 33.3, 33.4]


def test_where_no_plan_is_in_the_register_the_answer_is_unknown_and_never_free(client, lot):
    found = answer(client)

    assert found["planning"]["status"] == "unknown"
    assert found["planning"]["uncovered_percent"] == 100
    assert found["zones"] == []
    assert "hỏi cơ quan" in found["planning"]["note"] or "planning office" in found["planning"]["note"]
    assert found["planning"]["headline"] == []


def test_a_plan_whose_zones_are_not_digitised_is_named_and_the_answer_stays_unknown(client, lot):
    make_plan(code="480126100009")

    planning = answer(client)["planning"]

    assert planning["status"] == "unknown"
    assert "480126100009" in planning["note"]


def test_the_part_that_no_plan_covers_is_said(client, lot):
    make_zone(make_plan(), boundary=rectangle(-50, -50, 65, 100))  # 15 m of 20 m

    planning = answer(client)["planning"]

    assert planning["status"] == "applies"
    assert (planning["uncovered_percent"], planning["uncovered_m2"]) == (25, 50)
    assert "25" in planning["note"]
    assert "50 m²" in planning["note"]


def test_a_strip_thinner_than_the_survey_is_accurate_is_too_close_to_call(client, lot):
    plan = make_plan()
    make_zone(plan, code="OM", boundary=rectangle(-50, -50, 69.95, 100))
    make_zone(plan, code="GT", boundary=rectangle(19.95, -50, 50, 100))  # 5 cm × 10 m
    make_zone(plan, code="CX", boundary=rectangle(-50, 10, 100, 50))  # touches the northern edge

    found = answer(client)

    verdicts = {zone["code"]: (zone["too_close_to_call"], zone["area_m2"]) for zone in found["zones"]}
    assert verdicts == {"OM": (False, 199.5), "GT": (True, 0.5)}
    assert "GT" in found["planning"]["note"]
    # Only what certainly applies stands in the answer itself.
    assert len(found["planning"]["headline"]) == 1


def test_a_gap_thinner_than_the_survey_is_accurate_is_no_gap(client, lot):
    make_zone(make_plan(), boundary=rectangle(-50, -50, 69.95, 100))  # leaves 5 cm × 10 m

    planning = answer(client)["planning"]

    assert (planning["status"], planning["uncovered_m2"], planning["note"]) == ("applies", 0, "")


def test_zones_of_one_plan_that_overlap_are_reported_as_its_contradiction(client, lot):
    plan = make_plan(code="480126100011")
    make_zone(plan, code="A", boundary=rectangle(-50, -50, 65, 100))
    make_zone(plan, code="B", boundary=rectangle(10, -50, 50, 100))  # 10 m, of which 5 m are A's as well

    found = answer(client)

    assert [zone["share_percent"] for zone in found["zones"]] == [75, 50]
    assert "480126100011" in found["planning"]["note"]
    assert "50 m²" in found["planning"]["note"]


def test_drafts_are_for_planners_and_consultations_for_everyone(client, lot):
    make_zone(make_plan(PlanState.ADOPTED), code="now")
    make_zone(make_plan(PlanState.CONSULTATION), code="coming")
    make_zone(make_plan(PlanState.DRAFT), code="draft")
    make_zone(make_plan(PlanState.SUPERSEDED), code="before")
    make_zone(make_plan(PlanState.WITHDRAWN), code="never")

    def codes(found):
        return {part: [zone["code"] for zone in found[part]] for part in ("zones", "coming", "drafts")}

    # A citizen, and an officer who works on permits, see no draft.
    assert codes(answer(client)) == {"zones": ["now"], "coming": ["coming"], "drafts": []}
    client.force_login(make_user(Role.OFFICER))
    assert codes(answer(client))["drafts"] == []
    # A planner does.
    client.force_login(make_user(Role.PLANNER))
    assert codes(answer(client)) == {"zones": ["now"], "coming": ["coming"], "drafts": ["draft"]}
    # On the page as in the data.
    assert "draft" in client.get("/parcels/20194-12-283").content.decode()
    client.logout()
    page = client.get("/parcels/20194-12-283").content.decode()
    assert "coming" in page
    assert ">draft<" not in page


def test_before_the_adoption_nothing_applied(client, lot):
    adopted = make_plan(valid_during=days(date(2024, 5, 1)))
    make_zone(adopted, valid_during=days(date(2023, 1, 1)), code="OM")
    consulted = days(date(2023, 1, 1), date(2024, 5, 1))
    make_plan(PlanState.CONSULTATION, identity=adopted.identity, code=adopted.code, valid_during=consulted)

    before, after = answer(client, as_of="2024-04-30"), answer(client, as_of="2024-05-01")

    assert (before["planning"]["status"], [zone["code"] for zone in before["coming"]]) == ("unknown", ["OM"])
    assert (after["planning"]["status"], [zone["code"] for zone in after["zones"]]) == ("applies", ["OM"])
    assert before["as_of"] == "2024-04-30"
    assert before["url"].endswith("?as_of=2024-04-30")


def test_land_use_codes_are_named_by_the_law_of_the_day(client):
    make_parcel(sheet="1", number="1", land_use_codes=["ODT", "CLN"])
    make_parcel(sheet="1", number="2", land_use_codes=["ODT", "XYZ"])
    make_parcel(sheet="1", number="3", land_use_codes=["SXN"])

    def uses(number, **query):
        found = answer(client, f"20194-1-{number}", **query)["land_use"]
        return [(use["code"], use["name"], use["known"], use["in_force"]) for use in found]

    assert uses(1) == [("ODT", "Đất ở tại đô thị", True, True), ("CLN", "Đất trồng cây lâu năm", True, True)]
    assert uses(2)[1] == ("XYZ", "", False, False)
    # SXN ended with July 2024, and its wording was not checked against the circular.
    assert uses(3) == [("SXN", "Đất sản xuất nông nghiệp", True, False)]
    assert uses(3, as_of="2024-07-31")[0][3] is True
    assert answer(client, "20194-1-3")["land_use"][0]["unverified"] is True


def test_the_answer_speaks_english_too(client, lot):
    make_zone(make_plan(), function="O_Nhomnhao", code="OM-1", storeys_max=5, boundary=rectangle(0, 0, 10, 10))
    client.cookies["django_language"] = "en"

    found = answer(client)

    assert found["zones"][0]["function"]["name"] == "Housing group"
    assert found["planning"]["headline"] == ["On 50 % (100 m², zone OM-1): Housing group, up to 5 storeys."]
    assert found["land_use"][0]["name"] == "Urban residential land"
    assert "What may be built here" in client.get("/parcels/20194-12-283").content.decode()


@pytest.fixture
def split(lot):
    """The lot was split on 1 June 2025 into 301 and 302; the sheet itself was renumbered from 5 before."""
    end_parcel(lot, date(2025, 6, 1))
    since = days(date(2025, 6, 1))
    east = make_parcel(sheet="12", number="301", boundary=rectangle(0, 0, 12, 10), valid_during=since)
    west = make_parcel(sheet="12", number="302", boundary=rectangle(12, 0, 8, 10), valid_during=since)
    for part in (east, west):
        ParcelLineage.objects.create(
            predecessor=lot.identity, successor=part.identity, kind="split", happened_on=date(2025, 6, 1)
        )
    return lot, east, west


def test_the_number_of_a_split_parcel_leads_to_what_it_became(client, split):
    response = client.get("/parcels/20194-12-283.json")
    assert response.status_code == 404
    error = response.json()["error"]
    assert (error["code"], error["parcels"]) == ("not_found", ["20194-12-301", "20194-12-302"])

    page = client.get("/parcels/20194-12-283")
    assert page.status_code == 404
    text = page.content.decode()
    assert "01/06/2025" in text
    assert 'href="/parcels/20194-12-301"' in text
    assert 'href="/parcels/20194-12-302"' in text

    # On its own days it is there, and says what will become of it.
    before = answer(client, as_of="2025-05-31")
    assert [relation["code"] for relation in before["lineage"]["to"]] == ["20194-12-301", "20194-12-302"]
    # The parts say where they came from, and before the split they lead back.
    assert answer(client, "20194-12-301")["lineage"]["from"] == [
        {"code": "20194-12-283", "kind": "split", "on": "2025-06-01"}
    ]
    early = client.get("/parcels/20194-12-301.json", {"as_of": "2024-01-01"}).json()["error"]
    assert early["parcels"] == ["20194-12-283"]


def test_a_number_from_before_the_survey_leads_to_the_parcel_of_today(client):
    make_parcel(sheet="30", number="7", old_sheet="5", old_number="118")
    make_parcel(commune_code="20195", sheet="30", number="7", old_sheet="5", old_number="118")

    # The commune is part of the code, so only one of the two is meant.
    error = client.get("/parcels/20194-5-118.json").json()["error"]
    assert error["renumbered"] == ["20194-30-7"]
    assert 'href="/parcels/20194-30-7"' in client.get("/parcels/20194-5-118").content.decode()
    assert answer(client, "20194-30-7")["old"] == {"sheet": "5", "number": "118"}


def test_a_number_that_was_given_anew_warns_of_papers_that_mean_another_parcel(client, lot):
    make_parcel(sheet="30", number="8", old_sheet="12", old_number="283", boundary=rectangle(100, 0))

    assert answer(client)["old_number_of"] == ["20194-30-8"]
    assert 'href="/parcels/20194-30-8"' in client.get("/parcels/20194-12-283").content.decode()


def test_an_unknown_code_gets_a_page_that_helps(client, lot):
    page = client.get("/parcels/20194-99-1")
    assert page.status_code == 404
    assert 'action="/search"' in page.content.decode()
    assert client.get("/parcels/20194-99-1.json").json()["error"]["parcels"] == []
    assert client.get("/parcels/%00%27.json").status_code == 404


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "1", "2026-11-22T10:00"])
def test_a_day_that_is_none_is_refused(client, lot, day):
    response = client.get("/parcels/20194-12-283.json", {"as_of": day})
    assert response.status_code == 422
    assert response.json()["error"]["field"] == "as_of"


def test_asking_costs_the_same_few_queries_however_many_zones(client, lot, django_assert_num_queries):
    plan = make_plan()
    for at in range(10):
        make_zone(plan, boundary=rectangle(2 * at, -50, 2, 100))
    # parcel, zones, lineage, land use, commune, old numbers, addresses; a citizen has no session to look up.
    with django_assert_num_queries(7):
        assert len(answer(client)["zones"]) == 10


def test_what_staff_sees_is_kept_nowhere(client, lot):
    assert client.get("/parcels/20194-12-283.json")["Cache-Control"] == "public, max-age=60"
    client.force_login(make_user(Role.PLANNER))
    assert "no-store" in client.get("/parcels/20194-12-283.json")["Cache-Control"]


def test_the_answer_names_the_houses_on_the_parcel_and_no_neighbours(client, lot):
    make_address(house_number="12", street_name="Đường Trăng Non", position=point(4, 10))  # a door on the front border
    make_address(house_number="10", street_name="Đường Trăng Non", position=point(15, 10))
    make_address(house_number="14", street_name="Đường Trăng Non", position=point(21, 10))  # next door

    assert answer(client)["addresses"] == ["10 Đường Trăng Non", "12 Đường Trăng Non"]
    assert "12 Đường Trăng Non" in client.get("/parcels/20194-12-283").content.decode()
