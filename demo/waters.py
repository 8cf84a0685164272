"""The river, canals beside country roads, ponds, and the railway: what is neither a lot nor a street."""

from dataclasses import dataclass

import numpy as np
import shapely

from demo.blocks import Blocks
from demo.ground import Ground
from demo.mesh import Line, Mesh
from demo.names import RAILWAY, RIVER, invented
from demo.pieces import Pieces
from demo.quarters import Kind
from demo.streets import Streets

_STEP_M, _INSIDE_M = 15.0, 8.0
_CANAL_SHARE = 0.35  # of the roads between fields have a canal at either side
CANALS_M = 10.0  # how much wider the land between the fields is for them
_CANAL_FROM_M, _CANAL_TO_M, _CULVERT_M, _LEAST_CANAL_M = 4.6, 7.9, 7.0, 30.0
_POINTS, _LEAST_POND_M2 = 13, 200.0


@dataclass(frozen=True)
class Waters:
    """Waters (n,): name or "", river, canal, lake or pond, surface in the register's system."""

    name: np.ndarray
    kind: np.ndarray
    surface: np.ndarray


def choose_canals(mesh: Mesh, pieces: Pieces, kind: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The lines at whose sides canals run, all between fields; makes room for them. Before blocks are cut."""
    lots_on = np.append(kind, int(Kind.WILD))[pieces.beside]
    fields = np.ones(len(mesh.line_ends), dtype=bool)
    fields[pieces.line[(lots_on != Kind.FIELD).any(axis=1)]] = False
    fields &= mesh.line_class == Line.LOCAL
    canals = np.flatnonzero(fields & (random.random(len(fields)) < _CANAL_SHARE))
    mesh.line_width[canals] += CANALS_M
    return canals


def river_and_canals(streets: Streets, canals: np.ndarray, ground: Ground, random: np.random.Generator) -> Waters:
    """What flows: the river through all of the plane, and the canals, which go under crossings in culverts."""
    u = _through(ground)
    half_m = ground.river_m / 2
    bank = np.concatenate([np.column_stack([u, u * 0 - half_m]), np.column_stack([u, u * 0 + half_m])[::-1]])
    river = shapely.polygons(ground.place(bank))

    mine = np.isin(streets.line, canals)
    start, end = streets.nodes[streets.start[mine]], streets.nodes[streets.end[mine]]
    length_m = np.hypot(*(end - start).T)
    on = (end - start) / length_m[:, None]
    aside = np.column_stack([-on[:, 1], on[:, 0]])
    long = length_m > _LEAST_CANAL_M
    start, end, on, aside = (start + _CULVERT_M * on)[long], (end - _CULVERT_M * on)[long], on[long], aside[long]
    strips = []
    for side in (-1.0, 1.0):
        near, far = (
            _along(start + side * at * aside, end + side * at * aside, _POINTS) for at in (_CANAL_FROM_M, _CANAL_TO_M)
        )
        strips.append(shapely.polygons(ground.place(np.concatenate([near, far[:, ::-1]], axis=1))))
    _, canal = np.unique(np.tile(streets.line[mine][long], 2), return_inverse=True)
    order = np.argsort(canal, kind="stable")
    surface = shapely.multipolygons(np.concatenate(strips)[order], indices=canal[order])
    return Waters(
        name=np.concatenate([np.array([RIVER], dtype=object), "Kênh " + invented(len(surface), random)]),
        kind=np.array(["river"] + ["canal"] * len(surface), dtype=object),
        surface=np.concatenate([[river], surface]),
    )


def _through(ground: Ground) -> np.ndarray:
    """(n,) places along the plane, from just inside its border to just inside the other."""
    west, _, east, _ = ground.extent
    return np.arange(west + _INSIDE_M, east - _INSIDE_M, _STEP_M)


def standing_waters(blocks: Blocks, which: np.ndarray, shape: np.ndarray) -> Waters:
    """Ponds and the lakes in parks, of one ward's blocks (k,) with their Polygons (k,)."""
    use = blocks.use[which]
    found = np.isin(use, ("pond", "park"))
    park, across_m = use[found] == "park", np.sqrt(shapely.area(shape[found]))
    shore_m = across_m * np.where(park, 0.17, 0.11)
    # In by more than the shore and out again: no corner is left.
    round_m = across_m * np.where(park, 0.15, 0.12)
    surface = shapely.buffer(shapely.buffer(shape[found], -(shore_m + round_m)), round_m, quad_segs=6)
    wet = shapely.area(surface) > _LEAST_POND_M2
    kind = np.where(park[wet], "lake", "pond").astype(object)
    return Waters(np.full(len(kind), "", dtype=object), kind, surface[wet])


def railway(track_v: float, ground: Ground) -> tuple[str, shapely.Geometry]:
    """Its name and its course through all of the plane, in the register's system."""
    u = _through(ground)
    course = ground.place(np.column_stack([u, np.full(len(u), track_v)]))
    return RAILWAY, shapely.multilinestrings([shapely.linestrings(course)])


def _along(start: np.ndarray, end: np.ndarray, points: int) -> np.ndarray:
    """(n, points, 2): evenly spaced points from start to end (n, 2), the ends exactly as given."""
    share = np.linspace(0.0, 1.0, points)[None, :, None]
    between = start[:, None, :] + share * (end - start)[:, None, :]
    between[:, -1] = end
    return between
