"""The map in a browser: weight of the first view, time until it rests, and the same over a static file of tiles."""

import argparse
import contextlib
import gzip
import json
import os
import random
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page, Request

from benchmarks.archive import Bounds, write_archive, write_static_style
from benchmarks.bench import BIN, ROOT, Measure, percentile, platform_of_its_own, report, table
from benchmarks.browser import WINDOW, Wire, chromium, counted, node_packages

ZOOMS = list(range(9, 18))
MOVES = 30
# A bare map, the same for both: nothing of the page takes part, only the style and where its tiles come from.
HARNESS = """<!doctype html><html lang="vi"><meta charset="utf-8"><title>bench</title>
<link rel="stylesheet" href="/static/vendor/maplibre-gl/maplibre-gl.css">
<style>body { margin: 0 } #map { position: fixed; inset: 0 }</style><div id="map"></div>
<script type="importmap">{"imports": {"fflate": "/pmtiles/fflate.js"}}</script>
<script type="module">
  import * as maplibregl from "/static/vendor/maplibre-gl/maplibre-gl.mjs";
  const asked = new URLSearchParams(location.search);
  if (asked.has("pmtiles")) {
    const { Protocol } = await import("/pmtiles/pmtiles.js");
    maplibregl.addProtocol("pmtiles", new Protocol().tile);
  }
  const began = performance.now();
  const [west, south, east, north] = asked.get("bounds").split(",").map(Number);
  const map = new maplibregl.Map({ container: "map", style: await (await fetch(asked.get("style"))).json(),
    bounds: [[west, south], [east, north]], fitBoundsOptions: { padding: 48 }, attributionControl: false });
  window.faults = [];
  map.on("error", ({ error }) => window.faults.push(String(error)));
  map.once("idle", () => { window.idleAfter = performance.now() - began; window.map = map; });
</script></html>"""
# How long after each move of the camera the page's own map comes to rest; the page says both, in its address and mark.
WATCH = """() => {
  window.rests = [];
  let moved = null;
  const write = history.replaceState.bind(history);
  history.replaceState = (...state) => { moved = performance.now(); write(...state); };
  new MutationObserver(() => {
    if (moved !== null) window.rests.push(performance.now() - moved);
    moved = null;
  }).observe(document.documentElement, { attributeFilter: ["data-map"] });
}"""


def main() -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--keep", action="store_true", help="keep the database for the next call")
    arguments = parser.parse_args()
    node_packages()
    with platform_of_its_own("map", keep=str(arguments.parcels) if arguments.keep else "") as own:
        with own.connect() as connection:
            made = connection.execute("SELECT EXISTS (SELECT FROM parcels_parcel)").fetchone() == (True,)
        if not made:
            own.manage("make_demo_city", "--parcels", str(arguments.parcels))
            with own.connect() as connection:
                connection.execute("VACUUM ANALYZE")
        own.manage("compress_static")
        with own.served() as url, chromium() as browser:
            with counted(url) as wire:
                weight = first_view(browser, wire)
            ours, static = idle_times(browser, url, own.folder, arguments.rounds)
        table(["first idle", "median ms", "fastest", "slowest"],
              [[name, median(times), min(times), max(times)]
               for name, times in (("our tile server", ours), ("static PMTiles file", static))])  # fmt: skip
        measures = [
            Measure("first_idle_over_static", median(ours) / median(static), "ratio", 1.3),
            Measure("js_gzip_kb", weight["js"], "kB", 450),
            Measure("js_later_gzip_kb", weight["later"], "kB"),
            Measure("first_view_kb", weight["all"], "kB", 1500),
            Measure("pan_p50_ms", percentile(weight["rests"], 50), "ms"),
            Measure("pan_p95_ms", percentile(weight["rests"], 95), "ms"),
            Measure("first_view_ms", weight["ms"], "ms"),
            Measure("first_view_requests", weight["requests"], "requests"),
            Measure("parcels", arguments.parcels, "rows"),
        ]
        return report("map", measures, own.server_version)


def open_page(browser: Browser, base_url: str) -> Page:
    """A fresh window that has nothing in its cache."""
    context = browser.new_context(base_url=base_url, locale="vi-VN", viewport=WINDOW)
    page = context.new_page()
    page.set_default_timeout(120_000)
    return page


def first_view(browser: Browser, wire: Wire) -> dict[str, Any]:
    """What the map page costs until it first rests, in kB of 1000 bytes, and how it moves afterwards."""
    page = open_page(browser, wire.url)
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    began = time.monotonic()
    page.goto("/")
    page.wait_for_function("() => performance.getEntriesByName('first-view').length")
    waited_ms = (time.monotonic() - began) * 1000
    everything = wire.received
    seen_ms = page.evaluate("performance.timeOrigin + performance.getEntriesByName('first-view')[0].startTime")
    page.wait_for_selector("html[data-map=ready]", state="attached")
    # What the page asks for once its first view stands is on its way before we hear of it.
    began_ms = {request.url: request.timing["startTime"] for request in reversed(asked)}
    loaded = [address for address, at in began_ms.items() if at <= seen_ms]
    later = [address for address in began_ms if address not in loaded and address.endswith(".js")]
    scripts = {address: script_bytes(address) for address in loaded if address.endswith((".js", ".mjs"))}
    # The map's worker is a script too, whether or not the browser tells of it.
    worker = next(address for address in scripts if address.endswith("maplibre-gl.mjs")).replace(".mjs", "-worker.mjs")
    scripts.setdefault(worker, script_bytes(worker))
    table(["script", "kB"], [[address.rpartition("/")[2], size / 1000]
                             for address, size in sorted(scripts.items(), key=lambda item: -item[1])[:12]])  # fmt: skip
    kinds: dict[str, int] = {}
    for address in loaded:
        kind = "tiles" if ".mvt" in address else address.split("?")[0].rpartition(".")[2][:6]
        kinds[kind] = kinds.get(kind, 0) + 1
    table(["requests of the first view", "number"], [[kind, number] for kind, number in sorted(kinds.items())])
    later_kb = sum(script_bytes(address) for address in later) / 1000
    rests = moves(page)
    page.context.close()
    return {"all": everything / 1000, "js": sum(scripts.values()) / 1000, "ms": waited_ms,
            "requests": len(loaded), "rests": rests, "later": later_kb}  # fmt: skip


