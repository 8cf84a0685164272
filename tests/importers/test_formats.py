"""The same lots in every format, meridian and encoding that a land office sends."""

import json
import sqlite3
import zipfile

import numpy as np
import pyogrio.raw
import pytest
import shapely

from gisplatform import crs
from gisplatform.registers import history_may_go
from importers.models import ImportIssue, ImportRun
from layers.parcels.models import Parcel
from tests.importers.conftest import VN2000_METRES, columns, feature, geojson, in_system, lot, lots, write

SYSTEMS = ["EPSG:4326", VN2000_METRES, "EPSG:5897", "EPSG:9210", "EPSG:3405", "EPSG:4756"]
# As a GIS desktop writes a meridian that its lists do not have: no code, Esri's names.
OWN_PRJ = (
    'PROJCS["VN2000_QuangNinh_107_45",GEOGCS["GCS_VN_2000",DATUM["D_Vietnam_2000",SPHEROID["WGS_1984",6378137.0,'
    '298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
    'PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",107.75],'
    'PARAMETER["Scale_Factor",0.9999],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)


def furthest_m(expected: np.ndarray) -> float:
    """The largest distance between the stored boundaries, in the order of numbers, and the expected ones."""
    stored = [
        shapely.from_wkb(bytes(b.wkb)) for b in Parcel.objects.order_by("number").values_list("boundary", flat=True)
    ]
    assert len(stored) == len(expected)
    return float(shapely.hausdorff_distance(np.array(stored), expected).max())


def zipped(folder, stem, target):
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in folder.glob(f"{stem}.*"):
            archive.write(part, f"ranh thua/{part.name}")
    return target


@pytest.mark.parametrize("ending", ["geojson", "shp", "zip", "gpkg"])
def test_every_format_brings_the_same_parcels(take, tmp_path, ending):
    path = write(tmp_path / f"thua.{ending.replace('zip', 'shp')}", lots(), columns())
    if ending == "zip":
        path = zipped(tmp_path, "thua", tmp_path / "gui-so.zip")
    report = take(path)
    assert report["counts"] == {
        "rows": 3, "taken": 3, "refused": 0, "new": 3, "changed": 0, "unchanged": 0, "repaired": 0, "remarks": 0,
    }  # fmt: skip
    parcel = Parcel.objects.get(code="07001-12-2")
    assert parcel.land_use_codes == ["ODT"]
    assert parcel.area_document_m2 == 99.5
    assert parcel.area_measured_m2 == pytest.approx(100, abs=0.01)
    assert furthest_m(lots()) < 0.001
    run = ImportRun.objects.get()
    assert (run.file_names, run.counts["new"]) == ([path.name], 3)


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_parcel_lands_in_the_same_place_whatever_the_meridian(take, tmp_path, system):
    take(write(tmp_path / "thua.gpkg", lots(), columns(), system))
    assert furthest_m(lots()) < 0.001


def test_a_projection_file_without_a_code_is_understood(take, tmp_path):
    path = write(tmp_path / "thua.shp", lots(), columns(), VN2000_METRES)
    path.with_suffix(".prj").write_text(OWN_PRJ)
    take(path)
    assert furthest_m(lots()) < 0.001


def test_the_same_parcels_in_another_format_change_nothing(take, tmp_path):
    # A shapefile turns its rings the other way round; that is no change of the parcel.
    take(write(tmp_path / "thua.gpkg", lots(), columns(), VN2000_METRES))
    counts = take(write(tmp_path / "thua.shp", shapely.reverse(lots()), columns(), VN2000_METRES))["counts"]
    assert (counts["new"], counts["changed"], counts["unchanged"]) == (0, 0, 3)


def test_geojson_in_metres_names_its_system_and_a_person_may_know_better(take, refusal, tmp_path):
    [metres] = in_system(lots(1), VN2000_METRES)
    square = feature(json.loads(shapely.to_geojson(metres)))
    named = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::5899"}}
    take(geojson(tmp_path / "a.geojson", square, crs=named))
    assert furthest_m(lots(1)) < 0.001
    # GDAL would take WGS 84 in silence for a name that it does not know.
    unknown = geojson(tmp_path / "b.geojson", square, crs={"type": "name", "properties": {"name": "EPSG:99999"}})
    assert "EPSG:99999" in refusal(unknown)
    report = take(unknown, crs="EPSG:5899")
    assert report["counts"]["unchanged"] == 1
    assert "EPSG:99999" in report["warnings"][0]


def test_text_comes_through_whatever_its_encoding(take, tmp_path):
    # GDAL loses the last letter of every CP1258 text (seen with 3.12), so bytes are decoded here.
    attributes = {"Số tờ": np.array(["Ấp Đông"], dtype=object), "SoThua": np.array(["7Đ"], dtype=object)}
    for encoding in ("UTF-8", "CP1258"):
        path = write(tmp_path / f"{encoding}.shp", lots(1), attributes, encoding=encoding)
        dbf = path.with_suffix(".dbf").read_bytes()
        assert "Đ".encode(encoding) in dbf
        take(path, commune="07001")
        assert list(Parcel.objects.values_list("code", flat=True)) == ["07001-Ấp Đông-7Đ"]
        with history_may_go():
            Parcel.objects.all().delete()
        path.with_suffix(".cpg").unlink()
        take(path, commune="07001", encoding=encoding)
        assert list(Parcel.objects.values_list("code", flat=True)) == ["07001-Ấp Đông-7Đ"]
        with history_may_go():
            Parcel.objects.all().delete()


def test_undeclared_bytes_that_are_not_utf8_are_asked_about(refusal, tmp_path):
    path = write(tmp_path / "a.shp", lots(1), {"SoTo": np.array(["Đông"], dtype=object), "SoThua": np.array([1])},
                 encoding="CP1258")  # fmt: skip
    path.with_suffix(".cpg").unlink()
    assert "--encoding" in refusal(path, commune="07001")
    assert "“klingon” is not known" in refusal(path, commune="07001", encoding="klingon")
    raw = json.dumps({"type": "FeatureCollection", "features": [feature(lot(), SoTo="Z")]}).replace('"Z"', '"\xd4"')
    (tmp_path / "b.geojson").write_bytes(raw.encode("latin-1"))
    assert "--encoding" in refusal(tmp_path / "b.geojson")


def test_column_names_are_found_in_any_habit_of_writing(take, tmp_path):
    for number, names in enumerate([("SO_TO", "Số thửa", "ma_xa"), ("shbando", "SHTHUA", "XAID")], start=1):
        properties = dict(zip(names, (5, number, "07001"), strict=True))
        bare = {"type": "Feature", "properties": properties, "geometry": lot(number)}
        take(geojson(tmp_path / f"{number}.geojson", bare))
    assert set(Parcel.objects.values_list("code", flat=True)) == {"07001-5-1", "07001-5-2"}


def test_a_person_names_the_columns_and_owners_stay_in_the_file(take, refusal, tmp_path):
    row = {
        "type": "Feature",
        "geometry": lot(),
        "properties": {"a": 12, "b": 3.0, "TenChu": "Nguyễn Văn A", "DIACHI": "x"},
    }
    path = geojson(tmp_path / "a.geojson", row)
    assert "sheet, number" in refusal(path, commune="07001")
    assert "a, b, TenChu" in refusal(path, commune="07001")
    report = take(path, commune="07001", column=["sheet=A", "number=b"])
    assert report["files"][0]["columns"] == {"sheet": "a", "number": "b"}
    assert report["files"][0]["personal_not_read"] == ["TenChu", "DIACHI"]
    assert Parcel.objects.get().code == "07001-12-3"
    assert "Nguyễn" not in json.dumps(report, ensure_ascii=False)
    assert "“sheet=c”" not in refusal(path, commune="07001", column=["sheet=c", "number=b"])
    assert "not a field" in refusal(path, commune="07001", column=["owner=TenChu"])


def test_the_commune_comes_from_the_option_before_the_file_and_that_is_said(take, refusal, tmp_path):
    path = geojson(tmp_path / "a.geojson", feature(lot()))
    report = take(path, commune="07002")
    assert Parcel.objects.get().commune_code == "07002"
    assert [remark["code"] for remark in report["remarks"]] == ["commune_replaced"]
    assert "no commune code" in refusal(path, commune="Phường 1")


def test_land_use_is_split_and_unknown_codes_are_counted(take, tmp_path):
    rows = [
        feature(lot(0), SoThua=1, LoaiDat="odt + cln"),
        feature(lot(1), SoThua=2, LoaiDat="ODT/XYZ"),
        feature(lot(2), SoThua=3, LoaiDat="XYZ;LUC,ODT"),
        feature(lot(3), SoThua=4, LoaiDat="Đất ở tại đô thị"),
        feature(lot(4), SoThua=5, LoaiDat=None),
    ]
    report = take(geojson(tmp_path / "a.geojson", *rows))
    stored = dict(Parcel.objects.values_list("number", "land_use_codes"))
    assert stored == {"1": ["ODT", "CLN"], "2": ["ODT", "XYZ"], "3": ["XYZ", "LUC", "ODT"], "4": [], "5": []}
    said = {(remark["code"], remark["row"]): remark["message"] for remark in report["remarks"]}
    assert "XYZ × 2" in said["land_use_unknown", 2]
    assert "Đất ở tại đô thị" in said["land_use_unreadable", 4]


def test_codes_are_judged_by_the_day_from_which_the_rows_have_effect(take, tmp_path):
    # DTS is a code of the repealed table.
    path = geojson(tmp_path / "a.geojson", feature(lot(), LoaiDat="DTS"))
    assert [remark["code"] for remark in take(path, dry_run=True)["remarks"]] == ["land_use_not_in_force"]
    assert take(path, dry_run=True, valid_from="2020-05-01")["remarks"] == []


def test_areas_in_text_are_read_and_nonsense_is_said(take, tmp_path):
    areas = ["71,5", "1,071.25", "120 m2", "about 80", -5, 0]
    rows = [feature(lot(n), SoThua=n, DienTich=str(area)) for n, area in enumerate(areas)]
    report = take(geojson(tmp_path / "a.geojson", *rows))
    stored = Parcel.objects.order_by("number").values_list("area_document_m2", flat=True)
    assert list(stored) == [71.5, 1071.25, 120, None, None, None]
    assert [(remark["code"], remark["row"]) for remark in report["remarks"]] == [
        ("area_unreadable", 4), ("area_unreadable", 5),
    ]  # fmt: skip


def test_a_geopackage_with_several_layers_needs_a_choice(take, refusal, tmp_path):
    path = write(tmp_path / "a.gpkg", lots(), columns(), layer="thua")
    write(path, lots(1), columns(1), layer="ranh", append=False)
    assert "thua, ranh" in refusal(path)
    assert "no layer “nha”" in refusal(path, layer="nha")
    assert take(path, layer="thua")["counts"]["new"] == 3


def test_a_zip_with_several_data_sets_needs_a_choice(take, refusal, tmp_path):
    write(tmp_path / "to1.shp", lots(), columns())
    write(tmp_path / "to2.geojson", lots(1), columns(1))
    with zipfile.ZipFile(tmp_path / "both.zip", "w") as archive:
        for part in [*tmp_path.glob("to1.*"), tmp_path / "to2.geojson"]:
            archive.write(part, part.name)
    assert "several layers" in refusal(tmp_path / "both.zip")
    assert take(tmp_path / "both.zip", layer="to2")["counts"]["new"] == 1
    assert take(tmp_path / "both.zip", layer="to1")["counts"]["new"] == 2


def test_a_table_without_positions_beside_the_layer_does_not_disturb(take, tmp_path):
    path = write(tmp_path / "a.gpkg", lots(), columns())
    pyogrio.raw.write(path, None, [np.array([1])], np.array(["x"], dtype=object), geometry_type=None, layer="notes",
                      append=False)  # fmt: skip
    assert take(path)["counts"]["new"] == 3


def test_a_geopackage_left_in_write_ahead_mode_is_only_read(take, refusal, tmp_path):
    path = write(tmp_path / "a.gpkg", lots(), columns())
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode=WAL")
    database.close()
    before = path.read_bytes()
    take(path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.gpkg"]
    # Somebody has it open and has not closed it: what is on the disk is not all.
    (tmp_path / "a.gpkg-wal").write_bytes(b"changes")
    assert "still open" in refusal(path)


def test_a_name_full_of_signs_is_only_a_name(take, tmp_path):
    # Some libraries read `!`, `|` and `?` in a path as instructions.
    path = write(tmp_path / "plain.geojson", lots(), columns())
    odd = path.rename(tmp_path / "!thửa đất|layer=x?y#1 'GPKG:z'.json")
    assert take(odd)["counts"]["new"] == 3
    assert ImportIssue.objects.count() == 0


def test_heights_and_multi_polygons_are_taken(take, tmp_path):
    solid = shapely.force_3d(shapely.multipolygons([lots(3)[[0, 2]]]), 5.0)
    write(tmp_path / "a.gpkg", np.array(solid), columns(1), VN2000_METRES, geometry_type="MultiPolygon Z")
    take(tmp_path / "a.gpkg")
    [boundary] = Parcel.objects.values_list("boundary", flat=True)
    assert (boundary.num_geom, boundary.hasz, round(boundary.area, 3)) == (2, False, 200)


def test_wgs84_and_vn2000_of_one_parcel_agree_within_a_millimetre(take, tmp_path):
    lon, lat = crs.zone_to_wgs84(crs.REGISTER_ZONE, 500000.0, 2310000.0)
    around = shapely.box(lon, lat, lon + 1e-4, lat + 1e-4)
    take(geojson(tmp_path / "a.geojson", feature(json.loads(shapely.to_geojson(around)))))
    [boundary] = Parcel.objects.values_list("boundary", flat=True)
    assert (boundary.extent[0], boundary.extent[1]) == pytest.approx((500000.0, 2310000.0), abs=0.001)
