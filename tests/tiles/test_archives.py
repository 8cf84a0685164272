"""A tile archive of the public map: the same tiles as the server's, resumed after a kill, refreshed after edits."""

import gzip
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from pmtiles.reader import MemorySource, Reader, all_tiles

from gisplatform import clock
from gisplatform.access import CITIZEN, sights
from gisplatform.registers import close, database_time, history_may_go
from layers.catalogue import layers
from layers.parcels.models import Parcel
from planning.plans.models import Plan
from tests.conftest import ROOT, City, database_url
from tests.factories import (
    days,
    end_parcel,
    lines,
    make_camera,
    make_organisation,
    make_parcel,
    make_plan,
    make_street,
    make_unit,
    make_zone,
    point,
    rectangle,
)
from tests.tiles.conftest import Server, place_in_tile, tile_of
from tests.tiles.decoding import check
from tiles.archives.draft import Draft
from tiles.envelope import BUFFER, EXTENT, buffer_to_scale

pytestmark = pytest.mark.django_db(transaction=True)

LAYERS = ["administrative_units", "zones", "parcels", "streets", "cameras"]
Tiles = dict[tuple[int, int, int], bytes]


@pytest.fixture(autouse=True)
def on_the_test_database(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command, told in English, asks the test database as the tile server's role."""
    settings.TILES_DATABASE = {**settings.TILES_DATABASE, "NAME": connection.settings_dict["NAME"]}
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def build(*arguments: str | Path) -> tuple[str, str]:
    """`manage.py build_archive`; returns what it says and what it reports on the way."""
    out, err = StringIO(), StringIO()
    call_command("build_archive", *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def refused(*arguments: str | Path) -> tuple[int, str]:
    """Exit code and message of a build that cannot be."""
    with pytest.raises(CommandError) as error:
        build(*arguments)
    return error.value.returncode, str(error.value)


def tiles(archive: Path) -> Tiles:
    """All tiles of an archive by the reference reader, decompressed, each a valid one."""
    found = {place: gzip.decompress(tile) for place, tile in all_tiles(MemorySource(archive.read_bytes()))}
    for tile in found.values():
        check(tile)
    return found


def bounds(archive: Path) -> list[float]:
    """West, south, east, north as its header says, degrees."""
    header = Reader(MemorySource(archive.read_bytes())).header()
    return [header[f"{end}_e7"] / 1e7 for end in ("min_lon", "min_lat", "max_lon", "max_lat")]


def told(tile: bytes) -> list[Any]:
    """What a tile says, in whatever order."""
    parts = mapbox_vector_tile.decode(tile)
    return [(name, sorted(map(repr, part["features"]))) for name, part in sorted(parts.items())]


def drawn_now(said: str) -> int:
    """How many places the command says that it drew."""
    return int(re.search(r"([\d,]+) places drawn now", said)[1].replace(",", ""))


def town() -> None:
    """A commune of 4 km; 60 parcels, a street, a plan with two zones and a camera in one corner of it."""
    make_unit(boundary=rectangle(-1000, -1000, 4000, 4000))
    for number in range(60):
        make_parcel(boundary=rectangle(number % 10 * 45, number // 10 * 30, 40, 25))
    make_street(centreline=lines((-900, -15), (1500, -25), (2600, 900)))
    plan = make_plan()
    make_zone(plan)
    make_zone(plan, boundary=rectangle(120, 0, 90, 60))
    make_camera(make_organisation())


def recorded_long_ago() -> None:
    """Let the registers have held all this to be so for years."""
    with transaction.atomic(), history_may_go(), connection.cursor() as cursor:
        for table in sorted({layer.table for layer in layers()}):
            cursor.execute(f"UPDATE {table} SET recorded_during = tstzrange('2020-01-01', NULL)")


def test_an_archive_holds_what_the_server_gives(server: Server, tmp_path):
    town()
    # Drawn to scale, a street reaches further into the next tile than other things do.
    z, x, y = tile_of(point(200, 300), 16)
    beside = -0.75 * buffer_to_scale(z) / EXTENT
    make_street(centreline=lines(place_in_tile(z, x, y, beside, 0.4), place_in_tile(z, x, y, beside, 0.6)))
    out = tmp_path / "town.pmtiles"
    said, _reported = build(*LAYERS, "--out", out)
    found = tiles(out)
    assert f"{len(found)} tiles" in said
    assert {z for z, _x, _y in found} >= set(range(10, 17))
    assert max(found)[0] == 16
    # Every tile of the archive, and every tile around one: there the archive has none, and the server nothing to give.
    around = {(z, x + dx, y + dy) for z, x, y in found if z > 12 for dx in (-1, 0, 1) for dy in (-1, 0, 1)}
    for place in {*found, *around}:
        replies = [server.tile(layer.key, place) for layer in layers() if layer.key in LAYERS]
        assert b"".join(reply.content for reply in replies if reply.status == 200) == found.get(place, b""), place
    # The inside of the commune is drawn alike again and again, and stored once.
    reader = Reader(MemorySource(out.read_bytes()))
    header = reader.header()
    assert header["tile_contents_count"] < header["addressed_tiles_count"] == len(found)
    assert header["clustered"]
    west, south, east, north = (header[name] / 1e7 for name in ("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7"))
    assert west < 108.2 < east
    assert south < 16.05 < north
    assert north - south == pytest.approx(4000 / 110_600, rel=0.02)
    # A map client learns what is in it, in the language of the platform.
    described = reader.metadata()
    parts = {part["id"]: part for part in described["vector_layers"]}
    assert set(parts) == {*LAYERS, "administrative_units_labels", "zones_labels"}
    assert parts["parcels"]["fields"]["land_use"].startswith("Mã loại đất")
    assert (parts["parcels"]["maxzoom"], parts["administrative_units"]["minzoom"]) == (16, 8)
    assert described["attribution"].startswith("Dữ liệu")
    assert described["build"]["day"] == str(clock.today())
    assert [path.name for path in tmp_path.iterdir()] == ["town.pmtiles"]


def test_an_archive_shows_another_day_and_a_part_of_the_map(tmp_path):
    old = make_parcel(valid_during=days(date(2010, 1, 1), date(2024, 7, 1)))
    make_parcel(valid_during=days(date(2024, 7, 1)))
    far = make_parcel(valid_during=days(date(2010, 1, 1)), boundary=rectangle(9000, 0))
    out = tmp_path / "a.pmtiles"
    build("parcels", "--out", out, "--as-of", "2020-05-01", "--min-zoom", "15")
    codes = {feature["properties"]["code"] for tile in tiles(out).values() for feature in parcels_of(tile)}
    assert codes == {old.code, far.code}
    build("parcels", "--out", out, "--as-of", "2020-05-01", "--min-zoom", "15", "--bounds", "108.15,16,108.22,16.1")
    assert {feature["properties"]["code"] for tile in tiles(out).values() for feature in parcels_of(tile)} == {old.code}
    # Every tile of a zoom that the bounds touch, and no other.
    assert all(15 <= z <= 16 for z, _x, _y in tiles(out))


def parcels_of(tile: bytes) -> list[dict[str, Any]]:
    return mapbox_vector_tile.decode(tile)["parcels"]["features"]


def sections(archive: Path) -> tuple[bytes, dict[str, Any]]:
    """All of an archive but the instant at which it was begun: that is another one in each build."""
    content = archive.read_bytes()
    reader = Reader(MemorySource(content))
    header, described = reader.header(), reader.metadata()
    del described["build"]["recorded"]
    end = header["metadata_offset"]
    assert end + header["metadata_length"] == len(content)
    return content[127:end], {**described, **header, "metadata_length": 0}


def test_a_killed_build_goes_on_and_writes_the_same_bytes(tmp_path):
    town()
    whole, killed = tmp_path / "whole.pmtiles", tmp_path / "killed.pmtiles"
    asked = ["parcels", "administrative_units", "zones", "--max-zoom", "18"]
    build(*asked, "--out", whole)
    with stopped(asked, killed, signal.SIGKILL) as process:
        assert process.wait() == -signal.SIGKILL
    assert not killed.exists()
    _said, reported = build(*asked, "--out", killed)
    assert re.search(r"Going on with what was begun: [1-9]\d* places", reported)
    assert sections(killed) == sections(whole)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["killed.pmtiles", "whole.pmtiles"]


@contextmanager
def stopped(asked: list[str], out: Path, how: signal.Signals) -> Iterator[subprocess.Popen]:
    """A build that is sent a signal when part of its work is on the disk."""
    journal = out.with_name(f"{out.name}.part.journal")
    name = connection.settings_dict["NAME"]
    given = {"DATABASE_URL": database_url(name), "DATABASE_ROLE": "worker", "SECRET_KEY": settings.SECRET_KEY}
    command = [sys.executable, str(ROOT / "manage.py"), "build_archive", *asked, "--out", str(out)]
    # A run of the tests in the background ignores it, and so would the command.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(command, env={**os.environ, **given}, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None and (not journal.exists() or journal.stat().st_size < 200 * 32):
            time.sleep(0.005)
        process.send_signal(how)
        yield process


def test_another_order_is_not_mixed_with_what_was_begun(tmp_path):
    town()
    out, fresh = tmp_path / "a.pmtiles", tmp_path / "fresh.pmtiles"
    with stopped(["administrative_units", "parcels", "--max-zoom", "18"], out, signal.SIGINT) as process:
        assert process.wait() == 130
        assert "the same command goes on" in process.stderr.read()
    # While one process builds a file, another keeps off.
    with Draft(out):
        code, message = refused("zones", "--out", out)
        assert code == 2
        assert "is being built by another process" in message
    _said, reported = build("zones", "--max-zoom", "18", "--out", out)
    assert "Going on" not in reported
    build("zones", "--max-zoom", "18", "--out", fresh)
    assert tiles(out) == tiles(fresh)


def test_a_refresh_draws_only_what_changed_and_ends_up_as_a_full_build(tmp_path):
    town()
    gone = Parcel.objects.order_by("id").last()
    moved = Parcel.objects.order_by("id").first()
    draft = make_plan(state="draft", boundary=rectangle(600, 600, 300, 300))
    make_zone(draft, boundary=rectangle(650, 650, 60, 60))
    recorded_long_ago()
    former, refreshed, full = (tmp_path / f"{name}.pmtiles" for name in ("former", "refreshed", "full"))
    everything = drawn_now(build(*LAYERS, "--out", former, "--max-zoom", "18")[0])
    # One parcel is re-surveyed, one ends, one is new far off; the draft plan is adopted, which its zones then say.
    close(Parcel.objects.filter(pk=moved.pk), database_time())
    make_parcel(number="900", identity=moved.identity, boundary=rectangle(-200, 0, 30, 20))
    end_parcel(gone, clock.today())
    new = make_parcel(number="901", boundary=rectangle(8000, 3000))
    # A small one lies in one tile, and in the buffer of its neighbour.
    z, x, y = tile_of(point(5000, 5000), 18)
    make_parcel(number="902", boundary=rectangle(*place_in_tile(z, x, y, 1 + 0.5 * BUFFER / EXTENT, 0.5), 0.5, 0.5))
    # A street is drawn further into the neighbour.
    beside = 1 + 0.75 * buffer_to_scale(z) / EXTENT
    make_street(centreline=lines(place_in_tile(z, x, y, beside, 1.4), place_in_tile(z, x, y, beside, 1.6)))
    close(Plan.objects.filter(pk=draft.pk), database_time())
    make_plan(identity=draft.identity, code=draft.code, boundary=draft.boundary)

    said, _reported = build(*LAYERS, "--out", refreshed, "--max-zoom", "18", "--since", former)
    build(*LAYERS, "--out", full, "--max-zoom", "18")
    assert 0 < drawn_now(said) < everything / 4
    before, after, expected = tiles(former), tiles(refreshed), tiles(full)
    assert set(after) == set(expected)
    assert {place: told(tile) for place, tile in after.items()} == {
        place: told(tile) for place, tile in expected.items()
    }
    assert after != before
    assert any(new.code in str(told(tile)) for tile in after.values())
    # The new one lies outside of what the former archive showed.
    assert bounds(refreshed) == pytest.approx(bounds(full), abs=1e-5)
    assert bounds(refreshed) != pytest.approx(bounds(former), abs=1e-2)
    # Most tiles are the very bytes of the former archive.
    assert sum(after.get(place) == tile for place, tile in before.items()) > len(before) * 0.75
    # Refreshed again, in its own place: nothing is left to draw.
    after_all = (database_time() + timedelta(minutes=2)).isoformat()
    said, _reported = build(*LAYERS, "--out", refreshed, "--max-zoom", "18", "--since", after_all)
    assert drawn_now(said) == 0
    assert tiles(refreshed) == after


def test_a_change_that_is_being_written_when_a_build_begins_is_in_it(tmp_path):
    make_parcel(boundary=rectangle(500, 500))
    reported = StringIO()

    def build_beside() -> None:
        try:
            asked = ["build_archive", "parcels", "--out", str(tmp_path / "a.pmtiles")]
            call_command(*asked, stdout=StringIO(), stderr=reported)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            new = make_parcel()
            building = thread.submit(build_beside)
            while "Waiting for a change" not in reported.getvalue():
                assert not building.done()
                time.sleep(0.02)
        building.result(60)
    assert any(new.code in str(told(tile)) for tile in tiles(tmp_path / "a.pmtiles").values())


def test_a_refresh_on_a_later_day_shows_what_took_effect_meanwhile(tmp_path):
    make_parcel(valid_during=days(date(2010, 1, 1)), boundary=rectangle(500, 500))
    old = make_parcel(valid_during=days(date(2010, 1, 1), date(2024, 7, 1)))
    new = make_parcel(valid_during=days(date(2024, 7, 1)))
    recorded_long_ago()
    former, out = tmp_path / "former.pmtiles", tmp_path / "out.pmtiles"
    build("parcels", "--out", former, "--as-of", "2024-06-30", "--min-zoom", "16")
    said, _reported = build("parcels", "--out", out, "--as-of", "2024-07-01", "--min-zoom", "16", "--since", former)
    assert 0 < drawn_now(said) < len(tiles(former)) + 1
    said = " ".join(str(told(tile)) for tile in tiles(out).values())
    assert (old.code in said, new.code in said) == (False, True)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["network_edges"], 4, "no public layer “network_edges”. An archive can hold: "),
        (["owners"], 4, "no public layer “owners”"),
        (["parcels", "--max-zoom", "19"], 2, "Zooms go from 0 to 18"),
        (["parcels", "--min-zoom", "17"], 2, "the first is not above the last"),
        (["buildings", "--max-zoom", "11"], 2, "“buildings” has tiles of the zooms 16 to 18"),
        (["parcels", "--bounds", "108,16"], 2, "--bounds takes west,south,east,north"),
        (["parcels", "--bounds", "109,16,108,17"], 2, "Bounds are west,south,east,north"),
        (["parcels", "--as-of", "2024-02-30"], 2, "--as-of takes a day"),
        (["parcels", "--since", "yesterday"], 2, "--since takes an archive or a time"),
        (["parcels", "--since", "manage.py"], 2, "“manage.py” is not a tile archive"),
        (["parcels", "--since", "2024-05-01T00:00"], 2, "is not a tile archive"),  # there is none yet to look at
        (["parcels"], 4, "These layers have no rows"),
    ],
)
def test_what_cannot_be_built_is_said_in_one_line(tmp_path, arguments, code, words):
    exit_code, message = refused(*arguments, "--out", tmp_path / "a.pmtiles")
    assert exit_code == code
    assert words in message
    assert list(tmp_path.iterdir()) == []


def test_a_refresh_of_other_layers_or_zooms_is_refused(tmp_path):
    make_parcel()
    make_street()
    former = tmp_path / "former.pmtiles"
    build("parcels", "--out", former)
    for other in (["parcels", "streets"], ["parcels", "--max-zoom", "17"], ["parcels", "--bounds", "108,16,109,17"]):
        code, message = refused(*other, "--out", tmp_path / "a.pmtiles", "--since", former)
        assert code == 2
        assert "other layers, zooms or bounds" in message
    assert [path.name for path in tmp_path.iterdir()] == ["former.pmtiles"]


@pytest.mark.long
def test_every_public_tile_of_the_demo_city_is_valid(city: City, tmp_path):
    out = tmp_path / "city.pmtiles"
    public = [layer.key for layer in layers() if sights(layer.access, CITIZEN)]
    city.manage("build_archive", *public, "--out", str(out), "--max-zoom", "17")
    found = tiles(out)
    names = {name for tile in found.values() for name in mapbox_vector_tile.decode(tile)}
    assert names >= {"parcels", "streets", "buildings", "zones", "plans", "addresses"}
