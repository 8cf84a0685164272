"""Accounts are given on the command line by whoever runs the platform."""

import getpass
import sys
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from accounts.operations import set_account
from gisplatform.access import Role
from gisplatform.errors import InvalidInput
from gisplatform.management.base import PlatformCommand


class Command(PlatformCommand):
    """`manage.py set_account lan.nguyen --role planner`."""

    help = "Makes an account or changes its roles; asks for the password, or reads it from standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        """The options."""
        parser.add_argument("username")
        roles = ", ".join(role for role in Role.values if role != Role.CITIZEN)
        parser.add_argument("--role", action="append", default=[], dest="roles", metavar="ROLE", help=f"one of {roles}")
        parser.add_argument("--organisation", nargs=2, metavar=("CODE", "NAME"), help="of a utility's member")
        parser.add_argument("--keep-password", action="store_true", help="leave the password as it is")
        parser.add_argument("--close", action="store_true", help="the account can no longer sign in")

    def run(self, *args: Any, **options: Any) -> None:
        """Make or change the account."""
        keep = options["keep_password"] or options["close"]
        created = set_account(
            username=options["username"],
            roles=options["roles"],
            organisation=tuple(options["organisation"]) if options["organisation"] else None,
            password=None if keep else self.asked_password(),
            active=not options["close"],
        )
        said = _("Account %(username)s made.") if created else _("Account %(username)s changed.")
        self.stdout.write(said % {"username": options["username"]})

    def asked_password(self) -> str:
        """The password, typed twice at a terminal, or the first line of standard input."""
        if not sys.stdin.isatty():
            return sys.stdin.readline().rstrip("\n")
        password = getpass.getpass(_("Password: "))
        if getpass.getpass(_("Again: ")) != password:
            raise InvalidInput(_("The two passwords differ; nothing was changed."))
        return password
