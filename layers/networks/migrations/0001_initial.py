import django.contrib.gis.db.models.fields
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

import gisplatform.registers
from gisplatform.crs import REGISTER_SRID


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("gisplatform", "0001_foundations"),
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="NetworkEdge",
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
                    "network",
                    models.CharField(
                        choices=[
                            ("water", "Water supply"),
                            ("drainage", "Drainage"),
                            ("power", "Power"),
                            ("telecom", "Telecom"),
                            ("gas", "Gas"),
                            ("lighting", "Street lighting"),
                        ],
                        max_length=10,
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("reference", models.CharField(blank=True, max_length=60)),
                ("start_node", models.BigIntegerField(null=True)),
                ("end_node", models.BigIntegerField(null=True)),
                ("material", models.CharField(blank=True, max_length=40)),
                ("diameter_mm", models.FloatField(null=True)),
                ("voltage_kv", models.FloatField(null=True)),
                ("depth_m", models.FloatField(null=True)),
                (
                    "route",
                    django.contrib.gis.db.models.fields.LineStringField(spatial_index=False, srid=REGISTER_SRID),
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
                        fields=["route", "valid_during"],
                        name="networks_networkedge_map",
                    ),
                    models.Index(fields=["start_node"], name="networks_edge_start"),
                    models.Index(fields=["end_node"], name="networks_edge_end"),
                ],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("identity", "="),
                            ("valid_during", "&&"),
                            ("recorded_during", "&&"),
                        ],
                        name="networks_networkedge_one_version",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("recorded_during__isempty", False),
                            ("valid_during__isempty", False),
                        ),
                        name="networks_networkedge_ranges_not_empty",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "network__in",
                                [
                                    "water",
                                    "drainage",
                                    "power",
                                    "telecom",
                                    "gas",
                                    "lighting",
                                ],
                            )
                        ),
                        name="networks_networkedge_known_network",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("diameter_mm__gt", 0), ("voltage_kv__gt", 0)),
                        name="networks_networkedge_sizes_positive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NetworkNode",
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
                    "network",
                    models.CharField(
                        choices=[
                            ("water", "Water supply"),
                            ("drainage", "Drainage"),
                            ("power", "Power"),
                            ("telecom", "Telecom"),
                            ("gas", "Gas"),
                            ("lighting", "Street lighting"),
                        ],
                        max_length=10,
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("reference", models.CharField(blank=True, max_length=60)),
                ("elevation_m", models.FloatField(null=True)),
                (
                    "position",
                    django.contrib.gis.db.models.fields.PointField(spatial_index=False, srid=REGISTER_SRID),
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
                        name="networks_networknode_map",
                    )
                ],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("identity", "="),
                            ("valid_during", "&&"),
                            ("recorded_during", "&&"),
                        ],
                        name="networks_networknode_one_version",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("recorded_during__isempty", False),
                            ("valid_during__isempty", False),
                        ),
                        name="networks_networknode_ranges_not_empty",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "network__in",
                                [
                                    "water",
                                    "drainage",
                                    "power",
                                    "telecom",
                                    "gas",
                                    "lighting",
                                ],
                            )
                        ),
                        name="networks_networknode_known_network",
                    ),
                ],
            },
        ),
    ]
