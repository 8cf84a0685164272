"""Six utility networks along the streets: nodes, and edges between them in the direction of flow."""

from dataclasses import dataclass

import numpy as np
import shapely

from demo.ground import Ground, spans
from demo.streets import Streets, along

_ROUTE_POINTS = 4  # on one edge, so that it follows the bend of its street


@dataclass(frozen=True)
class Kit:
    """What a network is made of.

    offset_m    how far beside the middle of the street it lies, east and north of it
    spacing_m   greatest distance from node to node
    lanes       whether it also serves the lanes
    organisation, letter, source, crossing, between, edge  who owns it, how it numbers things, what they are called
    material, size, voltage_kv  by street class main, secondary, local, lane; size in millimetres, 0 for none
    depth_m     cover above it
    """

    offset_m: float
    spacing_m: float
    lanes: bool
    organisation: str
    letter: str
    source: str
    crossing: str
    between: str
    edge: str
    material: tuple[str, str, str, str]
    size: tuple[float, float, float, float] = (0, 0, 0, 0)
    voltage_kv: tuple[float, float, float, float] = (0, 0, 0, 0)
    depth_m: float = 0.0


CLASSES = ("main", "secondary", "local", "lane")
KITS = {
    "water": Kit(1.6, 100, True, "demo-water", "N", "pumping_station", "valve", "hydrant", "main",
                 ("ductile iron", "ductile iron", "HDPE", "HDPE"), (400, 300, 160, 110), depth_m=1.0),
    "drainage": Kit(0.0, 32, True, "demo-city", "T", "outfall", "manhole", "manhole", "sewer",
                    ("concrete",) * 4, (1500, 1200, 800, 500), depth_m=1.5),
    "power": Kit(-2.2, 42, True, "demo-power", "D", "substation", "transformer", "pole", "cable",
                 ("AXV", "AXV", "ABC", "ABC"), voltage_kv=(22, 22, 0.4, 0.4), depth_m=0.9),
    "telecom": Kit(2.3, 75, True, "demo-telecom", "V", "exchange", "cabinet", "chamber", "duct",
                   ("PVC",) * 4, (110, 110, 110, 61), depth_m=0.7),
    "gas": Kit(-1.4, 110, False, "demo-gas", "K", "regulator_station", "valve", "joint", "main",
               ("steel", "PE", "PE", "PE"), (200, 160, 110, 63), depth_m=1.0),
    "lighting": Kit(-2.7, 34, True, "demo-city", "S", "control_cabinet", "lamp", "lamp", "cable",
                    ("CXV",) * 4, voltage_kv=(0.4,) * 4, depth_m=0.7),
}  # fmt: skip


@dataclass(frozen=True)
class NetworkParts:
    """One network: nodes (n,) and edges (e,), shapes in the register's system.

    start, end  (e,) which nodes an edge runs between, in the direction of flow
    """

    network: str
    kit: Kit
    node_kind: np.ndarray
    elevation_m: np.ndarray
    position: np.ndarray
    start: np.ndarray
    end: np.ndarray
    material: np.ndarray
    diameter_mm: np.ndarray
    voltage_kv: np.ndarray
    route: np.ndarray


def lay_network(network: str, streets: Streets, ground: Ground) -> NetworkParts:
    """One network along all streets. Drainage runs downhill; all others lead away from their one source."""
    kit = KITS[network]
    class_number = np.array([CLASSES.index(each) for each in streets.street_class])
    piece_class = class_number[streets.line_street[streets.line]]
    served = piece_class < len(CLASSES) if kit.lanes else piece_class < CLASSES.index("lane")
    crossing, ends = np.unique(np.concatenate([streets.start[served], streets.end[served]]), return_inverse=True)
    first, last = np.split(ends, 2)
    flat, first, last, piece = _with_nodes_between(streets.nodes[crossing], first, last, kit.spacing_m)
    size = piece_class[served][piece]

    # The whole graph is moved aside together, so what met at a crossing still meets beside it.
    moved = flat + kit.offset_m
    elevation_m = np.round(ground.elevation_m(moved), 3)
    source = np.argmax(elevation_m)
    if network == "drainage":
        turned = elevation_m[first] < elevation_m[last]
    else:
        reach_m = np.abs(flat - flat[source]).sum(axis=1)  # along a grid of streets
        turned = reach_m[first] > reach_m[last]
    start, end = np.where(turned, last, first), np.where(turned, first, last)

    node_kind = np.full(len(flat), kit.between, dtype=object)
    node_kind[: len(crossing)] = kit.crossing
    if network == "drainage":
        node_kind[np.bincount(start, minlength=len(flat)) == 0] = kit.source
    else:
        node_kind[source] = kit.source
    points = ground.place(along(moved[start], moved[end], _ROUTE_POINTS))
    return NetworkParts(
        network=network,
        kit=kit,
        node_kind=node_kind,
        elevation_m=elevation_m,
        position=shapely.points(ground.place(moved)),
        start=start,
        end=end,
        material=np.array(kit.material, dtype=object)[size],
        diameter_mm=_known(kit.size)[size],
        voltage_kv=_known(kit.voltage_kv)[size],
        route=shapely.linestrings(points),
    )


def _with_nodes_between(
    nodes: np.ndarray, first: np.ndarray, last: np.ndarray, spacing_m: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Pieces (p,) cut so that no edge is longer than the spacing.

    Returns all nodes (n, 2), the crossings first; then per edge (e,) both ends and the piece that it is part of.
    """
    length_m = np.hypot(*(nodes[last] - nodes[first]).T)
    parts = np.maximum(1, np.ceil(length_m / spacing_m)).astype(int)
    piece, place = spans(parts - 1)
    share = ((place + 1) / parts[piece])[:, None]
    between = nodes[first[piece]] + share * (nodes[last[piece]] - nodes[first[piece]])
    new_node = len(nodes) + np.cumsum(parts - 1) - (parts - 1)  # the first new node of each piece
    edge_piece, step = spans(parts)
    edge_first = np.where(step == 0, first[edge_piece], new_node[edge_piece] + step - 1)
    edge_last = np.where(step == parts[edge_piece] - 1, last[edge_piece], new_node[edge_piece] + step)
    return np.concatenate([nodes, between]), edge_first, edge_last, edge_piece


def _known(figures: tuple[float, ...]) -> np.ndarray:
    return np.array([figure or np.nan for figure in figures], dtype=float)
