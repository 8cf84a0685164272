"""All streets and lanes of the city: their names, and the graph of their crossings that networks follow."""

from dataclasses import dataclass

import numpy as np
import shapely

from demo.ground import Ground
from demo.mesh import Line, Mesh
from demo.names import invented
from demo.pieces import Pieces
from demo.quarters import Kind, Quarters

CLASSES = np.array([line.name.lower() for line in Line], dtype=object)
_NOWHERE = -1


@dataclass(frozen=True)
class Streets:
    """Streets (s,) and the graph of their crossings, in flat coordinates.

    name, street_class, width_m  per street: main, secondary, local or lane; metres between the red lines
    root, prefix                 per street: the street whose name its addresses bear, itself unless it is a lane off
                                 another; what stands before their numbers: "", or K12/ for the lane beside number 12
    lines, line_street           (m, 2, 2) straight stretches with their ends, and the street of each; -1 for none
    line_start_m                 (m,) where a stretch begins on the way along its street
    nodes                        (n, 2) crossings and ends
    start, end, line             (e,) pieces from crossing to crossing: both nodes, and the stretch that each is part of
    part                         (e,) the ward that each piece belongs to
    bridge, leaves               (e,) bool: over the river; out of the province
    """

    name: np.ndarray
    street_class: np.ndarray
    width_m: np.ndarray
    root: np.ndarray
    prefix: np.ndarray
    lines: np.ndarray
    line_street: np.ndarray
    line_start_m: np.ndarray
    nodes: np.ndarray
    start: np.ndarray
    end: np.ndarray
    line: np.ndarray
    part: np.ndarray
    bridge: np.ndarray
    leaves: np.ndarray
    _pieces: Pieces
    _drawn: np.ndarray

    def __len__(self) -> int:
        return len(self.name)

    def courses(self, which: np.ndarray, ground: Ground) -> np.ndarray:
        """(k,) LineStrings of pieces of the graph as they bend, in the register's system."""
        points, piece = self._pieces.points(self._drawn[which])
        order = np.argsort(np.concatenate([piece, np.arange(len(which))]), kind="stable")
        points = np.concatenate([points, self.nodes[self.end[which]]])[order]
        return shapely.linestrings(ground.place(points), indices=np.sort(np.append(piece, np.arange(len(which)))))

    def centrelines(self, ground: Ground) -> np.ndarray:
        """(s,) MultiLineStrings in the register's system."""
        street = self.line_street[self.line]
        order = np.argsort(street, kind="stable")
        courses = self.courses(order, ground)
        merged = shapely.line_merge(shapely.multilinestrings(courses, indices=street[order]))
        parts, street = shapely.get_parts(merged, return_index=True)
        return shapely.multilinestrings(parts, indices=street)


def is_street(pieces: Pieces, quarters: Quarters, through: np.ndarray) -> np.ndarray:
    """(e,) bool: the pieces that anybody drives on.

    through  (m,) bool, lines of the mesh that lead through the wild land as well
    """
    lots_on = np.append(quarters.kind < Kind.RIVER, False)  # the last is nobody's
    inside = (pieces.beside == _NOWHERE).all(axis=1)  # the lanes of a quarter
    live = inside | lots_on[pieces.beside].any(axis=1) | through[pieces.line]
    return live & (pieces.mesh.line_class[pieces.line] != Line.NONE)


def lay_streets(
    mesh: Mesh, pieces: Pieces, live: np.ndarray, quarters: Quarters, grouped: np.ndarray, bridge: np.ndarray,
    road_m: np.ndarray, random: np.random.Generator,
) -> Streets:  # fmt: skip
    """The streets of a city, their lanes not named yet.

    live     (e,) bool: the pieces that are streets
    grouped  (g,) the street of each of the first lines, which come one after another along it; all later lines are
             streets of their own
    bridge   (g,) bool: those over the river
    road_m   (m,) how wide the street is on each line, which may have less than all of its land
    """
    lines = len(mesh.line_ends)
    group = np.concatenate([grouped, grouped.max() + 1 + np.arange(lines - len(grouped))])
    driven = np.zeros(lines, dtype=bool)
    driven[pieces.line[live]] = True
    _, street = np.unique(group[driven], return_inverse=True)
    line_street = np.full(lines, _NOWHERE)
    line_street[driven] = street
    count = int(street.max()) + 1
    street_class, width_m = np.full(count, int(Line.NONE)), np.zeros(count)
    np.minimum.at(street_class, street, mesh.line_class[driven])
    np.maximum.at(width_m, street, road_m[driven])

    length_m = np.hypot(*(mesh.nodes[mesh.line_ends[:, 1]] - mesh.nodes[mesh.line_ends[:, 0]]).T)
    order = np.lexsort((np.arange(lines), group))
    end_m = np.cumsum(length_m[order])
    first = np.searchsorted(group[order], group[order])
    line_start_m = np.empty(lines)
    line_start_m[order] = end_m - length_m[order] - (end_m - length_m[order])[first]

    nodes, ends = np.unique(np.concatenate([pieces.start[live], pieces.end[live]]), return_inverse=True)
    start, end = np.split(ends, 2)
    # A piece belongs to the ward of the quarter beside it; inside a quarter, to that of the quarter.
    beside = pieces.beside[live]
    part_beside = np.append(quarters.part, np.iinfo(int).max)[beside]
    part = part_beside.min(axis=1)
    quarter_of_line = _quarter_of_lines(mesh)
    inside = (beside == _NOWHERE).all(axis=1)
    part[inside] = quarters.part[quarter_of_line[pieces.line[live][inside]]]
    over = np.zeros(lines, dtype=bool)
    over[: len(bridge)] = bridge
    outside = np.zeros(len(mesh.nodes), dtype=bool)
    outside[mesh.seat_node[mesh.line_class[mesh.seat_line] == Line.NONE]] = True
    words = invented(count, random)
    field_lane = np.zeros(count, dtype=bool)
    field_lane[street] = (mesh.line_class[driven] == Line.LANE) & (quarters.kind[quarter_of_line[driven]] == Kind.FIELD)
    return Streets(
        name=np.where(field_lane, "Đường đồng ", "Đường ") + words,
        street_class=CLASSES[street_class],
        width_m=width_m,
        root=np.arange(count),
        prefix=np.full(count, "", dtype=object),
        lines=mesh.nodes[mesh.line_ends],
        line_street=line_street,
        line_start_m=line_start_m,
        nodes=mesh.nodes[nodes],
        start=start,
        end=end,
        line=pieces.line[live],
        part=part,
        bridge=over[pieces.line[live]],
        leaves=outside[pieces.start[live]] | outside[pieces.end[live]],
        _pieces=pieces,
        _drawn=np.flatnonzero(live),
    )


def _quarter_of_lines(mesh: Mesh) -> np.ndarray:
    """(m,) the quarter in which a line lies; of a line between quarters one of the two, by the cells beside it."""
    living = mesh.living()
    quarter = np.zeros(len(mesh.line_ends), dtype=int)
    quarter[mesh.sides[living].ravel()] = np.repeat(mesh.label[living], 4)
    return quarter
