"""What may be built here: one function that every page, document and panel asks."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import shapely
from django.utils.translation import get_language
from psycopg import sql

from gisplatform import clock
from gisplatform.access import Person
from gisplatform.crs import REGISTER_SRID, to_wgs84
from gisplatform.errors import NotFound
from layers.catalogue import Layer, find, words
from layers.parcels import queries as cadastre
from layers.parcels.references import ParcelReference, parse
from layers.queries import select
from planning.answers import shares, wording
from planning.answers.answer import (
    Commune,
    Function,
    Indicator,
    ParcelAnswer,
    Plan,
    Planning,
    Position,
    ZoneShare,
)
from planning.plans.models import PlanState

# Superseded and withdrawn plans say nothing about what may be built.
ASKED_STATES = (PlanState.ADOPTED, PlanState.CONSULTATION, PlanState.APPRAISAL, PlanState.DRAFT)
# The limits of a zone in the order in which people ask for them.
INDICATORS = (
    "storeys_max",
    "storeys_min",
    "height_max_m",
    "density_max_percent",
    "floor_area_ratio_max",
    "setback_m",
)

ENTRANCE_M = 0.1  # how far beyond the edge of its parcel a door may be recorded
MOST_ADDRESSES = 20


class ParcelNotFound(NotFound):
    """No parcel of that code on that day; `trace` says what became of it."""

    def __init__(self, message: str, trace: cadastre.Trace) -> None:
        self.trace = trace
        super().__init__(
            message,
            parcels=[row["code"] for row in trace.parcels],
            renumbered=[row["code"] for row in trace.renumbered],
        )


def parcel_answer(code: str, person: Person, on: date | None = None) -> ParcelAnswer:
    """What the register and the plans say about a parcel on a day (today), as far as this person may see it.

    Names and sentences are in the language of the visitor. Raises ParcelNotFound, which knows where an old code leads.
    """
    on = on or clock.today()
    parcel = cadastre.by_code(code, person, on)
    if parcel is None:
        raise ParcelNotFound(*_missing(code, person, on))
    boundary = shapely.from_wkb(bytes(parcel["boundary"]))
    zones, pieces = _zones(boundary, person, on)
    adopted = [zone for zone in zones if zone.plan.state == PlanState.ADOPTED]
    came_from, became = cadastre.lineage(parcel["id"])
    old_sheet, old_number = parcel["old_reference"] or ("", "")
    reference = ParcelReference(parcel["sheet"], parcel["number"], parcel["commune_code"])
    return ParcelAnswer(
        code=parcel["code"],
        identity=parcel["id"],
        as_of=on,
        commune=_commune(parcel["commune_code"], person, on),
        sheet=parcel["sheet"],
        number=parcel["number"],
        old=(old_sheet, old_number) if old_number else None,
        land_use=cadastre.land_uses(parcel["land_use"].split("+") if parcel["land_use"] else [], on),
        area_document_m2=parcel["area_document_m2"],
        area_measured_m2=parcel["area_measured_m2"],
        valid_from=parcel["valid_from"],
        planning=_planning(boundary, adopted, pieces, person, on),
        zones=adopted,
        coming=[zone for zone in zones if zone.plan.state == PlanState.CONSULTATION],
        drafts=[zone for zone in zones if zone.plan.state in (PlanState.DRAFT, PlanState.APPRAISAL)],
        centre=_centre(boundary),
        bounds=tuple(shapely.bounds(to_wgs84(boundary)).tolist()),
        came_from=came_from,
        became=became,
        old_number_of=[
            row["code"] for row in cadastre.by_old_reference(reference, person, on=on) if row["id"] != parcel["id"]
        ],
        addresses=_addresses(boundary, person, on),
    )


def _addresses(boundary: Any, person: Person, on: date) -> list[str]:
    """The houses on the parcel, such as "12 Đường Trăng Non". An entrance may stand on the parcel's very edge."""
    rows = select(
        _layer("addresses"),
        person,
        where=sql.SQL("ST_DWithin(shape, ST_GeomFromWKB(%(boundary)s, %(srid)s), %(edge)s)"),
        params={"boundary": shapely.to_wkb(boundary), "srid": REGISTER_SRID, "edge": ENTRANCE_M},
        order_by=sql.SQL("street_name, length(house_number), house_number"),
        limit=MOST_ADDRESSES,
        on=on,
    )
    return [f"{row['house_number']} {row['street_name']}" for row in rows]


def _missing(code: str, person: Person, on: date) -> tuple[str, cadastre.Trace]:
    """Why there is no such parcel, in a sentence, and what became of it."""
    # Only what has the commune in it is a code; two numbers would lead to strangers in other communes.
    reference = next((found for found in parse(code) if found.commune_code), None)
    trace = cadastre.trace(code, reference, person, on)
    return wording.no_such_parcel(code, trace), trace


def _layer(key: str) -> Layer:
    layer = find(key)
    assert layer is not None
    return layer


