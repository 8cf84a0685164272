"""`manage.py nginx_config --host NAME`: how nginx in front of the platform sends tiles from disk."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings

from gisplatform.management.base import PlatformCommand
from tiles.addresses import secret

_TEMPLATE = Path(__file__).resolve().parents[2] / "nginx.conf"


class Command(PlatformCommand):
    """Prints the configuration; it holds a secret."""

    help = "Print a configuration for nginx in front of the platform. It holds a secret: keep it readable by root only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where nginx listens, and where it finds the platform."""
        parser.add_argument("--host", required=True, help="the platform's name, as browsers ask for it")
        parser.add_argument("--listen", default="80", help="port, or address and port (80)")
        parser.add_argument("--upstream", default="127.0.0.1:8000", help="where script/server listens (127.0.0.1:8000)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Fill in the template."""
        text = _TEMPLATE.read_text(encoding="utf-8")
        values = {
            "HOST": options["host"],
            "LISTEN": options["listen"],
            "UPSTREAM": options["upstream"],
            "FOLDER": str(settings.TILES_FOLDER.resolve()),
            "SECRET": secret(),
        }
        for name, value in values.items():
            text = text.replace(f"@{name}@", value)
        self.stdout.write(text)
