"""The demo city as files, for trials of imports: a layer for each register, as an office would hand it over.

Rows go to the files ward by ward, so that a city of any size needs the memory of one ward.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyogrio
import pyogrio.raw
import shapely
from django.contrib.gis.db.models.fields import GeometryField
from django.db import models
from django.utils.translation import gettext as _

from demo.export_columns import LAYERS, Layer
from demo.names import ORGANISATIONS, SYNTHETIC
from gisplatform.crs import REGISTER_ZONE, from_register
from gisplatform.errors import InvalidInput
from importers import legacy_text
from layers.base.models import AdministrativeUnit
from planning.plans.models import Plan

ENCODINGS = ("utf-8", *legacy_text.TABLES, "cp1258")
# What takes rows again and again, and what is made from that at the end.
_DRIVERS = {"gpkg": "GPKG", "shp": "ESRI Shapefile", "geojson": "GeoJSON", "fgb": "FlatGeobuf", "csv": "CSV"}
FORMATS = tuple(_DRIVERS)
_AT_THE_END = ("geojson", "fgb")
# Takes every byte to one letter and back: how bytes in any encoding go through GDAL unharmed.
_CARRIER = "ISO-8859-1"
_MULTI = {"Polygon": shapely.multipolygons, "LineString": shapely.multilinestrings}
_GEOMETRY = "geometry"
# A GeoPackage is written anew after a fault, so it need not wait for the disk; and the same city is the same file.
_WRITING = {"OGR_SQLITE_SYNCHRONOUS": "OFF", "OGR_CURRENT_DATE": "2000-01-01T00:00:00.000Z"}
OWNERS = dict(enumerate(ORGANISATIONS.values()))  # files have no keys: organisations are counted


@dataclass
class Files:
    """A sink that writes files into a folder.

    format    one of FORMATS; a GeoPackage holds all layers, the others are one file for each layer
    epsg      WGS 84 or a VN-2000 zone
    encoding  of a shapefile's texts, one of ENCODINGS
    """

    folder: Path
    format: str
    epsg: int
    encoding: str
    _next: int = 1
    _begun: set[str] = field(default_factory=set)
    _communes: dict[str, str] = field(default_factory=dict)
    _plans: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        pyogrio.set_gdal_config_options(_WRITING)

    def identities(self, count: int) -> np.ndarray:
        """(count,) numbers from 1."""
        first, self._next = self._next, self._next + count
        return np.arange(first, first + count)

    def write(self, model: type[models.Model], columns: Mapping[str, Any]) -> int:
        """Append what holds today to the layer of the model; returns how many rows."""
        self._remember(model, columns)
        layer = LAYERS.get(model)
        if layer is None:
            return 0
        count = max(len(values) for values in columns.values() if isinstance(values, np.ndarray))
        holds = np.char.endswith(columns["valid_during"].astype(str), ",)")
        if not holds.any():
            return 0
        full = {
            name: (values if isinstance(values, np.ndarray) else np.full(count, values, dtype=object))[holds]
            for name, values in columns.items()
        }
        texts = {name: _column(full[column]) for column, name in layer.columns.items()}
        for name, derive in layer.derived.items():
            texts[name] = pa.array(derive(full, self._names()), pa.string())
        geometry = next(each for each in model._meta.concrete_fields if isinstance(each, GeometryField))
        self._append(layer, texts, self._shapes(geometry, full[geometry.attname]))
        return int(holds.sum())

    def raster(self, file: Path, kind: str, today: date) -> None:
        """Keep it beside the files, in the register's system."""
        (self.folder / f"{kind}.tif").write_bytes(file.read_bytes())

    def close(self) -> None:
        """Make the formats that are written in one go, and say what all this is."""
        if self.format in _AT_THE_END:
            for layer in sorted(self._begun):
                self._convert(layer)
            self._package.unlink(missing_ok=True)
        pyogrio.set_gdal_config_options(dict.fromkeys(_WRITING))
        for declared in self.folder.glob("*.cpg"):
            # Files of that time declared nothing; of these encodings only cp1258 has a name that programs know.
            if self.encoding == "cp1258":
                declared.write_text("1258", encoding="ascii")
            elif self.encoding != "utf-8":
                declared.unlink()
        (self.folder / "README.txt").write_text(
            f"Thành phố Thử Nghiệm {SYNTHETIC}: dữ liệu tổng hợp để thử nghiệm, không có thửa đất nào có thật.\n"
            "Synthetic data for trials: none of this land exists.\n"
            f"EPSG:{self.epsg}; terrain.tif, aerial.tif: EPSG:{REGISTER_ZONE.epsg}. Text: {self.encoding}.\n",
            encoding="utf-8",
        )

    def _names(self) -> dict[str, dict[Any, str]]:
        return {"communes": self._communes, "plans": self._plans, "owners": OWNERS}

    def _remember(self, model: type[models.Model], columns: Mapping[str, Any]) -> None:
        """Names that later rows refer to."""
        if model is AdministrativeUnit:
            self._communes |= dict(zip(columns["code"], columns["name"], strict=True))
        elif model is Plan:
            self._plans |= {int(identity): columns["code"] for identity in columns["identity"]}

    def _shapes(self, geometry: GeometryField, shapes: np.ndarray) -> np.ndarray:
        """(n,) geometries as the files have them: all of one kind in a layer, in the system that was asked for."""
        if geometry.geom_type.startswith("MULTI"):
            for kind, join in _MULTI.items():
                single = shapely.get_type_id(shapes) == shapely.GeometryType[kind.upper()]
                if single.any():
                    shapes = shapes.copy()
                    shapes[single] = join(shapes[single], indices=np.arange(int(single.sum())))
        return from_register(shapes, self.epsg) if self.epsg != REGISTER_ZONE.epsg else shapes

    @property
    def _package(self) -> Path:
        name = ".rows.gpkg" if self.format in _AT_THE_END else "demo_city.gpkg"
        return self.folder / name

    def _append(self, layer: Layer, texts: dict[str, pa.Array], shapes: np.ndarray) -> None:
        begun = layer.name in self._begun
        self._begun.add(layer.name)
        if self.format == "csv":
            table = pa.table({**texts, "WKT": pa.array(shapely.to_wkt(shapes, rounding_precision=8))})
            with (self.folder / f"{layer.name}.csv").open("ab") as file:
                pyarrow.csv.write_csv(table, file, pyarrow.csv.WriteOptions(include_header=not begun))
            return
        plain = self.format != "shp"
        columns = texts if plain else {name: self._encoded(column) for name, column in texts.items()}
        pyogrio.raw.write_arrow(
            pa.table({**columns, _GEOMETRY: pa.array(shapely.to_wkb(shapes), pa.binary())}),
            self._package if plain else self.folder / f"{layer.name}.shp",
            layer=layer.name,
            driver="GPKG" if plain else _DRIVERS["shp"],
            geometry_name=_GEOMETRY,
            geometry_type=_type_name(shapes),
            crs=f"EPSG:{self.epsg}",
            encoding="UTF-8" if plain or self.encoding == "utf-8" else _CARRIER,
            append=begun,
        )

    def _encoded(self, column: pa.Array) -> pa.Array:
        """Texts whose letters stand for the bytes of the encoding."""
        if self.encoding == "utf-8" or not pa.types.is_string(column.type):
            return column
        distinct = column.dictionary_encode()
        letters = [legacy_text.encode(text, self.encoding).decode(_CARRIER) for text in distinct.dictionary.to_pylist()]
        return pa.DictionaryArray.from_arrays(distinct.indices, pa.array(letters, pa.string())).cast(pa.string())

    def _convert(self, layer: str) -> None:
        with pyogrio.raw.open_arrow(self._package, layer=layer, use_pyarrow=True) as (about, reader):
            pyogrio.raw.write_arrow(
                reader,
                self.folder / f"{layer}.{self.format}",
                layer=layer,
                driver=_DRIVERS[self.format],
                geometry_name=about["geometry_name"] or _GEOMETRY,
                geometry_type=about["geometry_type"],
                crs=about["crs"],
            )


