"""manage.py compress_static: scripts and styles, compressed once so that no answer waits for it."""

from typing import Any

from gisplatform.management.base import PlatformCommand
from gisplatform.static import compress_all


class Command(PlatformCommand):
    """Compress static files into the data folder; what is there already is kept."""

    help = "Compress scripts and styles once, as small as they get. script/server does it at each start."

    def run(self, *args: Any, **options: Any) -> None:
        """Do it and say how many were new."""
        self.stdout.write(f"{compress_all()} files compressed")
