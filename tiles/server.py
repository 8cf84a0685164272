"""The tile server: a plain ASGI application, in the web process under /tiles or in a process of its own (asgi.py).

    /tiles/{layer}/{z}/{x}/{y}.mvt[?as_of=YYYY-MM-DD]     Mapbox Vector Tile 2.1
    /tiles/{layer}.json[?lang=vi|en][&as_of=]             TileJSON 3.0.0
    /tiles/style.json[?lang=vi|en][&theme=light|dark|aerial][&as_of=]   MapLibre style

No Django middleware stands in this way: a person is known by the signed pass, rows come from the published tables.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from gisplatform.access import sights
from gisplatform.errors import NotFound, PlatformError
from layers.catalogue import Layer, find, layers
from tiles import statements
from tiles.database import Database
from tiles.documents import tilejson
from tiles.envelope import Box, lonlat_bounds, register_box
from tiles.http import Answer, Receive, Request, Scope, Send, kept_by, respond
from tiles.memory import ShortMemory
from tiles.style import style
from tiles.themes import THEMES

_NUMBER = r"(0|[1-9][0-9]{0,8})"
_TILE = re.compile(rf"/tiles/([a-z_]+)/{_NUMBER}/{_NUMBER}/{_NUMBER}\.mvt")
_DOCUMENT = re.compile(r"/tiles/([a-z_]+)\.json")
_METHODS = "GET, HEAD"


class TileServer:
    """Answers tiles and the documents that describe them, from one database."""

    def __init__(self, database: Mapping[str, Any]) -> None:
        """database: the tile role's connection, one entry as in Django's DATABASES."""
        self._database = Database(database)
        # Where a layer lies changes slowly and takes a look at every row: asked once for all days, or every day that
        # somebody names would be one more look.
        self._bounds: ShortMemory[Box | None] = ShortMemory(seconds=60, entries=500)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI connection."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            request = Request.of(scope)
            with translation.override(request.language):
                await respond(send, request, await self._answer(request))

    async def _live(self, receive: Receive, send: Send) -> None:
        steps: dict[str, Callable[[], Awaitable[None]]] = {
            "lifespan.startup": self._database.open,
            "lifespan.shutdown": self._database.close,
        }
        for step in ("lifespan.startup", "lifespan.shutdown"):
            while (await receive())["type"] != step:
                pass
            await steps[step]()
            await send({"type": f"{step}.complete"})

    async def _answer(self, request: Request) -> Answer:
        try:
            if request.method not in {"GET", "HEAD"}:
                error = MethodNotAllowed(_("The map can only be read: use GET or HEAD."))
                return Answer.error(error, allow=_METHODS)
            if parts := _TILE.fullmatch(request.path):
                z, x, y = (int(part) for part in parts.groups()[1:])
                return await self._tile(request, parts[1], z, x, y)
            if request.path == "/tiles/style.json":
                return self._style(request)
            if parts := _DOCUMENT.fullmatch(request.path):
                return await self._tilejson(request, parts[1])
            raise NotFound(_("There is nothing at this address."))
        except PlatformError as exc:
            return Answer.error(exc)

    def _layer(self, request: Request, key: str) -> Layer:
        """A layer that this person may see at all. Raises NotFound: hidden, missing and out of range look alike."""
        layer = find(key)
        if layer is None or not sights(layer.access, request.person):
            raise NotFound(_("There is nothing at this address."))
        return layer

    async def _tile(self, request: Request, key: str, z: int, x: int, y: int) -> Answer:
        layer = self._layer(request, key)
        if not (layer.min_zoom <= z <= layer.max_zoom and x < 2**z and y < 2**z):
            raise NotFound(_("There is nothing at this address."))
        keep = {"cache-control": kept_by(request.person)}
        day, box = request.day, register_box(z, x, y, statements.buffer_of(layer, z))
        statement = box and statements.tile(layer, request.person, day, z, x, y, box)
        content = b"" if statement is None else (await self._database.row(statement))[0]
        if not content:
            return Answer(204, headers=keep)
        return Answer(200, bytes(content), "application/vnd.mapbox-vector-tile", keep)

    def _style(self, request: Request) -> Answer:
        seen = [layer for layer in layers() if sights(layer.access, request.person)]
        content = style(
            seen,
            request.person,
            base_url=request.base_url,
            language=request.language,
            theme=request.choice("theme", tuple(THEMES), "light"),
            as_of=request.as_of,
        )
        return _document(request, content)

    async def _tilejson(self, request: Request, key: str) -> Answer:
        layer = self._layer(request, key)
        bounds = await self._where(request, layer)
        content = tilejson(
            layer,
            request.person,
            base_url=request.base_url,
            language=request.language,
            as_of=request.as_of,
            bounds=bounds,
        )
        return _document(request, content)

    async def _where(self, request: Request, layer: Layer) -> Box | None:
        """Bounds, in degrees, of what this person sees of a layer; None while it is empty."""
        statement = statements.extent(layer, request.person)
        if statement is None:
            return None
        question = (statement.query, repr(sorted(statement.params.items())))
        if question not in self._bounds:
            west, south, east, north = await self._database.row(statement)
            self._bounds[question] = None if west is None else lonlat_bounds((west, south, east, north))
        return self._bounds[question]


class MethodNotAllowed(PlatformError):
    """Tiles are read only."""

    code, status = "method_not_allowed", 405


def _document(request: Request, content: Mapping[str, Any]) -> Answer:
    answer = Answer.json(content)
    return Answer(200, answer.content, answer.content_type, {"cache-control": kept_by(request.person)})


application = TileServer(settings.TILES_DATABASE)
