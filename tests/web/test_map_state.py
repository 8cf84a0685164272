"""What the map shows is what the address, the day and the sign-in say, whatever comes late or has ended."""

import re

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.conftest import City
from tests.web.browser import drawn, open_map, panel, pixel, search
from tests.web.conftest import Lot

pytestmark = pytest.mark.long


@pytest.fixture
def camera_place(city: City) -> tuple[str, float, float]:
    """Reference, longitude and latitude of a camera, exactly; far from where citizens are told it is."""
    [row] = city.sql("""
        SELECT reference, ST_X(lonlat), ST_Y(lonlat)
        FROM published.cameras CROSS JOIN LATERAL (SELECT ST_Transform(exact, 4326)) spot(lonlat)
        WHERE upper_inf(recorded_during) ORDER BY ST_Distance(exact, approximate) DESC, id LIMIT 1""")
    return row


def test_an_ended_session_takes_what_only_staff_may_see_off_the_map(
    browser_page: Page, signed_in, camera_place: tuple[str, float, float]
):
    reference, lon, lat = camera_place
    # An operator looks at a camera: where it stands, its reference, bearing and range.
    page = signed_in(browser_page, "operator")
    page.clock.install()
    open_map(page, f"#map=18/{lat}/{lon}")
    page.mouse.click(*pixel(page, lon, lat))
    expect(panel(page)).to_contain_text(reference)
    # Meanwhile the session ends, and the page finds out.
    page.context.clear_cookies()
    page.clock.fast_forward("06:00")
    expect(page.locator(".notice a[href*='/accounts/login/']")).to_be_visible()
    drawn(page)
    # The address still names the camera: it is told as anybody may know it.
    expect(page.locator("#panel .lead .facts")).to_be_visible()
    expect(panel(page)).not_to_contain_text(reference)
    # Where the camera stands, nothing that lies there tells of it any more.
    page.mouse.click(*pixel(page, lon, lat))
    expect(page.locator("#panel-back")).to_be_visible()
    expect(panel(page)).not_to_contain_text(reference)
    page.click(".all-here button")
    expect(panel(page).locator("[data-fold=administrative_units]")).to_be_visible()
    expect(panel(page)).not_to_contain_text(reference)
    # The notice is not told to the next page too.
    page.reload()
    drawn(page)
    expect(page.locator(".notice")).to_have_count(0)


@pytest.mark.parametrize("day", ["2026-02-31", "0000-01-01", "1899-12-31"])
def test_an_address_with_a_day_that_is_none_shows_today(browser_page: Page, day: str):
    asked: list[str] = []
    browser_page.on("request", lambda request: asked.append(request.url))
    page = open_map(browser_page, f"#date={day}")
    expect(page.locator("#day-note")).to_have_count(0)
    assert not [url for url in asked if "as_of=" in url]


def test_of_two_days_picked_quickly_the_last_is_drawn(browser_page: Page):
    page = open_map(browser_page)
    held: list[Route] = []
    page.route("**/style.json*as_of=2025-11-01*", lambda route: held.append(route))
    with page.expect_request("**/style.json*as_of=2025-11-01*"):
        page.fill("#map-day", "2025-11-01")
    with page.expect_response(re.compile(r"\.mvt\?as_of=2025-12-01")):
        page.fill("#map-day", "2025-12-01")
    # The style of the first day comes at last, and is not asked for its tiles.
    tiles: list[Request] = []
    page.on("request", lambda request: "as_of=2025-11-01" in request.url and tiles.append(request))
    held[0].continue_()
    page.wait_for_timeout(1000)
    assert tiles == []
    expect(page.locator("#day-note")).to_contain_text("01/12/2025")


def test_a_day_picked_before_the_map_is_there_is_drawn(browser_page: Page):
    page = browser_page
    held: list[Route] = []
    page.route("**/style.json*", lambda route: held.append(route), times=1)
    with page.expect_request("**/style.json*"):
        page.goto("/")
    page.fill("#map-day", "2025-12-01")
    with page.expect_response(re.compile(r"\.mvt\?as_of=2025-12-01")):
        held[0].continue_()


def test_what_was_picked_before_is_not_marked_when_another_parcel_does_not_come(browser_page: Page, lot: Lot):
    page = open_map(browser_page, "#layers=parcels")

    def ground() -> bytes:
        """Some of the lot as it is drawn, beside its labels."""
        x, y = pixel(page, lot.lon, lot.lat)
        return page.screenshot(clip={"x": x + 50, "y": y + 50, "width": 20, "height": 20}, animations="disabled")

    search(page, lot.code)
    expect(page.locator("#panel .answer")).to_be_visible()
    page.click("#panel-back")
    page.mouse.move(5, 5)
    page.wait_for_timeout(1000)
    plain = ground()
    search(page, f"{lot.code} ")
    expect(page.locator("#panel .answer")).to_be_visible()
    page.wait_for_timeout(500)
    assert ground() != plain
    # Another parcel is asked for, and its answer does not come.
    page.route("**/parcels/*.json*", lambda route: route.abort())
    page.evaluate("location.hash = location.hash.replace(/parcel=.*/, 'parcel=20194-1-1')")
    expect(page.locator("#panel .note-error")).to_be_visible()
    page.wait_for_timeout(500)
    assert ground() == plain


def test_an_edit_by_somebody_else_comes_onto_the_open_map(browser_page: Page, city: City, lot: Lot):
    page = open_map(browser_page, f"#map=17/{lot.lat}/{lot.lon}&layers=parcels,streets")
    asked: list[str] = []
    page.on("response", lambda answer: ".mvt" in answer.url and asked.append(answer.url))
    page.evaluate("window.mine = true")
    # The lot's land use is changed at its place; the street layer and all other tiles stay as they are.
    with page.expect_response(re.compile(r"/tiles/parcels/17/.*mvt")) as first:
        [(new,)] = city.sql(f"""
            INSERT INTO parcels_parcel (valid_during, commune_code, sheet, number, suffix, old_sheet, old_number,
                                        land_use_codes, boundary)
            SELECT lot.valid_during, lot.commune_code, lot.sheet, lot.number || '999', suffix, '', '', land_use_codes,
                boundary
            FROM parcels_parcel lot JOIN published.parcels ON lot.identity = parcels.id
            WHERE parcels.code = '{lot.code}' AND upper_inf(lot.recorded_during) LIMIT 1 RETURNING id""")
    try:
        assert first.value.status == 200
        page.wait_for_timeout(500)
        n = 2**17
        x = (lot.lon + 180) / 360 * n
        touched = {url for url in asked if abs(int(url.split("/")[-2]) - x) < 2}
        assert len(touched) == len(set(asked)) <= 4
        assert {url.split("/tiles/")[1].split("/")[0] for url in asked} == {"parcels"}
        assert page.evaluate("window.mine")
    finally:
        city.sql("UPDATE parcels_parcel SET recorded_during = tstzrange(lower(recorded_during), clock_timestamp())"
                 " WHERE id = %s RETURNING id", new)  # fmt: skip
