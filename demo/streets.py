"""Streets between the quarters and lanes inside them: lines with names, and the graph that networks follow."""

from dataclasses import dataclass

import numpy as np
import shapely

from demo.ground import Ground, spans
from demo.names import street_names
from demo.quarters import LINE_WIDTHS_M, Quarters, recipe_values

BEND_POINTS = 11  # points on the line of one street along one quarter, so that it bends with the ground
_CM = 100


@dataclass(frozen=True)
class Streets:
    """Streets (s,) and the graph of their crossings, in flat coordinates.

    name, street_class, width_m  per street: main, secondary, local or lane; width between the red lines
    lines, line_street           (m, 2, 2) straight stretches with their ends, and the street of each
    nodes                        (n, 2) crossings and ends
    start, end, line             (e,) pieces from crossing to crossing: both nodes, and the stretch that each is part of
    """

    name: np.ndarray
    street_class: np.ndarray
    width_m: np.ndarray
    lines: np.ndarray
    line_street: np.ndarray
    nodes: np.ndarray
    start: np.ndarray
    end: np.ndarray
    line: np.ndarray

    def __len__(self) -> int:
        return len(self.name)

    def centrelines(self, ground: Ground) -> np.ndarray:
        """(s,) MultiLineStrings in the register's system."""
        lines = shapely.linestrings(ground.place(along(self.lines[:, 0], self.lines[:, 1], BEND_POINTS)))
        order = np.argsort(self.line_street, kind="stable")
        merged = shapely.line_merge(shapely.multilinestrings(lines[order], indices=self.line_street[order]))
        parts, street = shapely.get_parts(merged, return_index=True)
        return shapely.multilinestrings(parts, indices=street)


def along(start: np.ndarray, end: np.ndarray, points: int) -> np.ndarray:
    """(n, points, 2): evenly spaced points from start to end (n, 2), the ends exactly as given."""
    share = np.linspace(0.0, 1.0, points)[None, :, None]
    between = start[:, None, :] + share * (end - start)[:, None, :]
    between[:, -1] = end
    return between


def lay_streets(quarters: Quarters, seed: int) -> Streets:
    """The streets of a city: every line of the grid beside a quarter, and the lanes between a quarter's blocks."""
    random = np.random.default_rng([seed, 3])
    grid_lines, grid_street, street_class, stretch_of = _grid_lines(quarters)
    names = street_names(len(street_class), random)
    lanes, lane_ends = _lanes(quarters, stretch_of)
    # A lane is named after the street at which it begins, numbered along it (Đà Nẵng says kiệt, others hẻm or ngõ).
    parent = grid_street[lane_ends[:, 0]]
    along_parent = np.lexsort((lanes[:, 0, 1], lanes[:, 0, 0], parent))
    number = np.empty(len(lanes), dtype=int)
    number[along_parent] = spans(np.bincount(parent, minlength=len(names)))[1] + 1
    lane_name = (
        np.array([f"Kiệt {each} " for each in number], dtype=object)
        + np.array([name.removeprefix("Đường ") for name in names], dtype=object)[parent]
    )
    lane_quarter = np.repeat(np.arange(len(quarters)), quarters.blocks - 1)
    lines = np.concatenate([grid_lines, lanes])
    nodes, start, end, line = _graph(lines, lane_ends, len(grid_lines))
    return Streets(
        name=np.concatenate([names, lane_name]),
        street_class=np.concatenate([street_class, np.full(len(lanes), "lane", dtype=object)]),
        width_m=np.concatenate(
            [
                np.array([LINE_WIDTHS_M[each] for each in street_class]),
                recipe_values("lane_m", quarters.kind)[lane_quarter],
            ]
        ),
        lines=lines,
        line_street=np.concatenate([grid_street, len(names) + np.arange(len(lanes))]),
        nodes=nodes,
        start=start,
        end=end,
        line=line,
    )


