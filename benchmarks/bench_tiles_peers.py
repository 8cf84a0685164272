"""Tiles of the lots from us over those from other tile servers: the same rows and attributes, eight clients, in turns.

Cold: every tile is drawn. Warm: each tile was asked for once before; a peer without a cache of its own draws it anew.
Each server is one process, ours too, with its database connections open, and is asked with `Accept-Encoding: gzip` as a
browser does: ours and tipg compress, the others send plain bytes and save that work. Before it is measured, every peer
has to give the same lots as ours in some tiles of each zoom (but for those in the buffer, which not every peer draws).
From afar ours are merged beforehand, which no peer does; `row_by_row_…` are the zooms at which ours draw each lot too.
"""

import argparse
import sys
from collections.abc import Sequence
from statistics import median
from urllib.parse import urlsplit

import django
import mapbox_vector_tile
import shapely
from shapely.geometry import shape

from benchmarks.bench import Measure, Platform, Table, platform_of_its_own, report
from benchmarks.bench_tiles import Field, fields, fill, layer_of
from benchmarks.clients import CLIENTS, seconds_for
from benchmarks.load import Client, Tile, address
from benchmarks.peers.running import Missing, Running, peers

LEAST_ROUNDS = 5
COMPARED = 5  # tiles of each zoom
LIMITS = {"tipg": 2, "django_vectortiles": 2, "drf_mvt": 2, "tilekiln": 1, "mapserver": 1}
_INSIDE = shapely.box(4, 4, 4092, 4092)  # coordinates are rounded, or cut to whole ones

Rates = dict[str, dict[int, list[float]]]  # tiles a second by server and zoom, of each round


