"""What is drawn from afar: nothing lost, no gaps between neighbours, and as fresh as the registers."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from unittest import mock

import numpy as np
import pytest
import shapely
from django.db import connection
from psycopg import sql

from gisplatform import clock
from gisplatform.access import CITIZEN, Person, Role
from gisplatform.registers import close, database_time
from layers.catalogue import Level, declare, find
from layers.drawn.coverages import drawn_areas, true_sizes
from layers.drawn.follower import follow
from layers.drawn.following_levels import build_some, follow_up, note_changes, waiting
from layers.drawn.levels import layers_with_levels, level_table
from layers.parcels.models import Parcel
from planning.plans.models import PlanState
from tests.conftest import ROOT, City, database_url
from tests.factories import days, end_parcel, make_parcel, make_plan, make_unit, make_zone, rectangle
from tests.tiles.conftest import tile_of
from tests.tiles.decoding import decoded

pytestmark = pytest.mark.django_db(transaction=True)

PLANNER = Person.of([Role.PLANNER])


def features(key: str) -> list[tuple]:
    """All that is kept of a layer's levels."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT * FROM {} ORDER BY zoom, cell, place").format(level_table(find(key))))
        return cursor.fetchall()


@contextmanager
def logged(lines: list[tuple]):
    """Fill a list with what is told of levels meanwhile: layer, first and last zoom."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM drawn.changes")
        [(before,)] = cursor.fetchall()
        yield
        cursor.execute(
            "SELECT DISTINCT layer, min_zoom, max_zoom FROM drawn.changes"
            " WHERE id > %s AND max_zoom IS NOT NULL ORDER BY min_zoom",
            [before],
        )
        lines += cursor.fetchall()


def build_from_nothing() -> None:
    with connection.cursor() as cursor:
        for layer in layers_with_levels():
            cursor.execute(sql.SQL("TRUNCATE {}").format(level_table(layer)))
        cursor.execute("UPDATE drawn.level_states SET snapshot = NULL")
    follow_up()


def until(true: Callable[[], bool], seconds: float = 10) -> float:
    """Wait for something that has to come; how long it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() < began + seconds, "it did not come"
        time.sleep(0.01)
    return time.monotonic() - began


def street_of_lots(count: int = 30) -> list[Parcel]:
    """Two rows of lots of 40 m × 25 m along a street: so long that they lie in more than one cell."""
    return [make_parcel(sheet="60", boundary=rectangle(x * 40, y, 40, 25)) for x in range(count) for y in (0, 35)]


# ---- Nothing is lost, and neighbours share their borders ----


@pytest.mark.parametrize(("key", "sheet"), [("parcels", "''"), ("zones", "state"), ("administrative_units", "level")])
def test_the_demo_city_from_afar_has_no_gaps_and_loses_no_area(city: City, key, sheet):
    today = clock.today()
    [(rows, true_m2, area)] = city.sql(
        f"SELECT count(*), sum(ST_Area(ST_Transform(shape, 4326)::geography)), sum(ST_Area(shape)) FROM drawn.{key}"
        " WHERE valid_from <= %s AND %s < valid_to",
        today,
        today,
    )
    for level in find(key).levels:
        found = city.sql(
            f"SELECT {sheet}, count, area_m2, ST_AsBinary(shape) FROM drawn.{key}_levels WHERE zoom = %s",
            level.min_zoom,
        )
        shapes = shapely.from_wkb([bytes(wkb) for *_rest, wkb in found])
        assert shapely.is_valid(shapes).all()
        if key != "administrative_units" or level.min_zoom == 9:  # from farther off communes are not drawn
            assert sum(count for _sheet, count, *_rest in found) == rows
            assert sum(told_m2 for _sheet, _count, told_m2, _wkb in found) == pytest.approx(true_m2, rel=2e-4)
            assert shapely.area(shapes).sum() == pytest.approx(area, rel=1e-3)
        sheets = np.array([of for of, *_rest in found])
        for of in np.unique(sheets):
            # Neither laps nor gaps of less than a metre, within cells and between them. Streets part lots by more.
            assert shapely.coverage_is_valid(shapes[sheets == of], gap_width=1), (level, of)


def test_borders_within_a_cell_lose_corners_and_those_between_cells_stay():
    """Three fields, of which the third lies in the next cell; each border bends a hundred times."""
    random = np.random.default_rng(5)
    bends = [[(x + random.normal(0, 3), y) for y in np.linspace(0, 1000, 100)] for x in (0, 500, 1000, 1500)]
    fields = np.array([shapely.Polygon([*west, *east[::-1]]) for west, east in pairwise(bends)])
    cells = [(fields[:2], fields[2:]), (fields[2:], fields[:2])]
    drawn = [
        shape for own, others in cells for shape in next(drawn_areas(own, np.arange(len(own)), others, [30])).values()
    ]
    assert shapely.coverage_is_valid(drawn)
    corners = [len(set(shapely.get_coordinates(shape)[:, 0])) for shape in drawn]
    assert corners[0] < 40 < 100 < corners[1] < 130  # its outer and inner border; the latter and the next cell's
    assert shapely.area(drawn).sum() == pytest.approx(shapely.area(fields).sum(), rel=1e-3)
    # Both of one kind: one area.
    [joined] = next(drawn_areas(fields[:2], np.zeros(2, int), fields[2:], [30])).values()
    assert joined.geom_type == "Polygon"


