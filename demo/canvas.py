"""A north-up raster over a piece of ground, into which shapes are painted."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
import rasterio.features
import shapely
from rasterio.transform import Affine

from gisplatform.crs import REGISTER_ZONE

BAND_ROWS = 256


@dataclass(frozen=True)
class Canvas:
    """Where a raster lies: its west and north edge in the register's system and a pixel's side, metres; its size."""

    west: float
    north: float
    pixel_m: float
    columns: int
    rows: int

    @classmethod
    def over(cls, bounds: tuple[float, float, float, float], pixel_m: float) -> "Canvas":
        """The canvas that covers west, south, east, north."""
        west, south, east, north = bounds
        return cls(west, north, pixel_m, int(np.ceil((east - west) / pixel_m)), int(np.ceil((north - south) / pixel_m)))

    @property
    def box(self) -> shapely.Polygon:
        """Its outline."""
        south, east = self.north - self.rows * self.pixel_m, self.west + self.columns * self.pixel_m
        return shapely.box(self.west, south, east, self.north)

    @property
    def transform(self) -> Affine:
        """From pixels to the register's system."""
        return Affine(self.pixel_m, 0, self.west, 0, -self.pixel_m, self.north)

    def paint(self, pixels: np.ndarray, shapes: np.ndarray, value: int | np.ndarray) -> None:
        """Fill shapes (n,) in pixels (rows, columns) of bytes with one value, or with one value for each."""
        values = np.broadcast_to(np.asarray(value, dtype=np.uint8), len(shapes))
        near = shapely.intersects(shapes, self.box)
        if near.any():
            rasterio.features.rasterize(
                zip(shapes[near], values[near].tolist(), strict=True), out=pixels, transform=self.transform
            )

    def write(self, file: Path, bands: int, dtype: str, strips: Iterable[np.ndarray]) -> None:
        """Write a GeoTIFF from strips (bands, BAND_ROWS, columns), the northernmost first."""
        with rasterio.open(
            file, "w", driver="GTiff", width=self.columns, height=self.rows, count=bands, dtype=dtype,
            crs=f"EPSG:{REGISTER_ZONE.epsg}", transform=self.transform, tiled=True,
        ) as written:  # fmt: skip
            for number, strip in enumerate(strips):
                window = rasterio.windows.Window(0, number * BAND_ROWS, self.columns, strip.shape[1])
                written.write(strip, window=window)
