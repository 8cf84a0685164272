"""Downloads: the rows of the map as files that other programs read, for whom the map shows them."""

import contextlib
import csv
import gc
import http.client
import io
import json
import sqlite3
import time
from datetime import date
from pathlib import Path

import pyogrio
import pytest
import shapely
from django.conf import settings
from django.db import connection
from django.test import Client

from gisplatform.access import CITIZEN, Person, Role
from gisplatform.crs import REGISTER_ZONE, to_wgs84
from layers import downloads
from layers import downloads_streams as streams
from layers.catalogue import layers
from layers.queries import select
from planning.plans.models import PlanState
from tests.factories import (
    days,
    make_address,
    make_building,
    make_camera,
    make_edge,
    make_node,
    make_organisation,
    make_parcel,
    make_plan,
    make_plan_line,
    make_railway,
    make_street,
    make_unit,
    make_user,
    make_water,
    make_zone,
    place,
    rectangle,
)
from tests.factories import make_place as make_named_place
from tests.layers.drawing import box
from tests.loops import in_a_loop

pytestmark = pytest.mark.django_db(transaction=True)
EVERYWHERE = "108.1,15.9,108.3,16.2"
AREA = box(-20, -20, 200, 200)


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of a CSV file by the titles in its first line."""
    return list(csv.DictReader(io.StringIO(text)))


def test_geojson_is_what_the_standard_says(download):
    parcel = make_parcel(boundary=rectangle(0, 0, 40, 25), number="283", land_use_codes=["ODT", "CLN"])
    make_parcel(boundary=rectangle(500, 0, 40, 25))
    reply = download("parcels/download.geojson", geometry=AREA)
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/geo+json"
    assert reply.headers["content-disposition"] == (
        f'attachment; filename="parcels_drawn-area_{date.today().isoformat()}.geojson"'
    )
    found = json.loads(reply.content)
    assert found["type"] == "FeatureCollection"
    assert "crs" not in found
    assert (found["title"], found["as_of"]) == ("Parcels", date.today().isoformat())
    assert found["attribution"]
    assert found["terms"]
    assert {"name": "number", "title": "Parcel number", "unit": "", "type": "text"} in found["fields"]
    [feature] = found["features"]
    assert feature["id"] == parcel.identity
    assert feature["properties"]["number"] == "283"
    assert feature["properties"]["land_use"] == "ODT+CLN"
    assert feature["properties"]["inside_m2"] == pytest.approx(1000, abs=0.01)
    shape = shapely.from_geojson(json.dumps(feature["geometry"]))
    assert shapely.is_ccw(shapely.get_exterior_ring(shape.geoms[0]))
    here = to_wgs84(shapely.from_wkb(bytes(parcel.boundary.wkb)))
    assert shapely.hausdorff_distance(shape, here) < 2e-8  # degrees, some two millimetres


def test_csv_opens_in_a_spreadsheet(download):
    make_parcel(boundary=rectangle(0, 0, 40, 25), number="283")
    reply = download("parcels/download.csv", language="vi", geometry=AREA)
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    assert reply.content.startswith(b"\xef\xbb\xbf")
    [row] = rows_of(reply.content.decode("utf-8-sig"))
    assert row["Số thửa"] == "283"
    assert float(row["Diện tích đo trên bản đồ (m²)"]) == 1000
    north = next(float(value) for title, value in row.items() if REGISTER_ZONE.name in title)
    assert place(0, 0)[1] < north < place(0, 25)[1]
    assert shapely.from_wkt(row["WKT"]).equals(shapely.multipolygons([shapely.box(*place(0, 0), *place(40, 25))]))


def test_no_cell_becomes_a_formula_and_no_quote_ends_one(download):
    tricks = [
        '=HYPERLINK("http://x")',
        "+1",
        "-1",
        "@SUM(A1)",
        "  =1",
        "\t=1",
        "＝1",
        'Phố "Cổ", số 1',
        "Ngõ\n2",
        "100 %",
    ]
    for name in tricks:
        make_street(name=name)
    names = [
        row["Street name"]
        for row in rows_of(download("streets/download.csv", geometry=AREA).content.decode("utf-8-sig"))
    ]
    assert names[:7] == [f"'{name}" for name in tricks[:7]]
    assert names[7:] == tricks[7:]


def test_coded_values_are_words_in_a_spreadsheet_and_codes_for_programs(download):
    make_building(function="school")
    [row] = rows_of(download("buildings/download.csv", geometry=AREA).content.decode("utf-8-sig"))
    assert row["Function"] == "School"
    [feature] = json.loads(download("buildings/download.geojson", geometry=AREA).content)["features"]
    assert feature["properties"]["function"] == "school"


def everything() -> None:
    """One thing in every layer."""
    organisation = make_organisation()
    plan = make_plan()
    for thing in (
        make_unit,
        make_street,
        make_building,
        make_parcel,
        make_address,
        make_named_place,
        make_water,
        make_railway,
    ):
        thing()
    make_zone(plan), make_plan_line(plan)
    make_edge(organisation), make_node(organisation), make_camera(organisation)


@pytest.mark.parametrize("ending", ["geojson", "csv", "gpkg"])
def test_every_layer_goes_there_and_back_in_every_format(download, tmp_path: Path, ending: str):
    everything()
    planner = make_user(Role.PLANNER)
    for layer in layers():
        reply = download(f"{layer.key}/download.{ending}", planner, bbox=EVERYWHERE)
        assert reply.status == 200, layer.key
        file = tmp_path / f"{layer.key}.{ending}"
        file.write_bytes(reply.content)
        meta, _, shapes, columns = pyogrio.raw.read(file)
        person = Person.of([Role.PLANNER])
        position = {"wkb": downloads.sql.SQL("ST_AsBinary(shape)")}
        [row] = select(layer, person, extra=position)
        if ending != "csv":
            told = dict(zip(meta["fields"], (column[0] for column in columns), strict=True))
            for attribute in layer.visible_attributes(exact=True):
                kept, expected = told[attribute.name], row[attribute.name]
                # A number that is missing is read as nan, which equals nothing.
                nothing = expected in (None, "") and (not kept or kept != kept)
                assert kept == expected or nothing, (layer.key, attribute.name)
        here = shapely.from_wkb(bytes(row["wkb"]))
        if ending == "gpkg":
            assert meta["crs"] == f"EPSG:{REGISTER_ZONE.epsg}"
            assert shapely.from_wkb(shapes[0]).equals_exact(here, 1e-9)
        elif ending == "geojson":
            assert shapely.hausdorff_distance(shapely.from_wkb(shapes[0]), to_wgs84(here)) < 2e-8
        elif layer.key not in ("addresses", "places", "network_nodes", "cameras"):
            assert shapely.from_wkb(shapes[0]).equals_exact(here, 0.001)


def test_a_geopackage_says_what_it_is_and_what_its_columns_mean(download, tmp_path: Path):
    make_parcel()
    file = tmp_path / "parcels.gpkg"
    file.write_bytes(download("parcels/download.gpkg", geometry=AREA).content)
    with sqlite3.connect(file) as package:
        titles = dict(package.execute("SELECT column_name, title FROM gpkg_data_columns"))
        [(identifier, description)] = package.execute("SELECT identifier, description FROM gpkg_contents")
    package.close()
    assert titles["area_measured_m2"] == "Area measured on the map (m²)"
    assert identifier == "Parcels"
    assert date.today().isoformat() in description
    assert pyogrio.read_info(file)["dataset_metadata"]["as_of"] == date.today().isoformat()


def test_nothing_found_is_still_a_file(download, tmp_path: Path):
    for ending in ("geojson", "csv", "gpkg"):
        reply = download(f"zones/download.{ending}", geometry=AREA)
        file = tmp_path / f"zones.{ending}"
        file.write_bytes(reply.content)
        assert reply.status == 200
        if ending != "csv":
            assert pyogrio.read_info(file)["features"] == 0
        assert download("zones/download.json", geometry=AREA).content == b'{"rows": 0, "limit": 200000}'


def test_everyone_downloads_the_rows_that_the_map_shows(download):
    water, power = make_organisation(), make_organisation()
    for state in PlanState.values:
        make_zone(make_plan(state))
    make_edge(water), make_edge(power), make_camera(water), make_parcel()
    cast = {
        "nobody": None,
        "planner": make_user(Role.PLANNER),
        "officer": make_user(Role.OFFICER),
        "water": make_user(Role.UTILITY, organisation=water),
        "power": make_user(Role.UTILITY, organisation=power),
    }
    counts = {}
    for name, user in cast.items():
        person = user.person if user else CITIZEN
        for layer in layers():
            reply = download(f"{layer.key}/download.geojson", user, bbox=EVERYWHERE)
            seen = {row["id"] for row in select(layer, person)}
            if reply.status == 404:
                assert not seen
                counts[name, layer.key] = None
            else:
                found = json.loads(reply.content)["features"]
                assert {feature["id"] for feature in found} == seen
                counts[name, layer.key] = len(found)
    assert counts["nobody", "zones"] == 3
    assert counts["planner", "zones"] == 6
    assert counts["nobody", "network_edges"] is None
    assert counts["officer", "network_edges"] == 2
    assert counts["water", "network_edges"] == counts["power", "network_edges"] == 1


def test_a_citizen_gets_no_exact_camera_by_any_format(download):
    camera = make_camera(make_organisation(), reference="CAM-SECRET")
    camera.refresh_from_db()
    for ending in ("geojson", "csv", "gpkg"):
        content = download(f"cameras/download.{ending}", bbox=EVERYWHERE).content
        assert b"CAM-SECRET" not in content
        assert b"bearing" not in content.lower()
        assert b"approximate" in content or ending == "csv"
    [feature] = json.loads(download("cameras/download.geojson", bbox=EVERYWHERE).content)["features"]
    about = to_wgs84(shapely.Point(camera.approximate_position.coords))
    assert feature["geometry"]["coordinates"] == pytest.approx(about.coords[0], abs=2e-8)
    [exact] = json.loads(download("cameras/download.geojson", make_user(Role.OPERATOR), bbox=EVERYWHERE).content)[
        "features"
    ]
    assert exact["properties"]["reference"] == "CAM-SECRET"


def test_hidden_layers_and_missing_ones_look_alike(download):
    make_edge(make_organisation())
    hidden, missing = (download(f"{key}/download.json", geometry=AREA) for key in ("network_edges", "no_such_layer"))
    assert (hidden.status, missing.status) == (404, 404)
    assert hidden.content.replace(b"network_edges", b"") == missing.content.replace(b"no_such_layer", b"")


def test_a_download_is_of_the_day_of_the_map(download):
    make_parcel(number="1", valid_during=days(date(2020, 1, 1), date(2024, 1, 1)))
    make_parcel(number="2", valid_during=days(date(2024, 1, 1)))
    reply = download("parcels/download.geojson", geometry=AREA, as_of="2023-05-01")
    [feature] = json.loads(reply.content)["features"]
    assert feature["properties"]["number"] == "1"
    assert "2023-05-01" in reply.headers["content-disposition"]


def test_too_many_rows_are_refused_with_the_way_out(client, monkeypatch):
    make_parcel(), make_parcel(boundary=rectangle(50, 0))
    monkeypatch.setattr(downloads, "LIMIT", 1)
    for ending in ("json", "geojson"):
        reply = client.get(f"/layers/parcels/download.{ending}", {"bbox": EVERYWHERE})
        assert reply.status_code == 422
        assert reply.json()["error"]["code"] == "too_much"
        assert reply.json()["error"]["limit"] == 1


def test_six_downloads_at_a_time_and_no_place_is_lost(client):
    make_parcel()
    address = f"/layers/parcels/download.csv?bbox={EVERYWHERE}"

    async def read(answer) -> bytes:
        return b"".join([piece async for piece in answer])

    waiting = [client.get(address) for _nth in range(streams.AT_ONCE)]
    assert client.get(address).status_code == 503
    # One is read to its end, the others' readers go before they have read anything.
    assert b"MULTIPOLYGON" in in_a_loop(read(waiting.pop()))
    waiting.append(client.get(address))
    assert waiting[-1].status_code == 200
    assert client.get(address).status_code == 503
    waiting.clear()
    gc.collect()
    assert client.get(address).status_code == 200


def test_a_form_may_post_a_large_outline_but_no_other_site_may(client):
    make_parcel()
    assert client.post("/layers/parcels/download.json", {"geometry": json.dumps(AREA)}).json()["rows"] == 1
    stranger = Client(enforce_csrf_checks=True)
    assert stranger.post("/layers/parcels/download.json", {"geometry": json.dumps(AREA)}).status_code == 403


def many_parcels(count: int) -> None:
    """Lots of 10 m × 10 m in rows of a thousand, written by the database."""
    east, north = place(0, 0)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO parcels_parcel
                (valid_during, commune_code, sheet, number, suffix, old_sheet, old_number, land_use_codes, boundary)
            SELECT '[2020-01-01,)', '20194', (k / 1000)::text, (k %% 1000)::text, 1, '', '', '{ODT}', ST_Multi(
                ST_MakeEnvelope(%(east)s + k %% 1000 * 10, %(north)s + k / 1000 * 10,
                    %(east)s + k %% 1000 * 10 + 10, %(north)s + k / 1000 * 10 + 10, %(srid)s))
            FROM generate_series(0, %(last)s) AS k""",
            {"east": east, "north": north, "srid": settings.REGISTER_EPSG + 900_000, "last": count - 1},
        )


def resident_kb(process: int) -> int:
    """The memory of a process and its children."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    status = Path(f"/proc/{process}/status").read_text()
    own = int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])
    return own + sum(resident_kb(int(child)) for child in children)


def readers() -> int:
    """How many other sessions read the parcels at this moment. Their locks say so to any role, their queries do not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE relation = 'parcels_parcel'::regclass AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0]


@pytest.mark.long
def test_a_large_download_streams_and_ends_when_the_visitor_leaves(download, server):
    many_parcels(60_000)
    download("parcels/download.geojson", bbox="108.1,15.9,108.2001,16.0502")  # whatever is loaded once
    before = resident_kb(server.process.pid)
    content = download("parcels/download.geojson", bbox=EVERYWHERE).content
    assert len(content) > 20_000_000
    assert resident_kb(server.process.pid) - before < 15_000
    assert len(json.loads(content)["features"]) == 60_000
    # Somebody begins, reads a little, and goes.
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)) as visitor:
        visitor.request("GET", f"/layers/parcels/download.geojson?bbox={EVERYWHERE}")
        with visitor.getresponse() as answer:
            assert answer.read(1000)
            assert readers() == 1
    deadline = time.monotonic() + 5
    while readers() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert readers() == 0
