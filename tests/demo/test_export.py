"""The city as files: what an office would hand over, in any system and any encoding of old."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely
from django.core.management import CommandError, call_command

from demo.city import draw_city
from demo.operations import CENTRE_LON_LAT
from gisplatform import clock
from gisplatform.crs import REGISTER_ZONE, ZONES, to_register, to_wgs84, wgs84_to_register
from importers import legacy_text
from layers.parcels.models import Parcel
from tests.conftest import ROOT

PARCELS = 500
LAYERS = {
    "parcels", "buildings", "streets", "addresses", "places", "waters", "railways", "administrative_units", "plans",
    "zones", "plan_lines", "network_nodes", "network_edges", "cameras",
}  # fmt: skip


def export(folder: Path, **options) -> Path:
    call_command("make_demo_city", parcels=PARCELS, out=folder, **options)
    return folder


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(tmp_path_factory.mktemp("files") / "gpkg") / "demo_city.gpkg"


def read(file: Path, layer: str | None = None) -> tuple[dict, dict[str, np.ndarray], np.ndarray]:
    about, _, geometry, values = pyogrio.raw.read(file, layer=layer)
    return about, dict(zip(about["fields"], values, strict=True)), shapely.from_wkb(geometry)


def test_a_geopackage_has_a_layer_for_each_register_and_says_that_it_is_invented(package):
    assert {str(name) for name, _ in pyogrio.list_layers(package)} == LAYERS
    assert sorted(file.name for file in package.parent.iterdir()) == [
        "README.txt", "aerial.tif", "demo_city.gpkg", "terrain.tif"
    ]  # fmt: skip
    assert "(giả lập)" in (package.parent / "README.txt").read_text(encoding="utf-8")
    about, columns, shapes = read(package, "parcels")
    assert about["crs"] == f"EPSG:{REGISTER_ZONE.epsg}"
    assert len(shapes) == PARCELS
    assert shapely.coverage_is_valid(shapely.get_geometry(shapes, 0))
    assert set(columns) >= {"MAXA", "SHBANDO", "SHTHUA", "KHLOAIDAT", "DIENTICHPL", "TENXA"}
    assert "ODT" in columns["KHLOAIDAT"]
    assert all("(giả lập)" in name for name in columns["TENXA"])
    _, zones, _ = read(package, "zones")
    _, plans, _ = read(package, "plans")
    assert set(zones["MADOAN"]) <= set(plans["MADOAN"])
    assert set(plans["TRANGTHAI"]) == {"adopted", "draft", "consultation", "superseded"}
    _, edges, _ = read(package, "network_edges")
    _, nodes, _ = read(package, "network_nodes")
    assert set(edges["NUTDAU"]) | set(edges["NUTCUOI"]) <= set(nodes["MASO"])


def test_the_same_city_is_the_same_file(package, tmp_path):
    again = export(tmp_path / "again")
    for file in package.parent.iterdir():
        assert file.read_bytes() == (again / file.name).read_bytes(), file.name


@pytest.mark.parametrize("file_format", ["shp", "geojson", "fgb", "csv"])
def test_other_formats_hold_the_same_rows(package, tmp_path, file_format):
    folder = export(tmp_path / "out", format=file_format, without="rasters")
    assert {file.stem for file in folder.glob(f"*.{file_format}")} == LAYERS
    assert not list(folder.glob(".*"))
    for layer in ("parcels", "streets", "network_edges"):
        _, columns, shapes = read(package, layer)
        if file_format == "csv":
            lines = (folder / f"{layer}.csv").read_text(encoding="utf-8").splitlines()
            assert len(lines) == len(shapes) + 1
            assert lines[0].endswith('"WKT"')
            continue
        about, others, copies = read(folder / f"{layer}.{file_format}")
        assert about["crs"] == f"EPSG:{REGISTER_ZONE.epsg}"
        assert len(copies) == len(shapes)
        assert shapely.area(copies).sum() == pytest.approx(shapely.area(shapes).sum())
        texts = [name for name, values in columns.items() if values.dtype == object]
        # A shapefile has no empty text.
        assert {name: {value or "" for value in others[name]} for name in texts} == {
            name: {value or "" for value in columns[name]} for name in texts
        }


@pytest.mark.parametrize("epsg", [4326, *sorted(ZONES)])
def test_every_meridian_leads_back_to_the_same_place(package, tmp_path, epsg):
    folder = export(tmp_path / "out", format="shp", epsg=epsg, without="rasters,networks,buildings,addresses")
    about, _, shapes = read(folder / "streets.shp")
    _, _, here = read(package, "streets")
    back = to_register(shapes, pyproj.CRS.from_user_input(about["crs"]))
    moved_m = np.abs(shapely.get_coordinates(back) - shapely.get_coordinates(here)).max()
    assert moved_m < 0.001


@pytest.mark.parametrize("encoding", ["tcvn3", "vni", "viscii", "cp1258"])
def test_a_shapefile_holds_the_bytes_of_the_old_encoding(package, tmp_path, encoding):
    folder = export(tmp_path / "out", format="shp", encoding=encoding, without="rasters,networks")
    _, columns, _ = read(package, "streets")
    raw = (folder / "streets.dbf").read_bytes()
    for name in set(columns["TENDUONG"]):
        assert legacy_text.encode(name, encoding) in raw
    declared = folder / "streets.cpg"
    assert (declared.read_text() if declared.exists() else None) == ("1258" if encoding == "cp1258" else None)


@pytest.mark.parametrize(("encoding", "name"), [("tcvn3", "TCVN5712-1"), ("viscii", "VISCII")])
def test_our_letters_are_those_of_the_c_library(encoding, name):
    text = "Đường Trăng Non, ngõ Ốc: ệ ỡ ữ ỵ ằ ẫ ẳ" if encoding == "viscii" else "Đường Trăng Non, Ôm: ệ ỡ ữ ỵ ằ ẫ ẳ"
    done = subprocess.run(
        ["iconv", "-f", name, "-t", "UTF-8"], input=legacy_text.encode(text, encoding), capture_output=True, check=True
    )
    assert done.stdout.decode() == text


def test_a_letter_that_an_encoding_does_not_have_is_no_silent_question_mark():
    with pytest.raises(UnicodeEncodeError):
        legacy_text.encode("猫", "vni")
    # TCVN3 has no capital É: its fonts drew the small letter large.
    assert legacy_text.encode("Én", "tcvn3") == legacy_text.encode("én", "tcvn3")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "options", [{"format": "shp"}, {"format": "shp", "epsg": 9210}, {"format": "geojson", "epsg": 4326}]
)
def test_the_exported_parcels_come_in_through_the_import(tmp_path, options):
    folder = export(tmp_path / "out", without="rasters,networks,buildings", **options)
    call_command("import_parcels", str(folder / f"parcels.{options['format']}"))
    assert Parcel.objects.count() == PARCELS
    city = draw_city(PARCELS, 1, wgs84_to_register(*CENTRE_LON_LAT), clock.today())
    extent = shapely.union_all(shapely.from_wkb([bytes(parcel.boundary.wkb) for parcel in Parcel.objects.all()]))
    assert shapely.covers(shapely.buffer(city.units.province, 0.01), extent)
    assert Parcel.objects.filter(land_use_codes=["ODT"]).exists()


def test_no_database_is_needed(tmp_path):
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "make_demo_city", "--parcels", "500", "--out", str(tmp_path / "out"),
         "--without", "rasters,networks"],
        env={**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nowhere", "LANG": "C.UTF-8"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "demo_city.gpkg").exists()


def test_what_cannot_be_written_is_refused_in_one_sentence(tmp_path):
    for options, words in (
        ({"epsg": 3857}, "neither WGS 84"),
        ({"encoding": "vni"}, "Only shapefiles"),
        ({"without": "nothing"}, "no registers nothing"),
    ):
        with pytest.raises(CommandError, match=words):
            export(tmp_path / "out", **options)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a.txt").write_text("mine")
    with pytest.raises(CommandError, match="not empty"):
        export(tmp_path / "full")
    assert [file.name for file in (tmp_path / "full").iterdir()] == ["a.txt"]


def test_places_are_where_the_city_stands(package):
    _, _, shapes = read(package, "parcels")
    lon, lat = shapely.get_coordinates(to_wgs84(shapely.centroid(shapely.union_all(shapes))))[0]
    assert (lon, lat) == pytest.approx(CENTRE_LON_LAT, abs=0.02)
