"""Files as they should not be: one clear sentence each, nothing stored, no traceback."""

import json
import os
import re
import sqlite3
import stat
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import shapely

from gisplatform import crs
from importers.models import ImportIssue, ImportRun
from layers.parcels.models import Parcel
from tests.conftest import ROOT
from tests.importers.conftest import VN2000_METRES, columns, feature, geojson, in_system, lot, lots, write


def test_what_is_no_file_at_all(refusal, tmp_path):
    assert "does not exist" in refusal(tmp_path / "nowhere.shp")
    assert "a folder" in refusal(tmp_path)
    os.mkfifo(tmp_path / "pipe.geojson")
    assert "a device" in refusal(tmp_path / "pipe.geojson")
    (tmp_path / "empty.geojson").touch()
    assert "empty (0 bytes)" in refusal(tmp_path / "empty.geojson")


@pytest.mark.parametrize("part", [".shx", ".dbf", ".prj"])
def test_a_shapefile_without_one_of_its_parts(refusal, take, tmp_path, part):
    path = write(tmp_path / "a.shp", lots(), columns(), VN2000_METRES)
    path.with_suffix(part).unlink()
    assert f"the part {part} of the shapefile is missing" in refusal(path)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for other in tmp_path.glob("a.[sdp]*"):
            archive.write(other, other.name)
    assert f"the part {part} of the shapefile is missing" in refusal(tmp_path / "a.zip")
    if part == ".prj":
        assert take(path, crs=VN2000_METRES)["counts"]["new"] == 3
    else:
        path.with_suffix(part).touch()
        assert "missing or empty" in refusal(path)


def zip_with(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_zips_that_want_out_are_not_unpacked(refusal, tmp_path):
    good = geojson(tmp_path / "good.geojson", feature(lot())).read_bytes()
    for name in [
        "../evil.geojson",
        "/etc/evil.geojson",
        "a/../../evil.geojson",
        "C:/evil.geojson",
        "a\\..\\evil.geojson",
    ]:
        path = zip_with(tmp_path / "a.zip", **{"good.geojson": good, name: good})
        assert "leads out of it" in refusal(path)
    link = zipfile.ZipInfo("link.geojson")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert "a link: link.geojson" in refusal(tmp_path / "link.zip")
    assert not (tmp_path.parent / "evil.geojson").exists()


def test_zips_that_are_bombs_nested_locked_or_damaged(refusal, tmp_path):
    bomb = zip_with(tmp_path / "bomb.zip", **{"a.geojson": b" " * (80 << 20)})
    assert bomb.stat().st_size < 1 << 20
    assert "unpacks to more than is allowed (0.1 MB → 84 MB)" in refusal(bomb)
    nested = zip_with(tmp_path / "nested.zip", **{"in.zip": bomb.read_bytes()})
    assert "another archive: in.zip" in refusal(nested)
    assert "holds no data set" in refusal(zip_with(tmp_path / "c.zip", **{"readme.txt": "hello"}))
    whole = zip_with(tmp_path / "d.zip", **{"a.geojson": os.urandom(5000)}).read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[:-200])
    assert "the zip is damaged" in refusal(tmp_path / "cut.zip")
    (tmp_path / "flipped.zip").write_bytes(whole[:1000] + bytes([whole[1000] ^ 255]) + whole[1001:])
    assert "the zip is damaged" in refusal(tmp_path / "flipped.zip")
    locked = bytearray(zip_with(tmp_path / "e.zip", **{"a.geojson": b"{}"}).read_bytes())
    for start in (locked.index(b"PK\x03\x04") + 6, locked.index(b"PK\x01\x02") + 8):
        locked[start] |= 1
    (tmp_path / "locked.zip").write_bytes(locked)
    assert "locked with a password" in refusal(tmp_path / "locked.zip")


