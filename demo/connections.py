"""The connections of lots to the networks in the street: pipes and wires from the main to a meter at the front."""

from dataclasses import dataclass

import numpy as np
import shapely

from demo.ground import Ground
from demo.lots import Lots
from demo.networks import Mains, node_of, place_beside
from demo.quarters import Kind
from demo.streets import Streets

_UNSERVED_USES = ("park", "square", "pond")
_NEARLY = 0.02
_MOST_OF_FRONT = 0.4  # from the entrance, which is in the middle
_FALL_M = 0.05  # a house drain falls at least that much to the sewer


@dataclass(frozen=True)
class Connections:
    """Connections (c,), each a node at the front of a lot and an edge between it and a node of the mains.

    lot          (c,) numbers among the lots
    main_node    (c,) numbers among the nodes of the mains
    to_house     whether the edges run from the main to the house; drains run the other way
    elevation_m, position, route  of the nodes and the edges, in the register's system
    """

    lot: np.ndarray
    main_node: np.ndarray
    to_house: bool
    elevation_m: np.ndarray
    position: np.ndarray
    route: np.ndarray


@dataclass(frozen=True)
class Fronts:
    """On which piece of street each place along a stretch lies: pieces sorted by stretch and place."""

    piece: np.ndarray
    line: np.ndarray
    key: np.ndarray
    begin: np.ndarray
    until: np.ndarray

    def find(self, line: np.ndarray, along: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The pieces at shares `along` (n,) of stretches `line` (n,), the shares of these pieces, and whether it is so:
        where nobody drives there is no piece.
        """
        at = np.searchsorted(self.key, line + np.clip(along, 0, 1 - 1e-9), side="right") - 1
        at = np.clip(at, 0, len(self.key) - 1)
        share = (along - self.begin[at]) / (self.until[at] - self.begin[at])
        there = (self.line[at] == line) & (share > -_NEARLY) & (share < 1 + _NEARLY)
        return self.piece[at], np.clip(share, 0.0, 1.0), there


def fronts(streets: Streets) -> Fronts:
    """The order of pieces along the stretches of the streets."""
    first = streets.lines[streets.line, 0]
    on = streets.lines[streets.line, 1] - first
    length2 = np.sum(on * on, axis=1)
    begin, until = (
        np.sum((streets.nodes[node] - first) * on, axis=1) / length2 for node in (streets.start, streets.end)
    )
    key = streets.line + np.clip(np.minimum(begin, until), 0, 1 - 1e-9)
    order = np.argsort(key, kind="stable")
    return Fronts(order, streets.line[order], key[order], begin[order], until[order])


def connect(
    mains: Mains, lots: Lots, streets: Streets, where: Fronts, ground: Ground, random: np.random.Generator
) -> Connections | None:
    """The connections of the lots of one part; None for a network that serves the street itself."""
    service = mains.kit.service
    if service is None:
        return None
    piece, share, there = where.find(lots.line, lots.along)
    wants = (lots.kind != Kind.FIELD) & ~np.isin(lots.use, _UNSERVED_USES) & (random.random(len(lots)) < service.share)
    lot = np.flatnonzero(wants & there & mains.laid[piece])
    piece, share = piece[lot], share[lot]
    step = np.round(share * mains.parts_of[piece]).astype(int)
    main_node = node_of(streets, mains.parts_of, mains.between, piece, step)
    # Several meters hang beside each other on the front.
    front = lots.corners[lot, 1] - lots.corners[lot, 0]
    front_m = np.hypot(*front.T)
    place = np.clip(service.place_m / front_m, -_MOST_OF_FRONT, _MOST_OF_FRONT)
    at_lot = np.round(lots.entrance[lot] + place[:, None] * front, 3)
    at_main = ground.place(mains.flat[main_node])
    if service.along:
        points = np.stack([at_main, ground.place(place_beside(streets, mains.kit, piece, share)), at_lot], axis=1)
    else:
        points = np.stack([at_main, at_lot], axis=1)
    elevation_m = np.round(ground.elevation_m(ground.flat(at_lot)), 3)
    to_house = mains.network != "drainage"
    if not to_house:
        points = points[:, ::-1]
        elevation_m = np.maximum(elevation_m, np.round(mains.elevation_m[main_node] + _FALL_M, 3))
    return Connections(
        lot=lot,
        main_node=main_node,
        to_house=to_house,
        elevation_m=elevation_m,
        position=shapely.points(at_lot),
        route=shapely.linestrings(points),
    )
