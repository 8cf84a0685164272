"""The whole city without a database: a small skeleton of all streets and blocks, and the wards that are drawn from it
one after another, so that a city of any size needs the memory of one ward."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from demo.addresses import Addresses, Numbers, address, number_houses
from demo.blocks import (
    Blocks,
    cut_blocks,
    cut_quarters,
    face_streets,
    lay_blocks,
    narrow,
    narrow_old_streets,
)
from demo.buildings import Buildings, build
from demo.cadastre import Cadastre, record
from demo.ground import Ground, ground, grown_without_plan
from demo.history import events, happened
from demo.lots import Lots, divide
from demo.mesh import Line, Mesh
from demo.pieces import Cells, Pieces, connected, pieces_around
from demo.places import Places, name_places
from demo.quarters import LEAST_LOTS, Kind, Quarters
from demo.skeleton import Size, choose_kinds, divide_land, framework, size_of
from demo.streets import Streets, is_street, lay_streets
from demo.units import Units, draw_units, merged_quarters, part_quarters
from demo.uses import choose_uses, town_parks
from demo.waters import CANALS_M, Waters, choose_canals, river_and_canals, standing_waters

# Greatest distance between two points with which a line of each class is drawn, metres.
_STEP_M = np.array([15.0, 15.0, 12.0, 7.0, 7.0])


@dataclass(frozen=True)
class City:
    """The skeleton. Parts are wards: `quarters.part`, `blocks.part`, `streets.part` say what is in which.

    cells          quarters to the middle of the streets around them
    track_v        the railway is the line v = track_v
    merged         (q,) bool: quarters that were a commune of their own before a ward took it over
    happenings     (parts,) how many splits, mergers and changes of lots each ward has seen
    """

    seed: int
    parcels: int
    today: date
    size: Size
    ground: Ground
    mesh: Mesh
    cells: Cells
    quarters: Quarters
    blocks: Blocks
    streets: Streets
    numbers: Numbers
    units: Units
    places: Places
    waters: Waters
    track_v: float
    merged: np.ndarray
    happenings: np.ndarray

    @property
    def parts(self) -> int:
        """How many wards there are."""
        return len(self.happenings)


@dataclass(frozen=True)
class Part:
    """One ward: its blocks (k,) by their numbers in the city, their Polygons, and what stands on them."""

    number: int
    blocks: np.ndarray
    block_shape: np.ndarray
    lots: Lots
    cadastre: Cadastre
    buildings: Buildings
    addresses: Addresses
    waters: Waters


def draw_city(parcels: int, seed: int, origin: tuple[float, float], today: date) -> City:
    """The skeleton of the city of that seed, for exactly that many parcels in force today.

    origin  easting, northing of its main bridge in the register's system, metres

    Raises ValueError when there are fewer than LEAST_LOTS.
    """
    if parcels < LEAST_LOTS:
        raise ValueError(f"A city has at least {LEAST_LOTS} parcels.")
    drawn = parcels + events(parcels)  # every merger will join two drawn lots into one parcel
    size = size_of(drawn)
    random = np.random.default_rng([seed, 2])
    frame = framework(size, random)
    mesh = frame.mesh
    mesh.label = frame.column.copy()
    land = divide_land(frame, size, random)
    kind_of_land = choose_kinds(frame, size, land, random)
    cells, kind = cut_quarters(mesh, land, kind_of_land, random)
    cells = np.concatenate([cells, frame.river, frame.rail])
    kind = np.concatenate([kind, np.full(len(frame.river), Kind.RIVER), np.full(len(frame.rail), Kind.RAILWAY)])
    centre, area_m2 = mesh.centre(cells), mesh.area_m2(cells)
    eastern = mesh.label[cells] >= frame.columns / 2

    through = np.zeros(len(mesh.line_ends), dtype=bool)
    through[: len(frame.street)] = np.isin(mesh.line_class[: len(frame.street)], (Line.MAIN, Line.SECONDARY))
    pieces = pieces_around(mesh, cells, _STEP_M[mesh.line_class])
    kind[_cut_off(pieces, kind, through)] = Kind.WILD
    canals = choose_canals(mesh, pieces, kind, random)
    quarters = Quarters(kind, centre, area_m2, part_quarters(kind, centre, area_m2, eastern, size.centre))

    narrow_old_streets(mesh, cells, kind)
    mesh.label[cells] = np.arange(len(cells))
    parks = town_parks(kind, centre, area_m2, size, random)
    block_cells = cut_blocks(mesh, cells, kind, parks, random)
    block_kind = kind[mesh.label[block_cells]]
    single = face_streets(mesh, block_cells, block_kind)
    track_v = float(centre[kind == Kind.RAILWAY, 1].mean())
    green = narrow(mesh, block_cells)
    use = choose_uses(
        mesh,
        block_cells,
        np.where(green | parks[mesh.label[block_cells]], Kind.WILD, block_kind),
        size,
        track_v,
        random,
    )
    use[(green & (block_kind != Kind.FIELD)) | parks[mesh.label[block_cells]]] = "park"
    blocks = lay_blocks(mesh, block_cells, quarters, single, use, drawn, random)

    grown = np.isin(kind, (Kind.OLD, Kind.VILLAGE))
    place = ground(origin, size.extent, size.river_m, seed)
    place = grown_without_plan(place, centre[grown], area_m2[grown])
    pieces = pieces_around(mesh, cells, _STEP_M[mesh.line_class])
    through = np.append(through, np.zeros(len(mesh.line_ends) - len(through), dtype=bool))
    live = is_street(pieces, quarters, through)
    road_m = mesh.line_width.copy()
    road_m[canals] -= CANALS_M
    streets = lay_streets(mesh, pieces, live, quarters, frame.street, frame.bridge, road_m, random)
    streets, numbers = number_houses(streets, blocks, mesh)
    homes = _homes(blocks)
    merged = merged_quarters(quarters, np.bincount(blocks.quarter, homes, minlength=len(quarters)))
    return City(
        seed=seed,
        parcels=parcels,
        today=today,
        size=size,
        ground=place,
        mesh=mesh,
        cells=Cells(pieces, place),
        quarters=quarters,
        blocks=blocks,
        streets=streets,
        numbers=numbers,
        units=draw_units(quarters, merged, Cells(pieces, place), random),
        places=name_places(blocks, streets, mesh.centre(land[kind_of_land == Kind.VILLAGE]), random),
        waters=river_and_canals(streets, canals, place, random),
        track_v=track_v,
        merged=merged,
        happenings=_happenings(blocks.part, np.where(merged[blocks.quarter], 0, homes), events(parcels)),
    )


def draw_part(city: City, number: int) -> Part:
    """One ward of the city, from 0; the same whichever wards were drawn before."""
    blocks, block_shape, lots = divide(city.blocks, number, city.mesh, city.ground, city.seed)
    merged = city.merged[lots.quarter]
    count = int(city.happenings[number])
    first = number == int(np.flatnonzero(city.happenings)[0])
    history = happened(lots, ~merged, count, city.today, city.seed, number, first)
    buildings = build(lots, np.random.default_rng([city.seed, 5, number]))
    return Part(
        number=number,
        blocks=blocks,
        block_shape=block_shape,
        lots=lots,
        cadastre=record(lots, city.units.code[number], merged, history, np.random.default_rng([city.seed, 9, number])),
        buildings=buildings,
        addresses=address(lots, np.unique(buildings.lot), city.numbers, city.streets),
        waters=standing_waters(city.blocks, blocks, block_shape),
    )


def _cut_off(pieces: Pieces, kind: np.ndarray, through: np.ndarray) -> np.ndarray:
    """(q,) bool: quarters from which no street leads to the town."""
    quarters = Quarters(kind, np.empty((0, 2)), np.empty(0), np.empty(0))
    live = is_street(pieces, quarters, through) & (pieces.beside >= 0).any(axis=1)
    name = connected(len(pieces.mesh.nodes), pieces.start[live], pieces.end[live])[pieces.start[live]]
    values, counts = np.unique(name, return_counts=True)
    away = np.flatnonzero(live)[name != values[counts.argmax()]]
    cut_off = np.zeros(len(kind) + 1, dtype=bool)
    cut_off[pieces.beside[away]] = True
    return cut_off[:-1] & (kind < Kind.RIVER)


def _homes(blocks: Blocks) -> np.ndarray:
    """(b,) how many lots of each block are homes that may change hands."""
    lots = np.bincount(blocks.row_block, blocks.row_lots, minlength=len(blocks))
    return np.where(np.isin(blocks.kind, (Kind.OLD, Kind.NEW, Kind.VILLA)) & (blocks.use == ""), lots, 0)


def _happenings(part: np.ndarray, homes: np.ndarray, total: int) -> np.ndarray:
    """(parts,) `total` events, more where there are more homes: of each block (b,) its ward and its homes."""
    exact = np.bincount(part, homes) * (total / homes.sum())
    share = np.floor(exact).astype(int)
    share[np.argsort(share - exact, kind="stable")[: total - int(share.sum())]] += 1
    return share
