"""Somebody draws an area, reads what is inside, and takes it away."""

import csv
import io
import json
import re
import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import City
from tests.web.browser import open_map, panel, pixel, scrolls_sideways, violations
from tests.web.conftest import Lot

pytestmark = pytest.mark.long

ASKED = re.compile(r"/summary\.json$")
NOW = "valid_during @> current_date AND upper_inf(recorded_during)"


def in_hand(page: Page, lot: Lot, way: str | None = None) -> Page:
    """The map at a lot, with the area tool in hand."""
    open_map(page, f"#map=17.5/{lot.lat}/{lot.lon}")
    page.click("[data-tool=area]")
    expect(page.locator("[data-way=polygon]")).to_have_attribute("aria-pressed", "true")
    if way:
        page.click(f"[data-way={way}]")
    return page


def corner(page: Page, lot: Lot, x: float, y: float) -> tuple[float, float]:
    """The pixel of a place x pixels east and y pixels south of the lot."""
    at_x, at_y = pixel(page, lot.lon, lot.lat)
    return at_x + x, at_y + y


def click(page: Page, lot: Lot, *places: tuple[float, float]) -> dict:
    """Click places given in pixels from the lot; returns the summary that the last brings."""
    for place in places[:-1]:
        page.mouse.click(*corner(page, lot, *place))
    page.mouse.move(*corner(page, lot, *places[-1]), steps=3)
    with page.expect_response(ASKED) as answer:
        page.mouse.click(*corner(page, lot, *places[-1]))
    return answer.value.json()


def rectangle(page: Page, lot: Lot) -> dict:
    """Draw a rectangle around the lot; returns its summary."""
    return click(page, lot, (-150, -120), (150, 120))


def count_of(summary: dict, key: str) -> int:
    """How many things of a layer are inside."""
    return next(layer["count"] for layer in summary["layers"] if layer["key"] == key)


def test_a_rectangle_tells_what_is_inside_and_can_be_taken_away(
    browser_page: Page, city: City, lot: Lot, tmp_path: Path
):
    page = in_hand(browser_page, lot, "rectangle")
    with page.expect_request(ASKED) as asked:
        summary = rectangle(page, lot)
    ring = json.dumps(asked.value.post_data_json["geometry"])
    [(count,)] = city.sql(
        f"""SELECT count(*) FROM published.parcels
        CROSS JOIN ST_Transform(ST_SetSRID(ST_GeomFromGeoJSON(%s), 4326), ST_SRID(exact)) AS area
        WHERE {NOW} AND ST_Intersects(exact, area) AND ST_Area(ST_Intersection(exact, area)) > 0.1""",
        ring,
    )
    assert count
    assert count_of(summary, "parcels") == count
    # The answer comes before the tables, and in the form the parcels are what is offered first.
    answer = panel(page).locator(".answer-line").first
    expect(answer).to_contain_text(str(count))
    expect(page.locator("#announcer")).to_contain_text(answer.inner_text())
    expect(page.locator("#download-layer")).to_have_value("parcels")
    assert not violations(page)
    files = {}
    for ending in ("csv", "geojson", "gpkg"):
        page.check(f"[name=format][value={ending}]")
        with page.expect_download() as download:
            page.click(".download [type=submit]")
        files[ending] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[ending])
        assert files[ending].suffix == f".{ending}"
    assert len(list(csv.reader(io.StringIO(files["csv"].read_text("utf-8-sig"))))) == count + 1
    assert len(json.loads(files["geojson"].read_text())["features"]) == count
    with sqlite3.connect(files["gpkg"]) as package:
        assert package.execute("SELECT count(*) FROM parcels").fetchone() == (count,)
    package.close()
    expect(page.locator("[data-tool=area]")).to_have_attribute("aria-pressed", "true")  # the page stayed


