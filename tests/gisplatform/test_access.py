"""The access rule by itself: who sees which rows, how exactly, and what becomes of it in SQL."""

import pytest
from django.db import connection

from gisplatform import passes
from gisplatform.access import (
    ALL,
    CITIZEN,
    EVERYONE,
    Person,
    Role,
    Rows,
    Sight,
    own,
    row_condition,
    sees_exactly,
    sights,
    staff,
)

PUBLIC_STATES = Rows("published", "state", ("adopted", "consultation"))
PLANS = {Role.CITIZEN: Sight(PUBLIC_STATES), Role.PLANNER: Sight()}
PIPES = {**staff(), Role.UTILITY: Sight(own("organisation"))}
CAMERAS = {Role.CITIZEN: Sight(exact=False), **staff()}
# A utility sees its own exactly and everybody's about: an exact sight of some rows must not sharpen the others.
MIXED = {Role.CITIZEN: Sight(exact=False), Role.UTILITY: Sight(own("organisation"))}


def person(*roles: str, organisation: int | None = None) -> Person:
    return Person.of(roles, organisation)


@pytest.mark.parametrize(
    ("table", "who", "rows", "exactly"),
    [
        (EVERYONE, CITIZEN, "TRUE", True),
        (PLANS, CITIZEN, "state", True),
        (PLANS, person(Role.OFFICER), "state", True),
        (PLANS, person(Role.PLANNER), "TRUE", True),
        (PIPES, CITIZEN, None, False),
        (PIPES, person(Role.OFFICER), "TRUE", True),
        (PIPES, person(Role.UTILITY, organisation=7), "organisation", True),
        (PIPES, person(Role.UTILITY), None, False),
        (PIPES, person(Role.UTILITY, Role.CLERK, organisation=7), "TRUE", True),
        (CAMERAS, CITIZEN, "TRUE", False),
        (CAMERAS, person(Role.UTILITY, organisation=7), "TRUE", False),
        (CAMERAS, person(Role.OPERATOR), "TRUE", True),
        (MIXED, person(Role.UTILITY, organisation=7), "TRUE", False),
        ({}, person(*Role.values, organisation=7), None, False),
    ],
)
def test_decision_table(table, who, rows, exactly):
    restriction = row_condition(table, who)
    assert sees_exactly(table, who) is exactly
    assert bool(sights(table, who)) is (rows is not None)
    if rows is None:
        assert restriction is None
        return
    condition, params = restriction
    assert condition.as_string(None) == ("TRUE" if rows == "TRUE" else f'("{rows}" = ANY(%(allowed_{rows})s))')
    assert set(params) == (set() if rows == "TRUE" else {f"allowed_{rows}"})


def test_two_partial_sights_add_up_to_the_rows_of_either():
    table = {Role.CITIZEN: Sight(PUBLIC_STATES), Role.CLERK: Sight(Rows("appraised", "state", ("appraisal",))),
             Role.UTILITY: Sight(own("organisation"))}  # fmt: skip
    _condition, params = row_condition(table, person(Role.CLERK, Role.UTILITY, organisation=3))
    assert params == {"allowed_state": ["adopted", "consultation", "appraisal"], "allowed_organisation": [3]}


@pytest.mark.django_db
def test_the_condition_is_sql_that_postgresql_understands():
    table = {Role.CITIZEN: Sight(PUBLIC_STATES), Role.UTILITY: Sight(own("organisation"))}
    condition, params = row_condition(table, person(Role.UTILITY, organisation=3))
    rows = "(VALUES ('adopted', 1), ('draft', 3), ('draft', 4), (NULL, NULL)) AS plan (state, organisation)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT state, organisation FROM {rows} WHERE {condition.as_string(cursor.connection)}", params)
        assert cursor.fetchall() == [("adopted", 1), ("draft", 3)]


def test_everyone_is_a_citizen_too():
    assert person(Role.PLANNER).roles == {Role.PLANNER, Role.CITIZEN}
    assert CITIZEN.roles == {Role.CITIZEN}
    assert Person.of([]) == CITIZEN
    assert str(Sight(PUBLIC_STATES, exact=False)) == "published, approximate position"
    assert ALL.allowed(CITIZEN) is None


def test_a_pass_carries_the_person_and_nothing_else_does(settings):
    utility = person(Role.UTILITY, Role.CLERK, organisation=12)
    text = passes.issue(utility)
    assert passes.read(text) == utility
    assert passes.read(passes.issue(CITIZEN)) == CITIZEN
    for forged in (None, "", "nonsense", text[:-1], text + "x", text.replace(":", ".", 1)):
        assert passes.read(forged) is None
    assert passes.read(text, max_age_s=-1) is None
    settings.SECRET_KEY = "another platform's key, long enough"
    assert passes.read(text) is None
