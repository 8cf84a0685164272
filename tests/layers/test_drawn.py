"""What tiles are drawn from follows the registers: after every kind of change, at once, and nothing else is touched."""

import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from datetime import date

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections, transaction
from psycopg import sql

from gisplatform.registers import close, database_time, history_may_go
from layers.catalogue import find, layers
from layers.drawn.making import bring_up_to_date, rebuild
from layers.drawn.rows import is_area
from layers.parcels.models import Parcel
from layers.tasks import forget_changes
from planning.plans.models import Plan, PlanState
from tests.conftest import City, connect, database_url
from tests.factories import (
    days,
    end_parcel,
    make_camera,
    make_organisation,
    make_parcel,
    make_plan,
    make_plan_line,
    make_zone,
    point,
    rectangle,
)
from tests.tiles.test_access import fill_the_register

pytestmark = pytest.mark.django_db(transaction=True)

ALWAYS, NEVER = date(1, 1, 1), date(9999, 12, 31)


def ask(query: str | sql.Composed, *params: object) -> list[tuple]:
    """Rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(query, params or None)
        return cursor.fetchall()


def as_published(key: str) -> sql.Composed:
    """How many rows the drawn table of a layer has, and how many of them or of the published view's the other lacks."""
    layer = find(key)
    days = sql.SQL("valid_during * joined_valid_during" if layer.joined else "valid_during")
    columns = {
        "id": sql.SQL("id"),
        "valid_from": sql.SQL("coalesce(lower({}), '-infinity')").format(days),
        "valid_to": sql.SQL("coalesce(upper({}), 'infinity')").format(days),
        **{attribute.name: sql.Identifier(attribute.name) for attribute in layer.attributes},
        "shape": sql.SQL(
            "ST_ForcePolygonCW(ST_Transform(exact, 3857))" if is_area(layer) else "ST_Transform(exact, 3857)"
        ),
    }
    if layer.approximate:
        columns["approximate"] = sql.SQL("ST_Transform(approximate, 3857)")
    return sql.SQL(
        "WITH drawn AS (SELECT ROW({names})::text FROM drawn.{layer}), published AS (SELECT ROW({columns})::text"
        " FROM published.{layer} WHERE {held_true} AND NOT isempty({days})) SELECT (SELECT count(*) FROM drawn),"
        " (SELECT count(*) FROM ((TABLE drawn EXCEPT ALL TABLE published)"
        " UNION ALL (TABLE published EXCEPT ALL TABLE drawn)) other)"
    ).format(
        names=sql.SQL(", ").join(
            sql.SQL("{}::{}").format(
                sql.Identifier(name),
                sql.SQL(next((a.sql_type for a in layer.attributes if a.name == name), "text")),
            )
            for name in columns
        ),
        columns=sql.SQL(", ").join(
            sql.SQL("({})::{}").format(
                told, sql.SQL(next((a.sql_type for a in layer.attributes if a.name == name), "text"))
            )
            for name, told in columns.items()
        ),
        layer=sql.Identifier(key),
        held_true=sql.SQL(layer.held_true),
        days=days,
    )


def rows_of(key: str) -> int:
    """How many rows are drawn of a layer, which are those that are published."""
    [(rows, unlike)] = ask(as_published(key))
    assert unlike == 0
    return rows


@contextmanager
def logged(changes: list[tuple[str, tuple[float, ...] | None]]):
    """Fill a list with what is written to the log meanwhile: the layer, and the box of the shape in whole metres."""
    [(before,)] = ask("SELECT coalesce(max(id), 0) FROM drawn.changes")
    yield
    found = ask("SELECT layer, Box2D(shape)::text FROM drawn.changes WHERE id > %s ORDER BY id", before)
    changes += found


def box_of(geometry) -> str:
    """The box of a shape of the register in Web Mercator, as the log is told of it here."""
    [(box,)] = ask("SELECT Box2D(ST_Transform(%s::geometry, 3857))::text", geometry.hexewkb.decode())
    return box


def beside(work: Callable[[], object]) -> threading.Thread:
    """Work that somebody else does at the same time, in a session of his own."""

    def alone() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=alone)
    thread.start()
    return thread


def adopt(plan: Plan, on: date) -> None:
    """A plan is adopted with effect from a day: what held until then stays."""
    plan.refresh_from_db()
    with transaction.atomic():
        close(Plan.objects.filter(pk=plan.pk), database_time())
        again = {"identity": plan.identity, "code": plan.code, "title": plan.title, "boundary": plan.boundary}
        make_plan(plan.state, **again, valid_during=days(plan.valid_during.lower, on))
        make_plan(PlanState.ADOPTED, **again, valid_during=days(on))


def test_every_layer_is_drawn_as_it_is_published():
    fill_the_register()
    assert all(rows_of(layer.key) for layer in layers())


def test_the_demo_city_is_drawn_as_it_is_published(city: City):
    # Written by the worker, whose role has no rights in the schema of the drawn tables.
    with connect(city.database_url) as owner:
        for layer in layers():
            rows, unlike = owner.execute(as_published(layer.key)).fetchone()
            assert rows
            assert unlike == 0, layer.key


