"""What a visitor does with the layers: groups, one alone, order, opacity, ground, legend; all of it in the address."""

import base64
import re
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import City
from tests.web.browser import drawn, open_map, panel, pixel, scrolls_sideways, violations
from tests.web.conftest import Lot

pytestmark = pytest.mark.long


def layers_said(page: Page) -> list[str] | None:
    """The layers that the address names, bottom first; None where it names none."""
    said = parse_qs(page.url.partition("#")[2]).get("layers")
    return said[0].split(",") if said else None


def on(page: Page) -> set[str]:
    """The layers whose switch is on."""
    return set(page.eval_on_selector_all("[data-layer]:checked", "boxes => boxes.map((box) => box.dataset.layer)"))


def switch(page: Page, selector: str) -> None:
    """Click a switch where it is, whatever lies over its box."""
    page.locator(selector).click()


def test_a_group_is_switched_off_and_comes_back_as_it_was(browser_page: Page):
    page = open_map(browser_page)
    before = on(page)
    assert {"zones", "plans", "plan_lines", "parcels", "streets", "places"} <= before
    assert layers_said(page) is None
    switch(page, "[data-layer=plan_lines]")
    group = page.locator("[data-group=planning]")
    assert group.evaluate("(box) => box.indeterminate")
    switch(page, "[data-group=planning]")
    assert on(page) == before - {"zones", "plans", "plan_lines"}
    assert set(layers_said(page) or []) == on(page)
    switch(page, "[data-group=planning]")
    assert on(page) == before - {"plan_lines"}
    # Folded away, the group still says that it is on.
    fold = page.locator("button[aria-controls=layers-planning]")
    fold.click()
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(page.locator("[data-layer=zones]")).to_be_hidden()
    expect(group).to_be_checked()


def test_one_layer_alone_and_back_to_what_was(browser_page: Page):
    page = open_map(browser_page, "#layers=waters,zones,streets,parcels")
    before = on(page)
    page.click("[data-only=zones]")
    assert on(page) == {"waters", "streets", "zones"}  # the base stays
    expect(page.locator("[data-only=zones]")).to_have_attribute("aria-pressed", "true")
    page.click("[data-only=parcels]")
    assert on(page) == {"waters", "streets", "parcels"}
    assert layers_said(page) == ["waters", "streets", "parcels"]
    page.click("[data-all-again]")
    assert on(page) == before
    expect(page.locator(".only-note")).to_be_hidden()
    expect(page.locator("[data-only=parcels]")).to_have_attribute("aria-pressed", "false")


