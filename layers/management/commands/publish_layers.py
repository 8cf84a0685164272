"""Make the published tables anew from the registers."""

from typing import Any

from gisplatform.management.base import PlatformCommand
from layers.publishing import publish


class Command(PlatformCommand):
    """`manage.py publish_layers`."""

    help = "Makes the published schema anew from the layer catalogue; reading goes on meanwhile."

    def run(self, *args: Any, **options: Any) -> None:
        """Publish every layer and name them."""
        self.stdout.write(", ".join(publish()))
