"""Where work begins: each role finds its own on the start page, and nobody finds more than they may see."""

from datetime import date

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gisplatform.access import Role
from importers.models import ImportRun
from layers.networks.models import Network
from layers.parcels.models import ParcelLineage
from planning.plans.models import PlanState
from tests.factories import (
    days,
    end_parcel,
    line,
    make_address,
    make_camera,
    make_edge,
    make_node,
    make_organisation,
    make_parcel,
    make_plan,
    make_unit,
    make_user,
    rectangle,
)  # fmt: skip

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept():
    """Counts are kept for minutes; each test begins without."""
    cache.clear()


@pytest.fixture
def town():
    """A commune with a parcel, a draft and a plan in consultation, two utilities, a camera."""
    make_unit()
    make_parcel(sheet="12", number="283")
    make_address(house_number="12", street_name="Nguyễn Hữu Thọ")
    make_plan(PlanState.DRAFT, title="Điều chỉnh cục bộ")
    make_plan(PlanState.CONSULTATION, title="Khu dân cư ven sông", kind="quy hoạch chi tiết")
    make_plan(title="Quy hoạch chung")
    water, power = make_organisation(name="Cấp nước Miền Trung"), make_organisation(name="Điện lực Miền Trung")
    make_edge(water, route=line((0, -10), (1500, -10)))
    make_edge(water, kind="service")
    make_node(water)
    make_edge(power, network=Network.POWER, kind="cable", diameter_mm=None)
    make_camera(power)
    return water


def start(client: Client, *roles: Role, **fields) -> str:
    client.cookies["django_language"] = "en"
    if roles:
        client.force_login(make_user(*roles, **fields))
    answer = client.get("/start")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split("<main")[1].split())


def test_a_citizen_gets_the_search_and_how_to_read_the_answer(client, town):
    page = start(client)
    assert "What may be built here?" in page
    assert "How to read the answer" in page
    # Examples that lead somewhere here.
    assert "/search?q=12%20Nguy%E1%BB%85n%20H%E1%BB%AFu%20Th%E1%BB%8D" in page
    for secret in ("Điều chỉnh cục bộ", "Plans under way", "Utility networks", "Accounts", "Your desk"):
        assert secret not in page


def test_a_planner_gets_the_plans_under_way_and_what_changed(client, town):
    page = start(client, Role.PLANNER)
    under_way = page[page.index("Plans under way") : page.index("Latest changes of plans")]
    assert "Điều chỉnh cục bộ" in under_way
    assert "Draft" in under_way
    assert "Khu dân cư ven sông" in under_way
    assert "Detailed plan 1/2,000" in under_way
    assert "Quy hoạch chung" not in under_way
    assert "#thing=plans/" in under_way
    assert "#parcel=20194-12-283" in page
    assert "Accounts" not in page


@pytest.mark.parametrize("role", [Role.OFFICER, Role.CLERK])
def test_a_desk_is_told_honestly_that_dossiers_are_still_to_come(client, town, role):
    page = start(client, role)
    assert "Dossiers are not on this platform yet" in page
    assert "Latest changes of the cadastre" in page
    assert "Plans under way" not in page


def test_a_parcel_says_how_it_came_about(client):
    old = end_parcel(make_parcel(number="1"), date(2025, 3, 1))
    new = make_parcel(number="2", valid_during=days(date(2025, 3, 1)), boundary=rectangle(0, 0, 20, 25))
    ParcelLineage.objects.create(
        predecessor=old.identity, successor=new.identity, kind="split", happened_on=date(2025, 3, 1)
    )
    page = start(client, Role.CLERK)
    changes = page[page.index("Latest changes of the cadastre") :]
    assert "20194-7-2" in changes
    assert "20194-7-1" not in changes
    assert "Split" in changes
    assert "01/03/2025" in changes


def test_a_parcel_that_was_amended_is_told_from_a_new_one(client):
    make_parcel(number="1")
    old = end_parcel(make_parcel(number="2", boundary=rectangle(50, 0)), date(2025, 3, 1))
    make_parcel(
        identity=old.identity, number="2", valid_during=days(date(2025, 3, 1)), land_use_codes=["CLN"],
        boundary=rectangle(50, 0),
    )  # fmt: skip
    page = start(client, Role.CLERK)
    assert page.index("20194-7-2") < page.index("Update") < page.index("20194-7-1") < page.index("First entry")


def test_a_utility_counts_its_own_network_and_nobody_elses(client, town):
    page = start(client, Role.UTILITY, organisation=town)
    assert "The network of Cấp nước Miền Trung" in page
    assert "Main" in page
    assert "1.5" in page  # km
    assert "Valve" in page
    assert "Cable" not in page
    assert "Power" not in page
    assert "#layers=streets,network_edges,network_nodes" in page
    # What was counted for one is not shown to the other.
    other = start(Client(), Role.UTILITY, organisation=make_organisation())
    assert "Nothing of your network is in the register yet." in other


def test_an_operator_counts_cameras(client, town):
    page = start(client, Role.OPERATOR)
    assert "Traffic" in page
    assert "You see them where they stand." in page
    assert "Utility networks" not in page


def test_an_administrator_sees_all_of_it(client, town):
    ImportRun.objects.create(
        register="parcels", file_names=["hai-chau.geojson"], sha256="0" * 64, crs="EPSG:5899", counts={"added": 12345}
    )
    page = start(client, Role.ADMINISTRATOR)
    for part in ("Your desk", "Plans under way", "Utility networks", "Cameras", "Registers", "Accounts"):
        assert part in page
    assert "hai-chau.geojson" in page
    assert "12,345" in page
    # Two utilities in one network table, told apart by network.
    assert "Water supply" in page
    assert "Power" in page


def test_several_roles_get_several_parts(client, town):
    page = start(client, Role.CLERK, Role.OPERATOR)
    assert "Your desk" in page
    assert "Cameras" in page


def test_an_account_without_a_role_is_told_whom_to_ask(client, town):
    client.force_login(make_user())
    client.cookies["django_language"] = "en"
    assert "An administrator gives it one." in client.get("/start").content.decode()


def test_the_page_asks_the_same_few_questions_whatever_the_size_of_the_register(client, town):
    administrator = make_user(Role.ADMINISTRATOR)
    client.force_login(administrator)
    client.get("/start")  # what is kept is kept

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/start")
        return len(queries)

    few = asked()
    for number in range(30):
        make_parcel(number=f"9{number}", boundary=rectangle(100 * number, 500))
    assert asked() == few


def test_signing_in_leads_to_the_start_page_or_back_to_where_one_was(client, town):
    # Whoever sees the map before signing in finds the way there, too.
    assert 'href="/start"' in client.get("/").content.decode()
    user = make_user(Role.PLANNER, username="planner")
    user.set_password("quy-hoach-2026-da-nang")
    user.save()
    form = {"login": "planner", "password": "quy-hoach-2026-da-nang"}
    assert client.post("/accounts/login/", form)["location"] == "/start"
    deep = "/#map=17/16.05/108.2&parcel=20194-12-283"
    assert Client().post("/accounts/login/", {**form, "next": deep})["location"] == deep
