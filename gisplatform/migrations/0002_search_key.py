"""How names are compared in searches: small letters, no tone marks, so that `Trần Phú` and `tran phu` are one."""

from django.db import migrations

# IMMUTABLE, which indexes need, though unaccent itself is STABLE: its dictionary is named, so no setting can change
# what the function returns. NFC first: some files keep a letter and its tone mark apart.
CREATE = """
CREATE FUNCTION search_key(name text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT lower(public.unaccent('public.unaccent'::regdictionary, normalize(name, NFC))) $$
"""


class Migration(migrations.Migration):
    dependencies = [("gisplatform", "0001_foundations")]
    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION search_key(text)")]
