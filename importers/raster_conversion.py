"""Opening a GeoTIFF from outside and making of it what tiles are cut from. Runs only in the closed reading process.

What leaves it is a Cloud Optimized GeoTIFF in Web Mercator whose pixels are those of one zoom of the tile grid.
"""

import math
from pathlib import Path
from typing import Any

import rasterio
import rasterio.shutil
from rasterio.enums import ColorInterp, Resampling
from rasterio.errors import RasterioError, RasterioIOError
from rasterio.transform import Affine
from rasterio.vrt import WarpedVRT
from rasterio.warp import calculate_default_transform, transform_bounds

MOST_PIXELS = 20_000_000_000  # 2 km² at 1 cm, 200 km² at 10 cm
WEB_MERCATOR = "EPSG:3857"
HALF_WORLD_M = 20_037_508.342789244
# The Mercator map ends there; beyond, a picture has no place on it.
HALF_MAP_DEGREES = 85.0
TILE_PX = 256
MOST_ZOOM = 22
NO_ELEVATION = -99_999.0
LOWEST_M, HIGHEST_M = -500.0, 9_000.0  # of any ground on Earth
# Nothing but the file itself is read: no file beside it, no network.
QUIET = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "none",
    "GDAL_CACHEMAX": 256 << 20,  # bytes
}

Answer = dict[str, Any]


