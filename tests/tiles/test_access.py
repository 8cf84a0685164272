"""Same person, same rows, whichever door; and the tile server's role has no other door at all."""

import json
from itertools import product

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from accounts.models import User
from gisplatform import passes
from gisplatform.access import CITIZEN, Person, Role, sights
from layers.catalogue import layers
from layers.queries import select
from planning.plans.models import PlanState
from tests.factories import (
    make_address,
    make_building,
    make_camera,
    make_edge,
    make_node,
    make_organisation,
    make_parcel,
    make_place,
    make_plan,
    make_plan_line,
    make_railway,
    make_street,
    make_unit,
    make_user,
    make_water,
    make_zone,
    point,
)
from tests.tiles.conftest import in_tiles, mercator, tile_of
from tiles.envelope import EXTENT

pytestmark = pytest.mark.django_db(transaction=True)


def fill_the_register() -> dict[str, Person]:
    """Something in every layer, in every state, of two utilities; returns the cast."""
    water, power = make_organisation(name="Cấp nước"), make_organisation(name="Điện lực")
    make_unit(), make_street(), make_building(), make_parcel()
    make_address(), make_place(), make_water(), make_railway()
    for state in PlanState.values:
        plan = make_plan(state)
        make_zone(plan), make_plan_line(plan)
    for organisation in (water, power):
        make_edge(organisation), make_node(organisation)
    make_camera(water)
    users: dict[str, User] = {role: make_user(role) for role in Role if role != Role.UTILITY}
    users |= {
        "water": make_user(Role.UTILITY, organisation=water),
        "power": make_user(Role.UTILITY, organisation=power),
        # A planner who also keeps the power company's map.
        "planner of power": make_user(Role.PLANNER, Role.UTILITY, organisation=power),
        "dismissed": make_user(Role.ADMINISTRATOR, is_active=False),
    }
    return {"nobody": CITIZEN, **{name: user.person for name, user in users.items()}}


def test_tiles_show_each_person_what_the_pages_show(server):
    cast = fill_the_register()
    seen: dict[str, dict[str, int]] = {}
    for name, person in cast.items():
        for layer in layers():
            tile = tile_of(point(20, 20), layer.max_zoom - 1)  # near enough for rows of every kind
            rows = {row["id"]: row for row in select(layer, person)}
            reply = server.tile(layer.key, tile, None if person == CITIZEN else person)
            if not sights(layer.access, person):
                assert reply.status == 404, (name, layer.key)
                assert not rows
                continue
            features = reply.features(layer.key)
            assert set(features) == set(rows), (name, layer.key)
            for identity, feature in features.items():
                known = {key: value for key, value in rows[identity].items() if key != "id" and value is not None}
                assert feature["properties"] == pytest.approx(known), (name, layer.key)
            seen.setdefault(layer.key, {})[name] = len(rows)
    # And what they show is what was meant.
    public = len([PlanState.CONSULTATION, PlanState.ADOPTED, PlanState.SUPERSEDED])
    for key in ("plans", "zones", "plan_lines"):
        assert seen[key]["nobody"] == seen[key]["water"] == seen[key]["officer"] == public
        assert seen[key]["planner"] == seen[key]["administrator"] == len(PlanState)
    for key in ("network_edges", "network_nodes"):
        assert "nobody" not in seen[key]
        assert "dismissed" not in seen[key]
        assert seen[key]["water"] == seen[key]["power"] == 1
        assert seen[key]["officer"] == seen[key]["operator"] == seen[key]["planner of power"] == 2


def test_a_utility_sees_its_own_pipes_and_not_its_neighbours(server):
    water, power = make_organisation(), make_organisation()
    pipe, cable = make_edge(water), make_edge(power, network="power")
    tile = tile_of(pipe.route, 16)
    assert list(server.tile("network_edges", tile, make_user(Role.UTILITY, organisation=water).person).features(
        "network_edges")) == [pipe.identity]  # fmt: skip
    assert list(server.tile("network_edges", tile, make_user(Role.UTILITY, organisation=power).person).features(
        "network_edges")) == [cable.identity]  # fmt: skip
    # A utility's member without an organisation is a citizen: the layer does not exist for him.
    assert server.tile("network_edges", tile, Person.of([Role.UTILITY])).status == 404


