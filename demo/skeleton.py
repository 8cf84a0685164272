"""The skeleton of the city: the river, the railway and the main streets, and what the land between them becomes."""

from dataclasses import dataclass

import numpy as np

from demo.mesh import Cut, Line, Mesh, cut
from demo.quarters import LOTS_ON, RECIPES, Kind

_HECTARE = 10_000.0
_QUAY_M, _RAIL_STREET_M, _COUNTRY_M = 17.0, 10.5, 13.0
RAILWAY_M = 22.0
_WILD_SHARE = 0.30  # of the plane that stays empty, so that the fields end where they like
_VILLAGE_LOTS = 260


@dataclass(frozen=True)
class Size:
    """How large everything is, metres.

    radius_m  of the town without villages, industry and fields
    centre    (2,) its middle, on the bank u >= 0
    extent    u0, v0, u1, v1
    """

    parcels: int
    radius_m: float
    total_m2: float
    river_m: float
    centre: np.ndarray
    extent: tuple[float, float, float, float]


def size_of(parcels: int) -> Size:
    """The size of a city of that many lots."""
    area_m2 = {kind: parcels * RECIPES[kind].share * RECIPES[kind].gross_m2 for kind in LOTS_ON}
    radius_m = float(np.sqrt((area_m2[Kind.OLD] + area_m2[Kind.NEW] + area_m2[Kind.VILLA]) / np.pi))
    total_m2 = sum(area_m2.values())
    river_m = float(np.clip(28 + 0.28 * parcels**0.5, 36, 260))
    margin_m = 2 * outside_m2(total_m2) ** 0.5  # no lot lies at the border itself
    width_m = float(np.sqrt(1.35 * total_m2 / (1 - _WILD_SHARE)))
    height_m = total_m2 / (1 - _WILD_SHARE) / width_m + river_m + margin_m
    width_m += margin_m
    centre = np.array([0.0, river_m / 2 + 0.55 * radius_m])
    south = -0.40 * height_m
    return Size(parcels, radius_m, total_m2, river_m, centre, (-width_m / 2, south, width_m / 2, south + height_m))


def outside_m2(total_m2: float) -> float:
    """The usual size of a neighbourhood outside the town of a city of that size, square metres."""
    return float(np.clip(total_m2 / 80, 1.6 * _HECTARE, 9.0 * _HECTARE))


@dataclass(frozen=True)
class Framework:
    """The mesh of the coarsest lines, and what they are.

    street           (m,) the street that each line is part of; lines come one after another along it
    bridge           (m,) bool: lines over the river
    river, rail      cells of the mesh
    column, columns  (c,) in which column between main streets a cell lies, and how many columns there are
    """

    mesh: Mesh
    column: np.ndarray
    columns: int
    street: np.ndarray
    bridge: np.ndarray
    river: np.ndarray
    rail: np.ndarray


