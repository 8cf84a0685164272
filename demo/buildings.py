"""Buildings on the lots: set back from the borders, as many storeys as its kind of place has."""

from dataclasses import dataclass

import numpy as np
import shapely

from demo.lots import Lots, on_quad
from demo.mesh import Line
from demo.quarters import Kind

# Front, back and side distance from the lot's borders in metres; share of lots without a building; storeys from, to.
_BY_KIND = {
    Kind.OLD: (0.15, 3.4, 0.0, 0.03, 1, 4),
    Kind.NEW: (1.0, 1.8, 0.0, 0.13, 2, 5),
    Kind.VILLA: (4.5, 4.0, 2.2, 0.10, 2, 3),
    Kind.VILLAGE: (4.0, 6.5, 1.6, 0.12, 1, 2),
    Kind.INDUSTRY: (11.0, 8.0, 6.0, 0.10, 1, 1),
    Kind.FIELD: (0.0, 0.0, 0.0, 1.0, 1, 1),
}
_FUNCTION = {
    Kind.OLD: "house",
    Kind.NEW: "house",
    Kind.VILLA: "villa",
    Kind.VILLAGE: "house",
    Kind.INDUSTRY: "factory",
}
# Buildings of a block with one use: storeys, then each as shares of its width and depth, from the front.
_OF_USE: dict[str, tuple[int, tuple[tuple[float, float, float, float], ...]]] = {
    "school": (3, ((0.10, 0.68, 0.90, 0.86), (0.10, 0.24, 0.22, 0.62), (0.78, 0.24, 0.90, 0.62))),
    "market": (1, ((0.12, 0.14, 0.88, 0.46), (0.12, 0.55, 0.60, 0.84), (0.66, 0.55, 0.88, 0.84))),
    "station": (2, ((0.34, 0.42, 0.66, 0.70), (0.10, 0.80, 0.90, 0.88))),
    "office": (6, ((0.22, 0.36, 0.78, 0.62), (0.62, 0.66, 0.78, 0.88))),
    "clinic": (3, ((0.15, 0.32, 0.85, 0.56), (0.15, 0.64, 0.40, 0.86))),
    "culture": (2, ((0.28, 0.32, 0.72, 0.74),)),
    "temple": (1, ((0.30, 0.42, 0.70, 0.60), (0.36, 0.68, 0.64, 0.84))),
}
_HALL_M2 = 2200.0  # a works' lot larger than this has two halls
_SHED_SHARE, _SHED = 0.35, (0.62, 0.70, 0.86, 0.86)  # behind a village house
_STOREY_M = 3.3
_ROOF_M = 1.2
_HALL_STOREY_M = 8.5
_DEEPEST_HOUSE_M = {Kind.VILLAGE: 11.0, Kind.VILLA: 15.0}
_ROUNDED_M, _LEAST_LEFT = 0.001, 0.6
_MOST_OF_DEPTH = 0.7  # a setback never takes more of a lot than this

_Group = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]  # lots, storeys, functions, shares


@dataclass(frozen=True)
class Buildings:
    """Buildings (n,): its lot and use, storeys, height in metres, footprint in the register's system."""

    lot: np.ndarray
    function: np.ndarray
    storeys: np.ndarray
    height_m: np.ndarray
    shape: np.ndarray


def build(lots: Lots, random: np.random.Generator) -> Buildings:
    """The buildings of a ward."""
    groups = [_houses(lots, random), _sheds(lots, random), *(_public(lots, use, random) for use in _OF_USE)]
    lot, storeys, function, shares = (np.concatenate([group[which] for group in groups]) for which in range(4))
    shape, stands = _within(_footprints(lots.corners[lot], shares), lots.shape[lot])
    lot, storeys, function, shape = lot[stands], storeys[stands], function[stands], shape[stands]
    hall = (function == "factory") | (function == "market")
    height_m = np.round(storeys * np.where(hall, _HALL_STOREY_M, _STOREY_M) + _ROOF_M, 1)
    order = np.argsort(lot, kind="stable")
    return Buildings(lot[order], function[order], storeys[order], height_m[order], shape[order])


