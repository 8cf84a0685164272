import django.contrib.gis.db.models.fields
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
from django.db import migrations, models

import gisplatform.registers
from gisplatform.crs import REGISTER_SRID


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("gisplatform", "0001_foundations"),
    ]

    operations = [
        migrations.CreateModel(
            name="AdministrativeSuccession",
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
                ("predecessor", models.BigIntegerField()),
                ("successor", models.BigIntegerField()),
                ("happened_on", models.DateField()),
                ("legal_basis", models.CharField(max_length=200)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("predecessor", "successor", "happened_on"),
                        name="base_succession_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("predecessor", models.F("successor")), _negated=True),
                        name="base_succession_of_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AdministrativeUnit",
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
                ("code", models.CharField(max_length=10)),
                ("name", models.CharField(max_length=120)),
                (
                    "level",
                    models.CharField(
                        choices=[("province", "Province"), ("commune", "Commune")],
                        max_length=10,
                    ),
                ),
                ("kind", models.CharField(max_length=30)),
                ("parent_code", models.CharField(blank=True, max_length=10)),
                ("legal_basis", models.CharField(blank=True, max_length=200)),
                (
                    "boundary",
                    django.contrib.gis.db.models.fields.MultiPolygonField(spatial_index=False, srid=REGISTER_SRID),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    django.contrib.postgres.indexes.GistIndex(
                        condition=models.Q(("recorded_during__upper_inf", True)),
                        fields=["boundary", "valid_during"],
                        name="base_administrativeunit_map",
                    ),
                    models.Index(fields=["code"], name="base_unit_code"),
                ],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("identity", "="),
                            ("valid_during", "&&"),
                            ("recorded_during", "&&"),
                        ],
                        name="base_administrativeunit_one_version",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("recorded_during__isempty", False),
                            ("valid_during__isempty", False),
                        ),
                        name="base_administrativeunit_ranges_not_empty",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Building",
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
                ("function", models.CharField(blank=True, max_length=60)),
                ("storeys", models.PositiveSmallIntegerField(null=True)),
                ("height_m", models.FloatField(null=True)),
                (
                    "footprint",
                    django.contrib.gis.db.models.fields.MultiPolygonField(spatial_index=False, srid=REGISTER_SRID),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    django.contrib.postgres.indexes.GistIndex(
                        condition=models.Q(("recorded_during__upper_inf", True)),
                        fields=["footprint", "valid_during"],
                        name="base_building_map",
                    )
                ],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("identity", "="),
                            ("valid_during", "&&"),
                            ("recorded_during", "&&"),
                        ],
                        name="base_building_one_version",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("recorded_during__isempty", False),
                            ("valid_during__isempty", False),
                        ),
                        name="base_building_ranges_not_empty",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("height_m__gt", 0)),
                        name="base_building_height_positive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Street",
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
                ("name", models.CharField(max_length=200)),
                ("street_class", models.CharField(blank=True, max_length=40)),
                ("width_m", models.FloatField(null=True)),
                (
                    "centreline",
                    django.contrib.gis.db.models.fields.MultiLineStringField(spatial_index=False, srid=REGISTER_SRID),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    django.contrib.postgres.indexes.GistIndex(
                        condition=models.Q(("recorded_during__upper_inf", True)),
                        fields=["centreline", "valid_during"],
                        name="base_street_map",
                    )
                ],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("identity", "="),
                            ("valid_during", "&&"),
                            ("recorded_during", "&&"),
                        ],
                        name="base_street_one_version",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("recorded_during__isempty", False),
                            ("valid_during__isempty", False),
                        ),
                        name="base_street_ranges_not_empty",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("width_m__gt", 0)),
                        name="base_street_width_positive",
                    ),
                ],
            },
        ),
    ]