def _crossing(key: str, boundary: Any, person: Person, on: date, states: Sequence[str], **options: Any) -> Any:
    """Rows of a layer of plans that cross the parcel, of plans in these states."""
    shape = sql.SQL("ST_GeomFromWKB(%(boundary)s, %(srid)s)")
    return select(
        _layer(key),
        person,
        where=sql.SQL("shape && {shape} AND ST_Intersects(shape, {shape}) AND state = ANY(%(states)s)").format(
            shape=shape
        ),
        params={"boundary": shapely.to_wkb(boundary), "srid": REGISTER_SRID, "states": list(states)},
        on=on,
        **options,
    )


def _zones(boundary: Any, person: Person, on: date) -> tuple[list[ZoneShare], Mapping[int, Any]]:
    """All zones that the parcel lies in, largest share first within a plan, and the piece of the parcel in each."""
    piece = sql.SQL("ST_AsBinary(ST_Intersection(shape, ST_GeomFromWKB(%(boundary)s, %(srid)s)))")
    rows = _crossing("zones", boundary, person, on, ASKED_STATES, extra={"piece": piece})
    pieces = shares.polygons(shapely.from_wkb([bytes(row["piece"]) for row in rows]))
    widths_m = shares.mean_width_m(pieces)
    # A neighbour along the parcel's own edge is no zone of it.
    kept = [at for at in range(len(rows)) if widths_m[at] > shares.SAME_LINE_M]
    by_plan: dict[str, list[int]] = {}
    for at in sorted(kept, key=lambda at: (rows[at]["plan_code"], -shapely.area(pieces[at]), rows[at]["id"])):
        by_plan.setdefault(rows[at]["plan_code"], []).append(at)
    zones = []
    for members in by_plan.values():
        areas_m2 = shapely.area(pieces[members])
        percents = shares.percentages(areas_m2, shapely.area(boundary))
        for at, area_m2, percent in zip(members, areas_m2.tolist(), percents.tolist(), strict=True):
            too_close = bool(widths_m[at] <= shares.SURVEY_ACCURACY_M)
            zones.append(_zone(rows[at], area_m2, percent, too_close))
    return zones, {rows[at]["id"]: pieces[at] for at in kept}


def _zone(row: Mapping[str, Any], area_m2: float, share_percent: float, too_close: bool) -> ZoneShare:
    attributes = {attribute.name: attribute for attribute in _layer("zones").attributes}
    names = {"vi": row["function_vi"], "en": row["function_en"] or row["function_vi"]}
    return ZoneShare(
        id=row["id"],
        code=row["code"],
        share_percent=share_percent,
        area_m2=round(area_m2, 2),
        too_close_to_call=too_close,
        function=Function(row["function"], names[(get_language() or "vi")[:2]] or row["function"], row["colour"] or ""),
        plan=Plan(
            code=row["plan_code"],
            title=row["plan_title"],
            state=row["state"],
            state_name=str(PlanState(row["state"]).label),
            decision_ref=row["decision_ref"],
        ),
        indicators=[
            Indicator(name, words(attributes[name].title), row[name], attributes[name].unit)
            for name in INDICATORS
            if row[name] is not None
        ],
        population=row["population"],
    )


def _planning(
    boundary: Any, adopted: Sequence[ZoneShare], pieces: Mapping[int, Any], person: Person, on: date
) -> Planning:
    """What adopted plans say about the parcel as a whole. Silence of the register is never taken for a permission."""
    told = [pieces[zone.id] for zone in adopted]
    whole_m2 = float(shapely.area(boundary))
    rest_m2, explained = shares.uncovered(boundary, told)
    rest_percent = round(rest_m2 / whole_m2 * 100, 1)
    applies = any(not zone.too_close_to_call for zone in adopted)
    if explained:
        rest_m2, rest_percent = 0.0, 0.0
    notes: list[str] = []
    if not applies:
        silent = _crossing("plans", boundary, person, on, [PlanState.ADOPTED])
        notes += wording.nothing_known([(plan["code"], plan["title"]) for plan in silent])
    elif rest_m2:
        notes.append(wording.partly_covered(rest_m2, rest_percent))
    notes += [wording.too_close_to_call(zone) for zone in adopted if zone.too_close_to_call]
    by_plan: dict[str, list[ZoneShare]] = {}
    for zone in adopted:
        by_plan.setdefault(zone.plan.code, []).append(zone)
    for code, zones in by_plan.items():
        overlap = shares.overlap([pieces[zone.id] for zone in zones])
        if shares.mean_width_m([overlap])[0] > shares.SURVEY_ACCURACY_M:
            notes.append(wording.plan_contradicts_itself(code, float(overlap.area)))
    if len(by_plan) > 1:
        notes.append(wording.several_plans())
    return Planning("applies" if applies else "unknown", round(rest_m2, 2), rest_percent, notes)


def _commune(code: str, person: Person, on: date) -> Commune:
    units = _layer("administrative_units")
    where = sql.SQL("code = %(code)s AND level = 'commune'")
    found = select(units, person, where=where, params={"code": code}, on=on, limit=1)
    return Commune(code, found[0]["name"] if found else None)


def _centre(boundary: Any) -> Position:
    """A place on the parcel for sure, which the centre of gravity of a bent one is not."""
    point = shapely.point_on_surface(boundary)
    place = to_wgs84(point)
    return Position(float(place.x), float(place.y), float(point.x), float(point.y))
