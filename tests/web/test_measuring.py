"""Somebody measures on the map: with the mouse, with the keyboard alone, with a finger."""

import math
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import City
from tests.web.browser import open_map, panel, pixel, scrolls_sideways, violations
from tests.web.conftest import Lot

pytestmark = pytest.mark.long

ASKED = re.compile(r"/measure\.json$")


def measuring(page: Page, lot: Lot, zoom: float = 18) -> Page:
    """The map at a lot, with the measuring tool in hand."""
    open_map(page, f"#map={zoom}/{lot.lat}/{lot.lon}")
    page.click("[data-tool=measure]")
    expect(page.locator("[data-tool=measure]")).to_have_attribute("aria-pressed", "true")
    return page


def corner(page: Page, lot: Lot, x: float, y: float) -> tuple[float, float]:
    """The pixel of a place x pixels east and y pixels south of the lot."""
    at_x, at_y = pixel(page, lot.lon, lot.lat)
    return at_x + x, at_y + y


def click(page: Page, lot: Lot, *places: tuple[float, float]) -> None:
    """Click places given in pixels from the lot, and wait each time for the server's numbers."""
    for place in places:
        with page.expect_response(ASKED):
            page.mouse.click(*corner(page, lot, *place))


def number(text: str) -> float:
    """The first number of a Vietnamese text: 1.234,5."""
    found = re.search(r"[\d.]+(?:,\d+)?", text)
    assert found, text
    return float(found[0].replace(".", "").replace(",", "."))


def result(page: Page) -> str:
    """The large number on top."""
    return page.locator(".measure-result strong").inner_text()


def metres_per_pixel(lot: Lot, zoom: float) -> float:
    """How much ground a pixel shows."""
    return 40_075_016.7 * math.cos(math.radians(lot.lat)) / (512 * 2**zoom)


def test_a_planner_measures_a_course_and_closes_it(browser_page: Page, lot: Lot):
    page = measuring(browser_page, lot)
    click(page, lot, (-100, 0), (100, 0), (100, 100))
    pixels = metres_per_pixel(lot, 18)
    expect(page.locator(".measure-result strong")).not_to_contain_text("about")
    assert number(result(page)) == pytest.approx(300 * pixels, rel=0.005)
    legs = page.locator("#panel .legs tbody tr")
    expect(legs).to_have_count(2)
    # What is added up is what is shown, and what is only estimated says so.
    shown = [number(cell) for cell in legs.locator("td").all_inner_texts()]
    assert number(result(page)) == pytest.approx(sum(shown), abs=0.001)
    page.mouse.move(*corner(page, lot, 50, 100))
    expect(page.locator(".measure-tip")).to_contain_text("khoảng")
    # The list of coordinates is where the lengths come from: the plane of VN-2000.
    page.click("#panel details summary")
    cells = page.locator("#panel details tbody td").all_inner_texts()
    (north, east), (other_north, other_east) = [[number(cell) for cell in cells[i : i + 2]] for i in (0, 2)]
    assert number(legs.first.inner_text().split("\t")[-1]) == pytest.approx(
        math.hypot(other_north - north, other_east - east), abs=0.02
    )
    # The first point again closes the triangle.
    click(page, lot, (-100, 0))
    expect(page.locator(".measure-result strong")).to_contain_text("m²")
    assert number(result(page)) == pytest.approx(200 * 100 / 2 * pixels**2, rel=0.01)
    expect(page.locator("#announcer")).to_contain_text(result(page))
    assert not violations(page)


def test_steps_go_back_and_forth_and_what_is_cleared_comes_back(browser_page: Page, lot: Lot):
    page = measuring(browser_page, lot)
    click(page, lot, (-100, 0), (100, 0), (100, 100))
    rows = page.locator("#panel .legs tbody tr")
    page.keyboard.press("Control+z")
    expect(rows).to_have_count(1)
    page.keyboard.press("Control+Shift+z")
    expect(rows).to_have_count(2)
    undo, redo, clear = page.locator(".steps button").all()
    expect(redo).to_have_attribute("aria-disabled", "true")
    undo.click()
    undo.click()
    expect(rows).to_have_count(0)
    redo.click()
    redo.click()
    expect(rows).to_have_count(2)
    clear.click()
    expect(rows).to_have_count(0)
    page.click(".notice .button")
    expect(rows).to_have_count(2)


def test_a_double_click_finishes_and_the_next_point_begins_anew(browser_page: Page, lot: Lot):
    page = measuring(browser_page, lot)
    click(page, lot, (-100, 0), (100, 0))
    page.mouse.dblclick(*corner(page, lot, 100, 100))
    rows = page.locator("#panel .legs tbody tr")
    expect(rows).to_have_count(2)
    page.mouse.move(*corner(page, lot, 150, 50))
    expect(page.locator(".measure-tip")).to_be_hidden()  # nothing follows the mouse any more
    page.mouse.click(*corner(page, lot, 0, -100))
    expect(rows).to_have_count(0)
    assert page.url.count("#map=18.00/") == 1  # the double click did not zoom


