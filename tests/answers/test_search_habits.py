"""One table of what people type and what they mean by it; and who finds what."""

from datetime import date

import pytest
import shapely
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from gisplatform.access import CITIZEN, Role
from gisplatform.crs import REGISTER_ZONE, to_wgs84, wgs84_to_register
from layers.base.models import AdministrativeSuccession
from layers.parcels.models import Parcel, ParcelLineage
from layers.search import search
from planning.plans.models import PlanState
from tests.factories import (
    days,
    end_parcel,
    lines,
    make_address,
    make_parcel,
    make_place,
    make_plan,
    make_street,
    make_unit,
    make_user,
    make_water,
    make_zone,
    place,
    point,
    rectangle,
)

pytestmark = pytest.mark.django_db
FAR = 8000  # metres to the other commune, in which all stands once more


@pytest.fixture(autouse=True)
def vietnamese():
    """The titles below are in Vietnamese, whatever language the test before left behind."""
    with translation.override("vi"):
        yield


@pytest.fixture
def town():
    """Two communes with a parcel 12-283 and a street Trăng Non each; one took over a third."""
    make_unit(
        code="48",
        name="Thành phố Thử Nghiệm",
        level="province",
        kind="thành phố",
        boundary=rectangle(-1000, -1000, 12000, 2000),
    )
    make_unit(code="99001", name="Phường Hải Châu", parent_code="48")
    other = make_unit(
        code="99002", name="Xã Hòa Vang", kind="xã", parent_code="48", boundary=rectangle(FAR - 1000, -1000, 2000, 2000)
    )
    gone = make_unit(
        code="99003",
        name="Xã Đồng Cũ",
        kind="xã",
        parent_code="48",
        valid_during=days(date(2020, 1, 1), date(2025, 7, 1)),
        boundary=rectangle(FAR - 500, 0, 500, 500),
    )
    AdministrativeSuccession.objects.create(
        predecessor=gone.identity, successor=other.identity, happened_on=date(2025, 7, 1), legal_basis="12/NQ"
    )
    home = make_parcel(commune_code="99001", sheet="12", number="283", boundary=rectangle(0, 0, 20, 10))
    make_parcel(
        commune_code="99001",
        sheet="12",
        number="284",
        boundary=rectangle(20, 0, 20, 10),
        old_sheet="3",
        old_number="77",
    )
    make_parcel(commune_code="99002", sheet="12", number="283", boundary=rectangle(FAR, 0, 20, 10))
    for x in (0, FAR):
        make_street(name="Đường Trăng Non", centreline=lines((x - 50, -5), (x + 100, -5)))
    make_street(name="Đường 3/2", centreline=lines((300, 0), (400, 0)))
    make_street(name="Đường tỉnh 601", centreline=lines((300, 70), (400, 70)))
    make_street(name="Phố Huế", centreline=lines((300, 50), (400, 50)))
    make_street(name="Đường Nguyễn Tri Phương", centreline=lines((300, 90), (400, 90)))
    make_address(house_number="12", street_name="Đường Trăng Non", position=point(10, 1), parcel=home.identity)
    make_address(house_number="12A", street_name="Đường Trăng Non", position=point(30, -1))  # a metre before its parcel
    make_address(house_number="K12/5", street_name="Đường Trăng Non", position=point(300, 20))
    make_address(house_number="7", street_name="Kiệt 15 Trăng Non", position=point(320, 20))
    make_address(house_number="14", street_name="Trăng Non", position=point(FAR + 5, 1))
    make_address(house_number="30", street_name="Đường 3/2", position=point(350, 1))
    make_address(house_number="8", street_name="Đường Nguyễn Tri Phương", position=point(350, 91))
    make_street(name="Đường Chờ", centreline=lines((300, 110), (400, 110)))
    make_street(name="Đường Chồi Non", centreline=lines((300, 130), (400, 130)))
    make_place(name="Chợ Mới", kind="market")
    make_water(name="Hồ Trăng", kind="lake")
    adopted = make_plan(code="480000000012", title="Quy hoạch phân khu Trung tâm", decision_ref="12/QĐ-UBND")
    make_zone(adopted, code="OM-12")
    draft = make_plan(PlanState.DRAFT, code="480000000013", title="Điều chỉnh quy hoạch Ven sông")
    make_zone(draft, code="CX-7", boundary=rectangle(0, 200, 50, 50))


