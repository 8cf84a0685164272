"""Cold tiles of a large city at z 13-18 through HTTP, over the best prepared ST_AsMVT in pgbench on the same rows.

Both draw the same tiles, in turns: one client's milliseconds of each tile, and eight clients' tiles a second.
Ours are asked as browsers ask, with gzip; without it they are unpacked again, which stands in the table too.
The measures are over the lots, with the same rows and attributes on both sides; other layers stand in the table. The
rates of a zoom with fewer than 64 tiles say little: we are asked for each once in a turn.
"""

import argparse
import http.client
import itertools
import math
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import django
from psycopg import sql

from benchmarks.archive import tiles_of
from benchmarks.bench import Measure, Platform, Table, platform_of_its_own, report
from benchmarks.clients import CLIENTS, seconds_for
from benchmarks.load import Tile, address, make_city

if TYPE_CHECKING:
    from layers.catalogue import Layer

KEYS = ("parcels", "zones", "buildings", "streets")
MEASURED = "parcels"
ZOOMS = range(13, 19)
ROUNDS = 5
_LEAST = 40  # tiles of each of eight clients in a turn
_LEAST_HEAVY, _LIGHT_FROM = 4, 15  # where a tile of all lots takes most of a second, so few have to do
_MORE = 5  # times as many tiles for each of eight clients as for one


@dataclass(frozen=True)
class Field:
    """The tiles of one layer at one zoom: those that a city touches, each once in an order that jumps about in it."""

    key: str
    z: int
    x: int
    y: int
    width: int
    height: int

    @property
    def size(self) -> int:
        """How many there are."""
        return self.width * self.height

    @property
    def step(self) -> int:
        """From one to the next: about the golden section, and without a divisor in common with the size."""
        return next(step for step in itertools.count(int(self.size * 0.618)) if math.gcd(step, self.size) == 1)

    @property
    def least(self) -> int:
        """How many tiles each of eight clients takes in a turn, at least."""
        return _LEAST if self.z >= _LIGHT_FROM else _LEAST_HEAVY

    def tile(self, number: int) -> Tile:
        """The tile of a number, the same as `script` makes pgbench ask for."""
        place = number * self.step % self.size
        return self.z, self.x + place % self.width, self.y + place // self.width

    def tiles(self, count: int) -> list[Tile]:
        """The first of them; again from the first one where there are fewer."""
        return [self.tile(number) for number in range(1, count + 1)]

    def script(self, columns: list[str], clients: int) -> str:
        """What pgbench runs for each tile: the plainest query that a good hand would write.

        clients  among whom the tiles are dealt out, one after another
        """
        attributes = "".join(f'"{name}", ' for name in columns)
        # Begun before the first tile, it is one of the last.
        number = f"({self.size * clients} + :n * {clients} + :client_id + 1)"
        return (  # only our own names and numbers go into it
            f"\\set n :n + 1\n\\set h {number} * {self.step} % {self.size}\n"  # noqa: S608
            f"\\set x {self.x} + :h % {self.width}\n\\set y {self.y} + :h / {self.width}\n"
            f"SELECT ST_AsMVT(drawn, '{self.key}', 4096, 'shape', 'id') FROM (SELECT id, {attributes}"
            f"ST_AsMVTGeom(shape, ST_TileEnvelope({self.z}, :x, :y), 4096, 64) AS shape FROM raw_{self.key} "
            f"WHERE shape && ST_TileEnvelope({self.z}, :x, :y, margin => 0.015625)) AS drawn;\n"
        )


def main() -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels", type=int, default=1_000_000)
    parser.add_argument("--tiles", type=int, default=60, help="tiles of each layer and zoom")
    parser.add_argument("--keep", action="store_true", help="keep the database for the next call")
    arguments = parser.parse_args()
    django.setup()
    with platform_of_its_own("tiles", keep=str(arguments.parcels) if arguments.keep else "") as own:
        fill(own, arguments.parcels)
        with own.served(TILES_MEMORY_MB="0", TILES_DISK_MB="0") as url:  # every tile is drawn
            rows, figures = measured(own, url, arguments.tiles)
        zipped, raw = median(figures["gzip"]), median(figures["raw"])
        measures = [
            Measure("cold_p50_over_raw", zipped / raw, "ratio", 1.10),
            Measure("throughput_over_raw", median(figures["rate over raw"]), "ratio", 0.90, at_least=True),
            Measure("identity_p50_over_raw", median(figures["plain"]) / raw, "ratio"),
            Measure("cold_p50_ms", zipped, "ms"),
            Measure("raw_p50_ms", raw, "ms"),
            Measure("throughput_8_clients", median(figures["rate"]), "tiles/s"),
            Measure("raw_throughput_8_clients", median(figures["raw rate"]), "tiles/s"),
            Measure("parcels", arguments.parcels, "rows"),
        ]
        head = ["layer", "z", "raw ms", "HTTP ms", "ratio", "without gzip ms", "kB",
                "raw tiles/s", "HTTP tiles/s", "ratio"]  # fmt: skip
        return report("tiles", measures, own.server_version, Table(head, rows))


