"""Single rows: what is repaired, what is refused, what is only remarked; and how repeated numbers are told apart."""

import csv
import itertools
import json
import os
import sqlite3
import struct

import numpy as np
import pytest
import shapely
from django.core.management import call_command

from gisplatform import crs
from importers import checks
from importers.models import ImportIssue
from importers.report import map_place
from layers.parcels.models import Parcel
from tests.importers.conftest import CORNER, VN2000_METRES, columns, feature, geojson, lot, lots, write


def drawn(*points):
    """A ring of metres from the field's corner, as a GeoJSON polygon in WGS 84."""
    ring = np.array([*points, points[0]], dtype=float) + np.round(CORNER)
    return {
        "type": "Polygon",
        "coordinates": [shapely.get_coordinates(crs.to_wgs84(shapely.linestrings(ring))).tolist()],
    }


# A 10 m square whose last side runs 2 cm over its corner, and a bow tie.
NICKED = drawn((0, 0), (10, 0), (10, 10), (0, 10), (0, -0.02), (0.02, 0))
BOW_TIE = drawn((20, 0), (30, 10), (30, 0), (20, 10))


def test_invalid_boundaries_are_repaired_if_the_area_stays_and_it_is_said(take, refusal, tmp_path):
    path = geojson(
        tmp_path / "a.geojson", feature(NICKED, SoThua=1), feature(BOW_TIE, SoThua=2), feature(lot(9), SoThua=3)
    )
    report = take(path)
    [repaired], [refused] = report["remarks"], report["refused"]
    assert (repaired["row"], repaired["code"], repaired["parcel"]) == (1, "repaired", "07001-12-1")
    assert repaired["message"] == "The boundary was not valid and was repaired: it touches itself"
    assert repaired["position"] == pytest.approx(crs.to_wgs84(shapely.Point(*np.round(CORNER))).coords[0], abs=1e-6)
    assert (refused["row"], refused["code"]) == (2, "invalid")
    lon, lat = crs.to_wgs84(shapely.Point(np.round(CORNER[0]) + 25, np.round(CORNER[1]) + 5)).coords[0]
    assert refused["position"] == pytest.approx([lon, lat], abs=1e-6)
    assert Parcel.objects.get(number="1").area_measured_m2 == pytest.approx(100, abs=0.01)
    # What is stored beside the run is the same as what was reported.
    assert set(ImportIssue.objects.values_list("row", "taken", "code")) == {
        (1, True, "repaired"),
        (2, False, "invalid"),
    }
    report = take(path, no_repair=True)
    assert [row["code"] for row in report["refused"]] == ["invalid_not_repaired"] * 2


def test_each_refused_row_is_listed_with_its_reason(take, tmp_path, capsys):
    flat = drawn((0, 0), (10, 0), (5, 0))
    open_ring = lot(5)
    open_ring["coordinates"][0].pop()
    rows = [
        (feature(lot(0)), None),
        (feature(None), "missing"),
        (feature({"type": "Polygon", "coordinates": []}), "missing"),
        (feature({"type": "LineString", "coordinates": [[106.9, 20.9], [106.91, 20.9]]}), "not_a_polygon"),
        (feature(open_ring), "unreadable"),
        (feature(flat), "invalid"),
        (feature(lot(1), SoTo=None), "no_sheet"),
        (feature(lot(1), SoThua="  "), "no_number"),
        (feature(lot(1), MaXa=None), "no_commune"),
        (feature(lot(1), SoThua="1/2"), "unusable_name"),
        (feature(lot(1), SoThua="x" * 21), "unusable_name"),
        (feature(lot(0)), "same_again"),
    ]
    path = geojson(tmp_path / "a.geojson", *(row for row, _ in rows))
    report = take(path, report=tmp_path / "report.csv")
    expected = [(row, code) for row, (_, code) in enumerate(rows, start=1) if code]
    assert [(row["row"], row["code"]) for row in report["refused"]] == expected
    assert report["counts"]["taken"] == 1
    with (tmp_path / "report.csv").open(encoding="utf-8", newline="") as lines:
        assert [(int(row["row"]), row["code"]) for row in csv.DictReader(lines)] == expected
    call_command("import_parcels", str(path), dry_run=True)
    text = capsys.readouterr().out
    assert all(f"a.geojson  {row} " in text for row, _ in expected)
    assert "1/2" in text
    assert "dry run" in text


def test_repeated_numbers_get_suffixes_by_size_whatever_the_order(take, tmp_path):
    # Three parcels with one number: 100 m², 200 m² and 300 m².
    sizes = [drawn((40 * n, 0), (40 * n + 10, 0), (40 * n + 10, 10 * n), (40 * n, 10 * n)) for n in (1, 2, 3)]
    seen = set()
    for order in itertools.permutations(range(3)):
        files = [geojson(tmp_path / f"{place}.geojson", feature(sizes[size])) for place, size in enumerate(order)]
        report = take(*files)
        seen.add(tuple(Parcel.objects.order_by("code").values_list("code", "area_measured_m2")))
        assert [remark["code"] for remark in report["remarks"]] == ["duplicate_number"] * 2
    [parcels] = seen
    assert [(code, round(area)) for code, area in parcels] == [
        ("07001-12-1", 300),
        ("07001-12-1-2", 200),
        ("07001-12-1-3", 100),
    ]
    assert Parcel.objects.count() == 3


