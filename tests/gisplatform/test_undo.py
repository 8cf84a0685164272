"""What an operation recorded can be taken back as a whole, and stays readable as what was once held true."""

from datetime import date

import pytest
from django.db import connection
from django.utils import translation

from gisplatform.errors import InvalidInput
from gisplatform.registers import close, database_time
from gisplatform.undo import Undone, undo
from layers.parcels.models import Parcel
from layers.parcels.operations import record_parcels
from planning.plans.models import Zone
from tests.factories import days, make_parcel, make_plan, make_zone, rectangle
from tests.importers.test_versions import history, rows

pytestmark = pytest.mark.django_db

FIRST, SECOND = date(2020, 1, 1), date(2024, 1, 1)


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def recorded_last():
    """The instant of the last operation on the cadastre."""
    return max(moment.lower for moment in Parcel.objects.recorded().values_list("recorded_during", flat=True))


def held(known_at=None):
    """What the register holds true, or held: everything of each version but its number and its recorded time."""
    versions = Parcel.objects.recorded(known_at).order_by("code", "valid_during")
    return [
        (v.identity, v.valid_during, v.code, v.land_use_codes, v.area_document_m2, v.boundary.wkb, v.old_number)
        for v in versions
    ]


def test_an_import_is_taken_back_and_done_again():
    record_parcels(parcels=rows(100, 200, 300), valid_from=FIRST)
    before = held()
    # Half a year later a file changes two of them and brings a fourth.
    record_parcels(parcels=rows(150, 250, 300, 400), valid_from=SECOND)
    instant, after, versions = recorded_last(), held(), Parcel.objects.count()
    now = database_time()
    # Two parcels until the day and from it on, and the new one; what is restored are the two as they were.
    assert undo(Parcel, instant, now) == Undone(taken_back=5, restored=2)
    assert held() == before
    # Nothing is gone: what was held true in between, and before it, answers as it did.
    assert Parcel.objects.count() == versions + 2
    assert held(instant) == after
    assert Parcel.objects.as_of(date(2025, 1, 1), known_at=instant).get(number="4").area_measured_m2 == pytest.approx(
        400
    )
    # The undoing is an operation like others.
    assert undo(Parcel, now, database_time()) == Undone(taken_back=2, restored=5)
    assert held() == after
    # And the file can come once more: it finds everything as it says.
    recorded = record_parcels(parcels=rows(150, 250, 300, 400), valid_from=SECOND)
    assert (recorded.new, recorded.changed, recorded.unchanged) == (0, 0, 4)


def test_a_new_parcel_that_is_taken_back_may_come_again_under_its_number():
    record_parcels(parcels=rows(100), valid_from=FIRST)
    undo(Parcel, recorded_last(), database_time())
    assert history() == []
    assert record_parcels(parcels=rows(120), valid_from=SECOND).new == 1
    assert history() == [(SECOND, None, 120)]


def test_what_has_changed_since_is_named_and_nothing_is_taken_back():
    record_parcels(parcels=rows(*range(100, 107)), valid_from=FIRST)
    instant = recorded_last()
    record_parcels(parcels=rows(*range(200, 206), 106), valid_from=SECOND)
    later, before = recorded_last(), held()
    with pytest.raises(InvalidInput) as refused:
        undo(Parcel, instant, database_time())
    assert held() == before
    names = ", ".join(f"07001-12-{number}" for number in range(1, 6))
    assert f"6 of its things have changed since ({names}, …). Take the later changes back first" in str(refused.value)
    assert refused.value.details["things"] == [f"07001-12-{number}" for number in range(1, 7)]
    # In the order in which they came, all goes back; what was done twice cannot be undone twice.
    undo(Parcel, later, database_time())
    with pytest.raises(InvalidInput, match="changed since"):
        undo(Parcel, later, database_time())


def test_a_correction_of_the_past_alone_is_a_change_since():
    record_parcels(parcels=rows(100), valid_from=FIRST)
    record_parcels(parcels=rows(200), valid_from=SECOND)
    instant = recorded_last()
    past = Parcel.objects.as_of(date(2022, 1, 1)).get()
    close(Parcel.objects.filter(pk=past.pk), database_time())
    with pytest.raises(InvalidInput, match="changed since"):
        undo(Parcel, instant, database_time())


def test_a_number_that_went_to_another_parcel_since_is_not_taken_from_it():
    parcel = make_parcel(number="9", valid_during=days(FIRST))
    instant = database_time()
    close(Parcel.objects.filter(pk=parcel.pk), instant)
    make_parcel(number="9", valid_during=days(SECOND), boundary=rectangle(100))
    before = held()
    with pytest.raises(InvalidInput, match=r"stands in its place.*20194-7-9"):
        undo(Parcel, instant, database_time())
    assert held() == before


def test_nothing_recorded_at_that_moment():
    make_parcel()
    with pytest.raises(InvalidInput, match="nothing to take back"):
        undo(Parcel, database_time(), database_time())


def test_a_zone_gets_its_old_limits_back():
    plan = make_plan()
    zone = make_zone(plan, code="OM-1", storeys_max=4, floor_area_ratio_max=2.5)
    other = make_zone(plan, code="OM-2")
    instant = database_time()
    close(Zone.objects.filter(pk=zone.pk), instant)
    make_zone(
        plan, identity=zone.identity, code="OM-1", storeys_max=9, boundary=rectangle(0, 0, 90, 60),
        recorded_during=(instant, None),
    )  # fmt: skip
    assert undo(Zone, instant, database_time()) == Undone(1, 1)
    [now] = Zone.objects.as_of().filter(code="OM-1")
    assert (now.identity, now.storeys_max, now.floor_area_ratio_max, now.boundary.area) == (zone.identity, 4, 2.5, 6000)
    assert now.plan == plan.identity
    assert Zone.objects.as_of(known_at=instant).get(code="OM-1").storeys_max == 9
    assert Zone.objects.as_of().get(code="OM-2").pk == other.pk
    # The published view, which the tiles and pages read, says the same.
    with connection.cursor() as cursor:
        cursor.execute("SELECT storeys_max FROM published.zones WHERE code = 'OM-1' AND upper_inf(recorded_during)")
        assert cursor.fetchall() == [(4,)]
