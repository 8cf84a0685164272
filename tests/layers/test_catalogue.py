"""The catalogue and the published schema that follows from it."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import connection, models
from psycopg import sql

from gisplatform.access import Person, Role, Rows, Sight
from gisplatform.registers import close, database_time
from layers.catalogue import GROUPS, Attribute, Look, declare, find, layers, legend
from layers.publishing import publish
from layers.queries import select
from planning.plans.models import Plan, PlanState
from tests.factories import days, make_camera, make_organisation, make_parcel, make_plan, make_zone

KEYS = {
    "administrative_units", "parcels", "streets", "buildings", "plans", "zones", "plan_lines", "network_nodes",
    "network_edges", "cameras", "addresses", "places", "waters", "railways",
}  # fmt: skip
PLANNER = Person.of([Role.PLANNER])
SQL_TYPES = {"int": {"int2", "int4", "int8"}, "float": {"float8"}, "text": {"text", "varchar"}, "bool": {"bool"}}


def columns(layer) -> dict[str, str]:
    """The published columns of a layer with their types, as the database has them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, udt_name FROM information_schema.columns"
            " WHERE table_schema = 'published' AND table_name = %s",
            [layer.key],
        )
        return dict(cursor.fetchall())


def test_the_layers_of_the_platform():
    assert {layer.key for layer in layers()} == KEYS
    assert [layer.order for layer in layers()] == sorted(layer.order for layer in layers())
    assert find("owners") is None


@pytest.mark.parametrize("layer", layers(), ids=lambda layer: layer.key)
def test_a_declaration_is_complete_in_both_languages(layer):
    assert layer.group in GROUPS
    assert 0 <= layer.min_zoom <= layer.max_zoom <= 22
    for text in [layer.title, *(attribute.title for attribute in layer.attributes)]:
        assert set(text) == {"vi", "en"}
        assert all(text.values())
    names = [attribute.name for attribute in layer.attributes]
    assert len(names) == len(set(names))
    # These are what every published relation has besides.
    assert not set(names) & {"id", "shape", "exact", "approximate", "valid_during", "recorded_during"}


@pytest.mark.django_db
@pytest.mark.parametrize("layer", layers(), ids=lambda layer: layer.key)
def test_the_published_relation_is_what_the_declaration_says(layer):
    found = columns(layer)
    expected = {"id", "valid_during", "recorded_during", "exact", *(attribute.name for attribute in layer.attributes)}
    expected |= {"approximate"} if layer.approximate else set()
    expected |= {"joined_valid_during", "joined_recorded_during"} if layer.joined else set()
    assert set(found) == expected
    for attribute in layer.attributes:
        assert found[attribute.name] in SQL_TYPES[attribute.type], attribute.name


@pytest.mark.django_db
def test_no_layer_publishes_personal_data():
    words = ("person", "citizen", "phone", "email", "cccd", "birth", "address")
    for layer in layers():
        assert not [name for name in columns(layer) if any(word in name for word in words)]


@pytest.mark.django_db
def test_publishing_again_changes_nothing():
    before = {layer.key: columns(layer) for layer in layers()}
    assert set(publish()) == KEYS
    assert {layer.key: columns(layer) for layer in layers()} == before


def test_a_faulty_declaration_is_refused_at_once():
    parcels = find("parcels")
    for wrong in (
        replace(parcels, title={"vi": "Khác", "en": "Other"}),
        replace(parcels, key="lots", group="elsewhere"),
        replace(parcels, key="lots", look=Look("fill", "#ffffff", by="colour")),
        replace(parcels, key="lots", look=Look("fill", "#ffffff", label="nickname")),
        replace(parcels, key="lots", summed_by=["colour"]),
        replace(parcels, key="lots", attributes=[*parcels.attributes, Attribute("label", "text", parcels.title)]),
        replace(parcels, key="lots", access={Role.CITIZEN: Sight(Rows("some", "owner", (1,)))}),
    ):
        with pytest.raises(ValueError):
            declare(wrong)
    assert find("lots") is None
    assert declare(parcels) is parcels


