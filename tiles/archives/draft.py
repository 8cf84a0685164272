"""An archive that is being written: it survives a kill, and becomes the archive in one step.

Beside FILE.pmtiles stand, while a build goes on,
    FILE.pmtiles.part          room for the directory, then the tiles, each once
    FILE.pmtiles.part.journal  one record a place looked at, in the order of their numbers
    FILE.pmtiles.part.json     what was asked for
Tiles are on the disk before their records are, so all that a record speaks of is there.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from django.utils.translation import gettext as _

from gisplatform.errors import InvalidInput
from tiles.archives.pmtiles import ENTRY, TILES_FROM, header_and_root, packed
from tiles.envelope import Box

# Where a place has no tile (its rows are drawn further in only) the length is 0.
_RECORD = np.dtype([("id", "i8"), ("offset", "i8"), ("length", "i8"), ("layers", "u8")])
_COMMIT_BYTES, _COMMIT_S = 4_000_000, 1.0
# Equal tiles are those inside one wide area: small, and near each other. Others are not worth remembering.
_SMALL_BYTES, _REMEMBERED = 2000, 200_000


# Number, compressed tile (none where nothing is drawn at this zoom), layers that have rows there, a bit each.
Place = tuple[int, bytes, int]


class Draft:
    """Takes tiles in the order of their numbers."""

    def __init__(self, out: Path) -> None:
        """Raises InvalidInput when another build of the same file is at work, or the folder cannot be written to."""
        self._out = out
        self._part = out.with_name(out.name + ".part")
        self._journal_path, self._asked_path = (out.with_name(f"{out.name}.part.{end}") for end in ("journal", "json"))
        try:
            self._tiles = os.fdopen(os.open(self._part, os.O_RDWR | os.O_CREAT, 0o666), "r+b")
        except OSError as error:
            reason = {"out": out, "reason": error.strerror}
            raise InvalidInput(_("“%(out)s” cannot be written: %(reason)s") % reason) from error
        try:
            fcntl.flock(self._tiles, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Between opening and locking, another build may have put this very file in its place as the archive.
            if not os.path.samestat(os.fstat(self._tiles.fileno()), self._part.stat()):
                raise BlockingIOError
        except OSError:
            self._tiles.close()
            raise InvalidInput(_("“%(out)s” is being built by another process.") % {"out": out}) from None
        self._journal = self._journal_path.open("a+b")
        self._seen: dict[bytes, int] = {}
        self._clear()

    def _clear(self) -> None:
        self._seen.clear()
        self._records = np.empty(0, _RECORD)
        self._new: list[tuple[int, int, int, int]] = []
        self._end, self._committed_end, self._committed_at = 0, 0, time.monotonic()

    def asked(self) -> dict[str, Any] | None:
        """What was asked for when this draft was begun; None for a new one."""
        try:
            return json.loads(self._asked_path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def begin(self, asked: Mapping[str, Any]) -> None:
        """Begin anew."""
        self._clear()
        self._asked_path.unlink(missing_ok=True)
        self._journal.truncate(0)
        self._tiles.truncate(0)
        self._asked_path.write_text(json.dumps(asked), encoding="utf-8")

    def go_on(self) -> None:
        """Go on where the last record ends."""
        self._clear()
        os.truncate(self._journal_path, self._journal_path.stat().st_size // _RECORD.itemsize * _RECORD.itemsize)
        records = np.fromfile(self._journal_path, _RECORD)
        drawn = records[records["length"] > 0]
        end = int((drawn["offset"] + drawn["length"]).max(initial=0))
        if end and TILES_FROM + end > self._part.stat().st_size:
            # Killed between putting the archive in its place and removing the journal.
            self._journal.truncate(0)
            records, drawn, end = records[:0], drawn[:0], 0
        self._records, self._end, self._committed_end = records, end, end
        self._tiles.truncate(TILES_FROM + self._end)
        written = drawn[np.unique(drawn["offset"], return_index=True)[1]]
        for record in written[written["length"] <= _SMALL_BYTES]:
            self._tiles.seek(TILES_FROM + int(record["offset"]))
            self._remember(self._tiles.read(int(record["length"])), int(record["offset"]))

    @property
    def last_id(self) -> int:
        """The number of the last place taken; -1 before the first."""
        if self._new:
            return self._new[-1][0]
        return int(self._records["id"][-1]) if len(self._records) else -1

    def __len__(self) -> int:
        return len(self._records) + len(self._new)

    @property
    def tiles_bytes(self) -> int:
        """How much room the tiles take so far."""
        return self._end

    def add(self, places: Iterable[Place]) -> None:
        """Take places in the order of their numbers."""
        for number, tile, layers in places:
            offset = self._end
            if tile and (known := self._seen.get(_hash(tile))) is not None:
                offset = known
            elif tile:
                self._remember(tile, offset)
                self._tiles.seek(TILES_FROM + offset)
                self._tiles.write(tile)
                self._end += len(tile)
            self._new.append((number, offset, len(tile), layers))
        if self._end - self._committed_end > _COMMIT_BYTES or time.monotonic() - self._committed_at > _COMMIT_S:
            self._commit()

    def _remember(self, tile: bytes, offset: int) -> None:
        if len(tile) <= _SMALL_BYTES:
            self._seen[_hash(tile)] = offset
            if len(self._seen) > _REMEMBERED:
                del self._seen[next(iter(self._seen))]

    def _commit(self) -> None:
        self._tiles.flush()
        os.fsync(self._tiles.fileno())
        new = np.array(self._new, _RECORD)
        self._journal.write(new.tobytes())
        self._journal.flush()
        self._records = np.concatenate([self._records, new])
        self._new, self._committed_end, self._committed_at = [], self._end, time.monotonic()

    def found(self, first: int, end: int) -> tuple[np.ndarray, np.ndarray]:
        """The places taken with numbers first … end - 1, and the layers found at each."""
        self._commit()
        start, stop = np.searchsorted(self._records["id"], [first, end])
        return self._records["id"][start:stop], self._records["layers"][start:stop]

    def finish(self, description: Mapping[str, Any], zooms: tuple[int, int], bounds: Box) -> int:
        """Write the directory and put the archive in its place; returns how many tiles it has. bounds in degrees."""
        self._commit()
        drawn = self._records[self._records["length"] > 0]
        # A run of neighbours that are one and the same tile is one entry.
        begins = np.ones(len(drawn), bool)
        begins[1:] = (np.diff(drawn["id"]) != 1) | (np.diff(drawn["offset"]) != 0)
        entries = np.zeros(int(begins.sum()), ENTRY)
        entries["id"], entries["offset"], entries["length"] = (
            drawn[name][begins] for name in ("id", "offset", "length")
        )
        entries["run"] = np.diff(np.append(np.flatnonzero(begins), len(drawn)))
        described = packed(json.dumps(description, ensure_ascii=False).encode())
        head, leaves = header_and_root(
            entries,
            tiles_length=self._end,
            contents=len(np.unique(drawn["offset"])),
            description_length=len(described),
            zooms=zooms,
            bounds=bounds,
        )
        self._tiles.seek(0)
        self._tiles.write(head)
        self._tiles.seek(TILES_FROM + self._end)
        self._tiles.write(leaves + described)
        self._tiles.flush()
        os.fsync(self._tiles.fileno())
        self._part.replace(self._out)
        for path in (self._asked_path, self._journal_path):
            path.unlink(missing_ok=True)
        return len(drawn)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._journal.close()
        self._tiles.close()


def _hash(tile: bytes) -> bytes:
    return blake2b(tile, digest_size=16).digest()
