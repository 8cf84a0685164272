"""An edit reaches every open map, the address of a tile opens to whom it was given, and counts are for the house."""

import http.client
import json
import time
from contextlib import closing, contextmanager

import psycopg
import pytest
from django.db import connection

from gisplatform import crs, passes
from gisplatform.access import Person, Role
from tests.factories import (
    make_camera,
    make_edge,
    make_organisation,
    make_parcel,
    make_plan,
    make_zone,
    point,
    rectangle,
)
from tests.tiles.conftest import serving, tile_of
from tiles import addresses

pytestmark = pytest.mark.django_db(transaction=True)

PLANNER = Person.of([Role.PLANNER])


class Stream:
    """An open map's ear."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.answer, self.status, self.last, self._read = answer, answer.status, "", b""

    def event(self) -> dict:
        """The next thing that is told, within a second."""
        while b"\n\n" not in self._read:
            self._read += self.answer.read1(65536)
        event, _end, self._read = self._read.partition(b"\n\n")
        lines = dict(line.split(": ", 1) for line in event.decode().splitlines())
        self.last = lines["id"]
        return json.loads(lines["data"])["layers"]


@contextmanager
def listening(server, person=None, path="/tiles/changes", **headers):
    """A stream of a person's."""
    if person:
        headers["Cookie"] = f"{passes.COOKIE}={passes.issue(person)}"
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=1)) as client:
        client.request("GET", path, headers=headers)
        yield Stream(client.getresponse())


def holds(boxes, geometry):
    """Whether one of the boxes in degrees, and not a much larger one, lies around a shape of the register."""
    centre = geometry.centroid
    lon, lat = crs.zone_to_wgs84(crs.REGISTER_ZONE, centre.x, centre.y)
    return any(
        west <= lon <= east and south <= lat <= north and east - west < 0.01 for west, south, east, north in boxes
    )


def test_an_open_map_is_told_where_something_changed_and_of_nothing_that_is_hidden(server):
    water = make_organisation()
    utility, operator = Person.of([Role.UTILITY], water.pk), Person.of([Role.OPERATOR])
    server.settle()
    with (
        listening(server) as nobody,
        listening(server, utility) as member,
        listening(server, PLANNER) as planner,
        listening(server, operator) as operators,
    ):
        everyone = (nobody, member, planner, operators)
        assert [stream.event() for stream in everyone] == [{}, {}, {}, {}]
        # Another utility's pipe, a draft, a camera, and last a parcel.
        make_edge(make_organisation())
        told = [stream.event() for stream in (member, planner, operators)]
        assert told[0] == {"network_edges": None}
        assert all(list(news) == ["network_edges"] and news["network_edges"] for news in told[1:])
        make_zone(make_plan("draft"))
        for stream in (nobody, member, operators):
            while "zones" not in (news := stream.event()):
                assert news == {"plans": None}
            assert news["zones"] is None
        while "zones" not in (news := planner.event()):
            assert list(news) == ["plans"]
        assert len(news["zones"]) == 1
        camera = make_camera(water, position=point(33, 44))
        assert nobody.event() == member.event() == {"cameras": None}
        assert holds(operators.event()["cameras"], camera.position)
        assert list(planner.event()) == ["cameras"]
        parcel = make_parcel()
        for stream in everyone:
            news = stream.event()
            assert list(news) == ["parcels"]
            assert holds(news["parcels"], parcel.boundary)


def test_a_stream_that_broke_goes_on_where_it_was(server):
    server.settle()
    with listening(server) as stream:
        stream.event()
        make_parcel()
        assert list(stream.event()) == ["parcels"]
        last = stream.last
    second = make_parcel(boundary=rectangle(500, 500))
    server.settle()
    with listening(server, **{"Last-Event-ID": last}) as stream:
        news = stream.event()
        assert list(news) == ["parcels"]
        assert len(news["parcels"]) == 1
        assert holds(news["parcels"], second.boundary)
    # A map says with its first question how old its style is.
    style = json.loads(server.ask("/tiles/style.json").content)
    make_parcel(boundary=rectangle(900, 900))
    server.settle()
    with listening(server, path=f"/tiles/changes?since={style['metadata']['changes_since']}") as stream:
        assert len(stream.event()["parcels"]) == 1
    # From too long ago, or what is no such word: everything that he may see may be another.
    for since in ("1:1:", "nonsense"):
        with listening(server, path=f"/tiles/changes?since={since}") as stream:
            news = stream.event()
            assert news["parcels"] is None
            assert "network_edges" not in news


def test_a_layers_version_changes_with_the_layer(server):
    def version(key):
        server.settle()
        return json.loads(server.ask(f"/tiles/{key}.json").content)["layer_version"]

    before = version("parcels"), version("streets")
    assert (version("parcels"), version("streets")) == before
    make_parcel()
    assert version("parcels") != before[0]
    assert version("streets") == before[1]


