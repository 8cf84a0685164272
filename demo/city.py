"""The whole city: from a number of parcels and a seed to everything that the registers take, without a database."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from demo.buildings import Buildings, build
from demo.cadastre import Cadastre, record
from demo.cameras import Cameras, hang
from demo.ground import Ground, ground
from demo.history import events, happened
from demo.lots import Lots, divide
from demo.networks import KITS, NetworkParts, lay_network
from demo.plans import PlanDrawing, draw_plan, plan_areas
from demo.quarters import LEAST_LOTS, Quarters, lay_out
from demo.streets import Streets, lay_streets
from demo.units import Units, commune_of, draw_units

CAMERAS = 20


@dataclass(frozen=True)
class City:
    """Everything that is drawn. `adopted`, `draft`, `consultation` are the plans by their state."""

    ground: Ground
    quarters: Quarters
    units: Units
    streets: Streets
    lots: Lots
    cadastre: Cadastre
    buildings: Buildings
    adopted: PlanDrawing
    draft: PlanDrawing
    consultation: PlanDrawing
    networks: list[NetworkParts]
    cameras: Cameras


def draw_city(parcels: int, seed: int, origin: tuple[float, float], today: date) -> City:
    """The city of that seed with exactly that many parcels in force today, as long as there are LEAST_LOTS.

    origin  easting, northing of its centre in the register's system, metres
    """
    if parcels < LEAST_LOTS:
        raise ValueError(f"A city has at least {LEAST_LOTS} parcels.")
    # Every merger will join two drawn lots into one parcel.
    happenings = events(parcels)
    drawn = parcels + happenings
    quarters = lay_out(drawn, seed)
    place = ground(origin, float(np.abs(quarters.bounds).max()), seed)
    streets = lay_streets(quarters, seed)
    blocks, lots = divide(quarters, drawn, place, seed)
    now, before = commune_of(quarters)
    history = happened(lots, (now == before)[lots.quarter], happenings, today, seed)
    covered, amended, open_to_comment = plan_areas(quarters)

    def plan(where: np.ndarray, instead: dict[str, str]) -> PlanDrawing:
        return draw_plan(where, quarters, blocks, lots, place, instead)

    return City(
        ground=place,
        quarters=quarters,
        units=draw_units(quarters, place, seed),
        streets=streets,
        lots=lots,
        cadastre=record(lots, quarters, history, seed),
        buildings=build(lots, seed),
        adopted=plan(covered, {}),
        draft=plan(amended, {"new": "mixed"}),
        consultation=plan(open_to_comment, {"field": "villa"}),
        networks=[lay_network(network, streets, place) for network in KITS],
        cameras=hang(streets, place, CAMERAS, seed),
    )