PARCEL = ("parcel", "Thửa 283, tờ 12")
HOUSE, HOUSE_A = ("address", "12 Đường Trăng Non"), ("address", "12A Đường Trăng Non")
IN_LANE, ON_LANE = ("address", "K12/5 Đường Trăng Non"), ("address", "7 Kiệt 15 Trăng Non")
ON_LONG = ("address", "8 Đường Nguyễn Tri Phương")
STREET, LONG_STREET = ("street", "Đường Trăng Non"), ("street", "Đường Nguyễn Tri Phương")
WARD, COMMUNE, PROVINCE = ("unit", "Phường Hải Châu"), ("unit", "Xã Hòa Vang"), ("unit", "Thành phố Thử Nghiệm")
PLAN, DRAFT, ZONE = (
    ("plan", "Quy hoạch phân khu Trung tâm"),
    ("plan", "Điều chỉnh quy hoạch Ven sông"),
    ("zone", "OM-12"),
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("tờ 12 thửa 283", PARCEL), ("12-283", PARCEL), ("283/12", PARCEL), ("283 (12)", PARCEL),
        ("thửa 283 tờ bản đồ số 12 phường Hải Châu", PARCEL), ("99001-12-283", PARCEL), ("thửa 283", PARCEL),
        ("283", PARCEL), ("thua 283, p. hai chau", PARCEL), ("TỜ BĐ 12, THỬA 283, P.HẢI CHÂU, TP THỬ NGHIỆM", PARCEL),
        ("thửa 283 xã hoà vang", PARCEL),
        ("12 Trăng Non", HOUSE), ("12 trang non", HOUSE), ("số 12 đường Trăng Non", HOUSE),
        ("số nhà 12, Trăng Non", HOUSE),
        ("12, đường Trăng Non, phường Hải Châu, TP. Thử Nghiệm", HOUSE), ("12 Trăng Non Hải Châu", HOUSE),
        ("Trăng Non 12", HOUSE), ("đường Trăng Non số 12", HOUSE), ("12 Đ. Trăng Non", HOUSE),
        ("12 phố trăng non", HOUSE),
        ("12 Trăng Nonn", HOUSE), ("12 Non Trăng", HOUSE), ("12 Trăng N", HOUSE),
        ("12A trang non", HOUSE_A), ("12a Trăng Non", HOUSE_A),
        ("K12/5 Trăng Non", IN_LANE), ("12/5 Trăng Non", IN_LANE), ("kiệt 12 Trăng Non số 5", IN_LANE),
        ("số 5 kiệt 12 Trăng Non", IN_LANE), ("5 hẻm 12 đường Trăng Non", IN_LANE),
        ("số 5, ngõ 12, Trăng Non, phường Hải Châu", IN_LANE), ("kiệt 12 Trăng Non", IN_LANE),
        ("15/7 Trăng Non", ON_LANE), ("số 7 hẻm 15 Trăng Non", ON_LANE),
        ("14 Đường Trăng Non", ("address", "14 Trăng Non")), ("30 đường 3/2", ("address", "30 Đường 3/2")),
        ("8 Nguyễn Tri Phương", ON_LONG),
        ("8 nguyen tri phuong phuong hai chau", ON_LONG),
        ("99 Trăng Non", STREET),
        ("Trăng Non", STREET), ("TRANG NON", STREET),
        ("duong trang non", STREET), ("trang mon", STREET),
        ("trangnon", STREET), ("đường Trăng Non, xã Hòa Vang", STREET),
        ("trăng non p. hải châu tp thử nghiệm", STREET), ("đường tỉnh 601", ("street", "Đường tỉnh 601")),
        ("pho hue", ("street", "Phố Huế")), ("3/2", ("street", "Đường 3/2")), ("nguyen tri phuong", LONG_STREET),
        ("được xây gì ở 12 Trăng Non", HOUSE), ("what may be built at 12A trang non?", HOUSE_A),
        ("tôi được xây gì trên thửa 283 tờ 12", PARCEL), ("chợ", ("place", "Chợ Mới")),
        ("chợ mới", ("place", "Chợ Mới")), ("cho moi hai chau", ("place", "Chợ Mới")),
        ("Ho Trang", ("water", "Hồ Trăng")),
        ("Hải Châu", WARD), ("P. Hải Châu", WARD), ("p.hai chau", WARD),
        ("X. Hòa Vang", COMMUNE), ("hoà vang", COMMUNE),
        ("phường Hải Châu, TP. Thử Nghiệm", WARD),
        ("TP Thử Nghiệm", PROVINCE), ("99002", COMMUNE), ("hai chua", WARD),
        ("đồng cũ", ("unit", "Xã Đồng Cũ")),
        ("trung tâm", PLAN), ("quy hoach phan khu", PLAN),
        ("480000000012", PLAN), ("12/QĐ-UBND", PLAN),
        ("quyết định 12/qd-ubnd", PLAN),
        ("OM-12", ZONE), ("om12", ZONE), ("OM 12", ZONE), ("ô OM-12", ZONE),
        ("lô đất om-12", ZONE), ("16.05, 108.2", ("position", "16.050000, 108.200000")),
    ],
)  # fmt: skip
def test_the_first_hit_is_what_was_meant(town, typed, meant):
    first = next(iter(search(typed, CITIZEN)), None)
    assert first
    assert (first.kind, first.title) == meant


