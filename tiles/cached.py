"""A tile as it is kept and sent: packed once, with what it was drawn from.

The content is one gzip member whose comment says a fingerprint of the content and the snapshot it was drawn from. So a
file on disk is whole in one step, a web server can send it as it is, and every process can tell how old it is. For
whom brotli suits it is packed once more when he asks first, in memory only: brotli has no place for such a comment.
"""

import asyncio
import struct
import zlib
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import blake2b
from typing import NamedTuple, Self

from tiles.codings import BROTLI, GZIP, Coding, deflate, pack, unpack
from tiles.snapshots import Snapshot

_MAGIC = b"\x1f\x8b\x08\x10\0\0\0\0\0\xff"  # gzip, deflate, with a comment, no time, unknown system
# Comments of one length: the same content then gives a file of the same length, whatever snapshot it is from.
_COMMENT = 64
# A web server names a file by its time and length, so the fingerprint is also the file's time: in the past, for
# the time of a last change may not lie ahead.
_FINGERPRINTS = 2**30
_OVERHEAD = 2_000  # bytes that an entry takes in memory beside its content

Header = tuple[bytes, bytes]


class Key(NamedTuple):
    """Which tile, for which viewer (tiles/viewers.py), of which day."""

    layer: str
    viewer: str
    day: date
    z: int
    x: int
    y: int

    @property
    def tile(self) -> tuple[int, int, int]:
        """Its place."""
        return self.z, self.x, self.y


@dataclass(frozen=True)
class Kept:
    """One tile. packed: the gzip member; empty: nothing is drawn in it."""

    packed: bytes
    fingerprint: int
    snapshot: Snapshot
    empty: bool

    @classmethod
    def of(cls, content: bytes, snapshot: str) -> Self:
        """A tile that was just drawn; content is the plain MVT."""
        digest = blake2b(content, digest_size=8).digest()
        fingerprint = int.from_bytes(digest, "big") % _FINGERPRINTS
        words = f"{fingerprint:x} {snapshot}".encode()
        comment = words.ljust(-(-len(words) // _COMMENT) * _COMMENT) + b"\0"
        end = struct.pack("<II", zlib.crc32(content), len(content) % 2**32)
        return cls(_MAGIC + comment + deflate(content) + end, fingerprint, Snapshot(snapshot), not content)

    @classmethod
    def read(cls, packed: bytes) -> Self | None:
        """A tile from its file; None where the file is not one of ours."""
        words = comment_of(packed)
        if words is None or len(packed) < len(_MAGIC) + _COMMENT + 9:
            return None
        fingerprint, snapshot = words
        return cls(packed, fingerprint, snapshot, packed.endswith(b"\0\0\0\0"))

    @property
    def content(self) -> bytes:
        """The plain MVT."""
        return unpack(self.packed)

    @property
    def size(self) -> int:
        """Bytes that it takes in memory at most: in both packings, of which brotli's is the smaller."""
        return 2 * len(self.packed) + _OVERHEAD

    def at_hand(self, coding: Coding) -> bytes | None:
        """The content in a packing, where nothing needs to be done for it."""
        if coding == BROTLI:
            packing: asyncio.Future[bytes] | None = self.__dict__.get("_packing")
            return packing.result() if packing and packing.done() else None
        return self.packed if coding == GZIP else None

    async def packed_as(self, coding: Coding) -> bytes:
        """The content in a packing."""
        if coding == GZIP:
            return self.packed
        if coding == BROTLI:
            return await asyncio.shield(self._packing)
        return await asyncio.to_thread(unpack, self.packed)

    @cached_property
    def _packing(self) -> asyncio.Future[bytes]:
        # Begun by who asks first; all others wait for the same.
        return asyncio.ensure_future(asyncio.to_thread(lambda: pack(self.content, BROTLI)))

    @cached_property
    def etag(self) -> str:
        """The name of this version: weak, because it names the content and not its packing.

        nginx makes the same of the file's time and length.
        """
        return f'W/"{self.fingerprint:x}-{len(self.packed):x}"'


def comment_of(packed: bytes) -> tuple[int, Snapshot] | None:
    """Fingerprint and snapshot, from the beginning of a file; None where it is not one of ours."""
    if not packed.startswith(_MAGIC):
        return None
    comment, closed, _rest = packed[len(_MAGIC) :].partition(b"\0")
    fingerprint, _space, snapshot = comment.decode("latin-1").strip().partition(" ")
    return (int(fingerprint, 16), Snapshot(snapshot)) if closed and snapshot else None
