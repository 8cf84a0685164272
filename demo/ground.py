"""Where the demo city lies: it is laid out on a flat plane of straight streets and then bent onto the ground.

Flat coordinates are metres from the town's centre, (u, v), about east and north. Whatever shares a point there
shares it here to the last bit, so neighbours stay neighbours however the streets curve.
"""

from dataclasses import dataclass

import numpy as np
import shapely

# Amplitude and length of the bends, in metres: small ones that one sees from block to block, large ones across a city.
BENDS = ((20.0, 900.0), (90.0, 7000.0))
# Shear grows with amplitude / length; these stay under 13 degrees, so a right angle still looks like one.
FALL_U, FALL_V = 0.0025, 0.0035
SWELL_M, SWELL_LENGTH_M = 0.3, 1000.0


@dataclass(frozen=True)
class Ground:
    """The place of one city.

    origin   easting, northing of the town's centre in the register's system, metres
    turn     the angle from grid east to the main street, radians
    phases   (2, 2) where the bends begin, radians
    reach_m  how far the city extends from its centre; nothing in it lies below 3 m
    """

    origin: tuple[float, float]
    turn: float
    phases: np.ndarray
    reach_m: float

    def place(self, flat: np.ndarray) -> np.ndarray:
        """Flat coordinates (…, 2) as easting, northing in the register's system, metres, rounded to the millimetre."""
        u, v = flat[..., 0], flat[..., 1]
        bent_u, bent_v = u, v
        for (amplitude_m, length_m), (phase_u, phase_v) in zip(BENDS, self.phases, strict=True):
            bent_u = bent_u + amplitude_m * np.sin(v * (2 * np.pi / length_m) + phase_u)
            bent_v = bent_v + amplitude_m * np.sin(u * (2 * np.pi / length_m) + phase_v)
        cosine, sine = np.cos(self.turn), np.sin(self.turn)
        east = self.origin[0] + cosine * bent_u - sine * bent_v
        north = self.origin[1] + sine * bent_u + cosine * bent_v
        return np.round(np.stack([east, north], axis=-1), 3)

    def place_shapes(self, shapes: np.ndarray) -> np.ndarray:
        """Geometries in flat coordinates as geometries in the register's system; the same shape."""
        return shapely.transform(shapes, self.place)

    def elevation_m(self, flat: np.ndarray) -> np.ndarray:
        """Height of the ground at flat coordinates (…, 2), metres above Hòn Dấu; it falls to the south-west.

        The swell is gentler than the fall: whoever goes south or west always goes down.
        """
        u, v = flat[..., 0], flat[..., 1]
        swell = np.sin(u * (2 * np.pi / SWELL_LENGTH_M)) + np.sin(v * (2 * np.pi / SWELL_LENGTH_M))
        lowest = (FALL_U + FALL_V) * self.reach_m + 2 * SWELL_M
        return 3.0 + lowest + FALL_U * u + FALL_V * v + SWELL_M * swell


def ground(origin: tuple[float, float], reach_m: float, seed: int) -> Ground:
    """The ground of the city of that seed."""
    random = np.random.default_rng([seed, 1])
    return Ground(origin, float(random.uniform(-0.25, 0.25)), random.uniform(0, 2 * np.pi, (2, 2)), reach_m)


def spans(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For groups of `counts` members laid end to end: (m,) the group of each member and its place in the group."""
    group = np.repeat(np.arange(len(counts)), counts)
    starts = np.cumsum(counts) - counts
    return group, np.arange(len(group)) - starts[group]


def rings(points: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Polygons from points (m, 2) in ring order, grouped by `group` (m,), which ascends from 0 without gaps."""
    return shapely.polygons(shapely.linearrings(points, indices=group))
