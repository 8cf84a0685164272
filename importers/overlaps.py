"""Which shapes of one survey go on in which of another, by the ground that they have in common. Pure, vectorised."""

from dataclasses import dataclass

import numpy as np
import shapely

from importers.checks import VERTEX_ACCURACY_M

# The shares are unverified: no circular says how much ground makes two parcels one. A split that leaves less than a
# tenth of the smaller in common is a boundary that was drawn anew, and who keeps half of itself is still the same.
TOUCHED_SHARE_LEAST = 0.1
KEPT_SHARE_LEAST = 0.5
SAME_GROUND_SHARE_LEAST = 0.95
# Two surveys of one boundary, each as inaccurate as allowed: what they have in common by that alone is no wider.
SLIVER_WIDTH_MOST_M = 2 * VERTEX_ACCURACY_M
# A street or a point has no ground: this far around it counts. Unverified; half of a narrow lane.
REACH_M = 2.0
_WITH_AREA = 2  # dimension
_AT_ONCE = 50_000  # shapes whose candidates are in memory at a time
_PAIRS_OF_POINTS_MOST = 4_000_000  # beyond, every point against every segment takes seconds


@dataclass(frozen=True)
class Recognised:
    """What became of m held shapes, as n incoming ones say. Indices; -1 where there is none.

    continued    (n,) the held shape that goes on in this one alone
    origin       (n,) the held shape of the same group that this one has most of, or whose code it keeps
    group        (n,) and held_group (m,): number of the split, merger or redrawing, from 0
    kinds        (g,) "split", "merged", "redrawn"
    share        (n,) common ground of shape and `continued` over the larger of the two; nan where there is none
    group_share  (g,) common ground of a group over the larger side
    """

    continued: np.ndarray
    origin: np.ndarray
    group: np.ndarray
    held_group: np.ndarray
    kinds: np.ndarray
    share: np.ndarray
    group_share: np.ndarray


@dataclass(frozen=True)
class Edges:
    """k pairs with ground in common that no inaccuracy explains: `one` among the incoming, `other` among the held."""

    one: np.ndarray
    other: np.ndarray
    common: np.ndarray  # m²
    share: np.ndarray  # of the larger
    kept: np.ndarray  # bool: half of the smaller, at least
    same_code: np.ndarray  # bool


