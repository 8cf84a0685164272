"""nginx with our configuration sends what is on disk to whom it may, and leaves the rest to the platform."""

import os
import shutil
import subprocess
import time
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from gisplatform.access import Person, Role
from tests.conftest import free_port
from tests.factories import make_edge, make_organisation, make_parcel, make_plan, make_zone, point, rectangle
from tests.tiles.conftest import serving, tile_of
from tests.tiles.test_freshness import address_of

pytestmark = pytest.mark.django_db(transaction=True)

NGINX = os.environ.get("NGINX_PROGRAM") or shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@pytest.fixture
def front(tmp_path: Path, settings):
    """The platform, and nginx in front of it."""
    if not NGINX:
        pytest.skip("nginx is not installed here (Debian's package nginx has it; NGINX_PROGRAM names another one)")
    settings.TILES_FOLDER = tmp_path / "tiles"
    with serving("gisplatform.asgi:application", tmp_path / "log", "web") as platform:
        port, written = free_port(), StringIO()
        call_command(
            "nginx_config",
            host="127.0.0.1",
            listen=f"127.0.0.1:{port}",
            upstream=f"127.0.0.1:{platform.port}",
            stdout=written,
        )
        # Whoever runs the tests is whom the files belong to.
        user = "user root;" if os.geteuid() == 0 else ""
        temporary = "\n".join(
            f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (tmp_path / "nginx.conf").write_text(
            f"{user} daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log;\nevents {{}}\n"
            f"http {{ access_log off; {temporary}\n{written.getvalue()}}}"
        )
        process = subprocess.Popen([NGINX, "-p", str(tmp_path), "-c", "nginx.conf", "-e", f"{tmp_path}/error.log"])
        try:
            shown = replace(platform, port=port)
            deadline = time.monotonic() + 5
            while True:
                try:
                    shown.ask("/tiles/nothing.json")
                    break
                except OSError:
                    assert process.poll() is None, (tmp_path / "error.log").read_text()
                    assert time.monotonic() < deadline
                    time.sleep(0.05)
            yield shown, platform
        finally:
            process.terminate()
            process.wait(5)


def test_nginx_sends_tiles_from_disk_and_no_one_elses(front):
    shown, platform = front
    water = make_organisation()
    member, planner = Person.of([Role.UTILITY], water.pk), Person.of([Role.PLANNER])
    parcel, pipe, cable = make_parcel(), make_edge(water), make_edge(make_organisation())
    adopted, draft = make_zone(make_plan()), make_zone(make_plan("draft"))
    z, x, y = tile_of(point(10, 10), 16)
    path, nowhere = f"/tiles/parcels/{z}/{x}/{y}.mvt", f"/tiles/parcels/{z}/{x + 90}/{y}.mvt"
    zones = f"/tiles/zones/{z}/{x}/{y}.mvt"
    platform.settle()
    own, whole = (address_of(platform, person).replace("{z}/{x}/{y}", f"{z}/{x}/{y}") for person in (member, planner))

    def asked(server):
        lines = server.ask("/metrics").content.decode().splitlines()
        return [float(line.split()[-1]) for line in lines if line.startswith("tiles_requests_total")]

    gzip = {"accept_encoding": "gzip"}
    first = {at: shown.ask(at, **gzip) for at in (path, nowhere, zones, own, whole)}
    time.sleep(0.2)
    counted = asked(platform)
    again = {at: shown.ask(at, **gzip) for at in (path, nowhere, zones, own, whole)}
    # The same, and the platform was not asked.
    for at, reply in again.items():
        assert (reply.status, reply.body) == (first[at].status, first[at].body), at
        for name in ("content-type", "content-encoding", "cache-control", "vary", "access-control-allow-origin"):
            assert reply.headers[name] == first[at].headers[name], (at, name)
        assert (reply.headers["etag"] or "") == (first[at].headers["etag"] or "").removeprefix("W/")
        assert reply.headers["last-modified"] is None
        held = first[at].headers["etag"]
        assert not held or shown.ask(at, if_none_match=held, **gzip).status == 304
    assert again[nowhere].status == 204
    assert asked(platform) == counted
    assert set(again[path].features("parcels")) == {parcel.identity}
    assert set(again[own].features("network_edges")) == {pipe.identity}
    assert set(again[whole].features("network_edges")) == {pipe.identity, cable.identity}
    assert set(again[zones].features("zones")) == {adopted.identity}
    # Whoever has a pass, asks for another day, or takes no gzip is answered by the platform, rightly.
    assert set(shown.ask(zones, planner, **gzip).features("zones")) == {adopted.identity, draft.identity}
    assert shown.ask(f"{path}?as_of=2019-12-31", **gzip).status == 204
    assert shown.ask(path).headers["content-encoding"] is None
    assert set(shown.ask(path).features("parcels")) == {parcel.identity}
    # It knows gzip only; who takes nothing but brotli gets it from the platform.
    assert shown.ask(path, accept_encoding="gzip, br").headers["content-encoding"] == "gzip"
    assert shown.ask(path, accept_encoding="br").headers["content-encoding"] == "br"
    assert sum(asked(platform)) > sum(counted)
    # Nobody gets at the files of others, by any other way of writing it.
    for at in (
        own.replace(f"utility-{water.pk}", "planner"),
        own.replace("/s/", "/s/1"),
        f"/tiles/../today/planner/network_edges/{z}/{x}/{y}.mvt",
        f"/tiles/network_edges/{z}/{x}/{y}.mvt",
        "/metrics",
    ):
        assert shown.ask(at, **gzip).status == 404, at
    assert shown.ask(path, method="POST").status == 405
    # An edit reaches it as it reaches the platform.
    second = make_parcel(boundary=rectangle(60, 0))
    platform.settle()
    time.sleep(0.1)
    assert set(shown.ask(path, **gzip).features("parcels")) == {parcel.identity, second.identity}
    # With the platform gone nothing is sent that might be outdated.
    platform.process.terminate()
    platform.process.wait(20)
    assert shown.ask(path, **gzip).status == 502
