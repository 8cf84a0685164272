"""What a person does with the map in a browser, and what can be asked of a page."""

import json
import math
import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.conftest import ROOT

AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
TILE_PX = 512


def open_map(page: Page, state: str = "") -> Page:
    """The map page in a state of its address, drawn to the end."""
    page.goto("about:blank")
    page.goto(f"/{state}")
    return drawn(page)


def drawn(page: Page) -> Page:
    """Wait until the map has drawn once."""
    page.wait_for_selector("html[data-map=ready]", state="attached")
    return page


def camera(page: Page) -> tuple[float, float, float]:
    """Zoom, latitude, longitude as the address says them."""
    found = re.search(r"#map=([\d.]+)/(-?[\d.]+)/(-?[\d.]+)", page.url)
    assert found, page.url
    zoom, lat, lon = map(float, found.groups())
    return zoom, lat, lon


def pixel(page: Page, lon: float, lat: float) -> tuple[float, float]:
    """Where a place is in the window, by the camera in the address: Web Mercator with tiles of 512 pixels."""
    zoom, centre_lat, centre_lon = camera(page)

    def world(at_lon: float, at_lat: float) -> tuple[float, float]:
        size = TILE_PX * 2**zoom
        north = math.log(math.tan(math.pi / 4 + math.radians(at_lat) / 2))
        return size * (at_lon + 180) / 360, size * (1 - north / math.pi) / 2

    box = page.locator("#map").bounding_box()
    assert box
    (x, y), (centre_x, centre_y) = world(lon, lat), world(centre_lon, centre_lat)
    return box["x"] + box["width"] / 2 + x - centre_x, box["y"] + box["height"] / 2 + y - centre_y


def search(page: Page, text: str) -> None:
    """Type into the search box and take the best result with Enter."""
    page.fill("#search-input", text)
    page.wait_for_selector("#search-results [role=option]")
    page.press("#search-input", "Enter")


def panel(page: Page) -> Any:
    """The side panel."""
    return page.locator("#panel")


def expect_title(page: Page, *words: str) -> None:
    """The panel's title holds these words."""
    for word in words:
        expect(page.locator("#panel-title")).to_contain_text(word)


def expect_parcel(page: Page, sheet: str, number: str) -> None:
    """The panel holds the answer for this parcel, not only its code while the answer is under way."""
    expect(page.locator("#panel .answer")).to_be_visible()
    expect_title(page, sheet, number)


def violations(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA: one line for each rule, with where."""
    page.evaluate(AXE)
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}}).then(result => result.violations)", WCAG
    )
    return [f"{fault['id']}: {json.dumps([node['html'][:160] for node in fault['nodes']])}" for fault in found]


def scrolls_sideways(page: Page) -> bool:
    """Whether the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
