"""House numbers: odd ones at the left of a street, even ones at the right, and lanes named after the number beside
which they begin, as in Đà Nẵng: K12/5 is house 5 in the lane (kiệt) beside number 12."""

from dataclasses import dataclass, replace

import numpy as np

from demo.blocks import Blocks
from demo.ground import spans
from demo.lots import Lots
from demo.mesh import Line, Mesh
from demo.quarters import Kind
from demo.streets import CLASSES, Streets

_NONE = -1


@dataclass(frozen=True)
class Numbers:
    """What number the first lot of each row (r,) has and the step to its neighbour's; 0 where nobody lives."""

    first: np.ndarray
    step: np.ndarray


@dataclass(frozen=True)
class Addresses:
    """Addresses (n,) of one ward: the lot, its street (a number of Streets) and house number, the entrance."""

    lot: np.ndarray
    street: np.ndarray
    house_number: np.ndarray
    position: np.ndarray


def number_houses(streets: Streets, blocks: Blocks, mesh: Mesh) -> tuple[Streets, Numbers]:
    """Number all rows along their streets, and name the lanes by those numbers."""
    row_line = blocks.side_line[blocks.row_block, blocks.row_side]
    one, other = (
        blocks.quad[blocks.row_block, np.where(blocks.row_side == 0, first, last)] for first, last in ((0, 3), (1, 2))
    )
    one_m, other_m = (_on_line(mesh, row_line, point)[0] for point in (one, other))
    aside = _on_line(mesh, row_line, blocks.quad[blocks.row_block].mean(axis=1))[1]
    count = np.where(blocks.kind[blocks.row_block] == Kind.FIELD, 0, blocks.row_lots)
    lane, host, node = _mouths(streets, mesh)
    far_end = np.where(mesh.line_ends[lane, 0] == node, mesh.line_ends[lane, 1], mesh.line_ends[lane, 0])
    mouth_m = _on_line(mesh, host, mesh.nodes[node])[0]
    mouth_aside = _on_line(mesh, host, mesh.nodes[far_end])[1]

    line = np.concatenate([row_line, host])
    street = streets.line_street[line]
    at_m = streets.line_start_m[line] + np.concatenate([np.minimum(one_m, other_m), mouth_m])
    left = np.concatenate([aside, mouth_aside]) > 0
    places = np.concatenate([count, np.ones(len(lane), dtype=int)])
    order = np.lexsort((at_m, left, street))
    side = (2 * street + left)[order]
    reached = np.cumsum(places[order]) - places[order]
    begin = np.empty(len(order), dtype=int)
    begin[order] = reached - reached[np.searchsorted(side, side)]
    number = 2 * begin + np.where(left, 1, 2)

    rows = len(row_line)
    upwards = one_m < other_m
    first = np.where(upwards, number[:rows], number[:rows] + 2 * (count - 1))
    numbers = Numbers(np.where(count > 0, first, 0), np.where(upwards, 2, -2))
    return _named(streets, streets.line_street[lane], street[rows:], number[rows:]), numbers


def address(lots: Lots, built: np.ndarray, numbers: Numbers, streets: Streets) -> Addresses:
    """The addresses of the lots of a ward on which something stands, built (k,) ascending."""
    lot = built[numbers.first[lots.row[built]] > 0]
    street = streets.line_street[lots.line[lot]]
    number = numbers.first[lots.row[lot]] + numbers.step[lots.row[lot]] * lots.number[lot]
    text = streets.prefix[street] + number.astype(str).astype(object)
    return Addresses(lot, streets.root[street], text, lots.entrance[lot])


def _on_line(mesh: Mesh, line: np.ndarray, point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far points (k, 2) lie along lines (k,), and how far to the left of them, metres."""
    start = mesh.nodes[mesh.line_ends[line, 0]]
    on = mesh.nodes[mesh.line_ends[line, 1]] - start
    on = on / np.hypot(*on.T)[:, None]
    away = point - start
    return np.sum(on * away, axis=1), on[:, 0] * away[:, 1] - on[:, 1] * away[:, 0]


def _mouths(streets: Streets, mesh: Mesh) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lanes (k,) that are named after another street, the line (k,) on which each begins, the crossing (k,) there."""
    named_so = (streets.street_class == CLASSES[Line.LANE]) & ~np.char.startswith(
        streets.name.astype(str), "Đường đồng"
    )
    lane = np.flatnonzero((streets.line_street >= 0) & np.append(named_so, False)[streets.line_street])
    by_node = np.argsort(mesh.seat_node, kind="stable")
    seat_node, seat_line = mesh.seat_node[by_node], mesh.seat_line[by_node]
    end = mesh.line_ends[lane].ravel()
    low, high = np.searchsorted(seat_node, end), np.searchsorted(seat_node, end, side="right")
    which, place = spans(high - low)
    host, of = seat_line[low[which] + place], which // 2
    # Of two lanes the older one has the younger named after it, so nothing is named after itself in a circle.
    fit = (streets.line_street[host] >= 0) & ((mesh.line_class[host] < Line.LANE) | (host < lane[of]))
    which, host, of = which[fit], host[fit], of[fit]
    best = np.lexsort((host, mesh.line_class[host], of))
    of, first = np.unique(of[best], return_index=True)
    return lane[of], host[best][first], end[which[best][first]]


def _named(streets: Streets, lane: np.ndarray, parent: np.ndarray, number: np.ndarray) -> Streets:
    """The streets with lanes (k,) named after the streets (k,) on which they begin and their numbers (k,) there."""
    root, prefix, name = streets.root.copy(), streets.prefix.copy(), streets.name.copy()
    text = number.astype(str).astype(object)
    waiting = np.zeros(len(streets), dtype=bool)
    waiting[lane] = True
    while len(lane):
        ready = ~waiting[parent]
        now, above = lane[ready], parent[ready]
        root[now] = root[above]
        prefix[now] = np.where(prefix[above] == "", "K", prefix[above]) + text[ready] + "/"
        waiting[now] = False
        lane, parent, text = lane[~ready], parent[~ready], text[~ready]
    off = np.flatnonzero(prefix != "")
    kiet = np.char.strip(prefix[off].astype(str), "K/").astype(object)
    name[off] = "Kiệt " + kiet + np.char.replace(streets.name[root[off]].astype(str), "Đường ", " ").astype(object)
    return replace(streets, root=root, prefix=prefix, name=name)
