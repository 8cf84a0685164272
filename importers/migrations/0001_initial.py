import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("gisplatform", "0001_foundations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportRun",
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
                ("register", models.CharField(max_length=40)),
                ("file_names", models.JSONField(default=list)),
                ("sha256", models.CharField(max_length=64)),
                ("imported_at", models.DateTimeField(auto_now_add=True)),
                ("crs", models.CharField(max_length=200)),
                ("counts", models.JSONField(default=dict)),
                (
                    "imported_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ImportIssue",
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
                ("file_name", models.CharField(max_length=255)),
                ("row", models.PositiveBigIntegerField()),
                ("parcel", models.CharField(blank=True, max_length=60)),
                ("taken", models.BooleanField()),
                ("code", models.CharField(max_length=40)),
                ("message", models.TextField()),
                ("lon", models.FloatField(null=True)),
                ("lat", models.FloatField(null=True)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="issues",
                        to="importers.importrun",
                    ),
                ),
            ],
        ),
    ]
