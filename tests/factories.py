"""Rows for tests, laid out in metres from one corner near the demo town, small enough to check by hand."""

from datetime import date
from itertools import count
from typing import Any

from django.contrib.gis.geos import LineString, MultiLineString, MultiPolygon, Point, Polygon
from django.db.backends.postgresql.psycopg_any import DateRange

from accounts.models import Organisation, User
from gisplatform.access import Role
from gisplatform.crs import REGISTER_SRID, wgs84_to_register
from gisplatform.registers import close, database_time
from layers.base.models import Address, AdministrativeUnit, Building, Place, Railway, Street, Water
from layers.cameras.models import Camera
from layers.networks.models import Network, NetworkEdge, NetworkNode
from layers.parcels.models import Parcel
from planning.plans.models import Plan, PlanLine, PlanState, Zone

# Đà Nẵng, rounded to whole metres of the register.
CORNER = tuple(round(metres) for metres in wgs84_to_register(108.2, 16.05))
SINCE_2020 = DateRange(date(2020, 1, 1), None)

_numbers = count(1)


def days(start: date | None, end: date | None = None) -> DateRange:
    """The days from `start` up to, not including, `end`."""
    return DateRange(start, end)


def place(x: float, y: float) -> tuple[float, float]:
    """Easting, northing of a place x metres east and y metres north of the corner."""
    return CORNER[0] + x, CORNER[1] + y


def rectangle(x: float = 0, y: float = 0, width: float = 40, height: float = 25) -> MultiPolygon:
    """A rectangle whose south-west corner lies x, y metres from the corner."""
    shape = Polygon.from_bbox((*place(x, y), *place(x + width, y + height)))
    return MultiPolygon(shape, srid=REGISTER_SRID)


def point(x: float = 0, y: float = 0) -> Point:
    """A point x, y metres from the corner."""
    return Point(*place(x, y), srid=REGISTER_SRID)


def line(*places: tuple[float, float]) -> LineString:
    """A line through places in metres from the corner."""
    return LineString([place(x, y) for x, y in places], srid=REGISTER_SRID)


def lines(*places: tuple[float, float]) -> MultiLineString:
    """The same as a multi-line of one part."""
    return MultiLineString(line(*places), srid=REGISTER_SRID)


def make_parcel(**fields: Any) -> Parcel:
    """A parcel of 40 m × 25 m with a number of its own."""
    defaults = {
        "valid_during": SINCE_2020,
        "commune_code": "20194",
        "sheet": "7",
        "number": str(next(_numbers)),
        "land_use_codes": ["ODT"],
        "boundary": rectangle(),
    }
    return Parcel.objects.create(**{**defaults, **fields})


def make_plan(state: str = PlanState.ADOPTED, **fields: Any) -> Plan:
    """A plan of 400 m × 400 m, adopted unless another state is given."""
    decision = {"decision_ref": "12/QĐ-UBND", "decided_on": date(2020, 1, 1)} if state == PlanState.ADOPTED else {}
    defaults = {
        "valid_during": SINCE_2020,
        "code": f"{next(_numbers):012d}",
        "title": "Quy hoạch phân khu",
        "kind": "zoning",
        "scale": 2000,
        "boundary": rectangle(-100, -100, 400, 400),
    }
    return Plan.objects.create(**{**defaults, **decision, "state": state, **fields})


def end_parcel(parcel: Parcel, on: date) -> Parcel:
    """The parcel ends on a day, recorded as operations do: its version is closed, one that ends takes its place."""
    parcel.refresh_from_db()
    close(Parcel.objects.filter(pk=parcel.pk), database_time())
    made = {"id", "recorded_during", "valid_during"}
    kept = [field.name for field in Parcel._meta.concrete_fields if not field.generated and field.name not in made]
    fields = {name: getattr(parcel, name) for name in kept}
    return Parcel.objects.create(**fields, valid_during=days(parcel.valid_during.lower, on))


def make_zone(plan: Plan, **fields: Any) -> Zone:
    """A zone of 100 m × 60 m of a plan."""
    defaults = {
        "valid_during": SINCE_2020,
        "code": f"OM-{next(_numbers)}",
        "function": "OM",
        "boundary": rectangle(0, 0, 100, 60),
    }
    return Zone.objects.create(**{**defaults, "plan": plan.identity, **fields})