def hits(text, person=CITIZEN, **asked):
    return [(hit.kind, hit.title) for hit in search(text, person, **asked)]


def test_a_house_leads_to_its_parcel_by_the_register_or_by_its_door(town):
    by_register, by_door = search("12 Trăng Non", CITIZEN)[0], search("12A Trăng Non", CITIZEN)[0]
    assert (by_register.code, by_door.code) == ("99001-12-283", "99001-12-284")
    assert "Phường Hải Châu" in by_register.subtitle
    assert "Thửa 283, tờ 12" in by_register.subtitle
    # The parcel that the register names has gone: then the one that is there now.
    end_parcel(Parcel.objects.get(code="99001-12-283"), date(2025, 1, 1))
    make_parcel(commune_code="99001", sheet="12", number="400", boundary=rectangle(0, 0, 20, 10))
    assert search("12 Trăng Non", CITIZEN)[0].code == "99001-12-400"


def test_where_a_number_is_not_there_those_that_begin_with_it_are_offered(town):
    make_address(house_number="121", street_name="Đường Trăng Non", position=point(60, 1))
    make_address(house_number="121/4", street_name="Đường Trăng Non", position=point(61, 1))
    found = hits("121B Trăng Non")
    assert found[0] == ("street", "Đường Trăng Non")
    assert next(title for kind, title in found if kind == "address") == "121 Đường Trăng Non"
    assert hits("121/ Trăng Non")[0] == ("address", "121 Đường Trăng Non")
    make_address(house_number="345A", street_name="Đường Trăng Non", position=point(62, 1))
    assert hits("345 Trăng Non")[0] == ("address", "345A Đường Trăng Non")


def test_a_house_that_is_not_there_is_not_passed_over_in_silence(client, town):
    # The street is the best there is; it says that the number is not, and offers the nearest.
    first, *others = client.get("/search.json", {"q": "999 Trăng Non"}).json()["results"]
    assert (first["kind"], first["title"]) == STREET
    assert first["note"] == "Không có số nhà 999 trong dữ liệu; gần nhất: 12, 12A"
    assert {hit["title"] for hit in others if hit["kind"] == "address"} >= {HOUSE[1], HOUSE_A[1]}
    # The street of that name in the other commune has houses of its own.
    elsewhere = next(hit for hit in others if hit["kind"] == "street")
    assert elsewhere["note"].endswith("gần nhất: 14")
    assert first["note"] in client.get("/search", {"q": "999 Trăng Non"}).content.decode()
    # Whatever leads there: a ward behind, a slip of the pen, a question.
    for text in ("999 Trăng Non Hải Châu", "999 Trăng Nonn", "được xây gì ở 999 trăng non"):
        assert search(text, CITIZEN)[0].note == first["note"], text
    # Who means the number of the street, or a house that is there, is told nothing.
    for text in ("đường tỉnh 601", "12 Trăng Non", "Trăng Non"):
        assert not any(hit.note for hit in search(text, CITIZEN)), text
    make_address(house_number="345A", street_name="Đường Trăng Non", position=point(62, 1))
    assert search("345 Trăng Non", CITIZEN)[0].note == "Không có số nhà 345 trong dữ liệu"


