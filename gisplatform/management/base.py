"""What every command of the platform shares: one line per error, an exit code, the language of the shell."""

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from django.utils import translation
from django.utils.translation import gettext as _

from gisplatform.errors import PlatformError, Unavailable


def shell_language() -> str:
    """Vietnamese in a Vietnamese shell (LANG=vi_VN.UTF-8), otherwise English."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            return "vi" if value.lower().startswith("vi") else "en"
    return "en"


def unavailable(exc: OperationalError) -> Unavailable:
    """What a person reads when the database is away or went away half-way."""
    return Unavailable(
        _("The database does not answer; nothing was stored. Start it with script/server. (%(reason)s)")
        % {"reason": (str(exc).strip() or type(exc).__name__).splitlines()[0]}
    )


class PlatformCommand(BaseCommand):
    """Implement `run`; a PlatformError becomes one line on stderr and its exit code, without a traceback."""

    def handle(self, *args: Any, **options: Any) -> Any:
        """Run the command in the language of the shell."""
        with translation.override(shell_language()):
            try:
                return self.run(*args, **options)
            except PlatformError as exc:
                raise CommandError(str(exc), returncode=exc.exit_code) from exc
            except OperationalError as exc:
                away = unavailable(exc)
                raise CommandError(str(away), returncode=away.exit_code) from exc
            except KeyboardInterrupt:
                self.stderr.write(_("Stopped; nothing was stored."))
                sys.exit(130)

    def run(self, *args: Any, **options: Any) -> Any:
        """The command's work."""
        raise NotImplementedError