def fill(own: Platform, parcels: int) -> None:
    """The demo city, and beside it the copy that raw tiles are made of: what is in effect today, in Web Mercator."""
    with own.connect() as connection:
        made = connection.execute("SELECT to_regclass('raw_streets') IS NOT NULL").fetchone() == (True,)
        if made:
            return
    make_city(own, parcels)
    with own.connect() as connection:
        for key in KEYS:
            names = columns_of(own, key)
            attributes = sql.SQL("").join(sql.SQL("{}, ").format(sql.Identifier(name)) for name in names)
            raw = sql.Identifier(f"raw_{key}")
            joined = sql.SQL(
                "AND joined_valid_during @> current_date AND upper_inf(joined_recorded_during)"
                if key == "zones"
                else ""
            )
            connection.execute(
                sql.SQL(
                    "CREATE TABLE {} AS SELECT id, {} ST_Transform(exact, 3857) AS shape FROM published.{}"
                    " WHERE valid_during @> current_date AND upper_inf(recorded_during) {}"
                    # A good hand would lay the rows as they lie in the city, as our register has them by its wards.
                    " ORDER BY ST_GeoHash(ST_Transform(ST_PointOnSurface(exact), 4326))"
                ).format(raw, attributes, sql.Identifier(key), joined)
            )
            connection.execute(sql.SQL("CREATE INDEX ON {} USING gist (shape)").format(raw))
        connection.execute("VACUUM ANALYZE")


def columns_of(own: Platform, key: str) -> list[str]:
    """The attributes that a citizen's tile of a layer carries."""
    return [attribute.name for attribute in layer_of(key).visible_attributes(exact=True)]


def layer_of(key: str) -> "Layer":
    """A layer of the catalogue, which needs Django to be set up."""
    from layers.catalogue import find

    layer = find(key)
    assert layer is not None
    return layer


def fields(own: Platform, zooms: range = ZOOMS) -> list[tuple[Field, list[str]]]:
    """Each layer at each zoom at which it has tiles, with its attributes."""
    with own.connect() as connection:
        bounds = connection.execute(
            "SELECT ST_XMin(city), ST_YMin(city), ST_XMax(city), ST_YMax(city)"
            " FROM (SELECT ST_Transform(ST_SetSRID(ST_Extent(shape), 3857), 4326) AS city FROM raw_zones) AS drawn"
        ).fetchone()
    assert bounds
    found = []
    for key in KEYS:
        for z in zooms:
            if layer_of(key).min_zoom > z:
                continue
            tiles = tiles_of(bounds, z)
            columns, rows = {x for _z, x, _y in tiles}, {y for _z, _x, y in tiles}
            found.append((Field(key, z, min(columns), min(rows), len(columns), len(rows)), columns_of(own, key)))
    return found