def framework(size: Size, random: np.random.Generator) -> Framework:
    """The coarsest cells: banks, railway and main streets run through all of the plane."""
    radius_m, half_m = size.radius_m, size.river_m / 2 + _QUAY_M / 2
    west, south, east, north = size.extent
    track_v = size.centre[1] + 0.78 * radius_m
    band_m = (RAILWAY_M + _RAIL_STREET_M) / 2
    main_m = float(np.round(np.clip(20 + radius_m / 150, 22, 40)))
    levels = [(south, Line.NONE, 0.0), (-half_m, Line.SECONDARY, _QUAY_M), (half_m, Line.SECONDARY, _QUAY_M),
              (track_v - band_m, Line.LOCAL, _RAIL_STREET_M), (track_v + band_m, Line.LOCAL, _RAIL_STREET_M),
              (north, Line.NONE, 0.0)]  # fmt: skip
    if radius_m > 350:
        levels.append((float(size.centre[1]), Line.MAIN, main_m))
    if radius_m > 1300:
        levels += [(-half_m - 0.6 * radius_m, Line.MAIN, main_m), (track_v + 0.7 * radius_m, Line.MAIN, main_m)]
    if radius_m > 2500:
        levels += [(float(size.centre[1] + share * radius_m), Line.MAIN, main_m) for share in (-0.27, 0.39)]
    levels.sort(key=lambda level: level[0])
    firm = np.array([line != Line.MAIN for _, line, _ in levels])  # banks, tracks and borders stay straight
    bridges = 2 * int(np.clip(radius_m / 1500, 0, 4)) + 1
    spacing_m = 2 * radius_m * 0.95 / bridges
    uprights = np.concatenate([[west], (np.arange(bridges) - bridges // 2) * spacing_m, [east]])

    columns, rows = len(uprights), len(levels)
    u = np.repeat(uprights[:, None], rows, axis=1)
    v = np.repeat(np.array([level for level, _, _ in levels])[None], columns, axis=0)
    stray = np.zeros((columns, rows))
    stray[1:-1] = random.uniform(-0.08, 0.08, (bridges, rows)) * min(spacing_m, 2 * radius_m)
    for row in range(1, rows):  # both banks, and both sides of the railway, are crossed at right angles
        if levels[row][0] - levels[row - 1][0] < max(2 * half_m, 2 * band_m) + 1:
            stray[:, row] = stray[:, row - 1]
    u = u + stray
    v = v + np.where(firm, 0.0, 0.05 * radius_m) * random.uniform(-1, 1, (columns, rows))
    nodes = np.stack([u, v], axis=-1).reshape(-1, 2)

    def node(i: np.ndarray, j: np.ndarray) -> np.ndarray:
        return i * rows + j

    level_i, level_j = (axis.ravel() for axis in np.meshgrid(np.arange(columns - 1), np.arange(rows), indexing="ij"))
    up_i, up_j = (axis.ravel() for axis in np.meshgrid(np.arange(columns), np.arange(rows - 1), indexing="ij"))
    border = (up_i == 0) | (up_i == columns - 1)
    ends = np.concatenate(
        [np.column_stack([node(level_i, level_j), node(level_i + 1, level_j)]),
         np.column_stack([node(up_i, up_j), node(up_i, up_j + 1)])]
    )  # fmt: skip
    line_class = np.concatenate(
        [np.array([line for _, line, _ in levels])[level_j], np.where(border, Line.NONE, Line.MAIN)]
    )
    width_m = np.concatenate([np.array([width for *_, width in levels])[level_j], np.where(border, 0.0, main_m)])
    # Outside the town a main street is a country road, with a name of its own.
    middle = nodes[ends].mean(axis=1)
    outside = town_distance(size, middle, np.zeros(len(middle))) > 1.25
    width_m = np.where(outside, np.minimum(width_m, _COUNTRY_M), width_m)
    way = np.concatenate([middle[: len(level_i), 0], middle[len(level_i) :, 1] - size.centre[1]])
    run = np.where(outside, np.where(way < 0, 0, 2), 1)
    i, j = (axis.ravel() for axis in np.meshgrid(np.arange(columns - 1), np.arange(rows - 1), indexing="ij"))
    upright = (columns - 1) * rows
    sides = np.column_stack(
        [i * rows + j, upright + (i + 1) * (rows - 1) + j, i * rows + j + 1, upright + i * (rows - 1) + j]
    )
    corners = np.column_stack([node(i, j), node(i + 1, j), node(i + 1, j + 1), node(i, j + 1)])
    mesh = Mesh(nodes, ends, line_class.astype(int), width_m, corners, sides)
    bottom = np.array([level for level, _, _ in levels])
    river, rail = (
        np.flatnonzero(np.isclose(bottom[j], -half_m)),
        np.flatnonzero(np.isclose(bottom[j], track_v - band_m)),
    )
    return Framework(
        mesh=mesh,
        column=i,
        columns=columns - 1,
        street=3 * np.concatenate([level_j, rows + up_i]) + run,
        bridge=np.concatenate([np.zeros(len(level_j), dtype=bool), np.isclose(bottom[up_j], -half_m)]),
        river=river,
        rail=rail,
    )


def town_distance(size: Size, point: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """(n,) distance of points (n, 2) from the centre as a share of the town's radius: 1 is where the town ends.

    noise  (n,) about -1 to 1: towns are no circles
    """
    u, v = (point - size.centre).T
    over_there = point[:, 1] < 0
    share = np.hypot(0.9 * u, v * np.where(over_there, 1.05, 1.0)) / size.radius_m
    return share * np.where(over_there, 1.12, 1.0) + 0.16 * noise


def smooth_noise(point: np.ndarray, length_m: float, random: np.random.Generator) -> np.ndarray:
    """(n,) numbers of about -1 to 1 at points (n, 2) that change gently over `length_m`."""
    total = np.zeros(len(point))
    for _ in range(5):
        direction = random.uniform(0, 2 * np.pi)
        on = point @ np.array([np.cos(direction), np.sin(direction)])
        total += np.sin(2 * np.pi * on / (length_m * random.uniform(0.6, 1.6)) + random.uniform(0, 2 * np.pi))
    return total / 2.2


def divide_land(frame: Framework, size: Size, random: np.random.Generator) -> np.ndarray:
    """Cut the framework's land into neighbourhoods, smaller ones in town. Returns their cells."""
    mesh = frame.mesh
    land = np.setdiff1d(mesh.living(), np.concatenate([frame.river, frame.rail]))
    urban_m2 = np.pi * size.radius_m**2
    inside_m2 = float(np.clip(urban_m2 / 30, 0.9 * _HECTARE, 4.5 * _HECTARE))
    rural_m2 = outside_m2(size.total_m2)
    calm = np.random.default_rng(0)  # only the size of cells hangs on it
    while True:
        distance = town_distance(size, mesh.centre(land), np.zeros(len(land)))
        wanted_m2 = np.interp(distance, [1.05, 1.5], [inside_m2, rural_m2])
        area_m2 = mesh.area_m2(land)
        # A large cell that the town only touches is cut as well: its near half may be in town.
        due = area_m2 > 1.6 * np.where(area_m2 > 3 * rural_m2, inside_m2, wanted_m2)
        if not due.any():
            return land
        # Not all at once, so that streets can meet those across the way.
        now = due & ((calm.random(len(land)) < 0.6) | (due.sum() < 3))
        first, second = mesh.spread(land)
        mesh.turn(land[now & (first < second)])
        large, made = area_m2 > max(0.16 * urban_m2, 5 * inside_m2), [land]
        for line, town_m, country_m, which in (
            (Line.SECONDARY, 20.0, 12.0, now & large),
            (Line.LOCAL, 13.0, 7.5, now & ~large),
        ):
            ones = np.ones(int(which.sum()), dtype=int)
            width_m = np.where(distance[which] < 1.25, town_m, country_m)
            how = Cut(line, width_m, uneven=0.22, slant=0.13, snap_m=26.0)
            made.append(cut(mesh, land[which], 2 * ones, ones, how, random))
        land = np.concatenate(made)
        land = land[mesh.alive[land]]


def choose_kinds(frame: Framework, size: Size, land: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """(n,) what each neighbourhood (n,) becomes, so that the kinds have about their shares of the lots."""
    mesh, radius_m = frame.mesh, size.radius_m
    centre, area_m2 = mesh.centre(land), mesh.area_m2(land)
    noise = smooth_noise(centre, 1.1 * radius_m + 300, random) + 0.5 * smooth_noise(
        centre, 0.3 * radius_m + 200, random
    )
    distance = town_distance(size, centre, noise)
    kind = np.full(len(land), int(Kind.WILD))
    at_border = (mesh.line_class[mesh.sides[land]] == Line.NONE).any(axis=1)  # no street leads along it

    def fill(which: Kind, score: np.ndarray, share: float = 1.0) -> None:
        """The free cells of lowest score become `which`, until its lots are there."""
        free = np.flatnonzero((kind == Kind.WILD) & ~at_border)
        ranked = free[np.argsort(score[free], kind="stable")]
        wanted = share * RECIPES[which].share * size.parcels
        lots = np.cumsum(area_m2[ranked]) / RECIPES[which].gross_m2
        kind[ranked[: 1 + int(np.searchsorted(lots, wanted - 0.5 * lots[0]))]] = which

    # The old town lies at the main bridge; a large city has swallowed other old places.
    others = int(size.parcels // 40_000)
    angle, away = random.uniform(0, 2 * np.pi, others), random.uniform(0.35, 0.95, others) * radius_m
    cores = size.centre + np.column_stack([away * np.cos(angle), away * np.sin(angle)])
    cores = np.concatenate([[[0.0, size.river_m / 2 + 0.25 * radius_m]], cores])
    weight = np.concatenate([[1.0], random.uniform(0.18, 0.38, others)])
    core_distance = np.hypot(*np.moveaxis(centre[:, None] - cores[None], -1, 0)) / weight
    fill(Kind.OLD, core_distance.min(axis=1) + 0.08 * radius_m * smooth_noise(centre, 0.5 * radius_m, random))

    quiet = smooth_noise(centre, 0.9 * radius_m, random)
    town = np.where(distance < 1.02, -quiet, 10 + distance)
    fill(Kind.VILLA, np.where(distance > 0.45, town, 20 + distance))
    fill(Kind.NEW, distance)

    # Works lie at the railway beyond the last houses; a large city has several such places.
    others = int(size.parcels // 90_000)
    angle, away = random.uniform(0, 2 * np.pi, others), random.uniform(1.1, 1.5, others) * radius_m
    works = size.centre + np.column_stack([away * np.cos(angle), away * np.sin(angle)])
    works = np.concatenate([[[1.25 * radius_m, size.centre[1] + 0.8 * radius_m]], works])
    weight = np.concatenate([[1.0], random.uniform(0.6, 1.3, others)])
    to_works = _nearest(centre, works, weight)
    fill(Kind.INDUSTRY, to_works * (1 + 0.25 * smooth_noise(centre, 0.6 * radius_m, random)))

    villages = max(3, round(RECIPES[Kind.VILLAGE].share * size.parcels / _VILLAGE_LOTS))
    outer = np.flatnonzero((kind == Kind.WILD) & ~at_border & (distance > 1.0))
    outer = outer[np.argsort(distance[outer], kind="stable")]
    # Land for villages and their fields reaches about this far; some hamlets lie out there alone.
    reached = np.searchsorted(np.cumsum(area_m2[outer]), 0.72 * size.total_m2)
    chosen = outer[random.permutation(max(villages, int(reached)))[:villages] % len(outer)]
    village_size = random.uniform(0.45, 1.3, villages)
    to_village = _nearest(centre, centre[chosen], village_size)
    fill(Kind.VILLAGE, to_village + 30 * smooth_noise(centre, 400.0, random))
    close = np.exp(-((_nearest(centre, centre[kind == Kind.VILLAGE]) / 420.0) ** 2))
    fill(Kind.FIELD, distance + 0.22 * smooth_noise(centre, 0.8 * radius_m, random) - 0.5 * close)
    return kind


def _nearest(points: np.ndarray, places: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """(n,) distance from each point to the nearest place, metres; of a place of weight 2 half of it."""
    nearest = np.full(len(points), np.inf)
    for number, place in enumerate(places):
        away = np.hypot(*(points - place).T)
        nearest = np.minimum(nearest, away if weight is None else away / weight[number])
    return nearest
