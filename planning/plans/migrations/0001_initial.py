import django.contrib.gis.db.models.fields
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.core.validators
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
            name="Plan",
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
                (
                    "code",
                    models.CharField(
                        max_length=12,
                        validators=[django.core.validators.RegexValidator("^\\d{12}$")],
                    ),
                ),
                ("title", models.CharField(max_length=300)),
                ("kind", models.CharField(max_length=60)),
                ("scale", models.PositiveIntegerField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("consultation", "In consultation"),
                            ("appraisal", "In appraisal"),
                            ("adopted", "Adopted"),
                            ("superseded", "Superseded"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        max_length=20,
                    ),
                ),
                ("decision_ref", models.CharField(blank=True, max_length=100)),
                ("decided_on", models.DateField(null=True)),
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
                        name="plans_plan_map",
                    ),
                    models.Index(fields=["code"], name="plans_plan_code"),
                    models.Index(fields=["identity"], name="plans_plan_identity"),
                ],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("identity", "="),
                            ("valid_during", "&&"),
                            ("recorded_during", "&&"),
                        ],
                        name="plans_plan_one_version",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("recorded_during__isempty", False),
                            ("valid_during__isempty", False),
                        ),
                        name="plans_plan_ranges_not_empty",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "draft",
                                    "consultation",
                                    "appraisal",
                                    "adopted",
                                    "superseded",
                                    "withdrawn",
                                ],
                            )
                        ),
                        name="plans_plan_known_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "adopted"), _negated=True),
                            models.Q(
                                models.Q(("decision_ref", ""), _negated=True),
                                ("decided_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="plans_plan_adopted_by_a_decision",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanLine",
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
                ("plan", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("red_line", "Red line"),
                            ("building_line", "Building line"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "course",
                    django.contrib.gis.db.models.fields.MultiLineStringField(spatial_index=False, srid=REGISTER_SRID),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    django.contrib.postgres.indexes.GistIndex(
                        condition=models.Q(("recorded_during__upper_inf", True)),
                        fields=["course", "valid_during"],
                        name="plans_planline_map",
                    ),
                    models.Index(fields=["plan"], name="plans_planline_plan"),
                ],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("identity", "="),
                            ("valid_during", "&&"),
                            ("recorded_during", "&&"),
                        ],
                        name="plans_planline_one_version",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("recorded_during__isempty", False),
                            ("valid_during__isempty", False),
                        ),
                        name="plans_planline_ranges_not_empty",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Zone",
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
                ("plan", models.BigIntegerField()),
                ("code", models.CharField(max_length=40)),
                ("function", models.CharField(max_length=40)),
                ("density_max_percent", models.FloatField(null=True)),
                ("floor_area_ratio_max", models.FloatField(null=True)),
                ("storeys_min", models.PositiveSmallIntegerField(null=True)),
                ("storeys_max", models.PositiveSmallIntegerField(null=True)),
                ("height_max_m", models.FloatField(null=True)),
                ("setback_m", models.FloatField(null=True)),
                ("population", models.PositiveIntegerField(null=True)),
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
                        name="plans_zone_map",
                    ),
                    models.Index(fields=["plan"], name="plans_zone_plan"),
                ],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("identity", "="),
                            ("valid_during", "&&"),
                            ("recorded_during", "&&"),
                        ],
                        name="plans_zone_one_version",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("recorded_during__isempty", False),
                            ("valid_during__isempty", False),
                        ),
                        name="plans_zone_ranges_not_empty",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("density_max_percent__gte", 0),
                            ("density_max_percent__lte", 100),
                        ),
                        name="plans_zone_density_is_a_share",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("floor_area_ratio_max__gte", 0),
                            ("height_max_m__gte", 0),
                            ("setback_m__gte", 0),
                        ),
                        name="plans_zone_indicators_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("storeys_min__lte", models.F("storeys_max"))),
                        name="plans_zone_storeys_in_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ZoneFunction",
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
                ("colour", models.CharField(max_length=7)),
                ("autocad_index", models.PositiveSmallIntegerField()),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        fields=("code", "effective_from"),
                        name="plans_zonefunction_code_and_day",
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
                        name="plans_zonefunction_one_in_force",
                    ),
                ],
            },
        ),
    ]
