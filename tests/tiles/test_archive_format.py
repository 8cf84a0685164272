"""What an archive looks like on disk, held against the reference reader of the format."""

import numpy as np
import pytest
from pmtiles.reader import MemorySource, Reader, all_tiles
from pmtiles.tile import Compression, TileType, tileid_to_zxy, zxy_to_tileid

from gisplatform.errors import InvalidInput
from tiles.archives.draft import Draft
from tiles.archives.numbering import children, first_id, grid, ids, inside, places
from tiles.archives.pmtiles import TILES_FROM, Archive, packed

DANANG = (107.9, 15.9, 108.3, 16.2)


def test_tiles_are_numbered_as_the_format_says():
    random = np.random.default_rng(1)
    for z in (0, 1, 2, 5, 12, 18, 24):
        x, y = random.integers(0, 2**z, (2, 200))
        numbers = ids(z, x, y)
        assert numbers.tolist() == [zxy_to_tileid(z, *place) for place in zip(x.tolist(), y.tolist(), strict=True)]
        assert all((at == expected).all() for at, expected in zip(places(z, numbers), (x, y), strict=True))


def test_children_follow_each_other():
    numbers = ids(9, np.array([410, 411, 17]), np.array([230, 230, 400]))
    found = children(9, numbers).reshape(3, 4)
    for parent, four in zip(numbers.tolist(), found.tolist(), strict=True):
        _z, x, y = tileid_to_zxy(parent)
        assert {tileid_to_zxy(child) for child in four} == {
            (10, 2 * x + dx, 2 * y + dy) for dx in (0, 1) for dy in (0, 1)
        }
        assert four == sorted(four)


def test_a_grid_holds_what_a_box_touches_and_no_more():
    numbers = grid(12, DANANG)
    assert numbers.tolist() == sorted(set(numbers.tolist()))
    assert inside(12, numbers, DANANG).all()
    wider = grid(12, DANANG, margin=1)
    assert inside(12, wider, DANANG).sum() == len(numbers)
    x, y = places(12, wider)
    assert (len(set(x)), len(set(y))) == tuple(len(set(at)) + 2 for at in places(12, numbers))


@pytest.mark.parametrize("count", [0, 1, 300, 60_000])
def test_the_reference_reader_finds_every_tile(tmp_path, count):
    # Gaps, runs of one and the same small tile, and large tiles that are all different.
    random = np.random.default_rng(count)
    numbers = first_id(16) + np.cumsum(random.choice([1, 1, 1, 2, 500], count))
    contents = [packed(b"sea") if roll < 0.4 else packed(random.bytes(40)) for roll in random.random(count)]
    out = tmp_path / "a.pmtiles"
    with Draft(out) as draft:
        draft.begin({})
        draft.add(zip(numbers.tolist(), contents, [0] * count, strict=True))
        assert draft.finish({"name": "Đà Nẵng"}, (8, 16), DANANG) == count
    assert [path.name for path in tmp_path.iterdir()] == ["a.pmtiles"]

    whole = out.read_bytes()
    source = MemorySource(whole)
    reader = Reader(source)
    header = reader.header()
    assert reader.metadata() == {"name": "Đà Nẵng"}
    assert (header["tile_type"], header["tile_compression"]) == (TileType.MVT, Compression.GZIP)
    assert (header["min_zoom"], header["max_zoom"], header["clustered"]) == (8, 16, True)
    assert [header[name] / 1e7 for name in ("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7")] == list(DANANG)
    assert header["addressed_tiles_count"] == count
    assert header["tile_contents_count"] == len(set(contents))
    assert header["root_offset"] + header["root_length"] <= TILES_FROM
    # The parts fill the file: what `pmtiles verify` asks.
    parts = ("metadata_length", "leaf_directory_length", "tile_data_length")
    assert len(whole) == TILES_FROM + sum(header[name] for name in parts)
    assert (header["leaf_directory_length"] > 0) == (count > 4096)
    expected = dict(zip(numbers.tolist(), contents, strict=True))
    assert {zxy_to_tileid(*place): content for place, content in all_tiles(source)} == expected
    for number in numbers[:: max(1, count // 50)].tolist():
        assert reader.get(*tileid_to_zxy(number)) == expected[number]

    with Archive(out) as archive:
        assert archive.ids.tolist() == numbers.tolist()
        assert archive.of_zoom(16).tolist() == numbers.tolist()
        assert archive.of_zoom(15).tolist() == []
        assert all(archive.tile(number) == content for number, content in expected.items())
        assert archive.tile(0) == archive.tile(first_id(17)) == b""
        assert archive.description == {"name": "Đà Nẵng"}


def test_a_draft_goes_on_after_its_last_whole_record(tmp_path):
    tiles = [(number, packed(b"%d" % (number % 7)), 1) for number in range(100)]
    with Draft(tmp_path / "whole") as draft:
        draft.begin({})
        draft.add(tiles)
        draft.finish({}, (0, 3), DANANG)
    out = tmp_path / "cut"
    with Draft(out) as draft:
        draft.begin({"order": 1})
        draft.add(tiles[:60])
        draft.found(0, 1)  # written down
    # The power went: half a record, and tiles that no record knows.
    with (tmp_path / "cut.part.journal").open("ab") as journal:
        journal.write(b"\1\2\3")
    with (tmp_path / "cut.part").open("ab") as part:
        part.write(b"lost")
    with Draft(out) as draft:
        assert draft.asked() == {"order": 1}
        draft.go_on()
        assert (draft.last_id, len(draft)) == (59, 60)
        draft.add(tiles[60:])
        draft.finish({}, (0, 3), DANANG)
    assert out.read_bytes() == (tmp_path / "whole").read_bytes()
    # Killed after the archive was put in its place, before the journal was removed: nothing is believed.
    (tmp_path / "cut.part.journal").write_bytes(bytes(64) + b"\1" * 64)
    with Draft(out) as draft:
        draft.go_on()
        assert draft.last_id == -1


def test_two_builds_do_not_write_one_file(tmp_path):
    with Draft(tmp_path / "a.pmtiles"), pytest.raises(InvalidInput, match=r"a\.pmtiles"):
        Draft(tmp_path / "a.pmtiles")
    with pytest.raises(InvalidInput, match="missing"):
        Draft(tmp_path / "missing" / "a.pmtiles")


@pytest.mark.parametrize("content", [b"", b"PMTiles", b"x" * 500, b"PMTiles\x03" + bytes(400)])
def test_a_file_that_is_no_archive_is_refused(tmp_path, content):
    path = tmp_path / "a.pmtiles"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match=r"a\.pmtiles"):
        Archive(path)
