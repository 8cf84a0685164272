"""One tile of a raster as a picture. The files were made by us, so they are opened in the web process."""

import numpy as np
import rasterio
from django.utils.translation import gettext as _
from rasterio.enums import Resampling
from rasterio.errors import RasterioIOError
from rasterio.io import MemoryFile
from rasterio.transform import Affine
from rasterio.vrt import WarpedVRT

from gisplatform.errors import Unavailable
from layers.rasters.models import Raster
from layers.rasters.queries import TILE_PX
from layers.rasters.shading import hillshade

HALF_WORLD_M = 20_037_508.342789244  # Web Mercator, from the equator and the meridian of Greenwich to the edge
EARTH_RADIUS_M = 6_378_137.0
# Neither the network nor other files of the folder are asked; a tile needs little of a cache.
QUIET = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "none",
    "GDAL_CACHEMAX": 64 << 20,  # bytes
}


def picture(raster: Raster, z: int, x: int, y: int) -> bytes | None:
    """The tile as WebP of TILE_PX × TILE_PX; None where the raster has nothing there.

    Raises Unavailable when the raster's file is away or spoilt.
    """
    terrain = raster.kind == Raster.Kind.TERRAIN
    margin = 1 if terrain else 0  # slopes at the edge need a neighbour
    pixel_m = 2 * HALF_WORLD_M / TILE_PX / 2**z
    west, north = x * TILE_PX * pixel_m - HALF_WORLD_M, HALF_WORLD_M - y * TILE_PX * pixel_m
    side = TILE_PX + 2 * margin
    try:
        with (
            rasterio.Env(**QUIET),
            rasterio.open(raster.path, driver="GTiff") as stored,
            WarpedVRT(
                stored,
                transform=Affine(pixel_m, 0, west - margin * pixel_m, 0, -pixel_m, north + margin * pixel_m),
                width=side,
                height=side,
                resampling=Resampling.bilinear,
                add_alpha=not terrain,
            ) as tile,
        ):
            bands = tile.read()
            there = tile.dataset_mask() > 0
    except RasterioIOError:
        raise Unavailable(_("The file of this image is away. It belongs into the platform's data folder.")) from None
    if not there.any():
        return None
    if terrain:
        # A metre on the Mercator map is shorter on the ground, the more so the further from the equator.
        ground_m = pixel_m / np.cosh((north - TILE_PX * pixel_m / 2) / EARTH_RADIUS_M)
        bands = hillshade(np.where(there, bands[0], np.nan), ground_m)
    return _webp(bands)


def _webp(bands: np.ndarray) -> bytes:
    """RGBA bytes (4, h, w) as WebP."""
    with rasterio.Env(**QUIET), MemoryFile(ext=".webp") as memory:
        with memory.open(
            # A place of any kind, or the library warns that the picture has none.
            driver="WEBP", width=bands.shape[2], height=bands.shape[1], count=4, dtype="uint8", QUALITY=80,
            transform=Affine(1, 0, 0, 0, -1, 1),
        ) as image:  # fmt: skip
            image.write(bands)
        return memory.read()
