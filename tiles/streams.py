"""Tells open maps what has changed (server-sent events), and nobody of what he may not see.

    event: {"layers": {"parcels": [[west, south, east, north], …], "zones": null}}

in degrees; null: anywhere in the layer. A place is told only to who sees every row of the layer where it is: to others
it could be that of a draft, of another organisation's pipe, or of a camera.
"""

import asyncio
import json
import re
import time
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from gisplatform import passes
from gisplatform.access import Person, sights
from gisplatform.errors import Unavailable
from layers.catalogue import layers
from tiles.envelope import Box, lonlat_bounds
from tiles.freshness import EVERYTHING, Changes
from tiles.http import FOR_ONE, Receive, Request, Send, left, start
from tiles.snapshots import Change, Snapshot
from tiles.viewers import sees_everything

MOST = 1000  # open maps per process
HEARTBEAT_S = 25.0
_GATHER_S = 0.05  # several edits in a moment are told at once
_SEND_WITHIN_S = 20.0
_MOST_BOXES = 100
_SNAPSHOT = re.compile(r"[0-9]{1,19}:[0-9]{1,19}:[0-9,]{0,4000}")

News = dict[str, list[Box] | None]  # layer → where; None for anywhere


class _Stream:
    def __init__(self, person: Person) -> None:
        self.person = person
        self.news: News = {}
        self.there = asyncio.Event()

    def add(self, news: News) -> None:
        """What a slow reader has not taken yet grows no further than a bound."""
        for key, boxes in news.items():
            before = self.news.get(key, [])
            both = None if before is None or boxes is None else before + boxes
            self.news[key] = both if both is not None and len(both) <= _MOST_BOXES else None
        if news:
            self.there.set()

    def take(self) -> News:
        self.there.clear()
        news, self.news = self.news, {}
        return news


class Streams:
    """The open maps of one process."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._open: set[_Stream] = set()

    def __len__(self) -> int:
        return len(self._open)

    def told(self, changes: Sequence[Change]) -> None:
        """Pass changes on."""
        for_person: dict[Person, News] = {}
        for stream in self._open:
            if stream.person not in for_person:
                for_person[stream.person] = news_for(stream.person, changes)
            stream.add(for_person[stream.person])

    async def serve(self, request: Request, receive: Receive, send: Send) -> None:
        """One open map, until it leaves or has to show its pass again. Raises Unavailable."""
        if len(self._open) >= MOST or self._changes.seen is None:
            raise Unavailable(_("The map is busy or its database is away. Try again shortly."))
        stream = _Stream(request.person)
        stream.add(self._missed(request))
        self._open.add(stream)
        gone = asyncio.ensure_future(left(receive))
        ends = time.monotonic() + passes.LIFETIME_S
        headers = {"content-type": "text/event-stream", "cache-control": FOR_ONE, "x-accel-buffering": "no"}
        try:
            async with asyncio.timeout(_SEND_WITHIN_S) as patience:
                await send(start(200, {**headers, "vary": "Cookie"}))
                await send(_part(f"retry: 2000\n{self._event(stream.take())}"))
                while not gone.done() and time.monotonic() < ends:
                    patience.reschedule(None)
                    news = asyncio.ensure_future(stream.there.wait())
                    await asyncio.wait({news, gone}, timeout=HEARTBEAT_S, return_when=asyncio.FIRST_COMPLETED)
                    news.cancel()
                    if gone.done():
                        return
                    if stream.there.is_set():
                        await asyncio.sleep(_GATHER_S)
                    patience.reschedule(asyncio.get_running_loop().time() + _SEND_WITHIN_S)
                    await send(_part(self._event(stream.take()) if stream.there.is_set() else ":\n\n"))
                await send({"type": "http.response.body", "body": b""})
        except (TimeoutError, OSError):
            pass  # it does not read what it is sent
        finally:
            gone.cancel()
            self._open.discard(stream)

    def _missed(self, request: Request) -> News:
        """What has changed since the map was drawn, or since the stream before this one broke."""
        text = request.headers.get("last-event-id") or request.query.get("since", [""])[-1]
        if not text:
            return {}
        since = Snapshot(text) if _SNAPSHOT.fullmatch(text) else None
        known = since is not None and self._changes.remembers(since)
        changes = self._changes.unseen(since) if since and known else [EVERYTHING]
        return news_for(request.person, changes)

    def _event(self, news: News) -> str:
        """With it goes up to where the log was read: the browser sends that back when it comes again."""
        assert self._changes.seen
        return f"id: {self._changes.seen.text}\ndata: {json.dumps({'layers': news}, separators=(',', ':'))}\n\n"


def news_for(person: Person, changes: Iterable[Change]) -> News:
    """What a person may be told of changes."""
    news: News = {}
    seen = {layer.key: layer for layer in layers() if sights(layer.access, person)}
    for change in changes:
        for key in [change.layer] if change.layer else seen:
            if key not in seen:
                continue
            if change.shape is None or not sees_everything(seen[key], person):
                news[key] = None
            elif (boxes := news.setdefault(key, [])) is not None and not change.shape.is_empty:
                boxes.append(lonlat_bounds(change.shape.bounds))
    return {key: boxes if boxes is None or len(boxes) <= _MOST_BOXES else None for key, boxes in news.items()}


def _part(text: str) -> dict[str, object]:
    return {"type": "http.response.body", "body": text.encode(), "more_body": True}
