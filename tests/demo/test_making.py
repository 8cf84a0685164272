"""Someone makes the demo city, signs in to it, makes it anew, and cannot spoil real land with it."""

import hashlib
import json
import stat

import numpy as np
import pytest
import shapely
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from demo.accounts import ACCOUNTS, password_file, stored_password
from demo.operations import CENTRE_LON_LAT, remove_city
from demo.units import EAST_CODE, MERGED_CODE, PROVINCE_CODE
from demo.writing import copy_rows, period
from gisplatform import clock
from gisplatform.access import STAFF, Person, Role
from gisplatform.crs import REGISTER_SRID, wgs84_to_register
from layers import catalogue
from layers.base.models import AdministrativeSuccession, AdministrativeUnit
from layers.networks.models import Network, NetworkEdge, NetworkNode
from layers.parcels.models import LandUseCode, Parcel, ParcelLineage
from layers.queries import select
from planning.plans.models import Plan, ZoneFunction

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "var"


@pytest.fixture
def made(capsys):
    call_command("make_demo_city", parcels=500, without="rasters")  # they have tests of their own, and take their time
    return capsys.readouterr().out


def parcels_md5() -> str:
    rows = Parcel.objects.order_by("code", "valid_during").values_list(
        "code", "valid_during", "land_use_codes", "area_document_m2", "boundary"
    )
    texts = [(*row[:-1], row[-1].hex) for row in rows]
    return hashlib.md5(repr(texts).encode(), usedforsecurity=False).hexdigest()


def counts() -> dict[str, int]:
    with connection.cursor() as cursor:
        found = {}
        for layer in catalogue.layers():
            cursor.execute(f'SELECT count(*) FROM "{layer.table}"')
            (found[layer.key],) = cursor.fetchone()
    return found


def test_every_layer_has_rows_and_all_lie_inside_the_invented_province(made):
    province = AdministrativeUnit.objects.get(code=PROVINCE_CODE)
    planner = Person.of(STAFF)
    for layer in catalogue.layers():
        rows = select(layer, planner, limit=10_000)
        assert rows, layer.key
        with connection.cursor() as cursor:
            cursor.execute(
                f'SELECT count(*) FROM "{layer.table}" WHERE NOT ST_CoveredBy("{layer.geometry}",'
                " (SELECT boundary FROM base_administrativeunit WHERE identity = %s))",
                [province.identity],
            )
            assert cursor.fetchone() == (0,), layer.key
    assert len(select(catalogue.find("parcels"), planner, limit=1000)) == 500
    assert "parcels" in made


def test_names_and_codes_say_that_nothing_of_it_is_real(made):
    for name in (
        *AdministrativeUnit.objects.values_list("name", flat=True),
        *Plan.objects.values_list("title", flat=True),
        *User.objects.values_list("name", flat=True),
        *NetworkNode.objects.values_list("organisation__name", flat=True).distinct(),
    ):
        assert "(giả lập)" in name
    assert all(code.startswith(PROVINCE_CODE) for code in Parcel.objects.values_list("commune_code", flat=True))
    assert all(code.startswith(PROVINCE_CODE) for code in Plan.objects.values_list("code", flat=True))


def test_codes_are_those_of_the_law(made):
    used = {code for codes in Parcel.objects.values_list("land_use_codes", flat=True) for code in codes}
    assert used <= set(LandUseCode.objects.in_force().values_list("code", flat=True))
    assert Parcel.objects.filter(land_use_codes=["ODT", "CLN"]).exists()
    functions = {zone["function"] for zone in select(catalogue.find("zones"), Person.of([Role.PLANNER]), limit=10_000)}
    assert functions <= set(ZoneFunction.objects.in_force().values_list("code", flat=True))


def test_a_citizen_sees_the_plan_in_force_and_the_one_in_consultation_but_no_draft(made):
    plans = catalogue.find("plans")
    public = {"adopted", "superseded", "consultation"}
    assert {row["state"] for row in select(plans, Person())} == public
    assert {row["state"] for row in select(plans, Person.of([Role.PLANNER]))} == public | {"draft"}
    assert not select(catalogue.find("network_edges"), Person())