def test_a_suffix_never_takes_the_code_of_another_parcel(take, tmp_path):
    rows = [feature(lot(0)), feature(lot(1)), feature(lot(2), SoThua="1-2")]
    report = take(geojson(tmp_path / "a.geojson", *rows))
    assert set(Parcel.objects.values_list("code", flat=True)) == {"07001-12-1", "07001-12-1-2"}
    assert [row["code"] for row in report["refused"]] == ["code_taken"]


def test_arcs_are_refused_in_words(take, tmp_path):
    path = write(tmp_path / "a.gpkg", lots(2), columns(2), VN2000_METRES)
    # A curve polygon with one circular ring, as a GeoPackage holds it.
    circle = np.array([[0, 0], [10, 10], [20, 0], [10, -10], [0, 0]], dtype="<f8") + np.round(CORNER)
    header, curve = b"GP\0\1" + struct.pack("<i", 5899), struct.pack("<BII", 1, 10, 1)
    blob = header + curve + struct.pack("<BII", 1, 8, len(circle)) + circle.tobytes()
    with sqlite3.connect(path) as database:
        # Its spatial index calls functions that only GDAL brings.
        triggers = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for name in triggers:
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("UPDATE a SET geom = ? WHERE fid = 2", [blob])
    database.close()
    [refused] = take(path)["refused"]
    assert (refused["row"], refused["code"], refused["parcel"]) == (2, "curved", "07001-12-2")


def test_a_name_of_strange_bytes_is_shown_as_well_as_it_can_be(take, tmp_path):
    content = geojson(tmp_path / "a.geojson", feature(lot())).read_bytes()
    for number, name in enumerate([b"th\xeda.geojson", b"two\nlines.geojson"]):
        path = tmp_path / os.fsdecode(name)
        path.write_bytes(content)
        report = take(path)
        assert report["files"][0]["name"] == ["th�a.geojson", "two�lines.geojson"][number]


def test_two_files_of_one_name_are_told_apart(take, tmp_path):
    for folder in "ab":
        (tmp_path / folder).mkdir()
        geojson(tmp_path / folder / "x.geojson", feature(lot(ord(folder) % 8), SoTo=folder), feature(None))
    report = take(tmp_path / "a" / "x.geojson", tmp_path / "b" / "x.geojson")
    assert [row["file"] for row in report["refused"]] == [str(tmp_path / folder / "x.geojson") for folder in "ab"]


def test_suffixes_are_a_pure_function_of_what_lies_there():
    codes, area = np.array([7, 7, 9, 7]), np.array([1.0, 5.0, 2.0, 5.0])
    centre = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 0.0], [3.0, 0.0]])
    assert checks.suffixes(codes, area, centre).tolist() == [3, 2, 1, 1]
    assert checks.suffixes(codes[:0], area[:0], centre[:0]).tolist() == []


def test_old_numbers_are_kept(take, tmp_path):
    take(geojson(tmp_path / "a.geojson", feature(lot(), SOTOCU=3, soThuTuThuaCu="14a")))
    assert Parcel.objects.values_list("old_sheet", "old_number").get() == ("3", "14a")


def test_numbers_stored_as_decimals_lose_their_zeros(take, tmp_path):
    attributes = {**columns(), "SoThuTuThua": np.array([1.0, 2.0, 3.5])}
    take(write(tmp_path / "a.shp", lots(), attributes))
    assert set(Parcel.objects.values_list("number", flat=True)) == {"1", "2", "3.5"}


def test_a_dry_run_reports_everything_and_stores_nothing(take, tmp_path):
    report = take(geojson(tmp_path / "a.geojson", feature(lot())), dry_run=True)
    assert (report["dry_run"], report["counts"]["new"]) == (True, 1)
    assert not Parcel.objects.exists()
    assert not ImportIssue.objects.exists()
    assert json.dumps(report)


def test_the_report_says_where_on_the_map_the_parcels_are(take, tmp_path):
    path = write(tmp_path / "a.gpkg", lots(), columns(), VN2000_METRES)
    west, south, east, north = take(path)["files"][0]["bounds"]
    assert (west, south) == pytest.approx((106.9, 20.9), abs=3e-4)
    assert west < east < west + 1e-3
    zoom, latitude, longitude = map(float, map_place((west, south, east, north)).split("/"))
    assert zoom == 18
    assert south <= round(latitude, 5) + 1e-5
    assert west <= round(longitude, 5) + 1e-5
    assert map_place((108.0, 16.0, 108.1, 16.05)) == "12.8/16.02500/108.05000"
