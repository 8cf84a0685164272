"""The map goes on paper: of the chosen size, one page, black on white, true to scale, with all that explains it."""

import math
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import City
from tests.web.browser import open_map, scrolls_sideways, violations
from tests.web.conftest import Lot

pytestmark = pytest.mark.long

A4_PT, A3_PT = (595, 842), (842, 1191)
MM_PX = 96 / 25.4


def open_print(page: Page, state: str) -> Page:
    """The page that prints the map, drawn."""
    page.goto("about:blank")
    page.goto(f"/print{state}")
    return drawn(page)


def drawn(page: Page) -> Page:
    page.wait_for_selector("html[data-paper=ready]", state="attached", timeout=60_000)
    return page


def pages_of(pdf: bytes) -> list[tuple[float, float]]:
    """Width and height of each page of a PDF, in points."""
    boxes = re.findall(rb"/MediaBox ?\[ ?0 0 ([\d.]+) ([\d.]+) ?\]", pdf)
    assert len(boxes) == len(re.findall(rb"/Type ?/Page\b(?!s)", pdf))
    return [(float(width), float(height)) for width, height in boxes]


@pytest.mark.parametrize(
    ("paper", "orientation", "size"),
    [("a4", "landscape", A4_PT[::-1]), ("a4", "portrait", A4_PT), ("a3", "landscape", A3_PT[::-1])],
)
def test_the_browser_prints_one_page_of_the_chosen_paper(browser_page: Page, lot: Lot, paper, orientation, size):
    state = f"#map=17/{lot.lat}/{lot.lon}&layers=parcels,zones&paper={paper}&orientation={orientation}&scale=1000"
    page = open_print(browser_page, f"{state}&title=Khu%20ph%E1%BB%91%20m%E1%BB%9Bi")
    [printed] = pages_of(page.pdf(prefer_css_page_size=True))
    assert printed == pytest.approx(size, abs=1)
    # What the paper says, as the printer gets it.
    page.emulate_media(media="print")
    expect(page.locator("#paper-title")).to_have_text("Khu phố mới")
    expect(page.locator("#paper-place")).to_contain_text(lot.commune)
    expect(page.locator("#paper-scale")).to_contain_text("1:1.000")
    expect(page.locator(".paper-measure")).to_contain_text("VN-2000 / TM-3")
    expect(page.locator(".paper-foot")).to_contain_text(re.compile(r"\d\d/\d\d/\d{4}.*\d\d/\d\d/\d{4}"))
    expect(page.locator(".paper-number")).to_contain_text("1/1")
    expect(page.locator(".print-side")).to_be_hidden()
    expect(page.locator("#paper-image")).to_be_visible()
    assert (
        page.evaluate("document.querySelector('#paper-image').naturalWidth")
        / page.evaluate("document.querySelector('#paper-image').clientWidth")
        >= 200 / 96
    )  # dots to an inch


def test_the_legend_tells_what_is_drawn_and_nothing_else(browser_page: Page, lot: Lot):
    page = open_print(browser_page, f"#map=17/{lot.lat}/{lot.lon}&layers=parcels,zones&scale=500")
    legend = page.locator("#paper-legend")
    # The zone of the lot is there; layers that are off are not.
    expect(legend.locator(".legend-line")).not_to_have_count(0)
    few = legend.locator(".legend-line").count()
    page.select_option("[name=scale]", "10000")
    expect(page.locator("html")).not_to_have_attribute("data-paper", "ready")
    expect(page.locator("#print-form [type=submit]")).to_be_disabled()
    drawn(page)
    expect(page.locator("#print-form [type=submit]")).to_be_enabled()
    assert legend.locator(".legend-line").count() > few
    # All layers of a town: on one page, what the plan says first, places with the icons that they have on the map.
    page = open_print(browser_page, f"#map=17/{lot.lat}/{lot.lon}&scale=10000")
    expect(page.locator(".paper")).to_have_count(1)
    expect(legend.locator("h4").first).to_have_text(re.compile("Ô quy hoạch"))
    expect(legend.locator(".paper-sample use")).not_to_have_count(0)
    page = open_print(browser_page, f"#map=17/{lot.lat}/{lot.lon}&layers=parcels&scale=500")
    expect(page.locator("#paper-legend .legend-line")).to_have_count(1)


def mark_mm(page: Page) -> tuple[float, float]:
    """Width and height on paper, in millimetres, of the outline that marks the picked parcel, by its outer edges."""
    return tuple(
        page.evaluate(f"""async () => {{
        const image = document.getElementById("paper-image");
        const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
        const context = canvas.getContext("2d");
        context.drawImage(image, 0, 0);
        const {{data, width, height}} = context.getImageData(0, 0, canvas.width, canvas.height);
        let [left, top, right, bottom] = [width, height, 0, 0];
        for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {{
            const i = 4 * (y * width + x);
            if (Math.abs(data[i] - 0x0b) + Math.abs(data[i + 1] - 0x5f) + Math.abs(data[i + 2] - 0x59) > 24) continue;
            [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
        }}
        const box = document.getElementById("paper-map");
        const [across, down] = [box.clientWidth / width / {MM_PX}, box.clientHeight / height / {MM_PX}];
        return [(right - left) * across, (bottom - top) * down];
    }}""")
    )


