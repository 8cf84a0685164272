"""Cameras at the crossings of the larger streets."""

from dataclasses import dataclass

import numpy as np
import shapely

from demo.ground import Ground
from demo.streets import Streets

PURPOSES = np.array(["traffic", "traffic", "flood", "security"], dtype=object)
_BESIDE_M = 2.8  # a camera hangs on a pole beside the middle of the crossing


@dataclass(frozen=True)
class Cameras:
    """Cameras (n,): purpose, view (degrees clockwise from grid north; how wide, how far), place."""

    purpose: np.ndarray
    bearing_deg: np.ndarray
    field_of_view_deg: np.ndarray
    range_m: np.ndarray
    position: np.ndarray


def hang(streets: Streets, ground: Ground, count: int, seed: int) -> Cameras:
    """`count` cameras, at different crossings as long as there are enough."""
    random = np.random.default_rng([seed, 7])
    large = streets.street_class[streets.line_street[streets.line]] != "lane"
    meeting = np.bincount(np.concatenate([streets.start[large], streets.end[large]]), minlength=len(streets.nodes))
    # The busiest crossings first; among equals, those nearer to the centre.
    ranked = np.lexsort((np.hypot(*streets.nodes.T), -np.minimum(meeting, 4)))
    node = ranked[np.arange(count) % len(ranked)]
    beside = streets.nodes[node] + _BESIDE_M * random.choice([-1.0, 1.0], (count, 2))
    return Cameras(
        purpose=PURPOSES[np.arange(count) % len(PURPOSES)],
        bearing_deg=np.round(random.uniform(0, 359, count)),
        field_of_view_deg=random.choice([60.0, 75.0, 90.0], count),
        range_m=random.choice([40.0, 60.0, 80.0], count),
        position=shapely.points(ground.place(beside)),
    )
