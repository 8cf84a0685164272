"""Putting a prepared raster on the map and taking it off again."""

import os
import secrets
from datetime import date
from pathlib import Path

import shapely
from django.contrib.gis.geos import Polygon
from django.db import transaction
from django.utils.translation import gettext as _

from gisplatform.crs import REGISTER_SRID
from gisplatform.errors import InvalidInput, NotFound
from layers.rasters.models import Raster


def refuse_known(sha256: str) -> None:
    """Raise InvalidInput when the file of that checksum is on the map already."""
    if known := Raster.objects.filter(sha256=sha256).first():
        raise InvalidInput(
            _("This file is on the map already, as number %(number)d: %(title)s.")
            % {"number": known.pk, "title": known.title_vi},
            raster=known.pk,
        )


def record_raster(
    *,
    prepared: Path,
    kind: str,
    title_vi: str,
    title_en: str,
    captured_on: date | None,
    attribution: str,
    audience: str,
    sha256: str,
    zooms: tuple[int, int],
    footprint: shapely.Polygon,
) -> Raster:
    """Record a raster and move its file into place.

    prepared   a Cloud Optimized GeoTIFF in Web Mercator, in the folder of rasters or one inside it; it is moved
    sha256     of the file that was handed in
    footprint  in the register's system
    Raises InvalidInput when that file is on the map already.
    """
    # Several databases may share the folder, so the name is nobody else's.
    raster = Raster(
        title_vi=title_vi,
        title_en=title_en,
        kind=kind,
        audience=audience,
        captured_on=captured_on,
        attribution=attribution,
        file_name=f"{sha256[:16]}-{secrets.token_hex(4)}.tif",
        sha256=sha256,
        min_zoom=zooms[0],
        max_zoom=zooms[1],
        footprint=Polygon(shapely.get_coordinates(footprint).tolist(), srid=REGISTER_SRID),
    )
    try:
        with transaction.atomic():
            refuse_known(sha256)
            raster.save()
            with prepared.open("rb") as written:
                os.fsync(written.fileno())
            prepared.replace(raster.path)
    except BaseException:
        # Also where only the commit failed: no row leads to the file.
        raster.path.unlink(missing_ok=True)
        raise
    return raster


@transaction.atomic
def remove_raster(number: int) -> str:
    """Take a raster off the map and remove its file; returns its title. Raises NotFound."""
    raster = Raster.objects.select_for_update().filter(pk=number).first()
    if raster is None:
        raise NotFound(_("There is no image of that number."))
    path = raster.path
    raster.delete()
    # Only when nothing can bring the row back any more.
    transaction.on_commit(lambda: path.unlink(missing_ok=True))
    return raster.title_vi
