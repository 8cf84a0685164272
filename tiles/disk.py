"""Tiles in a folder that all processes share and a web server may send from.

    <folder>/<day>/<viewer>/<layer>/<z>/<x>/<y>.mvt.gz     a tile
    <folder>/<day>/<viewer>/<layer>/<z>/<x>/<y>.empty      nothing is drawn there
    <folder>/today                                         a link to the present day's
    <folder>/seen.json                                     up to where the change log was followed

Everything here waits for the disk. One thread writes and removes, in the order in which it was asked (tiles/cache.py):
a tile that a change has outdated is thus never written after the change has removed it.
"""

import contextlib
import json
import logging
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

from tiles.bundles import Tileset
from tiles.cached import Kept, Key, comment_of
from tiles.snapshots import Change, Snapshot, Tile, tiles_near, touched

logger = logging.getLogger(__name__)

_TILE, _EMPTY = ".mvt.gz", ".empty"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_COMMENT_WITHIN = 4096  # bytes: a snapshot names the unfinished transactions, of which there are few
_BLOCK = 4096  # bytes: a file takes whole ones
_UNUSED_S = 3600  # what a killed process left half written
_SWEEP_SHARE = 32  # a process looks at the whole folder each time it has written this part of the bound
_LEAVE = 7 / 8  # of the bound, by a sweep


