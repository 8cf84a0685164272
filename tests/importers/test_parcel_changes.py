"""A file is compared with the cadastre, accepted, and the cadastre then says what the file says; or some of it."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
import shapely
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gisplatform.registers import database_time
from importers.comparison import compare
from importers.parcel_changes import parcel_changes
from layers.parcels import queries
from layers.parcels.changes import change_parcels, undo_parcels
from layers.parcels.models import Parcel
from layers.parcels.operations import PARCEL_ROWS, record_parcels

pytestmark = pytest.mark.django_db

FIRST, DAY = date(2020, 1, 1), date(2026, 6, 1)
CORNER = 586_000, 1_776_000


def parcels(**lots):
    """Rows of parcels by their number, `n1=(west, width)` or `(west, width, south, depth)` in metres."""
    boxes = [(*box, 0, 20)[:4] if len(box) == 2 else box for box in lots.values()]
    shapes = [
        shapely.multipolygons([shapely.normalize(shapely.box(w, s, w + width, s + depth))])
        for w, width, s, depth in [(CORNER[0] + w, width, CORNER[1] + s, depth) for w, width, s, depth in boxes]
    ]
    count = len(lots)
    numbers = [name.removeprefix("n") for name in lots]
    columns = {
        "commune_code": ["07001"] * count, "sheet": ["12"] * count, "number": numbers, "suffix": [1] * count,
        "old_sheet": [""] * count, "old_number": [""] * count, "land_use": ["ODT"] * count,
        "area_document_m2": [None] * count, "boundary": [shapely.to_wkb(shape, byte_order=1) for shape in shapes],
    }  # fmt: skip
    table = pa.table(columns, schema=PARCEL_ROWS)
    codes = pa.array([f"07001-12-{number}" for number in numbers], pa.string())
    return table.append_column("code", codes).append_column("row", pa.array(np.arange(1, count + 1)))


def held():
    """The parcels that stand, as comparison wants them."""
    standing = list(Parcel.objects.recorded().filter(valid_during__upper_inf=True).order_by("pk"))
    return pa.table(
        {
            "identity": pa.array([parcel.identity for parcel in standing], pa.int64()),
            "code": pa.array([parcel.code for parcel in standing], pa.string()),
            "land_use": pa.array(["+".join(parcel.land_use_codes) for parcel in standing], pa.string()),
            "shape": pa.array([bytes(parcel.boundary.wkb) for parcel in standing], pa.binary()),
        }
    )


def kinds(rows):
    """What the file says otherwise than the register, in words."""
    return compare(rows.rename_columns({"boundary": "shape"}), held())["kind"].to_pylist()


def accept(rows, which=lambda kind: True):
    """Accept the differences of some kinds."""
    register = held()
    differences = compare(rows.rename_columns({"boundary": "shape"}), register)
    chosen = np.array([which(kind) for kind in differences["kind"].to_pylist()], dtype=bool)
    changes = parcel_changes(differences, chosen, rows, register)
    return change_parcels(
        parcels=changes.parcels, ended=changes.ended, descent=changes.descent, valid_from=DAY,
        compared_at=database_time(),
    )  # fmt: skip


def standing():
    """number → identity of the parcels that stand."""
    found = Parcel.objects.recorded().filter(valid_during__upper_inf=True)
    return dict(found.values_list("number", "identity"))


def before(number):
    """What a parcel came from."""
    return [(relation.code.rsplit("-")[-1], relation.kind) for relation in queries.lineage(standing()[number])[0]]


SHEET = parcels(n1=(0, 10), n2=(10, 10), n3=(20, 10), n4=(30, 10), n5=(40, 10), n6=(50, 10), n7=(60, 10), n8=(70, 10))
# 1 split and its number stays, 2 and 3 merged, 4 and 5 exchanged numbers, 6 moved, 7 gone, 8 redrawn, 20 new.
SURVEY = parcels(
    n1=(0, 4), n9=(4, 6), n10=(10, 20), n5=(30, 10), n4=(40, 10), n6=(50, 9), n11=(70, 17), n20=(90, 10)
)  # fmt: skip


def test_all_is_accepted_and_the_cadastre_says_what_the_file_says():
    record_parcels(parcels=SHEET, valid_from=FIRST)
    was = standing()
    assert kinds(SURVEY) == [
        "split", "split", "merged", "renumbered", "renumbered", "moved", "redrawn", "new", "merged", "missing",
    ]  # fmt: skip
    recorded = accept(SURVEY)
    assert kinds(SURVEY) == ["unchanged"] * 8
    now = standing()
    assert (now["1"], now["4"], now["5"], now["6"]) == (was["1"], was["5"], was["4"], was["6"])
    assert not {now["9"], now["10"], now["11"], now["20"]} & set(was.values())
    assert (before("1"), before("9"), before("11")) == ([], [("1", "split")], [("8", "resurvey")])
    assert before("10") == [("2", "merge"), ("3", "merge")]
    assert (recorded.new, recorded.changed, recorded.ended, recorded.descended) == (4, 4, 4, 4)
    # The same file once more changes nothing, nor does the old way of recording it.
    assert record_parcels(parcels=SURVEY, valid_from=DAY).unchanged == 8
    undo_parcels(instant=recorded.instant)
    assert standing() == was
    assert kinds(SHEET) == ["unchanged"] * 8


def test_some_is_accepted_and_groups_only_as_a_whole():
    record_parcels(parcels=SHEET, valid_from=FIRST)
    was = standing()
    # One of the two rows of the split is enough; nothing else is touched.
    rows = SURVEY.slice(0, 2)
    register = held()
    differences = compare(SURVEY.rename_columns({"boundary": "shape"}), register)
    chosen = np.arange(differences.num_rows) == 1
    changes = parcel_changes(differences, chosen, SURVEY, register)
    assert changes.parcels["number"].to_pylist() == rows["number"].to_pylist() == ["1", "9"]
    assert changes.parcels["identity"].to_pylist() == [was["1"], None]
    assert (len(changes.ended), changes.descent.num_rows) == (0, 2)
    nothing = parcel_changes(differences, np.zeros(differences.num_rows, dtype=bool), SURVEY, register)
    assert (nothing.parcels.num_rows, len(nothing.ended), nothing.descent.num_rows) == (0, 0, 0)
    accept(SURVEY, which=lambda kind: kind in ("moved", "missing", "unchanged"))
    assert standing() == {number: identity for number, identity in was.items() if number != "7"}
    assert kinds(SURVEY).count("unchanged") == 1


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cuts=st.lists(st.integers(1, 60), min_size=1, max_size=12, unique=True),
    other_cuts=st.lists(st.integers(1, 60), min_size=1, max_size=12, unique=True),
    numbers=st.permutations(range(1, 14)),
)
def test_whatever_a_new_survey_says_is_what_stands_after_it_and_nothing_after_undoing(db, cuts, other_cuts, numbers):
    # One block, cut into lots at random metres before and after, the numbers given anew at random.
    first, second = (
        list(zip([0, *sorted(some)], np.diff([0, *sorted(some), 61]).tolist(), strict=True))
        for some in (cuts, other_cuts)
    )
    sheet = parcels(**{f"n{number}": lot for number, lot in enumerate(first, 1)})
    survey = parcels(**{f"n{number}": lot for number, lot in zip(numbers, second, strict=False)})
    with transaction.atomic():
        record_parcels(parcels=sheet, valid_from=FIRST)
        was = standing()
        recorded = accept(survey)
        assert set(kinds(survey)) == {"unchanged"}
        if recorded.new + recorded.changed + recorded.ended:
            undo_parcels(instant=recorded.instant)
        assert standing() == was
        assert set(kinds(sheet)) == {"unchanged"}
        transaction.set_rollback(True)
