"""The tile server: a plain ASGI application, in the web process under /tiles or in a process of its own (asgi.py).

    /tiles/{layer}/{z}/{x}/{y}.mvt[?as_of=YYYY-MM-DD]     Mapbox Vector Tile 2.1
    /tiles/base/{z}/{x}/{y}.mvt                           the base layers in one tile (tiles/bundles.py); base.json
    /tiles/{layer}.json[?lang=vi|en][&as_of=]             TileJSON 3.0.0
    /tiles/style.json[?lang=vi|en][&theme=light|dark|aerial][&as_of=][&addresses=signed]   MapLibre style
    /tiles/s/…                                            tiles under signed addresses (tiles/addresses.py)
    /tiles/s/addresses.json                               the addresses of the layers that this person may see
    /tiles/changes                                        what changes, as it happens (tiles/streams.py)
    /metrics                                              for Prometheus; from this machine or with METRICS_TOKEN

No Django middleware stands in this way: a person is known by the signed pass, rows come from the published tables.
"""

import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from gisplatform.access import sights
from gisplatform.errors import NotFound, PlatformError
from layers.catalogue import Layer, layers
from tiles import statements
from tiles.addresses import opens, tile_address
from tiles.bundles import Tileset, members_of, tileset_for, tilesets, viewer_of
from tiles.cache import TileCache
from tiles.cached import Key
from tiles.database import Database
from tiles.documents import tilejson
from tiles.envelope import Box, around, lonlat_bounds
from tiles.flights import ClientGone
from tiles.http import FOR_ONE, Answer, Receive, Request, Scope, Send, kept_by, left, respond
from tiles.memory import ShortMemory
from tiles.metrics import Metrics
from tiles.streams import Streams
from tiles.style import style
from tiles.themes import THEMES
from tiles.viewers import person_named

_NUMBER = r"(0|[1-9][0-9]{0,8})"
_TILE = re.compile(rf"/tiles/([a-z_]+)/{_NUMBER}/{_NUMBER}/{_NUMBER}\.mvt")
_SIGNED = re.compile(
    rf"/tiles/s/([0-9]{{1,12}})/([A-Za-z0-9_-]{{22}})/([a-z]+(?:\.[a-z]+)*(?:-[0-9]+)?)/([a-z_]+)/{_NUMBER}/{_NUMBER}/{_NUMBER}\.mvt"
)
_DOCUMENT = re.compile(r"/tiles/([a-z_]+)\.json")
_METHODS = "GET, HEAD"