def test_two_whole_numbers_may_be_a_place_and_a_parcel(town):
    make_parcel(commune_code="99001", sheet="16", number="108", boundary=rectangle(200, 0))
    assert hits("16 108") == [("parcel", "Thửa 108, tờ 16"), ("position", "16.000000, 108.000000")]


def test_two_streets_of_one_name_are_two_hits_told_apart_by_their_commune(town):
    streets = [hit for hit in search("Trăng Non", CITIZEN) if hit.kind == "street"]
    assert sorted(hit.subtitle.split(" · ")[-1] for hit in streets) == ["Phường Hải Châu", "Xã Hòa Vang"]
    [there] = [hit for hit in search("Trăng Non, xã Hòa Vang", CITIZEN) if hit.kind == "street"]
    assert "Xã Hòa Vang" in there.subtitle


def test_of_equals_the_nearest_to_the_map_come_first(client, town):
    here, there = place(0, 0), place(FAR, 0)
    assert [hit.code for hit in search("thửa 283", CITIZEN, near=here)] == ["99001-12-283", "99002-12-283"]
    assert [hit.code for hit in search("thửa 283", CITIZEN, near=there)] == ["99002-12-283", "99001-12-283"]
    assert search("12-283", CITIZEN, near=there)[0].code == "99002-12-283"
    assert "Xã Hòa Vang" in search("Trăng Non", CITIZEN, near=there)[0].subtitle
    # The map says its middle in degrees.
    lon, lat = lonlat(there)
    answer = client.get("/search.json", {"q": "283", "near": f"{lon:.2f},{lat:.2f}"}).json()
    assert answer["results"][0]["code"] == "99002-12-283"
    for wrong in ("1", "a,b", "1,2,3", "nan,1", "181,0", "1e400,0", "9" * 5000):
        assert client.get("/search.json", {"q": "283", "near": wrong}).status_code == 422
    # On the other side of the world there is no easting and northing, and no order either.
    assert client.get("/search.json", {"q": "283", "near": "-72,0"}).status_code == 200


def lonlat(at):
    moved = to_wgs84(shapely.Point(at))
    return moved.x, moved.y


def test_old_numbers_and_merged_communes_lead_to_the_parcel_of_today(town):
    assert search("tờ 3 thửa 77", CITIZEN)[0].code == "99001-12-284"
    before = make_parcel(
        commune_code="99003",
        sheet="2",
        number="5",
        valid_during=days(date(2020, 1, 1), date(2025, 7, 1)),
        boundary=rectangle(FAR - 100, 0),
    )
    after = make_parcel(
        commune_code="99002",
        sheet="40",
        number="9",
        valid_during=days(date(2025, 7, 1)),
        boundary=rectangle(FAR - 100, 0),
    )
    ParcelLineage.objects.create(
        predecessor=before.identity, successor=after.identity, kind="resurvey", happened_on=date(2025, 7, 1)
    )
    # Another parcel 2-5 must not come between when the old commune is named.
    make_parcel(commune_code="99001", sheet="2", number="5", boundary=rectangle(100, 0))
    for text in ("99003-2-5", "thửa 5 tờ 2 xã Đồng Cũ", "2-5 dong cu"):
        assert [hit.code for hit in search(text, CITIZEN)] == ["99002-40-9"], text
    [gone] = [hit for hit in search("xã đồng cũ", CITIZEN) if hit.kind == "unit"]
    assert "01/07/2025" in gone.subtitle
    assert "Xã Hòa Vang" in gone.subtitle


def test_zones_and_plans_that_a_citizen_may_not_see_are_found_by_planners_only(client, town):
    planner = make_user(Role.PLANNER)
    for text, meant in (
        ("CX-7", ("zone", "CX-7")),
        ("ven sông", DRAFT),
        ("480000000013", DRAFT),
    ):
        assert hits(text) == []
        client.force_login(planner)
        answer = client.get("/search.json", {"q": text})
        first = answer.json()["results"][0]
        assert (first["kind"], first["title"]) == meant
        assert "Dự thảo" in first["subtitle"]
        assert first["bounds"]
        assert answer["Cache-Control"] == "private, no-store"
        client.logout()
        assert client.get("/search.json", {"q": text}).json()["results"] == []


