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
    """`count` cameras, at different crossings as long as there are enough. Those against floods look at the river."""
    random = np.random.default_rng([seed, 7])
    large = streets.street_class[streets.line_street[streets.line]] != "lane"
    meeting = np.bincount(np.concatenate([streets.start[large], streets.end[large]]), minlength=len(streets.nodes))
    crossings = np.flatnonzero(meeting > 1)
    from_river_m = np.abs(streets.nodes[crossings, 1])
    purpose = PURPOSES[np.arange(count) % len(PURPOSES)]
    flood = purpose == "flood"
    away_m = np.hypot(*streets.nodes[crossings].T)
    at_river = crossings[np.lexsort((away_m, np.round(from_river_m)))]
    # The busiest crossings first; among equals, those nearer to the centre.
    busy = crossings[np.lexsort((away_m, -np.minimum(meeting[crossings], 4)))]
    node = np.empty(count, dtype=int)
    node[flood] = at_river[np.arange(flood.sum()) % len(at_river)]
    busy = busy[~np.isin(busy, node[flood])] if len(busy) > 2 * count else busy
    node[~flood] = busy[np.arange((~flood).sum()) % len(busy)]
    beside = streets.nodes[node] + _BESIDE_M * random.choice([-1.0, 1.0], (count, 2))
    return Cameras(
        purpose=purpose,
        bearing_deg=np.round(random.uniform(0, 359, count)),
        field_of_view_deg=random.choice([60.0, 75.0, 90.0], count),
        range_m=random.choice([40.0, 60.0, 80.0], count),
        position=shapely.points(ground.place(beside)),
    )
