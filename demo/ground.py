"""Where the demo city lies: it is laid out on a flat plane of straight streets and then bent onto the ground.

Flat coordinates are metres from the middle of the main bridge, (u, v), about along the river and across it. Whatever
shares a point there shares it here to the last bit, so neighbours stay neighbours however the streets curve.
"""

from dataclasses import dataclass, replace

import numpy as np
import shapely

# Height gained on the way from the river and upstream, metres for each metre; a swell that is gentler than that.
FALL_V, FALL_U = 0.004, 0.0008
SWELL_M, SWELL_V_LENGTH_M, SWELL_U_LENGTH_M = 0.3, 1000.0, 3000.0
BANK_M, BED_M = 3.0, -2.5
# Slope (metres aside for each metre on) of the bends, as large ones that one sees across the town and small ones that
# one sees from block to block. Together they stay under 30 degrees, so that a right angle still looks like one.
_RIVER_SLOPE, _CROSS_SLOPE = 0.36, 0.22
_BENDS = ((950.0, 0.09), (1450.0, 0.10), (520.0, 0.06))
# How old lanes and village roads wander: length and slope where the town has grown without a plan.
_WANDERING = ((47.0, 0.10), (71.0, 0.13), (113.0, 0.12))
_WANDERING_CELL_M = 60.0
# The border of the province: from this share of the way to it on, it is pushed to and fro. Length as a share of the
# border and at least in metres; slope.
_EDGE_FROM, _EDGE = 0.55, ((0.42, 900.0, 0.28), (0.17, 500.0, 0.22))
_INVERSE_STEPS = 60


@dataclass(frozen=True)
class Waves:
    """Waves (w,) that push a point aside: direction in which they run, radians; length and height, metres; phase."""

    direction: np.ndarray
    length_m: np.ndarray
    height_m: np.ndarray
    phase: np.ndarray

    def push(self, flat: np.ndarray) -> np.ndarray:
        """(…, 2) how far points (…, 2) are pushed, always across the direction of the wave, so areas stay."""
        pushed = np.zeros_like(flat)
        for direction, length_m, height_m, phase in zip(
            self.direction, self.length_m, self.height_m, self.phase, strict=True
        ):
            cosine, sine = np.cos(direction), np.sin(direction)
            on = (flat[..., 0] * cosine + flat[..., 1] * sine) * (2 * np.pi / length_m) + phase
            aside = height_m * np.sin(on)
            pushed[..., 0] -= sine * aside
            pushed[..., 1] += cosine * aside
        return pushed


@dataclass(frozen=True)
class Ground:
    """The place of one city.

    origin   easting, northing of the main bridge in the register's system, metres
    turn     the angle from grid east to the river, radians
    extent   u0, v0, u1, v1 of the flat plane that the city lies in
    river_m  width of the river, metres; its middle is v = 0
    meander  the bends of the river, which fade with the distance from it
    bends    the bends of everything
    edge     (2, 2) phases of the bends of the border, west and east, south and north
    wander   the bends where the town has grown without a plan, and (columns, rows) how much of them there is
    """

    origin: tuple[float, float]
    turn: float
    extent: tuple[float, float, float, float]
    river_m: float
    meander: Waves
    fade_m: float
    bends: Waves
    edge: np.ndarray
    wander: Waves
    grown: np.ndarray

    @property
    def reach_m(self) -> float:
        """How far the city extends from the bridge along either axis, metres."""
        return max(map(abs, self.extent))

    def place(self, flat: np.ndarray) -> np.ndarray:
        """Flat coordinates (…, 2) as easting, northing in the register's system, metres, rounded to the millimetre."""
        bent = flat + self._push(flat)
        cosine, sine = np.cos(self.turn), np.sin(self.turn)
        east = self.origin[0] + cosine * bent[..., 0] - sine * bent[..., 1]
        north = self.origin[1] + sine * bent[..., 0] + cosine * bent[..., 1]
        return np.round(np.stack([east, north], axis=-1), 3)

    def flat(self, place: np.ndarray) -> np.ndarray:
        """The inverse of `place`: flat coordinates (…, 2) of places (…, 2) in and near the city."""
        cosine, sine = np.cos(self.turn), np.sin(self.turn)
        east, north = place[..., 0] - self.origin[0], place[..., 1] - self.origin[1]
        bent = np.stack([cosine * east + sine * north, cosine * north - sine * east], axis=-1)
        flat = bent
        for _ in range(_INVERSE_STEPS):
            flat = bent - self._push(flat)
        return flat

    def _push(self, flat: np.ndarray) -> np.ndarray:
        near = np.exp(-((flat[..., 1] / self.fade_m) ** 2))[..., None]
        grown = self._grown(flat)[..., None]
        pushed = near * self.meander.push(flat) + self.bends.push(flat) + grown * self.wander.push(flat)
        return pushed + self._edge(flat)

    def _edge(self, flat: np.ndarray) -> np.ndarray:
        """(…, 2) how far points are pushed near the border; nothing in the town."""
        low, high = np.array(self.extent[:2]), np.array(self.extent[2:])
        way = np.abs(2 * (flat - low) / (high - low) - 1)
        near = np.clip((way - _EDGE_FROM) / (1 - _EDGE_FROM), 0, 1)
        pushed = np.zeros_like(flat)
        for (share, least_m, slope), phase in zip(_EDGE, self.edge, strict=True):
            length_m = np.maximum(share * (high - low)[::-1], least_m) / (2 * np.pi)
            pushed += slope * length_m * np.sin((flat - low)[..., ::-1] / length_m + phase)
        return near * near * (3 - 2 * near) * pushed

    def _grown(self, flat: np.ndarray) -> np.ndarray:
        """(…) 0 to 1: between the middles of the raster's cells it changes smoothly."""
        columns, rows = self.grown.shape
        across = (flat[..., 0] - self.extent[0]) / _WANDERING_CELL_M - 0.5
        up = (flat[..., 1] - self.extent[1]) / _WANDERING_CELL_M - 0.5
        i, j = np.floor(across).astype(int), np.floor(up).astype(int)
        x, y = across - i, up - j
        x, y = x * x * (3 - 2 * x), y * y * (3 - 2 * y)
        i0, i1 = np.clip(i, 0, columns - 1), np.clip(i + 1, 0, columns - 1)
        j0, j1 = np.clip(j, 0, rows - 1), np.clip(j + 1, 0, rows - 1)
        low = self.grown[i0, j0] * (1 - x) + self.grown[i1, j0] * x
        high = self.grown[i0, j1] * (1 - x) + self.grown[i1, j1] * x
        return low * (1 - y) + high * y

    def place_shapes(self, shapes: np.ndarray) -> np.ndarray:
        """Geometries in flat coordinates as geometries in the register's system; the same shape."""
        return shapely.transform(shapes, self.place)

    def elevation_m(self, flat: np.ndarray) -> np.ndarray:
        """Height of the ground at flat coordinates (…, 2), metres above Hòn Dấu.

        On land it falls to the river and downstream, to -u: whoever goes that way always goes down.
        """
        u, v = flat[..., 0], flat[..., 1]
        from_bank_m = np.abs(v) - self.river_m / 2
        swell = np.sin(from_bank_m * (2 * np.pi / SWELL_V_LENGTH_M)) + np.sin(u * (2 * np.pi / SWELL_U_LENGTH_M))
        upstream_m = u - self.extent[0]
        land = BANK_M + SWELL_M + FALL_V * from_bank_m + FALL_U * upstream_m + SWELL_M * swell
        in_river = np.clip(-from_bank_m / (0.2 * self.river_m), 0, 1)
        return land + in_river * (BED_M - BANK_M)


