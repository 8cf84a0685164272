"""A real server in front of the test database, and what a map client does with its answers."""

import gzip
import http.client
import math
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import brotli
import psycopg
import pyproj
import pytest
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry
from django.db import connection

from gisplatform import crs, passes
from gisplatform.access import Person
from tests.conftest import ROOT, database_url, free_port
from tests.factories import point
from tests.tiles.decoding import MVT, check, decoded

UNPACK = {"gzip": gzip.decompress, "br": brotli.decompress, None: bytes}
_EARTH_M = 2 * math.pi * 6378137


@dataclass(frozen=True)
class Reply:
    """One HTTP answer; the body as it came."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def content(self) -> bytes:
        """The body, decompressed."""
        return UNPACK[self.headers["content-encoding"]](self.body)

    def features(self, key: str) -> dict[int, dict[str, Any]]:
        """The features of one layer inside a tile by their id; none for an empty tile."""
        found = self.features_of(key)
        tile = decoded(self.content) if self.status == 200 else {}
        assert {name.removesuffix("_labels") for name in tile} <= {key.removesuffix("_labels")}
        return found

    def features_of(self, key: str) -> dict[int, dict[str, Any]]:
        """The same, of a tile that may hold other layers too."""
        if self.status == 204:
            return {}
        assert self.status == 200, self.body
        tile = decoded(self.content)
        return {feature["id"]: feature for feature in tile[key]["features"]} if key in tile else {}


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    process: subprocess.Popen

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def settle(self) -> None:
        """Wait until the server knows of all that was committed so far: an edit may take a moment to be seen."""
        deadline = time.monotonic() + 10
        while True:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as client:
                client.request("GET", "/tiles/changes")
                answer = client.getresponse()
                first = b""
                while answer.status == 200 and b"\n\n" not in first:
                    first += answer.read1(5000)
            seen = re.search(r"id: ([\d:,]+)", first.decode())
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT FROM drawn.changes WHERE NOT pg_visible_in_snapshot(xid, %s) LIMIT 1",
                    [seen[1] if seen else "1:1:"],
                )
                if not cursor.rowcount or answer.status != 200:
                    return
            assert time.monotonic() < deadline, f"the server does not follow the changes: {first!r}"
            time.sleep(0.01)

    def ask(self, path: str, person: Person | None = None, method: str = "GET", **headers: str) -> Reply:
        """One request, after all edits so far were noticed; see ask_now."""
        if ".mvt" in path:
            self.settle()
        return self.ask_now(path, person, method, **headers)

    def ask_now(self, path: str, person: Person | None = None, method: str = "GET", **headers: str) -> Reply:
        """One request, signed in as a person or as nobody. Underscores in header names become hyphens."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if person is not None:
            sent["cookie"] = f"{passes.COOKIE}={passes.issue(person)}"
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            client.request(method, path, headers=sent)
            answer = client.getresponse()
            reply = Reply(answer.status, answer.headers, answer.read())
            if answer.headers["content-type"] == MVT and reply.body:
                check(reply.content)
            return reply
        finally:
            client.close()

    def tile(self, key: str, tile: tuple[int, int, int], person: Person | None = None, **query: str) -> Reply:
        """One tile."""
        z, x, y = tile
        question = f"?{urlencode(query)}" if query else ""
        return self.ask(f"/tiles/{key}/{z}/{x}/{y}.mvt{question}", person)


@contextmanager
def serving(module: str, log: Path, role: str, **environment: str) -> Iterator[Server]:
    """A server of its own in front of the test database."""
    port = free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(connection.settings_dict["NAME"]),
        "DATABASE_ROLE": role,
        "DJANGO_SETTINGS_MODULE": "gisplatform.settings",
        "SECRET_KEY": settings.SECRET_KEY,
        "PLATFORM_DATA": str(log.parent),
        **environment,
    }
    command = [str(Path(sys.executable).parent / "granian"), "--interface", "asgi", "--host", "127.0.0.1"]
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, "--port", str(port), module], env=environment, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT
        )
    server = Server(port, process)
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                server.ask("/tiles/nothing.json")
                break
            except OSError:
                alive = process.poll() is None and time.monotonic() < deadline
                assert alive, log.read_text()
                time.sleep(0.1)
        yield server
    finally:
        process.terminate()
        process.wait(20)


