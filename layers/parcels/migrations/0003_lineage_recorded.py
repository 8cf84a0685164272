import django.contrib.postgres.fields.ranges
from django.db import migrations, models

import gisplatform.registers


class Migration(migrations.Migration):
    dependencies = [("parcels", "0002_search_by_number")]
    operations = [
        migrations.RemoveConstraint(model_name="parcellineage", name="parcels_lineage_once"),
        migrations.AddField(
            model_name="parcellineage",
            name="recorded_during",
            field=django.contrib.postgres.fields.ranges.DateTimeRangeField(
                db_default=gisplatform.registers.FromNowOn(), editable=False
            ),
        ),
        migrations.AddConstraint(
            model_name="parcellineage",
            constraint=models.UniqueConstraint(
                condition=models.Q(("recorded_during__upper_inf", True)),
                fields=("predecessor", "successor", "happened_on"),
                name="parcels_lineage_once",
            ),
        ),
    ]
