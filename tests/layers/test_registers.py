"""Registers keep time: nothing is overwritten, and every day can be asked for, as known then or now."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from gisplatform.access import CITIZEN
from gisplatform.registers import close, database_time, history_may_go
from layers.catalogue import find
from layers.parcels.models import Parcel
from layers.queries import select
from planning.plans.models import PlanState
from tests.factories import days, make_camera, make_organisation, make_parcel, make_plan, make_zone, point, rectangle

pytestmark = pytest.mark.django_db


def test_things_of_all_registers_have_numbers_of_one_sequence():
    numbers = [
        make_parcel().identity,
        make_plan().identity,
        make_camera(make_organisation()).identity,
        make_parcel().identity,
    ]
    assert len(set(numbers)) == 4
    assert numbers == sorted(numbers)


def test_a_parcel_cannot_have_two_versions_for_one_day():
    parcel = make_parcel(valid_during=days(date(2020, 1, 1), date(2024, 1, 1)))
    same = {"identity": parcel.identity, "number": parcel.number}
    with pytest.raises(IntegrityError, match="one_version"), transaction.atomic():
        make_parcel(**same, valid_during=days(date(2023, 12, 31)))
    # From the day on which the first one ends, another may follow.
    make_parcel(**same, valid_during=days(date(2024, 1, 1)))
    assert Parcel.objects.as_of(date(2023, 12, 31)).get().pk == parcel.pk
    assert Parcel.objects.as_of(date(2024, 1, 1)).get().pk != parcel.pk
    assert not Parcel.objects.as_of(date(2019, 12, 31)).exists()


def test_a_version_needs_at_least_one_day():
    with pytest.raises(IntegrityError, match="ranges_not_empty"):
        make_parcel(valid_during=days(date(2024, 1, 1), date(2024, 1, 1)))


def test_two_parcels_cannot_hold_one_public_code_at_once():
    make_parcel(sheet="3", number="9")
    with pytest.raises(IntegrityError, match="one_per_code"), transaction.atomic():
        make_parcel(sheet="3", number="9")
    second = make_parcel(sheet="3", number="9", suffix=2)
    assert second.code == "20194-3-9-2"


def test_a_correction_ends_what_was_held_true_and_keeps_it_readable():
    parcel = make_parcel(area_document_m2=900.0)
    before = database_time()
    # The clerk finds that the papers say 1,000 m²: the old version is closed, a new one is written.
    moment = database_time()
    assert close(Parcel.objects.filter(identity=parcel.identity), moment) == 1
    corrected = make_parcel(identity=parcel.identity, sheet=parcel.sheet, number=parcel.number, area_document_m2=1000.0)
    assert Parcel.objects.as_of().get().area_document_m2 == 1000.0
    assert Parcel.objects.as_of(date(2021, 5, 5)).get().pk == corrected.pk
    # What did the register say yesterday about that day? What it then held to be true.
    assert Parcel.objects.as_of(date(2021, 5, 5), known_at=before).get().area_document_m2 == 900.0
    assert not Parcel.objects.as_of(known_at=before - timedelta(days=1)).exists()
    parcel.refresh_from_db()
    assert parcel.recorded_during.upper == moment
    # The published tables answer the same, for whoever asks through them.
    layer = find("parcels")
    [then] = select(layer, CITIZEN, on=date(2021, 5, 5), known_at=before)
    [now] = select(layer, CITIZEN, on=date(2021, 5, 5))
    assert (then["area_document_m2"], now["area_document_m2"]) == (900.0, 1000.0)
    # Closed once is closed: a second call finds nothing to end.
    assert close(Parcel.objects.filter(pk=parcel.pk), database_time()) == 0


def test_a_closed_version_cannot_come_back_beside_the_new_one():
    parcel = make_parcel()
    close(Parcel.objects.filter(pk=parcel.pk), database_time())
    make_parcel(identity=parcel.identity, sheet=parcel.sheet, number=parcel.number)
    with pytest.raises(IntegrityError), transaction.atomic():
        Parcel.objects.filter(pk=parcel.pk).update(recorded_during=(parcel.recorded_during.lower, None))


def test_what_the_database_works_out_by_itself():
    parcel = make_parcel(sheet="12", number="345", boundary=rectangle(0, 0, 40, 25))
    parcel.refresh_from_db()
    assert (parcel.code, parcel.area_measured_m2) == ("20194-12-345", pytest.approx(1000))
    # A camera's approximate position is the centre of a 250 m square of the grid, whatever lies in it.
    organisation = make_organisation()
    cameras = [make_camera(organisation, position=point(x, 10)) for x in (5, 6)]
    for camera in cameras:
        camera.refresh_from_db()
        assert (camera.approximate_position.x - 125) % 250 == 0
        assert (camera.approximate_position.y - 125) % 250 == 0
        assert abs(camera.approximate_position.x - camera.position.x) <= 125
        assert abs(camera.approximate_position.y - camera.position.y) <= 125
    assert cameras[0].approximate_position == cameras[1].approximate_position


@pytest.mark.parametrize(
    ("make", "fields", "rule"),
    [
        (make_parcel, {"area_document_m2": -1.0}, "area_not_negative"),
        (make_zone, {"density_max_percent": 101.0}, "density_is_a_share"),
        (make_zone, {"storeys_min": 5, "storeys_max": 4}, "storeys_in_order"),
        (make_zone, {"setback_m": -3.0}, "indicators_not_negative"),
        (make_camera, {"bearing_deg": 360.0}, "bearing_is_an_angle"),
        (make_plan, {"state": "approved"}, "known_state"),
        (make_plan, {"state": PlanState.ADOPTED, "decision_ref": ""}, "adopted_by_a_decision"),
    ],
)
def test_impossible_rows_are_refused_by_the_database(make, fields, rule):
    needed = {make_zone: lambda: [make_plan()], make_camera: lambda: [make_organisation()]}.get(make, lambda: [])()
    with pytest.raises(IntegrityError, match=rule):
        make(*needed, **fields)


def test_the_database_refuses_to_overwrite_or_delete_a_version_in_any_register():
    organisation = make_organisation()
    parcel, zone, camera = make_parcel(), make_zone(make_plan()), make_camera(organisation)
    for row, change in [(parcel, {"sheet": "999"}), (zone, {"storeys_max": 99}), (camera, {"purpose": "other"})]:
        rows = type(row).objects.filter(pk=row.pk)
        with pytest.raises(IntegrityError, match="keeps every version"), transaction.atomic():
            rows.update(**change)
        with pytest.raises(IntegrityError, match="keeps every version"), transaction.atomic():
            rows.delete()
    # A version that was ended stays ended; and ending it changes nothing else.
    close(Parcel.objects.filter(pk=parcel.pk), database_time())
    with pytest.raises(IntegrityError, match="keeps every version"), transaction.atomic():
        Parcel.objects.filter(pk=parcel.pk).update(recorded_during=parcel.recorded_during)
    # Made-up rows may go, and only while that is said.
    with history_may_go():
        Parcel.objects.filter(pk=parcel.pk).delete()
    with pytest.raises(IntegrityError, match="keeps every version"), transaction.atomic():
        type(camera).objects.filter(pk=camera.pk).delete()