def test_a_citizen_learns_about_where_a_camera_hangs_and_no_more(server):
    camera = make_camera(make_organisation(), position=point(33.3, 44.4), reference="SECRET-7", bearing_deg=271.5)
    camera.refresh_from_db()
    operator = Person.of([Role.OPERATOR])
    for z in range(11, 19):
        tile = tile_of(camera.approximate_position, z)
        reply = server.tile("cameras", tile)
        [feature] = reply.features("cameras").values()
        x, y = in_tiles(mercator(camera.approximate_position)[0], z)
        drawn = feature["geometry"]["coordinates"]
        assert drawn == pytest.approx([(x % 1) * EXTENT, (y % 1) * EXTENT], abs=0.6)
        assert set(feature["properties"]) == {"purpose", "owner"}
        assert b"SECRET-7" not in reply.content
        assert b"bearing" not in reply.content
    exact = tile_of(camera.position, 18)
    assert exact != tile_of(camera.approximate_position, 18)
    assert server.tile("cameras", exact).status == 204
    [feature] = server.tile("cameras", exact, operator).features("cameras").values()
    assert feature["properties"]["reference"] == "SECRET-7"
    x, y = in_tiles(mercator(camera.position)[0], 18)
    assert feature["geometry"]["coordinates"] == pytest.approx([(x % 1) * EXTENT, (y % 1) * EXTENT], abs=0.8)
    # The documents say no more than the tiles: neither the columns nor, by their bounds, the place.
    document = json.loads(server.ask("/tiles/cameras.json?as_of=2023-02-01").content)
    assert set(document["vector_layers"][0]["fields"]) == {"purpose", "owner"}
    bounds = document["bounds"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_X(p), ST_Y(p) FROM ST_Transform(%s::geometry, 4326) p", [camera.position.hexewkb.decode()]
        )
        lon, lat = cursor.fetchone()
    assert not (bounds[0] <= lon <= bounds[2] and bounds[1] <= lat <= bounds[3])


def test_a_forged_an_old_and_a_foreign_pass_are_worth_nothing(server, monkeypatch):
    edge = make_edge(make_organisation())
    path = "/tiles/network_edges/{}/{}/{}.mvt".format(*tile_of(edge.route, 16))
    planner = Person.of([Role.PLANNER])
    good = passes.issue(planner)
    assert server.ask(path, cookie=f"theme=dark; {passes.COOKIE}={good}").status == 200
    for cookie in (good[:-1], good.replace("W", "X", 1) + "A", "", "x" * 5000, '["administrator"]'):
        assert server.ask(path, cookie=f"{passes.COOKIE}={cookie}").status == 404
    with monkeypatch.context() as clock:
        made = passes.signing.time.time() - passes.LIFETIME_S - 5
        clock.setattr(passes.signing.time, "time", lambda: made)
        old = passes.issue(planner)
    assert server.ask(path, cookie=f"{passes.COOKIE}={old}").status == 404


def test_the_tile_role_reads_published_tables_and_nothing_else(tile_role):
    fill_the_register()
    for schema, layer in product(["published", "drawn"], layers()):
        table = sql.Identifier(schema, layer.key)
        assert tile_role.execute(sql.SQL("SELECT count(*) FROM {}").format(table)).fetchone() != (0,)
        may_write = "SELECT has_table_privilege(%s, 'INSERT, UPDATE, DELETE, TRUNCATE')"
        assert tile_role.execute(may_write, [f"{schema}.{layer.key}"]).fetchone() == (False,)
    with connection.cursor() as cursor:
        cursor.execute("SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                       " AND relkind IN ('r', 'v', 'm', 'p', 'S', 'f')")  # fmt: skip
        tables = {name for (name,) in cursor.fetchall()} - {
            # PostGIS' own descriptions, needed to transform.
            "spatial_ref_sys", "geometry_columns", "geography_columns",
        }  # fmt: skip
    assert {"accounts_user", "parcels_parcel", "django_session"} <= tables
    for table in tables:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            tile_role.execute(f"SELECT * FROM {table}")
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)):
        tile_role.execute("CREATE TABLE mine (id int)")
    # Not even by switching the session's protection off.
    tile_role.execute("SET default_transaction_read_only = off")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        tile_role.execute("CREATE TABLE mine (id int)")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        tile_role.execute("DELETE FROM published.parcels")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        tile_role.execute("DELETE FROM drawn.changes")