def tile_role_url(**options: str) -> str:
    """The tile role's own connection to the test database, with settings for its sessions."""
    user = settings.TILES_DATABASE["USER"]
    parts = urlsplit(os.environ.get("TILES_DATABASE_URL") or database_url("any"))
    netloc = parts.netloc if os.environ.get("TILES_DATABASE_URL") else f"{user}@{parts.hostname or ''}"
    query = "&".join(
        filter(None, [parts.query, *(f"options=-c%20{name}%3D{value}" for name, value in options.items())])
    )
    return urlunsplit((parts.scheme, netloc, f"/{connection.settings_dict['NAME']}", query, ""))


@pytest.fixture(scope="session")
def server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The web process with the tile server inside, as it runs by default."""
    with serving("gisplatform.asgi:application", tmp_path_factory.mktemp("tiles") / "log", "web") as running:
        yield running


@pytest.fixture
def new_server(django_db_setup: None, tmp_path: Path) -> Iterator[Server]:
    """A tile server by itself that remembers nothing of earlier tests."""
    with serving("tiles.asgi:application", tmp_path / "log", "tiles") as running:
        yield running


@pytest.fixture
def tile_role() -> Iterator[psycopg.Connection]:
    """A session of the tile server's database role."""
    with psycopg.connect(tile_role_url(), autocommit=True) as session:
        yield session


def mercator(geometry: GEOSGeometry) -> list[tuple[float, float]]:
    """The corners of a shape of the register in Web Mercator metres, by the pinned parameters in Python."""
    to_mercator = pyproj.Transformer.from_crs(crs.WGS84, crs.WEB_MERCATOR, always_xy=True)
    corners = []
    coordinates = geometry.coords
    while isinstance(coordinates[0], tuple) and isinstance(coordinates[0][0], tuple):
        coordinates = coordinates[0]
    for easting, northing in coordinates if isinstance(coordinates[0], tuple) else [coordinates]:
        corners.append(to_mercator.transform(*crs.zone_to_wgs84(crs.REGISTER_ZONE, easting, northing)))
    return corners


def in_tiles(mercator_xy: tuple[float, float], z: int) -> tuple[float, float]:
    """A place in Web Mercator metres in tile numbers with their fractions, from the west and from the north."""
    x, y = mercator_xy
    return (x / _EARTH_M + 0.5) * 2**z, (0.5 - y / _EARTH_M) * 2**z


def tile_of(geometry: GEOSGeometry, z: int) -> tuple[int, int, int]:
    """The tile in which the centre of a shape of the register lies."""
    x, y = in_tiles(mercator(geometry.centroid)[0], z)
    return z, int(x), int(y)


def place_in_tile(z: int, x: int, y: int, across: float, down: float) -> tuple[float, float]:
    """Metres from the corner of the tests of a place in a tile; across and down in tiles from its north-west corner."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_X(place), ST_Y(place) FROM (SELECT ST_Transform(ST_SetSRID(ST_MakePoint(ST_XMin(tile)"
            " + %s * (ST_XMax(tile) - ST_XMin(tile)), ST_YMax(tile) - %s * (ST_YMax(tile) - ST_YMin(tile))), 3857), %s)"
            " AS place FROM ST_TileEnvelope(%s, %s, %s) AS tile) AS placed",
            [across, down, crs.WGS84, z, x, y],
        )
        easting, northing = crs.wgs84_to_register(*cursor.fetchone())
    corner = point(0, 0)
    return easting - corner.x, northing - corner.y
