"""The database refuses to overwrite or delete a version; layers/publishing.py puts the guard on each register."""

from django.db import migrations

# AFTER, because generated columns have no value before. Only the end of recorded time may be set, and only once.
GUARD = """
CREATE FUNCTION keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('gisplatform.history', true) = 'off' THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' AND upper_inf(OLD.recorded_during) AND NOT upper_inf(NEW.recorded_during)
            AND lower(NEW.recorded_during) = lower(OLD.recorded_during) THEN
        NEW.recorded_during := OLD.recorded_during;
        IF NEW IS NOT DISTINCT FROM OLD THEN
            RETURN NULL;
        END IF;
    END IF;
    RAISE EXCEPTION 'The register % keeps every version: end its recorded time and write a new one.', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [("gisplatform", "0002_search_key")]
    operations = [migrations.RunSQL(GUARD, "DROP FUNCTION keep_history() CASCADE")]
