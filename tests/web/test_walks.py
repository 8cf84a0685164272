"""The ways people take through the map page, in a real browser on real tiles."""

import re

import mapbox_vector_tile
import pytest
from playwright.sync_api import Page, Response, expect

from tests.conftest import City
from tests.web.browser import camera, drawn, expect_parcel, expect_title, open_map, panel, pixel, search
from tests.web.conftest import Lot

pytestmark = pytest.mark.long


def test_a_citizen_finds_a_parcel_clicks_it_and_reads_what_may_be_built(browser_page: Page, lot: Lot):
    # She types the number from her papers, picks the one in her commune and is taken there.
    page = open_map(browser_page)
    page.fill("#search-input", f"tờ {lot.sheet} thửa {lot.number}")
    page.locator("#search-results [role=option]", has_text=lot.commune).first.click()
    expect_parcel(page, lot.sheet, lot.number)
    page.wait_for_url(re.compile(f"parcel={lot.code}"))
    # Back to the layers; then she clicks the parcel itself.
    page.click("#panel-back")
    expect(page.locator("[data-layer=parcels]")).to_be_checked()
    page.mouse.click(*pixel(page, lot.lon, lot.lat))
    expect_parcel(page, lot.sheet, lot.number)
    # The answer stands first, with the zone of the adopted plan and its figures.
    expect(panel(page).locator(".zone").first).to_contain_text(lot.zone)
    expect(panel(page).locator("[data-indicator^=storeys]").first).to_be_visible()
    # The whole answer is a page of its own.
    page.click("#panel a.button-main")
    page.wait_for_url(f"**/parcels/{lot.code}")
    expect(page.locator("main")).to_contain_text(lot.zone)
    # From there the map opens at the parcel again.
    page.click("main a[href*='parcel=']")
    drawn(page)
    expect_parcel(page, lot.sheet, lot.number)


def test_the_same_with_parcels_of_da_nang_that_someone_else_made(browser_page: Page, city: City, shared_data):
    # One command brings a ward of Đà Nẵng into the register; it is on the map at once.
    file = shared_data("cadastral/vn_danang_parcels_haichau/20251.geojson")
    city.manage("import_parcels", str(file))
    [(code, sheet, number, lon, lat)] = city.sql("""
        SELECT code, sheet, number, ST_X(spot), ST_Y(spot)
        FROM published.parcels CROSS JOIN LATERAL (SELECT ST_Transform(ST_PointOnSurface(exact), 4326)) there(spot)
        WHERE commune_code = '20251' AND area_measured_m2 BETWEEN 200 AND 2000 AND upper_inf(recorded_during)
        ORDER BY area_measured_m2 DESC LIMIT 1""")
    page = open_map(browser_page)
    search(page, code)
    expect_parcel(page, sheet, number)
    page.click("#panel-back")
    page.mouse.click(*pixel(page, lon, lat))
    expect_parcel(page, sheet, number)
    # No plan of that ward is in the register, and the panel says so instead of promising anything.
    expect(panel(page).locator(".answer .note-warning")).to_be_visible()
    expect(panel(page).locator(".zone")).to_have_count(0)
    page.click("#panel a.button-main")
    page.wait_for_url(f"**/parcels/{code}")
    expect(page.locator("h1")).to_contain_text(number)


def owners_in_tiles(page: Page, responses: list[Response]) -> set[str]:
    """Who owns what the network tiles of this page carried."""
    page.wait_for_timeout(300)
    owners = set()
    for response in responses:
        if response.status == 200:
            for layer in mapbox_vector_tile.decode(response.body()).values():
                owners |= {feature["properties"]["owner"] for feature in layer["features"]}
    return owners


@pytest.fixture
def network_tiles(browser_page: Page) -> list[Response]:
    """The answers to network tiles that the browser asks for, as they come."""
    came: list[Response] = []
    browser_page.on("response", lambda response: "/tiles/network_" in response.url and ".mvt" in response.url
                    and came.append(response))  # fmt: skip
    return came


