"""Edits of single parcels and streets while tiles of all zooms are kept: how soon they are seen, and what else goes.

Two processes of ours keep tiles around some places, of three layers at all zooms. Each edit closes a version and writes
the next in one transaction; the one after it puts back what was. After each, both processes are asked for every tile.
A tile is stale that is not what the database draws now. Too much was dropped where a process had to fetch more tiles
anew than the edit's old and new shape touch, or than came out otherwise.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import django
import psycopg
from psycopg import sql

from benchmarks.bench import Measure, percentile, platform_of_its_own, report, table
from benchmarks.bench_tiles import layer_of
from benchmarks.load import Client, Spot, Tile, address, make_city, spots, wait_for_levels
from gisplatform.clock import today
from tiles.envelope import EQUATOR_M, EXTENT

LAYERS = ("parcels", "streets", "zones")
LONGEST_S = 10
_TOLD_S = 0.3  # until processes that were told of something know it
_ROUNDED = 0.51  # units of a tile: a corner that far beyond the buffer is rounded into it

Place = tuple[str, Tile]
Drawn = dict[Place, bytes]

# What is edited, and how: the column that becomes another, and its new value.
CHANGES = {
    "parcels": (
        ("boundary", "ST_Multi(ST_Scale(boundary, ST_MakePoint(0.9, 0.9), ST_Centroid(boundary)))"),
        ("boundary", "ST_Translate(boundary, 120, 70)"),
        ("area_document_m2", "coalesce(area_document_m2, 0) + 1"),
    ),
    "streets": (
        ("centreline", "ST_Translate(centreline, 15, -10)"),
        ("name", "name || ' Mới'"),
    ),
}


@dataclass(frozen=True)
class Edit:
    """One edit: the versions that it closed and wrote, and when it was committed."""

    key: str
    closed: int
    written: int
    committed_at: float


def main() -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels", type=int, default=1_000_000)
    parser.add_argument("--places", type=int, default=10, help="where tiles are kept and things are edited")
    parser.add_argument("--edits", type=int, default=40)
    parser.add_argument("--keep", action="store_true", help="keep the database for the next call")
    arguments = parser.parse_args()
    if arguments.edits % 2 or arguments.places % 2:
        parser.error("places and edits go in pairs: one puts back what the other changed")
    django.setup()
    with platform_of_its_own("tiles", keep=str(arguments.parcels) if arguments.keep else "") as own:
        make_city(own, arguments.parcels)
        each = arguments.places // 2
        found = zip(*(spots(own, key, each) for key in CHANGES), strict=True)
        edited = [pair for different in found for pair in zip(CHANGES, different, strict=True)]
        # No tile may go for want of room.
        with (
            own.worked(),
            own.served(TILES_MEMORY_MB="1024") as one,
            own.served(TILES_MEMORY_MB="1024") as other,
            own.connect() as connection,
            Client(one) as first,
            Client(other) as second,
        ):
            fresh = Freshness(connection, [first, second], kept_places([spot for _key, spot in edited]))
            fresh.edit_in_pairs(edited, arguments.edits // 2)
        version = own.server_version
    table(["edit of", "edits", "p50 s", "p95 s"], [
        [key, len(took), percentile(took, 50), percentile(took, 95)] for key, took in fresh.took.items()
    ])  # fmt: skip
    took = [seconds for each_took in fresh.took.values() for seconds in each_took]
    measures = [
        Measure("edit_to_fresh_p95_s", percentile(took, 95), "s", 1),
        Measure("edit_to_fresh_p50_s", percentile(took, 50), "s"),
        Measure("edit_to_levels_p95_s", percentile(fresh.levels_took, 95), "s", 1),
        Measure("overpurged_tiles", fresh.overpurged, "tiles", 0),
        Measure("stale_tiles", fresh.stale, "tiles", 0),
        Measure("purged_per_edit", fresh.purged / len(took) / len(fresh.clients), "tiles"),
        Measure("changed_per_edit", fresh.changed / len(took), "tiles"),
        Measure("kept_tiles", len(fresh.places), "tiles"),
        Measure("edits", len(took), "edits"),
        Measure("parcels", arguments.parcels, "rows"),
    ]
    return report("tiles-fresh", measures, version)


def kept_places(around: Sequence[Spot]) -> list[Place]:
    """The tiles around spots, of all layers at all their zooms."""
    layers = [layer_of(key) for key in LAYERS]
    return sorted({
        (layer.key, tile)
        for layer in layers
        for z in range(layer.min_zoom, layer.max_zoom + 1)
        for spot in around
        for tile in spot.tiles_around(z)
    })  # fmt: skip


class Freshness:
    """Edits, and what two processes give after each."""

    def __init__(self, connection: psycopg.Connection, clients: Sequence[Client], places: Sequence[Place]) -> None:
        self._connection, self.clients, self.places = connection, clients, places
        self.took: dict[str, list[float]] = {key: [] for key in CHANGES}  # seconds
        self.levels_took: list[float] = []  # seconds until what is drawn from afar had followed
        self.overpurged = self.stale = self.purged = self.changed = 0

    def edit_in_pairs(self, edited: Sequence[tuple[str, Spot]], pairs: int) -> None:
        """So many edits, and as many that put back what was."""
        wait_for_levels(self._connection)
        drawn = self._drawn()
        # Twice: the second process may have found on disk what the first was still about to write.
        for client in (*self.clients, *self.clients):
            self.stale += self._differing(client, drawn)
        for number in range(pairs):
            key, spot = edited[number % len(edited)]
            changes = CHANGES[key]
            column, value = changes[number // 2 % len(changes)]
            there, drawn = self._followed(key, spot, drawn, {column: value})
            _back, drawn = self._followed(key, spot, drawn, {}, source=there.closed)

    def _followed(
        self, key: str, spot: Spot, drawn: Drawn, changed: dict[str, str], source: int | None = None
    ) -> tuple[Edit, Drawn]:
        """One edit, and everything that is to be seen after it. drawn: what the database drew before."""
        seen = address(key, spot.tile(layer_of(key).max_zoom))
        before = [client.counted() for client in self.clients]
        etags = [client.ask(seen)[1] for client in self.clients]
        edit = self._edit(key, spot.identity, changed, source)
        self.took[key].append(max(self._until_fresh(seen, etags, edit)))
        wait_for_levels(self._connection)
        self.levels_took.append(time.perf_counter() - edit.committed_at)
        time.sleep(_TOLD_S)
        now = self._drawn()
        needed = self._touched(edit) | {place for place in self.places if now[place] != drawn[place]}
        self.changed += sum(now[place] != drawn[place] for place in self.places)
        allowed = Counter((layer, z) for layer, (z, _x, _y) in needed)
        for client, counted in zip(self.clients, before, strict=True):
            self.stale += self._differing(client, now)
            for at, by_source in client.counted().items():
                old = counted.get(at, {})
                purged = sum(n - old.get(source, 0) for source, n in by_source.items() if source != "memory")
                self.purged += purged
                self.overpurged += max(0, purged - allowed[at])
        return edit, now

    def _edit(self, key: str, identity: int, changed: dict[str, str], source: int | None) -> Edit:
        """Close the version of today and write the next: the same but for `changed`, or as version `source` was."""
        names = {"register": sql.Identifier(layer_of(key).table)}
        columns = [name for (name,) in self._connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'"
            " AND table_schema = 'public' AND column_name NOT IN ('id', 'recorded_during')", [layer_of(key).table]
        )]  # fmt: skip
        values = [sql.SQL(changed[name]) if name in changed else sql.Identifier(name) for name in columns]
        with self._connection.transaction():
            closed = self._connection.execute(
                sql.SQL(
                    "UPDATE {register} SET recorded_during = tstzrange(lower(recorded_during), clock_timestamp())"
                    " WHERE identity = %s AND upper_inf(recorded_during) AND valid_during @> %s RETURNING id"
                ).format(**names),
                [identity, today()],
            ).fetchone()
            assert closed
            written = self._connection.execute(
                sql.SQL("INSERT INTO {register} ({columns}) SELECT {values} FROM {register} WHERE id = %s RETURNING id")
                .format(columns=sql.SQL(", ").join(map(sql.Identifier, columns)), values=sql.SQL(", ").join(values),
                        **names),
                [source or closed[0]],
            ).fetchone()  # fmt: skip
        assert written
        return Edit(key, closed[0], written[0], time.perf_counter())

    def _until_fresh(self, path: str, etags: Sequence[str], edit: Edit) -> list[float]:
        """Seconds from the commit until each process gives another tile than before."""
        took: dict[int, float] = {}
        while len(took) < len(etags):
            for at, (client, etag) in enumerate(zip(self.clients, etags, strict=True)):
                if at not in took and client.ask(path)[1] != etag:
                    took[at] = time.perf_counter() - edit.committed_at
            if time.perf_counter() - edit.committed_at > LONGEST_S:
                return [*took.values(), float(LONGEST_S)]
        return list(took.values())

    def _differing(self, client: Client, drawn: Drawn) -> int:
        """How many tiles a process gives that are not as the database draws them."""
        return sum(client.tile(*place) != content for place, content in drawn.items())

    def _drawn(self) -> Drawn:
        """Every tile as the database draws it now for everyone."""
        from gisplatform.access import CITIZEN
        from tiles.statements import tile

        found = {}
        for key, (z, x, y) in self.places:
            statement = tile(layer_of(key), CITIZEN, today(), z, x, y)
            assert statement
            asked = self._connection.execute(statement.query, statement.params, prepare=True, binary=True)
            row = asked.fetchone()
            assert row
            found[key, (z, x, y)] = bytes(row[0] or b"")
        return found

    def _touched(self, edit: Edit) -> set[Place]:
        """The kept tiles of the layer that the old or the new shape touches with their buffers."""
        from tiles.statements import buffer_of

        layer = layer_of(edit.key)
        tiles = [tile for key, tile in self.places if key == edit.key]
        z, x, y = map(list, zip(*tiles, strict=True))
        margins = [(buffer_of(layer, zoom) + _ROUNDED) / EXTENT * EQUATOR_M / 2**zoom for zoom in z]
        found = self._connection.execute(
            sql.SQL(
                "SELECT DISTINCT z, x, y FROM unnest(%s::int[], %s::int[], %s::int[], %s::float[])"
                " AS tile (z, x, y, margin) JOIN {} AS version ON version.id = ANY(%s) AND ST_Intersects("
                "ST_Transform(version.{}, 3857), ST_Expand(ST_TileEnvelope(z, x, y), margin))"
            ).format(sql.Identifier(layer.table), sql.Identifier(layer.geometry)),
            [z, x, y, margins, [edit.closed, edit.written]],
        )
        return {(edit.key, (z, x, y)) for z, x, y in found}


if __name__ == "__main__":
    sys.exit(main())
