"""How PMTiles numbers tiles: zoom by zoom, and inside a zoom along a Hilbert curve. Pure; arrays in, arrays out.

Neighbours get near numbers, and the four children of the n-th tile of a zoom are the tiles 4n … 4n + 3 of the next.
Source: PMTiles version 3, "Tile ID".
"""

import numpy as np

from tiles.envelope import Box

Numbers = np.ndarray  # (n,) of int64


def first_id(z: int) -> int:
    """The number of the first tile of a zoom, which is how many tiles the zooms before have."""
    return (4**z - 1) // 3


def ids(z: int, x: Numbers, y: Numbers) -> Numbers:
    """The numbers of tiles of one zoom, in the order given."""
    x, y = np.array(x, np.int64), np.array(y, np.int64)
    found = np.full(x.shape, first_id(z), np.int64)
    for level in range(z - 1, -1, -1):
        side = 1 << level
        right, down = x & side, y & side
        found += ((3 * right) ^ down) << level
        x, y = _turned(side, x, y, right, down)
    return found


def places(z: int, numbers: Numbers) -> tuple[Numbers, Numbers]:
    """x and y of tiles of one zoom."""
    along = np.array(numbers, np.int64) - first_id(z)
    x, y = np.zeros_like(along), np.zeros_like(along)
    for level in range(z):
        side = 1 << level
        right = (along >> 1) & side
        down = (along ^ right) & side
        x, y = _turned(side, x, y, right, down)
        x, y = x + right, y + down
        along = along >> 1
    return x, y


def children(z: int, numbers: Numbers) -> Numbers:
    """The numbers, in zoom z + 1, of the four children of each of these tiles of zoom z."""
    return (4 * (numbers - first_id(z))[:, None] + np.arange(4)).ravel() + first_id(z + 1)


def grid(z: int, bounds: Box, margin: float = 0) -> Numbers:
    """The numbers, ascending, of all tiles that a box in degrees, WGS 84, touches, or its margin in tiles."""
    left, right, top, bottom = _ends(z, bounds, margin)
    x, y = np.meshgrid(np.arange(left, right + 1), np.arange(top, bottom + 1))
    return np.sort(ids(z, x.ravel(), y.ravel()))


def inside(z: int, numbers: Numbers, bounds: Box) -> np.ndarray:
    """Which of these tiles of a zoom a box in degrees, WGS 84, touches: (n,) of bool."""
    left, right, top, bottom = _ends(z, bounds)
    x, y = places(z, numbers)
    return (left <= x) & (x <= right) & (top <= y) & (y <= bottom)


def _ends(z: int, bounds: Box, margin: float = 0) -> tuple[int, ...]:
    """The first and last x, the first and last y."""
    west, south, east, north = bounds
    across = [(lon + 180) / 360 for lon in (west, east)]
    down = [(1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 for lat in (north, south)]
    ends = np.array([*across, *down]) * 2**z + [-margin, margin, -margin, margin]
    return tuple(np.clip(np.floor(ends), 0, 2**z - 1).astype(int).tolist())


def _turned(side: int, x: Numbers, y: Numbers, right: Numbers, down: Numbers) -> tuple[Numbers, Numbers]:
    """The curve lies turned in the two upper quarters."""
    flipped = (down == 0) & (right != 0)
    x, y = np.where(flipped, side - 1 - x, x), np.where(flipped, side - 1 - y, y)
    return np.where(down == 0, y, x), np.where(down == 0, x, y)
