"""The pages are for everyone: by keyboard, on a phone, read aloud, in two languages, without JavaScript."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import City
from tests.web.browser import drawn, expect_parcel, open_map, panel, scrolls_sideways, violations
from tests.web.conftest import Lot

pytestmark = pytest.mark.long


def test_search_needs_only_the_keyboard(browser_page: Page, lot: Lot):
    page = open_map(browser_page)
    box = page.locator("#search-input")
    # Two Tabs past the skip link and the brand lies the search.
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(box).to_be_focused()
    page.keyboard.type(f"{lot.sheet}-{lot.number}")
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    chosen = box.get_attribute("aria-activedescendant")
    expect(page.locator(f"#{chosen}")).to_have_attribute("aria-selected", "true")
    # Escape closes the list, an arrow opens it again, Enter chooses; the news is said aloud.
    page.keyboard.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#announcer")).to_contain_text(lot.number)
    expect_parcel(page, lot.sheet, lot.number)
    # Escape leaves the parcel.
    page.keyboard.press("Escape")
    expect(page.locator("[data-layer=parcels]")).to_be_visible()


def test_the_map_tells_what_is_in_its_middle(browser_page: Page, lot: Lot):
    page = open_map(browser_page, f"#map=19/{lot.lat}/{lot.lon}&layers=parcels")
    page.focus("canvas.maplibregl-canvas")
    page.keyboard.press("Enter")
    expect_parcel(page, lot.sheet, lot.number)


def test_every_control_can_be_reached_and_shows_that_it_is(browser_page: Page):
    page = open_map(browser_page)
    reached = []
    for _ in range(150):
        page.keyboard.press("Tab")
        focus = page.evaluate(
            """() => {
                const { id, tagName, dataset } = document.activeElement;
                const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
                const canvas = document.activeElement.classList.contains("maplibregl-canvas");
                return { name: id || dataset.layer || (canvas ? "canvas" : tagName),
                         visible: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 };
            }"""
        )
        if focus["name"] == "BODY":
            break
        assert focus["visible"], focus
        reached.append(focus["name"])
    assert {"search-input", "parcels", "zones", "map-day", "canvas"} <= set(reached)


PAGES = ["/", "/#parcel={code}", "/#thing=streets/{street}", "/accounts/login/", "/accounts/logout/",
         "/accounts/signup/", "/accounts/password/reset/", "/parcels/{code}", "/search", "/search?q={code}",
         "/search?q=qqq", "/parcels/nothing-here", "/no/such/page", "/start", "/things/streets/{street}",
         "/things/streets/{street}?as_of=1990-01-01", "/table", "/table?layer=parcels", "/print"]  # fmt: skip
DESKTOP, PHONE, ZOOMED = {"width": 1400, "height": 900}, {"width": 360, "height": 740}, {"width": 320, "height": 256}


def visit(page: Page, address: str) -> None:
    """Open a page until it shows what it was opened for."""
    page.goto("about:blank")
    page.goto(address)
    if address.startswith("/#") or address == "/":
        drawn(page)
    if "parcel=" in address:
        expect(panel(page).locator(".zone").first).to_be_visible()
    if "thing=" in address:
        expect(panel(page).locator(".facts").first).to_be_visible()


@pytest.fixture
def addresses(lot: Lot, street: tuple[int, str, float, float]) -> list[str]:
    """The pages that everybody may open."""
    return [address.format(code=lot.code, street=street[0]) for address in PAGES]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_breaks_wcag(browser_page: Page, addresses: list[str], theme, size):
    browser_page.emulate_media(color_scheme=theme)
    browser_page.set_viewport_size(size)
    for address in addresses:
        visit(browser_page, address)
        assert violations(browser_page) == [], address


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_start_page_of_one_who_is_everything_does_not_either(browser_page: Page, signed_in, theme, size):
    browser_page.emulate_media(color_scheme=theme)
    browser_page.set_viewport_size(size)
    page = signed_in(browser_page, "admin")
    expect(page.locator("#accounts")).to_be_visible()
    assert violations(page) == []
    assert not scrolls_sideways(page)


def test_at_400_percent_nothing_scrolls_sideways_or_lies_under_anything(browser_page: Page, addresses: list[str]):
    # 1280 × 1024 at 400 %: the window is 320 × 256 (WCAG 1.4.10).
    browser_page.set_viewport_size(ZOOMED)
    for address in addresses:
        visit(browser_page, address)
        assert not scrolls_sideways(browser_page), address
        # Whatever gets the focus can be seen once it has it: the middle of what lies in the window (2.4.11).
        for _ in range(25):
            browser_page.keyboard.press("Tab")
            seen = browser_page.evaluate(
                """async () => {
                    await new Promise(requestAnimationFrame);
                    const focused = document.activeElement;
                    if (focused === document.body || focused.matches(".skip, canvas")) return null;
                    const { left, top, width, height } = focused.getBoundingClientRect();
                    const middle = (from, size, window) => (Math.max(from, 0) + Math.min(from + size, window)) / 2;
                    const [x, y] = [middle(left, width, innerWidth), middle(top, height, innerHeight)];
                    const there = document.elementFromPoint(x, y);
                    const whole = focused.closest("label") ?? focused;
                    const seen = there && (whole.contains(there) || there.contains(focused));
                    return seen ? null : focused.outerHTML.slice(0, 200);
                }"""
            )
            assert seen is None, (address, seen)


def test_targets_are_large_enough_for_a_finger(browser_page: Page, addresses: list[str]):
    # WCAG 2.5.8 asks for 24 px; a link within a sentence may be as high as its line.
    browser_page.set_viewport_size(PHONE)
    for address in addresses:
        visit(browser_page, address)
        small = browser_page.evaluate(
            """() => [...document.querySelectorAll("button, summary, input:not([type=hidden]), select, a.button")]
                .filter((control) => control.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
                .map((control) => ({ box: (control.closest("label") ?? control).getBoundingClientRect(), control }))
                .filter(({ box }) => box.width > 1 && (box.width < 24 || box.height < 24))
                .map(({ control }) => control.outerHTML.slice(0, 160))"""
        )
        assert small == [], address


def test_the_open_parts_of_the_map_page_do_not_break_wcag_either(browser_page: Page, signed_in, lot: Lot):
    page = open_map(signed_in(browser_page, "planner"))
    page.click(".menu summary")
    page.locator(".layer details summary").first.click()
    page.fill("#search-input", lot.code)
    page.wait_for_selector("#search-results [role=option]")
    assert violations(page) == []
    page.goto("/accounts/password/change/")
    page.click("main [type=submit]")
    assert violations(page) == []


def test_vietnamese_first_and_english_on_request(browser_page: Page, lot: Lot):
    page = open_map(browser_page, f"#map=17.00/{lot.lat:.6f}/{lot.lon:.6f}")
    expect(page.locator("html")).to_have_attribute("lang", "vi")
    expect(panel(page)).to_contain_text("Thửa đất")
    address = page.url
    # The switch comes back to the same place on the map.
    page.click(".segmented [value=en]")
    page.wait_for_selector("html[lang=en]", state="attached")
    drawn(page)
    expect(panel(page)).to_contain_text("Parcels")
    assert page.url == address
    page.goto(f"/parcels/{lot.code}")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_theme_follows_the_system_until_it_is_switched(browser_page: Page):
    ground = "getComputedStyle(document.body).getPropertyValue('--ground')"
    page = open_map(browser_page)
    light = page.evaluate(ground)
    with page.expect_response(re.compile(r"/tiles/style\.json.*theme=dark")):
        page.click("[data-theme-switch]")
    dark = page.evaluate(ground)
    assert dark != light
    # Kept for the next page, drawn without a flash by the server.
    page.goto("/search")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate(ground) == dark


def test_nothing_scrolls_sideways_on_a_phone(browser_page: Page, addresses: list[str]):
    browser_page.set_viewport_size(PHONE)
    for address in addresses:
        visit(browser_page, address)
        assert not scrolls_sideways(browser_page), address


def test_on_a_phone_the_panel_is_a_sheet_that_leaves_the_parcel_in_sight(chromium: Browser, city: City, lot: Lot):
    context = chromium.new_context(
        base_url=city.url, locale="vi-VN", viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    )
    page = open_map(context.new_page(), f"#map=18/{lot.lat}/{lot.lon}&layers=parcels")
    # It peeks at first; a tapped parcel lifts it half-way and the parcel moves out from under it.
    expect(page.locator("#panel")).to_have_attribute("data-stop", "peek")
    page.touchscreen.tap(180, 370)
    expect(page.locator("#panel")).to_have_attribute("data-stop", "half")
    expect(page.locator(".answer")).to_be_visible()
    # Grip and arrow keys move it between its stops.
    page.focus("#panel-grip")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#panel")).to_have_attribute("data-stop", "full")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#panel")).to_have_attribute("data-stop", "peek")
    # Language, theme and sign-in are behind one button.
    page.click(".tools-switch")
    expect(page.locator(".segmented")).to_be_visible()
    context.close()


def test_without_javascript_parcel_and_search_say_the_same(chromium: Browser, city: City, lot: Lot):
    context = chromium.new_context(base_url=city.url, locale="vi-VN", java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.click("noscript a, .panel-body a")
    page.wait_for_url("**/search")
    page.fill("main input[name=q]", f"{lot.sheet}-{lot.number}")
    page.press("main input[name=q]", "Enter")
    page.click(f"main a[href*='/parcels/{lot.code}']")
    expect(page.locator("main")).to_contain_text(lot.zone)
    context.close()


def test_a_browser_without_webgl_is_led_to_the_text(chromium: Browser, city: City, lot: Lot):
    plain = chromium.browser_type.launch(
        executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-3d-apis", "--disable-gpu"]
    )
    page = plain.new_context(base_url=city.url, locale="vi-VN").new_page()
    page.goto("/")
    expect(page.locator(".no-map a[href='/search']")).to_be_visible()
    expect(page.locator(".no-map a[href='/table']")).to_be_visible()
    # The search box still finds, and leads to the page instead of the map.
    page.fill("#search-input", lot.code)
    page.wait_for_selector("#search-results [role=option]")
    page.press("#search-input", "Enter")
    page.wait_for_url(f"**/parcels/{lot.code}")
    plain.close()
