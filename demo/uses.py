"""What the town needs besides homes: which blocks become parks, schools, markets, a station and so on."""

import numpy as np

from demo.mesh import Line, Mesh
from demo.quarters import Kind, recipe_values
from demo.skeleton import Size

_TOWN, _HOMES = (Kind.OLD, Kind.NEW, Kind.VILLA), (Kind.OLD, Kind.NEW, Kind.VILLA, Kind.VILLAGE)
# Use: one for how many lots of the city, in which quarters, least and largest area in square metres. The first that
# is placed takes the best block; all have at least one.
_NEEDS: dict[str, tuple[int, tuple[Kind, ...], float, float]] = {
    "square": (30_000, _TOWN, 1500, 7000),
    "market": (6_000, _HOMES, 1200, 6000),
    "station": (400_000, (*_TOWN, Kind.INDUSTRY, Kind.VILLAGE, Kind.FIELD), 2500, 40_000),
    "school": (1_300, _HOMES, 3500, 12_000),
    "park": (1_500, _TOWN, 3000, 14_000),
    "office": (6_000, _HOMES, 1500, 6000),
    "clinic": (7_500, _HOMES, 1200, 5000),
    "culture": (6_000, _HOMES, 1200, 5000),
    "temple": (2_200, (Kind.OLD, Kind.VILLAGE), 700, 4500),
    "pond": (900, (Kind.VILLAGE,), 1500, 6500),
}
_LOTS_A_TOWN_PARK, _LEAST_TOWN_PARK_M2 = 9_000, 9_000.0


def town_parks(
    kind: np.ndarray, centre: np.ndarray, area_m2: np.ndarray, size: Size, random: np.random.Generator
) -> np.ndarray:
    """(q,) bool: quarters that are one large park each."""
    fit = np.isin(kind, (Kind.NEW, Kind.VILLA)) & (area_m2 > _LEAST_TOWN_PARK_M2)
    weight = np.where(np.isin(kind, _TOWN), area_m2, 0)
    parks = np.zeros(len(kind), dtype=bool)
    wanted = int(size.parcels / _LOTS_A_TOWN_PARK + 0.5)
    if wanted and fit.any():
        parks[_spread(centre, weight, np.flatnonzero(fit), wanted, random)] = True
    return parks


def choose_uses(
    mesh: Mesh, cells: np.ndarray, kind: np.ndarray, size: Size, track_v: float, random: np.random.Generator
) -> np.ndarray:
    """(b,) the one use of each block (b,) that has one, else ""."""
    centre, area_m2 = mesh.centre(cells), mesh.area_m2(cells)
    weight = np.where(np.isin(kind, _HOMES), area_m2 / np.maximum(recipe_values("gross_m2", kind), 1), 0)
    use = np.full(len(cells), "", dtype=object)
    # The main streets' cross, where the square and the market lie, is at the middle of the town.
    middle = np.hypot(*(centre - size.centre).T)
    at_track = np.hypot(0.5 * centre[:, 0], 3 * (centre[:, 1] - track_v)) + 1e9 * (centre[:, 1] > track_v)
    wide = mesh.line_class[mesh.sides[cells]].min(axis=1) <= Line.LOCAL
    for each, (lots_each, kinds, least_m2, most_m2) in _NEEDS.items():
        wanted = max(1, size.parcels // lots_each)
        free = (use == "") & np.isin(kind, kinds)
        if not free.any():
            continue
        fit = free & (area_m2 > least_m2) & (area_m2 < most_m2) & (wide | (each in ("temple", "pond")))
        if not fit.any():
            fit = free & (np.abs(area_m2 - least_m2) <= np.abs(area_m2[free] - least_m2).min())
        found = np.flatnonzero(fit)
        if each in ("square", "market", "station"):
            first = found[np.argmin((at_track if each == "station" else middle)[found])]
            use[first] = each
            wanted, found = wanted - 1, found[found != first]
        if wanted and len(found):
            use[_spread(centre, weight, found, wanted, random)] = each
    return use


def _spread(
    centre: np.ndarray, weight: np.ndarray, found: np.ndarray, wanted: int, random: np.random.Generator
) -> np.ndarray:
    """`wanted` of the blocks `found`, evenly by weight: along a curve that fills the plane, one in every so much."""
    low, high = centre.min(axis=0), centre.max(axis=0)
    cell = np.floor((centre - low) / (high - low + 1) * 1024).astype(np.int64)
    code = np.zeros(len(centre), dtype=np.int64)
    for bit in range(10):
        code |= ((cell[:, 0] >> bit) & 1) << (2 * bit) | ((cell[:, 1] >> bit) & 1) << (2 * bit + 1)
    order = np.argsort(code, kind="stable")
    reached = np.empty(len(centre))
    reached[order] = np.cumsum(weight[order])
    found = found[np.argsort(reached[found], kind="stable")]
    place = (np.arange(wanted) + random.uniform(0.3, 0.7, wanted)) / wanted * weight.sum()
    return np.unique(found[np.searchsorted(reached[found], place).clip(0, len(found) - 1)])
