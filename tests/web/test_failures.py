"""What the pages say when something does not work."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.conftest import ROOT, City, free_port
from tests.web.browser import open_map, search
from tests.web.conftest import Lot


@pytest.mark.long
def test_tiles_that_stay_away_are_told_and_come_back(browser_page: Page):
    # A proxy in between answers 503 for a while.
    def away(route: Route) -> None:
        route.fulfill(status=503, body="")

    browser_page.route("**/*.mvt*", away)
    page = browser_page
    page.goto("/")
    notice = page.locator(".notice")
    expect(notice).to_be_visible(timeout=20_000)
    page.unroute("**/*.mvt*", away)
    notice.locator(".button").click()
    expect(notice).to_have_count(0, timeout=20_000)  # once all of it is drawn


@pytest.mark.long
def test_a_map_server_that_is_away_from_the_start_can_be_asked_again(browser_page: Page):
    page = browser_page
    page.route("**/tiles/**", lambda route: route.abort())
    page.goto("/")
    expect(page.locator(".notice")).to_be_visible()
    page.unroute_all()
    page.locator(".notice .button").click()
    page.wait_for_selector("html[data-map=ready]", state="attached")
    expect(page.locator(".notice")).to_have_count(0)


@pytest.mark.long
def test_an_answer_or_a_search_that_fails_says_so_and_keeps_what_was_typed(browser_page: Page, lot: Lot):
    page = open_map(browser_page)
    page.route("**/search.json*", lambda route: route.fulfill(status=503, body=""))
    page.fill("#search-input", lot.code)
    expect(page.locator("#search-note")).to_be_visible()
    expect(page.locator("#search-input")).to_have_value(lot.code)
    page.unroute_all()
    page.route("**/parcels/*.json*", lambda route: route.abort())
    search(page, f"{lot.code} ")
    expect(page.locator("#panel .note-error")).to_be_visible()
    page.unroute_all()
    page.locator("#panel .note-error + .actions button").click()
    expect(page.locator("#panel .zone").first).to_be_visible()


@pytest.mark.long
def test_a_session_that_has_ended_is_told(browser_page: Page, signed_in, city: City, lot: Lot):
    page = signed_in(browser_page, "water")
    page.clock.install()
    open_map(page, f"#map=17/{lot.lat}/{lot.lon}")
    page.context.clear_cookies(name="sessionid")
    page.clock.fast_forward("06:00")
    expect(page.locator(".notice")).to_be_visible(timeout=20_000)  # the page is loaded anew
    # The way back in leads to the same place on the map.
    page.locator(".notice a").click()
    page.wait_for_url("**/accounts/login/**")
    page.fill("[name=login]", "water")
    page.fill("[name=password]", city.password)
    page.click("main [type=submit]")
    page.wait_for_url(lambda url: "#map=17" in url)


@pytest.mark.long
def test_nothing_is_said_in_the_console(browser_page: Page, lot: Lot):
    said: list[str] = []
    browser_page.on("console", lambda message: message.type in ("error", "warning") and said.append(message.text))
    page = open_map(browser_page)
    search(page, lot.code)
    expect(page.locator("#panel .zone").first).to_be_visible()
    page.click("[data-theme-switch]")
    page.click("#panel a.button-main")
    page.wait_for_url("**/parcels/**")
    page.goto("/accounts/login/")
    assert said == []


def test_unknown_pages_and_parcels_help_on(city: City):
    for path, kind in [("/no/such/page", "text/html"), ("/parcels/nowhere-1-1.json", "application/json")]:
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(city.url + path)
        with refused.value as answer:
            assert answer.code == 404
            assert answer.headers["content-type"].startswith(kind)


def test_scripts_are_asked_for_anew_but_not_sent_again(city: City):
    # After an update no browser mixes old and new ones.
    address = f"{city.url}/static/web/map-page.js"
    with urllib.request.urlopen(address) as answer:
        assert "max-age=0" in answer.headers["cache-control"]
        since = answer.headers["last-modified"]
    with pytest.raises(urllib.error.HTTPError) as told:
        urllib.request.urlopen(urllib.request.Request(address, headers={"If-Modified-Since": since}))
    with told.value as answer:
        assert answer.code == 304


def test_every_page_carries_a_strict_policy(city: City):
    for path in ["/", "/search", "/accounts/login/", "/healthz"]:
        with urllib.request.urlopen(city.url + path) as answer:
            policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy


def test_health_tells_of_the_database_and_of_the_worker(city: City):
    with urllib.request.urlopen(f"{city.url}/healthz") as answer:
        health = json.load(answer)
    # Nobody runs a worker beside these tests.
    assert (health["database"], health["worker"]) == ("ok", "away")


@pytest.mark.long
def test_without_its_database_the_platform_says_so_and_stays_up(city: City, tmp_path: Path):
    # A server whose database is not there: the folder of the socket is empty.
    port = free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgresql://gisplatform@/nothing?host={str(tmp_path).replace('/', '%2F')}",
        "SECRET_KEY": city.environment["SECRET_KEY"],
        "DATABASE_ROLE": "web",
        "DJANGO_SETTINGS_MODULE": "gisplatform.settings",
    }
    command = [str(Path(sys.executable).parent / "granian"), "--interface", "asgi", "--host", "127.0.0.1",
               "--port", str(port), "gisplatform.asgi:application"]  # fmt: skip
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    try:
        url = f"http://127.0.0.1:{port}"
        status, _headers, health = answer_of(f"{url}/healthz")
        assert (status, json.loads(health)["database"]) == (503, "away")
        # The page says it in words and in one wait, even to somebody whose session it cannot look up.
        status, headers, page = answer_of(f"{url}/", "sessionid=abcdefghijklmnopqrstuvwxyz012345")
        assert (status, headers["retry-after"]) == (503, "10")
        assert "Traceback" not in page
        assert "<h1>" in page
        status, _headers, told = answer_of(f"{url}/search.json?q=12-283")
        assert (status, json.loads(told)["error"]["code"]) == (503, "unavailable")
    finally:
        process.terminate()
        process.wait(20)


def answer_of(url: str, cookie: str = "") -> tuple[int, dict[str, str], str]:
    """Status, headers and text of an answer, whatever its status; waits for a server that is just starting."""
    request = urllib.request.Request(url, headers={"Accept": "text/html,application/json", "Cookie": cookie})
    for attempt in range(60):
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, dict(answer.headers), answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, {k.lower(): v for k, v in refused.headers.items()}, refused.read().decode()
        except urllib.error.URLError:
            assert attempt < 59, "the server did not start"
            time.sleep(0.25)
    raise AssertionError
