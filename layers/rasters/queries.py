"""Which rasters a person may see, and what the map is told of them."""

from typing import Any

import shapely
from django.utils.translation import gettext as _
from psycopg import sql

from gisplatform.access import Person, row_condition
from gisplatform.crs import to_wgs84
from gisplatform.errors import NotFound
from layers.rasters.models import ACCESS, Raster

TILE_PX = 256
_MOST = 2**63  # a number that the database can hold


def visible(person: Person, number: int | None = None) -> list[Raster]:
    """The rasters that this person may see, or the one of that number; the newest picture first."""
    restriction = row_condition(ACCESS, person)
    if restriction is None:
        return []
    condition, allowed = restriction
    query = sql.SQL(
        "SELECT * FROM {table} WHERE {condition} AND (%(number)s::bigint IS NULL OR id = %(number)s)"
        " ORDER BY captured_on DESC NULLS LAST, id DESC"
    ).format(table=sql.Identifier(Raster._meta.db_table), condition=condition)
    return list(Raster.objects.raw(query.as_string(), {**allowed, "number": number}))


def find(person: Person, number: int) -> Raster:
    """The raster of that number. Raises NotFound when there is none that this person may see."""
    found = visible(person, number) if number < _MOST else []
    if not found:
        raise NotFound(_("There is no image of that number."))
    return found[0]


def listed(person: Person, language: str) -> list[dict[str, Any]]:
    """What the map's script is told of each raster; `bounds` are west, south, east, north in degrees."""
    return [
        {
            "id": raster.pk,
            "kind": raster.kind,
            "title": raster.title_en if language == "en" and raster.title_en else raster.title_vi,
            "capturedOn": raster.captured_on.isoformat() if raster.captured_on else None,
            "attribution": raster.attribution,
            "tiles": f"/rasters/{raster.pk}/{{z}}/{{x}}/{{y}}.webp",
            "tileSize": TILE_PX,
            "minzoom": raster.min_zoom,
            "maxzoom": raster.max_zoom,
            "bounds": [round(side, 6) for side in to_wgs84(shapely.from_wkb(bytes(raster.footprint.wkb))).bounds],
        }
        for raster in visible(person)
    ]
