"""What all tests share: a demo city behind a real server, a real browser, other people's real files."""

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import Browser, Page, Response, expect, sync_playwright
from psycopg import sql

from tests.tiles.decoding import MVT, check_received

# Playwright's synchronous calls keep an event loop running in this thread, which Django would take for async code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# Several tests run at a time, each with a map that software draws.
expect.set_options(timeout=15_000)

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM_FLAGS = [
    "--no-sandbox",  # CI may be root
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    # Software draws the map; were it to put the page together as well, each test would take twice as long.
    "--disable-gpu-compositing",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a browser, so that `-m "not browser"` leaves it out."""
    for item in items:
        if "browser_page" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The test database. What a failed test leaves open there fails the next one; it does not hang the run."""
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            own = sql.Identifier(connection.settings_dict["NAME"])
            query = sql.SQL("ALTER ROLE CURRENT_USER IN DATABASE {} SET lock_timeout = '60s'").format(own)
            cursor.execute(query)
        connection.close()


@pytest.fixture(scope="session")
def shared_data():
    """A function from a path inside the folder of real files by others to that file; skips where it is absent."""
    folder = Path(os.environ.get("SHARED_DATA", ROOT.parent / "shared" / "data"))

    def find(path: str) -> Path:
        if not folder.is_dir():
            pytest.skip("the folder of real files by others (shared/data beside the project) is not here")
        found = folder / path
        assert found.exists(), f"{path} is missing in {folder}"
        return found

    return find


def database_url(name: str) -> str:
    """The owner's URL of another database in the same cluster."""
    parts = urlsplit(settings.DATABASE_URL)
    return urlunsplit((parts.scheme, parts.netloc or "", f"/{name}", parts.query, ""))


def connect(url: str) -> psycopg.Connection:
    """A plain connection of the owner, outside Django."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    netloc = parts.netloc
    return psycopg.connect(f"postgresql://{netloc}{parts.path}?{urlencode(query)}", autocommit=True)


@dataclass
class City:
    """A platform of its own: database, demo city, web server on loopback."""

    url: str
    database_url: str
    environment: dict[str, str]
    password: str = ""
    process: subprocess.Popen | None = None

    def manage(self, *arguments: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess:
        """Run one management command against this platform."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            env={**self.environment, **environment},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def sql(self, query: str, *params: Any) -> list[tuple]:
        """Rows of a query that the owner asks."""
        with connect(self.database_url) as owner:
            return owner.execute(query, params or None).fetchall()


def free_port() -> int:
    """A TCP port on loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until_healthy(url: str, process: subprocess.Popen, log: Path, seconds: float = 60) -> None:
    """Return when /healthz answers 200; fail with the server's log otherwise."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError(f"the server did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """The demo city behind a real web server. Shared by a whole run: tests read it, or add what is theirs alone."""
    folder = tmp_path_factory.mktemp("city")
    name = f"test_city_{os.getpid()}_{secrets.token_hex(3)}"
    template = settings.DATABASES["default"]["TEST"].get("TEMPLATE")
    make = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    if template:
        make += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
    with connect(settings.DATABASE_URL) as owner:
        owner.execute(make)
    port = free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(name),
        "SECRET_KEY": settings.SECRET_KEY,
        "PLATFORM_DATA": str(folder),
        "LANG": "C.UTF-8",
    }
    environment.pop("DATABASE_ROLE", None)
    city = City(f"http://127.0.0.1:{port}", database_url(name), environment)
    log = folder / "server.log"
    try:
        city.manage("migrate", "--noinput")
        city.manage("make_demo_city", "--parcels", "600")
        city.password = (folder / f"demo-password-{name}").read_text().strip()
        with log.open("w") as output:
            city.process = subprocess.Popen(
                [str(Path(sys.executable).parent / "granian"), "--interface", "asgi", "--host", "127.0.0.1",
                 "--port", str(port), "gisplatform.asgi:application"],
                env={**environment, "DATABASE_ROLE": "web", "DJANGO_SETTINGS_MODULE": "gisplatform.settings"},
                cwd=ROOT, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        wait_until_healthy(city.url, city.process, log)
        yield city
    finally:
        if city.process:
            city.process.terminate()
            city.process.wait(20)
        with connect(settings.DATABASE_URL) as owner:
            # A connection outlives its client by a moment, and the owner may not end those of other roles.
            connected = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
            deadline = time.monotonic() + 10
            while owner.execute(connected, [name]).fetchone() != (0,) and time.monotonic() < deadline:
                time.sleep(0.05)
            owner.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium, with software WebGL."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def browser_page(chromium: Browser, city: City) -> Iterator[Page]:
    """A fresh browser window of a Vietnamese visitor; any script error and any invalid tile fails the test.

    Software draws each frame, so there are few (no motion but where a test asks for it) of few pixels.
    """
    context = chromium.new_context(
        base_url=city.url,
        locale="vi-VN",
        viewport={"width": 1200, "height": 800},
        device_scale_factor=0.5,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    tiles: list[Response] = []
    context.on("response", lambda answer: answer.headers.get("content-type") == MVT and tiles.append(answer))
    yield page
    try:
        check_received(tiles)
    finally:
        context.close()
    assert not faults, faults


@pytest.fixture
def signed_in(city: City):
    """A function that signs a page in through the sign-in form."""

    def sign_in(page: Page, username: str) -> Page:
        page.goto("/accounts/login/")
        page.fill("[name=login]", username)
        page.fill("[name=password]", city.password)
        page.click("main [type=submit]")
        page.wait_for_url(lambda url: "/accounts/login" not in url)
        return page

    return sign_in
