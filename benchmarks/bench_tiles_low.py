"""Tiles from afar, z 8-14, of a large city: how soon, how heavy, and whether anything is lost or torn apart in them.

The peer is what a server without levels has to do: a plain prepared ST_AsMVT of all rows that a tile touches, on a copy
in Web Mercator with a spatial index, without HTTP. Ours is asked through HTTP by a server that keeps no tile. What is
lost or torn is looked for where it would be seen, in the tiles, and in the tables that they are made of.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from statistics import median

import django
import mapbox_vector_tile
import numpy as np
import psycopg
import shapely
from psycopg import sql
from shapely.geometry import shape

from benchmarks.archive import tiles_of
from benchmarks.bench import Measure, Platform, percentile, platform_of_its_own, report, table
from benchmarks.bench_tiles import columns_of, fill, layer_of
from benchmarks.load import Client, Tile
from tiles.envelope import EQUATOR_M

KEYS = ("parcels", "zones")
PEERS_ZOOMS = range(8, 12)
ROUNDS = 5
_HALF = 2**0.5 / 2  # units: so far a corner moves when it is rounded in x and in y
_PEERS_MOST_S = 60.0  # of one layer and zoom; it is asked no further tiles after that


def main() -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels", type=int, default=1_000_000)
    parser.add_argument("--keep", action="store_true", help="keep the database for the next call")
    arguments = parser.parse_args()
    django.setup()
    with platform_of_its_own("tiles", keep=str(arguments.parcels) if arguments.keep else "") as own:
        fill(own, arguments.parcels)
        built_s = rebuilt(own)
        with own.served(TILES_MEMORY_MB="0", TILES_DISK_MB="0") as url, own.connect() as connection, Client(url) as us:
            rows, ours, peers, sizes = measured(own, connection, us)
            slivers, rounded = torn(connection, us)
            lost = area_lost(connection)
        table(["layer", "z", "tiles", "ours ms", "peer ms", "ratio", "largest kB"], rows)
        measures = [
            Measure("speedup_over_uncapped_peer", percentile(peers, 95) / percentile(ours, 95), "ratio", 10, True),
            Measure("tile_gzip_p99_kb", percentile(sizes, 99), "kB", 250),
            Measure("area_lost_share", lost, "share", 0.001),
            Measure("slivers", slivers, "places", 0),
            Measure("area_rounded_share", rounded, "share"),
            Measure("cold_p95_ms", percentile(ours, 95), "ms"),
            Measure("peer_p95_ms", percentile(peers, 95), "ms"),
            Measure("levels_built_s", built_s, "s", 120),
            Measure("parcels", arguments.parcels, "rows"),
        ]
        return report("tiles-low", measures, own.server_version)


def rebuilt(own: Platform) -> float:
    """Seconds to build all levels from nothing; the drawn tables are there."""
    with own.connect() as connection:
        connection.execute("UPDATE drawn.level_states SET snapshot = NULL")
        for (name,) in connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'drawn'::regnamespace AND relkind = 'r'"
            " AND relname LIKE '%\\_levels'"
        ).fetchall():
            connection.execute(sql.SQL("TRUNCATE {}").format(sql.Identifier("drawn", name)))
    began = time.perf_counter()
    own.manage("publish_layers")
    taken = time.perf_counter() - began
    with own.connect() as connection:
        connection.execute("VACUUM ANALYZE")
    return taken


def places(connection: psycopg.Connection, key: str, z: int) -> list[Tile]:
    """The tiles of a zoom that a layer lies in."""
    bounds = connection.execute(
        sql.SQL(
            "SELECT ST_XMin(city), ST_YMin(city), ST_XMax(city), ST_YMax(city)"
            " FROM (SELECT ST_Transform(ST_SetSRID(ST_Extent(shape), 3857), 4326) AS city FROM {}) AS drawn"
        ).format(sql.Identifier(f"raw_{key}"))
    ).fetchone()
    assert bounds
    return tiles_of(bounds, z)


def measured(
    own: Platform, connection: psycopg.Connection, us: Client
) -> tuple[list[list[object]], list[float], list[float], list[float]]:
    """A table; milliseconds of each tile of z 8-11, ours and the peer's, in turns; and kilobytes of each, z 8-14."""
    rows: list[list[object]] = []
    ours: list[float] = []
    peers: list[float] = []
    sizes: list[float] = []
    for key in KEYS:
        attributes = sql.SQL("").join(sql.SQL("{}, ").format(sql.Identifier(name)) for name in columns_of(own, key))
        peer = sql.SQL(
            "SELECT ST_AsMVT(drawn, {name}, 4096, 'shape', 'id') FROM (SELECT id, {attributes}"
            " ST_AsMVTGeom(shape, ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 64) AS shape FROM {raw}"
            " WHERE shape && ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 0.015625)) AS drawn"
        ).format(name=sql.Literal(key), attributes=attributes, raw=sql.Identifier(f"raw_{key}"))
        for z in range(8, layer_of(key).plain_zoom):
            tiles = [tile for tile in places(connection, key, z) if us.tile(key, tile)]
            kilobytes = [len(us.ask(f"/tiles/{key}/{'/'.join(map(str, tile))}.mvt")[2]) / 1000 for tile in tiles]
            sizes += kilobytes
            each_ours, each_peers = [], []
            spent = 0.0
            for tile in tiles:
                each_ours.append(median(_timed(lambda: us.tile(key, tile)) for _turn in range(ROUNDS)))  # noqa: B023
                if z in PEERS_ZOOMS and spent < _PEERS_MOST_S:
                    params = dict(zip("zxy", tile, strict=True))
                    turns = [
                        _timed(lambda: connection.execute(peer, params, prepare=True, binary=True).fetchone())  # noqa: B023
                        for _turn in range(ROUNDS if spent < _PEERS_MOST_S / 4 else 1)
                    ]
                    spent += sum(turns) / 1000
                    each_peers.append(median(turns))
            if z in PEERS_ZOOMS:
                ours += each_ours[: len(each_peers)]
                peers += each_peers
            theirs = percentile(each_peers, 95) if each_peers else float("nan")
            mine = percentile(each_ours, 95)
            rows.append([key, z, len(tiles), mine, theirs, theirs / mine, max(kilobytes)])
    return rows, ours, peers, sizes


