"""The tile server in a process of its own: `granian --interface asgi tiles.asgi:application`."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gisplatform.settings")
os.environ.setdefault("DATABASE_ROLE", "tiles")
django.setup()

from tiles.server import application  # noqa: E402 - needs the loaded catalogue

__all__ = ["application"]
