"""Every format that an office sends, opened in the closed process: made here, and by others (shared/data)."""

import json
import shutil
import struct
import subprocess
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ezdxf
import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import pytest
import shapely

from gisplatform import crs
from gisplatform.errors import InvalidInput
from importers.readers import ReadFile, Wanted, look, read
from layers.parcels.models import Parcel
from tests.importers.conftest import VN2000_METRES, columns, feature, geojson, lots, write
from tests.importers.test_formats import furthest_m

ANYTHING = Wanted("parcel_columns", (), {}, crs_given=True)


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., tuple[ReadFile, pa.Table, np.ndarray]]:
    """A function that reads a file and returns what is said of it, its rows, and their positions."""

    def run(path: Path, **wanted: Any) -> tuple[ReadFile, pa.Table, np.ndarray]:
        folder = tmp_path / f"rows{len(list(tmp_path.glob('rows*')))}"
        folder.mkdir()
        found = read(path, Wanted(**{**ANYTHING.__dict__, **wanted}), folder, lambda rows: None)
        table = found.batches().read_all()
        return found, table, shapely.from_wkb(table["boundary"].to_numpy())

    return run


def gml(path: Path) -> Path:
    """INSPIRE-like: a boundary, then the point of the label; the system by its formal name, so north comes first."""
    members = []
    for number, lot in enumerate(crs.to_wgs84(lots()), 1):
        corners = " ".join(f"{lat:.10f} {lon:.10f}" for lon, lat in lot.exterior.coords)
        members.append(
            f'<member><cp:CadastralParcel gml:id="p{number}"><cp:boundedBy/><cp:geometry><gml:MultiSurface srsName='
            f'"urn:ogc:def:crs:EPSG::4326"><gml:surfaceMember><gml:Polygon><gml:exterior><gml:LinearRing><gml:posList>'
            f"{corners}</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember>"
            f"</gml:MultiSurface></cp:geometry><cp:id><cp:MaXa>07001</cp:MaXa><cp:SoTo>12</cp:SoTo></cp:id>"
            f"<cp:SoThua>{number}</cp:SoThua><cp:LoaiDat>ODT</cp:LoaiDat><cp:DienTich>99.5</cp:DienTich>"
            f"<cp:referencePoint><gml:Point><gml:pos>1 1</gml:pos></gml:Point></cp:referencePoint>"
            "</cp:CadastralParcel></member>"
        )
    path.write_text(
        '<?xml version="1.0"?><FeatureCollection xmlns="http://www.opengis.net/wfs/2.0" xmlns:cp="urn:x:cp" '
        f'xmlns:gml="http://www.opengis.net/gml/3.2">{"".join(members)}</FeatureCollection>'
    )
    return path


def dxf(path: Path) -> Path:
    """Outlines, a label of three texts in each, a hatch over one of them, and a frame with the sheet's title."""
    drawing = ezdxf.new("R2010")
    space = drawing.modelspace()
    for number, lot in enumerate(lots(), 1):
        corners = list(lot.exterior.coords)
        space.add_lwpolyline(corners[:-1], close=True, dxfattribs={"layer": "RANH_THUA"})
        middle = lot.centroid
        for offset, (text, layer) in enumerate([("ODT", "NHAN"), (str(number), "NHAN"), ("99.5", "NHAN"),
                                                ("07001", "MaXa")]):  # fmt: skip
            space.add_text(text, dxfattribs={"layer": layer}).set_placement((middle.x, middle.y - offset))
    space.add_hatch().paths.add_polyline_path(list(lots()[0].exterior.coords)[:-1], is_closed=True)
    west, south, east, north = shapely.total_bounds(lots())
    frame = shapely.box(west - 50, south - 50, east + 50, north + 50)
    space.add_lwpolyline(list(frame.exterior.coords), dxfattribs={"layer": "KHUNG"})
    space.add_text("TỜ BẢN ĐỒ SỐ 12", dxfattribs={"layer": "KHUNG"}).set_placement((west, south - 20))
    drawing.saveas(path)
    return path