def ground(origin: tuple[float, float], extent: tuple[float, float, float, float], river_m: float, seed: int) -> Ground:
    """The ground of the city of that seed; nothing has grown without a plan yet."""
    random = np.random.default_rng([seed, 1])
    width_m = extent[2] - extent[0]
    river_length_m = float(np.clip(1.15 * width_m, 1500.0, 7000.0))
    columns, rows = (int(np.ceil((extent[2 + axis] - extent[axis]) / _WANDERING_CELL_M)) for axis in (0, 1))

    def waves(directions: np.ndarray, lengths_m: np.ndarray, slopes: np.ndarray) -> Waves:
        heights_m = slopes * lengths_m / (2 * np.pi)
        return Waves(directions, lengths_m, heights_m, random.uniform(0, 2 * np.pi, len(lengths_m)))

    def figures(pairs: tuple[tuple[float, float], ...]) -> tuple[np.ndarray, np.ndarray]:
        length_m, slope = np.array(pairs).T
        return length_m * random.uniform(0.9, 1.1, len(pairs)), slope

    meander = waves(np.array([0.0]), np.array([river_length_m]), np.array([_RIVER_SLOPE]))
    small = figures(_BENDS)
    bends = waves(
        np.concatenate([[np.pi / 2], random.uniform(0, np.pi, len(_BENDS))]),
        np.concatenate([[1.4 * river_length_m], small[0]]),
        np.concatenate([[_CROSS_SLOPE], small[1]]),
    )
    wander = waves(random.uniform(0, np.pi, len(_WANDERING)), *figures(_WANDERING))
    return Ground(
        origin=origin,
        turn=float(random.uniform(-0.5, 0.5)),
        extent=extent,
        river_m=river_m,
        meander=meander,
        fade_m=0.5 * river_length_m,
        bends=bends,
        edge=random.uniform(0, 2 * np.pi, (len(_EDGE), 2)),
        wander=wander,
        grown=np.zeros((columns, rows)),
    )


def grown_without_plan(ground: Ground, centre: np.ndarray, area_m2: np.ndarray) -> Ground:
    """The ground with lanes that wander around places (n, 2) of that size (n,), flat coordinates, square metres."""
    grown = np.zeros_like(ground.grown)
    columns, rows = grown.shape
    reach = np.maximum(1, np.round(np.sqrt(area_m2) / 2 / _WANDERING_CELL_M)).astype(int)
    place = np.floor((centre - np.array(ground.extent[:2])) / _WANDERING_CELL_M).astype(int)
    for steps in np.unique(reach):
        for i in range(-steps + 1, steps):
            for j in range(-steps + 1, steps):
                at = place[reach == steps] + (i, j)
                grown[np.clip(at[:, 0], 0, columns - 1), np.clip(at[:, 1], 0, rows - 1)] = 1.0
    return replace(ground, grown=grown)


def spans(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For groups of `counts` members laid end to end: (m,) the group of each member and its place in the group."""
    group = np.repeat(np.arange(len(counts)), counts)
    starts = np.cumsum(counts) - counts
    return group, np.arange(len(group)) - starts[group]


def rings(points: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Polygons from points (m, 2) in ring order, grouped by `group` (m,), which ascends from 0 without gaps."""
    return shapely.polygons(shapely.linearrings(points, indices=group))
