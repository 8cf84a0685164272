"""What a map client gets: right places, right types, right days, and an honest word when there is nothing."""

import json
from datetime import date

import pyproj
import pytest

from gisplatform.access import Person, Role
from gisplatform.clock import today
from gisplatform.crs import WEB_MERCATOR, WGS84, wgs84_to_register
from gisplatform.registers import close, database_time
from layers.catalogue import layers
from layers.drawn.following_levels import follow_up
from planning.plans.models import PlanState
from tests.factories import (
    days,
    lines,
    make_building,
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
from tests.tiles.conftest import in_tiles, mercator, place_in_tile, tile_of
from tiles.envelope import BUFFER, EXTENT

pytestmark = pytest.mark.django_db(transaction=True)

TO_MERCATOR = pyproj.Transformer.from_crs(WGS84, WEB_MERCATOR, always_xy=True)
# One unit of a tile at zoom 18 is 3.7 cm on the ground; a corner is rounded to the nearest; a centimetre is allowed.
ROUNDED = 0.5 + 0.01 / 0.0373


def ring(feature) -> list[tuple[int, int]]:
    """The outer ring of a feature with one polygon."""
    shape = feature["geometry"]
    assert shape["type"] == "Polygon"
    return shape["coordinates"][0]


def test_a_parcel_lies_where_the_surveyor_measured_it(server):
    parcel = make_parcel(boundary=rectangle(0, 0, 20, 15))
    tile = tile_of(parcel.boundary, 18)
    [feature] = server.tile("parcels", tile).features("parcels").values()
    # All four corners, by PROJ in Python on the one side and by PostGIS and MVT on the other.
    expected = [in_tiles(corner, 18) for corner in mercator(parcel.boundary)[:4]]
    drawn = [(tile[1] + x / EXTENT, tile[2] + y / EXTENT) for x, y in ring(feature)[:-1]]
    for x, y in expected:
        nearest = min(max(abs(x - a), abs(y - b)) for a, b in drawn)
        assert nearest * EXTENT <= ROUNDED


def test_numbers_stay_numbers_and_unknowns_are_left_out(server):
    parcel = make_parcel(sheet="9", number="12", land_use_codes=["ODT", "CLN"], area_document_m2=100.0)
    building = make_building(storeys=3, height_m=None, function="")
    [feature] = server.tile("parcels", tile_of(parcel.boundary, 17)).features("parcels").values()
    assert feature["id"] == parcel.identity
    assert feature["properties"] == {
        "code": "20194-9-12",
        "commune_code": "20194",
        "sheet": "9",
        "number": "12",
        "land_use": "ODT+CLN",
        "area_document_m2": 100.0,
        "area_measured_m2": 1000.0,
    }
    assert isinstance(feature["properties"]["area_document_m2"], float)
    [feature] = server.tile("buildings", tile_of(building.footprint, 17)).features("buildings").values()
    assert feature["properties"] == {"storeys": 3, "function": ""}


def test_a_thing_keeps_its_number_through_zooms_and_tiles(server):
    # 120 m along both axes: at zoom 18 the parcel lies in several tiles.
    parcel = make_parcel(boundary=rectangle(0, 0, 200, 200))
    for z in range(15, 19):
        assert list(server.tile("parcels", tile_of(parcel.boundary, z)).features("parcels")) == [parcel.identity]
    z, x, y = tile_of(parcel.boundary, 18)
    around = [(z, x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    assert sum(parcel.identity in server.tile("parcels", tile).features("parcels") for tile in around) >= 4


def test_from_afar_only_what_matters_is_in_a_tile(server):
    # A main street, a lane beside it, and a street of a class that nobody ranked.
    main, lane = make_street(street_class="main"), make_street(street_class="lane")
    odd = make_street(street_class="promenade")
    follow_up()
    seen = {z: set(server.tile("streets", tile_of(main.centreline, z)).features("streets")) for z in range(11, 19)}
    first = {street: min(z for z, there in seen.items() if street.identity in there) for street in (main, lane, odd)}
    assert first == {main: 11, lane: 15, odd: 14}
    assert all(seen[z] <= seen[z + 1] for z in range(11, 18))
    # Its class need not be known.
    nameless = make_street(street_class="")
    assert nameless.identity in server.tile("streets", tile_of(nameless.centreline, 14)).features("streets")


def test_the_base_is_its_layers_in_one_tile(server):
    street = make_street(street_class="main")
    make_unit(), make_building()
    members = [layer for layer in layers() if layer.group == "base"]
    for z in (9, 12, 16, 18):
        tile = tile_of(street.centreline, z)
        there = [server.tile(layer.key, tile).content for layer in members if layer.min_zoom <= z]
        assert server.tile("base", tile).content == b"".join(there)
    assert street.identity in server.tile("base", tile).features_of("streets")
    described = json.loads(server.ask("/tiles/base.json").content)
    assert {part["id"].removesuffix("_labels") for part in described["vector_layers"]} == {
        layer.key for layer in members
    }
    # An edit reaches it like the layer itself.
    close(type(street).objects.filter(pk=street.pk), database_time())
    assert street.identity not in server.tile("base", tile).features_of("streets")


def test_a_street_drawn_to_scale_reaches_into_the_next_tile(server):
    # 20 m beyond the seam runs the middle of a street that is 50 m wide: its edge is seen on this side.
    z, x, y = tile_of(point(0, 0), 18)
    east, north = place_in_tile(z, x, y, 1, 0.5)
    beyond = make_street(centreline=lines((east + 20, north - 200), (east + 20, north + 200)), width_m=50)
    assert beyond.identity in server.tile("streets", (z, x, y)).features("streets")
    far = make_street(centreline=lines((east + 90, north - 200), (east + 90, north + 200)))
    assert far.identity not in server.tile("streets", (z, x, y)).features("streets")


def test_what_lies_just_beyond_a_seam_is_drawn_on_both_sides(server):
    z, x, y = tile_of(point(0, 0), 16)
    pixel = 1 / EXTENT
    near = make_parcel(boundary=rectangle(*place_in_tile(z, x, y, 1 + (BUFFER - 20) * pixel, 0.5), 2, 2))
    far = make_parcel(boundary=rectangle(*place_in_tile(z, x, y, 1 + (BUFFER + 40) * pixel, 0.5), 2, 2))
    east, north = place_in_tile(z, x, y, 1, 0.3)
    across = make_parcel(boundary=rectangle(east - 5, north, 10, 4))
    here = server.tile("parcels", (z, x, y)).features("parcels")
    there = server.tile("parcels", (z, x + 1, y)).features("parcels")
    assert set(here) == {near.identity, across.identity}
    assert set(there) == {near.identity, far.identity, across.identity}
    # The parcel on the seam is whole on both sides and meets itself there to the unit.
    moved = sorted((px - EXTENT, py) for px, py in ring(here[across.identity]))
    assert moved == sorted(tuple(corner) for corner in ring(there[across.identity]))
    # Nothing reaches past the buffer.
    whole = make_parcel(boundary=rectangle(-2000, -2000, 4000, 4000))
    clipped = ring(server.tile("parcels", (z, x, y)).features("parcels")[whole.identity])
    assert {value for corner in clipped for value in corner} == {-BUFFER, EXTENT + BUFFER}


def test_an_area_in_several_tiles_is_labelled_once(server):
    parcel = make_parcel(number="77", boundary=rectangle(0, 0, 200, 200))
    z, x, y = tile_of(parcel.boundary, 18)
    around = [(z, x + dx, y + dy) for dx in range(-2, 3) for dy in range(-2, 3)]
    anchors = []
    for tile in around:
        for label in server.tile("parcels", tile).features("parcels_labels").values():
            assert (label["id"], label["properties"]) == (parcel.identity, {"number": "77"})
            across, down = label["geometry"]["coordinates"]
            # A map client draws those inside the tile; beyond its sides they belong to the neighbour.
            if 0 <= across < EXTENT and 0 <= down < EXTENT:
                anchors.append(tile)
    assert anchors == [tile_of(parcel.boundary, 18)]
    # Below the zoom at which labels are drawn there are none to carry.
    assert server.tile("parcels", tile_of(parcel.boundary, 16)).features("parcels_labels") == {}


def test_the_map_of_another_day(server):
    old = make_parcel(
        number="1", valid_during=days(date(2010, 1, 1), date(2024, 7, 1)), boundary=rectangle(0, 0, 40, 25)
    )
    new = make_parcel(number="2", valid_during=days(date(2024, 7, 1)), boundary=rectangle(0, 0, 20, 25))
    tile = tile_of(old.boundary, 16)
    assert list(server.tile("parcels", tile).features("parcels")) == [new.identity]
    assert list(server.tile("parcels", tile, as_of="2024-06-30").features("parcels")) == [old.identity]
    assert list(server.tile("parcels", tile, as_of="2024-07-01").features("parcels")) == [new.identity]
    assert server.tile("parcels", tile, as_of="2009-12-31").status == 204


def test_a_zone_on_another_day_is_what_both_it_and_its_plan_were_or_will_be(server):
    next_year = f"{today().year + 1}-01-01"
    past, change, future = days(None, date(2024, 7, 1)), date(2024, 7, 1), date.fromisoformat(next_year)
    plan = make_plan(PlanState.CONSULTATION, valid_during=past)
    told = {"identity": plan.identity, "code": plan.code}
    make_plan(PlanState.ADOPTED, valid_during=days(change, future), **told)
    make_plan(PlanState.SUPERSEDED, valid_during=days(future), **told)
    zone = make_zone(plan, valid_during=days(date(2020, 1, 1)))
    tile = tile_of(zone.boundary, 16)

    def state(**query: str) -> list[str]:
        features = server.tile("zones", tile, **query).features("zones").values()
        return [feature["properties"]["state"] for feature in features]

    assert state(as_of="2019-12-31") == []
    assert state(as_of="2020-01-01") == state(as_of="2024-06-30") == ["consultation"]
    assert state(as_of="2024-07-01") == state() == ["adopted"]
    assert state(as_of=next_year) == ["superseded"]


@pytest.mark.parametrize("day", ["today", "2024-13-01", "2024-02-30", "20240101", "2024-W01-1", "2024-01-01T00:00"])
def test_a_day_that_is_none_is_refused_in_words(server, day):
    reply = server.tile("parcels", (16, 52460, 29800), as_of=day, lang="en")
    assert reply.status == 400
    assert reply.headers["content-type"] == "application/json"
    assert b'"code": "bad_request"' in reply.body
    assert b"year-month-day" in reply.body


def test_an_empty_place_is_204_and_everything_that_is_not_there_is_the_same_404(server):
    assert server.tile("parcels", (16, 52460, 29800)).status == 204
    assert server.tile("parcels", (16, 52460, 29800)).body == b""
    missing = [
        "/tiles/parcels/7/102/58.mvt",  # below the layer's zooms
        "/tiles/parcels/19/0/0.mvt",  # above
        "/tiles/parcels/16/65536/0.mvt",  # beyond the eastern end of the world
        "/tiles/parcels/16/0/65536.mvt",
        "/tiles/parcels/16/-1/0.mvt",
        "/tiles/parcels/16/052460/29800.mvt",
        "/tiles/parcels/16/52460/29800.pbf",
        "/tiles/parcels/16/52460/29800",
        "/tiles/owners/16/52460/29800.mvt",
        "/tiles/owners.json",
        "/tiles/network_edges/16/52460/29800.mvt",  # is there, but not for a citizen
        "/tiles/network_edges.json",
        "/tiles/network_edges/16/52460/29800.mvt?as_of=nonsense",
        "/tiles/parcels/16/52460/99999999999999999999.mvt",
        "/tiles/",
    ]
    replies = [server.ask(path) for path in missing]
    assert {reply.status for reply in replies} == {404}
    assert len({reply.body for reply in replies}) == 1
    assert (
        len({tuple(sorted(set(reply.headers.items()) - {("date", reply.headers["date"])})) for reply in replies}) == 1
    )


def test_a_browser_keeps_a_tile_and_asks_whether_it_changed(server):
    parcel = make_parcel()
    path = "/tiles/parcels/{}/{}/{}.mvt".format(*tile_of(parcel.boundary, 16))
    first = server.ask(path)
    assert first.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert first.headers["cache-control"] == "public, max-age=0, must-revalidate"
    assert first.headers["vary"] == "Cookie, Accept-Encoding"
    again = server.ask(path, if_none_match=f'"other", {first.headers["etag"]}')
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
    make_parcel(boundary=rectangle(60, 0))
    assert server.ask(path, if_none_match=first.headers["etag"]).status == 200
    # Somebody signed in gets an answer that no shared cache may keep.
    assert server.ask(path, Person.of([Role.PLANNER])).headers["cache-control"] == "private, no-cache"


def test_large_tiles_are_compressed_for_whom_it_suits(server):
    planner = Person.of([Role.PLANNER])
    for row in range(40):
        make_parcel(boundary=rectangle(0, row * 6, 10, 5))
    path = "/tiles/parcels/{}/{}/{}.mvt".format(*tile_of(rectangle(0, 100), 15))
    # The drawn version, then what is kept of it, twice: once as it is made, once at hand.
    replies = [
        server.ask(path, accept_encoding=asked) for asked in ("gzip", "", "br", "gzip, deflate, br, zstd", "gzip")
    ]
    assert [reply.headers["content-encoding"] for reply in replies] == ["gzip", None, "br", "br", "gzip"]
    zipped, plain, small, again, _zipped = replies
    assert len(small.body) < len(zipped.body) < len(plain.body) / 2
    assert {reply.content for reply in replies} == {plain.body}
    # One name for one content, whatever it is packed in; shared caches keep the packings apart.
    assert {(reply.headers["etag"], reply.headers["vary"]) for reply in replies} == {
        (plain.headers["etag"], "Cookie, Accept-Encoding")
    }
    for asked in ("gzip", "br"):
        assert server.ask(path, accept_encoding=asked, if_none_match=again.headers["etag"]).status == 304
    # After an edit nobody gets the old one, in no packing; nor does who is signed in.
    make_parcel(boundary=rectangle(30, 0, 10, 5))
    after = [server.ask(path, person, accept_encoding=asked) for person in (None, planner) for asked in ("br", "gzip")]
    assert [len(reply.features("parcels")) for reply in after] == [41] * 4
    assert [reply.headers["content-encoding"] for reply in after] == ["br", "gzip"] * 2
    documents = [server.ask("/tiles/style.json", accept_encoding=asked) for asked in ("", "gzip", "br")]
    assert [reply.headers["content-encoding"] for reply in documents] == [None, "gzip", "br"]
    assert {json.loads(reply.content)["version"] for reply in documents} == {8}


def test_tiles_are_read_only(server):
    path = "/tiles/parcels/{}/{}/{}.mvt".format(*tile_of(make_parcel().boundary, 16))
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        reply = server.ask(path, method=method)
        assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")
    got, head = server.ask(path), server.ask(path, method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert int(head.headers["content-length"]) == len(got.body)
    assert head.headers["etag"] == got.headers["etag"]


def test_every_layer_answers_at_every_zoom_anywhere_on_earth(server):
    """Low zooms span the whole world and the points where the projection ends; none may be an error."""
    make_unit(), make_camera(make_organisation())
    planner = Person.of([Role.PLANNER])
    places = [
        (108.2, 16.05),
        (-73.98, 40.75),
        (17.75, 0.0),
        (-162.25, 0.0),
        (-72.25, -10.0),
        (179.99, 84.0),
        (-180, -85),
    ]
    for layer in layers():
        for z in {layer.min_zoom, layer.max_zoom}:
            for lon, lat in places:
                x, y = in_tiles(TO_MERCATOR.transform(lon, lat), z)
                tile = (z, min(int(x), 2**z - 1), min(int(y), 2**z - 1))
                assert server.tile(layer.key, tile, planner).status in {200, 204}, (layer.key, tile)


def test_a_wild_row_does_not_take_its_neighbours_off_the_map(server):
    # Someone typed metres as millimetres; one corner lies off the globe, another row in New York.
    good = make_parcel()
    make_parcel(boundary=rectangle(10, 10, 100_000_000, 10))
    east, north = wgs84_to_register(-73.98, 40.75)
    corner = point(0, 0)
    far = make_parcel(boundary=rectangle(east - corner.x, north - corner.y, 40, 25))
    assert list(server.tile("parcels", tile_of(good.boundary, 16)).features("parcels")) == [good.identity]
    assert list(server.tile("parcels", tile_of(far.boundary, 16)).features("parcels")) == [far.identity]
    assert server.ask("/tiles/parcels.json").status == 200
