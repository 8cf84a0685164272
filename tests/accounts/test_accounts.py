"""Signing in and out: who one is then, and what the pass that the tile server reads says of it."""

import pytest
from django.test import Client

from accounts.models import User
from gisplatform import passes
from gisplatform.access import CITIZEN, Person, Role
from tests.factories import make_organisation, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough one"


@pytest.fixture
def water() -> User:
    """The desk of a water company."""
    company = make_organisation(name="Cấp nước Sông Thử")
    return make_user(Role.UTILITY, username="water", password=PASSWORD, organisation=company)


def sign_in(client: Client, username: str = "water", password: str = PASSWORD, **more: str):
    return client.post("/accounts/login/", {"login": username, "password": password, **more})


def pass_of(client: Client) -> Person | None:
    """What the tile server would read."""
    held = client.cookies.get(passes.COOKIE)
    return passes.read(held.value) if held and held.value else None


def test_a_utility_signs_in_and_out(client: Client, water: User):
    # Whoever comes by is a citizen and needs no pass.
    client.get("/accounts/login/")
    assert pass_of(client) is None
    assert client.get("/session.json").json() == {"signed_in": False}
    # Signing in leads on, and the answer already carries the pass.
    answer = sign_in(client, next="/#map=17/16/108")
    assert (answer.status_code, answer["location"]) == (302, "/#map=17/16/108")
    assert pass_of(client) == Person.of([Role.UTILITY], water.organisation_id)
    assert client.get("/session.json").json()["name"] == str(water)
    # Signing out takes it away with the same answer.
    assert client.post("/accounts/logout/").status_code == 302
    assert pass_of(client) is None


def test_the_pass_ends_with_the_browser_session_as_the_sign_in_does(client: Client, water: User):
    # The desk's computer is everybody's: who closes the browser leaves nothing behind.
    sign_in(client)
    for cookie in [client.cookies[passes.COOKIE], client.cookies["sessionid"]]:
        assert (cookie["max-age"], cookie["expires"]) == ("", "")


def test_the_wrong_password_is_told_and_tells_nothing(client: Client, water: User):
    wrong, unknown = sign_in(client, password="something else"), sign_in(client, username="nobody")
    assert wrong.status_code == unknown.status_code == 200
    assert wrong.context["form"].errors == unknown.context["form"].errors
    assert 'value="water"' in wrong.content.decode()  # nothing typed is lost but the password
    assert pass_of(client) is None


def test_sign_in_leads_to_no_other_site(client: Client, water: User):
    assert sign_in(client, next="https://elsewhere.example/")["location"] == "/start"


def test_nobody_signs_up_by_himself(client: Client):
    page = client.post("/accounts/signup/", {"username": "me", "password1": PASSWORD})
    assert page.templates[0].name == "account/signup_closed.html"
    assert not User.objects.exists()


def test_a_change_of_roles_reaches_the_pass_with_the_next_page(client: Client, water: User):
    sign_in(client)
    User.objects.filter(pk=water.pk).update(roles=[Role.PLANNER])
    client.get("/session.json")
    assert pass_of(client) == Person.of([Role.PLANNER], water.organisation_id)


def test_a_closed_account_is_a_citizens(client: Client, water: User):
    sign_in(client)
    User.objects.filter(pk=water.pk).update(is_active=False)
    assert client.get("/session.json").json() == {"signed_in": False}
    assert pass_of(client) is None
    assert User.objects.get(pk=water.pk).person == CITIZEN


def test_the_password_can_be_changed_by_who_knows_it(client: Client, water: User):
    sign_in(client)
    fresh = "another long enough one"
    change = {"oldpassword": "wrong", "password1": fresh, "password2": fresh}
    assert client.post("/accounts/password/change/", change).status_code == 200
    assert client.post("/accounts/password/change/", {**change, "oldpassword": PASSWORD}).status_code == 302
    client.post("/accounts/logout/")
    assert sign_in(client, password=fresh).status_code == 302


def test_a_forgotten_password_is_the_administrators_business(client: Client):
    page = client.get("/accounts/password/reset/")
    assert page.status_code == 200
    assert client.post("/accounts/password/reset/", {"email": "me@example.org"}).status_code == 405


def test_a_form_that_has_expired_says_so(water: User):
    page = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "water", "password": PASSWORD})
    assert page.status_code == 403
    assert page.templates[0].name == "403_csrf.html"
