"""A picture of the demo city as if from the air: synthetic, in the muted colours of a photograph."""

from collections.abc import Iterator
from enum import IntEnum

import numpy as np
import shapely

from demo.buildings import Buildings
from demo.canvas import BAND_ROWS, Canvas
from demo.lots import Lots
from demo.quarters import Kind
from demo.waters import Waters

PIXEL_M = 0.6
MOST_M = 3000.0  # of a large city only the middle is pictured
_SUN = np.array([0.5, 0.35])  # shadows fall to the north-east, metres for each metre of height
_TREE_PX = 5
_TILE_PX = 1280  # texture repeats after so many pixels
# How far the light of a pixel is from the mean of its cover, as a share of how much that varies.
_GRAIN = np.linspace(-1.7, 1.7, 16)
_BED_M = 9.0  # of the railway


class Cover(IntEnum):
    """What covers the ground, in the order of the palette."""

    WILD = 0
    ASPHALT = 1
    LANE = 2
    YARD = 3
    GARDEN = 4
    VILLAGE = 5
    WORKS = 6
    PARK = 7
    PAVED = 8
    RICE = 9
    RICE_RIPE = 10
    CROPS = 11
    FISH = 12
    RIVER = 13
    POND = 14
    TRACK = 15
    SHADOW = 16
    ROOF = 17  # and all that follow


# Red, green, blue; how much it varies; how much of it is under trees.
PALETTE = np.array(
    [
        (84, 98, 62, 0.10, 0.45), (104, 103, 101, 0.04, 0.03), (128, 122, 112, 0.05, 0.02), (139, 131, 118, 0.06, 0.04),
        (112, 118, 84, 0.09, 0.30), (114, 112, 78, 0.10, 0.38), (146, 140, 130, 0.05, 0.02), (88, 110, 62, 0.08, 0.42),
        (158, 150, 138, 0.04, 0.05), (110, 132, 66, 0.06, 0.0), (158, 150, 84, 0.06, 0.0), (124, 116, 74, 0.10, 0.03),
        (74, 92, 88, 0.04, 0.0), (86, 98, 82, 0.025, 0.0), (66, 84, 78, 0.03, 0.0), (118, 108, 98, 0.08, 0.0),
        (52, 53, 56, 0.05, 0.0),
    ]
)  # fmt: skip
_ROOFS = np.array(
    [(148, 86, 66), (160, 98, 76), (132, 76, 62), (96, 112, 136), (110, 128, 148), (150, 148, 144), (172, 168, 162),
     (190, 186, 180), (104, 126, 110), (128, 124, 120)]
)  # fmt: skip
_ROOF_SHARES = np.array([0.20, 0.13, 0.10, 0.07, 0.06, 0.16, 0.12, 0.07, 0.04, 0.05])
_HALL_ROOFS = (3, 4, 6, 7)
_TREE = np.array((54, 74, 42))
_COVER_OF_KIND = np.array(
    [Cover.YARD, Cover.YARD, Cover.GARDEN, Cover.VILLAGE, Cover.WORKS, Cover.RICE, Cover.RIVER, Cover.TRACK, Cover.WILD]
)
_COVER_OF_USE = {
    "park": Cover.PARK, "square": Cover.PAVED, "school": Cover.PAVED, "market": Cover.PAVED, "station": Cover.PAVED,
    "pond": Cover.POND, "temple": Cover.GARDEN, "office": Cover.PAVED, "clinic": Cover.PAVED, "culture": Cover.PAVED,
}  # fmt: skip


def canvas(centre: np.ndarray, province: shapely.Geometry) -> Canvas:
    """Where the picture lies: over all of a small city, or MOST_M around the centre (2,), metres."""
    around = shapely.box(*(centre - MOST_M / 2), *(centre + MOST_M / 2))
    west, south, east, north = shapely.intersection(around, shapely.box(*province.bounds)).bounds
    return Canvas.over((np.floor(west), np.floor(south), np.ceil(east), np.ceil(north)), PIXEL_M)


def paint_streets(
    pixels: np.ndarray, where: Canvas, streets: np.ndarray, widths_m: np.ndarray, lane: np.ndarray
) -> None:
    """Paint streets given by their middles (n,) and widths (n,), lanes first."""
    near = shapely.intersects(streets, where.box)
    for which, cover in ((near & lane, Cover.LANE), (near & ~lane, Cover.ASPHALT)):
        where.paint(pixels, shapely.buffer(streets[which], widths_m[which] / 2 - 0.4), cover)