def test_a_parcel_is_as_large_on_paper_as_the_scale_says(browser_page: Page, city: City, lot: Lot):
    [(wide_m, high_m)] = city.sql(
        "SELECT ST_XMax(exact) - ST_XMin(exact), ST_YMax(exact) - ST_YMin(exact) FROM published.parcels"
        " WHERE code = %s AND upper_inf(recorded_during) AND valid_during @> current_date", lot.code)  # fmt: skip
    # The largest usual scale at which it fits between the edges of the map.
    scale = next(scale for scale in (200, 500, 1000, 2000, 5000) if max(wide_m, high_m) * 1000 / scale < 100)
    page = open_print(browser_page, f"#map=17/{lot.lat}/{lot.lon}&layers=parcels&parcel={lot.code}&scale={scale}")
    line_mm = 3.5 / MM_PX  # half of it on each side
    wide, high = mark_mm(page)
    assert wide - line_mm == pytest.approx(wide_m * 1000 / scale, abs=0.6)
    assert high - line_mm == pytest.approx(high_m * 1000 / scale, abs=0.6)
    # The parcel gives the sheet its title.
    expect(page.locator("#paper-title")).to_contain_text(lot.number)


def test_from_the_map_to_paper_and_back(browser_page: Page, lot: Lot):
    page = open_map(browser_page, f"#map=16.5/{lot.lat:.6f}/{lot.lon:.6f}&layers=parcels,zones&date=2026-01-15")
    page.click("[data-tool=print]")
    page.wait_for_url("**/print#**")
    drawn(page)
    expect(page.locator("#paper-day")).to_contain_text("15/01/2026")
    # As much as the map showed is on the paper, at a scale that can be said.
    told = re.search(r"1:([\d.]+)", page.locator("#paper-scale").inner_text())
    assert told
    scale = int(told[1].replace(".", ""))
    ground_m = 1020 * 40_075_016.7 * math.cos(math.radians(lot.lat)) / (512 * 2**16.5)  # of a map of 1020 px
    paper_m = page.evaluate("document.getElementById('paper-map').clientWidth") / MM_PX * scale / 1000
    assert paper_m == pytest.approx(ground_m, rel=0.25)
    # Paper and words are kept in the address.
    page.check("[name=paper][value=a3]", force=True)
    page.fill("[name=note]", "Theo đề nghị của ông A")
    drawn(page)
    expect(page.locator("#paper-note")).to_have_text("Theo đề nghị của ông A")
    page.wait_for_url(re.compile("paper=a3.*note="))
    page.reload()
    drawn(page)
    expect(page.locator("#paper-note")).to_have_text("Theo đề nghị của ông A")
    page.click("#print-back")
    page.wait_for_url(re.compile(r"/#map=16\.50/"))
    assert "date=2026-01-15" in page.url
    assert "paper=" not in page.url


def test_the_map_is_moved_on_the_paper_by_keyboard(browser_page: Page, lot: Lot):
    page = open_print(browser_page, f"#map=17/{lot.lat:.6f}/{lot.lon:.6f}&layers=parcels&scale=1000")
    grid = page.locator("#paper-frame > svg").inner_html()
    page.focus("#map canvas")
    page.keyboard.press("ArrowRight")
    expect(page.locator("html")).not_to_have_attribute("data-paper", "ready")
    drawn(page)
    assert f"/{lot.lon:.6f}" not in page.url
    assert page.locator("#paper-frame > svg").inner_html() != grid


def test_staff_prints_what_staff_sees(browser_page: Page, signed_in, lot: Lot):
    state = f"#map=17/{lot.lat}/{lot.lon}&layers=network_edges&scale=1000"
    page = open_print(browser_page, state)
    expect(page.locator("#paper-legend .legend-line")).to_have_count(0)
    page = open_print(signed_in(browser_page, "water"), state)
    expect(page.locator("#paper-legend .legend-line")).not_to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_is_for_everyone_and_the_paper_always_white(browser_page: Page, lot: Lot, tmp_path: Path, theme: str):
    browser_page.emulate_media(color_scheme=theme)
    page = open_print(browser_page, f"#map=17/{lot.lat}/{lot.lon}&layers=parcels,zones&scale=1000")
    assert violations(page) == []
    colours = "({color, backgroundColor}) => [color, backgroundColor]"
    assert page.evaluate(f"({colours})(getComputedStyle(document.getElementById('paper')))") == [
        "rgb(0, 0, 0)",
        "rgb(255, 255, 255)",
    ]
    page.set_viewport_size({"width": 360, "height": 740})
    assert not scrolls_sideways(page)
    assert violations(page) == []
