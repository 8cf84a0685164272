"""The search through its front door, on a hand-made corner of a town."""

from datetime import date

import pytest
import shapely
from django.db import connection
from pyproj import Transformer

from gisplatform.crs import REGISTER_ZONE, ZONES, to_wgs84, zone_to_wgs84
from layers.names import search_key
from layers.parcels.models import Parcel, ParcelLineage
from tests.factories import end_parcel, lines, make_parcel, make_street, make_unit, place, rectangle

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    """A commune, two streets, three parcels in a row."""
    make_unit(code="48", name="Thành phố Đà Nẵng", level="province", kind="thành phố")
    make_unit(code="20194", name="Phường Hải Châu", parent_code="48")
    make_street(name="Đường Trần Phú", centreline=lines((0, -5), (100, -5)))
    make_street(name="Đường Trần Phú", centreline=lines((100, -5), (200, -5)))
    make_street(name="Nguyễn Trãi", centreline=lines((-5, 0), (-5, 100)))
    make_parcel(sheet="12", number="283", boundary=rectangle(0, 0, 20, 10), area_document_m2=198.5)
    make_parcel(sheet="12", number="284", boundary=rectangle(20, 0, 20, 10), old_sheet="3", old_number="77")
    make_parcel(commune_code="20195", sheet="12", number="283", boundary=rectangle(500, 0, 20, 10))


def search(client, text, **query):
    response = client.get("/search.json", {"q": text, **query})
    assert response.status_code == 200, response.content
    return response.json()["results"]


def codes(results):
    return [hit["code"] for hit in results if hit["kind"] == "parcel"]


def test_a_parcel_is_found_by_sheet_and_number_in_every_commune(client, town):
    results = search(client, "tờ 12 thửa 283")
    assert codes(results) == ["20194-12-283", "20195-12-283"]
    first = results[0]
    assert first["url"] == "/parcels/20194-12-283"
    assert "Phường Hải Châu" in first["subtitle"]
    assert "198,5 m²" in first["subtitle"]
    west, south, east, north = first["bounds"]
    lon, lat = first["position"]
    assert west < lon < east
    assert south < lat < north
    # Its page is where the hit says.
    assert client.get(first["url"]).status_code == 200


@pytest.mark.parametrize(
    "text", ["20194-12-283", "20194 12 283", " 20194-12-283 ", "12-283 hai chau", "thửa 283 tờ 12 phường Hải Châu"]
)
def test_the_commune_narrows_it_to_one(client, town, text):
    assert codes(search(client, text)) == ["20194-12-283"]


def test_the_order_of_two_bare_numbers_may_be_the_wrong_one(client, town):
    assert codes(search(client, "283-12")) == ["20194-12-283", "20195-12-283"]


def test_a_number_from_before_the_survey_leads_to_the_parcel_of_today(client, town):
    [hit] = search(client, "tờ 3 thửa 77")
    assert hit["code"] == "20194-12-284"
    assert "77" in hit["subtitle"]


def test_the_number_of_a_split_parcel_leads_to_its_parts(client, town):
    whole = Parcel.objects.get(code="20194-12-283")
    end_parcel(whole, date(2025, 6, 1))
    for number, x in (("301", 0), ("302", 10)):
        part = make_parcel(sheet="12", number=number, boundary=rectangle(x, 0, 10, 10))
        ParcelLineage.objects.create(
            predecessor=whole.identity, successor=part.identity, kind="split", happened_on=date(2025, 6, 1)
        )
    assert codes(search(client, "20194-12-283")) == ["20194-12-301", "20194-12-302"]


def test_a_repeated_number_is_found_by_its_suffix(client, town):
    make_parcel(sheet="12", number="283", suffix=2, boundary=rectangle(60, 0, 20, 10))
    assert codes(search(client, "20194-12-283")) == ["20194-12-283", "20194-12-283-2"]
    assert codes(search(client, "20194-12-283-2")) == ["20194-12-283-2"]


@pytest.mark.parametrize(
    "text", ["Trần Phú", "tran phu", "TRAN PHU", "đường trần phú", "pho tran phu", "phu tran", "trần p"]
)
def test_a_street_is_found_once_with_and_without_tone_marks(client, town, text):
    [hit] = search(client, text)
    assert (hit["kind"], hit["title"], hit["url"], hit["code"]) == ("street", "Đường Trần Phú", None, None)
    # Both pieces of the street lie within its bounds: 200 m are 0.0019 degrees here.
    west, _south, east, _north = hit["bounds"]
    assert east - west == pytest.approx(200 / 107_000, rel=0.05)


