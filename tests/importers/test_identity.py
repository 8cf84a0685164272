"""A parcel keeps its identity: repeated numbers, names that look alike, and parcels that have ended."""

import itertools
import json
from datetime import date

import pytest
import shapely
from psycopg.types.range import DateRange

from gisplatform import crs
from gisplatform.registers import close, database_time
from layers.parcels.models import Parcel, ParcelLineage
from layers.parcels.operations import record_parcels
from tests.importers.conftest import feature, geojson, lots
from tests.importers.test_at_once import outside, start, until, waiting  # noqa: F401 - a fixture
from tests.importers.test_versions import rows

pytestmark = pytest.mark.django_db
PARCEL = "07001-12-1"


def piece(west, width, depth=10):
    """A rectangle of whole metres from the field's corner, as a GeoJSON polygon in WGS 84."""
    x, y = shapely.bounds(lots(1)[0])[:2]
    shape = shapely.box(x + west, y, x + west + width, y + depth)
    return json.loads(shapely.to_geojson(crs.to_wgs84(shape)))


LARGE, SMALL = piece(0, 10), piece(50, 9, 9)  # 100 m² and 81 m²


def stored():
    """Public code → (identity, area in m²) of every parcel that stands."""
    standing = Parcel.objects.recorded().filter(valid_during__upper_inf=True)
    return {parcel.code: (parcel.identity, round(parcel.area_measured_m2)) for parcel in standing}


@pytest.fixture
def twins(take, tmp_path):
    """Two parcels with one number stand in the register: 100 m² without suffix, 81 m² as the second."""
    take(geojson(tmp_path / "twins.geojson", feature(LARGE), feature(SMALL)), valid_from="2020-01-01")
    before = stored()
    assert {code: area for code, (_, area) in before.items()} == {PARCEL: 100, f"{PARCEL}-2": 81}
    return before


def test_one_of_two_with_the_same_number_comes_alone_and_is_known_again(take, tmp_path, twins):
    for shape, suffix in [(SMALL, "-2"), (LARGE, "")]:
        report = take(geojson(tmp_path / "a.geojson", feature(shape)))
        assert report["counts"]["unchanged"] == 1
        assert [remark["parcel"] for remark in report["remarks"]] == [f"{PARCEL}-2"] * bool(suffix)
    assert stored() == twins
    assert Parcel.objects.count() == 2


def test_a_changed_parcel_with_a_repeated_number_keeps_its_identity(take, tmp_path, twins):
    # The second grew to 190 m², beyond the first; it alone is sent.
    take(geojson(tmp_path / "a.geojson", feature(piece(50, 19))))
    [large, small] = twins.values()
    assert stored() == {PARCEL: large, f"{PARCEL}-2": (small[0], 190)}
    # A third lies apart: whatever its size and place in the file, the others stay who they are.
    parts = [LARGE, piece(50, 20), piece(100, 50)]
    for order in itertools.permutations(parts):
        take(geojson(tmp_path / "b.geojson", *(feature(part) for part in order)))
        found = stored()
        assert found.pop(f"{PARCEL}-3")[1] == 500
        assert found == {PARCEL: large, f"{PARCEL}-2": (small[0], 200)}
    versions = Parcel.objects.count()
    assert take(geojson(tmp_path / "c.geojson", *map(feature, parts)))["counts"]["unchanged"] == 3
    assert Parcel.objects.count() == versions


def test_a_parcel_that_is_sent_in_two_pieces_goes_on_in_the_one_it_lies_in_most(take, tmp_path):
    take(geojson(tmp_path / "a.geojson", feature(piece(0, 30))), valid_from="2020-01-01")
    [(identity, _area)] = stored().values()
    # The new piece is larger than what remains, and overlaps it by a sliver only.
    pieces = [piece(0, 29), piece(29, 60)]
    for order in itertools.permutations(pieces):
        take(geojson(tmp_path / "b.geojson", *map(feature, order)))
        assert stored()[PARCEL] == (identity, 290)
        assert stored()[f"{PARCEL}-2"][1] == 600


