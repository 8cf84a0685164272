"""Putting the demo city into the registers and taking it out again."""

import time
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime
from datetime import time as datetime_time
from pathlib import Path

import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from demo.accounts import open_accounts, store_password
from demo.city import draw_city, draw_part
from demo.export import open_folder
from demo.names import ORGANISATIONS
from demo.quarters import LEAST_LOTS
from demo.registers import registers
from demo.registers.desk import Desk, Register
from demo.units import PROVINCE_CODE
from demo.writing import RASTER_SOURCE, Database
from gisplatform import clock
from gisplatform.crs import REGISTER_SRID, wgs84_to_register
from gisplatform.errors import InvalidInput
from gisplatform.registers import Version, database_time, history_may_go
from layers.base.models import (
    Address,
    AdministrativeSuccession,
    AdministrativeUnit,
    Building,
    Place,
    Railway,
    Street,
    Water,
)
from layers.cameras.models import Camera
from layers.networks.models import NetworkEdge, NetworkNode
from layers.parcels.models import Parcel, ParcelLineage
from layers.rasters.models import Raster
from layers.rasters.operations import remove_raster
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
    *,
    parcels: int,
    seed: int,
    replace: bool = False,
    without: Collection[str] = (),
    report: Report = lambda line: None,
    today: date | None = None,
) -> dict[str, int]:
    """Draw the city of that seed and write it into all registers, with accounts. Returns the rows by register.

    parcels  in force today; at least LEAST_LOTS
    replace  remove the demo city that is there first
    without  names of registers that stay empty
    report   is told each step in one line

    Raises InvalidInput when there are too few parcels, a demo city is there already, real parcels lie where it
    would stand, or a real account has the name of a demo account.
    """
    written = _chosen(parcels, without)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    if city_exists():
        if not replace:
            raise InvalidInput(_("There is a demo city already. Use --replace to remove it and make another."))
        remove_city(report=report)
    city = draw_city(parcels, seed, wgs84_to_register(*CENTRE_LON_LAT), today or clock.today())
    report(
        _("drawn: %(parcels)d parcels in %(quarters)d quarters, %(wards)d wards")
        % {"parcels": parcels, "quarters": len(city.quarters), "wards": city.parts}
    )
    _refuse_real_parcels(city.units.province)
    organisations = {
        code: Organisation.objects.update_or_create(code=code, defaults={"name": name})[0]
        for code, name in ORGANISATIONS.items()
    }
    desk = Desk(
        sink=Database(),
        city=city,
        owners={code: organisation.pk for code, organisation in organisations.items()},
        recorded_from=database_time(),
        today=city.today,
    )
    rows = write_city(desk, written, report)
    with connection.cursor() as cursor:
        cursor.execute("SELECT refresh_statistics()")
    password = open_accounts(organisations)
    # Last, so that nothing can fail after it: a stored password always is the accounts' password.
    store_password(password)
    return rows


def export_city(
    *,
    folder: Path,
    file_format: str,
    epsg: int | None,
    encoding: str,
    parcels: int,
    seed: int,
    without: Collection[str] = (),
    report: Report = lambda line: None,
    today: date | None = None,
) -> dict[str, int]:
    """Draw the city of that seed and write what holds today as files; no database is asked. Returns the rows.

    folder       new or empty
    file_format  one of export.FORMATS
    epsg         a VN-2000 zone or WGS 84; the register's system without it
    encoding     one of export.ENCODINGS; shapefiles only

    Raises InvalidInput when there are too few parcels or the files cannot be written so.
    """
    written = _chosen(parcels, without)
    files = open_folder(folder, file_format, epsg, encoding)
    city = draw_city(parcels, seed, wgs84_to_register(*CENTRE_LON_LAT), today or clock.today())
    owners = {code: number for number, code in enumerate(ORGANISATIONS)}
    now = datetime.combine(city.today, datetime_time(), tzinfo=UTC)
    rows = write_city(Desk(files, city, owners, now, city.today), written, report)
    files.close()
    return rows


def write_city(desk: Desk, written: list[Register], report: Report) -> dict[str, int]:
    """Write a city ward by ward, which needs the memory of one ward. Returns the rows by register."""
    city = desk.city
    rows = {register.name: register.city(desk) for register in written}
    began, done = time.monotonic(), 0
    for number in range(city.parts):
        part = draw_part(city, number)
        for register in written:
            rows[register.name] += register.part(desk, part)
        done += int(part.cadastre.today.sum())
        left_s = (time.monotonic() - began) * (city.parcels - done) / done
        report(
            _("%(percent)3d %%: %(done)d of %(all)d parcels, ward %(ward)d of %(wards)d, %(left)d s left")
            % {"percent": 100 * done // city.parcels, "done": done, "all": city.parcels,
               "ward": number + 1, "wards": city.parts, "left": round(left_s)}
        )  # fmt: skip
    for register in written:
        rows[register.name] += register.end(desk)
        report(_("%(register)s: %(rows)d rows") % {"register": register.name, "rows": rows[register.name]})
    return rows


def _chosen(parcels: int, without: Collection[str]) -> list[Register]:
    """The registers to be written. Raises InvalidInput for too small a city or a register that does not exist."""
    if parcels < LEAST_LOTS:
        raise InvalidInput(_("A demo city has at least %(least)d parcels.") % {"least": LEAST_LOTS})
    written = registers()
    if unknown := set(without) - {register.name for register in written}:
        raise InvalidInput(
            _("There are no registers %(unknown)s; there are %(names)s.")
            % {"unknown": ", ".join(sorted(unknown)), "names": ", ".join(register.name for register in written)}
        )
    return [register for register in written if register.name not in without]


def _refuse_real_parcels(province: shapely.Geometry) -> None:
    boundary = GEOSGeometry(memoryview(shapely.to_wkb(province)), srid=REGISTER_SRID)
    real = Parcel.objects.recorded().exclude(commune_code__startswith=PROVINCE_CODE)
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

    def made_with_it(register: type[Version]) -> QuerySet:
        made = register.objects.filter(recorded_during__startswith=made_at)
        return register.objects.filter(identity__in=made.values("identity"))

    units = AdministrativeUnit.objects.filter(code__startswith=PROVINCE_CODE)
    parcels = Parcel.objects.filter(commune_code__startswith=PROVINCE_CODE)
    plans = Plan.objects.filter(code__startswith=PROVINCE_CODE)
    removed = 0
    with history_may_go():
        for rows in (
            AdministrativeSuccession.objects.filter(successor__in=units.values("identity")),
            units,
            ParcelLineage.objects.filter(predecessor__in=parcels.values("identity")),
            parcels,
            Zone.objects.filter(plan__in=plans.values("identity")),
            PlanLine.objects.filter(plan__in=plans.values("identity")),
            plans,
            *map(made_with_it, (Street, Building, Address, Place, Water, Railway)),
            *(
                register.objects.filter(organisation__code__in=ORGANISATIONS)
                for register in (NetworkEdge, NetworkNode, Camera)
            ),
        ):
            # One statement each: nothing else refers to these rows, so none of them is fetched.
            removed += rows._raw_delete(rows.db)
    for raster in Raster.objects.filter(attribution=RASTER_SOURCE):
        remove_raster(raster.pk)
    report(_("removed the demo city that was there: %(rows)d rows") % {"rows": removed})
    return removed