def test_an_edit_is_on_the_map_within_a_second(server):
    tile = tile_of(point(10, 10), 16)
    path = "/tiles/parcels/{}/{}/{}.mvt".format(*tile)
    server.settle()
    took = []
    for number in range(20):
        held = server.ask(path).headers["etag"]
        make_parcel(boundary=rectangle(number, number))
        began = time.monotonic()
        held = {"if_none_match": held} if held else {}
        while server.ask_now(path, **held).status in (204, 304):
            assert time.monotonic() - began < 1
        took.append(time.monotonic() - began)
    assert sorted(took)[-2] < 0.3


def address_of(server, person, layer="network_edges"):
    """Where a person's map asks for a layer's tiles."""
    document = json.loads(server.ask("/tiles/s/addresses.json", person).content)
    return document[layer].removeprefix(server.url)


def test_a_signed_address_opens_what_it_was_given_for(server, monkeypatch):
    water, power = make_organisation(), make_organisation()
    pipe, cable = make_edge(water), make_edge(power, network="power")
    member, rival = (Person.of([Role.UTILITY], of.pk) for of in (water, power))
    z, x, y = tile_of(pipe.route, 16)
    place = {"{z}": z, "{x}": x, "{y}": y}

    def at(address):
        for name, value in place.items():
            address = address.replace(name, str(value))
        return address

    server.settle()
    own, other = at(address_of(server, member)), at(address_of(server, rival))
    # Without any cookie, as another program or a proxy sends it; and with somebody else's.
    for _warm in range(2):
        assert set(server.ask(own).features("network_edges")) == {pipe.identity}
        assert set(server.ask(other, member).features("network_edges")) == {cable.identity}
        whole = server.ask(at(address_of(server, PLANNER))).features("network_edges")
        assert set(whole) == {pipe.identity, cable.identity}
    assert server.ask(own).headers["cache-control"] == "private, no-cache"
    # What everyone sees needs no signature.
    assert "/s/" not in address_of(server, member, "parcels")
    assert "network_edges" not in json.loads(server.ask("/tiles/s/addresses.json").content)
    # The pages' own map shows its pass instead: it goes with the sign-out, an address does not.
    for question, where in (("", "/tiles/network_edges/"), ("?addresses=signed", "/tiles/s/")):
        style = json.loads(server.ask(f"/tiles/style.json{question}", member).content)
        assert where in style["sources"]["network_edges"]["tiles"][0]
    # Nothing of it can be changed.
    _empty, _tiles, _s, expires, signed, viewer, layer, *_place = own.split("/")
    forged = [
        own.replace(viewer, f"utility-{power.pk}"),
        own.replace(viewer, "planner"),
        own.replace(f"/{layer}/", "/network_nodes/"),
        own.replace(expires, str(int(expires) + 1)),
        own.replace(signed, signed[::-1]),
        own.replace(f"/{viewer}/{layer}/", f"/{layer}/{viewer}/"),
    ]
    nothing = server.ask("/tiles/nothing.json")
    for address in forged:
        reply = server.ask(address)
        assert (reply.status, reply.body) == (404, nothing.body), address
    # When its time is over it opens to whoever sees the same by his pass, and to nobody else.
    with monkeypatch.context() as clock:
        clock.setattr(addresses.time, "time", lambda: 1_700_000_000.0)
        expires = 1_700_000_000
        old = f"/tiles/s/{expires}/{addresses.signature(expires, viewer, layer)}/{viewer}/{layer}/{z}/{x}/{y}.mvt"
    assert server.ask(old).status == server.ask(old, rival).status == server.ask(old, PLANNER).status == 404
    assert set(server.ask(old, member).features("network_edges")) == {pipe.identity}


def test_when_the_client_is_gone_the_database_stops_drawing(tmp_path):
    make_parcel()
    path = "/tiles/parcels/{}/{}/{}.mvt".format(*tile_of(point(10, 10), 16))

    def waiting():
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'drawn.parcels'::regclass")
            return cursor.fetchone()[0]

    with (
        serving("tiles.asgi:application", tmp_path / "log", "tiles") as alone,
        psycopg.connect(**connection.get_connection_params()) as other,
    ):
        other.execute("LOCK TABLE drawn.parcels IN ACCESS EXCLUSIVE MODE")
        with closing(http.client.HTTPConnection("127.0.0.1", alone.port, timeout=5)) as client:
            client.request("GET", path)
            deadline = time.monotonic() + 3
            while not waiting():
                assert time.monotonic() < deadline
        gone = time.monotonic()
        while waiting():
            assert time.monotonic() - gone < 2  # by itself it would wait for 5 s
            time.sleep(0.02)


def test_counts_are_for_the_house(server):
    parcel = make_parcel()
    server.tile("parcels", tile_of(parcel.boundary, 16))
    text = server.ask("/metrics").content.decode()
    assert 'tiles_requests_total{layer="parcels",zoom="16",source="drawn"' in text
    assert "\ntiles_following{" in text
    for line in text.splitlines():
        assert line.startswith("#") or float(line.rsplit(" ", 1)[1]) >= 0
    # Through a proxy on this machine they come from outside.
    assert server.ask("/metrics", x_forwarded_for="203.0.113.9").status == 404
    assert server.ask("/metrics", x_forwarded_for="203.0.113.9", authorization="Bearer ").status == 404
