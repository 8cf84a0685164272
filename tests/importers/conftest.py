"""Small lots that can be checked by hand, written into files of every kind, and imports of them."""

import json
import warnings
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pyproj
import pytest
import shapely
from django.core.management import CommandError, call_command
from django.utils import translation

from gisplatform import crs
from importers.models import ImportRun
from layers.parcels.models import Parcel

# A field in Quảng Ninh that lies in the areas of use of several VN-2000 zones.
CORNER = crs.wgs84_to_register(106.9, 20.9)
VN2000_METRES = "EPSG:5899"


def lots(count: int = 3) -> np.ndarray:
    """`count` lots of 5 m × 20 m side by side, in the register's system."""
    east, north = np.round(CORNER[0]), np.round(CORNER[1])
    west = east + 6.0 * np.arange(count)
    return shapely.box(west, north, west + 5, north + 20)


def in_system(shapes: np.ndarray, system: str) -> np.ndarray:
    """Shapes of the register in another coordinate system; WGS 84 by the official parameters."""
    if system == "EPSG:4326":
        return crs.to_wgs84(shapes)
    move = pyproj.Transformer.from_crs(VN2000_METRES, system, always_xy=True).transform
    return shapely.transform(shapes, lambda xy: np.column_stack(move(xy[:, 0], xy[:, 1])))


def columns(count: int = 3) -> dict[str, np.ndarray]:
    """Commune, sheet, number, land use and papers' area of the lots, under Vietnamese names."""
    return {
        "MaXa": np.full(count, "07001", dtype=object),
        "SoHieuToBanDo": np.full(count, 12),
        "SoThuTuThua": np.arange(1, count + 1),
        "KyHieuMucDichSuDung": np.full(count, "ODT", dtype=object),
        "DienTich": np.full(count, 99.5),
    }


def write(
    path: Path, shapes: np.ndarray, attributes: dict[str, np.ndarray], system: str | None = "EPSG:4326", **options: Any
) -> Path:
    """A GeoJSON, shapefile or GeoPackage, by the ending of its name."""
    placed = shapes if system is None else in_system(shapes, system)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a shapefile cuts names, as meant
        pyogrio.raw.write(
            path, shapely.to_wkb(placed), list(attributes.values()), np.array(list(attributes), dtype=object),
            geometry_type=options.pop("geometry_type", "Polygon"), crs=options.pop("crs", system), **options,
        )  # fmt: skip
    return path


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    """One GeoJSON feature of sheet 12 in commune 07001."""
    return {
        "type": "Feature",
        "properties": {"MaXa": "07001", "SoTo": 12, "SoThua": 1, "LoaiDat": "ODT", **properties},
        "geometry": geometry,
    }


def lot(number: int = 0) -> dict[str, Any]:
    """One of the lots as a GeoJSON geometry in WGS 84."""
    return json.loads(shapely.to_geojson(crs.to_wgs84(lots(number + 1)[number])))


def geojson(path: Path, *features: dict[str, Any], **members: Any) -> Path:
    """A FeatureCollection, written without GDAL so that anything can be in it."""
    path.write_text(json.dumps({"type": "FeatureCollection", **members, "features": features}), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Sentences are compared in the language that they are written in."""
    with translation.override("en"):
        yield


@pytest.fixture
def take(db: None, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """A function that imports files as on the command line and returns the report."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def run(*files: Path, **options: Any) -> dict[str, Any]:
        output = StringIO()
        call_command("import_parcels", *map(str, files), json=True, stdout=output, **options)
        return json.loads(output.getvalue())

    return run


@pytest.fixture
def refusal(take: Callable[..., dict[str, Any]]) -> Callable[..., str]:
    """A function that tries to import files and returns the one sentence that says why they are not taken."""

    def run(*files: Path, **options: Any) -> str:
        before = Parcel.objects.count(), ImportRun.objects.count()
        with pytest.raises(CommandError) as refused:
            take(*files, **options)
        assert refused.value.returncode == 2
        assert (Parcel.objects.count(), ImportRun.objects.count()) == before
        sentence = str(refused.value)
        assert "\n" not in sentence
        assert "Traceback" not in sentence
        return sentence

    return run