class Disk:
    """The folder, for one process."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        """folder: of one database, and of nothing else; most_bytes: 0 keeps nothing."""
        self._folder, self._most_bytes = folder, most_bytes
        self._written = most_bytes  # so that the first tile of a process looks at what is there
        self._numbers = count()

    # ---- Tiles ----

    def has(self, key: Key) -> bool:
        """Whether it is worth while to load a tile; the one question that may be asked from the event loop."""
        return any(os.path.exists(self._address(key, suffix)) for suffix in (_TILE, _EMPTY))  # noqa: PTH110 - quicker

    def load(self, key: Key) -> Kept | None:
        """A tile, if it is there."""
        for suffix in (_TILE, _EMPTY):
            path = self._path(key, suffix)
            with contextlib.suppress(OSError):
                packed = path.read_bytes()
                kept = Kept.read(packed)
                if kept:
                    os.utime(path, (time.time(), kept.fingerprint))
                    return kept
        return None

    def store(self, key: Key, kept: Kept, may: Callable[[], bool]) -> None:
        """Keep a tile, unless the disk is full. may: asked last of all."""
        if not self._most_bytes:
            return
        suffix, other = (_EMPTY, _TILE) if kept.empty else (_TILE, _EMPTY)
        path = self._path(key, suffix)
        half = path.with_name(f".{os.getpid()}-{next(self._numbers)}.part")
        try:
            try:
                half.write_bytes(kept.packed)
            except FileNotFoundError:
                path.parent.mkdir(parents=True, exist_ok=True)
                half.write_bytes(kept.packed)
            # Time of use, and the fingerprint as the time of change: from it nginx makes the same ETag.
            os.utime(half, (time.time(), kept.fingerprint))
            if not may():
                half.unlink()
                return
            half.rename(path)
            self._path(key, other).unlink(missing_ok=True)
        except OSError as exc:
            logger.warning("A tile could not be kept on disk: %s", exc)
            with contextlib.suppress(OSError):
                half.unlink(missing_ok=True)
            return
        self._written += -(-len(kept.packed) // _BLOCK) * _BLOCK
        if self._written >= self._most_bytes / _SWEEP_SHARE:
            self._written = 0
            self.sweep()

    def _address(self, key: Key, suffix: str) -> str:
        return f"{self._folder}/{key.day}/{key.viewer}/{key.layer}/{key.z}/{key.x}/{key.y}{suffix}"

    def _path(self, key: Key, suffix: str) -> Path:
        return Path(self._address(key, suffix))

    # ---- Freshness ----

    def drop(self, tileset: Tileset, changes: Sequence[Change]) -> int:
        """Remove what was drawn before changes that touch it. Returns how many tiles that were."""
        whole = any(change.shape is None for change in changes if change.concerns_any(tileset))
        near, gone = tiles_near(tileset, changes), 0
        for folder in self._folders_of(tileset.key):
            if whole:
                self._throw_away(folder)
                continue
            there = list(_there(folder) if near is None else near)
            for at, by in touched(tileset, there, changes).items():
                z, x, y = there[at]
                gone += sum(_outdated(folder / f"{z}/{x}/{y}{suffix}", by) for suffix in (_TILE, _EMPTY))
        return gone

    def _folders_of(self, key: str) -> Iterator[Path]:
        for day in _inside(self._folder):
            if _DAY.fullmatch(day.name):
                for viewer in _inside(day):
                    if (folder := viewer / key).is_dir():
                        yield folder

    def begin_day(self, day: date) -> None:
        """Let the link point to this day's tiles, and remove those of all others."""
        if not self._most_bytes:
            return
        (self._folder / str(day) / "public").mkdir(parents=True, exist_ok=True)
        link = self._folder / f".today-{os.getpid()}"
        link.unlink(missing_ok=True)
        link.symlink_to(str(day))
        link.rename(self._folder / "today")
        for other in _inside(self._folder):
            if _DAY.fullmatch(other.name) and other.name != str(day):
                self._throw_away(other)

    def end_day(self) -> None:
        """Take the link away: while no process follows the changes, nobody shall send what may be outdated."""
        with contextlib.suppress(OSError):
            (self._folder / "today").unlink(missing_ok=True)

    def _throw_away(self, folder: Path) -> None:
        # Out of sight in one step; what takes long comes after.
        bin_ = self._folder / f".thrown-{os.getpid()}-{next(self._numbers)}"
        with contextlib.suppress(OSError):
            folder.rename(bin_)
            shutil.rmtree(bin_, ignore_errors=True)

    # ---- What is remembered from one start to the next ----

    def remember(self, words: dict[str, Any]) -> None:
        """Write down up to where the log was followed."""
        if not self._most_bytes:
            return
        half = self._folder / f".seen-{os.getpid()}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            half.write_text(json.dumps(words))
            half.rename(self._folder / "seen.json")
        except OSError as exc:
            logger.warning("Not written down up to where the change log was followed: %s", exc)

    def remembered(self) -> dict[str, Any]:
        """What was written down last; empty if nothing was."""
        try:
            return dict(json.loads((self._folder / "seen.json").read_text()))
        except (OSError, ValueError):
            return {}

    # ---- Bounds ----

    def sweep(self) -> None:
        """Remove what was not used for longest, if there is more than the bound."""
        files, total, now = [], 0, time.time()
        for folder, _folders, names in os.walk(self._folder):
            for name in names:
                path = os.path.join(folder, name)  # noqa: PTH118 - a Path for each of many takes most of the time
                with contextlib.suppress(OSError):
                    status = os.stat(path)  # noqa: PTH116
                    if name.endswith((_TILE, _EMPTY)):
                        size = -(-status.st_size // _BLOCK) * _BLOCK
                        files.append((status.st_atime, size, path))
                        total += size
                    elif name.endswith(".part") and now - status.st_atime > _UNUSED_S:
                        os.unlink(path)  # noqa: PTH108
        if total <= self._most_bytes * _LEAVE:
            return
        for _used, size, path in sorted(files):
            with contextlib.suppress(OSError):
                os.unlink(path)  # noqa: PTH108
            total -= size
            if total <= self._most_bytes * _LEAVE:
                return


def _inside(folder: Path) -> list[Path]:
    """What is in a folder; nothing if it is gone."""
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _there(folder: Path) -> Iterator[Tile]:
    """The tiles in a layer's folder."""
    for path in folder.glob("*/*/[0-9]*"):
        z, x, y = *path.parts[-3:-1], path.name.split(".")[0]
        yield int(z), int(x), int(y)


def _outdated(path: Path, changes: Iterable[Change]) -> bool:
    """Remove a file that was drawn before one of these changes; whether it was."""
    try:
        with path.open("rb") as file:
            words = comment_of(file.read(_COMMENT_WITHIN))
        if words and all(words[1].sees(change.transaction) for change in changes):
            return False
        path.unlink()
    except OSError:
        return False
    return True


def followed(words: dict[str, Any]) -> Snapshot | None:
    """The snapshot that was written down."""
    return Snapshot(words["snapshot"]) if "snapshot" in words else None
