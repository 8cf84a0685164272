"""The mains of six utility networks along the streets, known as a whole.

Positions are flat coordinates until they are drawn. The mains of a large city are some hundred thousand nodes, held as
plain numbers; shapes are made for one part of the city at a time.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from demo.ground import Ground, spans
from demo.kits import CLASSES, KITS, Kit
from demo.streets import Streets

_LANE = CLASSES.index("lane")
_ROUTE_STEP_M = 9.0  # so that pipes bend with the streets
_MOUTH_M = 6.0  # a main leaves a crossing and is beside the middle of its street after that
_FULL_WIDTH_M = 11.0  # in narrower streets, everything lies closer together
_QUAY_M = 14.0  # streets that near to the river drain straight into it
_TANK_M = 14.0
_OUTFALL_EVERY_M = 260.0
_IN_RIVER = 0.42  # of its width, from the middle


@dataclass(frozen=True)
class Mains:
    """The mains of one network, (n,) nodes and (e,) edges of the whole city.

    flat, kind, elevation_m, node_part   of nodes; the part of the city that a node or edge belongs to
    start, end    (e,) nodes, in the direction of flow
    piece, begin, until   (e,) the piece of street it lies in and the shares of it between which; piece -1: straight
    class_number  (e,) which of CLASSES
    laid          (pieces,) bool: where it lies at all
    parts_of, between   (pieces,) into how many edges a piece is cut, and its first node between the crossings
    """

    network: str
    kit: Kit
    flat: np.ndarray
    kind: np.ndarray
    elevation_m: np.ndarray
    node_part: np.ndarray
    start: np.ndarray
    end: np.ndarray
    piece: np.ndarray
    begin: np.ndarray
    until: np.ndarray
    class_number: np.ndarray
    edge_part: np.ndarray
    laid: np.ndarray
    parts_of: np.ndarray
    between: np.ndarray


def lay_mains(network: str, streets: Streets, ground: Ground) -> Mains:
    """One network along the streets. Drainage runs downhill to the river; all others lead away from their source."""
    kit = KITS[network]
    level_m = ground.elevation_m(streets.nodes)
    class_number = piece_classes(streets)
    may = ~streets.leaves & ((class_number < _LANE) | kit.lanes)
    if network == "drainage":
        may &= ~streets.bridge
        start, end, laid, ends = _downhill(streets, may, level_m, ground.river_m / 2 + _QUAY_M)
    else:
        used = np.unique(np.concatenate([streets.start[may], streets.end[may]]))
        # Water flows from the highest place; what needs no height begins in the middle.
        wish = -level_m if network == "water" else np.hypot(*streets.nodes.T)
        source = used[np.argmin(wish[used])]
        start, end, laid = _away_from(streets, may, int(source))
        ends = np.array([source])

    parts_of = np.zeros(len(laid), dtype=int)
    length_m = np.hypot(*(streets.nodes[streets.end] - streets.nodes[streets.start]).T)
    parts_of[laid] = np.maximum(1, np.ceil(length_m[laid] / kit.spacing_m)).astype(int)
    inner = np.maximum(parts_of - 1, 0)
    pieces, place = spans(inner)
    crossings = len(streets.nodes)
    between = crossings + np.cumsum(inner) - inner

    # Shares count from the piece's own start, whatever way the water flows.
    share = (place + 1) / np.maximum(parts_of[pieces], 1)
    middle = np.concatenate([streets.nodes, _middle(streets, pieces, share)])
    flat = np.concatenate([_crossing_places(streets, kit), place_beside(streets, kit, pieces, share)])
    edge_piece, step = spans(parts_of)
    near, far = (
        node_of(streets, parts_of, between, edge_piece, step),
        node_of(streets, parts_of, between, edge_piece, step + 1),
    )
    forward = start[edge_piece] == streets.start[edge_piece]
    elevation_m = np.round(ground.elevation_m(middle), 3)
    if network == "drainage":
        elevation_m = _falling(elevation_m, streets, start, end, pieces, share, crossings)
    piece_part = streets.part
    node_part = np.full(len(flat), -1)
    # A crossing belongs to the part of some piece that meets there; unused ones to none.
    node_part[streets.start[laid]] = piece_part[laid]
    node_part[streets.end[laid]] = piece_part[laid]
    node_part[crossings:] = piece_part[pieces]

    kind = np.full(len(flat), kit.lane_crossing, dtype=object)
    larger = laid & (class_number < _LANE if network != "power" else class_number < CLASSES.index("local"))
    kind[streets.start[larger]] = kind[streets.end[larger]] = kit.crossing
    kind[crossings:] = np.array(kit.between, dtype=object)[place % len(kit.between)]
    mains = Mains(
        network=network, kit=kit, flat=flat, kind=kind, elevation_m=elevation_m, node_part=node_part,
        start=np.where(forward, near, far), end=np.where(forward, far, near), piece=edge_piece,
        begin=np.where(forward, step, step + 1) / np.maximum(parts_of[edge_piece], 1),
        until=np.where(forward, step + 1, step) / np.maximum(parts_of[edge_piece], 1),
        class_number=class_number[edge_piece], edge_part=piece_part[edge_piece],
        laid=laid, parts_of=parts_of, between=between,
    )  # fmt: skip
    return _with_ends(mains, ends, ground)


def piece_classes(streets: Streets) -> np.ndarray:
    """(pieces,) which of CLASSES the street of each piece is."""
    number = {name: place for place, name in enumerate(CLASSES)}
    return np.array([number[each] for each in streets.street_class])[streets.line_street[streets.line]]


def _downhill(
    streets: Streets, may: np.ndarray, level_m: np.ndarray, quay_v: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Pieces from their higher to their lower end, which of them lead to an outfall without going up anywhere, and the
    crossings with outfalls.

    quay_v  crossings nearer to the middle of the river than that lie at it

    Where the ground leaves a hollow at the edge of town there is no sewer, as in real towns.
    """
    # Ends of one height: the one of the higher number counts as higher.
    turned = (level_m[streets.start] < level_m[streets.end]) | (
        (level_m[streets.start] == level_m[streets.end]) & (streets.start < streets.end)
    )
    start, end = np.where(turned, streets.end, streets.start), np.where(turned, streets.start, streets.end)
    # One outfall for each stretch of a bank, at its lower end, and wherever a sewer along the bank cannot go on.
    at_quay = np.intersect1d(np.flatnonzero(np.abs(streets.nodes[:, 1]) < quay_v), np.append(start[may], end[may]))
    at_quay = at_quay[np.argsort(streets.nodes[at_quay, 0], kind="stable")]
    u, v = streets.nodes[at_quay].T
    _, first = np.unique(np.column_stack([v > 0, np.floor(u / _OUTFALL_EVERY_M)]), axis=0, return_index=True)
    lowest = np.setdiff1d(at_quay, start[may & np.isin(end, at_quay)])
    outfalls = np.union1d(at_quay[first], lowest)
    drains = np.zeros(len(level_m), dtype=bool)
    drains[outfalls] = True
    while True:
        reached = np.unique(start[may & drains[end] & ~drains[start]])
        if not len(reached):
            return start, end, may & drains[end], np.intersect1d(outfalls, end[may])
        drains[reached] = True


