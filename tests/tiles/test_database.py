"""The index serves every tile, and the server outlives a database that is slow, busy or away."""

import json
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit, urlunsplit

import psycopg
import pytest
import shapely
from django.contrib.gis.geos import MultiLineString, MultiPolygon, Polygon
from django.db import connection
from psycopg import ClientCursor, sql
from shapely.geometry import shape

from accounts.models import Organisation
from gisplatform.access import CITIZEN, Person, Role, row_condition, sees_exactly
from gisplatform.clock import today
from gisplatform.crs import REGISTER_SRID
from layers.catalogue import Layer, find, layers
from tests.factories import (
    CORNER,
    line,
    make_building,
    make_organisation,
    make_parcel,
    make_plan,
    make_street,
    place,
    point,
    rectangle,
)
from tests.tiles.conftest import serving, tile_of, tile_role_url
from tests.tiles.decoding import decoded
from tests.tiles.test_access import fill_the_register
from tiles import statements

pytestmark = pytest.mark.django_db(transaction=True)


def many_rows() -> Organisation:
    """4,900 parcels, zones, pipes and cameras 20 m apart; returns whose the pipes are."""
    plan, organisation = make_plan(), make_organisation()
    west, south = CORNER
    rows = sql.SQL("FROM generate_series(0, 4899) n, ST_MakePoint({w} + n % 70 * 20, {s} + n / 70 * 20) p").format(
        w=sql.Literal(west), s=sql.Literal(south)
    )
    square = "ST_Multi(ST_SetSRID(ST_Expand(p, 8), {srid}))"
    inserts = [
        "INSERT INTO parcels_parcel (valid_during, commune_code, sheet, number, suffix, old_sheet, old_number,"
        f" land_use_codes, boundary) SELECT '[2020-01-01,)', '20194', '1', n::text, 1, '', '', '{{{{ODT}}}}', {square}",
        "INSERT INTO plans_zone (valid_during, plan, code, function, boundary)"
        f" SELECT '[2020-01-01,)', {{plan}}, n::text, 'OM', {square}",
        "INSERT INTO networks_networkedge (valid_during, network, kind, organisation_id, reference, material,"
        " route) SELECT '[2020-01-01,)', 'water', 'main', {organisation}, '', '',"
        " ST_SetSRID(ST_MakeLine(p, ST_Translate(p, 9, 9)), {srid})",
        "INSERT INTO cameras_camera (valid_during, reference, purpose, organisation_id, position)"
        " SELECT '[2020-01-01,)', n::text, 'traffic', {organisation}, ST_SetSRID(p, {srid})",
    ]
    with connection.cursor() as cursor:
        for insert in inserts:
            values = {"srid": REGISTER_SRID, "plan": plan.identity, "organisation": organisation.pk}
            filled = sql.SQL(insert + " ").format(**{key: sql.Literal(value) for key, value in values.items()})
            cursor.execute(filled + rows)
        cursor.execute("ANALYZE drawn.parcels, drawn.zones, drawn.network_edges, drawn.cameras")
    return organisation


@pytest.mark.parametrize(
    ("key", "roles", "column"),
    [
        ("parcels", [], "shape"),
        ("zones", [], "shape"),
        ("zones", [Role.PLANNER], "shape"),
        ("network_edges", [Role.UTILITY], "shape"),
        ("cameras", [Role.OPERATOR], "shape"),
        ("cameras", [], "approximate"),
    ],
)
def test_an_index_over_places_serves_a_tile(key, roles, column):
    organisation = many_rows()
    layer, tile = find(key), tile_of(point(30, 30), 17)
    statement = statements.tile(layer, Person.of(roles, organisation.pk), today(), *tile)
    with psycopg.connect(tile_role_url(), autocommit=True) as session:
        plan = (
            ClientCursor(session).execute(b"EXPLAIN (FORMAT JSON) " + statement.query, statement.params).fetchone()[0]
        )
    scans = [node for node in nodes(plan[0]["Plan"]) if f"({column} && " in node.get("Index Cond", "")]
    assert scans, json.dumps(plan, indent=1)
    assert not [node for node in nodes(plan[0]["Plan"]) if node["Node Type"] == "Seq Scan"]


def nodes(plan):
    """A plan and all that it stands on."""
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


