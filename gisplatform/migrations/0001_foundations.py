"""What every register stands on: extensions, own coordinate systems, the identity sequence, the shared cache."""

from django.contrib.postgres.operations import (
    BtreeGistExtension,
    CreateExtension,
    TrigramExtension,
    UnaccentExtension,
)
from django.core.management import call_command
from django.db import migrations

from gisplatform.crs import SPATIAL_REF_SYS


def add_coordinate_systems(apps, schema_editor):
    """Own SRIDs carry a proj4text and no srtext: PostGIS then uses the parameters and not PROJ's own choice."""
    with schema_editor.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, srtext, proj4text)"
            " VALUES (%s, NULL, NULL, '', %s)"
            " ON CONFLICT (srid) DO UPDATE SET auth_name = NULL, auth_srid = NULL, srtext = '',"
            " proj4text = excluded.proj4text",
            list(SPATIAL_REF_SYS.items()),
        )


def make_cache_table(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        CreateExtension("postgis"),
        BtreeGistExtension(),
        TrigramExtension(),
        UnaccentExtension(),
        migrations.RunPython(add_coordinate_systems, migrations.RunPython.noop),
        migrations.RunSQL("CREATE SEQUENCE register_identity", "DROP SEQUENCE register_identity"),
        migrations.RunPython(make_cache_table, migrations.RunPython.noop),
    ]
