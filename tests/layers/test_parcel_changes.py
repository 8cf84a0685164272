"""What became of parcels, as a person decided it, is recorded in one step and can be taken back in one."""

from datetime import date

import pyarrow as pa
import pytest
import shapely
from django.utils import translation

from gisplatform.errors import InvalidInput
from gisplatform.registers import database_time
from layers.parcels import queries
from layers.parcels.changes import CHANGED_PARCELS, DESCENT, change_parcels, undo_parcels
from layers.parcels.models import Parcel, ParcelLineage
from tests.factories import SINCE_2020, make_parcel, rectangle

pytestmark = pytest.mark.django_db

DAY = date(2026, 6, 1)


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def change(rows=(), ended=(), descent=(), **options):
    """Record rows (identity, number, boundary as x, y, width, height) of sheet 7, ends and descent, from DAY on."""
    columns = [
        {
            "identity": identity, "commune_code": "20194", "sheet": "7", "number": number, "suffix": 1,
            "old_sheet": "", "old_number": "", "land_use": "ODT",
            "area_document_m2": None, "boundary": shapely.to_wkb(shapely.from_wkt(rectangle(*box).wkt), byte_order=1),
        }
        for identity, number, box in rows
    ]  # fmt: skip
    return change_parcels(
        parcels=pa.Table.from_pylist(columns, CHANGED_PARCELS),
        ended=pa.array([parcel.identity for parcel in ended], pa.int64()),
        descent=pa.table(
            [list(column) for column in zip(*descent, strict=True)] or [[], [], []], schema=DESCENT
        ),
        **{"valid_from": DAY, "compared_at": database_time(), "decision_ref": "14/QĐ-UBND", **options},
    )  # fmt: skip


def standing(on=None):
    """number → (identity, area) of the parcels that stand on a day."""
    return {
        parcel.number: (parcel.identity, round(parcel.area_measured_m2)) for parcel in Parcel.objects.as_of(on or DAY)
    }


def everything():
    """The cadastre with all that was ever recorded."""
    return (
        list(Parcel.objects.order_by("pk").values_list("pk", "recorded_during")),
        list(ParcelLineage.objects.order_by("pk").values_list("pk", "recorded_during")),
    )


def came_from(number):
    """What the parcel of DAY came from: (code, kind)."""
    before, _after = queries.lineage(standing()[number][0])
    return [(relation.code, relation.kind) for relation in before]


@pytest.fixture
def three():
    """Parcels 1, 2 and 3 of 20 m × 25 m side by side."""
    return [make_parcel(number=str(n), boundary=rectangle(20 * n, 0, 20, 25)) for n in (1, 2, 3)]


def test_what_is_no_longer_there_ends_and_stays_readable(three):
    before = standing(date(2026, 5, 31))
    recorded = change(ended=three[1:])
    assert (recorded.new, recorded.changed, recorded.ended, recorded.descended) == (0, 0, 2, 0)
    assert set(standing()) == {"1"}
    assert standing(date(2026, 5, 31)) == before
    # A file of the same day that was wrong: what it brought was never there.
    recorded = change([(None, "4", (100, 0, 20, 25))])
    change(ended=[Parcel.objects.recorded().get(number="4")])
    assert not Parcel.objects.recorded().filter(number="4").exists()
    assert Parcel.objects.recorded(recorded.instant).filter(number="4").exists()


def test_a_sheet_gets_new_numbers_and_every_parcel_stays_who_it_is(three):
    # 1 → 2 → 3 → 1, and 2 is drawn anew as well.
    boxes = [(20, 0, 20, 25), (40, 0, 20, 26), (60, 0, 20, 25)]
    recorded = change(
        [(parcel.identity, str(n % 3 + 1), box) for n, (parcel, box) in enumerate(zip(three, boxes, strict=True), 1)]
    )
    assert (recorded.new, recorded.changed) == (0, 3)
    one, two, three_ = (parcel.identity for parcel in three)
    assert standing() == {"2": (one, 500), "3": (two, 520), "1": (three_, 500)}
    assert standing(date(2026, 5, 31)) == {"1": (one, 500), "2": (two, 500), "3": (three_, 500)}


