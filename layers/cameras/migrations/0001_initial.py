import django.contrib.gis.db.models.fields
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

import gisplatform.registers
import layers.cameras.models
from gisplatform.crs import REGISTER_SRID


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("gisplatform", "0001_foundations"),
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Camera",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "identity",
                    models.BigIntegerField(db_default=gisplatform.registers.NextIdentity(), editable=False),
                ),
                (
                    "valid_during",
                    django.contrib.postgres.fields.ranges.DateRangeField(),
                ),
                (
                    "recorded_during",
                    django.contrib.postgres.fields.ranges.DateTimeRangeField(
                        db_default=gisplatform.registers.FromNowOn(), editable=False
                    ),
                ),
                ("reference", models.CharField(max_length=60)),
                ("purpose", models.CharField(max_length=60)),
                ("bearing_deg", models.FloatField(null=True)),
                ("field_of_view_deg", models.FloatField(null=True)),
                ("range_m", models.FloatField(null=True)),
                (
                    "position",
                    django.contrib.gis.db.models.fields.PointField(spatial_index=False, srid=REGISTER_SRID),
                ),
                (
                    "approximate_position",
                    models.GeneratedField(
                        db_persist=True,
                        expression=layers.cameras.models.Approximate("position"),
                        output_field=django.contrib.gis.db.models.fields.PointField(
                            spatial_index=False, srid=REGISTER_SRID
                        ),
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    django.contrib.postgres.indexes.GistIndex(
                        condition=models.Q(("recorded_during__upper_inf", True)),
                        fields=["position", "valid_during"],
                        name="cameras_camera_map",
                    ),
                    django.contrib.postgres.indexes.GistIndex(
                        condition=models.Q(("recorded_during__upper_inf", True)),
                        fields=["approximate_position", "valid_during"],
                        name="cameras_camera_approx",
                    ),
                ],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("identity", "="),
                            ("valid_during", "&&"),
                            ("recorded_during", "&&"),
                        ],
                        name="cameras_camera_one_version",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("recorded_during__isempty", False),
                            ("valid_during__isempty", False),
                        ),
                        name="cameras_camera_ranges_not_empty",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("bearing_deg__gte", 0), ("bearing_deg__lt", 360)),
                        name="cameras_camera_bearing_is_an_angle",
                    ),
                ],
            },
        ),
    ]
