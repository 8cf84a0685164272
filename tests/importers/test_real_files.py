"""Files that other people made."""

import pytest

from layers.parcels.models import Parcel

WARDS = "cadastral/vn_danang_parcels_haichau"


@pytest.mark.long
def test_a_whole_cadastre_goes_in_once_and_a_second_time_changes_nothing(take, shared_data):
    files = sorted(shared_data(WARDS).glob("*.geojson"))
    first = take(*files)
    assert first["counts"] == {
        "rows": 10144, "taken": 10144, "refused": 0, "new": 10144, "changed": 0, "unchanged": 0, "repaired": 3,
        "remarks": 3 + 29 + 3,
    }  # fmt: skip
    codes = [remark["code"] for remark in first["remarks"]]
    assert (codes.count("repaired"), codes.count("duplicate_number")) == (3, 29)
    assert {r["parcel"] for r in first["remarks"] if r["code"] == "repaired"} == {
        "20239-10-283", "20248-1-5002", "20251-5-5001",
    }  # fmt: skip
    # The larger of two parcels with one number keeps the plain code.
    larger, smaller = Parcel.objects.filter(sheet="12", number="5000", commune_code="20239").order_by("suffix")
    assert (larger.code, smaller.code) == ("20239-12-5000", "20239-12-5000-2")
    assert larger.area_measured_m2 > smaller.area_measured_m2
    assert Parcel.objects.filter(land_use_codes=["ODT", "CLN"]).count() == 37 + 55 + 35
    rows = set(Parcel.objects.values_list("pk", "code", "recorded_during"))
    again = take(*reversed(files))
    assert (again["counts"]["new"], again["counts"]["changed"], again["counts"]["unchanged"]) == (0, 0, 10144)
    assert set(Parcel.objects.values_list("pk", "code", "recorded_during")) == rows


def test_new_york_is_taken_and_the_place_is_named(take, shared_data):
    report = take(shared_data("cadastral/us_nyc_pluto_geojson/pluto.geojson"))
    assert (report["counts"]["new"], report["counts"]["refused"]) == (2000, 0)
    assert "40.7° N 73.9° W" in report["warnings"][0]
    assert set(report["files"][0]["personal_not_read"]) == {"OwnerName", "Address"}
    assert Parcel.objects.get(code="BK-5983-66").land_use_codes == ["01"]


@pytest.mark.parametrize(
    ("path", "options", "sentence"),
    [
        ("bad/zip_slip/zip-slip.zip", {}, "leads out of it"),
        ("bad/zip_slip/zip-slip.tar", {}, "leads out of it"),
        ("bad/pyshp_corrupt/empty_zipfile.zip", {}, "holds no data set"),
        ("bad/pyshp_corrupt/latin1.shp", {}, "the part .shx of the shapefile is missing"),
        ("bad/pyshp_corrupt/corrupt_too_long.shp", {}, "the part .prj of the shapefile is missing"),
        ("bad/fiona_data/test_tin.shp", {"crs": "EPSG:5899", "column": ["sheet=id", "number=id"]}, "rows can be taken"),
        ("bad/fiona_data/example.topojson", {}, "TopoJSON"),
        ("bad/fiona_data/testopenfilegdb.gdb.zip", {}, "several layers: point, multipoint"),
        ("bad/fiona_data/multicurve.gml", {}, "no column was recognised"),
        ("bad/fiona_data/coutwildrnp.zip", {}, "STATE_FIPS"),
        ("bad/pyogrio_curves/sample.osm.pbf", {}, "extract of OpenStreetMap"),
        ("bad/geojson_fixtures/point.geojson", {}, "no column was recognised"),
        ("cadastral/dgn_v7/out.dgn", {}, "no column was recognised"),
        ("cadastral/in_edcr_dxf/test3.dxf", {"column": ["sheet=Layer"]}, "does not say which coordinate system"),
        ("cadastral/nl_brk_gml/kadastralekaart_perceel.gml", {}, "perceelnummer"),
        ("bad/pyshp_corrupt/latin1.dbf", {}, "table of a shapefile"),
        ("bad/geos_valid_xml/TestValid.xml", {}, "the content is not GeoJSON"),
        ("bad/mvt_fixtures/mvt-fixtures-4.0.0-part.tgz", {}, "another archive"),
        ("bad/xplan_invalid_gml/curve.gml", {}, "no features"),
        ("bad/xplan_invalid_gml/multiSurface-intersection.gml", {}, "no features"),
        ("bad/xplan_invalid_gml/selfIntersectingRing.gml", {}, "no features"),
        (
            "bad/cnig_encodings/AC2_ASSIETTE_SUP_S_014_latin1.csv",
            {"column": ["sheet=IdAss", "number=modeGeoAss"]},
            "not in the encoding",
        ),
        ("cadastral/es_catastro_inspire/parcel.gpkg", {}, "nationalCadastralReference"),
    ],
)
def test_files_that_cannot_be_taken_say_why(refusal, shared_data, path, options, sentence):
    assert sentence in refusal(shared_data(path), commune="07001", **options)