def test_a_tile_that_takes_too_long_is_given_up_in_words(tmp_path):
    make_parcel()
    z, x, y = tile_of(point(10, 10), 16)
    slow = {"TILES_DATABASE_URL": tile_role_url(statement_timeout="300ms")}
    # The server alone, in a process of its own, under the same addresses.
    with serving("tiles.asgi:application", tmp_path / "log", "tiles", **slow) as alone:
        assert len(alone.tile("parcels", (z, x, y)).features("parcels")) == 1
        with psycopg.connect(**connection.get_connection_params()) as other:
            other.execute("LOCK TABLE drawn.parcels IN ACCESS EXCLUSIVE MODE")
            nearer = tile_of(point(10, 10), 17)
            reply = alone.tile("parcels", nearer, lang="en")
            assert (reply.status, reply.headers["retry-after"]) == (503, "5")
            assert json.loads(reply.body)["error"]["code"] == "unavailable"
            # Others are not held up by it.
            assert alone.tile("streets", (z, x, y)).status == 204
            assert alone.tile("parcels", (z, x, y)).status == 200
        assert alone.tile("parcels", nearer).status == 200


def test_the_server_recovers_by_itself_when_the_database_does(server, tile_role):
    make_parcel()
    tile = tile_of(point(10, 10), 16)
    assert server.tile("parcels", tile).status == 200
    # The database throws everyone out, as when it is started anew: nobody notices.
    [thrown_out] = tile_role.execute(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'gisplatform-tiles'"
    ).fetchone()
    assert thrown_out >= 1
    assert server.tile("parcels", tile).status == 200


def test_without_a_database_the_server_starts_says_so_and_goes_on_when_it_comes(tmp_path):
    tile = tile_of(make_parcel().boundary, 16)
    parts = urlsplit(tile_role_url())
    socket = Path(parse_qs(parts.query).get("host", [""])[0], ".s.PGSQL.5432")
    if not socket.is_socket():
        pytest.skip("this test takes the database away by its UNIX socket; here it is reached otherwise")
    away = {"TILES_DATABASE_URL": urlunsplit(parts._replace(query=f"host={tmp_path}"))}
    with serving("tiles.asgi:application", tmp_path / "log", "tiles", **away) as alone:
        begun = time.monotonic()
        reply = alone.tile("parcels", tile)
        assert (reply.status, reply.headers["retry-after"]) == (503, "5")
        assert time.monotonic() - begun < 8
        # What needs no database is there.
        assert alone.ask("/tiles/style.json").status == 200
        assert alone.tile("network_edges", tile).status == 404
        (tmp_path / socket.name).symlink_to(socket)
        while alone.tile("parcels", tile).status == 503:
            assert time.monotonic() - begun < 30
        assert len(alone.tile("parcels", tile).features("parcels")) == 1


def test_citizen_and_planner_do_not_share_a_statement():
    """A prepared statement is found by its text: what one may not see must not be in it."""
    layer, tile = find("cameras"), (16, 52460, 29800)
    citizen = statements.tile(layer, CITIZEN, today(), *tile)
    operator = statements.tile(layer, Person.of([Role.OPERATOR]), today(), *tile)
    assert b"reference" in operator.query
    for hidden in (b"reference", b"bearing_deg", b"range_m", b'"exact"'):
        assert hidden not in citizen.query