def paint_railway(pixels: np.ndarray, where: Canvas, track: shapely.Geometry) -> None:
    """Paint the bed of the railway."""
    where.paint(pixels, np.array([shapely.buffer(track, _BED_M / 2, cap_style="flat")]), Cover.TRACK)


def paint_waters(pixels: np.ndarray, where: Canvas, waters: Waters) -> None:
    """Paint waters by their kind."""
    where.paint(pixels, waters.surface, np.where(waters.kind == "river", Cover.RIVER, Cover.POND))


def paint_lots(
    pixels: np.ndarray, where: Canvas, lots: Lots, buildings: Buildings, random: np.random.Generator
) -> None:
    """Paint the lots of one part of the city with what stands on them."""
    cover = _COVER_OF_KIND[lots.kind]
    for use, instead in _COVER_OF_USE.items():
        cover[lots.use == use] = instead
    fields = (lots.kind == Kind.FIELD) & (lots.use == "")
    crops = random.choice([Cover.RICE, Cover.RICE_RIPE, Cover.CROPS, Cover.FISH], len(lots), p=(0.55, 0.2, 0.18, 0.07))
    where.paint(pixels, lots.shape, np.where(fields, crops, cover))
    # A shadow is the roof moved aside; what stands nearer to the sun hides the foot of it.
    moved = _moved(buildings.shape, buildings.height_m)
    where.paint(pixels, moved, Cover.SHADOW)
    roof = random.choice(len(_ROOFS), len(buildings.shape), p=_ROOF_SHARES)
    hall = lots.kind[buildings.lot] == Kind.INDUSTRY
    roof = np.where(hall, random.choice(_HALL_ROOFS, len(roof)), roof)
    where.paint(pixels, buildings.shape, Cover.ROOF + roof)


def _moved(shapes: np.ndarray, height_m: np.ndarray) -> np.ndarray:
    """Shapes (n,) moved to where their shadow falls."""
    points, shape = shapely.get_coordinates(shapes, return_index=True)
    return shapely.set_coordinates(shapes.copy(), points + (height_m[shape, None] * _SUN))


def photograph(pixels: np.ndarray, random: np.random.Generator) -> Iterator[np.ndarray]:
    """Strips (3, BAND_ROWS, columns) of bytes from painted Cover (rows, columns), the northernmost first."""
    grain = random.integers(0, len(_GRAIN), (_TILE_PX, _TILE_PX), dtype=np.uint8)
    coarse = random.random((_TILE_PX // _TREE_PX, _TILE_PX // _TREE_PX))
    coarse = np.mean([np.roll(coarse, shift, axis=(0, 1)) for shift in ((0, 0), (0, 1), (1, 0), (1, 1))], axis=0)
    crowns = np.repeat(np.repeat(coarse, _TREE_PX, axis=0), _TREE_PX, axis=1)
    crowns = crowns + 0.06 * random.standard_normal(crowns.shape)
    # Crowns as bytes, so that a share s of all of them lies below 255 s.
    ranked = np.searchsorted(np.quantile(crowns, np.linspace(0, 1, 256)), crowns).astype(np.uint8)
    wooded = np.round(255 * np.append(PALETTE[:, 4], np.zeros(len(_ROOFS)))).astype(np.uint8)
    colours = np.concatenate([PALETTE[:, :3], _ROOFS, [_TREE]])
    varies = np.concatenate([PALETTE[:, 3], np.full(len(_ROOFS), 0.05), [0.16]])
    light = 1 + varies[:, None] * _GRAIN
    lookup = np.clip(colours[:, None] * light[..., None], 0, 255).astype(np.uint8).reshape(-1, 3)
    tree = len(colours) - 1
    for first in range(0, len(pixels), BAND_ROWS):
        painted = pixels[first : first + BAND_ROWS]
        rows, columns = painted.shape
        at = np.ix_((first + np.arange(rows)) % _TILE_PX, np.arange(columns) % _TILE_PX)
        seen = np.where(ranked[at] < wooded[painted], tree, painted).astype(np.uint16)
        yield np.moveaxis(lookup[seen * len(_GRAIN) + grain[at]], -1, 0)