def landxml(path: Path) -> Path:
    points, parcels = [], []
    for number, lot in enumerate(lots(), 1):
        names = [f"{number}.{corner}" for corner in range(4)]
        points += [
            f'<CgPoint name="{name}">{y:.4f} {x:.4f}</CgPoint>'
            for name, (x, y) in zip(names, lot.exterior.coords, strict=False)
        ]
        lines = "".join(
            f'<Line><Start pntRef="{one}"/><End pntRef="{other}"/></Line>'
            for one, other in zip(names, names[1:] + names[:1], strict=True)
        )
        parcels.append(
            f'<Parcel number="{number}" sheet="12" commune="07001" LandUse="ODT" area_m2="99.5">'
            f"<CoordGeom>{lines}</CoordGeom></Parcel>"
        )
    path.write_text(
        '<LandXML xmlns="http://www.landxml.org/schema/LandXML-1.2"><Units><Metric linearUnit="meter"/></Units>'
        f'<CoordinateSystem epsgCode="5899"/><CgPoints>{"".join(points)}</CgPoints>'
        f"<Parcels>{''.join(parcels)}</Parcels></LandXML>"
    )
    return path


def rows_of_text() -> list[list[str]]:
    names = list(columns())
    values = [list(map(str, row)) for row in zip(*columns().values(), strict=True)]
    shapes = shapely.to_wkt(lots(), rounding_precision=4)
    return [[*names, "WKT"], *([*row, shape] for row, shape in zip(values, shapes, strict=True))]


def csv(path: Path) -> Path:
    path.write_text("\n".join(";".join(row).replace("99.5", "99,5") for row in rows_of_text()), encoding="utf-8-sig")
    return path


def xlsx(path: Path) -> Path:
    book = openpyxl.Workbook()
    book.active.append(["Sổ thửa đất"])
    for row in rows_of_text():
        book.active.append([float(cell) if cell == "99.5" else cell for cell in row])
    book.create_sheet("Ghi chú").append(["one column of notes"])
    book.save(path)
    return path


def geoparquet(path: Path) -> Path:
    about = {
        "version": "1.1.0",
        "primary_column": "ranh",
        "columns": {"ranh": {"encoding": "WKB", "crs": pyproj.CRS(VN2000_METRES).to_json_dict()}},
    }
    table = pa.table({**columns(), "ranh": shapely.to_wkb(lots())})
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(about)}), path)
    return path


def dgn(path: Path, *texts: str) -> Path:
    """Shapes on level 10 and, in their middles, labels on level 13, in units of a tenth of a millimetre."""
    if not shutil.which("ogr2ogr"):
        pytest.skip("ogr2ogr, which writes DGN, is not installed")
    members = [feature(json.loads(shapely.to_geojson(lot)), Level=10) for lot in lots(len(texts))]
    members += [
        feature(json.loads(shapely.to_geojson(lot.centroid)), Level=13, Text=text)
        for lot, text in zip(lots(len(texts)), texts, strict=True)
    ]
    source = geojson(path.with_suffix(".geojson"), *members)
    x, y = np.round(shapely.total_bounds(lots())[:2])
    units = ["-dsco", f"ORIGIN={-x},{-y},0", "-dsco", "SUB_UNITS=1", "-dsco", "UOR_PER_SUB_UNIT=10000"]
    subprocess.run(["ogr2ogr", "-f", "DGN", path, source, "-select", "Level,Text", *units], check=True, stderr=-3)
    return path


def through_gdal(path: Path) -> Path:
    return write(
        path, lots(), columns(), VN2000_METRES, driver={".gdb": "OpenFileGDB", ".fgb": "FlatGeobuf"}[path.suffix]
    )


def zipped_gdb(path: Path) -> Path:
    folder = through_gdal(path.with_suffix(".gdb"))
    with zipfile.ZipFile(path, "w") as archive:
        for part in folder.iterdir():
            archive.write(part, f"gui/thua.gdb/{part.name}")
    return path


def kml(path: Path) -> Path:
    return write(path, lots(), columns(), "EPSG:4326", driver="LIBKML")