def script_bytes(address: str) -> int:
    """How long a script is with gzip, as it is sent."""
    request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})  # noqa: S310 - our own server
    with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310
        content = reply.read()
        sent_small = reply.headers.get("content-encoding") == "gzip"
    return len(content) if sent_small else len(gzip.compress(content, 9))


def moves(page: Page) -> list[float]:
    """Milliseconds from the end of each of MOVES pans and zooms until the map rests; the same moves each time."""
    chance = random.Random(1)  # noqa: S311 - the same way through the city, not a secret
    page.evaluate(WATCH)
    page.locator(".maplibregl-canvas").focus()
    zoomed = 0
    for _move in range(MOVES):
        known = page.evaluate("window.rests.length")
        key = chance.choice(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Equal", "Equal", "Minus"])
        if key == "Minus" and zoomed <= 0:
            key = "Equal"
        zoomed += {"Equal": 1, "Minus": -1}.get(key, 0)
        if zoomed > 5:
            key, zoomed = "Minus", zoomed - 2
        page.keyboard.press(key)
        page.wait_for_function("known => window.rests.length > known", arg=known)
    return page.evaluate("window.rests")


def idle_times(browser: Browser, url: str, folder: Path, rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds until the bare map first rests, over our tile server and over the static file, in turns."""
    with urllib.request.urlopen(f"{url}/tiles/style.json?theme=light&lang=vi", timeout=30) as reply:  # noqa: S310
        style = json.load(reply)
    with urllib.request.urlopen(url, timeout=30) as reply:  # noqa: S310 - our own server
        page = reply.read().decode()
    bounds = bounds_of(page)
    root = folder / "static"
    lay_out(root)
    began = time.monotonic()
    count = write_archive(root / "city.pmtiles", style, bounds, ZOOMS)
    size_mb = (root / "city.pmtiles").stat().st_size / 1e6
    print(f"static file: {count} tiles, {size_mb:.1f} MB, {time.monotonic() - began:.0f} s\n", flush=True)
    asked = "bounds=" + ",".join(map(str, bounds))
    with static_server(root) as static_url:
        write_static_style(root / "style.json", style, "city.pmtiles", url, static_url, ZOOMS)
        ours: list[float] = []
        static: list[float] = []
        for turn in range(rounds + 1):
            here = one_idle(browser, url, f"/bench.html?style=/tiles/style.json&{asked}")
            there = one_idle(browser, static_url, f"/bench.html?pmtiles&style=/style.json&{asked}")
            if turn:  # the first warms both
                ours.append(here)
                static.append(there)
    return ours, static


def bounds_of(page: str) -> Bounds:
    """Where the map looks when it opens, from the configuration in its page."""
    config = json.loads(page.split('id="map-config" type="application/json">', 1)[1].split("</script>", 1)[0])
    west, south, east, north = config["bounds"]
    return west, south, east, north


def lay_out(root: Path) -> None:
    """The folder that the static server serves: MapLibre, the reader of archives, the fonts."""
    packages = {
        "static/vendor/maplibre-gl": ROOT / "node_modules/maplibre-gl/dist",
        "static/vendor/be-vietnam-pro": ROOT / "node_modules/@fontsource/be-vietnam-pro",
    }
    for name, package in packages.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to(package)
    (root / "pmtiles").mkdir()
    (root / "pmtiles/pmtiles.js").symlink_to(ROOT / "benchmarks/node_modules/pmtiles/dist/esm/index.js")
    (root / "pmtiles/fflate.js").symlink_to(ROOT / "benchmarks/node_modules/fflate/esm/browser.js")


@contextlib.contextmanager
def static_server(root: Path) -> Iterator[str]:
    """The static files behind the same web server that the platform runs in."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = str(listener.getsockname()[1])
    command = [str(BIN / "granian"), "--interface", "asgi", "--host", "127.0.0.1", "--port", port]
    command.append("benchmarks.static_files:application")
    environment = {**os.environ, "FILES": str(root)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603 - our own
    try:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 30
        while True:
            try:
                urllib.request.urlopen(f"{url}/pmtiles/pmtiles.js", timeout=5).close()  # noqa: S310 - our own server
                break
            except OSError:
                if time.monotonic() > deadline:
                    sys.exit("The static server did not start.")
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def one_idle(browser: Browser, base_url: str, path: str) -> float:
    """Milliseconds from the first line of the bare page's script until its map rests."""
    page = open_page(browser, base_url)
    page.route(re.compile(r"/bench\.html"), lambda route: route.fulfill(body=HARNESS, content_type="text/html"))
    page.goto(path)
    page.wait_for_function("() => window.idleAfter")
    faults = page.evaluate("window.faults")
    if faults:
        sys.exit(f"The map of {base_url} reports: {faults[:3]}")
    idle_ms = page.evaluate("window.idleAfter")
    page.context.close()
    return idle_ms


if __name__ == "__main__":
    sys.exit(main())