def test_a_parcel_that_is_recorded_moved_ended_and_deleted_is_drawn_so_and_told_of():
    make_parcel(boundary=rectangle(500, 500))
    changes: list = []
    with logged(changes):
        parcel = make_parcel()
    here = ("parcels", box_of(parcel.boundary))
    assert changes == [here]
    # It was measured wrongly: its place until now and the right one.
    with logged(changes), transaction.atomic():
        close(Parcel.objects.filter(pk=parcel.pk), database_time())
        moved = make_parcel(identity=parcel.identity, number=parcel.number, boundary=rectangle(3, 0))
    there = ("parcels", box_of(moved.boundary))
    assert changes[1:] == [here, there]
    assert rows_of("parcels") == 2
    with logged(changes):
        ended = end_parcel(moved, date(2024, 7, 1))
    assert set(changes[3:]) == {there}
    assert ask("SELECT valid_from, valid_to FROM drawn.parcels WHERE row = %s", ended.pk) == [
        (date(2020, 1, 1), date(2024, 7, 1))
    ]
    with logged(changes), transaction.atomic(), history_may_go():
        Parcel.objects.filter(identity=parcel.identity).delete()
    assert changes[-1] == there
    assert rows_of("parcels") == 1


def test_what_was_taken_back_never_was():
    changes: list = []
    with logged(changes), transaction.atomic():
        make_parcel()
        transaction.set_rollback(True)
    assert changes == []
    assert rows_of("parcels") == 0


def test_a_plan_is_adopted_and_its_zones_follow():
    draft, other = make_plan(PlanState.CONSULTATION), make_plan()
    zone, line = make_zone(draft), make_plan_line(draft)
    make_zone(other, boundary=rectangle(900, 900))
    changes: list = []
    with logged(changes):
        adopt(draft, date(2024, 7, 1))
    assert ask("SELECT state, valid_from FROM drawn.zones WHERE row = %s ORDER BY valid_from", zone.pk) == [
        ("consultation", date(2020, 1, 1)),
        ("adopted", date(2024, 7, 1)),
    ]
    assert (rows_of("plans"), rows_of("zones"), rows_of("plan_lines")) == (3, 3, 2)
    # Nothing was said of the other plan's zone.
    assert {(layer, box) for layer, box in changes if layer != "plans"} == {
        ("zones", box_of(zone.boundary)),
        ("plan_lines", box_of(line.course)),
    }


def test_an_owner_gets_another_name_and_his_cameras_say_so():
    owner, other = make_organisation(), make_organisation()
    camera = make_camera(owner)
    camera.refresh_from_db()
    make_camera(other, position=point(900, 900))
    changes: list = []
    with logged(changes):
        owner.save()  # as it was
    assert changes == []
    owner.name = "Sở Giao thông"
    with logged(changes):
        owner.save()
    # Where it hangs, and about where: the tiles of those who may not know.
    assert set(changes) == {("cameras", box_of(place)) for place in (camera.position, camera.approximate_position)}
    assert ask("SELECT owner FROM drawn.cameras WHERE row = %s", camera.pk) == [("Sở Giao thông",)]
    assert rows_of("cameras") == 2


def test_a_mass_import_is_told_of_by_the_squares_it_lies_in():
    changes: list = []
    with logged(changes), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO parcels_parcel (valid_during, commune_code, sheet, number, suffix, old_sheet, old_number,"
            " land_use_codes, boundary) SELECT '[2020-01-01,)', '20194', '1', n::text, 1, '', '', '{ODT}',"
            " ST_Multi(ST_SetSRID(ST_Expand(ST_Translate(%s::geometry, n %% 30 * 20, n / 30 * 20), 8), %s))"
            " FROM generate_series(0, 599) n",
            [point(0, 0).hexewkb.decode(), point(0, 0).srid],
        )
    assert rows_of("parcels") == 600
    assert 1 <= len(changes) <= 8
    [(outside, largest)] = ask(
        "SELECT (SELECT count(*) FROM drawn.parcels WHERE NOT EXISTS (SELECT FROM drawn.changes"
        " WHERE changes.id > told.before AND ST_Contains(changes.shape, parcels.shape))),"
        " (SELECT max(ST_XMax(shape) - ST_XMin(shape)) FROM drawn.changes WHERE id > told.before)"
        " FROM (SELECT max(id) - %s AS before FROM drawn.changes) AS told",
        len(changes),
    )
    assert outside == 0
    assert largest <= 2000


def test_a_row_off_the_globe_is_recorded_and_not_drawn():
    good = make_parcel()
    make_parcel(boundary=rectangle(10, 10, 100_000_000, 10))
    assert ask("SELECT row FROM drawn.parcels") == [(good.pk,)]


def test_an_emptied_register_is_drawn_empty():
    make_zone(make_plan()), make_parcel()
    changes: list = []
    with logged(changes), connection.cursor() as cursor:
        cursor.execute("TRUNCATE plans_plan, parcels_parcel")
    assert (rows_of("zones"), rows_of("plans"), rows_of("parcels")) == (0, 0, 0)
    assert set(changes) == {("zones", None), ("plans", None), ("parcels", None)}