@pytest.mark.parametrize(
    ("make", "name", "system"),
    [
        (gml, "GML", "EPSG:4326"),
        (kml, "KML", "EPSG:4326"),
        (zipped_gdb, "OpenFileGDB", VN2000_METRES),
        (through_gdal, "FlatGeobuf", VN2000_METRES),
        (geoparquet, "GeoParquet", VN2000_METRES),
        (landxml, "LandXML", VN2000_METRES),
        (csv, "CSV", None),
        (xlsx, "XLSX", None),
        (dxf, "DXF", None),
    ],
)
def test_each_format_brings_the_same_lots(take, tmp_path, make, name, system):
    endings = {zipped_gdb: ".zip", through_gdal: ".fgb"}
    path = make(tmp_path / f"thua{endings.get(make, '.' + make.__name__)}")
    # The name says nothing: the content decides.
    path = path.rename(tmp_path / "thua.dat")
    options = {} if system else {"crs": VN2000_METRES}
    if make is dxf:
        options["layer"] = "RANH_THUA"
    report = take(path, **options)
    assert report["counts"]["new"] == 3, report
    assert report["files"][0]["format"] == name
    assert furthest_m(lots()) < 0.001
    assert Parcel.objects.get(code="07001-12-2").land_use_codes == ["ODT"]
    assert set(Parcel.objects.values_list("area_document_m2", flat=True)) == {99.5}


def test_a_drawing_says_by_layer_what_stands_in_each_outline(opened, tmp_path):
    found, table, shapes = opened(dxf(tmp_path / "to12.dxf"), required=("sheet", "number"))
    # The frame is an outline too; a hatch over an outline is not a second one.
    assert found.rows == 4
    assert found.columns == {"commune": "MaXa", "sheet": "SoTo", "number": "SoThua", "land_use": "LoaiDat",
                             "area_document_m2": "DienTich"}  # fmt: skip
    assert table["number"].to_pylist() == ["1", "2", "3", None]
    assert set(table["sheet"].to_pylist()) == {"12"}
    assert set(found.unused) == {"Layer", "Text", "NHAN", "KHUNG"}
    assert shapely.area(shapes[:3]) == pytest.approx(100)
    with pytest.raises(InvalidInput, match="KHUNG, RANH_THUA"):
        opened(tmp_path / "to12.dxf", layer="NHA")


def test_a_binary_drawing_with_arcs_blocks_and_lines_only(opened, tmp_path):
    drawing = ezdxf.new("R2000")
    block = drawing.blocks.new("THUA")
    block.add_lwpolyline([(0, 0, 1), (10, 0, 0), (10, 10, 0), (0, 10, 0)], format="xyb", close=True)
    block.add_attdef("SoThua", (5, 5))
    for number in (1, 2):
        insert = drawing.modelspace().add_blockref("THUA", (2000 * number, 1000))
        insert.add_auto_attribs({"SoThua": str(number)})
    with (tmp_path / "a.dxf").open("wb") as file:
        drawing.write(file, fmt="bin")
    found, table, shapes = opened(tmp_path / "a.dxf")
    assert table["number"].to_pylist() == ["1", "2"]
    # A half circle of 5 m below the square; segments leave it by a millimetre.
    assert shapely.area(shapes) == pytest.approx(100 + np.pi * 25 / 2, abs=0.02)
    assert found.remarks == {"arcs": 2}
    drawing = ezdxf.new("R12")
    for line in [((0, 0), (10, 0)), ((10, 0), (10, 10)), ((10, 10), (0, 10)), ((0, 10), (0, 0)), ((5, 0), (5, 10))]:
        drawing.modelspace().add_line(*line)
    drawing.saveas(tmp_path / "b.dxf")
    found, _, shapes = opened(tmp_path / "b.dxf")
    assert (found.remarks, shapely.area(shapes).tolist()) == ({"made_of_lines": 2}, [50, 50])