def test_areas_that_lie_over_each_other_or_are_no_areas_are_drawn_all_the_same():
    lot, bow = shapely.box(0, 0, 20, 20), shapely.Polygon([(50, 0), (70, 20), (70, 0), (50, 20)])
    shapes = np.array([lot, shapely.box(10, 10, 30, 30), bow, shapely.box(19.999, 0, 40, 10)])
    for kinds in (np.zeros(4, int), np.arange(4)):
        for drawn in drawn_areas(shapes, kinds, np.array([shapely.box(15, -5, 18, 25)]), [50, 5]):
            assert sorted(drawn) == np.unique(kinds).tolist()
            assert shapely.area(shapely.union_all(shapely.make_valid(list(drawn.values())))) == pytest.approx(
                1100, abs=1
            )


def test_sizes_are_those_on_the_ground():
    [equator] = true_sizes(np.array([shapely.box(-50, -50, 50, 50)]), areas=True)
    assert equator == pytest.approx(10_000 * (1 - 0.00669438), rel=1e-5)
    parcel = make_parcel(boundary=rectangle(0, 0, 100, 60))
    follow_up()
    # The register's plane is true to 1 : 10 000 in its zone.
    told = [row[-3] for row in features("parcels")]
    assert told == [pytest.approx(parcel.boundary.area, rel=2e-4)] * len(find("parcels").levels)


# ---- Fresh ----


def test_an_edit_builds_the_cells_that_it_must_and_all_is_as_if_built_from_nothing():
    lots = street_of_lots()
    make_zone(make_plan(), boundary=rectangle(0, 0, 700, 60))
    follow_up()
    before = features("parcels")
    assert len({cell for _zoom, cell, *_rest in before}) > 1
    assert sum(count for zoom, *_rest, count, _area, _shape, _label in before if zoom == 8) == len(lots)
    # A lot at the end of the street goes, in another cell than where the street begins.
    lines: list[tuple] = []
    with logged(lines):
        end_parcel(lots[-1], clock.today())
        follow_up()
    after = features("parcels")
    changed = {row[1] for row in set(before) ^ set(after)}
    assert len(changed) == 1
    assert {line[0] for line in lines} == {"parcels"}
    assert {line[1:] for line in lines} == {(level.min_zoom, level.max_zoom) for level in find("parcels").levels}
    assert sum(row[-4] for row in after if row[0] == 8) == len(lots) - 1
    # Something is recorded that nobody sees from afar: nothing is drawn otherwise.
    with logged(lines := []):
        close(Parcel.objects.filter(pk=lots[0].pk), database_time())
        make_parcel(boundary=lots[0].boundary, identity=lots[0].identity, number=lots[0].number, sheet="61")
        follow_up()
    assert lines == []
    assert features("parcels") == after
    zones = features("zones")
    build_from_nothing()
    assert features("parcels") == after
    assert features("zones") == zones


def test_a_day_begins_and_what_has_effect_from_then_on_is_drawn():
    today = clock.today()
    make_parcel(valid_during=days(today - timedelta(days=5), today + timedelta(days=1)))
    make_parcel(boundary=rectangle(3000, 0), valid_during=days(today + timedelta(days=1)))
    follow_up()
    [cell] = {row[1] for row in features("parcels")}
    with mock.patch("gisplatform.clock.today", return_value=today + timedelta(days=1)):
        follow_up()
        [another] = {row[1] for row in features("parcels")}
    assert another != cell


def test_whoever_follows_draws_an_edit_within_a_second_and_goes_on_after_a_broken_connection():
    street_of_lots()
    follow_up()
    stop = threading.Event()
    follower = threading.Thread(target=follow, args=[stop])
    follower.start()
    try:
        for number in range(4):
            before = features("parcels")
            make_parcel(boundary=rectangle(number * 20, 70))
            assert until(lambda: features("parcels") != before) < (1 if number != 2 else 5)  # noqa: B023
            if number == 1:
                with connection.cursor() as cursor:
                    cursor.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                        " AND pid <> pg_backend_pid() AND application_name = '' AND usename = current_user"
                    )
    finally:
        stop.set()
        follower.join()


