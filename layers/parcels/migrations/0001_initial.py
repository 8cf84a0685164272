import django.contrib.gis.db.models.fields
import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
from django.db import migrations, models

import gisplatform.registers
import layers.parcels.models
from gisplatform.crs import REGISTER_SRID


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("gisplatform", "0001_foundations"),
    ]

    operations = [
        migrations.CreateModel(
            name="LandUseCode",
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
                ("code", models.CharField(max_length=40)),
                ("effective_from", models.DateField(blank=True, null=True)),
                ("effective_to", models.DateField(blank=True, null=True)),
                ("legal_basis", models.CharField(max_length=200)),
                ("source", models.CharField(max_length=300)),
                ("confidence", models.CharField(max_length=200)),
                ("name_vi", models.CharField(max_length=200)),
                ("name_en", models.CharField(blank=True, max_length=200)),
                ("parent", models.CharField(blank=True, max_length=10)),
                ("level", models.CharField(blank=True, max_length=20)),
                ("colour", models.CharField(blank=True, max_length=7)),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        fields=("code", "effective_from"),
                        name="parcels_landusecode_code_and_day",
                        nulls_distinct=False,
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (models.F("code"), "="),
                            (
                                models.Func(
                                    "effective_from",
                                    "effective_to",
                                    output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                    template="daterange(%(expressions)s, '[]')",
                                ),
                                "&&",
                            ),
                        ],
                        name="parcels_landusecode_one_in_force",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Parcel",
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
                ("commune_code", models.CharField(max_length=10)),
                ("sheet", models.CharField(max_length=20)),
                ("number", models.CharField(max_length=20)),
                ("suffix", models.PositiveSmallIntegerField(default=1)),
                (
                    "code",
                    models.GeneratedField(
                        db_persist=True,
                        expression=layers.parcels.models.PublicCode(),
                        output_field=models.CharField(max_length=60),
                    ),
                ),
                ("old_sheet", models.CharField(blank=True, max_length=20)),
                ("old_number", models.CharField(blank=True, max_length=20)),
                (
                    "land_use_codes",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), size=None),
                ),
                ("area_document_m2", models.FloatField(null=True)),
                (
                    "area_measured_m2",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func("boundary", function="ST_Area"),
                        output_field=models.FloatField(),
                    ),
                ),
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
                        name="parcels_parcel_map",
                    ),
                    models.Index(fields=["code"], name="parcels_parcel_code"),
                    models.Index(fields=["sheet", "number"], name="parcels_parcel_sheet_number"),
                    models.Index(
                        condition=models.Q(("old_number", ""), _negated=True),
                        fields=["old_sheet", "old_number"],
                        name="parcels_parcel_old_number",
                    ),
                ],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("identity", "="),
                            ("valid_during", "&&"),
                            ("recorded_during", "&&"),
                        ],
                        name="parcels_parcel_one_version",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("recorded_during__isempty", False),
                            ("valid_during__isempty", False),
                        ),
                        name="parcels_parcel_ranges_not_empty",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("recorded_during__upper_inf", True),
                            ("valid_during__upper_inf", True),
                        ),
                        fields=("code",),
                        name="parcels_parcel_one_per_code",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("area_document_m2__gte", 0)),
                        name="parcels_parcel_area_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ParcelLineage",
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
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("split", "Split"),
                            ("merge", "Merge"),
                            ("resurvey", "Re-survey"),
                        ],
                        max_length=10,
                    ),
                ),
                ("happened_on", models.DateField()),
                ("decision_ref", models.CharField(blank=True, max_length=100)),
            ],
            options={
                "indexes": [models.Index(fields=["successor"], name="parcels_lineage_successor")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("predecessor", "successor", "happened_on"),
                        name="parcels_lineage_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("predecessor", models.F("successor")), _negated=True),
                        name="parcels_lineage_of_another",
                    ),
                ],
            },
        ),
    ]