def _grid_lines(quarters: Quarters) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Stretches of the grid beside a quarter.

    Returns lines (m, 2, 2), the street of each (m,), each street's class (s,), and for each quarter its stretches to
    the west, east, south and north (n, 4).
    """
    grid, column, row = quarters.grid, quarters.column, quarters.row
    columns, rows = len(grid.u) - 1, len(grid.v) - 1
    there = np.zeros((columns, rows), dtype=bool)
    there[column, row] = True
    upright = np.zeros((columns + 1, rows), dtype=bool)  # on line u[i], from v[j] to v[j + 1]
    upright[:-1] |= there
    upright[1:] |= there
    level = np.zeros((columns, rows + 1), dtype=bool)  # on line v[j], from u[i] to u[i + 1]
    level[:, :-1] |= there
    level[:, 1:] |= there
    upright_number = np.cumsum(upright).reshape(upright.shape) - 1
    level_number = np.cumsum(level).reshape(level.shape) - 1 + upright.sum()
    i, j = np.nonzero(upright)
    upright_lines = np.stack(
        [np.column_stack([grid.u[i], grid.v[j]]), np.column_stack([grid.u[i], grid.v[j + 1]])], axis=1
    )
    upright_line = i
    i, j = np.nonzero(level)
    level_lines = np.stack(
        [np.column_stack([grid.u[i], grid.v[j]]), np.column_stack([grid.u[i + 1], grid.v[j]])], axis=1
    )
    used, street = np.unique(np.concatenate([upright_line, columns + 1 + j]), return_inverse=True)
    class_of_width = {width: each for each, width in LINE_WIDTHS_M.items()}
    street_class = np.array(
        [class_of_width[width] for width in np.concatenate([grid.u_width, grid.v_width])[used]], dtype=object
    )
    stretch_of = np.column_stack(
        [
            upright_number[column, row],
            upright_number[column + 1, row],
            level_number[column, row],
            level_number[column, row + 1],
        ]
    )
    return np.concatenate([upright_lines, level_lines]), street, street_class, stretch_of


def _lanes(quarters: Quarters, stretch_of: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lanes between blocks, from the street on one side of the quarter to that on the other.

    Returns lines (m, 2, 2) and the stretches of the grid that each begins and ends at (m, 2).
    """
    quarter, place = spans(quarters.blocks - 1)
    grid, column, row = quarters.grid, quarters.column[quarter], quarters.row[quarter]
    across, bounds = quarters.across[quarter], quarters.bounds[quarter]
    lane_m, block_m = recipe_values("lane_m", quarters.kind)[quarter], block_depth_m(quarters)[quarter]
    offset = block_m * (place + 1) + lane_m * (place + 0.5)
    position = np.round(np.where(across, bounds[:, 0], bounds[:, 1]) + offset, 2)
    level = np.stack(
        [np.column_stack([grid.u[column], position]), np.column_stack([grid.u[column + 1], position])], axis=1
    )
    upright = np.stack([np.column_stack([position, grid.v[row]]), np.column_stack([position, grid.v[row + 1]])], axis=1)
    lines = np.where(across[:, None, None], upright, level)
    ends = np.where(across[:, None], stretch_of[quarter][:, [2, 3]], stretch_of[quarter][:, [0, 1]])
    return lines, ends


def block_depth_m(quarters: Quarters) -> np.ndarray:
    """(n,) the depth of each quarter's blocks across its lanes, metres."""
    lane_m = recipe_values("lane_m", quarters.kind)
    return (quarters.sides[1] - (quarters.blocks - 1) * lane_m) / quarters.blocks


def _graph(
    lines: np.ndarray, lane_ends: np.ndarray, grid_count: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Crossings of all lines and the pieces between them: nodes (n, 2), start, end, line (e,)."""
    everyone = np.arange(len(lines))
    line = np.concatenate([everyone, everyone, lane_ends[:, 0], lane_ends[:, 1]])
    points = np.concatenate([lines[:, 0], lines[:, 1], lines[grid_count:, 0], lines[grid_count:, 1]])
    # Lanes of two neighbouring quarters may end at the same place of the street between them.
    nodes_cm, node = np.unique(np.round(points * _CM).astype(np.int64), axis=0, return_inverse=True)
    line, node = np.unique(np.column_stack([line, node.ravel()]), axis=0).T
    order = np.lexsort((nodes_cm[node, 1], nodes_cm[node, 0], line))
    line, node = line[order], node[order]
    together = line[1:] == line[:-1]
    return nodes_cm / _CM, node[:-1][together], node[1:][together], line[1:][together]