@pytest.mark.parametrize("number_stays", [True, False])
def test_a_split_keeps_the_identity_where_the_number_stays(three, number_stays):
    parent = three[0]
    part = (parent.identity, "1") if number_stays else (None, "8")
    recorded = change(
        [(*part, (20, 0, 8, 25)), (None, "9", (28, 0, 12, 25))],
        ended=[] if number_stays else [parent],
        descent=[(parent.identity, "20194-7-9", "split"), (parent.identity, f"20194-7-{part[1]}", "split")],
    )
    assert (recorded.new, recorded.changed, recorded.ended) == ((1, 1, 0) if number_stays else (2, 0, 1))
    assert recorded.descended == recorded.new  # nothing comes from itself
    assert came_from("9") == [("20194-7-1", "split")]
    assert standing()[part[1]][1] == 200
    assert (standing()[part[1]][0] == parent.identity) is number_stays
    assert {relation.decision_ref for relation in ParcelLineage.objects.all()} == {"14/QĐ-UBND"}


def test_a_split_and_a_merger_are_taken_back_and_done_again_as_one(three):
    one, two, three_ = three
    before, shapes = standing(), everything()
    recorded = change(
        [(None, "9", (28, 0, 12, 25)), (one.identity, "1", (20, 0, 8, 25)), (None, "5", (40, 0, 40, 25))],
        ended=[two, three_],
        descent=[
            (one.identity, "20194-7-9", "split"),
            (two.identity, "20194-7-5", "merge"),
            (three_.identity, "20194-7-5", "merge"),
        ],
    )
    after = standing()
    assert came_from("5") == [("20194-7-2", "merge"), ("20194-7-3", "merge")]
    instants = {lower.lower for lower in Parcel.objects.recorded().values_list("recorded_during", flat=True)}
    assert instants == {recorded.instant}
    undone = undo_parcels(instant=recorded.instant)
    assert (undone.taken_back, undone.restored) == (6, 3)
    assert standing() == before
    assert queries.lineage(one.identity) == queries.lineage(two.identity) == ([], [])
    assert not queries._generations([after["5"][0]], forward=False)[1:]
    # Nothing that was recorded is gone, and the undoing itself can be undone.
    assert [pk for pk, _during in everything()[0]][: len(shapes[0])] == [pk for pk, _during in shapes[0]]
    assert ParcelLineage.objects.count() == 3
    [again] = {lower.lower for lower in Parcel.objects.recorded().values_list("recorded_during", flat=True)}
    undo_parcels(instant=again)
    assert standing() == after
    assert came_from("5") == [("20194-7-2", "merge"), ("20194-7-3", "merge")]


def test_a_parcel_that_changed_after_it_was_compared_stops_everything(three):
    seen = database_time()
    change([(three[0].identity, "1", (20, 0, 21, 25))])
    change(ended=[three[1]])
    before = everything()
    for rows, ended in [([(three[0].identity, "1", (20, 0, 22, 25))], []), ([], [three[1]]), ([], [three[0]])]:
        with pytest.raises(InvalidInput, match="changed in the register since") as refused:
            change([*rows, (None, "99", (200, 0, 20, 25))], ended=ended, compared_at=seen)
        assert refused.value.details["parcels"][0].startswith("20194-7-")
    # One that ended is not changed either, however late it was compared.
    with pytest.raises(InvalidInput, match=r"1 parcels have changed"):
        change(ended=[three[1]])
    assert everything() == before


def test_the_number_of_a_parcel_that_stays_is_not_given_to_another(three):
    before = everything()
    for identity in (None, three[0].identity):
        with pytest.raises(InvalidInput, match=r"belong to other parcels.*\(20194-7-2\)"):
            change([(identity, "2", (20, 0, 20, 25))])
    with pytest.raises(InvalidInput, match="more than once"):
        change([(None, "8", (20, 0, 20, 25)), (None, "8", (20, 0, 20, 25))])
    assert everything() == before
    # Where that parcel ends, or gets another number, it is.
    change([(three[0].identity, "2", (20, 0, 20, 25))], ended=[three[1]])
    assert set(standing()) == {"2", "3"}
    # From a day before its end, it is still the other's.
    with pytest.raises(InvalidInput, match="belong to other parcels"):
        change([(three[2].identity, "2", (60, 0, 20, 25))], valid_from=date(2026, 1, 1))
    assert SINCE_2020.lower < date(2026, 1, 1)
