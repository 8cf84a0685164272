"""Vietnamese labels in a real browser, without a glyph server and without any font of the machine."""

import pytest

from gisplatform.crs import REGISTER_ZONE, zone_to_wgs84
from tests.factories import lines, make_parcel, make_street, place, rectangle

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

PAGE = """<!doctype html><html lang="vi"><meta charset="utf-8"><title>Bản đồ</title>
<link rel="stylesheet" href="/static/vendor/maplibre-gl/maplibre-gl.css">
<div id="place" style="width:900px;height:600px"></div>
<script type="module">
  import * as maplibregl from "/static/vendor/maplibre-gl/maplibre-gl.mjs";
  const [lon, lat, theme] = location.hash.slice(1).split("/");
  const map = new maplibregl.Map({ container: "place", style: `/tiles/style.json?theme=${theme}`,
    center: [Number(lon), Number(lat)], zoom: 18, fadeDuration: 0, attributionControl: false,
    canvasContextAttributes: { preserveDrawingBuffer: true } });
  window.faults = [];
  map.on("error", (event) => window.faults.push(String(event.error)));
  map.once("idle", () => { window.map = map; });
</script></html>"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_street_names_with_their_tone_marks_are_drawn(server, chromium, theme):
    make_parcel(number="12", boundary=rectangle(0, 0, 60, 40))
    street = make_street(name="Đường Nguyễn Hữu Thọ", centreline=lines((-80, -15), (120, -15)))
    lon, lat = zone_to_wgs84(REGISTER_ZONE, *place(20, 0))
    context = chromium.new_context(base_url=server.url, locale="vi-VN")
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.route("**/labels.html", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    page.goto(f"/labels.html#{lon}/{lat}/{theme}")
    page.wait_for_function("window.map", timeout=30_000)
    # The labels are placed, with every letter.
    drawn = page.evaluate(
        """map.queryRenderedFeatures({ layers: ["streets-label", "parcels-label"] })
        .map(({ layer, id, properties }) => [layer.id, id, properties.name ?? properties.number])"""
    )
    assert ["streets-label", street.identity, "Đường Nguyễn Hữu Thọ"] in drawn
    assert "12" in [name for _layer, _identity, name in drawn]
    # They are ink on the map: without the label layers many pixels change.
    changed = page.evaluate("""async () => {
        const canvas = map.getCanvas();
        const pixels = () => {
          const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
          copy.drawImage(canvas, 0, 0);
          return copy.getImageData(0, 0, canvas.width, canvas.height).data;
        };
        const before = pixels();
        for (const layer of ["streets-label", "parcels-label"]) map.setLayoutProperty(layer, "visibility", "none");
        await new Promise((settled) => map.once("idle", settled));
        const after = pixels();
        let changed = 0;
        for (let at = 0; at < before.length; at += 4) {
          if (Math.abs(before[at] - after[at]) + Math.abs(before[at + 1] - after[at + 1]) > 60) changed += 1;
        }
        return changed;
    }""")
    assert changed > 300
    # The letters come from the platform's own font files, the Vietnamese one among them, and nothing from elsewhere.
    fonts = page.evaluate("[...document.fonts].filter((face) => face.status === 'loaded').map((face) => face.family)")
    assert any(family.startswith("maplibre-gl-font-face") for family in fonts)
    assert any("be-vietnam-pro-vietnamese-400-normal.woff2" in url for url in asked)
    assert all(url.startswith((server.url, "blob:", "data:")) for url in asked)
    assert page.evaluate("window.faults") == []
    context.close()
