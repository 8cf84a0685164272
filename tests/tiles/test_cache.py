"""What is kept is right: whoever edits what and when, whichever process drew it, for whichever day."""

import asyncio
import itertools
import threading
from contextlib import contextmanager
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.utils import timezone

from gisplatform import clock
from gisplatform.errors import Unavailable
from gisplatform.registers import close, database_time
from layers.catalogue import find
from layers.drawn.following_levels import follow_up
from tests.factories import (
    days,
    lines,
    make_parcel,
    make_street,
    point,
    rectangle,
)
from tests.tiles.caching import identities, play, running, stay, until
from tests.tiles.conftest import tile_of
from tiles import cache as cache_module
from tiles import flights
from tiles.bundles import bundles
from tiles.disk import Disk
from tiles.flights import ClientGone
from tiles.statements import buffer_of

pytestmark = pytest.mark.django_db(transaction=True)


def end(row):
    """The register no longer holds a row true."""
    close(type(row).objects.filter(pk=row.pk), database_time())


def around(place, layer, reach=3):
    """Tiles around a place at every zoom of a layer."""
    for z in range(layer.min_zoom, layer.max_zoom + 1):
        _z, x, y = tile_of(place, z)
        for dx, dy in itertools.product(range(-reach, reach + 1), repeat=2):
            yield z, x + dx, y + dy


def near(tiles):
    """Those of lots one by one."""
    return [tile for tile in tiles if tile[0] >= find("parcels").plain_zoom]


