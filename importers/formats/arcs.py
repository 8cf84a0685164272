"""Arcs as straight segments that leave them by a millimetre at most. Pure; coordinates in metres."""

import math

import numpy as np

SAGITTA_M = 0.001
SEGMENTS_MOST = 5_000  # of one arc: a full circle of 600 m at 1 mm takes a tenth of that


def through_three_points(corners: np.ndarray) -> np.ndarray:
    """A string of arcs through (n, 2) points, n odd: each arc goes from one over the next to the third.

    Returns (m, 2). Raises ValueError if n is even or less than three.
    """
    if len(corners) < 3 or len(corners) % 2 == 0:
        raise ValueError("an arc takes three points")
    parts = [corners[:1]]
    for start, over, end in zip(corners[:-2:2], corners[1:-1:2], corners[2::2], strict=True):
        parts.append(_arc(start, over, end)[1:])
    return np.concatenate(parts)


def _arc(start: np.ndarray, over: np.ndarray, end: np.ndarray) -> np.ndarray:
    (ax, ay), (bx, by) = over - start, end - start
    cross = 2 * (ax * by - ay * bx)
    if abs(cross) < 1e-9:
        return np.array([start, over, end])  # on one line
    a, b = ax * ax + ay * ay, bx * bx + by * by
    centre = start + np.array([by * a - ay * b, ax * b - bx * a]) / cross
    return around(centre, start, end, clockwise=cross < 0)


def around(centre: np.ndarray, start: np.ndarray, end: np.ndarray, *, clockwise: bool) -> np.ndarray:
    """(m, 2) the arc around a centre from `start` to `end`, both kept as they are; the same point twice is a circle."""
    first = math.atan2(*(start - centre)[::-1])
    turn = math.atan2(*(end - centre)[::-1]) - first
    turn = -(-turn % (2 * math.pi)) if clockwise else turn % (2 * math.pi)
    if turn == 0:
        turn = -2 * math.pi if clockwise else 2 * math.pi
    radius = float(np.hypot(*(start - centre)))
    if not math.isfinite(turn) or not math.isfinite(radius):
        raise ValueError("an arc of no size")
    step = 2 * math.acos(max(1 - SAGITTA_M / radius, 0.0)) if radius > SAGITTA_M else math.pi
    count = min(max(math.ceil(abs(turn) / max(step, 1e-9)), 2), SEGMENTS_MOST)
    angles = first + turn * np.arange(1, count) / count
    between = centre + radius * np.column_stack([np.cos(angles), np.sin(angles)])
    return np.concatenate([[start], between, [end]])