def test_a_design_file_of_version_7_has_its_labels_as_columns(opened, tmp_path):
    found, table, shapes = opened(dgn(tmp_path / "a.dgn", *(f"ODT 12{n}" for n in (1, 2, 3))))
    assert (found.format, found.rows, found.crs) == ("DGN", 3, None)
    assert table["number"].to_pylist() == ["121", "122", "123"]
    assert table["land_use"].to_pylist() == ["ODT"] * 3
    assert shapely.hausdorff_distance(shapes, lots()).max() < 0.001


@pytest.mark.parametrize(
    ("start", "sentence"),
    [
        (b"AC1032\0\0\0", "SAVEAS"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "Dgn~Mf".encode("utf-16-le"), "MicroStation V7 DGN"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "Workbook".encode("utf-16-le"), "as .xlsx"),
        (b"\x03\x7a\x07\x1e" + struct.pack("<IHH", 1, 65, 10) + b"\0" * 60, "table of a shapefile"),
        (b"Rar!\x1a\x07\x01\0", "RAR or 7-Zip"),
        (b'{"type":"Topology","objects":{}}', "TopoJSON"),
        (b'<?xml version="1.0"?><osm version="0.6"></osm>', "OpenStreetMap"),
        (b"<LandXML><Units><Imperial linearUnit='foot'/></Units><Parcels><Parcel/></Parcels></LandXML>", "in “foot”"),
        (b"<kml></kml>", "no features"),
        (b"<kml><Placemark>", "damaged in line 1"),
        (b"<kml>" * 1000, "nested too deeply"),
        (
            b'<!DOCTYPE a [<!ENTITY a "aaaaaa"><!ENTITY b "&a;&a;&a;">]><kml><Placemark>&b;</Placemark></kml>',
            "entities",
        ),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd" [<!ENTITY % p SYSTEM "/etc/passwd"> %p;]><kml/>', "entities"),
        (b"  0\nSECTION\n  2\nHEADER\n  0\nENDSEC\n  0\nEOF\n", "no closed outline"),
        (b"PAR1" + b"\0" * 50, "cannot be read"),
        (b"fgb\x03fgb\0" + b"\xff" * 90, "cannot be read"),
    ],
)
def test_what_cannot_be_read_says_what_it_is_and_what_to_do(opened, tmp_path, start, sentence):
    (tmp_path / "a.dat").write_bytes(start)
    with pytest.raises(InvalidInput, match=sentence):
        opened(tmp_path / "a.dat")


def test_tables_of_every_habit(opened, tmp_path):
    habits = {
        "semicolons and commas": "SoTo;SoThua;X;Y\n12;1;411378,25;2312120,5\n12;2;;\n",
        "tabs": "SoTo\tSoThua\tLon\tLat\n12\t1\t411378.25\t2312120.5\n12\t2\t\t\n",
        "pipes, quotes and a line break": 'SoTo|SoThua|wkt\n12|"1"|"POINT (411378.25\n 2312120.5)"\n12|2|\n',
        "a sign of its system": "SoTo,SoThua,wkt\n12,1,SRID=5899;POINT (411378.25 2312120.5)\n12,2,\n",
    }
    for encoding in ("utf-8-sig", "utf-16"):
        for habit, text in habits.items():
            path = tmp_path / "a.csv"
            path.write_text(text, encoding=encoding)
            found, table, _ = opened(path, required=("sheet", "number"), shape="point")
            assert table["number"].to_pylist() == ["1", "2"], habit
            assert table["fault"].to_pylist() == [None, "missing"], habit
            point = shapely.from_wkb(table["boundary"][0].as_py())
            assert (point.x, point.y) == (411378.25, 2312120.5), habit
            assert found.crs == ("EPSG:5899" if "SRID" in text else None)


def test_positions_that_would_take_geos_down_are_only_bad_rows(opened, tmp_path):
    deep = "GEOMETRYCOLLECTION(" * 100_000 + "POINT(1 1)" + ")" * 100_000
    rows = [deep, "POLYGON " + "(" * 100_000, "POLYGON ((0 0,1 0", "CURVEPOLYGON (CIRCULARSTRING (0 0, 1 1, 2 0, 0 0))",
            "POLYGON ((0 0,1 0,1 1,0 0))", "see the paper", "POLYGON ((0 0, NaN 0, 1 1, 0 0))"]  # fmt: skip
    path = tmp_path / "a.csv"
    path.write_text("wkt|SoThua\n" + "\n".join(f"{row}|{number}" for number, row in enumerate(rows)))
    _, table, _ = opened(path)
    faults = table["fault"].to_pylist()
    assert faults[:6] == ["type:7", "unreadable", "unreadable", "curved", None, "unreadable"]
    assert faults[6] in ("not_finite", "unreadable")