def test_a_utility_sees_its_own_network_only(made):
    water = User.objects.get(username="water").person
    assert {row["network"] for row in select(catalogue.find("network_edges"), water)} == {"water"}


def test_nodes_and_edges_of_all_six_networks_hang_together_in_the_register(made):
    assert set(NetworkEdge.objects.values_list("network", flat=True)) == set(Network.values)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM networks_networkedge edge
               LEFT JOIN networks_networknode first ON first.identity = edge.start_node
                    AND first.network = edge.network AND ST_Equals(first.position, ST_StartPoint(edge.route))
               LEFT JOIN networks_networknode last ON last.identity = edge.end_node
                    AND last.network = edge.network AND ST_Equals(last.position, ST_EndPoint(edge.route))
               WHERE first.id IS NULL OR last.id IS NULL"""
        )
        assert cursor.fetchone() == (0,)


def test_house_numbers_name_the_street_and_the_parcel_at_whose_front_they_stand(made):
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*), count(street.id), count(parcel.id) FROM base_address address
               LEFT JOIN base_street street ON street.identity = address.street AND street.name = address.street_name
               LEFT JOIN parcels_parcel parcel ON parcel.identity = address.parcel
                    AND upper_inf(parcel.valid_during) AND ST_DWithin(parcel.boundary, address.position, 1)"""
        )
        addresses, with_street, with_parcel = cursor.fetchone()
    assert addresses == with_street == with_parcel
    assert addresses > 150


def test_the_database_knows_how_much_was_written(made):
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, reltuples FROM pg_class WHERE relname IN ('parcels_parcel', 'base_address')")
        assert min(rows for _, rows in cursor.fetchall()) > 100


def test_registers_that_are_left_out_stay_empty():
    with pytest.raises(CommandError, match="gardens"):
        call_command("make_demo_city", parcels=500, without="gardens")
    call_command("make_demo_city", parcels=500, without="networks,rasters,addresses")
    rows = counts()
    assert not rows["network_nodes"] + rows["network_edges"] + rows["addresses"]
    assert rows["parcels"] >= 500


def test_old_numbers_lead_to_what_parcels_became(made):
    split = ParcelLineage.objects.filter(kind="split").order_by("pk").first()
    before = Parcel.objects.get(identity=split.predecessor)
    parts = Parcel.objects.filter(
        identity__in=ParcelLineage.objects.filter(predecessor=split.predecessor).values("successor")
    )
    assert len(parts) == 2
    assert sum(part.area_measured_m2 for part in parts) == pytest.approx(before.area_measured_m2)
    assert before.valid_during.upper == split.happened_on == parts[0].valid_during.lower
    months = (clock.today().year - split.happened_on.year) * 12 + clock.today().month - split.happened_on.month
    assert months == 2
    assert ParcelLineage.objects.filter(kind="merge").count() == 2
    # One parcel was garden and became building land; it stayed the same parcel.
    before = Parcel.objects.filter(land_use_codes=["CLN"], valid_during__upper_inf=False).values("identity")
    assert Parcel.objects.as_of().filter(identity__in=before, land_use_codes=["ODT", "CLN"]).count() == 1
    # Land of the commune that merged has the numbers of before.
    assert AdministrativeSuccession.objects.count() == 1
    moved = Parcel.objects.filter(commune_code=MERGED_CODE).first()
    today = Parcel.objects.as_of().get(identity=moved.identity)
    assert (today.commune_code, today.old_sheet, today.old_number) == (EAST_CODE, moved.sheet, moved.number)


