"""Putting the demo city into the registers and taking it out again."""

from collections.abc import Callable
from datetime import date
from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from demo.accounts import open_accounts, store_password
from demo.city import draw_city
from demo.names import ORGANISATIONS
from demo.quarters import LEAST_LOTS
from demo.registration import Registration
from demo.units import COMMUNE_CODES, PROVINCE_CODE
from gisplatform import clock
from gisplatform.crs import REGISTER_SRID, wgs84_to_register
from gisplatform.errors import InvalidInput
from gisplatform.registers import Version, database_time, history_may_go
from layers.base.models import AdministrativeSuccession, AdministrativeUnit, Building, Street
from layers.cameras.models import Camera
from layers.networks.models import NetworkEdge, NetworkNode
from layers.parcels.models import Parcel, ParcelLineage
from planning.plans.models import Plan, PlanLine, Zone

# Forested hills west of Đà Nẵng: no town stands there.
CENTRE_LON_LAT = (108.0, 15.95)
_LOCK = 905_899_001  # any number that nothing else locks

Report = Callable[[str], None]


def is_empty() -> bool:
    """Whether neither parcels nor demo accounts are there yet."""
    return not (Parcel.objects.exists() or User.objects.filter(is_demo=True).exists())


def city_exists() -> bool:
    """Whether a demo city is in the registers."""
    return AdministrativeUnit.objects.filter(code=PROVINCE_CODE).exists()


@transaction.atomic
def make_city(
    *, parcels: int, seed: int, replace: bool = False, report: Report = lambda line: None, today: date | None = None
) -> dict[str, int]:
    """Draw the city of that seed and write it into all registers, with accounts. Returns the rows by register.

    parcels  in force today; at least LEAST_LOTS
    replace  remove the demo city that is there first
    report   is told each step in one line

    Raises InvalidInput when there are too few parcels, a demo city is there already, real parcels lie where it
    would stand, or a real account has the name of a demo account.
    """
    if parcels < LEAST_LOTS:
        raise InvalidInput(_("A demo city has at least %(least)d parcels.") % {"least": LEAST_LOTS})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    if city_exists():
        if not replace:
            raise InvalidInput(_("There is a demo city already. Use --replace to remove it and make another."))
        remove_city(report=report)
    city = draw_city(parcels, seed, wgs84_to_register(*CENTRE_LON_LAT), today or clock.today())
    report(
        _("drawn: %(parcels)d parcels in %(quarters)d quarters") % {"parcels": parcels, "quarters": len(city.quarters)}
    )
    _refuse_real_parcels(city.units.province)
    organisations = {
        code: Organisation.objects.update_or_create(code=code, defaults={"name": name})[0]
        for code, name in ORGANISATIONS.items()
    }
    registration = Registration(
        city=city,
        owners={code: organisation.pk for code, organisation in organisations.items()},
        recorded_from=database_time(),
        today=today or clock.today(),
    )
    rows = {}
    for name, write in registration.steps():
        rows[name] = write()
        report(_("%(register)s: %(rows)d rows") % {"register": name, "rows": rows[name]})
    password = open_accounts(organisations)
    # Last, so that nothing can fail after it: a stored password always is the accounts' password.
    store_password(password)
    return rows


def _refuse_real_parcels(province: shapely.Geometry) -> None:
    boundary = GEOSGeometry(memoryview(shapely.to_wkb(province)), srid=REGISTER_SRID)
    real = Parcel.objects.recorded().exclude(commune_code__in=COMMUNE_CODES)
    if found := real.filter(boundary__intersects=boundary).values_list("code", flat=True)[:5]:
        raise InvalidInput(
            _("Real parcels lie where the demo city would stand, for example %(codes)s. Nothing was stored.")
            % {"codes": ", ".join(found)},
            parcels=list(found),
        )


@transaction.atomic
def remove_city(*, report: Report = lambda line: None) -> int:
    """Take the demo city out of all registers, whatever was changed in it since. Returns how many rows went.

    Accounts and organisations stay, because others may refer to them; making a city renews them.
    """
    province = AdministrativeUnit.objects.filter(code=PROVINCE_CODE).order_by("pk").first()
    if province is None:
        return 0
    # All of one city was recorded at one instant; streets and buildings have no other mark of where they are from.
    made_at = province.recorded_during.lower

    def made_with_it(register: type[Version]) -> Any:
        return register.objects.filter(recorded_during__startswith=made_at).values("identity")

    units = list(
        AdministrativeUnit.objects.filter(code__in=(PROVINCE_CODE, *COMMUNE_CODES)).values_list("identity", flat=True)
    )
    parcels = Parcel.objects.filter(commune_code__in=COMMUNE_CODES)
    plans = Plan.objects.filter(code__startswith=PROVINCE_CODE)
    removed = 0
    for rows in (
        AdministrativeSuccession.objects.filter(successor__in=units),
        AdministrativeUnit.objects.filter(identity__in=units),
        ParcelLineage.objects.filter(predecessor__in=parcels.values("identity")),
        parcels,
        Zone.objects.filter(plan__in=plans.values("identity")),
        PlanLine.objects.filter(plan__in=plans.values("identity")),
        plans,
        Street.objects.filter(identity__in=made_with_it(Street)),
        Building.objects.filter(identity__in=made_with_it(Building)),
        *(
            register.objects.filter(organisation__code__in=ORGANISATIONS)
            for register in (NetworkEdge, NetworkNode, Camera)
        ),
    ):
        with history_may_go():
            removed += rows.delete()[0]
    report(_("removed the demo city that was there: %(rows)d rows") % {"rows": removed})
    return removed