def open_folder(folder: Path, file_format: str, epsg: int | None, encoding: str) -> Files:
    """A sink for an empty or new folder. Raises InvalidInput for what cannot be written."""
    epsg = epsg or REGISTER_ZONE.epsg
    from_register(shapely.Point(500_000, 0), epsg)  # raises for a system that is not ours
    if encoding != "utf-8" and file_format != "shp":
        raise InvalidInput(_("Only shapefiles have texts in another encoding than UTF-8."))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InvalidInput(_("%(folder)s is there already and not empty. Name another folder.") % {"folder": folder})
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise InvalidInput(
            _("%(folder)s cannot be made (%(reason)s).") % {"folder": folder, "reason": failure.strerror}
        ) from None
    return Files(folder, file_format, epsg, encoding)


def _column(values: np.ndarray) -> pa.Array:
    """A column of plain values; nan is nothing."""
    if np.issubdtype(values.dtype, np.floating):
        return pa.array(values, from_pandas=True)
    if values.dtype == object and all(isinstance(value, float | int) for value in values[:1]):
        return pa.array(values.astype(float), from_pandas=True)
    return pa.array(values)


def _type_name(shapes: np.ndarray) -> str:
    kind = shapely.GeometryType(int(shapely.get_type_id(shapes[:1])[0])).name
    names = ("Point", "LineString", "Polygon", "MultiPolygon", "MultiLineString")
    return next(name for name in names if name.upper() == kind)