def _timed(work: object) -> float:
    began = time.perf_counter()
    work()  # type: ignore[operator]
    return (time.perf_counter() - began) * 1000


# ---- What is lost, and what is torn apart ----


def area_lost(connection: psycopg.Connection) -> float:
    """The largest share by which what is drawn at some level of a layer is larger or smaller than its rows."""
    shares = [0.0]
    for key in KEYS:
        [(true,)] = connection.execute(
            sql.SQL("SELECT sum(ST_Area(shape)) FROM {}").format(sql.Identifier(f"raw_{key}"))
        ).fetchall()
        for (drawn,) in connection.execute(
            sql.SQL("SELECT sum(ST_Area(shape)) FROM {} GROUP BY zoom").format(sql.Identifier("drawn", f"{key}_levels"))
        ).fetchall():
            shares.append(abs(drawn / true - 1))
    return max(shares)


def torn(connection: psycopg.Connection, us: Client) -> tuple[int, float]:
    """Gaps and laps between neighbours that are wider than a unit of the tile, and the share of area lost by rounding.

    Zones of the adopted plan, which lie side by side without gaps; in the tiles of each zoom that hold most of them.
    """
    found, shares = 0, []
    for z in range(8, layer_of("zones").plain_zoom):
        tiles = sorted(places(connection, "zones", z), key=lambda tile: -len(us.tile("zones", tile)))[:4]
        for tile in tiles:
            content = us.tile("zones", tile)
            if not content:
                continue
            layer = mapbox_vector_tile.decode(content)["zones"]
            extent = layer["extent"]
            drawn = [
                shapely.make_valid(shape(feature["geometry"]))
                for feature in layer["features"]
                if feature["properties"]["state"] == "adopted"
            ]
            inside = shapely.box(0, 0, extent, extent)
            land = _source(connection, tile, extent)
            cut = shapely.intersection(drawn, inside)
            painted = shapely.union_all(cut)
            shares.append(painted.area / land.area - 1)
            before = found
            # A strip that is still there when half a unit is taken from each side, in x and in y, is wider than one.
            # Along the outline of all land, which has no neighbour, corners are left out: within a pixel of it nothing
            # is looked for.
            gaps = shapely.buffer(shapely.difference(shapely.buffer(land, -1.5 - extent / 512), painted), -_HALF)
            found += int(shapely.get_num_geometries(gaps)) if not gaps.is_empty else 0
            pairs = shapely.STRtree(cut).query(cut, predicate="overlaps").T
            for one, other in pairs[pairs[:, 0] < pairs[:, 1]]:
                laps = shapely.buffer(shapely.intersection(cut[one], cut[other]), -_HALF)
                found += int(shapely.get_num_geometries(laps)) if not laps.is_empty else 0
            if found > before:
                print(f"zones {tile}: {found - before} gaps or laps")
    return found, float(np.max(np.abs(shares)))


def _source(connection: psycopg.Connection, tile: Tile, extent: int) -> shapely.Geometry:
    """The land that the rows themselves cover in a tile, in its units, y from the south."""
    z, x, y = tile
    side = EQUATOR_M / 2**z
    west, south = x * side - EQUATOR_M / 2, EQUATOR_M / 2 - (y + 1) * side
    shapes = shapely.from_wkb([bytes(wkb) for (wkb,) in _rows(connection, (west, south, west + side, south + side))])
    scaled = shapely.transform(shapes, lambda corners: (corners - [west, south]) / side * extent)
    joined = shapely.coverage_union_all(scaled) if shapely.coverage_is_valid(scaled) else shapely.union_all(scaled)
    return shapely.intersection(joined, shapely.box(0, 0, extent, extent))


def _rows(connection: psycopg.Connection, box: tuple[float, float, float, float]) -> Iterator[tuple[bytes]]:
    return connection.execute(
        "SELECT ST_AsBinary(shape) FROM raw_zones WHERE state = 'adopted'"
        " AND shape && ST_MakeEnvelope(%s, %s, %s, %s, 3857)",
        box,
        binary=True,
    )


if __name__ == "__main__":
    sys.exit(main())
