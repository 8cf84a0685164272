"""200 clients at once: on one cold tile, and mixed over the whole city; statements, errors, memory of the process.

Statements are counted by the database and not by us: how often the rows of a layer were searched for five cold tiles
that 200 clients ask for at the same moment, over the same for five that one client asks for.
"""

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlsplit

import django

from benchmarks.bench import Measure, Platform, percentile, platform_of_its_own, report, table
from benchmarks.bench_tiles import layer_of
from benchmarks.load import Client, Spot, address, connected, make_city, received, send, spots

CLIENTS = 200
COLD_TILES = 5
COLD_ZOOM = 16
LAYERS = ("parcels", "zones", "buildings", "streets")
WARM = 20  # addresses that many ask for
LEAVES = 0.05  # of the questions: the client goes before it has the answer
ANSWER_S = 30
_SEED = 7


def main() -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels", type=int, default=1_000_000)
    parser.add_argument("--questions", type=int, default=20, help="of each of the mixed clients")
    parser.add_argument("--keep", action="store_true", help="keep the database for the next call")
    arguments = parser.parse_args()
    django.setup()
    with platform_of_its_own("tiles", keep=str(arguments.parcels) if arguments.keep else "") as own:
        make_city(own, arguments.parcels)
        cold = cold_tiles(own, 2 * COLD_TILES)
        for_one = searches(own, cold[:COLD_TILES], 1)
        for_many = searches(own, cold[COLD_TILES:], CLIENTS)
        if not for_one:
            sys.exit("The database does not count what it reads: track_counts is off.")
        with own.served() as url, Client(url) as client:
            idle_mb = client.process().peak_mb
            mixed = Mixed(spots(own, "parcels", 100), urlsplit(url).port or 0)
            asyncio.run(mixed.clients(arguments.questions))
            memory = client.process().peak_mb
        version = own.server_version
    table(["answer", "times"], [[str(status), times] for status, times in sorted(mixed.answers.items(), key=str)])
    measures = [
        Measure("sql_for_200_clients", for_many / for_one, "statements", 1),
        Measure("errors", mixed.errors, "answers", 0),
        Measure("worker_rss_mb", memory, "MB", 200),
        Measure("worker_rss_before_mb", idle_mb, "MB"),
        Measure("mixed_p50_ms", percentile(mixed.taken_ms, 50), "ms"),
        Measure("mixed_p95_ms", percentile(mixed.taken_ms, 95), "ms"),
        Measure("mixed_per_s", len(mixed.taken_ms) / mixed.lasted_s, "answers/s"),
        Measure("left_before_the_answer", mixed.left, "questions"),
        Measure("parcels", arguments.parcels, "rows"),
    ]
    return report("tiles-storm", measures, version)


# ---- One cold tile ----


def cold_tiles(own: Platform, count: int) -> list[str]:
    """Addresses of tiles with parcels, each another one."""
    tiles = sorted({spot.tile(COLD_ZOOM) for spot in spots(own, "parcels", 10 * count)})
    if len(tiles) < count:
        sys.exit(f"The city has only {len(tiles)} tiles at zoom {COLD_ZOOM}: make it larger.")
    random.Random(_SEED).shuffle(tiles)  # noqa: S311 - the same in each run
    return [address("parcels", tile) for tile in tiles[:count]]


def searches(own: Platform, cold: Sequence[str], clients: int) -> int:
    """How often the database searched the parcels for tiles that so many clients ask for at once, one after another."""

    async def storm(port: int) -> None:
        for path in cold:
            wires = await asyncio.gather(*(connected(port) for _ in range(clients)))
            await asyncio.gather(*(send(wire, path) for wire in wires))
            statuses = await asyncio.gather(*(received(wire) for wire in wires))
            if set(statuses) != {200}:
                sys.exit(f"{path}: {Counter(statuses)}")
            for _reader, writer in wires:
                writer.close()

    before = searched(own)
    with own.served() as url:
        asyncio.run(storm(urlsplit(url).port or 0))
    return searched(own) - before


def searched(own: Platform) -> int:
    """How often the drawn parcels were read so far. A connection tells what it did at its end, at the latest."""
    with own.connect() as connection:
        deadline = time.monotonic() + 10
        while (
            time.monotonic() < deadline
            and connection.execute(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchone()
        ):
            time.sleep(0.1)
        found = connection.execute(
            "SELECT coalesce(seq_scan, 0) + coalesce(idx_scan, 0) FROM pg_stat_user_tables"
            " WHERE schemaname = 'drawn' AND relname = 'parcels'"
        ).fetchone()
    assert found
    return int(found[0])


# ---- Mixed clients ----


class Mixed:
    """Clients that each ask one thing after another: tiles of all layers and zooms, often the same few, documents."""

    def __init__(self, places: Sequence[Spot], port: int) -> None:
        self._places, self._port = places, port
        self._layers = [layer_of(key) for key in LAYERS]
        self._random = random.Random(_SEED)  # noqa: S311 - the same in each run
        self._warm = [self._somewhere() for _ in range(WARM)]
        self.answers: Counter[int | str] = Counter()  # by status, or by what went wrong
        self.taken_ms: list[float] = []
        self.left, self.lasted_s = 0, 0.0

    @property
    def errors(self) -> int:
        """Answers other than a tile, a document, or that nothing is drawn."""
        return sum(times for status, times in self.answers.items() if status not in {200, 204})

    async def clients(self, questions: int) -> None:
        """All of them at once."""
        began = time.perf_counter()
        # What each asks is drawn by lot beforehand: the order of answers does not change it.
        asked = [[self._question() for _ in range(questions)] for _ in range(CLIENTS)]
        await asyncio.gather(*(self._client(paths) for paths in asked))
        self.lasted_s = time.perf_counter() - began

    async def _client(self, questions: Sequence[tuple[str, bool]]) -> None:
        wire = None
        for path, leaves in questions:
            began = time.perf_counter()
            try:
                async with asyncio.timeout(ANSWER_S):
                    wire = wire or await connected(self._port)
                    await send(wire, path)
                    if leaves:
                        self.left += 1
                    else:
                        self.answers[await received(wire)] += 1
                        self.taken_ms.append((time.perf_counter() - began) * 1000)
            except (OSError, EOFError, TimeoutError) as exc:
                self.answers[type(exc).__name__] += 1
                leaves = True
            if leaves and wire:
                wire[1].close()
                wire = None
        if wire:
            wire[1].close()

    def _question(self) -> tuple[str, bool]:
        """An address, and whether the client leaves before it is answered."""
        drawn = self._random.random()
        if drawn < 0.7:
            path = self._somewhere()
        elif drawn < 0.85:
            path = self._random.choice(self._warm)
        elif drawn < 0.95:
            path = f"/tiles/{self._random.choice(LAYERS)}.json"
        else:
            path = "/tiles/style.json"
        return path, self._random.random() < LEAVES

    def _somewhere(self) -> str:
        """A tile of any layer at any of its zooms, in the city or at its rim."""
        layer = self._random.choice(self._layers)
        around = self._random.choice(self._places).tiles_around(self._random.randint(layer.min_zoom, layer.max_zoom))
        return address(layer.key, self._random.choice(around))


if __name__ == "__main__":
    sys.exit(main())
