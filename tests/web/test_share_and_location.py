"""Sharing what the map shows, finding oneself on it, and the toolbar that both stand in."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import City
from tests.web.browser import camera, open_map, panel, pixel, scrolls_sideways, violations
from tests.web.conftest import Lot

pytestmark = pytest.mark.long

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


def test_a_link_that_is_shared_opens_the_same_map(browser_page: Page, chromium: Browser, city: City, lot: Lot):
    browser_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = open_map(browser_page, f"#map=17.5/{lot.lat:.6f}/{lot.lon:.6f}&layers=parcels&date=2026-01-15")
    page.click("[data-tool=share]")
    # It says in words that the link is copied, and what it holds.
    expect(page.locator(".notice-passing")).to_be_visible()
    expect(page.locator("#announcer")).not_to_be_empty()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.url
    other = chromium.new_context(base_url=city.url).new_page()
    other.goto(link)
    other.wait_for_selector("html[data-map=ready]", state="attached")
    assert camera(other) == camera(page)
    assert "layers=parcels&date=2026-01-15" in other.url
    other.context.close()


def test_without_a_clipboard_the_link_stands_there_to_be_copied(browser_page: Page):
    browser_page.context.clear_permissions()
    # What a page without HTTPS looks like to a script.
    browser_page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page = open_map(browser_page)
    page.click("[data-tool=share]")
    field = page.get_by_role("textbox", name=re.compile("link|đường dẫn", re.I))
    expect(field).to_be_focused()
    expect(field).to_have_value(page.url)
    assert page.evaluate("getSelection().toString() || document.activeElement.selectionEnd") not in ("", 0)
    assert violations(page) == []


def test_a_visitor_finds_himself_on_the_map(browser_page: Page, lot: Lot):
    page = browser_page
    page.context.set_geolocation({"longitude": lot.lon, "latitude": lot.lat, "accuracy": 12})
    page.context.grant_permissions(["geolocation"])
    # Nobody is asked before he clicks.
    page.add_init_script("""
        const watch = navigator.geolocation.watchPosition.bind(navigator.geolocation);
        navigator.geolocation.watchPosition = (...asked) => {
            document.documentElement.dataset.asked = "yes";
            return watch(...asked);
        };""")
    open_map(page, "#map=14/15.95/108.0")
    expect(page.locator("html")).not_to_have_attribute("data-asked", "yes")
    page.click("[data-tool=location]")
    expect(page.locator(".here-dot")).to_be_visible()
    expect(page.locator(".notice-passing")).to_contain_text("12")
    expect(page.locator("[data-tool=location]")).to_have_attribute("aria-pressed", "true")
    page.wait_for_url(re.compile(r"#map=1[678]\.\d+/"))
    assert camera(page)[1:] == pytest.approx((lot.lat, lot.lon), abs=1e-4)
    # The circle is as large as the accuracy: 24 m across.
    zoom, _lat, _lon = camera(page)
    metres = 40_075_016.7 * 0.9613 / (512 * 2**zoom)
    wide = page.evaluate("document.querySelector('.here-accuracy').offsetWidth")
    assert wide == pytest.approx(24 / metres, rel=0.05)
    # The map goes along with the visitor, until he moves it himself.
    page.context.set_geolocation({"longitude": lot.lon + 0.0005, "latitude": lot.lat, "accuracy": 12})
    page.wait_for_function("lon => Math.abs(Number(location.hash.split('/')[2].split('&')[0]) - lon) < 1e-5",
                           arg=lot.lon + 0.0005)  # fmt: skip
    x, y = pixel(page, lot.lon, lot.lat)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 80, y + 60, steps=6)
    page.mouse.up()
    page.wait_for_timeout(500)
    left_at = camera(page)
    page.context.set_geolocation({"longitude": lot.lon + 0.001, "latitude": lot.lat, "accuracy": 12})
    page.wait_for_timeout(800)
    assert camera(page) == left_at
    # Another click takes the dot away.
    page.click("[data-tool=location]")
    expect(page.locator(".here-dot")).to_have_count(0)


def test_outside_the_area_the_map_stays_where_it_is(browser_page: Page):
    page = browser_page
    page.context.set_geolocation({"longitude": 2.35, "latitude": 48.86})
    page.context.grant_permissions(["geolocation"])
    open_map(page)
    before = camera(page)
    page.click("[data-tool=location]")
    expect(page.locator(".notice-passing")).to_be_visible()
    assert camera(page) == before


def test_who_does_not_allow_it_is_told_how(browser_page: Page):
    page = browser_page
    page.context.clear_permissions()
    open_map(page)
    page.click("[data-tool=location]")
    notice = page.get_by_role("alert")
    expect(notice).to_be_visible()
    expect(page.locator("[data-tool=location]")).to_have_attribute("aria-pressed", "false")
    assert violations(page) == []


def test_the_toolbar_is_one_stop_and_arrow_keys_walk_through_it(browser_page: Page):
    page = open_map(browser_page)
    tools = page.locator("#map-toolbar button")
    names = tools.evaluate_all("tools => tools.map(({dataset}) => dataset.tool)")
    order = ["area", "measure", "table", "print", "share", "location", "help"]
    assert [name for name in names if name in order] == [name for name in order if name in names]
    assert {"table", "print", "share", "location", "help"} <= set(names)
    assert page.locator("#map-toolbar button[tabindex='0']").count() == 1
    tools.first.focus()
    page.keyboard.press("ArrowDown")
    expect(tools.nth(1)).to_be_focused()
    # What has the focus says its name to the eye, too.
    expect(tools.nth(1).locator(".tool-name")).to_be_visible()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(tools.last).to_be_focused()
    page.keyboard.press("Home")
    expect(tools.first).to_be_focused()
    # Shift and Tab leave the toolbar, Tab comes back to the same tool.
    page.keyboard.press("End")
    page.keyboard.press("Shift+Tab")
    assert not page.evaluate("document.getElementById('map-toolbar').contains(document.activeElement)")
    page.keyboard.press("Tab")
    expect(tools.last).to_be_focused()


def test_on_a_phone_the_tools_are_a_list_behind_one_button(chromium: Browser, city: City, lot: Lot):
    context = chromium.new_context(base_url=city.url, locale="vi-VN", **PHONE)
    page = open_map(context.new_page(), f"#map=17/{lot.lat}/{lot.lon}")
    expect(page.locator("#map-toolbar")).to_be_hidden()
    opener = page.locator(".toolbar-opener")
    opener.tap()
    expect(opener).to_have_attribute("aria-expanded", "true")
    for name in page.locator(".tool-name").all():
        expect(name).to_be_in_viewport()
    boxes = page.locator("#map-toolbar button").evaluate_all("tools => tools.map(tool => tool.offsetHeight)")
    assert min(boxes) >= 44
    assert not scrolls_sideways(page)
    assert violations(page) == []
    # Escape, or a tap elsewhere, puts it away.
    page.keyboard.press("Escape")
    expect(page.locator("#map-toolbar")).to_be_hidden()
    expect(opener).to_be_focused()
    opener.tap()
    page.touchscreen.tap(60, 400)
    expect(page.locator("#map-toolbar")).to_be_hidden()
    # It lies over neither the account nor the controls of the map.
    boxes = [
        page.locator(place).bounding_box() for place in (".toolbar-opener", ".tools-switch", ".maplibregl-ctrl-group")
    ]
    for one, other in ((0, 1), (0, 2)):
        a, b = boxes[one], boxes[other]
        assert a
        assert b
        assert a["y"] + a["height"] <= b["y"] or b["y"] + b["height"] <= a["y"] or a["x"] + a["width"] <= b["x"]
    context.close()


def test_the_keys_are_told_and_can_be_switched_off(browser_page: Page):
    page = open_map(browser_page)
    page.focus("canvas.maplibregl-canvas")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert violations(page) == []
    # Speech input may say single letters: both keys can be switched off.
    dialog.get_by_role("switch").uncheck()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.focus("canvas.maplibregl-canvas")
    page.keyboard.press("/")
    expect(page.locator("#search-input")).not_to_be_focused()
    page.click("[data-tool=help]")
    dialog.get_by_role("switch").check()
    page.keyboard.press("Escape")
    page.focus("canvas.maplibregl-canvas")
    page.keyboard.press("/")
    expect(page.locator("#search-input")).to_be_focused()
    # In a field they are letters.
    page.keyboard.type("?/")
    expect(page.locator("#search-input")).to_have_value("?/")
    expect(panel(page)).to_be_visible()