@pytest.mark.long
def test_what_a_killed_worker_left_undone_the_next_one_does(tmp_path):
    lots = street_of_lots()
    follow_up()
    environment = {
        **os.environ, "DATABASE_URL": database_url(connection.settings_dict["NAME"]), "DATABASE_ROLE": "worker",
        "DJANGO_SETTINGS_MODULE": "gisplatform.settings", "PLATFORM_DATA": str(tmp_path),
    }  # fmt: skip
    end_parcel(lots[0], clock.today())
    assert note_changes()
    end_parcel(lots[-1], clock.today())
    for number in range(2):
        with (tmp_path / "log").open("w") as log:
            worker = subprocess.Popen(
                [sys.executable, "manage.py", "worker"], env=environment, cwd=ROOT, stdout=log, stderr=log
            )
        try:
            until(lambda: not waiting() and count_of("parcels") == len(lots) - 2 + number, 30)  # noqa: B023
        except AssertionError:
            raise AssertionError((tmp_path / "log").read_text()) from None
        finally:
            worker.kill()
            worker.wait()
        make_parcel(boundary=rectangle(0, 70))  # nobody is there to draw it
    assert count_of("parcels") == len(lots) - 1


def count_of(key: str) -> int:
    """How many rows a layer's first level tells of."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(sum(count), 0) FROM drawn.{key}_levels WHERE zoom = 8")
        return cursor.fetchone()[0]


def test_an_edit_does_not_wait_for_an_import():
    street_of_lots()
    note_changes()
    make_unit(boundary=rectangle(-500, -500, 3000, 3000))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE drawn.level_cells SET noted = noted - interval '1 s'")
    assert note_changes()
    layer, _cells = build_some() or (None, None)
    assert layer == find("administrative_units")
    follow_up()
    assert not waiting()


# ---- What is served ----


def test_tiles_from_afar_say_what_is_merged_and_show_drafts_to_planners_only(server):
    lots = street_of_lots(10)
    adopted, draft = make_plan(), make_plan(PlanState.DRAFT)
    zones = [make_zone(adopted, boundary=rectangle(x, 0, 100, 60)) for x in (0, 100, 400)]
    make_zone(draft, boundary=rectangle(0, 0, 100, 60))
    unit = make_unit(boundary=rectangle(-500, -500, 3000, 3000))
    follow_up()
    for z in (8, 11, 13):
        tile = tile_of(lots[0].boundary, z)
        [blocks] = features_in(server, "parcels", tile, CITIZEN)
        assert blocks["properties"] == {"count": 20, "area_m2": pytest.approx(20_000, rel=1e-3)}
        assert not blocks.get("id")
        [land] = features_in(server, "zones", tile, CITIZEN)
        assert land["properties"] == {
            "function": "OM", "state": "adopted", "count": len(zones), "area_m2": pytest.approx(18_000, rel=1e-3)
        }  # fmt: skip
        assert [found["properties"]["state"] for found in features_in(server, "zones", tile, PLANNER)] == [
            "adopted",
            "draft",
        ]
    [border] = features_in(server, "administrative_units", tile_of(lots[0].boundary, 10), CITIZEN)
    assert (border["id"], border["properties"]["name"]) == (unit.identity, unit.name)
    # A rezoned lot: the tiles from afar follow, in the server too.
    end_parcel(lots[0], clock.today())
    follow_up()
    [blocks] = features_in(server, "parcels", tile_of(lots[0].boundary, 8), CITIZEN)
    assert blocks["properties"]["count"] == 19


def features_in(server, key: str, tile: tuple[int, int, int], person: Person) -> list[dict]:
    """Features of a tile; those that were merged have no number."""
    return decoded(server.tile(key, tile, person).content)[key]["features"]


def test_another_day_is_drawn_from_the_rows_as_far_out_as_they_can_be(server):
    zone, parcel = make_zone(make_plan(), storeys_max=3), make_parcel()
    follow_up()
    day = str(clock.today() - timedelta(days=30))
    seen = {
        (key, z): server.tile(key, tile_of(parcel.boundary, z), as_of=day)
        for key, z in (("zones", 11), ("zones", 12), ("parcels", 14), ("parcels", 15))
    }
    assert {place: reply.status for place, reply in seen.items()} == {
        ("zones", 11): 404, ("zones", 12): 200, ("parcels", 14): 404, ("parcels", 15): 200
    }  # fmt: skip
    assert seen["zones", 12].features("zones")[zone.identity]["properties"]["storeys_max"] == 3
    assert server.tile("parcels", tile_of(parcel.boundary, 12), as_of=str(clock.today())).status == 200


def test_levels_that_would_show_rows_to_the_wrong_people_cannot_be_declared():
    zones = find("zones")
    for level, complaint in [
        (Level(8, 13, ("function", "colour")), "needs state"),
        (Level(9, 13, zones.levels[0].by), "leave out zooms"),
        (Level(8, 17, zones.levels[0].by), "needs code"),
        (Level(8, 13, (*zones.levels[0].by, "nothing")), "nothing, which is not among"),
    ]:
        with pytest.raises(ValueError, match=complaint):
            declare(replace(zones, key="other", levels=[level]))
    with pytest.raises(ValueError, match="not made for positions"):
        declare(replace(find("cameras"), key="other", min_zoom=8, levels=[Level(8, 10)]))