def main() -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels", type=int, default=1_000_000)
    parser.add_argument("--tiles", type=int, default=200, help="of each zoom in each round")
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    parser.add_argument("--zooms", default="13-18")
    parser.add_argument("--keep", action="store_true", help="keep the database for the next call")
    arguments = parser.parse_args()
    if arguments.rounds < LEAST_ROUNDS:
        parser.error(f"at least {LEAST_ROUNDS} rounds")
    first, _dash, last = arguments.zooms.partition("-")
    django.setup()
    with platform_of_its_own("tiles", keep=str(arguments.parcels) if arguments.keep else "") as own:
        fill(own, arguments.parcels)
        lonlat(own)
        found = [field for field, _columns in fields(own, range(int(first), int(last or first) + 1))
                 if field.key == "parcels"]  # fmt: skip
        plain = layer_of("parcels").plain_zoom
        tiles = {
            field.z: drawn(own, field, arguments.tiles if field.z >= plain else max(8, arguments.tiles // 8))
            for field in found
        }
        with (
            own.served(TILES_MEMORY_MB="0", TILES_DISK_MB="0") as cold_url,
            own.served() as warm_url,
            peers(own) as others,
        ):
            told = "ours: the web process (granian, ASGI), gzip"
            ours = Running("ours", "", f"{told}, no cache", _port(cold_url), lambda tile: address("parcels", tile))
            kept = Running("ours", "", f"{told}, its cache", _port(warm_url), ours.address, keeps=True)
            running = [peer for peer in others if isinstance(peer, Running)]
            counts = compared([ours, *running], {z: part[:COMPARED] for z, part in tiles.items() if z >= plain})
            cold = measured([ours, *running], tiles, arguments.rounds, warm=False)
            warm = measured([kept, *(peer for peer in running if peer.keeps)], tiles, arguments.rounds, warm=True)
        version = own.server_version
    missing = [peer for peer in others if isinstance(peer, Missing)]
    row_by_row = {name: {z: found for z, found in rates.items() if z >= plain} for name, rates in cold.items()}
    measures = [*ratios("throughput_over", cold, cold, running, LIMITS), *ratios(
        "row_by_row_throughput_over", row_by_row, row_by_row, running, {}), *ratios("warm_throughput_over", warm, {
        **cold, **warm}, running, {}), *(Measure(f"throughput_over_{peer.measure}", None, "ratio", LIMITS[peer.measure],
        at_least=True) for peer in missing),
        Measure("cold_per_s", median(together(cold["ours"])), "tiles/s"),
        Measure("warm_per_s", median(together(warm["ours"])), "tiles/s"),
        Measure("clients", CLIENTS, "clients"),
        Measure("rounds", arguments.rounds, "rounds"),
        Measure("parcels", arguments.parcels, "rows"),
    ]  # fmt: skip
    zooms = sorted(tiles)
    rows = [
        [name, state, *(median(rates[name][z]) for z in zooms), median(together(rates[name]))]
        for state, rates in (("cold", cold), ("warm", warm))
        for name in rates
    ]
    features = ", ".join(f"{count:,.0f} at z {z}" for z, count in counts.items())
    return report(
        "tiles-peers", measures, version,
        Table(["server", "", *(f"z {z} tiles/s" for z in zooms), "all tiles/s"], rows),
        "\n".join(f"- {peer.told}" for peer in (ours, kept, *running)),
        f"Lots in a tile: {features}; the same in all of the {COMPARED} tiles of each zoom that were compared."
        f" Below z {plain} ours are merged to blocks that say how many lots they are, the peers' are all lots.",
        *(f"Not measured: {peer.reason}" for peer in missing),
    )  # fmt: skip


def lonlat(own: Platform) -> None:
    """The copy in degrees that djangorestframework-mvt needs, laid like the other."""
    with own.connect() as connection:
        if connection.execute("SELECT to_regclass('raw_parcels_lonlat')").fetchone() == (None,):
            connection.execute(
                "CREATE TABLE raw_parcels_lonlat AS SELECT * FROM raw_parcels;"
                "ALTER TABLE raw_parcels_lonlat ALTER shape TYPE geometry(Geometry, 4326)"
                " USING ST_Transform(shape, 4326);"
                "CREATE INDEX ON raw_parcels_lonlat USING gist (shape);"
                "ALTER TABLE raw_parcels ALTER shape TYPE geometry(Geometry, 3857);"
            )
            connection.execute("VACUUM ANALYZE raw_parcels_lonlat")
            connection.execute("VACUUM ANALYZE raw_parcels")


def drawn(own: Platform, field: Field, count: int) -> list[Tile]:
    """Tiles with lots in them, each once; fewer where the city has fewer."""
    with own.connect() as connection:
        found: list[Tile] = []
        for tile in field.tiles(field.size):
            there = "SELECT EXISTS (SELECT FROM raw_parcels WHERE shape && ST_TileEnvelope(%s, %s, %s))"
            if connection.execute(there, tile).fetchone() == (True,):
                found.append(tile)
            if len(found) == count:
                break
    return found


def compared(running: Sequence[Running], tiles: dict[int, list[Tile]]) -> dict[int, float]:
    """Lots per tile by zoom. Ends the bench where a peer has other ones in a tile than we."""
    counts = {}
    for z, part in tiles.items():
        all_of_zoom = 0
        for tile in part:
            found = {peer.name: lots(peer, tile) for peer in running}
            inside, there = found["ours"]
            all_of_zoom += len(inside)
            for name, (other_inside, other_there) in found.items():
                if missing := (inside - other_there) | (other_inside - there):
                    sys.exit(
                        f"Not comparable: only one of ours and {name} has the lots {sorted(missing)[:5]} in {tile}."
                    )
        counts[z] = all_of_zoom / len(part)
    return counts


def lots(peer: Running, tile: Tile) -> tuple[set[str], set[str]]:
    """The lots that reach into a tile by more than rounding does, and all that are in it."""
    with Client(f"http://127.0.0.1:{peer.port}") as client:
        status, _etag, content = client.ask(peer.address(tile), **{"Accept-Encoding": "identity"})
    if status not in {200, 204}:
        sys.exit(f"{peer.name}, {tile}: {status} {content[:500]!r}")
    layers = mapbox_vector_tile.decode(content) if content else {}
    layers.pop("parcels_labels", None)  # points that ours has beside the lots
    features = [feature for layer in layers.values() for feature in layer["features"]]
    found = [(feature["properties"]["code"], shape(feature["geometry"])) for feature in features]
    if len({code for code, _shape in found}) != len(features):
        sys.exit(f"Not comparable: {peer.name} has a lot twice in {tile}.")
    return {code for code, drawn in found if drawn.intersects(_INSIDE)}, {code for code, _shape in found}


def measured(running: Sequence[Running], tiles: dict[int, list[Tile]], rounds: int, *, warm: bool) -> Rates:
    """All servers in turns, the first round not counted: it warms the database, and what keeps tiles."""
    rates: Rates = {peer.name: {z: [] for z in tiles} for peer in running}
    for turn in range(rounds + 1):
        for z, part in tiles.items():
            for peer in running:
                if not warm:
                    peer.clear()
                seconds = seconds_for(peer.port, [peer.address(tile) for tile in part])
                if turn:
                    rates[peer.name][z].append(len(part) / seconds)
    return rates


def together(by_zoom: dict[int, list[float]]) -> list[float]:
    """Tiles a second over all zooms, as many of each, of each round."""
    return [len(rates) / sum(1 / rate for rate in rates) for rates in zip(*by_zoom.values(), strict=True)]


def ratios(
    prefix: str, ours: Rates, theirs: Rates, running: Sequence[Running], limits: dict[str, int]
) -> list[Measure]:
    """Ours over each peer's faster way, the median of the rounds."""
    fastest: dict[str, list[float]] = {}
    for peer in running:
        rates = together(theirs[peer.name])
        fastest[peer.measure] = max(fastest.get(peer.measure, rates), rates, key=median)
    measures = []
    for measure, rates in fastest.items():
        over = median(one / other for one, other in zip(together(ours["ours"]), rates, strict=True))
        measures.append(Measure(f"{prefix}_{measure}", over, "ratio", limits.get(measure), at_least=True))
    return measures


def _port(url: str) -> int:
    return urlsplit(url).port or 80


if __name__ == "__main__":
    sys.exit(main())
