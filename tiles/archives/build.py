"""A tile archive of some layers as everyone may see them: planned, drawn, written; resumed after a kill; refreshed.

A full build goes down zoom by zoom, and only where there are rows: the tiles of a zoom are looked for among the
children of those that had any. A refresh takes the tiles of a former archive and draws anew only what changed since.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime
from heapq import merge
from itertools import islice
from pathlib import Path

import numpy as np
import psycopg
from django.utils.translation import gettext as _

from gisplatform import clock, crs
from gisplatform.access import CITIZEN
from gisplatform.errors import InvalidInput, NotFound
from layers.drawn.following_levels import follow_up
from tiles import statements
from tiles.archives.changes import Changes, certain_from
from tiles.archives.draft import Draft, Place
from tiles.archives.drawing import Drawer, connect
from tiles.archives.numbering import children, first_id, grid, inside
from tiles.archives.order import Order
from tiles.archives.pmtiles import Archive
from tiles.archives.progress import Progress
from tiles.envelope import BUFFER, EXTENT, Box, lonlat_bounds

_CONNECTIONS = 2
_BATCH, _COPIED = 16, 512  # tiles looked at in one go: drawn, and mostly taken over
_SEARCH_FROM = 8  # rows are looked for from this zoom on, if not from a lower one


@dataclass(frozen=True)
class Built:
    """What became of an order.

    tiles, drawn   in the archive, and how many places of them were asked of the database now
    size           bytes
    recorded, day  what was recorded until then is in it, as in effect on that day
    """

    tiles: int
    drawn: int
    size: int
    recorded: datetime
    day: date


@dataclass(frozen=True)
class Former:
    """An archive whose tiles are taken over where nothing changed since it was made."""

    archive: Archive
    since: datetime
    day: date

    @classmethod
    def of(cls, archive: Archive, order: Order, day: date, since: datetime | None) -> "Former":
        """Raises InvalidInput for one of other tiles. since: looked back to instead of the archive's own time."""
        built = archive.description.get("build", {})
        told = order.told(day)
        if any(built.get(name) != told[name] for name in told if name != "drawn_as"):
            raise InvalidInput(
                _("The archive to begin from has other layers, zooms or bounds: build this one without --since.")
            )
        if built["drawn_as"] != told["drawn_as"]:
            raise InvalidInput(_("Layers are drawn in another way since then: build the archive without --since."))
        recorded = datetime.fromisoformat(built["recorded"])
        return cls(archive, since or recorded, date.fromisoformat(built["day"]))

    @property
    def name(self) -> list[str]:
        """What tells it from others."""
        return [self.archive.description["build"]["recorded"], self.since.isoformat()]


def build(
    order: Order, out: Path, *, as_of: date | None = None, since: Path | datetime | None = None,
    say: Callable[[str], None],
) -> Built:  # fmt: skip
    """Write an archive, or go on with one that was stopped.

    as_of  the day that it shows; None for today
    since  the archive whose unchanged tiles are taken over; or an instant: those of `out`, looked at since then
    say    is told how far it is, in words

    Raises InvalidInput, NotFound, Unavailable, psycopg.OperationalError; what was drawn until then is kept.
    """
    day = as_of or clock.today()
    if day != clock.today() and order.min_zoom < (first := min(layer.first_zoom(False) for layer in order.layers)):
        say(
            _("On another day than today these layers are drawn from zoom %(zoom)d on: the archive begins there.")
            % {"zoom": first}
        )
        order = replace(order, min_zoom=first)
    with ExitStack() as stack:
        connection = stack.enter_context(connect())
        former = None
        if since:
            archive = stack.enter_context(Archive(since if isinstance(since, Path) else out))
            former = Former.of(archive, order, day, None if isinstance(since, Path) else since)
        # Of a refresh without a look at every row: no smaller where rows at the rim are gone.
        extent = order.bounds or (former.archive.bounds if former else _extent(connection, order))
        asked = {**order.told(day), "day": str(day), "former": former and former.name}
        draft = stack.enter_context(Draft(out))
        begun = draft.asked()
        if begun and {**begun, "recorded": ""} == {**asked, "recorded": ""}:
            draft.go_on()
            say(_("Going on with what was begun: %(count)d places are done.") % {"count": len(draft)})
        else:
            begun = {**asked, "recorded": certain_from(connection, say).isoformat()}
            draft.begin(begun)
        if day == clock.today():
            follow_up(say)
        drawer = stack.enter_context(Drawer(order, day, connections=_CONNECTIONS))
        if former:
            changes = Changes(connection, order.layers, since=former.since, former=former.day, day=day)
            drawn = _refresh(order, draft, drawer, former.archive, changes, say)
            if changes.extent and not order.bounds:
                extent = _within_country([extent, changes.extent])
        else:
            drawn = _descend(order, draft, drawer, extent, say)
        recorded = datetime.fromisoformat(begun["recorded"])
        tiles = draft.finish(order.description(day=day, recorded=recorded), (order.min_zoom, order.max_zoom), extent)
    return Built(tiles, drawn, out.stat().st_size, recorded, day)


