"""The plans with their zones and lines into the registers."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import shapely

from demo.city import Part
from demo.names import SYNTHETIC
from demo.plans import Plan, Plans, corridors, draw_zones, make_plans
from demo.registers.desk import Desk, Register
from demo.writing import period
from planning.plans import models
from planning.plans.models import PlanState

BEFORE_FROM, COMMENTED_FROM, ADOPTED_ON = date(2019, 5, 20), date(2025, 7, 7), date(2025, 9, 15)
# How long ago the other two plans began. Comments are taken for 20 to 30 days.
DRAFTED_DAYS_AGO, COMMENTED_DAYS_AGO = 40, 10
BEFORE_REF, ADOPTION_REF = f"31/QĐ-GL {SYNTHETIC}", f"12/QĐ-GL {SYNTHETIC}"
_ZONING = {"kind": "quy hoạch phân khu", "scale": 2000}


@dataclass(frozen=True)
class Filed:
    """A plan in the register: its identity, and from which to which day its zones hold."""

    plan: Plan
    identity: int
    start: date
    end: date | None = None


class PlansAndZones(Register):
    """The plan in force, the one before it, a draft amendment and one in consultation."""

    name = "plans and zones"

    def __init__(self) -> None:
        self.filed: list[Filed] = []

    def city(self, desk: Desk) -> int:
        """Write the plans. Codes by TT 24/2025/TT-BXD: province, year, level, kind, amendment, number."""
        plans: Plans = make_plans(desk.city)
        drafted = desk.today - timedelta(days=DRAFTED_DAYS_AGO)
        commented = desk.today - timedelta(days=COMMENTED_DAYS_AGO)
        before, general, part, detail = (int(number) for number in desk.sink.identities(4))
        first = {
            "code": "991921000004",
            "title": f"Quy hoạch phân khu đô thị trung tâm Thử Nghiệm năm 2019 {SYNTHETIC}",
            **_ZONING,
            "decision_ref": BEFORE_REF,
            "decided_on": BEFORE_FROM,
        }
        main = {
            "code": "992521000001",
            "title": f"Quy hoạch phân khu đô thị trung tâm Thử Nghiệm {SYNTHETIC}",
            **_ZONING,
        }
        amendment = {
            "code": f"99{drafted:%y}21200002",
            "title": f"Điều chỉnh cục bộ quy hoạch phân khu trung tâm Thử Nghiệm {SYNTHETIC}",
            **_ZONING,
        }
        quarter = {
            "code": f"99{commented:%y}31000003",
            "title": f"Quy hoạch chi tiết khu dân cư rìa đô thị Thử Nghiệm {SYNTHETIC}",
            "kind": "quy hoạch chi tiết",
            "scale": 500,
        }
        decided = {"decision_ref": ADOPTION_REF, "decided_on": ADOPTED_ON}
        self.filed = [
            Filed(plans.superseded, before, BEFORE_FROM, ADOPTED_ON),
            Filed(plans.adopted, general, COMMENTED_FROM),
            Filed(plans.draft, part, drafted),
            Filed(plans.consultation, detail, commented),
        ]
        return sum(
            self._state(desk, identity, plan, state, what, start, end)
            for identity, plan, state, what, start, end in (
                (before, plans.superseded, PlanState.ADOPTED, first, BEFORE_FROM, ADOPTED_ON),
                (before, plans.superseded, PlanState.SUPERSEDED, first, ADOPTED_ON, None),
                (general, plans.adopted, PlanState.CONSULTATION, main, COMMENTED_FROM, ADOPTED_ON),
                (general, plans.adopted, PlanState.ADOPTED, main | decided, ADOPTED_ON, None),
                (part, plans.draft, PlanState.DRAFT, amendment, drafted, None),
                (detail, plans.consultation, PlanState.CONSULTATION, quarter, commented, None),
            )
        ) + self._lines(desk, self.filed[1], models.PlanLine.Kind.CORRIDOR, corridors(plans.adopted, desk.city))

    def part(self, desk: Desk, part: Part) -> int:
        """The zones and lines of all plans in one part."""
        return sum(self._zones(desk, filed, part) for filed in self.filed)

    def _state(
        self, desk: Desk, identity: int, plan: Plan, state: PlanState, what: dict[str, Any], start: date,
        end: date | None,
    ) -> int:  # fmt: skip
        return desk.sink.write(
            models.Plan,
            {
                "identity": np.array([identity]),
                "valid_during": period(start, end, count=1),
                **desk.stamp(),
                "decision_ref": "",
                "decided_on": None,
                **what,
                "state": state.value,
                "boundary": np.array([plan.boundary], dtype=object),
            },
        )

    def _zones(self, desk: Desk, filed: Filed, part: Part) -> int:
        zones = draw_zones(filed.plan, desk.city, part)
        if zones is None:
            return 0
        many = len(zones.shape)
        count = desk.sink.write(
            models.Zone,
            {
                "identity": desk.sink.identities(many),
                "valid_during": period(filed.start, filed.end, count=many),
                **desk.stamp(),
                "plan": filed.identity,
                "code": zones.code,
                "function": zones.function,
                **vars(zones.figures),
                "boundary": zones.shape,
            },
        )
        count += self._lines(desk, filed, models.PlanLine.Kind.RED_LINE, zones.red_lines)
        return count + self._lines(desk, filed, models.PlanLine.Kind.BUILDING_LINE, zones.building_lines)

    def _lines(self, desk: Desk, filed: Filed, kind: models.PlanLine.Kind, lines: np.ndarray) -> int:
        if not len(lines):
            return 0
        parts, line = shapely.get_parts(lines, return_index=True)
        return desk.sink.write(
            models.PlanLine,
            {
                "identity": desk.sink.identities(len(lines)),
                "valid_during": period(filed.start, filed.end, count=len(lines)),
                **desk.stamp(),
                "plan": filed.identity,
                "kind": kind.value,
                "course": shapely.multilinestrings(parts, indices=line),
            },
        )
