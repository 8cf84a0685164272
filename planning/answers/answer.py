"""The answer for one parcel as plain values: what every page, document and panel shows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from layers.parcels.queries import LandUse, Relation

Status = Literal["applies", "unknown"]


@dataclass(frozen=True)
class Function:
    """What a zone is for, with the colour that the circular prescribes ("" where the code is not in its table)."""

    code: str
    name: str
    colour: str


@dataclass(frozen=True)
class Plan:
    """The plan that a zone belongs to."""

    code: str
    title: str
    state: str
    state_name: str
    decision_ref: str
    url: str | None = None


@dataclass(frozen=True)
class Indicator:
    """One limit that a zone sets; value in `unit` ("" for counts and ratios)."""

    key: str
    title: str
    value: float
    unit: str


@dataclass(frozen=True)
class Limit:
    """One limit in words, as a table tells it; where a zone has a least and a most, one limit."""

    key: str
    title: str
    words: str


@dataclass(frozen=True)
class ZoneShare:
    """One zone and how much of the parcel lies in it.

    too_close_to_call  the part in the zone is thinner than survey accuracy: it may be none at all
    population         that the plan foresees in the whole zone: no limit of a parcel
    """

    id: int
    code: str
    share_percent: float
    area_m2: float
    too_close_to_call: bool
    function: Function
    plan: Plan
    indicators: Sequence[Indicator]
    population: int | None = None


@dataclass(frozen=True)
class Planning:
    """What adopted plans say about the parcel as a whole.

    status            "applies", or "unknown" where no adopted plan in the register says anything
    uncovered_m2      area for which no adopted plan in the register says anything, uncovered_percent its share
    notes             sentences for the reader, the most important first
    """

    status: Status
    uncovered_m2: float
    uncovered_percent: float
    notes: Sequence[str]

    @property
    def note(self) -> str:
        """All notes as one text."""
        return " ".join(self.notes)


@dataclass(frozen=True)
class Commune:
    """The commune by its code; the name is None where the register does not hold it."""

    code: str
    name: str | None


@dataclass(frozen=True)
class Position:
    """A place on the parcel: WGS 84 degrees, and metres of the register's zone."""

    lon: float
    lat: float
    easting: float
    northing: float


@dataclass(frozen=True)
class ParcelAnswer:
    """What the platform knows about one parcel on one day, for one person.

    old         sheet and number before the last re-survey
    zones       of adopted plans; coming: of plans in consultation; drafts: of plans that only planners see
    bounds      west, south, east, north, WGS 84 degrees
    came_from, became  the next generation each way
    old_number_of      codes of parcels that bore this parcel's sheet and number before a re-survey
    addresses          house numbers with their streets whose entrance is on the parcel
    """

    code: str
    identity: int
    as_of: date
    commune: Commune
    sheet: str
    number: str
    old: tuple[str, str] | None
    land_use: Sequence[LandUse]
    area_document_m2: float | None
    area_measured_m2: float
    valid_from: date | None
    planning: Planning
    zones: Sequence[ZoneShare]
    centre: Position
    bounds: tuple[float, float, float, float]
    coming: Sequence[ZoneShare] = ()
    drafts: Sequence[ZoneShare] = ()
    came_from: Sequence[Relation] = ()
    became: Sequence[Relation] = ()
    old_number_of: Sequence[str] = field(default=())
    addresses: Sequence[str] = ()