def _descend(order: Order, draft: Draft, drawer: Drawer, extent: Box, say: Callable[[str], None]) -> int:
    """Draw all tiles. Returns how many places were looked at."""
    first = min(order.min_zoom, _SEARCH_FROM)
    progress, looked, before = Progress(say), 0, 0
    for z in range(first, order.max_zoom + 1):
        if z == first:
            ids = grid(z, extent, margin=0 if order.bounds else BUFFER / EXTENT)
            wanted = np.full(len(ids), 2 ** len(order.keys) - 1)
        else:
            found, layers = draft.found(first_id(z - 1), first_id(z))
            ids, wanted = children(z - 1, found), np.repeat(layers, 4)
            within = inside(z, ids, order.bounds or crs.COUNTRY_EXTENT)
            ids, wanted = ids[within], wanted[within]
        ahead = ids > draft.last_id
        growth = min(4.0, len(ids) / before) if before else 4.0
        later = sum(len(ids) * growth**step for step in range(1, order.max_zoom - z + 1))
        progress.zoom(z, int((~ahead).sum()), int(ahead.sum()), later)
        before = len(ids)
        for places in _in_order(drawer, z, ids[ahead], wanted[ahead]):
            draft.add(place for place in places if place[2])
            progress.add(len(places))
            looked += len(places)
    return looked


def _in_order(drawer: Drawer, z: int, ids: np.ndarray, layers: np.ndarray | None) -> Iterator[list[Place]]:
    """Places drawn on all connections at once, in the order of their numbers, a few batches ahead of the reader."""
    ahead: deque[Future[list[Place]]] = deque()
    for at in range(0, len(ids), _BATCH):
        part = slice(at, at + _BATCH)
        ahead.append(drawer.start(z, ids[part], None if layers is None else layers[part]))
        if len(ahead) > 2 * _CONNECTIONS:
            yield ahead.popleft().result()
    while ahead:
        yield ahead.popleft().result()


def _refresh(
    order: Order, draft: Draft, drawer: Drawer, former: Archive, changes: Changes, say: Callable[[str], None]
) -> int:
    """Take over a former archive's tiles, and draw those anew that changed rows touch. Returns how many those are."""
    area = order.bounds or crs.COUNTRY_EXTENT
    touched = {z: ids[inside(z, ids, area)] for z in order.zooms for ids in [changes.tiles(z)]}
    kept = {z: np.setdiff1d(former.of_zoom(z), touched[z], assume_unique=True) for z in order.zooms}
    progress = Progress(say)
    for z in order.zooms:
        ahead, anew = (ids[ids > draft.last_id] for ids in (kept[z], touched[z]))
        later = sum(len(kept[zoom]) + len(touched[zoom]) for zoom in order.zooms if zoom > z)
        to_do = len(ahead) + len(anew)
        progress.zoom(z, len(kept[z]) + len(touched[z]) - to_do, to_do, later)
        copied = ((number, former.tile(number), 0) for number in ahead.tolist())
        drawn = (place for places in _in_order(drawer, z, anew, None) for place in places)
        merged = merge(copied, drawn)
        while places := list(islice(merged, _COPIED)):
            draft.add(place for place in places if place[1])
            progress.add(len(places))
    return sum(map(len, touched.values()))


def _extent(connection: psycopg.Connection, order: Order) -> Box:
    """Where the layers have rows, within the country; degrees. Raises NotFound if there are none."""
    boxes = []
    for layer in order.layers:
        question = statements.extent(layer, CITIZEN)
        row = question and connection.execute(question.query, question.params, binary=True).fetchone()
        if row and row[0] is not None:
            boxes.append(lonlat_bounds(row))
    west, south, east, north = _within_country(boxes)
    if west > east or south > north:
        raise NotFound(_("These layers have no rows in the country that everyone may see."))
    return west, south, east, north


def _within_country(boxes: Sequence[Box]) -> Box:
    """The box around boxes, without what is abroad; turned inside out where nothing remains. Degrees."""
    corners = np.array(boxes).reshape(-1, 4)
    west, south = np.maximum(corners[:, :2].min(axis=0, initial=np.inf), crs.COUNTRY_EXTENT[:2]).tolist()
    east, north = np.minimum(corners[:, 2:].max(axis=0, initial=-np.inf), crs.COUNTRY_EXTENT[2:]).tolist()
    return west, south, east, north
