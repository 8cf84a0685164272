"""The lines of the mesh in pieces from crossing to crossing, and the rings of cells that are made of them.

Both cells beside a piece take the points of that piece, so their borders are the same to the last bit.
"""

from dataclasses import dataclass

import numpy as np

from demo.ground import Ground, rings, spans
from demo.mesh import Mesh

_NOBODY = -1


@dataclass(frozen=True)
class Pieces:
    """Pieces (e,) of a mesh's lines, line by line and along each, and the cells (c,) that they go around.

    line, start, end  (e,) line of the mesh, crossings of the mesh
    step_m            (e,) a piece is drawn with a point at least every so many metres
    cells             (c,) numbers of cells in the mesh
    beside            (e, 2) the cells to the left and right, as places in `cells`; -1 for none
    """

    mesh: Mesh
    line: np.ndarray
    start: np.ndarray
    end: np.ndarray
    step_m: np.ndarray
    cells: np.ndarray
    beside: np.ndarray
    _cell: np.ndarray
    _piece: np.ndarray
    _backwards: np.ndarray

    def __len__(self) -> int:
        return len(self.line)

    def points(self, which: np.ndarray, backwards: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Points along pieces (k,) without the last of each, flat (m, 2), and whose they are (m,), 0 to k - 1."""
        start, end = self.mesh.nodes[self.start[which]], self.mesh.nodes[self.end[which]]
        steps = np.maximum(1, np.ceil(np.hypot(*(end - start).T) / self.step_m[which])).astype(int)
        owner, place = spans(steps)
        if backwards is not None:
            place = np.where(backwards[owner], steps[owner] - place, place)
        share = (place / steps[owner])[:, None]
        point = start[owner] + share * (end - start)[owner]
        return np.where(share == 1, end[owner], point), owner

    def rings(self, which: np.ndarray, ground: Ground) -> np.ndarray:
        """(k,) Polygons of cells, given as places in `cells` in ascending order; the register's system."""
        mine = np.isin(self._cell, which)
        points, piece = self.points(self._piece[mine], self._backwards[mine])
        return rings(ground.place(points), np.searchsorted(which, self._cell[mine])[piece])


@dataclass(frozen=True)
class Cells:
    """Quarters to the middle of the streets around them, as Polygons that share their borders exactly."""

    pieces: Pieces
    ground: Ground

    def rings(self, which: np.ndarray) -> np.ndarray:
        """(k,) Polygons of quarters, whose numbers ascend; the register's system."""
        return self.pieces.rings(which, self.ground)


def pieces_around(mesh: Mesh, cells: np.ndarray, step_m: np.ndarray) -> Pieces:
    """The pieces of all lines, and how they go around cells (c,).

    step_m  (m,) for each line, greatest distance between two points with which it is drawn
    """
    seat = np.unique(np.column_stack([mesh.seat_line, mesh.seat_node]), axis=0)
    order = np.lexsort((mesh.position_m(seat[:, 0], seat[:, 1]), seat[:, 0]))
    line, node = seat[order].T
    together = np.flatnonzero(line[1:] == line[:-1])
    piece_at = np.full(len(line), _NOBODY)  # the piece that begins at each seat
    piece_at[together] = np.arange(len(together))
    longer = int(node.max()) + 1
    key = line.astype(np.int64) * longer + node
    by_key = np.argsort(key)

    def seat_of(lines: np.ndarray, nodes: np.ndarray) -> np.ndarray:
        return by_key[np.searchsorted(key, lines.astype(np.int64) * longer + nodes, sorter=by_key)]

    sides, corners = mesh.sides[cells], mesh.corners[cells]
    first, last = seat_of(sides, corners), seat_of(sides, np.roll(corners, -1, axis=1))
    backwards = last < first
    side, place = spans(np.abs(last - first).ravel())
    low = np.minimum(first, last).ravel()[side]
    high = np.maximum(first, last).ravel()[side] - 1
    turned = backwards.ravel()[side]
    piece = piece_at[np.where(turned, high - place, low + place)]
    cell = side // 4
    beside = np.full((len(together), 2), _NOBODY)
    beside[piece, turned.astype(int)] = cell  # cells go counterclockwise: what runs with them has them at its left
    return Pieces(
        mesh=mesh,
        line=line[together],
        start=node[together],
        end=node[together + 1],
        step_m=step_m[line[together]],
        cells=cells,
        beside=beside,
        _cell=cell,
        _piece=piece,
        _backwards=turned,
    )


def connected(count: int, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(count,) for each crossing the lowest number of those that it is connected with by edges (e,), (e,)."""
    name = np.arange(count)
    while True:
        lower = np.minimum(name[first], name[second])
        before = name.copy()
        np.minimum.at(name, first, lower)
        np.minimum.at(name, second, lower)
        name = name[name]
        if (name == before).all():
            return name