def test_content_decides_and_not_the_name(refusal, take, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("SoTo,SoThua\n1,1\n")
    vrt = tmp_path / "vrt.geojson"
    vrt.write_text(
        '<OGRVRTDataSource><OGRVRTLayer name="secret">'
        f"<SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )
    assert "the content is not GeoJSON, Shapefile" in refusal(vrt)
    (tmp_path / "a.gpkg").write_bytes(b"SQLite format 3\0" + os.urandom(4000))
    assert "cannot be read" in refusal(tmp_path / "a.gpkg")
    (tmp_path / "b.geojson").write_text('{"type": "FeatureCollection", "features": [{"type": "Fea')
    assert "cannot be read" in refusal(tmp_path / "b.geojson")
    # A GeoPackage under a wrong name is still one.
    assert take(write(tmp_path / "c.gpkg", lots(), columns()).rename(tmp_path / "c.shp"))["counts"]["new"] == 3


def test_deeply_nested_json_does_not_take_the_reader_down(refusal, tmp_path):
    deep = tmp_path / "deep.geojson"
    inner = '{"type":"GeometryCollection","geometries":[' * 100_000 + "]}" * 100_000
    deep.write_text(f'{{"type":"FeatureCollection","features":[{{"type":"Feature","geometry":{inner}}}]}}')
    assert "cannot be read" in refusal(deep)
    deep.write_text('{"type":"FeatureCollection","crs":' + '{"a":' * 4_000 + "1" + "}" * 4_000 + "}")
    assert "cannot be understood" in refusal(deep)


def test_coordinates_that_are_no_numbers_name_their_rows(refusal, tmp_path):
    for bad in (float("nan"), float("inf"), float("-inf")):
        broken = lot(1)
        broken["coordinates"][0][2][0] = bad
        path = geojson(tmp_path / "nan.geojson", feature(lot()), feature(broken, SoThua=2))
        assert "not numbers (NaN or infinite), the first are rows 2" in refusal(path)
    corners = shapely.get_coordinates(lots()).reshape(3, 5, 2)
    corners[0, 2, 1] = np.nan
    with np.errstate(invalid="ignore"):
        shapes = shapely.polygons(corners)
    assert "rows 1" in refusal(write(tmp_path / "nan.gpkg", shapes, columns(), None, crs=VN2000_METRES))


def test_no_position_anywhere(refusal, take, tmp_path):
    nowhere = geojson(tmp_path / "a.geojson", feature(None), feature(None, SoThua=2))
    assert "no row has a position" in refusal(nowhere)
    assert "no rows" in refusal(write(tmp_path / "b.gpkg", lots()[:0], {k: v[:0] for k, v in columns().items()}))
    assert "no column was recognised" in refusal(geojson(tmp_path / "c.geojson"))


def test_unknown_columns_are_listed_with_the_way_out(refusal, tmp_path):
    row = {"type": "Feature", "properties": {"colour": "red", "height": 3}, "geometry": lot()}
    sentence = refusal(geojson(tmp_path / "a.geojson", row), commune="07001")
    assert "sheet, number" in sentence
    assert "colour, height" in sentence
    assert "--column sheet=NAME" in sentence
    assert "--commune" in refusal(geojson(tmp_path / "b.geojson", {**row, "properties": {"SoTo": 1, "SoThua": 1}}))


def test_coordinate_systems_that_cannot_be_right(refusal, take, tmp_path):
    degrees_as_metres = write(tmp_path / "a.gpkg", crs.to_wgs84(lots()), columns(), None, crs=VN2000_METRES)
    sentence = refusal(degrees_as_metres)
    assert "declared as metres" in sentence
    assert "EPSG:4326" in sentence
    assert take(degrees_as_metres, crs="EPSG:4326")["counts"]["new"] == 3
    metres_as_degrees = write(tmp_path / "b.gpkg", lots(), columns(), None, crs="EPSG:4326")
    assert "declared as degrees" in refusal(metres_as_degrees)
    swapped = shapely.transform(crs.to_wgs84(lots()), lambda xy: xy[:, ::-1])
    assert "axes seem to be swapped" in refusal(write(tmp_path / "c.gpkg", swapped, columns(), None, crs="EPSG:4326"))
    # In Lai Châu's system these metres lie in Laos, 500 km west of where it is used.
    elsewhere = write(tmp_path / "d.gpkg", lots(), columns(), None, crs="EPSG:9218")
    assert "lie outside the area in which EPSG:9218" in refusal(elsewhere)
    far = shapely.box([102.2], [22.2], [102.21], [22.21])
    assert "too far from the meridian" in refusal(write(tmp_path / "e.gpkg", far, columns(1), None, crs="EPSG:4326"))


def test_systems_that_are_unknown_faulty_missing_or_of_another_planet(refusal, tmp_path):
    path = write(tmp_path / "a.gpkg", lots(), columns(), VN2000_METRES)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE gpkg_contents SET srs_id = -1")
        database.execute("UPDATE gpkg_geometry_columns SET srs_id = -1")
    database.close()
    assert "no coordinate system of the map" in refusal(path)
    assert "“EPSG:123456” is not known" in refusal(path, crs="EPSG:123456")
    assert "Give EPSG:5899 instead" in refusal(path, crs="6959")
    assert "no coordinate system of the map" in refusal(path, crs="EPSG:5773")
    assert "no coordinate system of the map" in refusal(path, crs="IAU_2015:30100")


def test_every_row_refused_says_why_for_each_kind(refusal, tmp_path):
    rows = [feature({"type": "Point", "coordinates": [106.9, 20.9]}), feature(None), feature(lot(), SoTo=None)]
    sentence = refusal(geojson(tmp_path / "a.geojson", *rows))
    assert "none of the 3 rows can be taken" in sentence
    assert "1 × The position is not an area but a point." in sentence
    assert "1 × The sheet number is missing. (first in row 3)" in sentence


def test_options_that_make_no_sense(refusal, tmp_path):
    path = geojson(tmp_path / "a.geojson", feature(lot()))
    assert "YYYY-MM-DD" in refusal(path, valid_from="1/5/2026")
    assert "FIELD=NAME" in refusal(path, column=["sheet"])
    assert "no layer “b”" in refusal(path, layer="b")
    assert "cannot be written" in refusal(path, report=tmp_path / "no" / "report.csv")


def command(*arguments, **environment):
    """The command as people run it, in a process of its own."""
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "import_parcels", *map(str, arguments)],
        env={**os.environ, "LC_ALL": "C.UTF-8", **environment}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_on_the_command_line_an_error_is_one_line_and_an_exit_code(tmp_path):
    done = command(tmp_path / "nowhere.geojson", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["problem"] == "missing"
    assert re.fullmatch(r"CommandError: nowhere\.geojson: the file does not exist\. Check the path\.\n", done.stderr)
    no_database = "postgresql://nobody@127.0.0.1:9/nowhere"
    done = command(geojson(tmp_path / "a.geojson", feature(lot())), "--json", DATABASE_URL=no_database)
    assert (done.returncode, done.stdout.count("Traceback"), done.stderr.count("\n")) == (5, 0, 1)
    assert json.loads(done.stdout)["error"]["code"] == "unavailable"
    vietnamese = command(tmp_path / "nowhere.geojson", LC_ALL="vi_VN.UTF-8")
    assert vietnamese.returncode == 2


@pytest.mark.django_db
def test_nothing_of_all_this_is_left_behind():
    assert not Parcel.objects.exists()
    assert not ImportRun.objects.exists()
    assert not ImportIssue.objects.exists()


def test_only_some_rows_in_impossible_places_are_refused_alone(take, tmp_path):
    rows = [feature(lot(n), SoThua=n) for n in range(3)]
    far = in_system(lots(1), "EPSG:4326")
    far = shapely.transform(far, lambda xy: xy - np.array([0, 80]))
    rows.append(feature(json.loads(shapely.to_geojson(far[0])), SoThua=9))
    huge = [[[1e9, 1e9], [2e9, 1e9], [2e9, 2e9], [1e9, 1e9]]]
    rows.append(feature({"type": "Polygon", "coordinates": huge}, SoThua=10))
    report = take(geojson(tmp_path / "a.geojson", *rows))
    assert report["counts"]["taken"] == 4
    assert [(r["row"], r["code"]) for r in report["refused"]] == [(5, "outside")]
    assert "1 parcel lies outside Viet Nam, near 59.1° S 106.9° E" in report["warnings"][0]


def test_a_shapefile_that_was_cut_off_is_refused_as_a_whole(refusal, tmp_path):
    for part in (".shp", ".dbf", ".shx"):
        path = write(tmp_path / f"cut{part[1:]}.shp", lots(20), columns(20), VN2000_METRES)
        whole = path.with_suffix(part).read_bytes()
        path.with_suffix(part).write_bytes(whole[: len(whole) // 2])
        assert f"its part {part} is shorter than it says itself" in refusal(path)


def test_parts_of_two_exports_are_no_shapefile(refusal, tmp_path):
    one = write(tmp_path / "one.shp", lots(3), columns(3), VN2000_METRES)
    two = write(tmp_path / "two.shp", lots(5), columns(5), VN2000_METRES)
    one.with_suffix(".dbf").write_bytes(two.with_suffix(".dbf").read_bytes())
    assert "3 shapes and .dbf 5 rows" in refusal(one)