def test_all_demo_accounts_sign_in_with_the_one_password_that_only_its_owner_can_read(made, client, capsys):
    assert stat.S_IMODE(password_file().stat().st_mode) == 0o600
    call_command("demo_accounts", json=True)
    shown = json.loads(capsys.readouterr().out)
    assert [account["username"] for account in shown["accounts"]] == list(ACCOUNTS)
    for username, (role, organisation, _) in ACCOUNTS.items():
        assert client.login(username=username, password=shown["password"])
        assert not client.login(username=username, password=shown["password"] + "x")
        user = User.objects.get(username=username)
        assert user.roles == [role]
        assert (user.organisation.code if user.organisation else "") == organisation
        assert user.is_demo
    call_command("demo_accounts")
    text = capsys.readouterr().out
    assert shown["password"] in text
    assert "water" in text


def test_without_a_city_there_are_no_accounts_to_print(capsys):
    call_command("demo_accounts")
    assert "planner" not in capsys.readouterr().out


def test_a_second_run_with_if_empty_changes_nothing(made):
    before = counts(), parcels_md5(), stored_password(), User.objects.get(username="planner").password
    call_command("make_demo_city", parcels=600, if_empty=True)
    assert before == (counts(), parcels_md5(), stored_password(), User.objects.get(username="planner").password)


def test_a_second_run_refuses_and_replace_makes_the_same_city_anew(made):
    before, rows, password = parcels_md5(), counts(), stored_password()
    with pytest.raises(CommandError) as refused:
        call_command("make_demo_city", parcels=500)
    assert refused.value.returncode == 2
    assert "--replace" in str(refused.value)
    call_command("make_demo_city", parcels=500, replace=True, without="rasters")
    assert (parcels_md5(), counts()) == (before, rows)
    assert stored_password() != password
    call_command("make_demo_city", parcels=500, seed=2, replace=True, without="rasters")
    assert parcels_md5() != before


def test_removing_the_city_leaves_real_land_alone(made):
    real_parcel(lon=108.22, lat=16.06)
    remove_city()
    left = {key: rows for key, rows in counts().items() if rows}
    assert left == {"parcels": 1}
    assert not ParcelLineage.objects.exists()
    assert not AdministrativeSuccession.objects.exists()


def test_no_city_is_made_over_real_parcels(capsys):
    real_parcel(*CENTRE_LON_LAT)
    with pytest.raises(CommandError, match="20194-1-1"):
        call_command("make_demo_city", parcels=500)
    assert counts()["streets"] == 0
    assert not User.objects.exists()
    assert stored_password() is None


def test_no_city_takes_over_the_account_of_a_real_person():
    User.objects.create_user("planner", "her own secret")
    with pytest.raises(CommandError, match="planner"):
        call_command("make_demo_city", parcels=500)
    assert User.objects.get().check_password("her own secret")
    assert not any(counts().values())


def test_a_city_of_three_houses_is_none():
    with pytest.raises(CommandError, match="500"):
        call_command("make_demo_city", parcels=3)


def test_the_workers_rights_are_enough_and_the_second_start_is_quiet(city):
    # The shared demo city was made by `manage.py make_demo_city`, which logs in as the worker.
    assert city.sql("SELECT count(*) FROM parcels_parcel WHERE upper_inf(valid_during)")[0][0] >= 600
    again = city.manage("make_demo_city", "--if-empty")
    assert len(again.stdout.splitlines()) == 1
    assert city.manage("make_demo_city", check=False).returncode == 2
    accounts = json.loads(city.manage("demo_accounts", "--json").stdout)
    assert accounts["password"] == city.password


def real_parcel(lon: float, lat: float) -> None:
    """A 20 m square of a real commune at that place."""

    east, north = wgs84_to_register(lon, lat)
    copy_rows(
        Parcel,
        {
            "valid_during": period("2020-01-01", count=1),
            "commune_code": "20194",
            "sheet": "1",
            "number": "1",
            "suffix": 1,
            "old_sheet": "",
            "old_number": "",
            "land_use_codes": "{ODT}",
            "area_document_m2": 400.0,
            "boundary": np.array([shapely.set_srid(shapely.box(east, north, east + 20, north + 20), REGISTER_SRID)]),
        },
    )
