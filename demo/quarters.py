"""What the land of the city is used for, and how the land of each kind is divided."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

LEAST_LOTS = 500  # with fewer, some kind of quarter would be missing


class Kind(IntEnum):
    """What a quarter is. The last three have no lots; nobody has surveyed the wild land, and no plan covers it."""

    OLD = 0
    NEW = 1
    VILLA = 2
    VILLAGE = 3
    INDUSTRY = 4
    FIELD = 5
    RIVER = 6
    RAILWAY = 7
    WILD = 8


LOTS_ON = (Kind.OLD, Kind.NEW, Kind.VILLA, Kind.VILLAGE, Kind.INDUSTRY, Kind.FIELD)


@dataclass(frozen=True)
class Recipe:
    """How the land of a kind of quarter is divided; a block is two rows of lots back to back.

    share                  of the lots of a city
    gross_m2               of land for each lot, streets among it
    quarter_m              length and depth of a quarter; one that has grown without a plan has about that area
    street_m               width of the streets between quarters
    block_m                longest block, and depth of both rows together
    lane_m                 width of the ways between blocks, from and to
    lot_width_m, spread    mean width along the street and its relative deviation
    skew                   how far the back of a side line strays from its front, relative to the lot's width
    jag_m                  how far the line where the backs meet strays
    planned                whether somebody drew it; the others have grown: irregular, with lanes instead of streets
    """

    share: float
    gross_m2: float
    quarter_m: tuple[float, float]
    street_m: float
    block_m: tuple[float, float]
    lane_m: tuple[float, float]
    lot_width_m: float
    spread: float
    skew: float
    jag_m: float
    planned: bool


RECIPES = {
    Kind.OLD: Recipe(0.18, 103, (130, 110), 8.5, (90, 38), (2.4, 4.0), 4.2, 0.17, 0.10, 1.1, False),
    Kind.NEW: Recipe(0.37, 172, (170, 135), 12.0, (190, 40), (7.5, 10.5), 5.4, 0.08, 0.0, 0.0, True),
    Kind.VILLA: Recipe(0.06, 430, (180, 150), 12.0, (200, 48), (8.0, 10.5), 12.5, 0.10, 0.0, 0.0, True),
    Kind.VILLAGE: Recipe(0.15, 440, (170, 140), 6.5, (130, 56), (3.5, 5.0), 12.5, 0.28, 0.14, 2.5, False),
    Kind.INDUSTRY: Recipe(0.007, 5200, (330, 230), 17.0, (350, 150), (12.0, 14.0), 50.0, 0.22, 0.0, 0.0, True),
    Kind.FIELD: Recipe(0.233, 1150, (330, 250), 6.0, (400, 130), (3.0, 4.0), 15.0, 0.30, 0.05, 0.0, True),
}


def recipe_values(name: str, kinds: np.ndarray) -> np.ndarray:
    """One figure of the recipe for each of many quarters (n,); 0 or nan for kinds without lots."""
    first = getattr(RECIPES[Kind.OLD], name)
    nothing = np.zeros_like(np.asarray(first, dtype=float))
    return np.array([getattr(RECIPES[kind], name) if kind in RECIPES else nothing for kind in Kind])[kinds]


@dataclass(frozen=True)
class Quarters:
    """Quarters (q,) between streets, also the river and the railway between theirs.

    kind, area_m2  what it is, and how much land to the middle of the streets around
    centre         (q, 2) flat coordinates
    part           the ward in which it lies, from 0
    """

    kind: np.ndarray
    centre: np.ndarray
    area_m2: np.ndarray
    part: np.ndarray

    def __len__(self) -> int:
        return len(self.kind)
