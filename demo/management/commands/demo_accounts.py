"""`manage.py demo_accounts`: who can sign in to the demo city."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from demo.accounts import demo_accounts, password_file, stored_password
from gisplatform.access import Role
from gisplatform.management.base import PlatformCommand


class Command(PlatformCommand):
    """Prints the demo accounts, what each may do, and their password."""

    help = "Print the demo accounts and their password."

    def add_arguments(self, parser: CommandParser) -> None:
        """For people or for programs."""
        parser.add_argument("--json", action="store_true", help="as JSON")

    def run(self, *args: Any, **options: Any) -> None:
        """Print them."""
        accounts, password = demo_accounts(), stored_password()
        if options["json"]:
            shown = {"password": password if accounts else None, "accounts": [asdict(account) for account in accounts]}
            self.stdout.write(json.dumps(shown, ensure_ascii=False))
            return
        if not accounts:
            self.stdout.write(_("There are no demo accounts."))
            return
        for account in accounts:
            roles = ", ".join(str(Role(role).label) for role in account.roles)
            self.stdout.write(
                f"  {account.username:<10} {roles}{f' · {account.organisation}' if account.organisation else ''}"
            )
        if password is None:
            self.stdout.write(
                _("The file %(file)s with their password is gone; make_demo_city --replace sets a new one.")
                % {"file": password_file()}
            )
        else:
            self.stdout.write(_("Password of all of them: %(password)s") % {"password": password})
