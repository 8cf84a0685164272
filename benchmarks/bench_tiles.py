"""Tiles of a large city at z 14-17 through HTTP, over the best plain prepared ST_AsMVT in pgbench on the same rows."""

import argparse
import http.client
import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import django
from psycopg import sql

from benchmarks.archive import tiles_of
from benchmarks.bench import Measure, Platform, platform_of_its_own, report, table
from benchmarks.load import make_city

if TYPE_CHECKING:
    from layers.catalogue import Layer

KEYS = ("parcels", "zones", "buildings", "streets")
ZOOMS = range(14, 18)
CLIENTS = 8
ROUNDS = 5
_SEED = 7
_FNV_BASIS, _FNV_PRIME, _INT64 = 0xCBF29CE484222325, 0x100000001B3, 2**64


@dataclass(frozen=True)
class Field:
    """The tiles of one layer at one zoom: those that a city touches, of which some are drawn by lot."""

    key: str
    z: int
    x: int
    y: int
    width: int
    height: int

    def tile(self, number: int) -> tuple[int, int, int]:
        """The tile that the number draws; the same as `script` lets pgbench draw."""
        drawn = abs(fnv1a(number))
        return self.z, self.x + drawn % self.width, self.y + drawn // self.width % self.height

    def script(self, columns: list[str]) -> str:
        """What pgbench runs for each tile: the plainest query that a good hand would write."""
        attributes = "".join(f'"{name}", ' for name in columns)
        return (  # only our own names and numbers go into it
            f"\\set n :n + 1\n\\set h abs(hash_fnv1a(:n, {_SEED}))\n"  # noqa: S608
            f"\\set x {self.x} + :h % {self.width}\n\\set y {self.y} + :h / {self.width} % {self.height}\n"
            f"SELECT ST_AsMVT(drawn, '{self.key}', 4096, 'shape', 'id') FROM (SELECT id, {attributes}"
            f"ST_AsMVTGeom(shape, ST_TileEnvelope({self.z}, :x, :y), 4096, 64) AS shape FROM raw_{self.key} "
            f"WHERE shape && ST_TileEnvelope({self.z}, :x, :y, margin => 0.015625)) AS drawn;\n"
        )


def fnv1a(number: int) -> int:
    """pgbench's hash_fnv1a(number, _SEED) as a signed number of 64 bits."""
    result = _FNV_BASIS ^ _SEED
    for shift in range(0, 64, 8):
        result = (result ^ (number >> shift & 0xFF)) * _FNV_PRIME % _INT64
    return result - _INT64 if result >= _INT64 // 2 else result


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
            throughput = at_once(url, [field for field, _columns in fields(own)], arguments.tiles)
        table(["layer", "z", "raw ms", "HTTP ms", "ratio", "with gzip ms", "kB"], rows)
        measures = [
            Measure("cold_p50_over_raw", median(figures["plain"]) / median(figures["raw"]), "ratio"),
            Measure("gzip_p50_over_raw", median(figures["gzip"]) / median(figures["raw"]), "ratio"),
            Measure("cold_p50_ms", median(figures["plain"]), "ms"),
            Measure("raw_p50_ms", median(figures["raw"]), "ms"),
            Measure("throughput_8_clients", throughput, "tiles/s"),
            Measure("parcels", arguments.parcels, "rows"),
        ]
        return report("tiles", measures, own.server_version)


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


def fields(own: Platform) -> list[tuple[Field, list[str]]]:
    """Each layer at each zoom at which it has tiles, with its attributes."""
    with own.connect() as connection:
        bounds = connection.execute(
            "SELECT ST_XMin(city), ST_YMin(city), ST_XMax(city), ST_YMax(city)"
            " FROM (SELECT ST_Transform(ST_SetSRID(ST_Extent(shape), 3857), 4326) AS city FROM raw_zones) AS drawn"
        ).fetchone()
    assert bounds
    found = []
    for key in KEYS:
        for z in ZOOMS:
            if layer_of(key).min_zoom > z:
                continue
            tiles = tiles_of(bounds, z)
            columns, rows = {x for _z, x, _y in tiles}, {y for _z, _x, y in tiles}
            found.append((Field(key, z, min(columns), min(rows), len(columns), len(rows)), columns_of(own, key)))
    return found


def measured(own: Platform, url: str, count: int) -> tuple[list[list[object]], dict[str, list[float]]]:
    """Milliseconds of each tile, raw and through HTTP in turns, the first turn of both not counted."""
    figures: dict[str, list[float]] = {"raw": [], "plain": [], "gzip": []}
    rows: list[list[object]] = []
    for field, columns in fields(own):
        tiles = [field.tile(number) for number in range(1, count + 1)]
        times: dict[str, list[list[float]]] = {"raw": [], "plain": [], "gzip": []}
        size = 0
        for turn in range(ROUNDS + 1):
            raw = raw_times(own, field, columns, count)
            plain, size = http_times(url, field.key, tiles, "identity")
            zipped, _size = http_times(url, field.key, tiles, "gzip")
            if turn:
                for name, taken in (("raw", raw), ("plain", plain), ("gzip", zipped)):
                    times[name].append(taken)
        each = {name: [median(of_tile) for of_tile in zip(*turns, strict=True)] for name, turns in times.items()}
        for name, taken in each.items():
            figures[name] += taken
        middle = {name: median(taken) for name, taken in each.items()}
        rows.append([field.key, field.z, middle["raw"], middle["plain"], middle["plain"] / middle["raw"],
                     middle["gzip"], size / 1000 / count])  # fmt: skip
    return rows, figures


def raw_times(own: Platform, field: Field, columns: list[str], count: int) -> list[float]:
    """Milliseconds that pgbench takes for each tile, one prepared statement, one client."""
    script, log = own.folder / "raw.sql", own.folder / "raw"
    script.write_text(field.script(columns))
    for old in own.folder.glob("raw.[0-9]*"):
        old.unlink()
    command = [pgbench(), "-n", "-M", "prepared", "-c", "1", "-t", str(count), "-D", "n=0", "-f", str(script), "-l",
               "--log-prefix", str(log), own.database]  # fmt: skip
    environment = {**os.environ, **libpq(own.database_url), "PGOPTIONS": "-c jit=off"}
    subprocess.run(command, env=environment, check=True, capture_output=True)  # noqa: S603 - our own command
    [written] = own.folder.glob("raw.[0-9]*")
    return [int(line.split()[2]) / 1000 for line in written.read_text().splitlines()]


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


def at_once(url: str, found: list[Field], count: int) -> float:
    """Tiles a second that eight clients together get, each its own tiles."""

    def client(number: int) -> None:
        for field in found:
            first = 1 + (number + 1) * count
            http_times(url, field.key, [field.tile(first + each) for each in range(count)], "gzip")

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return CLIENTS * count * len(found) / (time.perf_counter() - began)


if __name__ == "__main__":
    sys.exit(main())