def measured(own: Platform, url: str, count: int) -> tuple[list[list[object]], dict[str, list[float]]]:
    """Rows of the table, and of the lots: milliseconds of each tile, and of each round the rates over all zooms.

    Raw and through HTTP in turns, the first turn of both not counted.
    """
    figures: dict[str, list[float]] = {"raw": [], "plain": [], "gzip": []}
    seconds: dict[str, list[list[float]]] = {"raw": [], "plain": []}  # for a tile at eight clients, by zoom and round
    rows: list[list[object]] = []
    port = urlsplit(url).port or 80
    for field, columns in fields(own):
        tiles = field.tiles(count)
        # Two clients that meet on a tile would get one drawing of ours: each once, or again when all others were asked.
        clients = min(CLIENTS, field.size)
        each_client = max(1, min(_MORE * count if field.z >= _LIGHT_FROM else field.least, field.size // clients))
        if field.size >= CLIENTS * CLIENTS:
            each_client = max(each_client, field.least)
        paths = [address(field.key, tile) for tile in field.tiles(clients * each_client)]
        times: dict[str, list[list[float]]] = {"raw": [], "plain": [], "gzip": []}
        rates: dict[str, list[float]] = {"raw": [], "plain": []}
        size = 0
        for turn in range(ROUNDS + 1):
            raw = raw_times(own, field, columns, count)
            plain, size = http_times(url, field.key, tiles, "identity")
            zipped, _size = http_times(url, field.key, tiles, "gzip")
            raw_rate = raw_at_once(own, field, columns, each_client, clients)
            rate = len(paths) / seconds_for(port, paths, clients=clients, apart=True)
            if turn:
                for name, taken in (("raw", raw), ("plain", plain), ("gzip", zipped)):
                    times[name].append(taken)
                rates["raw"].append(raw_rate)
                rates["plain"].append(rate)
        each = {name: [median(of_tile) for of_tile in zip(*turns, strict=True)] for name, turns in times.items()}
        middle = {name: median(taken) for name, taken in each.items()}
        middle_rate = {name: median(of_round) for name, of_round in rates.items()}
        rows.append([field.key, field.z, middle["raw"], middle["gzip"], middle["gzip"] / middle["raw"],
                     middle["plain"], size / 1000 / count, middle_rate["raw"], middle_rate["plain"],
                     middle_rate["plain"] / middle_rate["raw"]])  # fmt: skip
        if field.key == MEASURED:
            for name, taken in each.items():
                figures[name] += taken
            for name, of_round in rates.items():
                seconds[name].append([1 / rate for rate in of_round])
    # As many tiles of each zoom.
    zooms = len(seconds["raw"])
    figures["raw rate"] = [zooms / sum(of_round) for of_round in zip(*seconds["raw"], strict=True)]
    figures["rate"] = [zooms / sum(of_round) for of_round in zip(*seconds["plain"], strict=True)]
    figures["rate over raw"] = [a / b for a, b in zip(figures["rate"], figures["raw rate"], strict=True)]
    return rows, figures


def raw_times(own: Platform, field: Field, columns: list[str], count: int) -> list[float]:
    """Milliseconds that pgbench takes for each tile, one prepared statement, one client."""
    return [taken_ms for _client, taken_ms, _end in raw(own, field, columns, count, 1)]


def raw_at_once(own: Platform, field: Field, columns: list[str], count: int, clients: int) -> float:
    """Tiles a second of clients of pgbench, each its own tiles, once all of them have warmed up by one.

    Where there are few it goes round more than once: it draws each anew, and the warming up would count for too much.
    """
    done = raw(own, field, columns, max(count, field.least) + 1, clients, first=-1)
    begin = max(min(end for client, _ms, end in done if client == number) for number in range(clients))
    ends = [end for _client, _ms, end in done if end > begin]
    return len(ends) / (max(ends) - begin)


def raw(
    own: Platform, field: Field, columns: list[str], count: int, clients: int, first: int = 0
) -> list[tuple[int, float, float]]:
    """What pgbench says of one prepared statement, so many times for each client, from its first tile on.

    Of each transaction the number of its client, milliseconds, and the second at which it ended.
    """
    script, log = own.folder / "raw.sql", own.folder / "raw"
    script.write_text(field.script(columns, clients))
    for old in own.folder.glob("raw.[0-9]*"):
        old.unlink()
    words = ["-n", "-M", "prepared", "-D", f"n={first - 1}", "-c", str(clients), "-j", str(min(clients, 2))]
    words += ["-t", str(count), "-f", str(script), "-l", "--log-prefix", str(log)]
    environment = {**os.environ, **libpq(own.database_url), "PGOPTIONS": "-c jit=off"}
    command = [pgbench(), *words, own.database]
    subprocess.run(command, env=environment, check=True, capture_output=True)  # noqa: S603 - our own command
    lines = [line.split() for written in own.folder.glob("raw.[0-9]*") for line in written.read_text().splitlines()]
    # client, transaction, microseconds, script, end: seconds and microseconds
    return [(int(line[0]), int(line[2]) / 1000, int(line[4]) + int(line[5]) / 1e6) for line in lines]


def pgbench() -> str:
    """Where Debian keeps it: beside the server's programs."""
    places = [shutil.which("pgbench") or "", *map(str, Path("/usr/lib/postgresql").glob("*/bin/pgbench"))]
    found = next((place for place in sorted(places, reverse=True) if place), "")
    return found or sys.exit("pgbench is missing: it comes with Debian's postgresql package.")


def libpq(url: str) -> dict[str, str]:
    """The variables by which libpq finds a database."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    given = {"PGHOST": query.get("host") or parts.hostname, "PGPORT": parts.port and str(parts.port),
             "PGUSER": parts.username, "PGPASSWORD": parts.password}  # fmt: skip
    return {name: value for name, value in given.items() if value}


def http_times(url: str, key: str, tiles: list[tuple[int, int, int]], coding: str) -> tuple[list[float], int]:
    """Milliseconds of each tile for one citizen on one connection, and all their bytes."""
    client = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    taken, size = [], 0
    try:
        client.connect()
        for z, x, y in tiles:
            began = time.perf_counter()
            client.request("GET", f"/tiles/{key}/{z}/{x}/{y}.mvt", headers={"Accept-Encoding": coding})
            answer = client.getresponse()
            content = answer.read()
            taken.append((time.perf_counter() - began) * 1000)
            if answer.status not in {200, 204}:
                sys.exit(f"{key} {z}/{x}/{y}: {answer.status} {content[:200]!r}")
            size += len(content)
    finally:
        client.close()
    return taken, size


if __name__ == "__main__":
    sys.exit(main())
