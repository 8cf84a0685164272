"""Buildings on the lots: set back from the borders, as many storeys as its kind of place has."""

from dataclasses import dataclass

import numpy as np
import shapely

from demo.lots import Lots
from demo.quarters import Kind

# Front, back and side distance from the lot's borders in metres; share of lots without a building; storeys from, to.
_BY_KIND = {
    Kind.CIVIC: (12.0, 10.0, 9.0, 0.0, 2, 3),
    Kind.OLD: (0.0, 1.4, 0.0, 0.03, 1, 4),
    Kind.NEW: (1.2, 2.0, 0.0, 0.14, 2, 5),
    Kind.VILLA: (4.0, 3.0, 2.0, 0.10, 2, 3),
    Kind.VILLAGE: (6.0, 9.0, 2.5, 0.15, 1, 2),
    Kind.INDUSTRY: (12.0, 9.0, 6.0, 0.10, 1, 1),
    Kind.FIELD: (0.0, 0.0, 0.0, 1.0, 1, 1),
}
_FUNCTION = {
    Kind.OLD: "house",
    Kind.NEW: "house",
    Kind.VILLA: "villa",
    Kind.VILLAGE: "house",
    Kind.INDUSTRY: "factory",
}
_STOREY_M = 3.3
_ROOF_M = 1.2
_HALL_STOREY_M = 8.5
_MOST_OF_DEPTH = 0.7  # a setback never takes more of a lot than this


@dataclass(frozen=True)
class Buildings:
    """Buildings (n,): its lot and use, storeys, height in metres, footprint in the register's system."""

    lot: np.ndarray
    function: np.ndarray
    storeys: np.ndarray
    height_m: np.ndarray
    shape: np.ndarray


def inset(corners: np.ndarray, front_m: np.ndarray, back_m: np.ndarray, side_m: np.ndarray) -> np.ndarray:
    """Four-cornered footprints (n,) within four-cornered lots.

    corners  (n, 4, 2) both ends of the front, then of the back, metres
    *_m      (n,) distances from front, back and both sides, metres; cut where they would leave no room
    """
    left_front, right_front, right_back, left_back = (corners[:, each] for each in range(4))
    depth_m = np.hypot(*(left_back + right_back - left_front - right_front).T) / 2
    width_m = np.hypot(*(right_front + right_back - left_front - left_back).T) / 2
    shrunk = np.minimum(1.0, _MOST_OF_DEPTH * depth_m / np.maximum(front_m + back_m, 1e-9))
    near, far = front_m * shrunk / depth_m, 1 - back_m * shrunk / depth_m
    beside = np.minimum(side_m / width_m, _MOST_OF_DEPTH / 2)

    def at(across: np.ndarray, deep: np.ndarray) -> np.ndarray:
        front = left_front + across[:, None] * (right_front - left_front)
        back = left_back + across[:, None] * (right_back - left_back)
        return np.round(front + deep[:, None] * (back - front), 3)

    ring = np.stack([at(beside, near), at(1 - beside, near), at(1 - beside, far), at(beside, far)], axis=1)
    return shapely.polygons(ring)


def build(lots: Lots, seed: int) -> Buildings:
    """The buildings of a city."""
    random = np.random.default_rng([seed, 5])
    front_m, back_m, side_m, vacant, least, most = np.array([_BY_KIND[kind] for kind in Kind])[lots.kind].T
    built = (random.random(len(lots)) >= vacant) & (lots.use != "park")
    # Most houses stand a little apart in depth, as nobody builds like the neighbour.
    front_m = front_m + np.where(lots.kind == Kind.OLD, random.exponential(0.5, len(lots)), 0)
    back_m = back_m + random.exponential(1.0, len(lots))
    storeys = random.integers(least.astype(int), most.astype(int) + 1)
    storeys = np.where(lots.use == "office", 9, np.where(lots.use == "market", 1, storeys))
    hall = (lots.kind == Kind.INDUSTRY) | (lots.use == "market")
    function = np.array([_FUNCTION.get(kind, "") for kind in Kind], dtype=object)[lots.kind]
    function = np.where(lots.use != "", lots.use, function)
    height_m = np.round(storeys * np.where(hall, _HALL_STOREY_M, _STOREY_M) + _ROOF_M, 1)
    shape = inset(lots.corners[built], front_m[built], back_m[built], side_m[built])
    return Buildings(np.flatnonzero(built), function[built], storeys[built], height_m[built], shape)