def make_plan_line(plan: Plan, **fields: Any) -> PlanLine:
    """A red line of 100 m of a plan."""
    defaults = {"valid_during": SINCE_2020, "kind": PlanLine.Kind.RED_LINE, "course": lines((0, -5), (100, -5))}
    return PlanLine.objects.create(**{**defaults, "plan": plan.identity, **fields})


def make_organisation(**fields: Any) -> Organisation:
    """A utility."""
    number = next(_numbers)
    return Organisation.objects.create(**{"code": f"utility-{number}", "name": f"Cấp nước {number}", **fields})


def make_user(*roles: Role, **fields: Any) -> User:
    """An account with these roles."""
    defaults = {"username": f"person-{next(_numbers)}", "password": None}
    return User.objects.create_user(**{**defaults, "roles": list(roles), **fields})


def make_edge(organisation: Organisation, **fields: Any) -> NetworkEdge:
    """A water main of 80 m."""
    defaults = {
        "valid_during": SINCE_2020,
        "network": Network.WATER,
        "kind": "main",
        "diameter_mm": 110.0,
        "route": line((0, -10), (80, -10)),
    }
    return NetworkEdge.objects.create(**{**defaults, "organisation": organisation, **fields})


def make_node(organisation: Organisation, **fields: Any) -> NetworkNode:
    """A valve."""
    defaults = {"valid_during": SINCE_2020, "network": Network.WATER, "kind": "valve", "position": point(0, -10)}
    return NetworkNode.objects.create(**{**defaults, "organisation": organisation, **fields})


def make_camera(organisation: Organisation, **fields: Any) -> Camera:
    """A traffic camera that looks east."""
    defaults = {
        "valid_during": SINCE_2020,
        "reference": f"CAM-{next(_numbers)}",
        "purpose": "traffic",
        "bearing_deg": 90.0,
        "range_m": 60.0,
        "position": point(33, 44),
    }
    return Camera.objects.create(**{**defaults, "organisation": organisation, **fields})


def make_street(**fields: Any) -> Street:
    """A street of 200 m."""
    defaults = {"valid_during": SINCE_2020, "name": "Nguyễn Hữu Thọ", "centreline": lines((-50, -15), (150, -15))}
    return Street.objects.create(**{**defaults, **fields})


def make_building(**fields: Any) -> Building:
    """A house of 8 m × 12 m and two storeys."""
    defaults = {"valid_during": SINCE_2020, "storeys": 2, "height_m": 7.2, "footprint": rectangle(5, 5, 8, 12)}
    return Building.objects.create(**{**defaults, **fields})


def make_unit(**fields: Any) -> AdministrativeUnit:
    """A commune of 2 km × 2 km."""
    defaults = {
        "valid_during": SINCE_2020,
        "code": f"{next(_numbers):05d}",
        "name": "Phường Hải Châu",
        "level": AdministrativeUnit.Level.COMMUNE,
        "kind": "phường",
        "boundary": rectangle(-1000, -1000, 2000, 2000),
    }
    return AdministrativeUnit.objects.create(**{**defaults, **fields})


def make_address(**fields: Any) -> Address:
    """House number 12 of a street."""
    defaults = {
        "valid_during": SINCE_2020,
        "house_number": "12",
        "street_name": "Nguyễn Hữu Thọ",
        "position": point(10, 2),
    }
    return Address.objects.create(**{**defaults, **fields})


def make_place(**fields: Any) -> Place:
    """A market."""
    defaults = {"valid_during": SINCE_2020, "name": "Chợ Mới", "kind": "market", "position": point(60, 40)}
    return Place.objects.create(**{**defaults, **fields})


def make_water(**fields: Any) -> Water:
    """A pond of 30 m × 20 m."""
    defaults = {"valid_during": SINCE_2020, "name": "Ao Sen", "kind": "pond", "surface": rectangle(80, 80, 30, 20)}
    return Water.objects.create(**{**defaults, **fields})


def make_railway(**fields: Any) -> Railway:
    """A railway of 400 m."""
    defaults = {"valid_during": SINCE_2020, "name": "Đường sắt", "track": lines((-200, -60), (200, -60))}
    return Railway.objects.create(**{**defaults, **fields})
