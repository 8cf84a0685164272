"""The table beside the map: it follows the map, and the map follows it."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import City
from tests.web.browser import camera, drawn, expect_parcel, open_map, panel, pixel, scrolls_sideways, violations
from tests.web.conftest import Lot

pytestmark = pytest.mark.long


def open_table(page: Page, state: str) -> Page:
    """The map in a state, with the table open and its rows there."""
    open_map(page, state)
    page.click("[data-tool=table]")
    expect(page.locator(".table-drawer tbody tr").first).to_be_visible()
    return page


def listed(page: Page) -> list[str]:
    return page.locator(".table-drawer tbody th").all_inner_texts()


def row(page: Page, code: str):
    return page.locator(".table-drawer tbody tr", has=page.get_by_role("link", name=code, exact=True))


def test_the_table_follows_the_map(browser_page: Page, lot: Lot):
    page = open_table(browser_page, f"#map=19/{lot.lat}/{lot.lon}&layers=parcels,streets")
    expect(row(page, lot.code)).to_be_visible()
    expect(page.locator(".table-status")).to_contain_text(re.compile(r"^\d+ "))
    before = listed(page)
    # The map moves on by keyboard; other rows come, and their number is said aloud.
    page.focus("canvas.maplibregl-canvas")
    with page.expect_response(re.compile(r"/table\.json")):
        for _ in range(4):
            page.keyboard.press("ArrowRight")
            page.wait_for_timeout(350)  # each step is an animation of MapLibre's
    expect(page.locator(".table-drawer[aria-busy]")).to_have_count(0)
    page.wait_for_timeout(400)
    assert listed(page) != before
    assert page.locator(".table-status").get_attribute("role") == "status"
    # Another day has other rows.
    with page.expect_response(re.compile(r"/table\.json.*as_of=2020-01-01")):
        page.fill("#map-day", "2020-01-01")


def test_a_row_leads_to_its_thing_on_the_map_and_back(browser_page: Page, lot: Lot):
    page = open_table(browser_page, f"#map=18/{lot.lat}/{lot.lon}&layers=parcels")
    drawn(page)
    link = row(page, lot.code).get_by_role("link")
    # Tab reaches the rows once; arrow keys walk through them.
    first = page.locator(".table-drawer tbody th a").first
    first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".table-drawer tbody th a").nth(1)).to_be_focused()
    assert page.locator(".table-drawer tbody th a[tabindex='0']").count() == 1
    # Enter tells what may be built there; the table stays.
    link.focus()
    page.keyboard.press("Enter")
    expect_parcel(page, lot.sheet, lot.number)
    expect(row(page, lot.code)).to_have_attribute("data-picked", "")
    expect(link).to_be_focused()
    # Escape in the table closes it and leaves the parcel open.
    page.keyboard.press("Escape")
    expect(page.locator(".table-drawer")).to_have_count(0)
    expect(page.locator("[data-tool=table]")).to_be_focused()
    expect_parcel(page, lot.sheet, lot.number)


def test_what_is_picked_on_the_map_is_shown_in_the_table(browser_page: Page, lot: Lot):
    page = open_table(browser_page, f"#map=18.5/{lot.lat}/{lot.lon}&layers=parcels")
    drawn(page)
    page.mouse.click(*pixel(page, lot.lon, lot.lat))
    expect_parcel(page, lot.sheet, lot.number)
    expect(row(page, lot.code)).to_have_attribute("data-picked", "")
    expect(row(page, lot.code)).to_be_in_viewport()


def test_another_layer_and_another_order(browser_page: Page, lot: Lot):
    page = open_table(browser_page, f"#map=17/{lot.lat}/{lot.lon}&layers=parcels,zones")
    with page.expect_response(re.compile(r"sort=area_measured_m2")):
        page.click("[data-sort-by=area_measured_m2]")
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("m²")
    expect(page.locator("[data-sort-by=area_measured_m2]")).to_be_focused()
    # What is on the map stands first in the chooser.
    expect(page.locator(".table-head optgroup").first.locator("option")).to_have_count(2)
    page.select_option(".table-head select", "zones")
    expect(page.locator(".table-drawer thead")).not_to_contain_text("Số thửa")
    zone = page.locator(".table-drawer tbody th a").first
    name = zone.inner_text()
    zone.click()
    expect(panel(page).locator("#panel-title")).to_contain_text(name)


def test_on_a_phone_the_table_is_a_screen_of_its_own(chromium: Browser, city: City, lot: Lot):
    context = chromium.new_context(
        base_url=city.url, locale="vi-VN", viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    )
    page = open_map(context.new_page(), f"#map=18/{lot.lat}/{lot.lon}&layers=parcels")
    page.tap(".toolbar-opener")
    page.tap("[data-tool=table]")
    expect(page.locator(".table-drawer tbody tr").first).to_be_visible()
    box = page.locator(".table-drawer").bounding_box()
    assert box
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 360, 740)
    assert not scrolls_sideways(page)
    assert violations(page) == []
    # A row closes the table and shows its thing.
    page.locator(".table-drawer tbody th a", has_text=lot.code).first.tap()
    expect(page.locator(".table-drawer")).to_have_count(0)
    expect(page.locator(".answer")).to_be_visible()
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_neither_the_drawer_nor_the_page_breaks_wcag(browser_page: Page, lot: Lot, theme: str):
    browser_page.emulate_media(color_scheme=theme)
    page = open_table(browser_page, f"#map=17/{lot.lat}/{lot.lon}&layers=parcels")
    assert violations(page) == []
    lon, lat = camera(page)[2], camera(page)[1]
    box = f"{lon - 0.002},{lat - 0.002},{lon + 0.002},{lat + 0.002}"
    for address in (f"/table?bbox={box}&f-land_use=o", "/table?layer=zones", "/table?f-code=nothing"):
        page.goto(address)
        assert violations(page) == [], address
        page.set_viewport_size({"width": 360, "height": 740})
        assert not scrolls_sideways(page), address
        assert violations(page) == [], address
        page.set_viewport_size({"width": 1400, "height": 900})


def test_the_page_of_the_table_needs_no_script(chromium: Browser, city: City, lot: Lot):
    context = chromium.new_context(base_url=city.url, locale="vi-VN", java_script_enabled=False)
    page = context.new_page()
    page.goto("/table")
    page.click("summary:has-text('cột'), summary:has-text('columns')")
    page.fill("[name=f-code]", lot.code)
    page.click("main [type=submit]")
    page.wait_for_url("**f-code=**")
    page.get_by_role("link", name=lot.code, exact=True).click()
    page.wait_for_url(f"**/parcels/{lot.code}")
    context.close()