def test_the_only_row_of_a_number_is_its_parcel_wherever_it_lies(take, tmp_path):
    take(geojson(tmp_path / "a.geojson", feature(LARGE)), valid_from="2020-01-01")
    [(identity, _area)] = stored().values()
    assert take(geojson(tmp_path / "b.geojson", feature(SMALL)))["counts"]["changed"] == 1
    assert stored() == {PARCEL: (identity, 81)}


def test_a_number_that_looks_like_a_suffix_does_not_take_the_code_of_another(take, refusal, tmp_path, twins):
    lookalike = feature(piece(100, 10), SoThua="1-2")
    sentence = refusal(geojson(tmp_path / "a.geojson", lookalike))
    assert f"Its public code {PARCEL}-2 is that of another parcel in the register" in sentence
    # Nor where the parcel whose code it is comes with it.
    report = take(geojson(tmp_path / "b.geojson", lookalike, feature(LARGE), feature(SMALL)))
    assert [(row["row"], row["code"]) for row in report["refused"]] == [(1, "code_taken")]
    assert report["counts"]["unchanged"] == 2
    assert stored() == twins


def test_sheets_and_numbers_that_join_to_one_code_are_told_apart(take, tmp_path):
    one, other = feature(LARGE, SoTo="1-2", SoThua="3"), feature(SMALL, SoTo="1", SoThua="2-3")
    take(geojson(tmp_path / "a.geojson", one))
    before = stored()
    for order in [(one, other), (other, one)]:
        report = take(geojson(tmp_path / "b.geojson", *order))
        assert [row["code"] for row in report["refused"]] == ["code_taken"]
        assert report["counts"]["unchanged"] == 1
    assert stored() == before


def end(number="1", on=date(2024, 1, 1), **lineage):
    """End the parcel 07001-12-{number} on a day, as a split or a merger does; returns it."""
    parcel = Parcel.objects.recorded().get(number=number, valid_during__upper_inf=True)
    close(Parcel.objects.filter(pk=parcel.pk), database_time())
    return Parcel.objects.create(
        identity=parcel.identity, valid_during=DateRange(parcel.valid_during.lower, on), number=number,
        commune_code=parcel.commune_code, sheet=parcel.sheet, suffix=parcel.suffix, boundary=parcel.boundary,
        land_use_codes=parcel.land_use_codes, area_document_m2=parcel.area_document_m2,
    )  # fmt: skip


def everything():
    """All rows of the cadastre."""
    return sorted(Parcel.objects.values_list("pk", "identity", "valid_during", "recorded_during"))


@pytest.mark.parametrize("day", ["2019-01-01", "2023-01-01", "2024-01-01", "2026-01-01"])
def test_a_parcel_that_was_split_is_not_brought_back_by_an_older_file(take, refusal, tmp_path, day):
    path = geojson(tmp_path / "a.geojson", feature(LARGE))
    take(path, valid_from="2020-01-01")
    ended = end()
    heirs = geojson(tmp_path / "b.geojson", *(feature(piece(w, 5), SoThua=n) for w, n in [(0, 7), (5, 8)]))
    take(heirs, valid_from="2024-01-01")
    for heir in Parcel.objects.filter(number__in="78"):
        ParcelLineage.objects.create(
            predecessor=ended.identity, successor=heir.identity, kind="split", happened_on=date(2024, 1, 1)
        )
    before = everything()
    sentence = refusal(path, valid_from=day)
    assert "this parcel ends on 2024-01-01 (split into 07001-12-7, 07001-12-8)" in sentence
    # Among others it is one refused row, and the others are taken.
    report = take(path, heirs, valid_from=day)
    assert [(row["code"], row["parcel"]) for row in report["refused"]] == [("ended", PARCEL)]
    assert (report["counts"]["taken"], report["counts"]["unchanged"]) == (2, 2)
    assert everything() == before


