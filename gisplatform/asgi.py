"""The web process: the tile server under /tiles, Django under everything else."""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gisplatform.settings")
django_application = get_asgi_application()

from tiles.server import application as tile_application  # noqa: E402 - needs the loaded catalogue

Scope = MutableMapping[str, Any]


async def application(
    scope: Scope, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    """Tiles pass no Django middleware; the tile server also answers the lifespan messages."""
    if scope["type"] == "lifespan" or scope["path"].startswith("/tiles/") or scope["path"] == "/metrics":
        await tile_application(scope, receive, send)
    else:
        await django_application(scope, receive, send)  # type: ignore[arg-type]