def _away_from(streets: Streets, may: np.ndarray, source: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pieces led away from the source by the fewest crossings, and which of them hang together with it."""
    steps = np.full(len(streets.nodes), -1)
    steps[source] = 0
    one, other = streets.start[may], streets.end[may]
    reached = 0
    while True:
        there, here = steps[one] >= 0, steps[other] >= 0
        new = np.concatenate([other[there & ~here], one[here & ~there]])
        if not len(new):
            break
        reached += 1
        steps[new] = reached
    turned = (steps[streets.start] > steps[streets.end]) | (
        (steps[streets.start] == steps[streets.end]) & (streets.start > streets.end)
    )
    start, end = np.where(turned, streets.end, streets.start), np.where(turned, streets.start, streets.end)
    return start, end, may & (steps[streets.start] >= 0) & (steps[streets.end] >= 0)


def node_of(
    streets: Streets, parts_of: np.ndarray, between: np.ndarray, piece: np.ndarray, step: np.ndarray
) -> np.ndarray:
    """(k,) the node at the `step`-th place of a piece: 0 is its start, parts_of its end."""
    last = step >= parts_of[piece]
    return np.where(step <= 0, streets.start[piece], np.where(last, streets.end[piece], between[piece] + step - 1))


def _middle(streets: Streets, piece: np.ndarray, share: np.ndarray) -> np.ndarray:
    """(k, 2) the middle of the street at shares (k,) of pieces (k,)."""
    start, end = streets.nodes[streets.start[piece]], streets.nodes[streets.end[piece]]
    return start + share[:, None] * (end - start)


def _crossing_shift(streets: Streets, kit: Kit) -> np.ndarray:
    """(crossings, 2) how far beside the middle of each crossing the network's node lies."""
    width_m = streets.width_m[streets.line_street[streets.line]]
    narrowest_m = np.full(len(streets.nodes), _FULL_WIDTH_M)
    np.minimum.at(narrowest_m, streets.start, width_m)
    np.minimum.at(narrowest_m, streets.end, width_m)
    turn = list(KITS.values()).index(kit) * np.pi / 3
    away_m = abs(kit.offset_m) * narrowest_m / _FULL_WIDTH_M
    return away_m[:, None] * np.array([np.cos(turn), np.sin(turn)])


def _crossing_places(streets: Streets, kit: Kit) -> np.ndarray:
    return streets.nodes + _crossing_shift(streets, kit)


def place_beside(streets: Streets, kit: Kit, piece: np.ndarray, share: np.ndarray) -> np.ndarray:
    """(k, 2) where the network lies at shares (k,) of pieces (k,): beside the middle, and at the ends in its nodes."""
    start, end = streets.nodes[streets.start[piece]], streets.nodes[streets.end[piece]]
    on = end - start
    length_m = np.hypot(*on.T)
    # The same side all along a street, whatever way its pieces run.
    on = np.where((on[:, 0] < 0) | ((on[:, 0] == 0) & (on[:, 1] < 0)), -1, 1)[:, None] * on / length_m[:, None]
    width_m = streets.width_m[streets.line_street[streets.line[piece]]]
    offset_m = kit.offset_m * np.minimum(1, width_m / _FULL_WIDTH_M)
    aside = offset_m[:, None] * np.column_stack([-on[:, 1], on[:, 0]])
    mouth = np.minimum(_MOUTH_M / length_m, 0.3)
    shift = _crossing_shift(streets, kit)
    at_start = np.clip(1 - share / mouth, 0, 1)[:, None]
    at_end = np.clip(1 - (1 - share) / mouth, 0, 1)[:, None]
    moved = (
        at_start * shift[streets.start[piece]] + at_end * shift[streets.end[piece]] + (1 - at_start - at_end) * aside
    )
    return _middle(streets, piece, share) + moved


def _falling(
    elevation_m: np.ndarray, streets: Streets, start: np.ndarray, end: np.ndarray, pieces: np.ndarray,
    share: np.ndarray, crossings: int,
) -> np.ndarray:  # fmt: skip
    """Heights of nodes in which no node between two crossings lies above the one before it or below the lower end.

    The ground swells by centimetres between crossings; a sewer is laid evenly there.
    """
    high, low = elevation_m[start[pieces]], elevation_m[end[pieces]]
    from_start = np.where(start[pieces] == streets.start[pieces], share, 1 - share)
    falling = elevation_m.copy()
    falling[crossings:] = np.round(high + from_start * (low - high), 3)
    return falling


def _with_ends(mains: Mains, crossings: np.ndarray, ground: Ground) -> Mains:
    """The mains with a tank before the pumping station, or with an outfall in the river behind each last manhole."""
    at = mains.flat[crossings]
    new = len(mains.flat) + np.arange(len(crossings))
    kind = mains.kind.copy()
    if mains.network == "drainage":
        # The river ends where the plane does, and so do the streets along it.
        u = np.clip(at[:, 0], ground.extent[0] + _MOUTH_M, ground.extent[2] - _MOUTH_M)
        flat = np.column_stack([u, np.sign(at[:, 1]) * _IN_RIVER * ground.river_m])
        start, end = crossings, new
        elevation_m = np.minimum(np.round(ground.elevation_m(flat), 3), mains.elevation_m[crossings])
    elif mains.network == "water":
        flat, start, end = at + _TANK_M / 2, new, crossings
        kind[crossings] = "pumping_station"
        elevation_m = np.maximum(np.round(ground.elevation_m(flat), 3), mains.elevation_m[crossings])
    else:
        kind[crossings] = mains.kit.source
        return _replaced(mains, kind=kind)
    none = np.zeros(len(new))
    return _replaced(
        mains,
        flat=np.concatenate([mains.flat, flat]),
        kind=np.concatenate([kind, np.full(len(new), mains.kit.source, dtype=object)]),
        elevation_m=np.concatenate([mains.elevation_m, elevation_m]),
        node_part=np.concatenate([mains.node_part, mains.node_part[crossings]]),
        start=np.concatenate([mains.start, start]),
        end=np.concatenate([mains.end, end]),
        piece=np.concatenate([mains.piece, np.full(len(new), -1)]),
        begin=np.concatenate([mains.begin, none]),
        until=np.concatenate([mains.until, none + 1]),
        class_number=np.concatenate([mains.class_number, np.zeros(len(new), dtype=int)]),
        edge_part=np.concatenate([mains.edge_part, mains.node_part[crossings]]),
    )


def _replaced(mains: Mains, **changed: np.ndarray) -> Mains:
    return Mains(**{**vars(mains), **changed})


@dataclass(frozen=True)
class NetworkParts:
    """Nodes (n,) and edges (e,) to be recorded; shapes in the register's system.

    node, edge    (n,), (e,) their numbers in the mains; the ends of an edge may be nodes of another part
    start, end    (e,) in the direction of flow
    """

    node: np.ndarray
    node_kind: np.ndarray
    elevation_m: np.ndarray
    position: np.ndarray
    edge: np.ndarray
    start: np.ndarray
    end: np.ndarray
    material: np.ndarray
    diameter_mm: np.ndarray
    voltage_kv: np.ndarray
    route: np.ndarray


def draw_mains(mains: Mains, part: int, streets: Streets, ground: Ground) -> NetworkParts:
    """The mains of one part of the city."""
    node, edge = np.flatnonzero(mains.node_part == part), np.flatnonzero(mains.edge_part == part)
    class_number = mains.class_number[edge]
    return NetworkParts(
        node=node,
        node_kind=mains.kind[node],
        elevation_m=mains.elevation_m[node],
        position=shapely.points(ground.place(mains.flat[node])),
        edge=edge,
        start=mains.start[edge],
        end=mains.end[edge],
        material=np.array(mains.kit.material, dtype=object)[class_number],
        diameter_mm=_known(mains.kit.size)[class_number],
        voltage_kv=_known(mains.kit.voltage_kv)[class_number],
        route=_routes(mains, edge, streets, ground),
    )


def _routes(mains: Mains, edge: np.ndarray, streets: Streets, ground: Ground) -> np.ndarray:
    """(k,) LineStrings from node to node along the street, in the direction of flow."""
    first, last = mains.flat[mains.start[edge]], mains.flat[mains.end[edge]]
    straight = mains.piece[edge] < 0
    steps = np.maximum(1, np.ceil(np.hypot(*(last - first).T) / _ROUTE_STEP_M)).astype(int)
    which, step = spans(np.where(straight, 0, steps - 1))
    share = (step + 1) / steps[which]
    piece_share = mains.begin[edge][which] + share * (mains.until - mains.begin)[edge][which]
    inner = place_beside(streets, mains.kit, mains.piece[edge][which], piece_share)
    points = np.concatenate([first, inner, last])
    owner = np.concatenate([np.arange(len(edge)), which, np.arange(len(edge))])
    turn = np.concatenate([np.full(len(edge), -1.0), share, np.full(len(edge), 2.0)])
    order = np.lexsort((turn, owner))
    return shapely.linestrings(ground.place(points[order]), indices=owner[order])


def _known(figures: tuple[float, ...]) -> np.ndarray:
    return np.array([figure or np.nan for figure in figures], dtype=float)
