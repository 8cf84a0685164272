"""Indexes for the search by name without tone marks; the search asks with LIKE '%…%' on the same expression."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations
from django.db.models import Func


def by_name(model, name):
    expression = OpClass(Func("name", function="search_key"), "gin_trgm_ops")
    return migrations.AddIndex(model, GinIndex(expression, name=name))


class Migration(migrations.Migration):
    dependencies = [("base", "0001_initial"), ("gisplatform", "0002_search_key")]
    operations = [by_name("street", "base_street_name_key"), by_name("administrativeunit", "base_unit_name_key")]