@pytest.mark.parametrize("first", ["zone", "plan"])
def test_who_draws_a_zone_and_who_adopts_its_plan_at_the_same_time_do_not_miss_each_other(first):
    plan = make_plan(PlanState.CONSULTATION)
    changes = [lambda: make_zone(plan), lambda: adopt(plan, date(2024, 7, 1))]
    earlier, later = changes if first == "zone" else changes[::-1]
    with transaction.atomic():
        earlier()
        other = beside(later)
        other.join(0.5)
        assert other.is_alive()
    other.join(20)
    assert not other.is_alive()
    assert rows_of("zones") == 2
    # Two who draw zones do not wait for each other.
    with transaction.atomic():
        make_zone(plan)
        other = beside(lambda: make_zone(plan))
        other.join(20)
        assert not other.is_alive()
    assert rows_of("zones") == 6


def test_a_rebuild_stops_no_reader_and_loses_no_writer():
    fill_the_register()
    before = ask("SELECT 'drawn.parcels'::regclass::oid")
    told: list[str] = []
    url = database_url(connection.settings_dict["NAME"])
    with connect(url) as slow, connect(url) as quick:
        quick.execute("SET statement_timeout = '2s'")
        slow.execute("BEGIN")
        slow.execute("SELECT FROM drawn.parcels")
        building = beside(lambda: rebuild(find("parcels"), told.append))
        waits = []
        for _turn in range(30):
            begun = time.monotonic()
            assert quick.execute("SELECT count(*) FROM drawn.parcels").fetchone() == (1,)
            waits.append(time.monotonic() - begun)
            time.sleep(0.02)
        assert building.is_alive()
        assert max(waits) < 1
        writing = beside(make_parcel)
        writing.join(0.3)
        assert writing.is_alive()
        slow.execute("COMMIT")
    building.join(20)
    writing.join(20)
    assert ask("SELECT 'drawn.parcels'::regclass::oid") != before
    assert rows_of("parcels") == 2
    assert told == ["parcels: đã vẽ 1 trên 1 phiên bản"]
    assert ("parcels", None) in ask("SELECT layer, shape FROM drawn.changes WHERE at > now() - interval '1 min'")


def test_the_command_rebuilds_what_it_is_asked_for(capsys):
    make_parcel()
    tables = "SELECT relname, oid FROM pg_class WHERE relnamespace = 'drawn'::regnamespace AND relkind = 'r'"
    before = dict(ask(tables))
    call_command("publish_layers", "parcels", "--rebuild")
    assert "parcels" in capsys.readouterr().out
    assert {key for key, oid in ask(tables) if before[key] != oid} == {"parcels"}
    with pytest.raises(Exception, match="owners"):
        call_command("publish_layers", "owners", "--rebuild")
    assert rows_of("parcels") == 1


def test_a_table_is_made_anew_when_its_definition_changed_and_only_then():
    assert bring_up_to_date() == []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("COMMENT ON TABLE drawn.streets IS 'as it was before the upgrade'")
        cursor.execute("DROP TRIGGER drawn_zones_update ON plans_plan")
        # What a layer left behind that is no longer declared.
        cursor.execute("CREATE TABLE drawn.former (id bigint)")
        cursor.execute("CREATE FUNCTION drawn.former_follow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'")
        cursor.execute("CREATE TRIGGER drawn_former BEFORE INSERT ON plans_plan EXECUTE FUNCTION drawn.former_follow()")
    assert set(bring_up_to_date()) == {"streets", "zones"}
    assert bring_up_to_date() == []
    assert ask("SELECT to_regclass('drawn.former')") == [(None,)]
    make_zone(make_plan())
    assert rows_of("zones") == 1


def test_all_tables_that_a_layer_reads_are_followed():
    for layer in layers():
        read = ask(
            "SELECT DISTINCT refobjid::regclass::text FROM pg_depend JOIN pg_rewrite ON pg_rewrite.oid = objid"
            " WHERE ev_class = %s::regclass AND refclassid = 'pg_class'::regclass AND refobjid <> ev_class",
            f"published.{layer.key}",
        )
        assert {table for (table,) in read} == {layer.table, *(source.table for source in layer.sources)}


def test_the_log_forgets_what_is_two_days_old():
    make_parcel()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE drawn.changes SET at = at - interval '49 hours'")
    make_parcel()
    forget_changes(timestamp=0)
    # The job runs as the worker.
    [worker] = [role for role in settings.DATABASE_ROLE_NAMES if "worker" in role]
    assert ask("SELECT has_table_privilege(%s, 'drawn.changes', 'DELETE')", worker) == [(True,)]
    assert len(ask("SELECT FROM drawn.changes")) == 1


def test_a_restored_log_that_tells_of_transactions_to_come_is_forgotten():
    make_parcel()
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO drawn.changes (layer, xid) VALUES ('parcels', '9000000000')")
    changes: list = []
    with logged(changes):
        bring_up_to_date()
    assert changes == [("", None)]
    assert not ask("SELECT FROM drawn.changes WHERE xid = '9000000000'")
    with logged(changes):
        bring_up_to_date()
    assert changes == [("", None)]
