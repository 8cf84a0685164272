"""One place on the map: everything there layer by layer, links to each thing, coordinates, the sheet on a phone."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import City
from tests.web.browser import camera, drawn, expect_parcel, open_map, panel, pixel
from tests.web.conftest import Lot

pytestmark = pytest.mark.long


@pytest.fixture
def phone(chromium: Browser, city: City) -> Iterator[Page]:
    """A telephone in the hand of a Vietnamese visitor."""
    context = chromium.new_context(
        base_url=city.url, locale="vi-VN", viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    )
    yield context.new_page()
    context.close()


def fold(page: Page, key: str):
    """The folded section of a layer in the panel."""
    return panel(page).locator(f"[data-fold={key}]")


def test_everything_at_a_place_in_one_panel_and_the_mark_follows(browser_page: Page, lot: Lot):
    page = open_map(browser_page, f"#map=18/{lot.lat}/{lot.lon}")
    page.mouse.click(*pixel(page, lot.lon, lot.lat))
    # The answer stands open, the rest is folded.
    expect_parcel(page, lot.sheet, lot.number)
    expect(fold(page, "zones").locator(".fold-name")).to_contain_text(lot.zone)
    expect(fold(page, "zones").locator(".facts")).to_be_hidden()
    expect(page).to_have_url(re.compile(f"parcel={lot.code}$"))
    # He opens the zone: its facts, and it is what stands out. By keyboard, as any other control.
    fold(page, "zones").locator("summary").focus()
    page.keyboard.press("Enter")
    expect(fold(page, "zones").locator(".facts")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"parcel={lot.code}&thing=zones/\d+$"))
    # A reload shows the same: the answer, the zone beside it, open.
    page.reload()
    drawn(page)
    expect_parcel(page, lot.sheet, lot.number)
    expect(fold(page, "zones").locator(".facts")).to_be_visible()
    # Folded away, the parcel stands out again.
    fold(page, "zones").locator("summary").click()
    expect(page).to_have_url(re.compile(f"parcel={lot.code}$"))


def test_what_he_opened_once_is_open_at_the_next_place_too(browser_page: Page, lot: Lot):
    page = open_map(browser_page, f"#map=18/{lot.lat}/{lot.lon}")
    page.mouse.click(*pixel(page, lot.lon, lot.lat))
    fold(page, "zones").locator("summary").click()
    page.mouse.click(*[at + 40 for at in pixel(page, lot.lon, lot.lat)])
    expect(fold(page, "zones").locator(".facts")).to_be_visible()


def test_a_click_from_afar_tells_of_the_rows_behind_what_is_drawn_as_one(browser_page: Page, lot: Lot):
    page = open_map(browser_page, f"#map=12/{lot.lat}/{lot.lon}")
    page.mouse.click(*pixel(page, lot.lon, lot.lat))
    expect(fold(page, "zones")).to_be_attached()


def test_what_the_map_does_not_show_is_asked_of_the_server(browser_page: Page, lot: Lot):
    page = open_map(browser_page, f"#map=18/{lot.lat}/{lot.lon}&layers=zones")
    page.mouse.click(*pixel(page, lot.lon, lot.lat))
    expect(page.locator("#panel-title")).to_have_text(lot.zone)
    expect(fold(page, "parcels")).to_have_count(0)
    page.click(".all-here button")
    expect(fold(page, "parcels").locator(".fold-name")).to_contain_text(lot.number)
    expect(fold(page, "administrative_units").locator(".fold-name")).to_contain_text(lot.commune)
    # From there to the answer.
    fold(page, "parcels").locator("summary").click()
    fold(page, "parcels").locator("button.button-main").click()
    expect_parcel(page, lot.sheet, lot.number)
    expect(fold(page, "zones")).to_be_attached()


def test_a_link_to_any_thing_leads_to_it(browser_page: Page, street: tuple[int, str, float, float]):
    identity, name, lon, lat = street
    # Its tile was never loaded, its layer is off, and the address says nothing of where it is.
    page = open_map(browser_page, f"#layers=parcels&thing=streets/{identity}")
    expect(page.locator("#panel-title")).to_have_text(name)
    expect(page).to_have_url(re.compile(f"thing=streets/{identity}$"))
    page.wait_for_function("() => /map=1[5-9]/.test(location.hash)")
    _zoom, at_lat, at_lon = camera(page)
    assert (at_lat, at_lon) == pytest.approx((lat, lon), abs=0.002)
    # Back and forward.
    page.keyboard.press("Escape")
    expect(page.locator("[data-layer=parcels]")).to_be_visible()
    assert "thing=" not in page.url
    page.go_back()
    expect(page.locator("#panel-title")).to_have_text(name)
    page.go_forward()
    expect(page.locator("[data-layer=parcels]")).to_be_visible()
    # A click on it means the street, not the zone for traffic that it lies in.
    page = open_map(browser_page, f"#map=18/{lat}/{lon}")
    page.mouse.click(*pixel(page, lon, lat))
    expect(page.locator("#panel-title")).to_have_text(name)
    expect(page.locator("#panel .fold").first).to_have_attribute("data-fold", "zones")


def test_a_thing_that_was_not_there_on_that_day_says_so_and_leads_on(
    browser_page: Page, street: tuple[int, str, float, float]
):
    identity, name, _lon, _lat = street
    page = open_map(browser_page, f"#date=1990-05-01&thing=streets/{identity}")
    expect(panel(page).locator(".note-error")).to_contain_text("01/05/1990")
    # The day on which it is there is one click away.
    panel(page).locator(".actions button").first.click()
    expect(page.locator("#panel-title")).to_have_text(name)
    expect(page.locator("#day-note")).not_to_contain_text("1990")


def test_a_link_to_what_one_may_not_see_says_no_more_than_one_to_nothing(browser_page: Page, city: City):
    [(identity,)] = city.sql("SELECT id FROM published.network_nodes WHERE upper_inf(recorded_during) LIMIT 1")
    page = open_map(browser_page, f"#thing=network_nodes/{identity}")
    forbidden = panel(page).locator(".note-error").inner_text()
    page.evaluate("location.hash = '#thing=no_such_layer/1'")
    expect(panel(page).locator(".note-error")).to_have_text(forbidden)
    # Nothing of it is marked, and the search is offered instead of another try.
    panel(page).locator(".actions button").first.click()
    expect(page.locator("#search-input")).to_be_focused()


def test_coordinates_are_copied_in_both_systems(browser_page: Page, lot: Lot):
    browser_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = open_map(browser_page, f"#map=18/{lot.lat}/{lot.lon}")
    page.mouse.click(*pixel(page, lot.lon, lot.lat), button="right")
    # The right button asks about the place: coordinates open, what is there below.
    coordinates = fold(page, "coordinates")
    coordinates.locator("[data-copy='WGS 84']").click()
    expect(coordinates.locator(".copied").last).not_to_be_empty()
    lat, lon = map(float, page.evaluate("navigator.clipboard.readText()").split(", "))
    assert (lat, lon) == pytest.approx((lot.lat, lot.lon), abs=2e-5)
    coordinates.locator("[data-copy^='VN-2000']").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(r"\d{7}\.\d{3} \d{6}\.\d{3}", copied)
    expect(page.locator("#announcer")).to_contain_text(copied)
    expect(fold(page, "parcels").locator(".fold-name")).to_contain_text(lot.number)
    # What was copied is read back by the search.
    page.fill("#search-input", copied)
    expect(page.locator("#search-results [role=option]", has_text=lot.number).first).to_be_visible()


def test_the_keyboard_asks_about_a_place_too(browser_page: Page, lot: Lot):
    page = open_map(browser_page, f"#map=19/{lot.lat}/{lot.lon}")
    page.focus("canvas.maplibregl-canvas")
    page.keyboard.press("Shift+Enter")
    expect(fold(page, "coordinates").locator("[data-copy='WGS 84']")).to_be_visible()
    expect(fold(page, "parcels").locator(".fold-name")).to_contain_text(lot.number)


def test_a_name_under_the_mouse_changes_in_place(browser_page: Page, lot: Lot):
    page = open_map(browser_page, f"#map=18/{lot.lat}/{lot.lon}")
    x, y = pixel(page, lot.lon, lot.lat)
    page.mouse.move(x - 5, y)
    tip = page.locator(".tip")
    expect(tip).to_contain_text(lot.number)
    # Over the land, the name is never taken away between two places.
    page.evaluate("""() => {
        window.vanished = 0;
        new MutationObserver(() => (window.vanished += document.querySelector(".tip").hidden))
            .observe(document.querySelector(".tip"), { attributes: true, attributeFilter: ["hidden"] });
    }""")
    for step in range(20):
        page.mouse.move(x - 5 + step / 2, y)
        page.wait_for_timeout(15)
    assert page.evaluate("window.vanished") == 0
    page.mouse.move(10, 10)
    expect(tip).to_be_hidden()


# The sheet on a phone


def drag(page: Page, x: float, start: float, *to: float, pause_ms: int = 16) -> None:
    """A finger goes down, moves through heights of the screen, and goes up."""
    touch = page.context.new_cdp_session(page)

    def send(kind: str, y: float | None) -> None:
        points = [] if y is None else [{"x": x, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", start)
    for y in to:
        page.wait_for_timeout(pause_ms)
        send("touchMove", y)
    send("touchEnd", None)
    page.wait_for_timeout(300)  # it glides to its stop


def expect_stop(page: Page, stop: str) -> None:
    expect(page.locator("#panel")).to_have_attribute("data-stop", stop)


def path(start: float, end: float, steps: int = 12) -> list[float]:
    return [start + (end - start) * step / steps for step in range(1, steps + 1)]


def test_the_sheet_follows_the_finger_and_goes_on_when_flung(phone: Page, lot: Lot):
    page = open_map(phone, f"#map=18/{lot.lat}/{lot.lon}&parcel={lot.code}")
    expect(page.locator(".answer")).to_be_visible()
    expect_stop(page, "half")
    # Dragged slowly a little way, it falls back; a long way, it stays there.
    drag(page, 180, 385, *path(385, 420), pause_ms=40)
    expect_stop(page, "half")
    drag(page, 180, 385, *path(385, 640), pause_ms=40)
    expect_stop(page, "peek")
    # Peeking it says what is open and the first line of the answer.
    expect(page.locator("#panel-title")).to_be_in_viewport()
    expect(page.locator(".answer-line").first).to_be_in_viewport(ratio=0.9)
    # A short quick flick is enough to go on to the next stop.
    drag(page, 180, 640, 625, 605, 580, 555, pause_ms=8)
    expect_stop(page, "half")


def test_its_content_scrolls_and_hands_over_at_the_top(phone: Page, lot: Lot):
    page = open_map(phone, f"#map=18/{lot.lat}/{lot.lon}&parcel={lot.code}")
    expect(page.locator(".answer")).to_be_visible()
    # Half-way up, a finger on the text lifts the sheet.
    drag(page, 180, 600, *path(600, 200))
    expect_stop(page, "full")
    # On top it scrolls, and the sheet stays.
    drag(page, 180, 600, *path(600, 300))
    page.wait_for_function("document.getElementById('panel-body').scrollTop > 50")
    expect_stop(page, "full")
    page.evaluate("document.getElementById('panel-body').scrollTop = 0")
    # From the top of the text, pulling down takes the sheet along.
    drag(page, 180, 200, *path(200, 460))
    expect_stop(page, "half")


def test_what_is_selected_stays_in_sight(phone: Page, lot: Lot):
    page = open_map(phone, f"#map=18/{lot.lat}/{lot.lon}")
    # A tap low on the screen: the sheet that comes up would cover the place; the map moves it out from under.
    page.touchscreen.tap(180, 580)
    expect(page.locator(".answer, .lead .facts").first).to_be_visible()
    expect_stop(page, "half")
    page.wait_for_function("lat => !location.hash.includes(`/${lat}/`)", arg=f"{lot.lat:.6f}")
    # The way back of the phone closes it.
    page.go_back()
    expect(page.locator("[data-layer=parcels]")).to_be_attached()
    assert "parcel=" not in page.url


def test_what_has_the_focus_is_never_under_the_sheet(phone: Page, lot: Lot):
    page = open_map(phone, f"#map=18/{lot.lat}/{lot.lon}&parcel={lot.code}")
    expect(page.locator(".answer")).to_be_visible()
    page.focus("#panel-grip")
    page.keyboard.press("Home")
    expect_stop(page, "full")
    # Tabbing on into the map's own controls lets the sheet down.
    page.focus(".maplibregl-ctrl-zoom-out")
    page.keyboard.press("Shift+Tab")
    page.wait_for_timeout(400)
    expect(page.locator(".maplibregl-ctrl-zoom-in")).to_be_focused()
    assert page.evaluate("""() => {
        const { left, top, width, height } = document.activeElement.getBoundingClientRect();
        return document.activeElement.contains(document.elementFromPoint(left + width / 2, top + height / 2));
    }""")
