"""What somebody draws on the map: shapes in metres from the corner, as the browser sends them in WGS 84."""

import json
from typing import Any

import shapely

from gisplatform.crs import to_wgs84
from tests.factories import place


def drawn(*corners: tuple[float, float]) -> dict[str, Any]:
    """A polygon through places in metres from the corner, as GeoJSON in WGS 84."""
    shape = shapely.Polygon([place(x, y) for x, y in corners])
    return json.loads(shapely.to_geojson(to_wgs84(shape)))


def box(x: float, y: float, width: float, height: float) -> dict[str, Any]:
    """A rectangle whose south-west corner lies x, y metres from the corner."""
    return drawn((x, y), (x + width, y), (x + width, y + height), (x, y + height))


def lonlat(*places: tuple[float, float]) -> list[list[float]]:
    """Places in metres from the corner as longitude, latitude."""
    return [list(to_wgs84(shapely.Point(place(x, y))).coords[0]) for x, y in places]
