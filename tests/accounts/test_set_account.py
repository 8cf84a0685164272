"""An operator gives accounts on the command line; nobody else does."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from accounts.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "một-mật-khẩu-dài-cho-thử"


@pytest.fixture
def set_account(monkeypatch):
    """A function that runs the command in English with a password on standard input."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def run(*arguments: str, password: str = PASSWORD) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        output = io.StringIO()
        with translation.override("en"):
            call_command("set_account", *arguments, stdout=output)
        return output.getvalue()

    return run


def test_a_planner_gets_an_account_signs_in_and_loses_it(set_account, client):
    assert "made" in set_account("thu.ke.hoach", "--role", "planner", "--role", "officer")
    assert client.login(username="thu.ke.hoach", password=PASSWORD)
    assert User.objects.get(username="thu.ke.hoach").person.roles == {"planner", "officer", "citizen"}
    assert "changed" in set_account("thu.ke.hoach", "--role", "clerk", "--keep-password")
    assert client.login(username="thu.ke.hoach", password=PASSWORD)
    set_account("thu.ke.hoach", "--close")
    assert not client.login(username="thu.ke.hoach", password=PASSWORD)


def test_a_utility_needs_its_organisation(set_account):
    with pytest.raises(CommandError, match="needs its organisation"):
        set_account("thu.nuoc", "--role", "utility")
    set_account("thu.nuoc", "--role", "utility", "--organisation", "nuoc-thu", "Cấp nước thử")
    assert User.objects.get(username="thu.nuoc").organisation.name == "Cấp nước thử"


@pytest.mark.parametrize(
    ("arguments", "password", "fault"),
    [(("x", "--role", "king"), PASSWORD, "no role “king”"), (("x y", "--role", "clerk"), PASSWORD, "valid value"),
     (("x", "--role", "clerk"), "ngắn", "too short")],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_is_made(set_account, arguments, password, fault):
    with pytest.raises(CommandError, match=fault):
        set_account(*arguments, password=password)
    assert not User.objects.exists()
