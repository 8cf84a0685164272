"""What each of them comes for, from the first page to the answer, in the fewest steps."""

import re
import time

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import City
from tests.web.browser import drawn, expect_parcel, open_map, panel, scrolls_sideways

pytestmark = pytest.mark.long


@pytest.fixture(scope="session")
def address(city: City) -> tuple[str, str, str]:
    """A house number with its street, and sheet and number of the parcel it stands on, where a plan sets storeys."""
    [row] = city.sql("""
        SELECT address.house_number || ' ' || address.street_name, parcel.sheet, parcel.number
        FROM published.addresses address
        JOIN published.parcels parcel ON ST_Contains(parcel.exact, address.exact)
        JOIN published.zones zone ON ST_Contains(zone.exact, parcel.exact) AND zone.state = 'adopted'
            AND zone.storeys_max IS NOT NULL AND zone.valid_during @> current_date AND upper_inf(zone.recorded_during)
            AND zone.joined_valid_during @> current_date AND upper_inf(zone.joined_recorded_during)
        WHERE address.valid_during @> current_date AND upper_inf(address.recorded_during)
            AND parcel.valid_during @> current_date AND upper_inf(parcel.recorded_during)
            AND (SELECT count(*) FROM published.addresses same WHERE same.house_number = address.house_number
                AND same.street_name = address.street_name AND upper_inf(same.recorded_during)) = 1
        ORDER BY address.id LIMIT 1""")
    return row


def test_a_citizen_asks_what_may_be_built_at_a_street_and_number(browser_page: Page, address: tuple[str, str, str]):
    text, sheet, number = address
    page = browser_page
    page.goto("/")
    began = time.monotonic()
    # He types the address into the box that is there, and presses Enter.
    page.fill("#search-input", text)
    page.wait_for_selector("#search-results [role=option]")
    page.press("#search-input", "Enter")
    # The answer stands first.
    expect_parcel(page, sheet, number)
    expect(panel(page).locator(".answer-line").first).to_contain_text("tầng")
    assert time.monotonic() - began < 30


def test_the_same_on_a_phone(chromium: Browser, city: City, address: tuple[str, str, str]):
    text, sheet, number = address
    context = chromium.new_context(
        base_url=city.url, locale="vi-VN", viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    )
    page = open_map(context.new_page())
    page.tap("#search-input")
    page.keyboard.type(text)
    page.locator("#search-results [role=option]").first.tap()
    expect_parcel(page, sheet, number)
    expect(panel(page).locator(".answer-line").first).to_be_in_viewport()
    context.close()


def test_the_same_without_javascript(chromium: Browser, city: City, address: tuple[str, str, str]):
    text, sheet, number = address
    context = chromium.new_context(base_url=city.url, locale="vi-VN", java_script_enabled=False)
    page = context.new_page()
    page.goto("/start")
    page.fill("main input[name=q]", text)
    page.press("main input[name=q]", "Enter")
    page.locator("main a[href*='/parcels/']").first.click()
    expect(page.locator("h1")).to_contain_text(number)
    expect(page.locator("h1")).to_contain_text(sheet)
    expect(page.locator(".built .first").first).to_contain_text("tầng")
    context.close()


def test_an_example_of_the_start_page_leads_somewhere(browser_page: Page):
    page = browser_page
    page.goto("/start")
    for at in range(page.locator(".start-examples a").count()):
        page.goto("/start")
        page.locator(".start-examples a").nth(at).click()
        expect(page.locator(".hits li").first).to_be_visible()


def start_of(page: Page, signed_in, role: str) -> Page:
    """Signed in, on the start page."""
    signed_in(page, role)
    page.wait_for_url("**/start")
    assert not scrolls_sideways(page)
    return page


def test_a_planner_opens_his_draft_on_the_map(browser_page: Page, signed_in):
    page = start_of(browser_page, signed_in, "planner")
    draft = page.locator(".items li", has_text="Dự thảo").first
    title = draft.locator("a").inner_text()
    draft.locator("a").click()
    drawn(page)
    expect(page.locator("#panel-title")).to_have_text(title)
    expect(panel(page).locator(".chip")).to_have_text("Dự thảo")
    expect(page).to_have_url(re.compile(r"#map=.*&thing=plans/\d+$"))
    # His start page is one click away, and the map one click from there.
    page.click(".menu summary")
    page.click(".menu-sheet a[href='/start']")
    page.click(".start-head a[href='/']")
    drawn(page)


def test_a_planner_opens_the_latest_change_of_the_cadastre(browser_page: Page, signed_in):
    page = start_of(browser_page, signed_in, "planner")
    changed = page.locator("[aria-labelledby=changes] tbody a").first
    code = changed.inner_text()
    changed.click()
    drawn(page)
    expect(panel(page).locator(".answer")).to_be_visible()
    assert page.url.endswith(f"parcel={code}")


@pytest.mark.parametrize("role", ["officer", "clerk"])
def test_a_desk_finds_its_place_and_a_parcel(browser_page: Page, signed_in, role: str, lot):
    page = start_of(browser_page, signed_in, role)
    expect(page.locator("#desk")).to_be_visible()
    page.fill("#asked", f"{lot.sheet}-{lot.number}")
    page.press("#asked", "Enter")
    page.locator(f"a[href*='/parcels/{lot.code}']").first.click()
    expect(page.locator("h1")).to_contain_text(lot.number)


@pytest.mark.parametrize(("username", "network"), [("water", "Cấp nước"), ("power", "Cấp điện")])
def test_a_utility_counts_its_network_and_looks_at_it(browser_page: Page, signed_in, username: str, network: str):
    page = start_of(browser_page, signed_in, username)
    expect(page.locator("[aria-labelledby=networks] tr.group").first).to_have_text(network)
    page.click("[aria-labelledby=networks] .actions a")
    drawn(page)
    expect(page.locator("[data-layer=network_edges]")).to_be_checked()
    expect(page.locator("[data-layer=zones]")).not_to_be_checked()


def test_an_operator_counts_cameras_and_looks_at_them(browser_page: Page, signed_in):
    page = start_of(browser_page, signed_in, "operator")
    expect(page.locator("[aria-labelledby=cameras] tbody tr")).not_to_have_count(0)
    page.click("[aria-labelledby=cameras] .actions a")
    drawn(page)
    expect(page.locator("[data-layer=cameras]")).to_be_checked()


def test_signing_in_from_a_place_on_the_map_comes_back_to_it(browser_page: Page, city: City, lot):
    page = open_map(browser_page, f"#map=18/{lot.lat:.6f}/{lot.lon:.6f}&parcel={lot.code}")
    expect(panel(page).locator(".answer")).to_be_visible()
    page.click("a[href*='/accounts/login/']")
    page.fill("[name=login]", "planner")
    page.fill("[name=password]", city.password)
    page.click("main [type=submit]")
    drawn(page)
    expect_parcel(page, lot.sheet, lot.number)


def test_signing_in_from_the_untouched_map_leads_to_the_start_page(browser_page: Page, city: City):
    page = open_map(browser_page)
    page.click("a[href*='/accounts/login/']")
    page.fill("[name=login]", "planner")
    page.fill("[name=password]", city.password)
    page.click("main [type=submit]")
    page.wait_for_url("**/start")
