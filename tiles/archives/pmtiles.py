"""PMTiles version 3: what an archive's header and directories look like, and an archive to read from.

Ours begin with the header and the root directory in the first 16 kB, then the tiles in the order of their numbers,
then the leaf directories and the description: tiles are written where they stay, the directory when all are known.
Source: https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md
"""

import gzip
import json
import mmap
import struct
import zlib
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from django.utils.translation import gettext as _

from gisplatform.errors import InvalidInput
from tiles.archives.numbering import first_id
from tiles.codings import GZIP, pack

TILES_FROM = 16384  # bytes; the root directory has to end before
_HEADER = struct.Struct("<7sB11Q6B4iB2i")
_GZIP, _MVT = 2, 1
_LEAF_ENTRIES = 4096
ENTRY = np.dtype([("id", "u8"), ("offset", "u8"), ("length", "u8"), ("run", "u8")])


def header_and_root(
    entries: np.ndarray, *, tiles_length: int, contents: int, description_length: int, zooms: tuple[int, int],
    bounds: tuple[float, float, float, float],
) -> tuple[bytes, bytes]:  # fmt: skip
    """The first bytes of an archive, and its leaf directories.

    entries      (n,) of ENTRY, ascending; offsets count from the first tile
    tiles_length of all tiles together, bytes; the leaf directories follow, then the description
    contents     how many different tiles there are
    bounds       degrees WGS 84
    """
    root, leaves = _directories(entries)
    west, south, east, north = (round(degrees * 1e7) for degrees in bounds)
    after_tiles = TILES_FROM + tiles_length
    header = _HEADER.pack(
        b"PMTiles", 3,
        _HEADER.size, len(root), after_tiles + len(leaves), description_length, after_tiles, len(leaves),
        TILES_FROM, tiles_length, int(entries["run"].sum()), len(entries), contents,
        True, _GZIP, _GZIP, _MVT, *zooms,
        west, south, east, north, zooms[0], (west + east) // 2, (south + north) // 2,
    )  # fmt: skip
    return (header + root).ljust(TILES_FROM, b"\0"), leaves


def packed(content: bytes) -> bytes:
    """Compressed as everything in an archive is; the same content gives the same bytes."""
    return pack(content, GZIP)


def _directories(entries: np.ndarray) -> tuple[bytes, bytes]:
    """The root directory and, where that would be too large, the leaves that it leads to."""
    root, leaves = b"", b""
    size = _LEAF_ENTRIES
    if len(entries) <= size:
        root = _directory(entries)
    while not root or len(root) > TILES_FROM - _HEADER.size:
        parts = [entries[at : at + size] for at in range(0, len(entries), size)]
        written = [_directory(part) for part in parts]
        lengths = np.array([len(leaf) for leaf in written], "u8")
        leads = np.zeros(len(parts), ENTRY)  # a run of 0 says that a leaf follows
        leads["id"] = [part["id"][0] for part in parts]
        leads["offset"], leads["length"] = np.cumsum(lengths) - lengths, lengths
        root, leaves = _directory(leads), b"".join(written)
        size *= 2
    return root, leaves


def _directory(entries: np.ndarray) -> bytes:
    follows = np.zeros(len(entries), bool)
    follows[1:] = entries["offset"][1:] == entries["offset"][:-1] + entries["length"][:-1]
    steps = np.diff(entries["id"], prepend=np.uint64(0))
    columns = [steps, entries["run"], entries["length"], np.where(follows, np.uint64(0), entries["offset"] + 1)]
    return packed(_varints(np.concatenate([[len(entries)], *columns]).astype("u8")))


def _read_directory(content: bytes) -> np.ndarray:
    numbers = _read_varints(gzip.decompress(content))
    count = int(numbers[0])
    steps, runs, lengths, offsets = numbers[1:].reshape(4, count)
    entries = np.empty(count, ENTRY)
    entries["id"], entries["run"], entries["length"] = np.cumsum(steps), runs, lengths
    # An offset of 0 says "right after the one before": counted on from the last that is told.
    before = np.cumsum(lengths) - lengths
    told = np.maximum.accumulate(np.where(offsets > 0, np.arange(count), 0))
    entries["offset"] = offsets[told] - 1 + before - before[told]
    return entries


_SHIFTS = np.arange(10, dtype="u8") * np.uint64(7)


def _varints(numbers: np.ndarray) -> bytes:
    digits = numbers[:, None] >> _SHIFTS
    used = digits > 0
    used[:, 0] = True
    digits &= np.uint64(0x7F)
    digits[:, :-1] |= used[:, 1:].astype("u8") << np.uint64(7)
    return digits[used].astype("u1").tobytes()


def _read_varints(content: bytes) -> np.ndarray:
    digits = np.frombuffer(content, "u1")
    starts = np.flatnonzero(np.concatenate([[True], digits[:-1] < 0x80]))
    place = np.arange(len(digits)) - np.repeat(starts, np.diff(np.append(starts, len(digits))))
    return np.add.reduceat((digits & 0x7F).astype("u8") << (place.astype("u8") * np.uint64(7)), starts)


class Archive:
    """An archive of ours, open to be read.

    ids          (n,) of int64, ascending: the numbers of its tiles
    bounds       west, south, east, north, degrees WGS 84
    description  the metadata document
    """

    def __init__(self, path: Path) -> None:
        """Raises InvalidInput if the file is no archive."""
        try:
            with path.open("rb") as file:
                self._content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            name, version, *numbers = _HEADER.unpack_from(self._content)
            root, root_length, described, description_length, self._leaves, _leaves_length, self._tiles = numbers[:7]
            west, south, east, north = (e7 / 1e7 for e7 in numbers[17:21])
            self.bounds = west, south, east, north
            description = self._content[described : described + description_length]
            self.description: dict[str, Any] = json.loads(gzip.decompress(description))
            entries = self._entries(root, root_length)
        except (OSError, EOFError, ValueError, struct.error, zlib.error) as error:
            raise InvalidInput(_("“%(path)s” is not a tile archive.") % {"path": path}) from error
        if (name, version) != (b"PMTiles", 3):
            raise InvalidInput(_("“%(path)s” is not a tile archive.") % {"path": path})
        runs = entries["run"].astype(np.int64)
        within = np.arange(runs.sum()) - np.repeat(np.cumsum(runs) - runs, runs)
        self.ids = np.repeat(entries["id"].astype(np.int64), runs) + within
        self._at = np.repeat(entries[["offset", "length"]], runs)

    def _entries(self, start: int, length: int) -> np.ndarray:
        entries = _read_directory(self._content[start : start + length])
        if not len(entries) or entries["run"][0]:
            return entries
        return np.concatenate(
            [self._entries(self._leaves + int(leaf["offset"]), int(leaf["length"])) for leaf in entries]
        )

    def of_zoom(self, z: int) -> np.ndarray:
        """The numbers of its tiles of one zoom."""
        start, stop = np.searchsorted(self.ids, [first_id(z), first_id(z + 1)])
        return self.ids[start:stop]

    def tile(self, number: int) -> bytes:
        """A tile as it is stored, compressed; empty where there is none."""
        at = int(np.searchsorted(self.ids, number))
        if at == len(self.ids) or self.ids[at] != number:
            return b""
        start = self._tiles + int(self._at["offset"][at])
        return self._content[start : start + int(self._at["length"][at])]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._content.close()