def test_an_area_is_changed_taken_back_and_cleared(browser_page: Page, lot: Lot):
    page = in_hand(browser_page, lot)
    first = click(page, lot, (-150, -120), (150, -120), (150, 120), (-150, 120), (-150, 120))
    size = page.locator("#panel .under-title")
    told = size.inner_text()
    # A corner is dragged outwards.
    page.mouse.move(*corner(page, lot, 150, 120))
    page.mouse.down()
    page.mouse.move(*corner(page, lot, 220, 180), steps=6)
    with page.expect_response(ASKED) as answer:
        page.mouse.up()
    assert answer.value.json()["outline"]["area_m2"] > first["outline"]["area_m2"]
    expect(size).not_to_have_text(told)
    page.keyboard.press("Control+z")
    expect(size).to_have_text(told)
    page.keyboard.press("Control+Shift+z")
    expect(size).not_to_have_text(told)
    page.click(".steps button:last-child")
    expect(size).to_have_count(0)
    page.click(".notice .button")
    expect(size).to_be_visible()


def test_an_area_is_drawn_with_the_keyboard_alone(browser_page: Page, lot: Lot):
    browser_page.emulate_media(reduced_motion="reduce")  # the map jumps where it would glide
    page = open_map(browser_page, f"#map=17.5/{lot.lat}/{lot.lon}")
    page.focus("[data-tool=area]")
    page.keyboard.press("Enter")
    expect(page.locator(".maplibregl-canvas")).to_be_focused()
    page.keyboard.press("Enter")
    for key in ("ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
        page.keyboard.press("Enter")
    with page.expect_response(ASKED) as answer:
        page.keyboard.press("Enter")
    assert answer.value.json()["outline"]["area_m2"] > 100
    expect(panel(page).locator(".answer-line").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("[data-tool=area]")).to_have_attribute("aria-pressed", "false")


def test_the_outline_of_a_thing_and_the_view_are_areas_too(browser_page: Page, city: City, lot: Lot):
    page = in_hand(browser_page, lot, "outline")
    page.mouse.click(*corner(page, lot, 0, 0))
    choices = panel(page).locator(".area-choices button")
    expect(choices.filter(has_text=lot.commune)).to_be_visible()
    with page.expect_response(ASKED) as answer:
        choices.filter(has_text=lot.zone).first.click()
    outline = answer.value.json()["outline"]
    assert (outline["kind"], outline["name"]) == ("thing", lot.zone)
    expect(panel(page).locator(".under-title")).to_contain_text(lot.zone)
    with page.expect_response(ASKED) as answer:
        page.click("[data-way=view]")
    assert answer.value.json()["outline"]["kind"] == "view"
    with page.expect_download() as download:
        page.click(".download [type=submit]")
    assert download.value.suggested_filename.endswith(".csv")


def test_only_those_who_may_see_networks_are_told_of_them(browser_page: Page, signed_in, lot: Lot):
    page = in_hand(browser_page, lot, "rectangle")
    assert "network_edges" not in {layer["key"] for layer in rectangle(page, lot)["layers"]}
    page = in_hand(signed_in(page, "water"), lot, "rectangle")
    [edges] = [layer for layer in rectangle(page, lot)["layers"] if layer["key"] == "network_edges"]
    assert {group["values"]["network"] for group in edges["groups"]} <= {"water"}


def test_another_day_asks_anew(browser_page: Page, lot: Lot):
    page = open_map(browser_page, f"#map=17.5/{lot.lat}/{lot.lon}&date=2020-01-01")
    page.click("[data-tool=area]")
    page.click("[data-way=rectangle]")
    assert rectangle(page, lot)["as_of"] == "2020-01-01"
    with page.expect_response(ASKED) as answer:
        page.click("#day-note button")
    assert answer.value.json()["as_of"] != "2020-01-01"


def test_what_goes_wrong_is_said_and_the_drawing_stays(browser_page: Page, lot: Lot):
    page = in_hand(browser_page, lot)
    page.route(ASKED, lambda route: route.abort())
    for place in ((-150, -120), (150, -120), (150, 120), (150, 120)):
        page.mouse.click(*corner(page, lot, *place))
    fault = panel(page).locator(".note-error")
    expect(fault).to_be_visible()
    page.unroute(ASKED)
    with page.expect_response(ASKED):
        fault.locator("button").click()
    expect(panel(page).locator(".answer-line").first).to_be_visible()
    # The download is refused where the server is away, and nothing leaves the page.
    page.route("**/download.json", lambda route: route.abort())
    page.click(".download [type=submit]")
    expect(page.locator(".download .note-error")).to_be_visible()


def test_a_crossed_outline_is_refused_with_the_place(browser_page: Page, lot: Lot):
    page = in_hand(browser_page, lot)
    places = ((-150, -120), (150, 120), (150, -120), (-150, 120))
    for place in places:
        page.mouse.click(*corner(page, lot, *place))
    with page.expect_response(ASKED) as answer:
        page.mouse.click(*corner(page, lot, *places[0]))
    error = answer.value.json()["error"]
    assert error["code"] == "crosses_itself"
    assert pixel(page, *error["at"]) == pytest.approx(corner(page, lot, 0, 0), abs=3)
    expect(panel(page).locator(".note-error")).to_contain_text(error["message"])
    # A corner is moved away, and the area is one.
    page.mouse.move(*corner(page, lot, 150, 120))
    page.mouse.down()
    page.mouse.move(*corner(page, lot, -40, -180), steps=6)
    with page.expect_response(ASKED) as answer:
        page.mouse.up()
    assert answer.value.status == 200
    expect(panel(page).locator(".note-error")).to_have_count(0)


def test_a_measured_area_leads_to_what_is_inside(browser_page: Page, lot: Lot):
    page = open_map(browser_page, f"#map=17.5/{lot.lat}/{lot.lon}")
    page.click("[data-tool=measure]")
    for place in ((-100, 0), (100, 0), (100, 100), (-100, 0)):
        page.mouse.click(*corner(page, lot, *place))
    with page.expect_response(ASKED) as answer:
        page.click("#panel .actions .button-main")
    assert count_of(answer.value.json(), "parcels") > 0
    expect(page.locator("[data-tool=measure]")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("[data-tool=area]")).to_have_attribute("aria-pressed", "true")


def test_an_area_on_a_phone(chromium: Browser, city: City, lot: Lot):
    context = chromium.new_context(
        base_url=city.url, locale="vi-VN", viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    )
    page = open_map(context.new_page(), f"#map=17.5/{lot.lat}/{lot.lon}")
    page.tap(".toolbar-opener")
    page.tap("[data-tool=area]")
    expect(page.locator("[data-way=view]")).to_be_in_viewport()
    page.tap("[data-way=rectangle]")
    expect(page.locator("#panel")).to_have_attribute("data-stop", "peek")
    page.wait_for_timeout(500)
    page.touchscreen.tap(*corner(page, lot, -100, -80))
    page.wait_for_timeout(350)
    with page.expect_response(ASKED):
        page.touchscreen.tap(*corner(page, lot, 100, 80))
    expect(page.locator("#panel")).to_have_attribute("data-stop", "half")
    expect(panel(page).locator(".answer-line").first).to_be_visible()
    assert not scrolls_sideways(page)
    assert page.evaluate("document.getElementById('panel-body').scrollWidth <= innerWidth")
    assert not violations(page)
    # A finger does not hover: the middle and the rim of a circle are two taps.
    page.tap("[data-way=circle]")
    page.wait_for_timeout(500)
    page.touchscreen.tap(180, 250)
    page.wait_for_timeout(350)
    with page.expect_response(ASKED) as answer:
        page.touchscreen.tap(240, 250)
    assert answer.value.json()["outline"]["area_m2"] > 100
    context.close()


def test_drawing_is_loaded_only_when_somebody_draws(browser_page: Page, lot: Lot):
    asked: list[str] = []
    browser_page.on("request", lambda request: asked.append(request.url))
    page = open_map(browser_page, f"#map=17.5/{lot.lat}/{lot.lon}")
    assert not [url for url in asked if "terra-draw" in url]
    with page.expect_request(re.compile("terra-draw")):
        page.click("[data-tool=area]")
