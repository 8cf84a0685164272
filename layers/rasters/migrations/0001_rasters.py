import django.contrib.gis.db.models.fields
from django.db import migrations, models

from gisplatform.crs import REGISTER_SRID


class Migration(migrations.Migration):
    initial = True

    dependencies = [("gisplatform", "0001_foundations")]

    operations = [
        migrations.CreateModel(
            name="Raster",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title_vi", models.CharField(max_length=200)),
                ("title_en", models.CharField(blank=True, max_length=200)),
                (
                    "kind",
                    models.CharField(choices=[("aerial", "Aerial image"), ("terrain", "Terrain model")], max_length=10),
                ),
                (
                    "audience",
                    models.CharField(
                        choices=[("public", "Everyone"), ("staff", "Staff only")], default="public", max_length=10
                    ),
                ),
                ("captured_on", models.DateField(blank=True, null=True)),
                ("attribution", models.CharField(blank=True, max_length=200)),
                ("file_name", models.CharField(max_length=80, unique=True)),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("min_zoom", models.PositiveSmallIntegerField()),
                ("max_zoom", models.PositiveSmallIntegerField()),
                ("footprint", django.contrib.gis.db.models.fields.PolygonField(srid=REGISTER_SRID)),
                ("added_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("min_zoom__lte", models.F("max_zoom"))),
                        name="rasters_raster_zooms_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("audience__in", ("public", "staff")), ("kind__in", ("aerial", "terrain"))),
                        name="rasters_raster_known_words",
                    ),
                ],
            },
        ),
    ]
