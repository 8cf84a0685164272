"""The terrain model of the demo city: the ground it stands on, and hills where nobody lives."""

from collections.abc import Iterator

import numpy as np
import shapely

from demo.canvas import BAND_ROWS, Canvas
from demo.ground import Ground

FINE_M, COARSE_M, FINE_UP_TO_M = 2.0, 5.0, 3000.0
# What bends and rolls is computed every so many pixels: the height between is off by a few centimetres at most.
_KNOT_PIXELS = 8
_EDGE_M = 60.0
_HILL_M, _FOOT_M = 75.0, 110.0  # how high hills are, and from how far they begin to rise
_HILL_LENGTHS_M = (1300.0, 760.0, 430.0, 240.0)


def canvas(ground: Ground) -> Canvas:
    """Where the terrain model lies: over all of the plane in which the city was laid out."""
    u0, v0, u1, v1 = ground.extent
    share = np.linspace(0, 1, 65)
    sides = [(u0 + share * (u1 - u0), np.full(65, v)) for v in (v0, v1)]
    sides += [(np.full(65, u), v0 + share * (v1 - v0)) for u in (u0, u1)]
    edge = ground.place(np.concatenate([np.column_stack(side) for side in sides]))
    west, south = np.floor(edge.min(axis=0) - _EDGE_M)
    east, north = np.ceil(edge.max(axis=0) + _EDGE_M)
    pixel_m = FINE_M if max(east - west, north - south) <= FINE_UP_TO_M else COARSE_M
    return Canvas.over((float(west), float(south), float(east), float(north)), pixel_m)


def knots_of(where: Canvas) -> Canvas:
    """The coarse grid whose values are taken linearly between its pixels; it reaches over the canvas on all sides."""
    step_m = _KNOT_PIXELS * where.pixel_m
    beyond_m = step_m * 1.5 - where.pixel_m / 2  # so that the middle of a knot is the middle of a pixel
    return Canvas(
        where.west - beyond_m,
        where.north + beyond_m,
        step_m,
        where.columns // _KNOT_PIXELS + 4,
        where.rows // _KNOT_PIXELS + 4,
    )


def hills_m(knots: Canvas, level: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """(rows, columns) of knots: how far hills rise there, metres; nothing in and near shapes (n,) on level land."""
    pixels = np.zeros((knots.rows, knots.columns), dtype=np.uint8)
    knots.paint(pixels, level, 1)
    near = pixels.astype(float)
    for _ in range(2):
        near = _blurred(near, max(1, round(_FOOT_M / knots.pixel_m)))
    east, north = np.meshgrid(np.arange(knots.columns) * knots.pixel_m, np.arange(knots.rows) * knots.pixel_m)
    rolling = np.zeros_like(near)
    for length_m in _HILL_LENGTHS_M:
        direction, phase = random.uniform(0, 2 * np.pi, 2)
        along = east * np.cos(direction) + north * np.sin(direction)
        across = north * np.cos(direction) - east * np.sin(direction)
        bent = along + 0.2 * length_m * np.sin(across * (2 * np.pi / length_m))
        rolling += np.sin(bent * (2 * np.pi / length_m) + phase) * length_m / sum(_HILL_LENGTHS_M)
    return _HILL_M * np.clip(1 - 2.2 * near, 0, 1) ** 1.5 * (0.5 + 0.5 * rolling)


def _blurred(values: np.ndarray, reach: int) -> np.ndarray:
    """The mean of the square of 2 reach + 1 pixels around each."""
    for axis in (0, 1):
        padding = [(reach + 1, reach) if each == axis else (0, 0) for each in (0, 1)]
        total = np.cumsum(np.pad(values, padding, mode="edge"), axis=axis)
        size = values.shape[axis]
        upper, lower = (np.take(total, np.arange(size) + at, axis=axis) for at in (2 * reach + 1, 0))
        values = (upper - lower) / (2 * reach + 1)
    return values


def heights(
    ground: Ground, where: Canvas, hills: np.ndarray, painted: np.ndarray, lowered_m: np.ndarray
) -> Iterator[np.ndarray]:
    """Strips (1, BAND_ROWS, columns) of heights in metres above Hòn Dấu, the northernmost first.

    hills      of the knots, metres
    painted    (rows, columns) bytes: what lies there
    lowered_m  (256,) how far each painted value lies below the ground around it
    """
    knots = knots_of(where)
    east = knots.west + (np.arange(knots.columns) + 0.5) * knots.pixel_m
    north = knots.north - (np.arange(knots.rows) + 0.5) * knots.pixel_m
    place = np.stack(np.broadcast_arrays(east[None, :], north[:, None]), axis=-1)
    known = np.concatenate([ground.flat(place), hills[..., None]], axis=-1)
    for first in range(0, where.rows, BAND_ROWS):
        rows = min(BAND_ROWS, where.rows - first)
        between = _between(known, first + np.arange(rows), np.arange(where.columns))
        height_m = ground.elevation_m(between[..., :2]) + between[..., 2]
        yield (height_m - lowered_m[painted[first : first + rows]])[None].astype(np.float32)


def _between(knots: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """(rows, columns, k) smoothly between knots (…, k), of which the second stands on the first pixel."""
    for axis, at in ((0, rows), (1, columns)):
        place = 1 + at / _KNOT_PIXELS
        low = place.astype(int)
        t = (place - low).reshape(-1, *[1] * (2 - axis))
        # Cubic B-spline: without the creases that straight lines between knots would show as facets in the light.
        weights = ((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3)
        knots = sum(
            weight / 6 * np.take(knots, low + step, axis=axis)
            for weight, step in zip(weights, range(-1, 3), strict=True)
        )
    return knots


def level_land(cells: np.ndarray, courses: np.ndarray) -> np.ndarray:
    """What lies on level land: quarters (n,) and the surroundings of streets (m,) that lead through the hills."""
    return np.concatenate([cells, shapely.buffer(courses, _FOOT_M, quad_segs=2)])
