"""What the map's scripts are told."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from gisplatform.access import CITIZEN, Person, Role
from planning.plans.models import PlanState
from tests.conftest import ROOT
from tests.factories import make_parcel, make_unit, rectangle
from web.config import first_view, map_config
from web.strings import strings


def layer(person: Person, key: str, language: str = "vi") -> dict | None:
    return next((layer for layer in map_config(person, language)["layers"] if layer["key"] == key), None)


def attributes(person: Person, key: str, language: str = "vi") -> dict[str, dict]:
    found = layer(person, key, language)
    assert found
    return {attribute["name"]: attribute for attribute in found["attributes"]}


def test_only_layers_that_exist_for_the_person_are_told(db):
    assert layer(CITIZEN, "network_edges") is None
    assert layer(Person.of([Role.UTILITY], 7), "network_edges")
    assert layer(Person.of([Role.UTILITY]), "network_edges") is None  # a utility's member of no utility
    assert "reference" not in attributes(CITIZEN, "cameras")
    assert "reference" in attributes(Person.of([Role.OPERATOR]), "cameras")


def test_attributes_are_told_in_words(db):
    # Numbers of organisations and colours are the machine's; of a name in two languages the visitor's is told.
    assert "organisation" not in attributes(Person.of([Role.PLANNER]), "network_edges")
    assert {"colour", "function_en"}.isdisjoint(attributes(CITIZEN, "zones"))
    assert "function_vi" not in attributes(CITIZEN, "zones", "en")
    # Codes of registers and legends come with their words.
    with translation.override("en"):
        assert attributes(CITIZEN, "zones", "en")["state"]["values"]["adopted"] == str(PlanState.ADOPTED.label)
        assert attributes(CITIZEN, "plan_lines", "en")["kind"]["values"]["red_line"] == "Street line (red line)"


def test_an_empty_register_shows_its_strip_of_the_country(db):
    view = first_view()
    assert view == {"bounds": [106.25, 8.3, 109.25, 23.4], "empty": True}


def test_the_map_opens_where_the_parcels_of_the_communes_are(db):
    make_unit()  # 2 km × 2 km around the corner
    for i in range(10):
        make_parcel(boundary=rectangle(i * 50, 0))
    make_parcel(boundary=rectangle(90_000, 90_000))  # imported into the wrong place
    west, south, east, north = first_view()["bounds"]
    assert (west, south) == pytest.approx((108.2, 16.05), abs=1e-3)
    assert (east - west, north - south) == pytest.approx((490 / 107_000, 25 / 110_700), abs=2e-4)


def test_the_first_view_asks_the_index_of_the_map_and_sorts_no_register(db):
    make_unit()
    for i in range(40):
        make_parcel(boundary=rectangle(i * 20, i * 20, 15, 15))
    with connection.cursor() as cursor:
        # So few rows would be read whole and sorted; the planner is to say whether it could do without.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")
        with CaptureQueriesContext(connection) as asked:
            first_view()
        plans = []
        for query in asked:
            if '"published"."parcels"' in query["sql"]:
                cursor.execute(f"EXPLAIN {query['sql']}")
                plans.append("\n".join(line for (line,) in cursor.fetchall()))
    assert len(plans) == 4
    for plan in plans:
        assert "Index Scan using parcels_parcel_map" in plan
        assert "Sort" not in plan


def test_parcels_outside_every_commune_leave_the_view_to_the_communes(db):
    make_unit()
    make_parcel(boundary=rectangle(90_000, 90_000))
    view = first_view()
    assert view["empty"] is False
    assert view["bounds"][0] == pytest.approx(108.2 - 1000 / 107_000, abs=1e-3)


def test_without_communes_a_few_strays_do_not_set_the_view(db):
    for i in range(100):
        make_parcel(boundary=rectangle(i * 10, 0, 9, 25))
    make_parcel(boundary=rectangle(90_000, 90_000))
    west, _south, east, _north = first_view()["bounds"]
    assert east - west < 0.02


def test_the_scripts_say_only_texts_that_exist_and_all_of_them():
    scripts = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "web/static/web").glob("*.js"))
    said = set(re.findall(r'\bsay\("(\w+)"', scripts))
    # Texts chosen between, as in say(open ? "show_panel" : "hide_panel").
    said |= {
        key for chosen in re.findall(r"\bsay\(\w[^)]*\?[^)]*\)", scripts) for key in re.findall(r'"(\w+)"', chosen)
    }
    assert said <= set(strings())
    # Others reach say() through a constant, or are put together as in say(`sheet_${stop}`).
    patterns = [re.sub(r"\$\{[^}]*\}", r"\\w+", made) for made in re.findall(r"\bsay\(`([^`]+)`\)", scripts)]
    unsaid = [key for key in strings() if f'"{key}"' not in scripts and not any(re.fullmatch(p, key) for p in patterns)]
    assert unsaid == []


def test_icons_that_are_used_are_in_the_sprite():
    sprite = (ROOT / "web/static/web/icons.svg").read_text(encoding="utf-8")
    there = set(re.findall(r'<symbol id="([\w-]+)"', sprite))
    used = set()
    for folder in ["web", "planning", "importers", "demo", "layers"]:
        for page in (ROOT / folder).rglob("*.html"):
            used |= set(re.findall(r'web/icon\.html" with name="([\w-]+)"', page.read_text(encoding="utf-8")))
    for script in (ROOT / "web/static/web").glob("*.js"):
        used |= set(re.findall(r'\bicon\("([\w-]+)"\)', script.read_text(encoding="utf-8")))
    assert used <= there
