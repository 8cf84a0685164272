"""Public cameras. That one is near is public; where exactly it hangs and looks is for staff."""

from django.contrib.gis.db import models
from django.db.models import Func

from accounts.models import Organisation
from gisplatform.crs import REGISTER_SRID
from gisplatform.registers import Version, map_index


class Approximate(Func):
    """The centre of the 250 m square of the register's grid in which a point lies."""

    template = "ST_SnapToGrid(%(expressions)s, 125, 125, 250, 250)"


class Camera(Version):
    """A fixed camera over public ground."""

    reference = models.CharField(max_length=60)
    purpose = models.CharField(max_length=60)  # traffic, flood, security
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    bearing_deg = models.FloatField(null=True)  # clockwise from grid north
    field_of_view_deg = models.FloatField(null=True)
    range_m = models.FloatField(null=True)
    position = models.PointField(srid=REGISTER_SRID, spatial_index=False)
    approximate_position = models.GeneratedField(
        expression=Approximate("position"),
        output_field=models.PointField(srid=REGISTER_SRID, spatial_index=False),
        db_persist=True,
    )

    class Meta(Version.Meta):
        indexes = [
            map_index("position"),
            map_index("approximate_position", name="approx"),
        ]
        constraints = [
            *Version.Meta.constraints,
            models.CheckConstraint(
                name="cameras_camera_bearing_is_an_angle",
                condition=models.Q(bearing_deg__gte=0, bearing_deg__lt=360),
            ),
        ]

    def __str__(self) -> str:
        return self.reference
