"""A mesh of four-cornered cells between straight lines in the flat plane: how the land is divided, from the city to its
blocks.

A line ends on other lines, cells lie on both sides of it, and cutting a cell puts new crossings on the lines around it.
Everything knows a crossing by its number only, so whatever lies beside a line has the same points on it.
"""

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from demo.ground import spans


class Line(IntEnum):
    """What a line is, the most important first; NONE is a border on which nobody drives."""

    MAIN = 0
    SECONDARY = 1
    LOCAL = 2
    LANE = 3
    NONE = 4


def _numbers() -> np.ndarray:
    return np.empty(0, dtype=int)


@dataclass
class Mesh:
    """Crossings, lines and cells; all arrays grow, and cells that were cut stay but are not alive.

    nodes                   (n, 2) crossings, flat coordinates
    line_ends               (m, 2) crossings between which a line runs
    line_class, line_width  (m,) Line, and metres between the red lines
    seat_line, seat_node    (k,) which crossings lie on which line, its ends among them
    corners, sides          (c, 4) crossings and lines around a cell, counterclockwise; side i begins at corner i
    label                   (c,) what the cell was given when it was cut; its pieces inherit it
    alive                   (c,) bool
    """

    nodes: np.ndarray
    line_ends: np.ndarray
    line_class: np.ndarray
    line_width: np.ndarray
    corners: np.ndarray
    sides: np.ndarray
    seat_line: np.ndarray = field(default_factory=_numbers)
    seat_node: np.ndarray = field(default_factory=_numbers)
    label: np.ndarray = field(default_factory=_numbers)
    alive: np.ndarray = field(default_factory=_numbers)

    def __post_init__(self) -> None:
        lines = np.arange(len(self.line_ends))
        self.seat_line = np.concatenate([lines, lines])
        self.seat_node = self.line_ends.T.ravel()
        self.label = np.zeros(len(self.corners), dtype=int)
        self.alive = np.ones(len(self.corners), dtype=bool)

    def living(self) -> np.ndarray:
        """The numbers of the cells that are not cut."""
        return np.flatnonzero(self.alive)

    def centre(self, cells: np.ndarray) -> np.ndarray:
        """(k, 2) flat coordinates."""
        return self.nodes[self.corners[cells]].mean(axis=1)

    def area_m2(self, cells: np.ndarray) -> np.ndarray:
        """(k,) to the middle of the streets around."""
        u, v = np.moveaxis(self.nodes[self.corners[cells]], -1, 0)
        return 0.5 * np.sum(u * np.roll(v, -1, axis=1) - np.roll(u, -1, axis=1) * v, axis=1)

    def spread(self, cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(k,) mean length of the first and third side, and of the other two, metres."""
        corner = self.nodes[self.corners[cells]]
        length_m = np.hypot(*np.moveaxis(np.roll(corner, -1, axis=1) - corner, -1, 0))
        return (length_m[:, 0] + length_m[:, 2]) / 2, (length_m[:, 1] + length_m[:, 3]) / 2

    def turn(self, cells: np.ndarray) -> None:
        """The second side of these cells becomes their first."""
        self.corners[cells] = np.roll(self.corners[cells], -1, axis=1)
        self.sides[cells] = np.roll(self.sides[cells], -1, axis=1)

    def position_m(self, lines: np.ndarray, nodes: np.ndarray) -> np.ndarray:
        """(k,) how far each crossing is from the start of its line."""
        return np.hypot(*(self.nodes[nodes] - self.nodes[self.line_ends[lines, 0]]).T)

    def insets(self, cells: np.ndarray) -> np.ndarray:
        """(k, 4, 2) what the streets around leave of the cells, to their red lines; flat coordinates."""
        corner = self.nodes[self.corners[cells]]
        on = np.roll(corner, -1, axis=1) - corner
        inward = np.stack([-on[..., 1], on[..., 0]], axis=-1) / np.hypot(on[..., 0], on[..., 1])[..., None]
        reach = np.sum(inward * corner, axis=-1) + self.line_width[self.sides[cells]] / 2
        before, reach_before = np.roll(inward, 1, axis=1), np.roll(reach, 1, axis=1)
        return _meeting(before, reach_before, inward, reach)


def _meeting(normal: np.ndarray, reach: np.ndarray, other: np.ndarray, other_reach: np.ndarray) -> np.ndarray:
    """(…, 2) where lines meet that are given by their normals (…, 2) and their reach (…) along them."""
    turned = normal[..., 0] * other[..., 1] - normal[..., 1] * other[..., 0]
    return np.stack(
        [
            (reach * other[..., 1] - other_reach * normal[..., 1]) / turned,
            (other_reach * normal[..., 0] - reach * other[..., 0]) / turned,
        ],
        axis=-1,
    )


@dataclass(frozen=True)
class Cut:
    """How cells are cut by new lines.

    line_class   Line of the new lines
    width_m      their widths: one figure, or (k,) for each cell
    uneven       how far a line strays from its even place, as a share of the distance between lines
    slant        the same for its two ends apart from each other
    snap_m       a line meets another street's mouth that is nearer than this, so that a crossing comes about
    share        (k,) where a single cut falls, 0 to 1, instead of the middle
    """

    line_class: Line
    width_m: float | np.ndarray
    uneven: float = 0.0
    slant: float = 0.0
    snap_m: float = 0.0
    share: np.ndarray | None = None


def cut(
    mesh: Mesh, cells: np.ndarray, columns: np.ndarray, rows: np.ndarray, how: Cut, random: np.random.Generator
) -> np.ndarray:
    """Cut cells (k,) into columns along their first side and rows along their second; returns the new cells."""
    if not len(cells):
        return cells
    corner = mesh.nodes[mesh.corners[cells]]
    south, north, south_node, north_node = _places(mesh, cells, columns, (0, 2), how, random)
    west, east, west_node, east_node = _places(mesh, cells, rows, (3, 1), how, random)
    v_cell, v_place = spans(columns + 1)  # uprights, the cell's own two sides among them
    h_cell, h_place = spans(rows + 1)
    v_first = np.cumsum(columns + 1) - (columns + 1)
    h_first = np.cumsum(rows + 1) - (rows + 1)

    def between(cell: np.ndarray, one: int, other: int, share: np.ndarray) -> np.ndarray:
        start, end = corner[cell, one], corner[cell, other]
        point = start + share[:, None] * (end - start)
        return np.where(share[:, None] == 1, end, point)

    low, high = between(v_cell, 0, 1, south), between(v_cell, 3, 2, north)
    left, right = between(h_cell, 0, 3, west), between(h_cell, 1, 2, east)

    # Every crossing (i, j) of an upright and a level line of one cell.
    cell, place = spans((columns + 1) * (rows + 1))
    i, j = place // (rows[cell] + 1), place % (rows[cell] + 1)
    upright, level = v_first[cell] + i, h_first[cell] + j
    on_v, on_h = high[upright] - low[upright], right[level] - left[level]
    normal_v, normal_h = np.stack([-on_v[:, 1], on_v[:, 0]], -1), np.stack([-on_h[:, 1], on_h[:, 0]], -1)
    point = _meeting(normal_v, np.sum(normal_v * low[upright], -1), normal_h, np.sum(normal_h * left[level], -1))
    at_south, at_north, at_west, at_east = j == 0, j == rows[cell], i == 0, i == columns[cell]
    node = np.full(len(cell), -1)
    for there, points, known, which in (
        (at_west, left, west_node, level), (at_east, right, east_node, level),
        (at_south, low, south_node, upright), (at_north, high, north_node, upright),
    ):  # fmt: skip
        point[there], node[there] = points[which[there]], known[which[there]]
    for there, which in (
        (at_south & at_west, 0), (at_south & at_east, 1), (at_north & at_east, 2), (at_north & at_west, 3)
    ):  # fmt: skip
        node[there] = mesh.corners[cells[cell[there]], which]
    new = node < 0
    node[new] = len(mesh.nodes) + np.arange(int(new.sum()))
    mesh.nodes = np.concatenate([mesh.nodes, point[new]])

    first = np.cumsum((columns + 1) * (rows + 1)) - (columns + 1) * (rows + 1)

    def node_at(which: np.ndarray, column: np.ndarray, row: np.ndarray) -> np.ndarray:
        return node[first[which] + column * (rows[which] + 1) + row]

    # New lines: the uprights that are no side of the cell, then the level ones.
    v_new, h_new = (v_place > 0) & (v_place < columns[v_cell]), (h_place > 0) & (h_place < rows[h_cell])
    lines = len(mesh.line_ends)
    v_line = np.where(v_new, lines + np.cumsum(v_new) - 1, -1)
    h_line = np.where(h_new, lines + int(v_new.sum()) + np.cumsum(h_new) - 1, -1)
    v_line[v_place == 0], v_line[v_place == columns[v_cell]] = mesh.sides[cells, 3], mesh.sides[cells, 1]
    h_line[h_place == 0], h_line[h_place == rows[h_cell]] = mesh.sides[cells, 0], mesh.sides[cells, 2]
    vc, vi, hc, hj = v_cell[v_new], v_place[v_new], h_cell[h_new], h_place[h_new]
    ends = np.concatenate(
        [
            np.column_stack([node_at(vc, vi, 0 * vi), node_at(vc, vi, rows[vc])]),
            np.column_stack([node_at(hc, 0 * hj, hj), node_at(hc, columns[hc], hj)]),
        ]
    )
    width_m = np.broadcast_to(np.asarray(how.width_m, dtype=float), len(cells))
    mesh.line_ends = np.concatenate([mesh.line_ends, ends])
    mesh.line_class = np.concatenate([mesh.line_class, np.full(len(ends), int(how.line_class))])
    mesh.line_width = np.concatenate([mesh.line_width, width_m[vc], width_m[hc]])

    on_upright, on_level = ~at_west & ~at_east, ~at_south & ~at_north
    mouth_v, mouth_h = on_upright & ~on_level & new, on_level & ~on_upright & new
    mesh.seat_line = np.concatenate(
        [mesh.seat_line, v_line[upright[on_upright]], h_line[level[on_level]],
         h_line[level[mouth_v]], v_line[upright[mouth_h]]]
    )  # fmt: skip
    mesh.seat_node = np.concatenate([mesh.seat_node, node[on_upright], node[on_level], node[mouth_v], node[mouth_h]])

    cell, place = spans(columns * rows)
    i, j = place // rows[cell], place % rows[cell]
    made = len(mesh.corners) + np.arange(len(cell))
    mesh.corners = np.concatenate(
        [
            mesh.corners,
            np.stack([node_at(cell, i + right, j + up) for right, up in ((0, 0), (1, 0), (1, 1), (0, 1))], 1),
        ]
    )
    upright, level = v_first[cell] + i, h_first[cell] + j
    mesh.sides = np.concatenate(
        [mesh.sides, np.stack([h_line[level], v_line[upright + 1], h_line[level + 1], v_line[upright]], axis=1)]
    )
    mesh.label = np.concatenate([mesh.label, mesh.label[cells[cell]]])
    mesh.alive = np.concatenate([mesh.alive, np.ones(len(cell), dtype=bool)])
    mesh.alive[cells] = False
    return made


def _places(
    mesh: Mesh, cells: np.ndarray, counts: np.ndarray, sides: tuple[int, int], how: Cut, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Where lines cut two opposite sides, as shares of the sides, and which crossings they find there (-1 for none).

    Both sides are gone along in one direction: the first or last of them is followed backwards.
    """
    cell, place = spans(counts + 1)
    share = place / counts[cell]
    inner = (place > 0) & (place < counts[cell])
    if how.share is not None:
        share[inner] = how.share[cell[inner]]
    stray = how.uneven * random.uniform(-1, 1, len(share)) / counts[cell] * inner
    lean = how.slant * random.uniform(-1, 1, len(share)) / counts[cell] * inner
    shares, nodes = [], []
    for side, wanted in zip(sides, (share + stray - lean, share + stray + lean), strict=True):
        line = mesh.sides[cells[cell], side]
        begin, end = mesh.corners[cells[cell], side], mesh.corners[cells[cell], (side + 1) % 4]
        if side >= 2:  # sides run counterclockwise, both of a pair shall run the same way
            begin, end = end, begin
        node = np.full(len(cell), -1)
        if how.snap_m:
            begin_m, end_m = mesh.position_m(line, begin), mesh.position_m(line, end)
            wanted_m = begin_m + wanted * (end_m - begin_m)
            found, found_m = _nearest_seat(mesh, line, wanted_m)
            length_m = np.abs(end_m - begin_m)
            at = (found_m - begin_m) / (end_m - begin_m)
            near_m = np.minimum(how.snap_m, 0.3 * length_m / counts[cell])
            hit = inner & (np.abs(found_m - wanted_m) <= near_m) & (at > 0.04) & (at < 0.96)
            wanted = np.where(hit, at, wanted)
            node[hit] = found[hit]
        shares.append(wanted)
        nodes.append(node)
    return shares[0], shares[1], nodes[0], nodes[1]


def _nearest_seat(mesh: Mesh, line: np.ndarray, position_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The crossing on each line (k,) that is nearest to a position on it, and its own position."""
    seat_m = mesh.position_m(mesh.seat_line, mesh.seat_node)
    order = np.lexsort((seat_m, mesh.seat_line))
    seat_line, seat_m, seat_node = mesh.seat_line[order], seat_m[order], mesh.seat_node[order]
    longer = seat_m.max(initial=0.0) + 1.0  # than any line: one sorted axis for all of them
    after = np.searchsorted(seat_line * longer + seat_m, line * longer + position_m)
    after = np.clip(after, 1, len(order) - 1)
    candidates = np.stack([after - 1, after])
    distance = np.where(seat_line[candidates] == line, np.abs(seat_m[candidates] - position_m), np.inf)
    best = candidates[distance.argmin(axis=0), np.arange(len(line))]
    return seat_node[best], np.where(seat_line[best] == line, seat_m[best], np.inf)