def _footprints(corners: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Polygons (n,) within four-cornered lots (n, 4, 2): shares (n, 4) of the width and depth, from and to."""
    left, near, right, far = shares.T
    ring = [on_quad(corners, across, deep) for across, deep in ((left, near), (right, near), (right, far), (left, far))]
    return shapely.polygons(np.round(np.stack(ring, axis=1), 3))


def _within(shape: np.ndarray, lot: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Buildings (n,) cut to their lots (n,), as houses at a corner are, and (n,) whether enough of each is left."""
    over = np.flatnonzero(~shapely.covers(shapely.buffer(lot, _ROUNDED_M), shape))
    left = shapely.intersection(shape[over], lot[over], grid_size=_ROUNDED_M)
    enough = (shapely.get_type_id(left) == shapely.GeometryType.POLYGON) & (
        shapely.area(left) > _LEAST_LEFT * shapely.area(shape[over])
    )
    shape, stands = shape.copy(), np.ones(len(shape), dtype=bool)
    shape[over[enough]], stands[over[~enough]] = left[enough], False
    return shape, stands


def _houses(lots: Lots, random: np.random.Generator) -> _Group:
    """One building on most lots, two halls on a large one of a works."""
    front_m, back_m, side_m, vacant, least, most = np.array([_BY_KIND.get(each, [0] * 6) for each in Kind])[lots.kind].T
    vacant = np.where(lots.front == Line.MAIN, vacant / 3, vacant)
    # Most houses stand a little apart in depth, as nobody builds like the neighbour.
    front_m = front_m + np.where(lots.kind == Kind.OLD, random.exponential(0.35, len(lots)), 0)
    front_m = front_m + np.where(lots.kind == Kind.NEW, random.choice([0.0, 0.0, 0.0, 1.4], len(lots)), 0)
    front_m = front_m + np.where(lots.kind == Kind.VILLAGE, random.exponential(3.0, len(lots)), 0)
    back_m = back_m + random.exponential(1.0, len(lots))
    at_end = (lots.number == 0) | (lots.number == lots.count - 1)
    side_m = np.maximum(side_m, np.where(at_end, 0.4, 0.0))  # the last of a row may lie at a street that bends
    left_front, right_front, right_back, left_back = (lots.corners[:, each] for each in range(4))
    depth_m = np.hypot(*(left_back + right_back - left_front - right_front).T) / 2
    width_m = np.hypot(*(right_front + right_back - left_front - left_back).T) / 2
    deepest_m = np.array([_DEEPEST_HOUSE_M.get(each, np.inf) for each in Kind])[lots.kind]
    deepest_m = deepest_m * random.uniform(0.75, 1.1, len(lots))
    back_m = np.maximum(back_m, depth_m - front_m - deepest_m)
    shrunk = np.minimum(1.0, _MOST_OF_DEPTH * depth_m / np.maximum(front_m + back_m, 1e-9))
    near, far = front_m * shrunk / depth_m, 1 - back_m * shrunk / depth_m
    beside = np.minimum(side_m / width_m, _MOST_OF_DEPTH / 2)
    shares = np.column_stack([beside, near, 1 - beside, far])

    lot = np.flatnonzero((random.random(len(lots)) >= vacant) & (lots.use == ""))
    storeys = random.integers(least.astype(int), most.astype(int) + 1)
    in_town = np.isin(lots.kind, (Kind.OLD, Kind.NEW))
    storeys = storeys + in_town * (random.random(len(lots)) < 0.6) * np.select(
        [lots.front == Line.MAIN, lots.front == Line.SECONDARY], [random.integers(1, 5, len(lots)), 1], 0
    )
    function = np.array([_FUNCTION.get(each, "") for each in Kind], dtype=object)[lots.kind]
    function = np.where(in_town & (lots.front == Line.MAIN) & (random.random(len(lots)) < 0.5), "shop", function)
    # Two halls side by side, with a yard between.
    double = lot[(lots.kind[lot] == Kind.INDUSTRY) & ((width_m * depth_m)[lot] > _HALL_M2)]
    gap = random.uniform(0.42, 0.6, len(double))
    second = shares[double].copy()
    second[:, 0] = gap + 0.05
    shares[double, 2] = gap - 0.05
    second[:, 1] += random.uniform(0, 0.2, len(double))
    lot, shares = np.concatenate([lot, double]), np.concatenate([shares[lot], second])
    return lot, storeys[lot], function[lot], shares


def _sheds(lots: Lots, random: np.random.Generator) -> _Group:
    lot = np.flatnonzero((lots.kind == Kind.VILLAGE) & (lots.use == "") & (random.random(len(lots)) < _SHED_SHARE))
    shares = np.broadcast_to(np.array(_SHED), (len(lot), 4))
    return lot, np.ones(len(lot), dtype=int), np.full(len(lot), "house", dtype=object), shares


def _public(lots: Lots, use: str, random: np.random.Generator) -> _Group:
    storeys, shares = _OF_USE[use]
    found = np.flatnonzero(lots.use == use)
    lot = np.repeat(found, len(shares))
    usual = np.repeat(np.maximum(1, storeys + random.integers(-1, 2, len(found)) * (storeys > 1)), len(shares))
    return lot, usual, np.full(len(lot), use, dtype=object), np.tile(np.array(shares), (len(found), 1))