def test_administrative_units_are_found_with_what_they_belong_to(client, town):
    [hit] = search(client, "hai chau")
    assert (hit["kind"], hit["title"]) == ("unit", "Phường Hải Châu")
    assert "Đà Nẵng" in hit["subtitle"]


def test_letters_that_mean_something_in_sql_are_only_letters(client, town):
    for text in ("%%", "__", "100%", "' OR 1=1 --", "\\", "a\x00b"):
        assert search(client, text) == []


@pytest.mark.parametrize("order", ["{lat}, {lon}", "{lon} {lat}"])
def test_degrees_in_both_orders_lead_to_the_place_and_its_parcel(client, town, order):
    there = to_wgs84_of(10, 5)
    spot, parcel = search(client, order.format(lon=f"{there[0]:.7f}", lat=f"{there[1]:.7f}"))
    assert spot["kind"] == "position"
    assert spot["position"] == pytest.approx(there, abs=1e-6)
    assert parcel["code"] == "20194-12-283"


@pytest.mark.parametrize("order", ["{e} {n}", "X={n} Y={e}"])
def test_metres_of_the_own_zone_in_both_orders_lead_to_the_parcel(client, town, order):
    easting, northing = place(30, 5)
    spot, parcel = search(client, order.format(e=easting, n=northing))
    assert spot["subtitle"] == REGISTER_ZONE.name
    assert parcel["code"] == "20194-12-284"


def test_metres_of_another_meridian_are_offered_with_its_name(client, town):
    # The same corner of the same parcel as a surveyor of the neighbouring province (108°15') writes it.
    lon, lat = to_wgs84_of(30, 5)
    # PROJ itself goes the other way round; here its own choice of parameters is the official one.
    easting, northing = Transformer.from_crs(4326, 9217, always_xy=True).transform(lon, lat)
    spot, parcel = search(client, f"{northing:.3f} {easting:.3f}")
    assert "108°15'" in spot["subtitle"]
    assert "107°45'" in spot["subtitle"]
    assert parcel["code"] == "20194-12-284"
    assert spot["position"] == pytest.approx(zone_to_wgs84(ZONES[9217], easting, northing), abs=1e-7)


def test_metres_where_no_data_is_are_still_read_in_the_own_zone(client, town):
    [spot] = search(client, "500000 1200000")
    assert spot["subtitle"] == REGISTER_ZONE.name
    assert search(client, "999 999999") == []


def test_hits_of_each_kind_are_limited(client, town):
    for at in range(12):
        make_parcel(commune_code=f"3000{at}", sheet="1", number="1", boundary=rectangle(1000 + 50 * at, 0))
    assert len(search(client, "1-1")) == 10
    assert len(search(client, "1-1", limit=3)) == 3
    for limit in ("0", "51", "x", "-1", "٣"):
        assert client.get("/search.json", {"q": "1-1", "limit": limit}).status_code == 422


def test_nothing_typed_finds_nothing(client, town):
    assert search(client, "") == search(client, "   ") == []
    assert client.get("/search.json").json() == {"groups": [], "results": []}


def test_the_page_says_the_same_without_a_script(client, town):
    page = client.get("/search", {"q": "tran phu"}).content.decode()
    assert "Đường <mark>Trần</mark> <mark>Phú</mark>" in page
    assert "/#map=" in page
    page = client.get("/search", {"q": "12-283"}).content.decode()
    assert 'href="/parcels/20194-12-283"' in page
    # What finds nothing shows ways on, with things that are there.
    page = client.get("/search", {"q": "qqq"}).content.decode()
    assert 'href="/search?q=hai%20chau"' in page
    # What was typed stays in the box, as text.
    page = client.get("/search", {"q": "<script>x</script>"}).content.decode()
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page
    # The list of all parcels leads to the search.
    assert client.get("/parcels/")["Location"] == "/search"
    assert client.get("/parcels/", {"q": "12-283"})["Location"] == "/search?q=12-283"


def test_the_database_and_the_platform_fold_names_alike():
    letters = "".join(chr(code) for code in [*range(0x20, 0x17F), *range(0x1EA0, 0x1EFA), 0x1A0, 0x1A1, 0x1AF, 0x1B0])
    vietnamese = "".join(
        letter for letter in letters if letter in "ăâđêôơưĂÂĐÊÔƠƯ" or 0x1EA0 <= ord(letter) < 0x1EFA or letter.isascii()
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT search_key(%s)", [vietnamese])
        assert cursor.fetchone()[0] == search_key(vietnamese)


def to_wgs84_of(x, y):
    moved = to_wgs84(shapely.Point(place(x, y)))
    return (moved.x, moved.y)