@pytest.mark.django_db
def test_legends_are_never_empty_and_zones_have_the_colours_in_force():
    for layer in layers():
        for language in ("vi", "en"):
            lines = list(legend(layer, language))
            assert lines
            assert all(line["title"] and line["colour"].startswith("#") and len(line["colour"]) == 7 for line in lines)
    assert len(list(legend(find("zones"), "vi"))) > 10


@pytest.mark.django_db
def test_a_zone_follows_its_plan_through_time():
    # Adopted in 2020, replaced in 2024: the zone's row stays, the plan's state changes under it.
    plan = make_plan(PlanState.DRAFT, valid_during=days(date(2019, 1, 1), date(2020, 1, 1)))
    make_plan(identity=plan.identity, code=plan.code, valid_during=days(date(2020, 1, 1), date(2024, 1, 1)))
    make_plan(PlanState.SUPERSEDED, identity=plan.identity, code=plan.code, valid_during=days(date(2024, 1, 1)))
    zone = make_zone(plan, valid_during=days(date(2019, 6, 1)))
    zones = find("zones")

    def state(on: date, person: Person = PLANNER) -> list[str]:
        return [row["state"] for row in select(zones, person, on=on) if row["id"] == zone.identity]

    assert state(date(2019, 5, 31)) == []
    assert state(date(2019, 12, 31)) == ["draft"]
    assert state(date(2020, 1, 1)) == ["adopted"]
    assert state(date(2024, 1, 1)) == state(date.today()) == ["superseded"]
    # A citizen does not see what was a draft then.
    assert state(date(2019, 12, 31), Person()) == []
    assert state(date(2020, 1, 1), Person()) == ["adopted"]


@pytest.mark.django_db
def test_what_was_known_then_can_be_asked_for():
    plan = make_plan(PlanState.CONSULTATION)
    zone = make_zone(plan)
    then = database_time()
    close(Plan.objects.filter(identity=plan.identity), database_time())
    make_plan(PlanState.WITHDRAWN, identity=plan.identity, code=plan.code)
    zones = find("zones")
    assert [row["state"] for row in select(zones, PLANNER)] == ["withdrawn"]
    assert [row["id"] for row in select(zones, Person())] == []
    assert [(row["id"], row["state"]) for row in select(zones, Person(), known_at=then)] == [
        (zone.identity, "consultation")
    ]


@pytest.mark.django_db
def test_nobody_asks_for_more_than_the_catalogue_publishes():
    camera = make_camera(make_organisation())
    cameras = find("cameras")
    [row] = select(cameras, Person(), extra={"place": sql.SQL("ST_AsText(shape)")})
    camera.refresh_from_db()
    assert set(row) == {"id", "purpose", "owner", "place"}
    assert row["place"] == camera.approximate_position.wkt.replace("POINT (", "POINT(")
    [row] = select(cameras, Person.of([Role.OPERATOR]))
    assert set(row) == {"id", *(attribute.name for attribute in cameras.attributes)}


def test_an_attribute_is_its_own_column_unless_it_says_otherwise():
    text = {"vi": "Tên", "en": "Name"}
    assert Attribute("name", "text", text).expression == 'row."name"'
    assert Attribute("name", "text", text, sql="owner.name").expression == "owner.name"
    assert all(isinstance(layer.register._meta.get_field(layer.geometry), models.Field) for layer in layers())


@pytest.mark.django_db
def test_select_pages_and_filters():
    for number in range(5):
        make_parcel(sheet="1", number=str(number))
    rows = select(find("parcels"), Person(), where=sql.SQL("number <> %(number)s"), params={"number": "2"}, limit=3)
    assert [row["number"] for row in rows] == ["0", "1", "3"]
