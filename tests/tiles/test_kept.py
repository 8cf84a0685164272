"""Whose tiles are whose, and how many are kept."""

import itertools
import os
from datetime import date

import pytest

from gisplatform.access import CITIZEN, Person, Role, row_condition, sees_exactly
from layers.catalogue import find, layers
from tests.factories import make_camera, make_edge, make_organisation, make_plan, make_zone, point
from tests.tiles.caching import play, running
from tests.tiles.conftest import tile_of
from tiles.cached import Kept, Key
from tiles.disk import Disk
from tiles.kept import Memory
from tiles.viewers import PUBLIC, name_of, person_named, viewer_of

pytestmark = pytest.mark.django_db(transaction=True)

SNAPSHOT = "10:10:"


def test_people_share_tiles_exactly_if_they_see_the_same_rows_alike():
    organisations = (None, 1, 2)
    people = [
        Person.of(roles, organisation)
        for count in range(3)
        for roles in itertools.combinations(Role, count)
        for organisation in organisations
    ]
    for layer in layers():
        by_name = {}
        for person in people:
            viewer = viewer_of(layer, person)
            rows = row_condition(layer.access, person)
            assert (viewer is None) == (rows is None)
            if rows:
                allowed = sorted((column, sorted(set(values))) for column, values in rows[1].items())
                by_name.setdefault(viewer, set()).add(repr((sees_exactly(layer.access, person), allowed)))
                assert viewer_of(layer, person_named(viewer)) == viewer
        assert all(len(seen) == 1 for seen in by_name.values()), layer.key
        assert len(set.union(*by_name.values())) == len(by_name), layer.key
    edges = find("network_edges")
    assert viewer_of(edges, Person.of([Role.UTILITY], 7)) == "utility-7"
    assert viewer_of(edges, Person.of([Role.OFFICER, Role.UTILITY], 7)) == "planner"
    assert viewer_of(find("parcels"), Person.of([Role.PLANNER])) == PUBLIC == name_of(CITIZEN)
    assert person_named("../public") is person_named("mayor") is person_named("utility-0x7") is None


def test_a_warm_cache_shows_each_person_his_own(tmp_path):
    async def story():
        water, power = make_organisation(), make_organisation()
        pipe, cable = make_edge(water), make_edge(power, network="power")
        camera = make_camera(water, position=point(33.3, 44.4))
        camera.refresh_from_db()
        draft, adopted = make_zone(make_plan("draft")), make_zone(make_plan())
        place = tile_of(pipe.route, 16)
        utility, rival = (Person.of([Role.UTILITY], of.pk) for of in (water, power))
        planner = Person.of([Role.PLANNER])
        expected = [
            ("network_edges", place, utility, {pipe.identity}),
            ("network_edges", place, rival, {cable.identity}),
            ("network_edges", place, planner, {pipe.identity, cable.identity}),
            ("zones", place, CITIZEN, {adopted.identity}),
            ("zones", place, utility, {adopted.identity}),
            ("zones", place, planner, {adopted.identity, draft.identity}),
            ("cameras", tile_of(camera.position, 18), CITIZEN, set()),
            ("cameras", tile_of(camera.position, 18), planner, {camera.identity}),
        ]
        # Cold in one order, then from memory in the other, then from the disk by another process.
        async with running(tmp_path) as cache:
            for layer, tile, person, rows in (*expected, *reversed(expected)):
                assert (await cache.ask(layer, tile, person))[0] == rows, (layer, person)
            for layer, tile, person, _rows in expected:
                assert (await cache.ask(layer, tile, person))[1] == "memory"
            # Under the plain address is only what everyone sees.
            served = {key.viewer for key, _replies in cache.memory.served.values()}
            assert served == {PUBLIC}
        async with running(tmp_path) as cache:
            for layer, tile, person, rows in reversed(expected):
                assert await cache.ask(layer, tile, person) in [(rows, "disk"), (rows, "memory")]
            assert cache.sql.asked == 0

    play(story)


def test_memory_and_disk_keep_within_their_bounds_what_was_used_last(tmp_path):
    def key(x):
        return Key("parcels", PUBLIC, date(2025, 1, 1), 16, x, 0)

    kept = Kept.of(os.urandom(3000), SNAPSHOT)
    memory = Memory(10 * kept.size)
    for x in range(30):
        memory.add(key(x), kept, serve=True)
        memory.get(key(0))
        assert memory.bytes <= 10 * kept.size
    assert len(memory) == len(memory.served) == 10
    assert {x for x in range(30) if memory.get(key(x))} == {0, *range(21, 30)}
    # One larger than everything is not kept at all.
    memory.add(key(99), Kept.of(os.urandom(10 * kept.size), SNAPSHOT), serve=True)
    assert (len(memory), memory.bytes) == (0, 0)
    disk = Disk(tmp_path, 64 * 4096)
    disk.begin_day(date(2025, 1, 1))
    for x in range(200):
        disk.store(key(x), kept, lambda: True)
        os.utime(tmp_path / f"2025-01-01/public/parcels/16/{x}/0.mvt.gz", (1_700_000_000 + x, kept.fingerprint))
        disk.load(key(0))
        files = list(tmp_path.glob("**/*.mvt.gz"))
        assert sum(-(-file.stat().st_size // 4096) * 4096 for file in files) <= 64 * 4096
    assert len(files) > 40
    assert disk.load(key(0)).content == kept.content
    assert disk.load(key(199))
    assert not disk.load(key(100))
