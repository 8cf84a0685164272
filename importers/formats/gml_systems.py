"""What a GML calls its coordinate system, and in which order its axes then come."""

import re
from collections.abc import Callable
from functools import cache

import pyproj

# The authority's own order of axes holds for these ways of writing only; `EPSG:4326` has always meant lon, lat.
# Source: OGC 09-048r5 (URN of OGC); GDAL's GML driver keeps to the same.
_FORMAL = re.compile(r"^(urn:(?:x-)?ogc:def:crs:|https?://(?:www\.)?opengis\.net/def/crs/)", re.IGNORECASE)
_CODE = re.compile(r"EPSG(?:[:/](?:[\d.]*))?[:/](\d{4,6})$|epsg\.xml#(\d{4,6})$|^EPSG:(\d{4,6})$", re.IGNORECASE)
# Germany's surveys have names of their own. Source: AdV, GeoInfoDok 6.0.1, "Koordinatenreferenzsysteme".
_GERMAN = re.compile(r"urn:adv:crs:ETRS89_UTM(\d\d)$", re.IGNORECASE)


def code(name: str) -> str:
    """`EPSG:28992` of any way of writing it, `OGC:CRS84`, or the name as it is."""
    if found := _CODE.search(name.strip()):
        return f"EPSG:{next(filter(None, found.groups()))}"
    if german := _GERMAN.search(name):
        return f"EPSG:258{german[1]}"
    if re.search(r"CRS:?84$", name, re.IGNORECASE):
        return "OGC:CRS84"
    return name.strip()


@cache
def swapped(name: str | None) -> bool:
    """Whether the coordinates come as north, east."""
    if not name or not _FORMAL.match(name):
        return False
    try:
        axes = pyproj.CRS.from_user_input(code(name)).axis_info
    except pyproj.exceptions.CRSError:
        return False
    return bool(axes) and axes[0].direction.lower() == "north"


@cache
def axes(name: str | None) -> int:
    """How many axes a system has: 3 with heights, else 2."""
    try:
        return 3 if name and len(pyproj.CRS.from_user_input(code(name)).axis_info) == 3 else 2
    except pyproj.exceptions.CRSError:
        return 2


def swapped_by(default: str | None) -> Callable[[str | None], bool]:
    """`swapped` for names that may be missing, where the file has a name for all."""
    return lambda name: swapped(name or default)
