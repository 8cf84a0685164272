"""The search box while answers are under way: what stands in it is what is opened."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.conftest import City
from tests.web.browser import expect_parcel, open_map
from tests.web.conftest import Lot

pytestmark = pytest.mark.long
FIRST_OPTION = "#search-results [role=option] >> nth=0"


@pytest.fixture
def other(city: City, lot: Lot) -> str:
    """The code of another parcel."""
    [(code,)] = city.sql("SELECT code FROM published.parcels WHERE code <> %s ORDER BY code LIMIT 1", lot.code)
    return code


def hold_answers(page: Page, text: str) -> list[Route]:
    """The questions for this text; their answers come when the test lets them go on."""
    held: list[Route] = []
    page.route(lambda url: "/search.json" in url and f"q={text}&" in url, lambda route: held.append(route))
    return held


def test_enter_waits_for_the_answer_to_what_stands_in_the_box(browser_page: Page, lot: Lot, other: str):
    page = open_map(browser_page)
    held = hold_answers(page, lot.code)
    page.fill("#search-input", other)
    expect(page.locator(FIRST_OPTION)).to_be_visible()
    with page.expect_request(lambda request: f"q={lot.code}&" in request.url):
        page.fill("#search-input", lot.code)
    # The list still shows the other parcel; Enter means the one that was typed.
    page.press("#search-input", "Enter")
    page.wait_for_timeout(300)
    assert "parcel=" not in page.url
    held[0].continue_()
    expect_parcel(page, lot.sheet, lot.number)
    assert page.url.endswith(f"parcel={lot.code}")


def test_enter_again_opens_what_was_chosen_and_not_the_best_result(browser_page: Page, lot: Lot):
    # The same sheet and number in several communes.
    page = open_map(browser_page)
    page.fill("#search-input", f"tờ {lot.sheet} thửa {lot.number}")
    page.locator("#search-results [role=option] >> nth=1").click()
    expect(page.locator("#panel .answer")).to_be_visible()
    chosen = page.url.split("parcel=")[1]
    page.click("#panel-back")
    page.press("#search-input", "Enter")
    expect(page.locator("#panel .answer")).to_be_visible()
    assert page.url.split("parcel=")[1] == chosen


def test_an_answer_that_comes_after_the_box_was_left_opens_nothing(browser_page: Page, lot: Lot):
    page = open_map(browser_page)
    held = hold_answers(page, lot.code)
    with page.expect_request(lambda request: f"q={lot.code}&" in request.url):
        page.fill("#search-input", lot.code)
    page.focus("#map canvas")
    held[0].continue_()
    page.wait_for_timeout(500)
    expect(page.locator("#search-popup")).to_be_hidden()
    # Coming back asks again.
    page.unroute_all()
    page.focus("#search-input")
    expect(page.locator(FIRST_OPTION)).to_be_visible()
