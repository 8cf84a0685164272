"""How tiles are packed, and for whom."""

import asyncio
import gzip
import os
import subprocess

import brotli
import pytest

from tests.loops import in_a_loop
from tiles.cached import Kept
from tiles.codings import BROTLI, GZIP, PLAIN, accepted


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("", ""),
        ("identity", ""),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("br, gzip;q=0.8", "br"),
        ("br;q=0, gzip", "gzip"),
        ("br ; q=0.000, gzip; q=0", ""),
        ("gzip;q=0, br", "br"),
        ("*", "gzip"),
        ("*;q=0", ""),
        ("br;q=much, gzip;q=0.1", "gzip"),
    ],
)
def test_the_packing_is_the_one_that_is_asked_for(header, coding):
    assert accepted(header) == coding


@pytest.mark.parametrize("content", [b"", b"parcel" * 10_000, os.urandom(100_000)])
@pytest.mark.parametrize("unfinished", [0, 300])
def test_a_kept_tile_is_one_gzip_file_that_says_what_it_was_drawn_from(content, unfinished, tmp_path):
    snapshot = f"700:2000:{','.join(str(700 + each) for each in range(unfinished))}"
    kept = Kept.of(content, snapshot)
    assert gzip.decompress(kept.packed) == content
    # Others than Python's take it for whole, too.
    subprocess.run(["gzip", "--test"], input=kept.packed, check=True)
    read = Kept.read(kept.packed)
    assert (read, read.content, read.snapshot.text, read.empty) == (kept, content, snapshot, not content)


def test_whoever_comes_at_the_same_time_gets_the_same_packing():
    content = b"".join(b"parcel %d;" % row for row in range(10_000))
    kept = Kept.of(content, "10:10:")

    async def story():
        assert kept.at_hand(BROTLI) is None
        impatient = asyncio.ensure_future(kept.packed_as(BROTLI))
        await asyncio.sleep(0)
        impatient.cancel()
        packed = await asyncio.gather(*(kept.packed_as(BROTLI) for _client in range(20)))
        assert all(each is packed[0] for each in packed)
        assert kept.at_hand(BROTLI) is packed[0]
        assert brotli.decompress(packed[0]) == content == await kept.packed_as(PLAIN)
        # What is counted for a tile in memory is enough for both.
        assert kept.size > len(packed[0]) + len(await kept.packed_as(GZIP))

    in_a_loop(story())
