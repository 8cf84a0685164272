"""The list below the search box: by keyboard, read aloud, half-typed letters, what was searched for before."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import City
from tests.web.browser import expect_parcel, open_map, violations

pytestmark = pytest.mark.long
OPTIONS = "#search-results [role=option]"
RECENT = "localStorage.getItem('recent-searches')"


@dataclass(frozen=True)
class House:
    """A house of the demo town, its street without `Đường`, and its parcel."""

    number: str
    street: str
    code: str
    sheet: str
    parcel: str


@pytest.fixture(scope="session")
def house(city: City) -> House:
    """A house on a street whose name shares a word with others, so that the list has several groups."""
    [row] = city.sql("""
        SELECT house.house_number, substr(house.street_name, 7), parcel.code, parcel.sheet, parcel.number
        FROM base_address house JOIN parcels_parcel parcel ON parcel.identity = house.parcel
        WHERE house.street_name LIKE 'Đường %' AND house.house_number ~ '^[0-9]+$'
            AND upper_inf(parcel.recorded_during) AND upper_inf(parcel.valid_during)
            AND (SELECT count(*) FROM base_address other
                 WHERE other.street_name = house.street_name AND other.house_number = house.house_number) = 1
        ORDER BY house.house_number::int DESC, house.street_name LIMIT 1""")
    return House(*row)


def typed(page: Page, text: str) -> None:
    """Type like a person, and wait for the list."""
    page.click("#search-input")
    with page.expect_response(lambda answer: "/search.json" in answer.url):
        page.fill("#search-input", text)
    expect(page.locator(OPTIONS).first).to_be_visible()


def active(page: Page) -> str | None:
    return page.get_attribute("#search-input", "aria-activedescendant")


def test_the_arrows_walk_through_all_groups_and_the_letters_stay_near(browser_page: Page, house: House):
    page = open_map(browser_page)
    box = page.locator("#search-input")
    typed(page, f"{house.number} {house.street}")
    groups = page.locator("#search-results [role=group]")
    assert groups.count() >= 2
    for at in range(groups.count()):
        heading = groups.nth(at).get_attribute("aria-labelledby")
        assert page.locator(f"#{heading}").inner_text().strip()
    expect(page.locator(f"{OPTIONS} mark").first).to_have_text(house.number)
    count = page.locator(OPTIONS).count()
    walked = []
    for _ in range(count + 1):
        page.keyboard.press("ArrowDown")
        walked.append(active(page))
        expect(page.locator(f"{OPTIONS}[aria-selected=true]")).to_have_count(1)
    assert walked == [*(f"search-option-{at}" for at in range(count)), "search-option-0"]
    page.keyboard.press("ArrowUp")
    assert active(page) == f"search-option-{count - 1}"
    # Home and End belong to the letters: none of the options is meant any more.
    page.keyboard.press("Home")
    assert active(page) is None
    assert box.evaluate("box => box.selectionStart") == 0
    page.keyboard.press("End")
    assert box.evaluate("box => box.selectionStart") == len(box.input_value())
    page.keyboard.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Alt+ArrowDown")
    expect(box).to_have_attribute("aria-expanded", "true")
    assert active(page) is None
    page.keyboard.press("Enter")
    expect_parcel(page, house.sheet, house.parcel)


def test_a_house_opens_its_parcel_with_a_pin_at_the_door(browser_page: Page, house: House):
    page = open_map(browser_page)
    # A number that is not there: the street says so, to the eye and aloud, and does not pass for what was asked.
    typed(page, f"99999 {house.street}")
    told = "Không có số nhà 99999 trong dữ liệu; gần nhất:"
    expect(page.locator(OPTIONS).first).to_contain_text(told)
    expect(page.locator("#announcer")).to_contain_text(told)
    typed(page, f"số {house.number} đường {house.street}")
    page.locator(OPTIONS).first.click()
    expect_parcel(page, house.sheet, house.parcel)
    assert page.url.endswith(f"parcel={house.code}")
    expect(page.locator(".maplibregl-marker")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_open_list_does_not_break_wcag(browser_page: Page, house: House, theme):
    browser_page.emulate_media(color_scheme=theme)
    page = open_map(browser_page)
    page.focus("#search-input")
    expect(page.locator(OPTIONS).first).to_be_visible()
    assert violations(page) == []
    typed(page, f"{house.number} {house.street}")
    page.keyboard.press("ArrowDown")
    assert violations(page) == []
    page.fill("#search-input", "qwrt zzz")
    expect(page.locator("#search-note")).to_be_visible()
    assert violations(page) == []


def test_half_a_letter_is_not_a_question(browser_page: Page):
    page = open_map(browser_page)
    asked: list[str] = []
    page.on("request", lambda request: "/search.json" in request.url and asked.append(request.url))
    page.click("#search-input")
    keyboard = page.context.new_cdp_session(page)
    # As an input method composes "đường": the word is underlined and not yet there.
    for text in ("d", "đ", "đu", "đươ", "đươn", "đường"):
        keyboard.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
        page.wait_for_timeout(250)
    page.keyboard.press("ArrowDown")
    assert asked == []
    with page.expect_request(lambda request: "/search.json" in request.url) as request:
        keyboard.send("Input.insertText", {"text": "đường"})
    assert "q=%C4%91%C6%B0%E1%BB%9Dng" in request.value.url
    expect(page.locator(OPTIONS).first).to_be_visible()


def test_what_was_searched_for_is_offered_again_until_it_is_cleared(browser_page: Page, house: House):
    page = open_map(browser_page)
    assert page.evaluate(RECENT) is None
    typed(page, f"{house.number} {house.street}")
    page.locator(OPTIONS).first.click()
    expect_parcel(page, house.sheet, house.parcel)
    # The words stay in this browser, for the next visit.
    page = open_map(page)
    page.focus("#search-input")
    expect(page.locator(OPTIONS).first).to_have_text(f"{house.number} Đường {house.street}")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(f"{OPTIONS} mark").first).to_be_visible()
    page.click("#search [type=reset]")
    expect(page.locator("#search-foot button")).to_be_visible()
    page.keyboard.press("Tab")
    page.click("#search-foot button")
    expect(page.locator("#search-foot")).to_be_hidden()
    assert page.evaluate(RECENT) is None
    expect(page.locator("#search-input")).to_be_focused()


def test_each_example_finds_something(browser_page: Page):
    page = open_map(browser_page)
    page.focus("#search-input")
    expect(page.locator(OPTIONS).first).to_be_visible()
    examples = page.locator(OPTIONS).all_inner_texts()
    assert len(examples) >= 3
    for text in examples:
        typed(page, text)
        page.fill("#search-input", "")
        expect(page.locator(OPTIONS).first).to_have_text(examples[0])


def test_nothing_found_shows_ways_on(browser_page: Page):
    page = open_map(browser_page)
    page.fill("#search-input", "qwrt zzz")
    note = page.locator("#search-note")
    expect(note).to_contain_text("qwrt zzz")
    expect(page.locator("#search-input")).to_have_attribute("aria-expanded", "false")
    expect(page.locator("#announcer")).to_contain_text("qwrt zzz")
    page.click("#search-foot a")
    page.wait_for_url("**/search?q=qwrt+zzz")
    expect(page.locator("#ways")).to_be_visible()


def test_a_broken_memory_costs_nothing_else(browser_page: Page, house: House):
    page = open_map(browser_page)
    page.evaluate("localStorage.setItem('recent-searches', '{\"not\": \"a list\"}')")
    page = open_map(browser_page)
    typed(page, f"{house.number} {house.street}")
    page.locator(OPTIONS).first.click()
    expect_parcel(page, house.sheet, house.parcel)
