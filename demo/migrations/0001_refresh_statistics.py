"""Whoever fills the registers may have the planner's statistics renewed, which otherwise only their owner may."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION refresh_statistics() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    register regclass;
BEGIN
    FOR register IN SELECT tgrelid::regclass FROM pg_trigger WHERE tgname = 'keep_history' LOOP
        EXECUTE format('ANALYZE %s', register);
    END LOOP;
END
$$
"""


class Migration(migrations.Migration):
    dependencies = []
    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION refresh_statistics()")]
