"""Where a tile lies in Web Mercator, and where a stretch of Web Mercator lies on the globe. Pure."""

import math
from collections.abc import Sequence

EXTENT = 4096  # units along one side of a tile
BUFFER = 64  # units drawn beyond each side, so that lines and outlines meet at the seams: 8 px of 512
# Half of the widest street: a line drawn to scale is seen that far from its course, in the next tile too.
REACH_M = 30
EQUATOR_M = 2 * math.pi * 6378137

Box = tuple[float, float, float, float]  # west, south, east, north


def tile_box(z: int, x: int, y: int, buffer: int = 0) -> Box:
    """A tile with its buffer (units of EXTENT) in Web Mercator metres."""
    side, margin = EQUATOR_M / 2**z, buffer / EXTENT
    west, north = -EQUATOR_M / 2, EQUATOR_M / 2
    return (
        west + side * (x - margin),
        north - side * (y + 1 + margin),
        west + side * (x + 1 + margin),
        north - side * (y - margin),
    )


def buffer_to_scale(z: int) -> int:
    """The buffer, in units of EXTENT, that layers need whose lines are drawn as wide as they are."""
    return max(BUFFER, math.ceil(REACH_M * EXTENT * 2**z / EQUATOR_M))


def lonlat_bounds(box: Box) -> Box:
    """A box of Web Mercator (metres) as bounds in degrees, WGS 84, that hold it; what is beyond the map is cut off."""
    west, south, east, north = (max(-0.5, min(0.5, metres / EQUATOR_M)) for metres in box)
    # Six decimals are a decimetre; outwards, so that nothing at the rim is cut off.
    return (
        math.floor(west * 360e6) / 1e6,
        math.floor(_latitude(south) * 1e6) / 1e6,
        math.ceil(east * 360e6) / 1e6,
        math.ceil(_latitude(north) * 1e6) / 1e6,
    )


def around(boxes: Sequence[Box]) -> Box | None:
    """The box around boxes; None for none."""
    if not boxes:
        return None
    wests, souths, easts, norths = zip(*boxes, strict=True)
    return min(wests), min(souths), max(easts), max(norths)


def _latitude(y: float) -> float:
    return math.degrees(math.atan(math.sinh(2 * math.pi * y)))