class TileServer:
    """Answers tiles and the documents that describe them, from one database."""

    def __init__(
        self, database: Mapping[str, Any], *, folder: Path, memory_bytes: int = 2**26, disk_bytes: int = 2**30
    ) -> None:
        """database: the tile role's connection, one entry as in Django's DATABASES; folder: where tiles are kept."""
        self._database = Database(database)
        self._cache = TileCache(
            database, self._database, folder=folder, memory_bytes=memory_bytes, disk_bytes=disk_bytes
        )
        self._metrics = Metrics()
        self._streams = Streams(self._cache.changes)
        self._cache.listeners.append(self._streams.told)
        # Where a layer lies changes slowly and takes a look at every row: asked once for all days, or every day that
        # somebody names would be one more look.
        self._bounds: ShortMemory[Box | None] = ShortMemory(seconds=60, entries=500)
        self._versions: ShortMemory[str] = ShortMemory(seconds=60, entries=500)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI connection."""
        if scope["type"] == "http":
            # What everyone sees and is at hand is sent with as few steps as can be.
            if (found := self._cache.at_hand(scope["path"])) and (messages := found[1].choose(scope)):
                counts = self._metrics.of(found[0].layer, found[0].z)
                counts.found["memory"] += 1
                counts.bytes += len(messages[1]["body"])
                await send(messages[0])
                await send(messages[1])
                return
            request = Request.of(scope)
            with translation.override(request.language), suppress(ClientGone):
                await self._serve(request, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)

    async def _serve(self, request: Request, receive: Receive, send: Send) -> None:
        try:
            answer = None if request.path == "/tiles/changes" else await self._answer(request, receive)
            if answer is None:
                self._read_only(request)
                await self._streams.serve(request, receive, send)
                return
        except PlatformError as exc:
            self._metrics.error(exc.status)
            allowed = {"allow": _METHODS} if isinstance(exc, MethodNotAllowed) else {}
            answer = Answer.error(exc, **allowed)
        await respond(send, request, answer)

    async def _live(self, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "lifespan.startup":
            pass
        await self._database.open()
        await self._cache.start()
        await send({"type": "lifespan.startup.complete"})
        while (await receive())["type"] != "lifespan.shutdown":
            pass
        await self._cache.close()
        await self._database.close()
        await send({"type": "lifespan.shutdown.complete"})

    def _read_only(self, request: Request) -> None:
        if request.method not in {"GET", "HEAD"}:
            raise MethodNotAllowed(_("The map can only be read: use GET or HEAD."))

    async def _answer(self, request: Request, receive: Receive) -> Answer:
        self._read_only(request)
        if parts := _TILE.fullmatch(request.path):
            tileset = self._tileset(request, parts[1])
            viewer = viewer_of(tileset, request.person)
            assert viewer
            return await self._tile(request, receive, tileset, viewer, parts.groups()[1:], kept_by(request.person))
        if parts := _SIGNED.fullmatch(request.path):
            tileset, viewer = self._signed(request, *parts.groups()[:4])
            return await self._tile(request, receive, tileset, viewer, parts.groups()[4:], FOR_ONE)
        if request.path == "/tiles/style.json":
            return self._style(request)
        if request.path == "/tiles/s/addresses.json":
            return self._addresses(request)
        if request.path == "/metrics":
            return self._counted(request)
        if parts := _DOCUMENT.fullmatch(request.path):
            return await self._tilejson(request, parts[1])
        raise NotFound(_("There is nothing at this address."))

    def _signed(self, request: Request, expires: str, signed: str, viewer: str, key: str) -> tuple[Tileset, str]:
        """The tiles and the viewer of a signed address. Raises NotFound: forged, hidden and missing look alike.

        Where its time is over, it serves whom the pass lets see the same.
        """
        person = person_named(viewer) if opens(expires, signed, viewer, key) else request.person
        tileset = tileset_for(key, person) if person else None
        if tileset is None or person is None or viewer_of(tileset, person) != viewer:
            raise NotFound(_("There is nothing at this address."))
        return tileset, viewer

    def _tileset(self, request: Request, key: str) -> Tileset:
        """What this person may see at all. Raises NotFound: hidden, missing and out of range look alike."""
        tileset = tileset_for(key, request.person)
        if tileset is None:
            raise NotFound(_("There is nothing at this address."))
        return tileset

    async def _tile(
        self, request: Request, receive: Receive, tileset: Tileset, viewer: str, place: Sequence[str], keep: str
    ) -> Answer:
        z, x, y = map(int, place)
        first = tileset.first_zoom(request.as_of in {None, self._cache.today})
        if not (first <= z <= tileset.max_zoom and x < 2**z and y < 2**z):
            raise NotFound(_("There is nothing at this address."))
        key = Key(tileset.key, viewer, request.as_of or self._cache.today, z, x, y)
        began = time.perf_counter()
        kept, source = await self._cache.tile(tileset, key, lambda: left(receive))
        counts = self._metrics.of(tileset.key, z)
        counts.found[source] += 1
        counts.bytes += 0 if kept.empty else len(kept.packed)
        if source == "drawn":
            counts.drew(time.perf_counter() - began)
        return Answer.tile(kept, keep)

    def _addresses(self, request: Request) -> Answer:
        """For a client that goes on longer than its signed addresses are good."""
        content = {
            tileset.key: tile_address(tileset, request.person, request.base_url, request.as_of, signed=True)
            for tileset in tilesets()
            if tileset_for(tileset.key, request.person)
        }
        return _document(request, content)

    def _counted(self, request: Request) -> Answer:
        if not request.from_this_machine and not request.holds_token(settings.METRICS_TOKEN):
            raise NotFound(_("There is nothing at this address."))
        text = self._metrics.text(
            {
                "tiles_memory_bytes": ("Tiles kept in memory.", self._cache.memory.bytes),
                "tiles_drawing": ("Tiles being drawn, or waiting for a connection.", len(self._cache.flights)),
                "tiles_streams": ("Open maps that are told of changes.", len(self._streams)),
                "tiles_following": ("1 while the change log is read.", int(self._cache.changes.following)),
            }
        )
        return Answer(200, text.encode(), "text/plain; version=0.0.4; charset=utf-8", {"cache-control": "no-store"})

    def _style(self, request: Request) -> Answer:
        seen = [layer for layer in layers() if sights(layer.access, request.person)]
        content = style(
            seen,
            request.person,
            base_url=request.base_url,
            language=request.language,
            theme=request.choice("theme", tuple(THEMES), "light"),
            as_of=request.as_of,
            signed=request.choice("addresses", ("signed",), "") == "signed",
        )
        if version := self._cache.changes.version:
            content["metadata"]["changes_since"] = version.text  # for a map that asks to be told of more
        return _document(request, content)

    async def _tilejson(self, request: Request, key: str) -> Answer:
        tileset = self._tileset(request, key)
        members = members_of(tileset)
        boxes = [box for layer in members if (box := await self._where(request, layer))]
        content = tilejson(
            tileset,
            request.person,
            base_url=request.base_url,
            language=request.language,
            as_of=request.as_of,
            bounds=around(boxes),
        )
        return _document(request, {**content, "layer_version": await self._version([layer.key for layer in members])})

    async def _version(self, keys: Sequence[str]) -> str:
        """Another word after each change of layers, the same from all processes."""
        seen = self._cache.changes.version
        question = (*keys, seen)
        if seen is None or question not in self._versions:
            row = await self._database.row(statements.version(keys))
            self._versions[question] = row[0]
        return self._versions[question]

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


application = TileServer(
    settings.TILES_DATABASE,
    folder=settings.TILES_FOLDER,
    memory_bytes=settings.TILES_MEMORY_MB * 2**20,
    disk_bytes=settings.TILES_DISK_MB * 2**20,
)