def recognised(incoming: np.ndarray, held: np.ndarray, twin: np.ndarray) -> Recognised:
    """Tell what goes on, what was split, merged and redrawn, among shapes that are not the same to the byte.

    incoming  (n,) shapes, metres; invalid ones are mended for the comparison alone
    held      (m,) likewise
    twin      (n,) index of the held shape with the same code, or -1; each at most once

    Twice, what hangs together is looked at: first by pairs in which the smaller lies in the larger by half, so that a
    neighbour whose boundary moved as well does not belong to a split; what that leaves unexplained, by all pairs.
    """
    n, m = len(incoming), len(held)
    edges, area, held_area = edges_between(incoming, held, twin)
    continued, share = np.full(n, -1), np.full(n, np.nan)
    group, held_group = np.full(n, -1), np.full(m, -1)
    free, held_free = np.ones(n, dtype=bool), np.ones(m, dtype=bool)
    kinds: list[np.ndarray] = [np.empty(0, dtype=object)]
    group_share: list[np.ndarray] = [np.empty(0)]

    def total(labels: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        return np.bincount(labels, weights, minlength=n + m)

    for last in (False, True):
        used = np.flatnonzero(free[edges.one] & held_free[edges.other] & (edges.kept | last))
        one, other = edges.one[used], edges.other[used]
        label = components(n + m, one, n + other)
        part, held_part = label[:n], label[n:]
        count, held_count = total(part), total(held_part)
        ground = total(part[one], edges.common[used]) / np.maximum(
            np.maximum(total(part, area), total(held_part, held_area)), np.finfo(float).tiny
        )
        alone = (count == 1) & (held_count == 1)
        same_ground = alone & (ground >= SAME_GROUND_SHARE_LEAST)
        goes_on = same_ground | ((count == held_count) & (total(part[one[edges.same_code[used]]]) == count))
        pairs = used[goes_on[part[one]] & (alone[part[one]] | edges.same_code[used])]
        continued[edges.one[pairs]], share[edges.one[pairs]] = edges.other[pairs], edges.share[pairs]

        together = (count > 0) & (held_count > 0) & ~goes_on
        if last:
            together &= (total(part[one[edges.kept[used]]]) > 0) | (ground >= KEPT_SHARE_LEAST)
        else:
            together &= ((count == 1) ^ (held_count == 1)) & (ground >= SAME_GROUND_SHARE_LEAST)
        found = np.flatnonzero(together)
        number = np.full(n + m, -1)
        number[found] = np.arange(len(found)) + sum(map(len, kinds))
        group, held_group = np.maximum(group, number[part]), np.maximum(held_group, number[held_part])
        many, held_many = count[found] > 1, held_count[found] > 1
        kinds.append(np.select([many & ~held_many, ~many & held_many], ["split", "merged"], "redrawn").astype(object))
        group_share.append(ground[found])
        free = (continued < 0) & (group < 0)
        held_free = held_group < 0
        held_free[continued[continued >= 0]] = False
    return Recognised(
        continued, _origins(edges, group, held_group), group, held_group, np.concatenate(kinds), share,
        np.minimum(np.concatenate(group_share), 1.0),
    )  # fmt: skip


def _grounds(shapes: np.ndarray) -> np.ndarray:
    """(n,) valid shapes that have an area: lines and points with what lies around them."""
    grounds = shapes.copy()
    invalid = ~shapely.is_valid(grounds)
    grounds[invalid] = shapely.make_valid(grounds[invalid], method="structure", keep_collapsed=False)
    thin = shapely.get_dimensions(grounds) < _WITH_AREA
    grounds[thin] = shapely.buffer(grounds[thin], REACH_M, quad_segs=2)
    return grounds


def edges_between(incoming: np.ndarray, held: np.ndarray, twin: np.ndarray) -> tuple[Edges, np.ndarray, np.ndarray]:
    """All pairs that have ground in common, and the areas of either side; arguments as for recognised."""
    incoming, held = _grounds(incoming), _grounds(held)
    area, held_area = shapely.area(incoming), shapely.area(held)
    bounds, held_bounds = shapely.bounds(incoming), shapely.bounds(held)
    tree = shapely.STRtree(held)
    parts = []
    for start in range(0, len(incoming), _AT_ONCE):
        one, other = tree.query(incoming[start : start + _AT_ONCE])
        one = one + start
        # Neighbours only touch: what two boxes have in common is the most that their shapes can have.
        box = np.minimum(bounds[one, 2:], held_bounds[other, 2:]) - np.maximum(bounds[one, :2], held_bounds[other, :2])
        smaller = np.minimum(area[one], held_area[other])
        enough = box.prod(axis=1) >= TOUCHED_SHARE_LEAST * smaller
        one, other, smaller = one[enough], other[enough], smaller[enough]
        shapes = shapely.intersection(incoming[one], held[other])
        common, around = shapely.area(shapes), shapely.length(shapes)
        share = np.minimum(common / np.maximum(np.maximum(area[one], held_area[other]), np.finfo(float).tiny), 1.0)
        same_code = twin[one] == other
        wide = 2 * common > SLIVER_WIDTH_MOST_M * around
        kept = (common >= KEPT_SHARE_LEAST * smaller) & (wide | same_code | (share >= KEPT_SHARE_LEAST))
        found = (common > 0) & (kept | (wide & (common >= TOUCHED_SHARE_LEAST * smaller)))
        parts.append([column[found] for column in (one, other, common, share, kept, same_code)])
    empty, no = np.empty(0, dtype=np.int64), np.empty(0, dtype=bool)
    parts.append([empty, empty, np.empty(0), np.empty(0), no, no])
    return Edges(*(np.concatenate(column) for column in zip(*parts, strict=True))), area, held_area


def _origins(edges: Edges, group: np.ndarray, held_group: np.ndarray) -> np.ndarray:
    inside = np.flatnonzero((group[edges.one] >= 0) & (group[edges.one] == held_group[edges.other]))
    one, other = edges.one[inside], edges.other[inside]
    order = np.lexsort((other, -edges.common[inside], ~edges.same_code[inside], one))
    members, first = np.unique(one[order], return_index=True)
    origin = np.full(len(group), -1)
    origin[members] = other[order][first]
    return origin


def components(count: int, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(count,) the lowest number of all that each hangs together with by the pairs (one, other)."""
    label = np.arange(count)
    while True:
        low = np.minimum(label[one], label[other])
        lower = label.copy()
        for ends in (label[one], label[other]):
            np.minimum.at(lower, ends, low)
        lower = lower[lower]
        if np.array_equal(lower, label):
            return label
        label = lower


def common_shares(shapes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(n,) ground in common of each pair over the larger of the two, 0 to 1."""
    shapes, others = _grounds(shapes), _grounds(others)
    larger = np.maximum(shapely.area(shapes), shapely.area(others))
    common = shapely.area(shapely.intersection(shapes, others))
    return np.minimum(common / np.maximum(larger, np.finfo(float).tiny), 1.0)


def distances(shapes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(n,) metres: the farthest that any vertex of each pair lies from the other's boundary (Hausdorff, discrete)."""
    found = np.empty(len(shapes))
    large = shapely.get_num_coordinates(shapes) * shapely.get_num_coordinates(others) > _PAIRS_OF_POINTS_MOST
    found[~large] = shapely.hausdorff_distance(shapes[~large], others[~large])
    for index in np.flatnonzero(large).tolist():  # a province's outline; there are a few dozen
        pair = shapes[index], others[index]
        found[index] = max(_farthest(pair[0], pair[1]), _farthest(pair[1], pair[0]))
    return found


def _farthest(shape: shapely.Geometry, other: shapely.Geometry) -> float:
    """The same one way, with an index of the other's segments."""
    lines = shapely.get_parts(shapely.boundary(other) if shapely.get_dimensions(other) == _WITH_AREA else other)
    points, line = shapely.get_coordinates(lines, return_index=True)
    joined = np.flatnonzero(line[1:] == line[:-1])
    tree = shapely.STRtree(shapely.linestrings(np.stack([points[joined], points[joined + 1]], axis=1)))
    vertices = shapely.points(shapely.get_coordinates(shape))
    _nearest, distance = tree.query_nearest(vertices, return_distance=True, all_matches=False)
    return float(distance.max())