def from_the_register(layer: Layer, person: Person, z: int, x: int, y: int) -> bytes:
    """A tile of a layer as plain SQL makes it of the published view, which reads the register."""
    exact = sees_exactly(layer.access, person)
    condition, allowed = row_condition(layer.access, person) or (sql.SQL("FALSE"), {})
    kinds, others = layer.kinds_at(z)

    def mvt(name: str, names: set[str], shape: str) -> sql.Composed:
        attributes = [
            sql.SQL("{}::{}").format(sql.Identifier(attribute.name), sql.SQL(attribute.sql_type))
            for attribute in layer.visible_attributes(exact)
            if attribute.name in names
        ]
        columns = [sql.SQL("id"), *attributes, sql.SQL(shape).format(sql.Identifier(layer.geometry_column(exact)))]
        return sql.SQL(
            "(SELECT ST_AsMVT(shapes, {name}, 4096, 'shape', 'id') FROM (SELECT {columns} FROM published.{layer}"
            " WHERE {in_effect} AND {condition} AND {ranked} ORDER BY id) shapes)"
        ).format(
            name=sql.Literal(name),
            columns=sql.SQL(", ").join(columns),
            layer=sql.Identifier(layer.key),
            in_effect=sql.SQL(layer.in_effect()),
            condition=condition,
            ranked=sql.SQL("({kind} = ANY(%(kinds)s) OR %(others)s AND {kind} <> ALL(%(named)s))").format(
                kind=sql.Identifier(layer.ranked_by)
            )
            if layer.ranks
            else sql.SQL("TRUE"),
        )

    drawn = "ST_AsMVTGeom(ST_Transform({place}, 3857), ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, %(buffer)s) AS shape"
    tile = mvt(layer.key, {attribute.name for attribute in layer.attributes}, drawn.format(place="{}"))
    if layer.labelled_apart and z >= int(layer.look.label_min_zoom):
        labels = mvt(f"{layer.key}_labels", statements.on_labels(layer), drawn.format(place="ST_PointOnSurface({})"))
        tile = sql.SQL("{} || {}").format(tile, labels)
    place = {"z": z, "x": x, "y": y, "buffer": statements.buffer_of(layer, z), "on": today()}
    ranks = {"kinds": kinds, "others": others, "named": [kind for kind in layer.ranks if kind]}
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT {}").format(tile), {**place, **ranks, **allowed})
        return bytes(cursor.fetchone()[0])


def hard_to_draw() -> None:
    """Shapes that rounding to a tile's units breaks, or that were never sound."""

    def area(*rings: list[tuple[float, float]]) -> MultiPolygon:
        return MultiPolygon(*(Polygon([place(*corner) for corner in ring]) for ring in rings), srid=REGISTER_SRID)

    # A notch 2 cm wide, with its corners one way round and the other way round.
    notched = [(0, 30), (12, 30), (12, 40), (6.02, 40), (6.01, 31), (6, 40), (0, 40), (0, 30)]
    make_parcel(boundary=area(notched)), make_parcel(boundary=area(notched[::-1]))
    # Two halves that meet in a point, a sliver, a bow, and a house that is none.
    make_parcel(boundary=area([(20, 30), (25, 35), (20, 40), (20, 30)], [(25, 35), (30, 30), (30, 40), (25, 35)]))
    make_parcel(boundary=area([(0, 45), (40, 45.01), (0, 45.03), (0, 45)]))
    make_parcel(boundary=area([(0, 50), (10, 60), (10, 50), (0, 60), (0, 50)]))
    make_building(footprint=rectangle(20, 20, 0.01, 0.01))
    # Lines shorter than a unit, by themselves and beside a longer one.
    short, longer = line((20, 20), (20.01, 20.01)), line((20, 20), (30, 22))
    for parts in [short], [short, longer]:
        make_street(centreline=MultiLineString(*parts, srid=REGISTER_SRID))


def shown(tile: bytes) -> list[tuple[str, int, dict, shapely.Geometry]]:
    """What a tile shows, in its order: of which layer, whose number, what it says and where."""
    return [
        (layer, feature["id"], feature["properties"], shape(feature["geometry"]))
        for layer, content in decoded(tile).items()
        for feature in content["features"]
    ]


def test_a_tile_of_the_drawn_table_shows_what_the_register_holds(tile_role):
    cast = fill_the_register()
    hard_to_draw()
    compared = set()
    for layer in layers():
        for z in {layer.plain_zoom, 14, 15, 16, 17, layer.max_zoom} - set(range(layer.plain_zoom)):
            for person in (CITIZEN, cast["planner"], cast["water"], cast["operator"]):
                tile = tile_of(point(20, 20), z)
                statement = statements.tile(layer, person, today(), *tile)
                if statement is None:
                    continue
                content, _snapshot = tile_role.execute(statement.query, statement.params, binary=True).fetchone()
                drawn, expected = shown(content), shown(from_the_register(layer, person, *tile))
                # In the same order too: the same rows are the same bytes.
                assert [row[:3] for row in drawn] == [row[:3] for row in expected], (layer.key, z)
                for (*_told, here), (*_told, there) in zip(drawn, expected, strict=True):
                    apart = shapely.hausdorff_distance(here, there, densify=0.1)
                    assert apart <= 1, (layer.key, z, here.wkt, there.wkt)
                    compared.add((layer.key, z))
    assert len(compared) > 40