class Refused(Exception):
    """The file cannot be taken; the code and details say why."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code, self.details = code, details


def serve(request: dict[str, Any]) -> Answer:
    """Look at one file, or convert it; the answer is facts about it, or the reason why it is refused."""
    try:
        with rasterio.Env(**QUIET):
            if "target" in request:
                return {"converted": _convert(request)}
            return {"seen": _look(Path(request["path"]), request["kind"])}
    except Refused as refused:
        return {"refused": {"code": refused.code, "details": refused.details}}
    except MemoryError:
        return {"refused": {"code": "too_large", "details": {}}}
    except Exception as failure:  # whatever a hostile file makes the library raise is a fault of the file
        return {"refused": {"code": "unreadable", "details": {"reason": str(failure).split("\n")[0][:200]}}}


def _open(path: Path) -> rasterio.DatasetReader:
    """The file, by the driver for GeoTIFF alone: a VRT renamed .tif could read any file of this machine."""
    try:
        return rasterio.open(path, driver="GTiff")
    except RasterioIOError:
        raise Refused("not_geotiff") from None


def _look(path: Path, kind: str) -> Answer:
    with _open(path) as file:
        if file.width * file.height > MOST_PIXELS:
            raise Refused("too_many_pixels", width=file.width, height=file.height, most=MOST_PIXELS // 10**9)
        if file.transform.is_identity or file.gcps[0]:
            raise Refused("no_place")
        if not file.transform.is_rectilinear or file.transform.e >= 0:
            raise Refused("turned")
        colours = file.colorinterp
        if kind == "terrain" and file.count != 1:
            raise Refused("not_terrain", bands=file.count)
        pictured = file.count == 3 or (file.count == 4 and colours[3] == ColorInterp.alpha)
        if kind == "aerial" and not (pictured and set(file.dtypes) == {"uint8"}):
            raise Refused("not_aerial", bands=file.count, type=file.dtypes[0])
        return {"crs": file.crs.to_wkt() if file.crs else None}


def grid_of(file: rasterio.DatasetReader, crs: str) -> tuple[int, tuple[int, int, int, int]]:
    """The zoom whose pixels are about as large as the file's, and the tiles of it that the file touches.

    Returns (zoom, (first column, first row, columns, rows)). Raises Refused where the file lies off the map.
    """
    try:
        west, south, east, north = transform_bounds(crs, "EPSG:4326", *file.bounds)
        if not (-180 <= west < east <= 180 and -HALF_MAP_DEGREES < south < north < HALF_MAP_DEGREES):
            raise Refused("off_the_map")
        transform, width, height = calculate_default_transform(crs, WEB_MERCATOR, file.width, file.height, *file.bounds)
    except RasterioError:
        raise Refused("off_the_map") from None
    # A picture keeps its pixels unless the next zoom is hardly finer.
    zoom = math.ceil(math.log2(2 * HALF_WORLD_M / TILE_PX / transform.a) - 0.2)
    zoom = max(0, min(MOST_ZOOM, zoom))
    tile_m = 2 * HALF_WORLD_M / 2**zoom
    first_column = math.floor((transform.c + HALF_WORLD_M) / tile_m)
    first_row = math.floor((HALF_WORLD_M - transform.f) / tile_m)
    last_column = math.floor((transform.c + width * transform.a + HALF_WORLD_M) / tile_m)
    last_row = math.floor((HALF_WORLD_M - transform.f + height * transform.a) / tile_m)
    return zoom, (first_column, first_row, last_column - first_column + 1, last_row - first_row + 1)


def _convert(request: dict[str, Any]) -> Answer:
    crs, terrain = request["crs"], request["kind"] == "terrain"
    with _open(Path(request["path"])) as file:
        zoom, (column, row, columns, rows) = grid_of(file, crs)
        if columns * rows * TILE_PX**2 > 2 * MOST_PIXELS:
            raise Refused("too_many_pixels", width=columns * TILE_PX, height=rows * TILE_PX, most=MOST_PIXELS // 10**9)
        tile_m = 2 * HALF_WORLD_M / 2**zoom
        pixel_m = tile_m / TILE_PX
        how: dict[str, Any] = {"nodata": NO_ELEVATION, "dtype": "float32"} if terrain else {}
        alpha = {} if terrain or file.count == 4 else {"add_alpha": True}
        with WarpedVRT(
            file,
            src_crs=crs,
            crs=WEB_MERCATOR,
            transform=Affine(pixel_m, 0, column * tile_m - HALF_WORLD_M, 0, -pixel_m, HALF_WORLD_M - row * tile_m),
            width=columns * TILE_PX,
            height=rows * TILE_PX,
            resampling=Resampling.bilinear,
            **how,
            **alpha,
        ) as placed:
            rasterio.shutil.copy(
                placed,
                request["target"],
                driver="COG",
                BLOCKSIZE=TILE_PX,
                BIGTIFF="IF_SAFER",
                SPARSE_OK="YES",
                OVERVIEW_RESAMPLING="AVERAGE",
                **({"COMPRESS": "DEFLATE", "PREDICTOR": "YES"} if terrain else {"COMPRESS": "JPEG", "QUALITY": 85}),
            )
        corners = _outline(file)
    with rasterio.open(request["target"], driver="GTiff") as written:
        if terrain:
            _refuse_no_ground(written)
        overviews = len(written.overviews(1))
    return {"min_zoom": max(0, zoom - overviews - 1), "max_zoom": zoom, "outline": corners}


def _refuse_no_ground(written: rasterio.DatasetReader) -> None:
    """Raise Refused when the heights, seen in the coarsest overview, are not of any ground in metres."""
    coarse = written.overviews(1)[-1] if written.overviews(1) else 1
    shape = (max(1, written.height // coarse), max(1, written.width // coarse))
    heights = written.read(1, out_shape=shape, masked=True)
    if heights.count() == 0:
        raise Refused("empty")
    lowest, highest = float(heights.min()), float(heights.max())
    if not (lowest >= LOWEST_M and highest <= HIGHEST_M):
        raise Refused("no_heights", lowest=round(lowest), highest=round(highest))


def _outline(file: rasterio.DatasetReader) -> list[tuple[float, float]]:
    """Corners and points between them around the file, in its own coordinates; sides bend when they are projected."""
    west, south, east, north = file.bounds
    steps = [step / 16 for step in range(16)]
    return [
        *((west + step * (east - west), south) for step in steps),
        *((east, south + step * (north - south)) for step in steps),
        *((east - step * (east - west), north) for step in steps),
        *((west, north - step * (north - south)) for step in steps),
    ]