@pytest.mark.parametrize(("username", "organisation"), [("water", "Cấp nước"), ("power", "Điện lực")])
def test_a_utility_sees_its_own_network_and_nobody_elses(
    browser_page: Page, signed_in, network_tiles, lot: Lot, username: str, organisation: str
):
    page = open_map(signed_in(browser_page, username), f"#map=17/{lot.lat}/{lot.lon}")
    expect(page.locator("[data-layer=network_edges]")).to_be_checked()
    [owner] = owners_in_tiles(page, network_tiles)
    assert owner.startswith(organisation)
    # Signing out closes the network at once: the layer is gone, and so are its tiles.
    asked = network_tiles[0].url
    page.click(".menu summary")
    page.click(".menu-sheet form button")
    drawn(page)
    expect(page.locator("[data-layer=network_edges]")).to_have_count(0)
    assert page.request.get(asked).status == 404


def test_a_citizen_sees_no_network_at_all(browser_page: Page, network_tiles, lot: Lot):
    page = open_map(browser_page, f"#map=17/{lot.lat}/{lot.lon}")
    expect(page.locator("[data-layer=parcels]")).to_be_visible()
    assert page.locator("[data-layer^=network_]").count() == 0
    assert network_tiles == []


def test_a_thing_that_is_no_parcel_tells_what_the_register_knows(browser_page: Page, city: City):
    [(name, lon, lat)] = city.sql("""
        SELECT name, ST_X(spot), ST_Y(spot) FROM published.streets CROSS JOIN LATERAL (
            SELECT ST_Transform(ST_LineInterpolatePoint(ST_GeometryN(exact, 1), 0.37), 4326)
        ) on_it(spot)
        WHERE upper_inf(recorded_during) ORDER BY ST_Length(exact) DESC, id LIMIT 1""")
    page = open_map(browser_page, f"#map=18/{lat}/{lon}&layers=streets,parcels,zones")
    page.mouse.click(*pixel(page, lon, lat))
    # Where no parcel is, the street comes first; the plan's zone of its land stands behind it, folded.
    expect_title(page, name)
    expect(panel(page).locator(".facts").first).to_contain_text("Lộ giới")
    expect(panel(page).locator("[data-fold=zones]")).to_be_visible()
    page.wait_for_url(re.compile("thing=streets/"))
    # Without script it is a page.
    panel(page).get_by_role("link", name="Mở thành trang riêng").click()
    page.wait_for_url("**/things/streets/*")
    expect(page.locator("h1")).to_have_text(name)
    page.go_back()
    drawn(page)
    expect_title(page, name)
    page.keyboard.press("Escape")
    expect(page.locator("[data-layer=streets]")).to_be_visible()


def test_the_address_holds_the_whole_state(browser_page: Page, lot: Lot):
    # A link that somebody sent: place, layers, day and parcel.
    state = f"#map=17.50/{lot.lat:.6f}/{lot.lon:.6f}&layers=parcels,zones&date=2026-01-15&parcel={lot.code}"
    page = open_map(browser_page, state)
    expect_parcel(page, lot.sheet, lot.number)
    expect(page.locator("#day-note")).to_contain_text("15/01/2026")
    assert camera(page) == pytest.approx((17.5, lot.lat, lot.lon), abs=1e-5)
    # Reloading changes nothing.
    page.reload()
    drawn(page)
    expect_parcel(page, lot.sheet, lot.number)
    assert page.url.endswith(state)
    # Closing the parcel, switching a layer, going back and forward.
    page.click("#panel-back")
    expect(page.locator("[data-layer=parcels]")).to_be_checked()
    expect(page.locator("[data-layer=streets]")).not_to_be_checked()
    assert "parcel=" not in page.url
    page.go_back()
    expect_parcel(page, lot.sheet, lot.number)
    page.go_forward()
    expect(page.locator("[data-layer=parcels]")).to_be_visible()


def test_the_map_of_another_day_asks_for_that_day(browser_page: Page, lot: Lot):
    page = open_map(browser_page)
    with page.expect_response(re.compile(r"/tiles/parcels/.*\.mvt\?as_of=2025-12-01")):
        page.fill("#map-day", "2025-12-01")
    expect(page.locator("#day-note")).to_contain_text("01/12/2025")
    assert "date=2025-12-01" in page.url
    with page.expect_response(re.compile(r"/parcels/.*\.json\?as_of=2025-12-01")):
        search(page, lot.code)
    page.click("#day-note button")
    expect(page.locator("#day-note")).to_have_count(0)
    assert "date=" not in page.url