def judged(layer, tiles, shapes):
    """Which tiles draw from where shapes of the register lie: PostGIS is asked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT z, x, y FROM unnest(%s::int[], %s::int[], %s::int[], %s::float[]) AS tile (z, x, y, grown)"
            " WHERE EXISTS (SELECT FROM unnest(%s::text[]) shape WHERE ST_Intersects(ST_Expand("
            "ST_TileEnvelope(z, x, y), grown * 40075016.685578488 / 2 ^ z), ST_Transform(shape::geometry, 3857)))",
            [*map(list, zip(*tiles, strict=True)), [buffer_of(layer, z) / 4096 for z, _x, _y in tiles],
             [shape.hexewkb.decode() for shape in shapes]],
        )  # fmt: skip
        return set(cursor.fetchall())


def test_an_edit_drops_the_tiles_that_its_old_and_new_shape_touch_and_no_other(tmp_path):
    async def story():
        # A parcel, and a street whose bounding box holds many tiles that it does not run through.
        parcel = make_parcel(boundary=rectangle(0, 0, 40, 25))
        street = make_street(centreline=lines((-400, -400), (400, 400)))
        kept = {key: list(around(point(0, 0), find(key))) for key in ("parcels", "streets", "buildings")}
        kept["base"] = list(around(point(0, 0), bundles()["base"]))
        async with running(tmp_path) as cache:
            for layer, tiles in kept.items():
                for tile in tiles:
                    await cache.ask(layer, tile)
            await cache.settle()

            def there(layer):
                in_memory = {tile for tile in kept[layer] if cache.memory.get(cache.key(layer, tile))}
                on_disk = {tile for tile in kept[layer] if cache._disk.load(cache.key(layer, tile))}
                assert in_memory == on_disk
                return in_memory

            assert all(there(layer) == set(tiles) for layer, tiles in kept.items())
            # The parcel is moved; the street is closed.
            moved = rectangle(90, -60, 30, 30)
            with transaction.atomic():
                end(parcel)
                make_parcel(identity=parcel.identity, number=parcel.number, boundary=moved)
            await cache.settle()
            dropped = set(kept["parcels"]) - there("parcels")
            assert dropped == judged(find("parcels"), near(kept["parcels"]), [parcel.boundary, moved])
            assert {z for z, _x, _y in dropped} == set(range(find("parcels").plain_zoom, 19))
            # From afar it is drawn as before until the level has followed (test_levels.py), and then dropped.
            follow_up()
            await cache.settle()
            dropped = set(kept["parcels"]) - there("parcels")
            assert {z for z, _x, _y in dropped} == set(range(find("parcels").min_zoom, 19))
            assert there("streets") == set(kept["streets"])
            assert there("base") == set(kept["base"])
            end(street)
            await cache.settle()
            gone = set(kept["streets"]) - there("streets")
            drawn_in = [tile for tile in kept["streets"] if tile[0] >= find("streets").ranks[""].min_zoom]
            assert gone == judged(find("streets"), drawn_in, [street.centreline])
            in_its_box = judged(find("streets"), drawn_in, [street.centreline.envelope])
            assert len(in_its_box) > 2 * len(gone)
            # The tiles of several layers go with the street, from the zoom on at which streets are in them.
            assert set(kept["base"]) - there("base") == gone
            assert there("buildings") == set(kept["buildings"])
            assert there("parcels") == set(kept["parcels"]) - dropped

    play(story)


def test_what_was_drawn_while_an_edit_was_made_is_not_kept(tmp_path):
    async def story():
        before = make_parcel()
        tile = tile_of(before.boundary, 16)
        async with running(tmp_path) as cache:
            made = []

            async def edit():
                # The answer lies ready, of before the edit; the edit becomes known before the answer is taken.
                cache.sql.meanwhile = None
                made.append(make_parcel(boundary=rectangle(60, 0)))
                await cache.settle()

            cache.sql.meanwhile = edit
            drawn, _source = await cache.ask("parcels", tile)
            assert drawn == {before.identity, made[0].identity}
            assert (await cache.ask("parcels", tile)) == (drawn, "memory")
            await cache.settle()
            on_disk = cache._disk.load(cache.key("parcels", tile))
            assert identities(on_disk) == drawn

            # Somewhere else an edit is made each time: what is shown is of a moment ago, and not kept.
            async def edit_again():
                made.append(make_parcel(boundary=rectangle(700, 700)))
                await cache.settle()

            cache.sql.meanwhile = edit_again
            busy = tile_of(rectangle(700, 700), 17)
            await cache.ask("parcels", busy)
            cache.sql.meanwhile = None
            await cache.settle()
            assert cache.memory.get(cache.key("parcels", busy)) is None
            assert cache._disk.load(cache.key("parcels", busy)) is None

    play(story)


def test_who_asks_after_an_edit_does_not_get_what_others_began_to_draw_before(tmp_path):
    async def story():
        first = make_parcel()
        tile = tile_of(first.boundary, 16)
        async with running(tmp_path) as cache:
            release = asyncio.Event()
            cache.sql.meanwhile = release.wait
            early = asyncio.create_task(cache.ask("parcels", tile))
            await until(lambda: cache.sql.asked == 1)
            second = make_parcel(boundary=rectangle(60, 0))
            await cache.settle()
            late = asyncio.create_task(cache.ask("parcels", tile))
            await until(lambda: cache.sql.asked == 2)
            release.set()
            assert (await late)[0] == (await early)[0] == {first.identity, second.identity}

    play(story)


@contextmanager
def disk_stuck(cache):
    """Everything that waits for the disk waits on."""
    release = threading.Event()
    cache._clerk.submit(release.wait)
    try:
        yield
    finally:
        release.set()


def test_a_tile_is_not_written_after_the_edit_that_outdates_it(tmp_path):
    async def story():
        parcel = make_parcel()
        tile = tile_of(parcel.boundary, 16)
        async with running(tmp_path) as cache:
            with disk_stuck(cache):
                await cache.ask("parcels", tile)
                end(parcel)
                await until(lambda: cache.memory.get(cache.key("parcels", tile)) is None)
            await cache.settle()
            assert cache._disk.load(cache.key("parcels", tile)) is None

    play(story)


def test_two_processes_share_a_disk_and_neither_shows_what_the_other_missed(tmp_path):
    async def story():
        parcel = make_parcel()
        tile, beside = tile_of(parcel.boundary, 16), tile_of(point(3000, 0), 16)
        async with running(tmp_path) as one, running(tmp_path) as other:
            assert await one.ask("parcels", tile) == ({parcel.identity}, "drawn")
            assert await one.ask("parcels", beside) == (set(), "drawn")
            await one.settle()
            assert await other.ask("parcels", tile) == ({parcel.identity}, "disk")
            assert await other.ask("parcels", beside) == (set(), "disk")
            assert await other.ask("parcels", tile) == ({parcel.identity}, "memory")
            # An edit reaches both.
            second = make_parcel(boundary=rectangle(60, 0))
            both = {parcel.identity, second.identity}
            await one.settle(), await other.settle()
            assert await other.ask("parcels", tile) == (both, "drawn")
            await other.settle()
            assert await one.ask("parcels", tile) == (both, "disk")
            assert await one.ask("parcels", beside) == (set(), "memory")

            # One of them falls asleep with an old tile in its hands, and writes it after all others knew better.
            further = tile_of(parcel.boundary, 17)
            with disk_stuck(other):
                assert (await other.ask("parcels", further))[0] == both
                await other.changes.stop()
                end(second)
                await one.settle()
            await asyncio.wrap_future(other._clerk.submit(lambda: None))
            assert one._disk.load(one.key("parcels", further)) is not None
            assert await one.ask("parcels", further) == ({parcel.identity}, "drawn")
            await one.settle()
            # Awake again it removes what is old, and leaves what the other has drawn since.
            await other.start()
            await other.settle()
            assert await other.ask("parcels", further) == ({parcel.identity}, "disk")

    play(story)


def test_an_edit_made_while_no_server_ran_is_noticed_at_the_start(tmp_path):
    async def story():
        parcel = make_parcel()
        tile, beside = tile_of(parcel.boundary, 16), tile_of(point(3000, 0), 16)
        async with running(tmp_path) as cache:
            await cache.ask("parcels", tile), await cache.ask("parcels", beside)
        end(parcel)
        async with running(tmp_path) as cache:
            assert await cache.ask("parcels", beside) == (set(), "disk")
            assert await cache.ask("parcels", tile) == (set(), "drawn")
        # What another database left in the folder is worth nothing; nor is what was drawn in another way.
        for word in ("database", "drawn_as"):
            disk = Disk(tmp_path, 2**20)
            disk.remember({**disk.remembered(), word: "another"})
            async with running(tmp_path) as cache:
                assert await cache.ask("parcels", beside) == (set(), "drawn")

    play(story)


def test_who_lost_sight_of_the_changes_trusts_nothing_that_was_kept(tmp_path):
    async def story():
        parcel = make_parcel()
        tile = tile_of(parcel.boundary, 16)
        address = "/tiles/parcels/{}/{}/{}.mvt".format(*tile)
        async with running(tmp_path) as cache:
            assert await cache.ask("parcels", tile) == ({parcel.identity}, "drawn")
            await cache.settle()
            assert cache.at_hand(address)
            # For a minute the log could not be read: the database is asked, and if it is away, what is kept is shown.
            await cache.changes.stop()
            second = make_parcel(boundary=rectangle(60, 0))
            cache.changes._looked_at -= 60
            assert cache.at_hand(address) is None
            assert await cache.ask("parcels", tile) == ({parcel.identity, second.identity}, "drawn")

            def away():
                raise Unavailable("away")

            cache.sql.meanwhile = away
            assert await cache.ask("parcels", tile) == ({parcel.identity}, "memory")
            cache.sql.meanwhile = None
            # For two days, and the lines of the log are gone.
            end(parcel)
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM drawn.changes")
            cache.changes._looked_at -= 48 * 3600
            await cache.start()
            await cache.settle()
            assert await cache.ask("parcels", tile) == ({second.identity}, "drawn")

            # A fault of ours while changes are taken in: nothing of before counts, and all goes on.
            def broken(changes):
                cache.listeners.clear()
                raise RuntimeError("a fault")

            assert await cache.ask("parcels", tile) == ({second.identity}, "memory")
            cache.listeners.append(broken)
            third = make_parcel(boundary=rectangle(120, 0))
            await until(lambda: not cache.listeners)
            await cache.settle()
            assert (await cache.ask("parcels", tile))[0] == {second.identity, third.identity}

    play(story)


def test_200_clients_on_a_cold_tile_are_one_question_and_leave_it_as_they_like(tmp_path):
    async def story():
        parcel = make_parcel()
        tile = tile_of(parcel.boundary, 16)
        async with running(tmp_path) as cache:
            answers = await asyncio.gather(*(cache.ask("parcels", tile) for _number in range(200)))
            assert cache.sql.asked == 1
            assert {frozenset(found) for found, _source in answers} == {frozenset({parcel.identity})}
            # Who asked first leaves; the others get their tile.
            release, leave = asyncio.Event(), asyncio.Event()
            cache.sql.meanwhile = release.wait
            key = cache.key("parcels", tile_of(parcel.boundary, 17))
            first = asyncio.create_task(cache.tile(find("parcels"), key, leave.wait))
            second = asyncio.create_task(cache.tile(find("parcels"), key, stay))
            await until(lambda: cache.sql.asked == 2)
            leave.set()
            with pytest.raises(ClientGone):
                await first
            release.set()
            assert not (await second)[0].empty
            # All leave: nothing is being drawn any more.
            release.clear()
            key = cache.key("parcels", tile_of(parcel.boundary, 18))
            leaving = [asyncio.create_task(cache.tile(find("parcels"), key, stay)) for _number in range(3)]
            await until(lambda: cache.sql.asked == 3)
            for client in leaving:
                client.cancel()
            await until(lambda: len(cache.flights) == 0)

    play(story)


def test_more_than_can_be_drawn_is_refused_at_once_and_only_while_it_lasts(tmp_path, monkeypatch):
    monkeypatch.setattr(flights, "MOST", 5)

    async def story():
        parcel = make_parcel()
        async with running(tmp_path) as cache:
            release = asyncio.Event()
            cache.sql.meanwhile = release.wait
            tiles = list(around(parcel.boundary, find("parcels"), 1))
            asked = [asyncio.create_task(cache.ask("parcels", tile)) for tile in tiles[:5]]
            await until(lambda: cache.sql.asked == 5)
            with pytest.raises(Unavailable):
                await cache.ask("parcels", tiles[5])
            release.set()
            await asyncio.gather(*asked)
            assert (await cache.ask("parcels", tiles[5]))[1] == "drawn"

    play(story)


def test_days_are_kept_apart_and_an_edit_of_the_past_reaches_its_day(tmp_path):
    async def story():
        old = make_parcel(valid_during=days(date(2010, 1, 1), date(2024, 7, 1)))
        new = make_parcel(valid_during=days(date(2024, 7, 1)))
        tile = tile_of(old.boundary, 16)
        async with running(tmp_path) as cache:
            for _twice in range(2):
                assert (await cache.ask("parcels", tile))[0] == {new.identity}
                assert (await cache.ask("parcels", tile, day=date(2024, 6, 30)))[0] == {old.identity}
                assert (await cache.ask("parcels", tile, day=date(2024, 7, 1)))[0] == {new.identity}
            assert (await cache.ask("parcels", tile, day=date(2024, 6, 30)))[1] == "memory"
            # What anybody may ask for by a day is not written to the disk, nor found under today's address.
            await cache.settle()
            assert [path.name for path in tmp_path.glob("2*")] == [str(cache.today)]
            earlier = make_parcel(valid_during=days(date(2010, 1, 1), date(2024, 7, 1)), boundary=rectangle(60, 0))
            await cache.settle()
            both = {old.identity, earlier.identity}
            assert await cache.ask("parcels", tile, day=date(2024, 6, 30)) == (both, "drawn")

    play(story)


def test_at_midnight_the_map_is_of_the_new_day(tmp_path, monkeypatch):
    async def story():
        today = clock.today()
        ends = make_parcel(valid_during=days(date(2020, 1, 1), today + timedelta(days=1)))
        tile = tile_of(ends.boundary, 16)
        address = "/tiles/parcels/{}/{}/{}.mvt".format(*tile)
        async with running(tmp_path) as cache:
            assert await cache.ask("parcels", tile) == ({ends.identity}, "drawn")
            await cache.settle()
            assert cache.at_hand(address)
            assert (tmp_path / "today").readlink().name == str(today)
            assert list((tmp_path / "today").glob("public/parcels/16/*/*.mvt.gz"))
            # A second before the end of the day, and a second after.
            now = clock.tomorrow_s() - 1
            monkeypatch.setattr(cache_module, "time", SimpleNamespace(time=lambda: now, monotonic=lambda: 0.0))
            assert cache.at_hand(address)
            now += 2
            monkeypatch.setattr(timezone, "localdate", lambda: today + timedelta(days=1))
            assert cache.at_hand(address) is None
            assert await cache.ask("parcels", tile) == (set(), "drawn")
            await cache.settle()
            assert (tmp_path / "today").readlink().name == str(today + timedelta(days=1))
            assert not (tmp_path / str(today)).exists()

    play(story)
