"""The words of a name as searches look them up: `Đường 3/2` → duong, 3, 2. The same as layers.names.search_words."""

from django.db import migrations

# A text search vector without a parser, which would read `3/2` and `O-12` in ways of its own. Not written in SQL: the
# planner would put the body in place and think it as cheap as an addition, and rather ask each row than an index.
CREATE = """
CREATE FUNCTION search_terms(name text) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000
    AS $$ BEGIN
        RETURN array_to_tsvector(array_remove(regexp_split_to_array(public.search_key(name), '[^[:alnum:]]+'), ''));
    END $$
"""


class Migration(migrations.Migration):
    dependencies = [("gisplatform", "0003_keep_history")]
    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION search_terms(text)")]
