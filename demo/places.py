"""Places that people name. Bodies are labelled as invented; a park or a bridge is none."""

from dataclasses import dataclass

import numpy as np
import shapely

from demo.blocks import Blocks
from demo.ground import Ground
from demo.names import SYNTHETIC, invented
from demo.streets import Streets

# Use of a block: kind of the place, what stands before and after its name.
_OF_USE = {
    "square": ("square", "Quảng trường", ""),
    "market": ("market", "Chợ", SYNTHETIC),
    "station": ("station", "Ga", SYNTHETIC),
    "school": ("school", "", SYNTHETIC),
    "park": ("park", "Công viên", ""),
    "office": ("office", "Trụ sở", SYNTHETIC),
    "clinic": ("hospital", "Trạm y tế", SYNTHETIC),
    "culture": ("culture", "Nhà văn hóa", SYNTHETIC),
    "temple": ("temple", "Đình", SYNTHETIC),
}
_LEAST_NAMED_M2 = 600.0  # a green corner has no name
_SCHOOLS = np.array(["Trường mầm non", "Trường tiểu học", "Trường THCS", "Trường THPT"], dtype=object)


@dataclass(frozen=True)
class Places:
    """Places (n,): name, kind, position (n, 2) in flat coordinates."""

    name: np.ndarray
    kind: np.ndarray
    position: np.ndarray


def name_places(blocks: Blocks, streets: Streets, villages: np.ndarray, random: np.random.Generator) -> Places:
    """All places of the city.

    villages  (v, 2) the middles of villages
    """
    u, v = np.moveaxis(blocks.quad, -1, 0)
    area_m2 = 0.5 * np.sum(u * np.roll(v, -1, axis=1) - np.roll(u, -1, axis=1) * v, axis=1)
    block = np.flatnonzero(np.isin(blocks.use, list(_OF_USE)) & (area_m2 > _LEAST_NAMED_M2))
    over = np.flatnonzero(streets.bridge)
    middle = (streets.nodes[streets.start[over]] + streets.nodes[streets.end[over]]) / 2
    kind, before, after = (
        np.array([_OF_USE[use][column] for use in blocks.use[block]], dtype=object) for column in range(3)
    )
    before = np.where(before == "", _SCHOOLS[np.arange(len(block)) % len(_SCHOOLS)], before)
    words = invented(len(block) + len(over) + len(villages), random)
    first, second = len(block), len(block) + len(over)
    named = before + " " + words[:first] + np.where(after == "", "", " " + after)
    return Places(
        name=np.concatenate([named, "Cầu " + words[first:second], "Thôn " + words[second:]]),
        kind=np.concatenate([kind, np.full(len(over), "bridge"), np.full(len(villages), "village")]).astype(object),
        position=np.concatenate([blocks.quad[block].mean(axis=1), middle, villages]),
    )


def positions(places: Places, ground: Ground) -> np.ndarray:
    """(n,) Points in the register's system."""
    return shapely.points(ground.place(places.position))
