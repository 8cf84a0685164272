"""How an answer is packed for who asked: gzip or brotli, by Accept-Encoding. Decision 11 has the figures."""

import re
import zlib
from functools import lru_cache
from typing import Literal

import brotli
from isal import isal_zlib

Coding = Literal["br", "gzip", ""]  # as HTTP calls it; "" is as it is
BROTLI: Coding = "br"
GZIP: Coding = "gzip"
PLAIN: Coding = ""

_LEVEL = 1  # of igzip: eight times as fast as zlib's 5 on tiles, 6 % larger
# Tiles of so many bytes are few, and what counts there is how much goes over the line.
_LARGE, _ZLIB_LEVEL = 400_000, 6
_QUALITY = 5  # of brotli: packed once for many, so rather small than quick
_GZIP_FORMAT, _BARE = 31, -15  # window of 32 kB, with gzip's frame or without
_WEIGHT = re.compile(r"\s*(?:q=([01](?:\.\d{0,3})?))?\s*")


@lru_cache(maxsize=256)
def accepted(header: str) -> Coding:
    """The packing that an Accept-Encoding asks for; of two that it likes equally, the one that makes less of it."""
    weights = {}
    for part in header.lower().split(","):
        coding, _semicolon, parameter = part.partition(";")
        weight = _WEIGHT.fullmatch(parameter)
        weights[coding.strip()] = float(weight[1] or 1) if weight else 0.0
    by_brotli, by_gzip = weights.get("br", 0), weights.get("gzip", weights.get("*", 0))
    if by_brotli and by_brotli >= by_gzip:
        return BROTLI
    return GZIP if by_gzip else PLAIN


def pack(content: bytes, coding: Coding) -> bytes:
    """A content in one of the packings."""
    if coding == BROTLI:
        return brotli.compress(content, quality=_QUALITY)
    return isal_zlib.compress(content, _LEVEL, _GZIP_FORMAT) if coding == GZIP else content


def deflate(content: bytes) -> bytes:
    """A content as it stands inside a gzip file."""
    if len(content) >= _LARGE:
        return zlib.compress(content, _ZLIB_LEVEL, _BARE)
    return isal_zlib.compress(content, _LEVEL, _BARE)


def unpack(packed: bytes) -> bytes:
    """What is in a gzip file."""
    return isal_zlib.decompress(packed, _GZIP_FORMAT)