def test_one_draft_zone_beside_a_zone_in_force_stands_behind_it(client, town):
    draft = make_plan(PlanState.DRAFT, code="480000000014", title="Điều chỉnh")
    make_zone(draft, code="OM-12", boundary=rectangle(500, 500, 10, 10))
    client.force_login(make_user(Role.PLANNER))
    found = client.get("/search.json", {"q": "OM-12"}).json()["results"]
    assert [hit["kind"] for hit in found] == ["zone", "zone"]
    assert ["Dự thảo" in hit["subtitle"] for hit in found] == [False, True]
    client.logout()
    assert len(client.get("/search.json", {"q": "OM-12"}).json()["results"]) == 1


def test_metres_that_fit_two_meridians_are_offered_in_both(town):
    # A second town where the same numbers lie in the zone of 108°15'.
    easting, northing = (round(metres) for metres in place(10, 5))
    [own, *_rest] = search(f"{easting} {northing}", CITIZEN)
    assert own.subtitle == REGISTER_ZONE.name
    shifted = wgs84_to_register(own.position[0] + 0.5, own.position[1])
    corner = place(0, 0)
    make_unit(
        code="99009",
        name="Phường Xa",
        boundary=rectangle(shifted[0] - corner[0] - 500, shifted[1] - corner[1] - 500, 1000, 1000),
    )
    spots = [hit for hit in search(f"X={northing} Y={easting}", CITIZEN) if hit.kind == "position"]
    assert [("108°15'" in hit.subtitle, hit.position[0] > own.position[0] + 0.4) for hit in spots] == [
        (False, False),
        (True, True),
    ]
    # Who says the meridian gets that one.
    [said] = [hit for hit in search(f"KTT 108°15' X={northing} Y={easting}", CITIZEN) if hit.kind == "position"]
    assert said.position == pytest.approx(spots[1].position)


def test_the_document_has_groups_with_headings_and_says_where_the_letters_stand(client, town):
    answer = client.get("/search.json", {"q": "12 trang non"}).json()
    assert [group["kind"] for group in answer["groups"]] == ["address", "street"]
    assert all(group["title"] for group in answer["groups"])
    house = answer["results"][0]
    assert [house["title"][start:end] for start, end in house["marks"]] == ["12", "Trăng", "Non"]
    assert (house["layer"], house["url"], house["bounds"]) == ("addresses", "/parcels/99001-12-283", None)
    assert house["map_url"].endswith("&parcel=99001-12-283")
    zone = client.get("/search.json", {"q": "OM-12"}).json()["results"][0]
    assert zone["url"] == f"/things/zones/{zone['id']}"
    page = client.get("/search", {"q": "trang n"}).content.decode()
    assert "Đường <mark>Trăng</mark> <mark>N</mark>on" in page
    assert "<h2" in page


NASTY = [
    "đường", "phường", "1", "a", "đ", "%", "_", "'", "\\", "''''", "a'b\\c:*", "&|!", "<->", "( )", "🙂",
    "\u0301\u0301",
    "tờ", "thửa", "số", "kiệt", "kiệt 1", "12", "12-", "-12", "1/1/1/1/1/1", "x" * 10_000, "1" * 10_000,
    "đường " * 2000,
    "12 " * 3000, "K1/" * 3000, "' OR 1=1 --", "\x00", "a\x00b", "thửa 12 " * 1000, "p. " * 3000, "x, " * 3000,
    "qqq zzz",
    "ﷺ ß ǅ ŉ", "9999999999999999999 Trăng Non", "number one", "O-", "-O-1-", "12 3/2", "1 2 3 4 5 6", "٣-٤", "²³",
]  # fmt: skip


@pytest.mark.parametrize("text", NASTY, ids=lambda text: repr(text[:12]))
def test_what_nobody_means_costs_little_and_breaks_nothing(town, text):
    with CaptureQueriesContext(connection) as asked:
        for hit in search(text, CITIZEN, limit=5, near=place(0, 0)):
            assert hit.title
    assert len(asked) <= 40


def test_an_ordinary_search_takes_few_statements(town):
    for text, most in {
        "tờ 12 thửa 283": 8,
        "99001-12-283": 8,
        "12 Trăng Non": 14,
        "trăng non": 9,
        "16.05, 108.2": 4,
    }.items():
        with CaptureQueriesContext(connection) as asked:
            assert search(text, CITIZEN, near=place(0, 0))
        assert len(asked) <= most, text
