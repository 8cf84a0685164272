"""The demo accounts: one for each desk, one random password for all, kept in a file that only its owner may read."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from demo.names import SYNTHETIC
from gisplatform.access import Role
from gisplatform.errors import InvalidInput

# User name: role, organisation, name of the desk.
ACCOUNTS: dict[str, tuple[Role, str, str]] = {
    "planner": (Role.PLANNER, "", "Phòng quy hoạch"),
    "officer": (Role.OFFICER, "", "Cán bộ cấp phép"),
    "clerk": (Role.CLERK, "", "Bộ phận một cửa"),
    "water": (Role.UTILITY, "demo-water", "Cấp nước Thử Nghiệm"),
    "power": (Role.UTILITY, "demo-power", "Điện lực Thử Nghiệm"),
    "operator": (Role.OPERATOR, "", "Trực camera"),
    "admin": (Role.ADMINISTRATOR, "", "Quản trị hệ thống"),
}
_PASSWORD_BYTES = 12


@dataclass(frozen=True)
class DemoAccount:
    """One account to show to whoever tries the platform."""

    username: str
    roles: list[str]
    organisation: str


def password_file() -> Path:
    """Where the password of this database's demo accounts is kept; several databases may share the folder."""
    return Path(settings.DATA_DIR) / f"demo-password-{connection.settings_dict['NAME']}"


def stored_password() -> str | None:
    """The password of the demo accounts; None when its file is gone."""
    file = password_file()
    return file.read_text(encoding="ascii").strip() if file.exists() else None


def demo_accounts() -> list[DemoAccount]:
    """The demo accounts that exist, in the order of ACCOUNTS."""
    found = User.objects.filter(is_demo=True, is_active=True).select_related("organisation")
    order = list(ACCOUNTS)
    shown = [
        DemoAccount(user.username, list(user.roles), user.organisation.name if user.organisation else "")
        for user in found
    ]
    return sorted(
        shown, key=lambda one: (order.index(one.username) if one.username in order else len(order), one.username)
    )


def open_accounts(organisations: dict[str, Organisation]) -> str:
    """Make the accounts, or give those that are there a new password; returns it. The caller stores it.

    Raises InvalidInput when somebody's real account has one of the names.
    """
    taken = sorted(User.objects.filter(username__in=ACCOUNTS, is_demo=False).values_list("username", flat=True))
    if taken:
        raise InvalidInput(
            _("These user names belong to real accounts: %(names)s. A demo city does not take them over.")
            % {"names": ", ".join(taken)},
            taken=taken,
        )
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    encoded = make_password(password)  # slow on purpose, and the same for all
    for username, (role, organisation, name) in ACCOUNTS.items():
        User.objects.update_or_create(
            username=username,
            defaults={
                "name": f"{name} {SYNTHETIC}",
                "roles": [role],
                "organisation": organisations.get(organisation),
                "password": encoded,
                "is_active": True,
                "is_demo": True,
            },
        )
    return password


def store_password(password: str) -> Path:
    """Write the password where only the platform's own user can read it (mode 0600), all at once."""
    file = password_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as output:
        output.write(f"{password}\n")
    draft.replace(file)
    return file