def test_files_that_grow_when_they_are_opened_are_refused(opened, tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
        book.writestr("xl/worksheets/sheet1.xml", b" " * (80 << 20))
    with pytest.raises(InvalidInput, match="unpacks to more than is allowed"):
        opened(tmp_path / "bomb.xlsx")


REAL = [
    # path, layer, format, coordinate system, rows, rows with an area, area in the file's units (None: not looked at)
    ("cadastral/nl_brk_gml/kadastralekaart_perceel.gml", None, "GML", "EPSG:28992", 11, 11, 9615),
    ("cadastral/nl_brk_gml/kadastralekaart_kadastralegrens.gml", None, "GML", "EPSG:28992", 10, 0, None),
    ("cadastral/nl_brk_gml/kadastralekaart_pand.gml", None, "GML", None, 22, 22, 3499),
    ("cadastral/nl_brk_gml/sample.zip", "kadastralekaart_perceel", "GML", "EPSG:28992", 11, 11, 9615),
    ("cadastral/es_catastro_inspire/38023.building.gml", None, "GML", "EPSG:32628", 2, 2, 2056),
    ("cadastral/es_catastro_inspire/38023.buildingpart.gml", None, "GML", "EPSG:32628", 24, 24, 2104),
    ("cadastral/es_catastro_inspire/address.gml", "Address", "GML", "EPSG:32628", 14, 0, None),
    ("cadastral/nsw_landxml/DP1178630p_V2.xml", None, "LandXML", None, 24, 14, 4777),
    ("cadastral/nsw_landxml/DP1174265p_V3.xml", None, "LandXML", None, 110, 93, 30966),
    ("cadastral/us_mn_parcels_fgdb/parcels.gdb.zip", None, "OpenFileGDB", "EPSG:26915", 0, 0, None),
    ("cadastral/dgn_v7/tag.dgn", None, "DGN", None, 3, 3, 934),
    ("cadastral/in_edcr_dxf/test3.dxf", "PLOT_BOUNDARY", "DXF", None, 1, 1, None),
    ("cadastral/nz_waca_polygons/gpkg-polygons.tgz", None, "GPKG", "EPSG:4167", 228, 228, None),
    ("cadastral/nz_waca_polygons/shp-polygons.tgz", None, "ESRI Shapefile", "EPSG:4167", 228, 228, None),
    ("cadastral/kml_samples/schema.kml", None, "KML", "EPSG:4326", 1, 1, None),
    ("cadastral/kml_samples/simpledata.kml", None, "KML", "EPSG:4326", 2, 0, None),
    ("zoning/fr_cnig_gml/ZONE_URBA.gml", None, "GML", "EPSG:2154", 66, 66, None),
    ("zoning/fr_cnig_gml/INFO_SURF.gml", None, "GML", "EPSG:2154", 26, 26, None),
    ("zoning/de_xplan_bplan/BPlan002_5-1.zip", "BP_BaugebietsTeilFlaeche", "GML", "EPSG:25832", 5, 5, None),
    ("zoning/de_xplan_scan/BPlan001_4-1.zip", "BP_BaugebietsTeilFlaeche", "GML", "EPSG:25832", 4, 4, None),
    ("zoning/uk_planning_data/entities.csv", None, "CSV", None, 25, None, None),
    ("bad/fiona_data/testopenfilegdb.gdb.zip", "multipolygon", "OpenFileGDB", "EPSG:4326", 5, 5, None),
    ("bad/fiona_data/multicurve.gml", None, "GML", None, 1, 0, None),
    ("bad/pyogrio_curves/multisurface.gpkg", None, "GPKG", "EPSG:4326", 1, 0, None),
]


@pytest.mark.parametrize(("path", "layer", "kind", "system", "rows", "areas", "size"), REAL)
def test_files_by_others_come_as_areas(opened, shared_data, path, layer, kind, system, rows, areas, size):
    found, table, shapes = opened(shared_data(path), layer=layer)
    assert (found.format, found.crs, found.rows) == (kind, system, rows)
    if areas is not None:
        assert Counter(table["fault"].to_pylist())[None] == areas
    if size is not None:
        assert shapely.area(shapes[shapes != None]).sum() == pytest.approx(size, abs=1)  # noqa: E711 - elementwise


def test_heights_by_dimension_by_system_or_by_pairs(opened, tmp_path):
    ring = [(1, 2), (1, 4), (3, 4), (3, 2), (1, 2)]
    flat, solid = (" ".join(f"{y} {x}{height}" for x, y in ring) for height in ("", " 9"))
    pairs = "".join(f"<gml:pos>{y} {x} 9</gml:pos>" for x, y in ring)
    written = [
        ('srsName="urn:ogc:def:crs:EPSG::4326"', f"<gml:posList>{flat}</gml:posList>"),
        ('srsName="urn:ogc:def:crs:EPSG::4326" srsDimension="3"', f"<gml:posList>{solid}</gml:posList>"),
        ('srsName="http://www.opengis.net/def/crs/EPSG/0/4979"', f"<gml:posList>{solid}</gml:posList>"),
        ('srsName="urn:ogc:def:crs:EPSG::4979"', pairs),
    ]
    for system, places in written:
        (tmp_path / "a.gml").write_text(
            '<c xmlns:gml="http://www.opengis.net/gml/3.2"><gml:featureMember><a><b>1</b><gml:Polygon '
            f"{system}><gml:exterior><gml:LinearRing>{places}</gml:LinearRing></gml:exterior></gml:Polygon></a>"
            "</gml:featureMember></c>"
        )
        _, _, shapes = opened(tmp_path / "a.gml")
        assert shapes[0].equals(shapely.Polygon(ring)), system


def test_a_dutch_parcel_has_its_number_from_deep_inside(opened, shared_data):
    path = shared_data("cadastral/nl_brk_gml/kadastralekaart_perceel.gml")
    chosen = {"sheet": "sectie", "number": "perceelnummer", "commune": "KadastraleGemeente|code"}
    _, table, shapes = opened(path, chosen=chosen)
    row = {name: table[name][0].as_py() for name in chosen}
    assert row == {"sheet": "B", "number": "2298", "commune": "761"}
    assert shapes[0].area == pytest.approx(222, abs=5)


def test_a_file_can_be_looked_at_before_it_is_read(tmp_path):
    def seen(path, **wanted):
        folder = tmp_path / f"look{len(list(tmp_path.glob('look*')))}"
        folder.mkdir()
        return look(path, Wanted(**{**ANYTHING.__dict__, **wanted}), folder)

    path = write(
        tmp_path / "a.gpkg", lots(), {**columns(), "TenChu": np.full(3, "Nguyễn Văn A", dtype=object)}, layer="thua"
    )
    found = seen(path)
    assert (found.format, found.layers, found.crs) == ("GPKG", ["thua"], "EPSG:4326")
    assert found.columns["sheet"] == "SoHieuToBanDo"
    assert found.samples["SoThuTuThua"] == ["1", "2", "3"]
    # Nobody's name leaves the file.
    assert found.personal == ["TenChu"]
    assert "Nguyễn" not in repr(found)
    write(path, lots(1), columns(1), layer="ranh", append=False)
    assert set(seen(path).layers) == {"thua", "ranh"}
    assert seen(path, layer="ranh").samples["SoThuTuThua"] == ["1"]
    (tmp_path / "a.dwg").write_bytes(b"AC1032")
    with pytest.raises(InvalidInput, match="SAVEAS"):
        seen(tmp_path / "a.dwg")
    with pytest.raises(InvalidInput, match="does not fit"):
        seen(path, layer="ranh", chosen={"sheet": "nowhere"})