def test_the_order_is_set_with_the_keyboard_kept_in_the_address_and_reset(browser_page: Page):
    page = open_map(browser_page, "#layers=waters,zones,parcels,streets")
    page.get_by_role("button", name=re.compile("Layer order|Thứ tự lớp")).click()
    rows = page.locator(".order li")
    expect(rows).to_have_count(4)
    assert rows.evaluate_all("rows => rows.map((row) => row.dataset.key)") == ["streets", "parcels", "zones", "waters"]
    expect(page.locator("[data-move='streets:1']")).to_be_disabled()
    # Zones are brought to the top with the keyboard alone; the focus stays with them.
    page.focus("[data-move='zones:1']")
    page.keyboard.press("Enter")
    expect(page.locator("[data-move='zones:1']")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[data-move='zones:-1']")).to_be_focused()
    expect(page.locator("#announcer")).to_contain_text("1")
    assert layers_said(page) == ["waters", "parcels", "streets", "zones"]
    # Whoever opens this address sees the same order, in the list and on the map.
    page.reload()
    drawn(page)
    page.get_by_role("button", name=re.compile("Layer order|Thứ tự lớp")).click()
    expect(rows.first).to_have_attribute("data-key", "zones")
    page.get_by_role("button", name=re.compile("usual order|thứ tự thường")).click()
    assert layers_said(page) == ["waters", "zones", "parcels", "streets"]
    # Dragging does the same.
    grip, top = page.locator("[data-key=waters] .grip").bounding_box(), rows.first.bounding_box()
    assert grip is not None
    assert top is not None
    page.mouse.move(grip["x"] + 8, grip["y"] + 8)
    page.mouse.down()
    page.mouse.move(top["x"] + 20, top["y"] + 4, steps=12)
    page.mouse.up()
    assert layers_said(page) == ["zones", "parcels", "streets", "waters"]
    assert not violations(page)


def test_opacity_travels_with_the_address(browser_page: Page):
    page = open_map(browser_page, "#layers=zones:40,streets")
    row = page.locator(".layer", has=page.locator("[data-layer=zones]"))
    row.locator("summary").click()
    expect(row.get_by_role("slider")).to_have_value("40")
    row.get_by_role("slider").fill("70")
    assert layers_said(page) == ["zones:70", "streets"]
    row.get_by_role("slider").fill("100")
    assert layers_said(page) == ["zones", "streets"]


def test_what_an_address_names_in_vain_is_left_out(browser_page: Page):
    page = open_map(browser_page, "#layers=zones:abc,,nothing,streets:0,network_edges&base=sepia&relief=yes")
    assert on(page) == {"streets"}
    assert layers_said(page) == ["streets:10"]
    assert "base" not in page.url
    assert "relief" not in page.url


def test_what_needs_more_zoom_says_so_and_zooms(browser_page: Page):
    page = open_map(browser_page, "#map=12.00/15.955/108.001")
    hint = page.locator("[data-zoom-to=parcels]")
    expect(hint).to_be_visible()
    hint.click()
    expect(hint).to_be_hidden()
    page.wait_for_url(re.compile(r"#map=13\.0"))
    expect(page.locator("[data-zoom-to=addresses]")).to_be_visible()
    # What is switched off asks for nothing.
    switch(page, "[data-layer=addresses]")
    expect(page.locator("[data-zoom-to=addresses]")).to_be_hidden()


def test_the_ground_is_chosen_and_goes_with_the_theme(browser_page: Page):
    page = open_map(browser_page)
    with page.expect_request("**/style.json*theme=dark*"):
        page.check("input[name=ground][value=dark]", force=True)
    page.wait_for_url(re.compile("base=dark"))
    assert page.evaluate("document.documentElement.dataset.theme ?? 'light'") == "light"  # the page itself stays
    # The switch of the page takes map and page together.
    page.click("[data-theme-switch]")
    page.wait_for_url(lambda url: "base=" not in url)
    expect(page.locator("input[name=ground][value=dark]")).to_be_checked()


def colour_at(page: Page, x: float, y: float) -> tuple[int, int, int]:
    """What is seen in the window at a place: red, green, blue."""
    shot = page.screenshot(clip={"x": x - 1, "y": y - 1, "width": 3, "height": 3}, animations="disabled")
    red, green, blue = page.evaluate(
        """async (shot) => {
            const picture = await createImageBitmap(new Blob([Uint8Array.fromBase64(shot)]));
            const pen = new OffscreenCanvas(3, 3).getContext("2d");
            pen.drawImage(picture, 0, 0);
            return [...pen.getImageData(1, 1, 1, 1).data.slice(0, 3)];
        }""",
        base64.b64encode(shot).decode(),
    )
    return red, green, blue


@pytest.mark.parametrize("ground", ["light", "dark"])
def test_the_legend_of_the_view_shows_what_is_there_as_it_is_drawn(
    browser_page: Page, city: City, lot: Lot, ground: str
):
    page = open_map(browser_page, f"#map=18.50/{lot.lat}/{lot.lon}&layers=zones&base={ground}")
    page.get_by_role("button", name=re.compile("^(Legend|Chú giải)$")).click()
    lines = page.locator("[data-legend=zones] li")
    expect(lines.first).to_be_visible()
    # Only functions that are in view stand there, and not all that there are.
    shown = lines.count()
    [(all_functions,)] = city.sql("""
        SELECT count(DISTINCT function) FROM published.zones WHERE state = 'adopted' AND upper_inf(recorded_during)""")
    assert 1 <= shown < all_functions
    # The colour of the lot's own zone in the legend is the colour on the map, to the eye.
    [(name,)] = city.sql(
        "SELECT function_vi FROM published.zones WHERE code = %s AND upper_inf(recorded_during) LIMIT 1", lot.zone
    )
    swatch = lines.filter(has_text=name).locator("svg")
    box = swatch.bounding_box()
    assert box
    on_legend = colour_at(page, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    x, y = pixel(page, lot.lon, lot.lat)
    on_map = colour_at(page, x + 30, y)
    assert on_legend == pytest.approx(on_map, abs=4)
    # Far away there is nothing of it.
    page.evaluate("location.hash = '#map=18.50/15.0/107.0&layers=zones'")
    expect(lines).to_have_count(0)
    assert not violations(page)


@pytest.mark.parametrize("base", ["light", "dark"])
def test_the_panel_is_right_for_everyone(browser_page: Page, base: str):
    page = browser_page
    page.emulate_media(color_scheme=base)
    open_map(page)
    assert not violations(page)
    page.set_viewport_size({"width": 360, "height": 740})
    page.locator("#panel-grip").focus()
    assert not scrolls_sideways(page)
    expect(panel(page)).to_be_visible()
    for control in page.locator(".layer-line .button-icon, .group-fold").all()[:3]:
        box = control.bounding_box()
        assert box
        assert box["height"] >= 32