def test_somebody_measures_with_the_keyboard_alone(browser_page: Page, lot: Lot):
    browser_page.emulate_media(reduced_motion="reduce")  # the map jumps where it would glide
    page = open_map(browser_page, f"#map=18/{lot.lat}/{lot.lon}")
    page.focus("[data-tool=measure]")
    page.keyboard.press("Enter")
    expect(page.locator(".maplibregl-canvas")).to_be_focused()
    page.keyboard.press("Enter")
    for key in ("ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
        page.keyboard.press("Enter")
    rows = page.locator("#panel .legs tbody tr")
    expect(rows).to_have_count(2)
    expect(page.locator("#announcer")).to_contain_text(re.compile(r"[\d.,]+ m"))
    page.keyboard.press("Enter")  # the same place again: finished
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".measure-tip")).to_be_hidden()
    page.keyboard.press("Control+z")  # goes on with it
    page.keyboard.press("Control+z")
    expect(rows).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("[data-tool=measure]")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#panel .measure-head")).to_have_count(0)
    # Nothing is lost: the tool takes up where it was left.
    page.click("[data-tool=measure]")
    expect(rows).to_have_count(1)


def test_while_measuring_a_click_opens_nothing_and_afterwards_it_does(browser_page: Page, lot: Lot):
    page = measuring(browser_page, lot)
    page.mouse.click(*corner(page, lot, 0, 0))
    expect(page.locator(".measure-head")).to_be_visible()
    page.click("#panel-back")
    expect(page.locator(".measure-head")).to_have_count(0)
    page.mouse.click(*corner(page, lot, 0, 0))
    expect(panel(page).locator(".answer")).to_be_visible()


def test_a_crossed_outline_is_said_and_shown(browser_page: Page, lot: Lot):
    page = measuring(browser_page, lot)
    click(page, lot, (-100, -100), (100, 100), (100, -100), (-100, 100))
    with page.expect_response(ASKED) as answer:
        page.mouse.click(*corner(page, lot, -100, -100))
    crossing = answer.value.json()["error"]["at"]
    assert pixel(page, *crossing) == pytest.approx(corner(page, lot, 0, 0), abs=3)
    expect(panel(page).locator(".note-error")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(panel(page).locator(".note-error")).to_have_count(0)


def test_without_the_server_the_estimate_stays_and_says_what_it_is(browser_page: Page, lot: Lot):
    page = measuring(browser_page, lot)
    page.route(ASKED, lambda route: route.abort())
    page.mouse.click(*corner(page, lot, -100, 0))
    page.wait_for_event("requestfailed")
    with page.expect_event("requestfailed"):
        page.mouse.click(*corner(page, lot, 100, 0))
    expect(panel(page).locator(".note-error")).to_be_visible()
    assert number(result(page)) == pytest.approx(200 * metres_per_pixel(lot, 18), rel=0.005)
    page.unroute(ASKED)
    with page.expect_response(ASKED):
        page.click("#panel .note-error button")
    expect(panel(page).locator(".note-error")).to_have_count(0)


def test_the_measure_outlives_another_theme_and_another_day(browser_page: Page, lot: Lot):
    page = measuring(browser_page, lot)
    click(page, lot, (-100, 0), (100, 0))
    page.click(".theme-switch")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.wait_for_timeout(1000)
    click(page, lot, (100, 100))
    expect(page.locator("#panel .legs tbody tr")).to_have_count(2)


def test_a_finger_measures_on_a_phone(chromium: Browser, city: City, lot: Lot):
    context = chromium.new_context(
        base_url=city.url, locale="vi-VN", viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    )
    page = open_map(context.new_page(), f"#map=18/{lot.lat}/{lot.lon}")
    page.tap(".toolbar-opener")
    page.tap("[data-tool=measure]")
    for x, y in ((-80, 0), (80, 0), (80, 60)):
        page.touchscreen.tap(*corner(page, lot, x, y))
        page.wait_for_timeout(350)
    # The number stands in the part of the sheet that shows, and the map stays free.
    head = page.locator(".measure-result strong")
    expect(head).to_be_in_viewport()
    expect(page.locator("#panel")).to_have_attribute("data-stop", "peek")
    assert number(head.inner_text()) == pytest.approx(220 * metres_per_pixel(lot, 18), rel=0.02)
    assert not scrolls_sideways(page)
    context.close()
