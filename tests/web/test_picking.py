"""What a tap on the map means, and how things at one place are told apart."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import City
from tests.web.browser import expect_parcel, open_map, panel, pixel
from tests.web.conftest import Lot

pytestmark = pytest.mark.long

NOW = "{0}.valid_during @> current_date AND upper_inf({0}.recorded_during)"


@pytest.fixture(scope="session")
def edge_lot(city: City) -> tuple[str, str, float, float]:
    """Sheet, number, longitude and latitude of a place in a parcel, half a metre from a line of a plan."""
    [row] = city.sql(f"""
        SELECT parcel.sheet, parcel.number, ST_X(place.lonlat), ST_Y(place.lonlat)
        FROM published.parcels parcel
        JOIN published.plan_lines line ON ST_Crosses(line.exact, parcel.exact) AND line.state = 'adopted'
        CROSS JOIN LATERAL (SELECT ST_LineInterpolatePoint(ST_GeometryN(
            ST_CollectionExtract(ST_Intersection(line.exact, parcel.exact), 2), 1), 0.5) AS on_it) middle
        CROSS JOIN LATERAL (SELECT ST_Transform(ST_Translate(on_it, 0, 0.5), 4326) AS lonlat) place
        WHERE {NOW.format("parcel")} AND {NOW.format("line")}
            AND ST_Contains(parcel.exact, ST_Buffer(on_it, 1)) ORDER BY parcel.id, line.id LIMIT 1""")
    return row


@pytest.fixture(scope="session")
def gas_valve(city: City) -> tuple[str, float, float]:
    """Reference, longitude and latitude of a valve of the gas network."""
    [row] = city.sql(f"""
        SELECT reference, ST_X(lonlat), ST_Y(lonlat)
        FROM published.network_nodes node CROSS JOIN LATERAL (SELECT ST_Transform(exact, 4326)) place(lonlat)
        WHERE network = 'gas' AND kind = 'valve' AND {NOW.format("node")} ORDER BY id LIMIT 1""")
    return row


def zone_in(city: City, state: str) -> tuple[str, float, float]:
    """Code, longitude and latitude of a zone of a plan in that state today."""
    [row] = city.sql(f"""
        SELECT code, ST_X(lonlat), ST_Y(lonlat)
        FROM published.zones zone
        CROSS JOIN LATERAL (SELECT ST_Transform(ST_PointOnSurface(exact), 4326)) place(lonlat)
        WHERE state = '{state}' AND {NOW.format("zone")} AND joined_valid_during @> current_date
            AND upper_inf(joined_recorded_during) ORDER BY id LIMIT 1""")
    return row


def test_a_finger_on_a_line_of_the_plan_gets_the_parcel(
    chromium: Browser, city: City, edge_lot: tuple[str, str, float, float]
):
    sheet, number, lon, lat = edge_lot
    context = chromium.new_context(
        base_url=city.url, locale="vi-VN", viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    )
    page = open_map(context.new_page(), f"#map=18/{lat}/{lon}")
    page.touchscreen.tap(*pixel(page, lon, lat))
    expect_parcel(page, sheet, number)
    # The line is told too, behind the land, and no camera that stands somewhere within 250 m.
    expect(panel(page).locator("[data-fold=plan_lines]")).to_be_attached()
    expect(panel(page).locator("[data-fold=cameras]")).to_have_count(0)
    context.close()


def test_a_camera_is_offered_to_citizens_where_nothing_else_is(browser_page: Page, city: City):
    [(lon, lat)] = city.sql("""
        SELECT ST_X(lonlat), ST_Y(lonlat)
        FROM published.cameras CROSS JOIN LATERAL (SELECT ST_Transform(approximate, 4326)) place(lonlat)
        WHERE upper_inf(recorded_during) ORDER BY id LIMIT 1""")
    page = open_map(browser_page, f"#map=17/{lat}/{lon}&layers=cameras,administrative_units")
    page.mouse.click(*pixel(page, lon, lat))
    expect(panel(page)).to_contain_text("Camera công cộng")


def test_what_looks_alike_is_told_apart(browser_page: Page, signed_in, gas_valve: tuple[str, float, float]):
    reference, lon, lat = gas_valve
    page = open_map(signed_in(browser_page, "planner"), f"#map=19/{lat}/{lon}&layers=network_nodes,network_edges")
    page.mouse.click(*pixel(page, lon, lat))
    # A point that was hit comes before the pipes that meet there; several of a kind take turns.
    lead = panel(page).locator(".lead")
    expect(lead.locator(".facts")).to_be_visible()
    for _ in range(10):
        if reference in lead.inner_text():
            break
        page.click(".panel-body > .turns [data-step=next]")
    expect(lead).to_contain_text(reference)
    expect(page.locator("#panel-title")).to_have_text("Van")
    expect(panel(page).locator("[data-fold=network_edges] .fold-name")).to_contain_text("Khí đốt")


def test_a_draft_says_that_it_is_one_wherever_it_is_named(browser_page: Page, signed_in, city: City):
    code, lon, lat = zone_in(city, "draft")
    page = open_map(signed_in(browser_page, "planner"), f"#map=19/{lat}/{lon}&layers=zones")
    page.mouse.click(*pixel(page, lon, lat))
    # What has effect comes first; the draft follows and carries its state on top of its facts.
    expect(panel(page).locator(".chip")).to_have_count(0)
    page.click(".turns [data-step=next]")
    expect(page.locator("#panel-title")).to_have_text(code)
    expect(panel(page).locator(".chip")).to_have_text("Dự thảo")
    expect(page.locator(".turns [data-step=next]")).to_be_focused()


def test_a_zone_in_consultation_says_so_and_keeps_codes_from_citizens(browser_page: Page, city: City):
    code, lon, lat = zone_in(city, "consultation")
    page = open_map(browser_page, f"#map=19/{lat}/{lon}&layers=zones")
    page.mouse.click(*pixel(page, lon, lat))
    expect(page.locator("#panel-title")).to_have_text(code)
    expect(panel(page).locator(".chip")).to_have_text("Đang lấy ý kiến")
    expect(panel(page).locator("dt", has_text=re.compile("^Chức năng$"))).to_be_visible()
    expect(panel(page).locator("dt", has_text="Mã chức năng")).to_have_count(0)


def test_a_click_on_nothing_is_told_to_the_eye_and_passes(browser_page: Page, lot: Lot):
    page = open_map(browser_page, f"#map=18/{lot.lat - 1}/{lot.lon}")
    page.mouse.click(*pixel(page, lot.lon, lot.lat - 1))
    notice = page.locator(".notice", has_text="Vị trí này không có gì")
    expect(notice).to_be_visible()
    expect(page.locator("#announcer")).to_contain_text("Vị trí này không có gì")
    expect(notice).to_have_count(0)


def test_an_unknown_parcel_leads_to_the_search(browser_page: Page, lot: Lot):
    page = open_map(browser_page, "#parcel=nope-1-1")
    expect(panel(page).get_by_role("button", name="Thử lại")).to_have_count(0)
    panel(page).get_by_role("button", name="Tìm thửa đất").click()
    expect(page.locator("#search-input")).to_be_focused()


def test_coordinates_stand_in_the_order_of_surveyors(browser_page: Page, lot: Lot):
    page = open_map(browser_page, f"#parcel={lot.code}")
    expect(panel(page)).to_contain_text(re.compile(r"X \(Bắc\) [\d.,]+; Y \(Đông\) [\d.,]+"))
    page.goto(f"/parcels/{lot.code}")
    expect(page.locator("main")).to_contain_text(re.compile(r"X \(Bắc\) [\d.,]+; Y \(Đông\) [\d.,]+"))


def test_without_javascript_a_phone_offers_search_language_and_sign_in(chromium: Browser, city: City):
    context = chromium.new_context(
        base_url=city.url, locale="vi-VN", viewport={"width": 360, "height": 740}, java_script_enabled=False
    )
    page = context.new_page()
    page.goto("/")
    expect(page.locator(".panel a[href='/search']")).to_be_visible()
    expect(page.locator(".map-tools a[href*='/accounts/login/']")).to_be_visible()
    expect(page.locator("#panel-grip, .tools-switch").locator("visible=true")).to_have_count(0)
    # Languages are named as their readers write them.
    expect(page.locator(".segmented [value=vi]")).to_contain_text("Tiếng Việt")
    page.click(".segmented [value=en]")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".demo-note")).to_contain_text("every commune whose code begins with 99 is fictitious")
    context.close()
