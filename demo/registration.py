"""The drawn city as rows of each register. One instant stamps all of them as recorded."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import shapely

from demo.cadastre import MERGED_ON, SURVEYED
from demo.city import City
from demo.names import SYNTHETIC
from demo.plans import PlanDrawing
from demo.units import EAST_CODE, MERGED_CODE, PROVINCE_CODE
from demo.writing import copy_rows, next_identities, period, text_lists
from layers.base.models import AdministrativeSuccession, AdministrativeUnit, Building, Street
from layers.cameras.models import Camera
from layers.networks.models import NetworkEdge, NetworkNode
from layers.parcels.models import Parcel, ParcelLineage
from planning.plans.models import Plan, PlanLine, PlanState, Zone

FOUNDED = date(2000, 1, 1)
CAMERAS_SINCE = date(2024, 1, 1)
COMMENTED_FROM, ADOPTED_ON = date(2025, 7, 7), date(2025, 9, 15)
# How long ago the other two plans began. Comments are taken for 20 to 30 days.
DRAFTED_DAYS_AGO, COMMENTED_DAYS_AGO = 40, 10
MERGER_REF = f"Quyết định sáp nhập {SYNTHETIC}"
ADOPTION_REF = f"12/QĐ-GL {SYNTHETIC}"
PARCEL_CHANGE_REF = f"Hồ sơ tách, hợp thửa {SYNTHETIC}"


@dataclass(frozen=True)
class Registration:
    """Writes one city.

    owners         organisation code → its key
    recorded_from  the instant from which the registers hold all this to be so
    today          what "two months ago" counts from
    """

    city: City
    owners: dict[str, int]
    recorded_from: datetime
    today: date

    def steps(self) -> Iterator[tuple[str, Callable[[], int]]]:
        """Each register's layer key and what writes it and returns the number of rows."""
        yield "administrative_units", self._units
        yield "streets", self._streets
        yield "parcels", self._parcels
        yield "buildings", self._buildings
        yield "plans and zones", self._plans
        yield "networks", self._networks
        yield "cameras", self._cameras

    def _stamp(self) -> dict[str, Any]:
        return {"recorded_during": f"[{self.recorded_from.isoformat()},)"}

    def _units(self) -> int:
        now, before = self.city.units.rows, self.city.units.rows_before
        identity_of = dict(
            zip(
                sorted({code for code, *_ in now + before}), next_identities(len({row[0] for row in now + before})),
                strict=True,
            )
        )  # fmt: skip
        code, name, kind, parent, boundary = (
            np.array(column, dtype=object) for column in zip(*now, *before, strict=True)
        )
        past = np.arange(len(code)) >= len(now)
        start = np.where(~past & (code == EAST_CODE), np.datetime64(MERGED_ON), np.datetime64(FOUNDED))
        end = np.where(past, np.datetime64(MERGED_ON), np.datetime64("NaT"))
        count = copy_rows(
            AdministrativeUnit,
            {
                "identity": np.array([identity_of[each] for each in code]),
                "valid_during": period(start, end),
                **self._stamp(),
                "code": code,
                "name": name,
                "level": np.where(code == PROVINCE_CODE, "province", "commune").astype(object),
                "kind": kind,
                "parent_code": parent,
                "legal_basis": SYNTHETIC,
                "boundary": boundary,
            },
        )
        AdministrativeSuccession.objects.create(
            predecessor=identity_of[MERGED_CODE],
            successor=identity_of[EAST_CODE],
            happened_on=MERGED_ON,
            legal_basis=MERGER_REF,
        )
        return count

    def _streets(self) -> int:
        streets = self.city.streets
        return copy_rows(
            Street,
            {
                "identity": next_identities(len(streets)),
                "valid_during": period(FOUNDED, count=len(streets)),
                **self._stamp(),
                "name": streets.name,
                "street_class": streets.street_class,
                "width_m": streets.width_m,
                "centreline": streets.centrelines(self.city.ground),
            },
        )

    def _parcels(self) -> int:
        cadastre = self.city.cadastre
        identity = next_identities(cadastre.parcels)
        count = copy_rows(
            Parcel,
            {
                "identity": identity[cadastre.thing],
                "valid_during": period(cadastre.start, cadastre.end),
                **self._stamp(),
                "commune_code": cadastre.commune,
                "sheet": cadastre.sheet,
                "number": cadastre.number,
                "suffix": 1,
                "old_sheet": cadastre.old_sheet,
                "old_number": cadastre.old_number,
                "land_use_codes": text_lists(cadastre.land_use),
                "area_document_m2": cadastre.area_document_m2,
                "boundary": cadastre.shape,
            },
        )
        copy_rows(
            ParcelLineage,
            {
                "predecessor": identity[cadastre.predecessor],
                "successor": identity[cadastre.successor],
                "kind": cadastre.kind,
                "happened_on": cadastre.happened_on,
                "decision_ref": PARCEL_CHANGE_REF,
            },
        )
        return count

    def _buildings(self) -> int:
        buildings = self.city.buildings
        return copy_rows(
            Building,
            {
                "identity": next_identities(len(buildings.shape)),
                "valid_during": period(SURVEYED, count=len(buildings.shape)),
                **self._stamp(),
                "function": buildings.function,
                "storeys": buildings.storeys,
                "height_m": buildings.height_m,
                "footprint": buildings.shape,
            },
        )

    def _plans(self) -> int:
        """Plans, with zones and lines. Codes by TT 24/2025/TT-BXD: province, year, level, kind, amendment, number."""
        drafted = self.today - timedelta(days=DRAFTED_DAYS_AGO)
        commented = self.today - timedelta(days=COMMENTED_DAYS_AGO)
        general, part, detail = (int(number) for number in next_identities(3))
        zone_plan = {"kind": "quy hoạch phân khu", "scale": 2000}
        main = {
            "code": "992521000001",
            "title": f"Quy hoạch phân khu đô thị trung tâm Thử Nghiệm {SYNTHETIC}",
            **zone_plan,
        }
        amendment = {
            "code": f"99{drafted:%y}21200002",
            "title": f"Điều chỉnh cục bộ quy hoạch phân khu trung tâm Thử Nghiệm {SYNTHETIC}",
            **zone_plan,
        }
        quarter = {
            "code": f"99{commented:%y}31000003",
            "title": f"Quy hoạch chi tiết khu dân cư rìa đô thị Thử Nghiệm {SYNTHETIC}",
            "kind": "quy hoạch chi tiết",
            "scale": 500,
        }
        decided = {"decision_ref": ADOPTION_REF, "decided_on": ADOPTED_ON}
        city = self.city
        self._plan(general, city.adopted, PlanState.CONSULTATION, main, COMMENTED_FROM, ADOPTED_ON)
        self._plan(general, city.adopted, PlanState.ADOPTED, main | decided, ADOPTED_ON)
        self._plan(part, city.draft, PlanState.DRAFT, amendment, drafted)
        self._plan(detail, city.consultation, PlanState.CONSULTATION, quarter, commented)
        self._zones(general, city.adopted, COMMENTED_FROM)
        self._zones(part, city.draft, drafted)
        self._zones(detail, city.consultation, commented)
        return 4 + sum(len(drawing.shape) for drawing in (city.adopted, city.draft, city.consultation))

    def _plan(
        self,
        identity: int,
        drawing: PlanDrawing,
        state: PlanState,
        what: dict[str, Any],
        start: date,
        end: date | None = None,
    ) -> None:
        copy_rows(
            Plan,
            {
                "identity": np.array([identity]),
                "valid_during": period(start, end, count=1),
                **self._stamp(),
                "decision_ref": "",
                "decided_on": None,
                **what,
                "state": state.value,
                "boundary": np.array([drawing.boundary], dtype=object),
            },
        )

    def _zones(self, plan: int, drawing: PlanDrawing, start: date) -> None:
        figures = (
            "density_max_percent", "floor_area_ratio_max", "storeys_min", "storeys_max", "height_max_m", "setback_m",
            "population",
        )  # fmt: skip
        copy_rows(
            Zone,
            {
                "identity": next_identities(len(drawing.shape)),
                "valid_during": period(start, count=len(drawing.shape)),
                **self._stamp(),
                "plan": plan,
                "code": drawing.code,
                "function": drawing.function,
                **{figure: getattr(drawing, figure) for figure in figures},
                "boundary": drawing.shape,
            },
        )
        for kind, lines in (
            (PlanLine.Kind.RED_LINE, drawing.red_lines),
            (PlanLine.Kind.BUILDING_LINE, drawing.building_lines),
        ):
            if len(lines):
                copy_rows(
                    PlanLine,
                    {
                        "identity": next_identities(len(lines)),
                        "valid_during": period(start, count=len(lines)),
                        **self._stamp(),
                        "plan": plan,
                        "kind": kind.value,
                        "course": _by_line(lines),
                    },
                )

    def _networks(self) -> int:
        count = 0
        for parts in self.city.networks:
            kit = parts.kit
            nodes = next_identities(len(parts.position))
            edges = next_identities(len(parts.route))
            shared = {
                **self._stamp(),
                "network": parts.network,
                "organisation_id": self.owners[kit.organisation],
            }
            count += copy_rows(
                NetworkNode,
                {
                    "identity": nodes,
                    "valid_during": period(FOUNDED, count=len(nodes)),
                    **shared,
                    "kind": parts.node_kind,
                    "reference": _references(kit.letter, len(nodes)),
                    "elevation_m": parts.elevation_m,
                    "position": parts.position,
                },
            )
            count += copy_rows(
                NetworkEdge,
                {
                    "identity": edges,
                    "valid_during": period(FOUNDED, count=len(edges)),
                    **shared,
                    "kind": kit.edge,
                    "reference": _references(f"{kit.letter}{kit.letter}", len(edges)),
                    "start_node": nodes[parts.start],
                    "end_node": nodes[parts.end],
                    "material": parts.material,
                    "diameter_mm": parts.diameter_mm,
                    "voltage_kv": parts.voltage_kv,
                    "depth_m": kit.depth_m,
                    "route": parts.route,
                },
            )
        return count

    def _cameras(self) -> int:
        cameras = self.city.cameras
        count = len(cameras.position)
        return copy_rows(
            Camera,
            {
                "identity": next_identities(count),
                "valid_during": period(CAMERAS_SINCE, count=count),
                **self._stamp(),
                "reference": _references("CAM", count),
                "purpose": cameras.purpose,
                "organisation_id": self.owners["demo-city"],
                "bearing_deg": cameras.bearing_deg,
                "field_of_view_deg": cameras.field_of_view_deg,
                "range_m": cameras.range_m,
                "position": cameras.position,
            },
        )


def _references(letter: str, count: int) -> np.ndarray:
    """The owner's numbers: N-00001, …"""
    return f"{letter}-" + np.char.zfill(np.arange(1, count + 1).astype(str), 5).astype(object)


def _by_line(lines: np.ndarray) -> np.ndarray:
    """(n,) MultiLineStrings of lines that have one part or several."""
    parts, line = shapely.get_parts(lines, return_index=True)
    return shapely.multilinestrings(parts, indices=line)