def test_an_ended_parcel_without_heirs_is_not_brought_back_either():
    record_parcels(parcels=rows(100, 200), valid_from=date(2020, 1, 1))
    end()
    before = everything()
    recorded = record_parcels(parcels=rows(100, 200), valid_from=date(2023, 1, 1))
    assert recorded.refused.to_pylist() == [{"code": PARCEL, "ended_on": "2024-01-01", "became": "", "heirs": ""}]
    assert (recorded.new, recorded.changed, recorded.unchanged) == (0, 0, 1)
    assert everything() == before


def test_a_row_from_before_a_number_was_given_anew_is_refused():
    record_parcels(parcels=rows(100), valid_from=date(2020, 1, 1))
    ended = end()
    again = Parcel.objects.create(
        valid_during=DateRange(date(2024, 1, 1), None), commune_code="07001", sheet="12", number="1",
        land_use_codes=["ODT"], boundary=ended.boundary,
    )  # fmt: skip
    assert record_parcels(parcels=rows(50), valid_from=date(2023, 1, 1)).refused.num_rows == 1
    # From the day on it is a change of the parcel that has the number now.
    assert record_parcels(parcels=rows(50), valid_from=date(2025, 1, 1)).changed == 1
    again.refresh_from_db()
    assert Parcel.objects.as_of(date(2025, 1, 1)).get().identity == again.identity
    assert Parcel.objects.as_of(date(2023, 1, 1)).get().identity == ended.identity


def test_the_suffix_of_an_ended_parcel_is_not_given_to_another(take, tmp_path, twins):
    ended = next(identity for code, (identity, _) in twins.items() if code.endswith("-2"))
    small = Parcel.objects.get(identity=ended)
    close(Parcel.objects.filter(pk=small.pk), database_time())
    Parcel.objects.create(
        identity=ended, valid_during=DateRange(small.valid_during.lower, date(2024, 1, 1)), commune_code="07001",
        sheet="12", number="1", suffix=2, land_use_codes=["ODT"], boundary=small.boundary,
    )  # fmt: skip
    report = take(geojson(tmp_path / "a.geojson", *map(feature, [SMALL, LARGE, piece(100, 3)])))
    assert [(row["code"], row["parcel"]) for row in report["refused"]] == [("ended", f"{PARCEL}-2")]
    assert {code: area for code, (_, area) in stored().items()} == {PARCEL: 100, f"{PARCEL}-3": 30}


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_give_a_repeated_number_each_its_own_suffix(outside, take, tmp_path):  # noqa: F811
    take(geojson(tmp_path / "a.geojson", feature(LARGE)))
    files = [
        geojson(tmp_path / f"{west}.geojson", feature(LARGE), feature(piece(west, 5 + west // 100)))
        for west in (100, 200)
    ]
    with outside.transaction():
        outside.execute("SELECT pg_advisory_xact_lock(5899001)")
        imports = [start(file) for file in files]
        until(lambda: len(waiting(outside, "advisory")) == 2)
    for process in imports:
        _output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    found = stored()
    assert found[PARCEL][1] == 100
    assert {found[f"{PARCEL}-{suffix}"][1] for suffix in (2, 3)} == {60, 70}


def test_a_number_repeated_without_end_is_refused_in_words(take, tmp_path):
    # More than a column of two bytes can count.
    shape = shapely.bounds(lots(1)[0])
    corner = crs.to_wgs84(shapely.Point(shape[0], shape[1]))
    step = 1e-5
    many = [
        feature({"type": "Polygon", "coordinates": [[[x, y], [x + step, y], [x, y + step], [x, y]]]})
        for x, y in ((corner.x + step * 2 * (n % 200), corner.y + step * 2 * (n // 200)) for n in range(33_000))
    ]
    report = take(geojson(tmp_path / "a.geojson", *many))
    assert report["counts"]["taken"] == 999
    assert {row["code"] for row in report["refused"]} == {"too_often"}
