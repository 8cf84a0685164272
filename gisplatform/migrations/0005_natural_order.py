"""The order in which people read: letters as in Vietnamese, and parcel 9 before parcel 10."""

from django.db import migrations

CREATE = "CREATE COLLATION natural_vi (provider = icu, locale = 'vi-u-kn-true')"


class Migration(migrations.Migration):
    dependencies = [("gisplatform", "0004_search_terms")]
    operations = [migrations.RunSQL(CREATE, "DROP COLLATION natural_vi")]
