"""The statistics of the tables that tiles are drawn from are renewed with those of the registers."""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION refresh_statistics() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE
    written regclass;
BEGIN
    FOR written IN
        SELECT tgrelid::regclass FROM pg_trigger WHERE tgname = 'keep_history'
        UNION ALL SELECT oid::regclass FROM pg_class WHERE relnamespace = to_regnamespace('drawn') AND relkind = 'r'
    LOOP
        EXECUTE format('ANALYZE %s', written);
    END LOOP;
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [("demo", "0001_refresh_statistics")]
    operations = [migrations.RunSQL(FUNCTION, migrations.RunSQL.noop)]
