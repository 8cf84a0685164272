"""Aerial images and terrain models: what is known of each, and the name of the file that holds it."""

from pathlib import Path

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from gisplatform.access import AccessTable, Role, Rows, Sight, staff
from gisplatform.crs import REGISTER_SRID


class Raster(models.Model):
    """One picture of the ground. It is evidence of its day and has no legal effect, so it keeps no versions.

    The file lies in PLATFORM_DATA/rasters: a Cloud Optimized GeoTIFF in Web Mercator, bytes of red, green and
    blue with a mask for an aerial image, metres above the national datum as 32-bit floats for a terrain model.
    """

    class Kind(models.TextChoices):
        AERIAL = "aerial", _("Aerial image")
        TERRAIN = "terrain", _("Terrain model")

    class Audience(models.TextChoices):
        PUBLIC = "public", _("Everyone")
        STAFF = "staff", _("Staff only")

    title_vi = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    audience = models.CharField(max_length=10, choices=Audience.choices, default=Audience.PUBLIC)
    captured_on = models.DateField(null=True, blank=True)
    attribution = models.CharField(max_length=200, blank=True)
    file_name = models.CharField(max_length=80, unique=True)
    sha256 = models.CharField(max_length=64, unique=True)  # of the file that was handed in
    min_zoom = models.PositiveSmallIntegerField()
    max_zoom = models.PositiveSmallIntegerField()  # where one pixel of a tile is about one of the file
    footprint = models.PolygonField(srid=REGISTER_SRID)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="rasters_raster_zooms_in_order", condition=Q(min_zoom__lte=F("max_zoom"))),
            models.CheckConstraint(
                name="rasters_raster_known_words",
                condition=Q(kind__in=("aerial", "terrain"), audience__in=("public", "staff")),
            ),
        ]

    def __str__(self) -> str:
        return self.title_vi

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return folder() / self.file_name


# Who sees which rows; the same form as a layer's.
ACCESS: AccessTable = {
    Role.CITIZEN: Sight(Rows("public", "audience", (Raster.Audience.PUBLIC.value,))),
    **staff(),
}


def folder() -> Path:
    """Where the files of all rasters lie."""
    return Path(settings.DATA_DIR) / "rasters"
