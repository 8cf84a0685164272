"""All tiles of a city in one static PMTiles file, as they come from the tile server: layers of a place in one tile."""

import gzip
import json
import math
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

Bounds = tuple[float, float, float, float]  # west, south, east, north, degrees
_AT_ONCE = 6  # as many as a browser


def tiles_of(bounds: Bounds, z: int) -> list[tuple[int, int, int]]:
    """The tiles of a zoom that touch a box in degrees."""
    west, south, east, north = bounds

    def column(lon: float) -> int:
        return int((lon + 180) / 360 * 2**z)

    def row(lat: float) -> int:
        return int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z)

    return [(z, x, y) for x in range(column(west), column(east) + 1) for y in range(row(north), row(south) + 1)]


def fetched(url: str) -> bytes:
    """What a citizen's browser gets at an address, decompressed; empty for 204."""
    with urlopen(Request(url, headers={"Accept-Encoding": "gzip"}), timeout=60) as reply:  # noqa: S310 - our own server
        content = reply.read()
        return gzip.decompress(content) if reply.headers.get("content-encoding") == "gzip" else content


def write_archive(path: Path, style: dict[str, Any], bounds: Bounds, zooms: Iterable[int]) -> int:
    """Ask for every tile of every source of the style within the bounds and write them. Returns the number of tiles.

    A tile of several layers is the layers one after another: that is what the encoding of vector tiles means.
    """
    sources = style["sources"].values()

    def whole(tile: tuple[int, int, int]) -> bytes:
        z, x, y = tile
        addresses = [
            source["tiles"][0].replace("{z}", str(z)).replace("{x}", str(x)).replace("{y}", str(y))
            for source in sources
            if source["minzoom"] <= z <= source["maxzoom"]
        ]
        return b"".join(fetched(address) for address in addresses)

    tiles = sorted((tile for z in zooms for tile in tiles_of(bounds, z)), key=lambda tile: zxy_to_tileid(*tile))
    with path.open("wb") as file, ThreadPoolExecutor(_AT_ONCE) as pool:
        writer = Writer(file)
        for tile, content in zip(tiles, pool.map(whole, tiles), strict=True):
            if content:
                writer.write_tile(zxy_to_tileid(*tile), gzip.compress(content, 6, mtime=0))
        west, south, east, north = (round(degrees * 10_000_000) for degrees in bounds)
        header = {
            "tile_type": TileType.MVT,
            "tile_compression": Compression.GZIP,
            "min_zoom": min(z for z, _x, _y in tiles), "max_zoom": max(z for z, _x, _y in tiles),
            "min_lon_e7": west, "min_lat_e7": south, "max_lon_e7": east, "max_lat_e7": north,
            "center_zoom": 0, "center_lon_e7": (west + east) // 2, "center_lat_e7": (south + north) // 2,
        }  # fmt: skip
        writer.finalize(header, {"vector_layers": []})
    return len(tiles)


def write_static_style(
    path: Path, style: dict[str, Any], archive: str, here: str, there: str, zooms: list[int]
) -> None:
    """The same style with all its layers from one archive and its fonts from the static server.

    here, there  addresses of the tile server and of the static server
    """
    layers = [{**layer, "source": "city"} if "source" in layer else layer for layer in style["layers"]]
    city = {"type": "vector", "tiles": [f"pmtiles://{there}/{archive}/{{z}}/{{x}}/{{y}}"],
            "minzoom": min(zooms), "maxzoom": max(zooms)}  # fmt: skip
    fonts = json.loads(json.dumps(style["font-faces"]).replace(here, there))
    path.write_text(json.dumps({**style, "font-faces": fonts, "sources": {"city": city}, "layers": layers}))
