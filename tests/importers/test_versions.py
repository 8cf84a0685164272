"""The register keeps time: a changed parcel is a new version, and what was known before stays readable."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
import shapely

from gisplatform import clock
from gisplatform.errors import InvalidInput
from layers.parcels.models import Parcel
from layers.parcels.operations import PARCEL_ROWS, record_parcels
from tests.importers.conftest import columns, feature, geojson, lot, lots, write

pytestmark = pytest.mark.django_db


def rows(*areas: float, land_use: str = "ODT") -> pa.Table:
    """Parcels 1, 2, … of sheet 12 as squares of these areas."""
    squares = shapely.multipolygons([[shapely.box(0, 0, side, side)] for side in np.sqrt(areas)])
    count = len(areas)
    return pa.table(
        {
            "commune_code": ["07001"] * count,
            "sheet": ["12"] * count,
            "number": [str(n + 1) for n in range(count)],
            "suffix": [1] * count,
            "old_sheet": [""] * count,
            "old_number": [""] * count,
            "land_use": [land_use] * count,
            "area_document_m2": pa.array([None] * count, pa.float64()),
            "boundary": shapely.to_wkb(squares),
        },
        schema=PARCEL_ROWS,
    )


def history() -> list[tuple]:
    """(first day, day after the last, area) of every version that the register holds true now, in order."""
    recorded = Parcel.objects.recorded().order_by("code", "valid_during")
    return [(p.valid_during.lower, p.valid_during.upper, round(p.area_measured_m2)) for p in recorded]


def test_a_changed_boundary_is_a_new_version_and_yesterday_stays_as_it_was(take, tmp_path):
    today, yesterday = clock.today(), clock.today() - timedelta(days=1)
    take(write(tmp_path / "a.gpkg", lots(), columns()), valid_from="2020-01-01")
    [before] = Parcel.objects.as_of().filter(number="2")
    moved = lots()
    moved[1] = shapely.transform(moved[1], lambda xy: np.where(xy == xy.max(axis=0), xy + 1, xy))
    report = take(write(tmp_path / "b.gpkg", moved, columns()))
    counts = report["counts"]
    assert (counts["new"], counts["changed"], counts["unchanged"]) == (0, 1, 2)
    [now], [then] = Parcel.objects.as_of().filter(number="2"), Parcel.objects.as_of(yesterday).filter(number="2")
    assert now.identity == then.identity == before.identity
    assert now.area_measured_m2 > then.area_measured_m2 == before.area_measured_m2
    assert (then.valid_during.upper, now.valid_during.lower) == (today, today)
    # What the register held true before this import can still be asked for.
    [known] = Parcel.objects.as_of(today, known_at=before.recorded_during.lower).filter(number="2")
    assert known.pk == before.pk
    assert Parcel.objects.count() == 5


def test_a_change_on_the_day_on_which_the_old_version_began_replaces_it():
    day = date(2026, 5, 1)
    record_parcels(parcels=rows(100), valid_from=day)
    assert record_parcels(parcels=rows(200), valid_from=day).changed == 1
    assert history() == [(day, None, 200)]
    assert Parcel.objects.count() == 2


def test_a_change_with_effect_from_the_past_keeps_what_was_before_it():
    record_parcels(parcels=rows(100), valid_from=date(2020, 1, 1))
    record_parcels(parcels=rows(200), valid_from=date(2025, 1, 1))
    record_parcels(parcels=rows(300), valid_from=date(2022, 1, 1))
    assert history() == [(date(2020, 1, 1), date(2022, 1, 1), 100), (date(2022, 1, 1), None, 300)]
    # From before everything: nothing of the old remains in effect.
    record_parcels(parcels=rows(400), valid_from=date(2019, 1, 1))
    assert history() == [(date(2019, 1, 1), None, 400)]
    assert len(set(Parcel.objects.values_list("identity", flat=True))) == 1


def test_the_same_rows_change_nothing_whatever_the_day():
    record_parcels(parcels=rows(100, 200), valid_from=date(2020, 1, 1))
    versions = set(Parcel.objects.values_list("pk", "recorded_during"))
    for day in (date(2019, 1, 1), date(2020, 1, 1), date(2026, 1, 1)):
        recorded = record_parcels(parcels=rows(100, 200), valid_from=day)
        assert (recorded.new, recorded.changed, recorded.unchanged) == (0, 0, 2)
    assert set(Parcel.objects.values_list("pk", "recorded_during")) == versions


def test_every_attribute_counts_as_a_change():
    record_parcels(parcels=rows(100), valid_from=date(2020, 1, 1))
    assert record_parcels(parcels=rows(100, land_use="ODT+CLN"), valid_from=date(2021, 1, 1)).changed == 1
    with_area = rows(100, land_use="ODT+CLN")
    position = with_area.schema.get_field_index("area_document_m2")
    with_area = with_area.set_column(position, PARCEL_ROWS.field(position), pa.array([99.0]))
    assert record_parcels(parcels=with_area, valid_from=date(2022, 1, 1)).changed == 1
    assert record_parcels(parcels=with_area, valid_from=date(2023, 1, 1)).unchanged == 1
    stored = Parcel.objects.as_of(date(2022, 6, 1)).get()
    assert (stored.land_use_codes, stored.area_document_m2) == (["ODT", "CLN"], 99.0)


def test_all_rows_of_one_import_carry_one_time():
    record_parcels(parcels=rows(100, 200, 300), valid_from=date(2020, 1, 1))
    record_parcels(parcels=rows(150, 250, 300, 400), valid_from=date(2021, 1, 1))
    assert len(set(Parcel.objects.recorded().values_list("recorded_during", flat=True))) == 2
    closed = Parcel.objects.filter(recorded_during__upper_inf=False)
    [ended] = {version.recorded_during.upper for version in closed}
    assert Parcel.objects.filter(recorded_during__startswith=ended).count() == 2 + 2 + 1


def test_one_parcel_twice_is_refused_as_a_whole():
    with pytest.raises(InvalidInput, match="more than once"):
        record_parcels(parcels=pa.concat_tables([rows(100), rows(200)]), valid_from=date(2020, 1, 1))
    assert not Parcel.objects.exists()


def test_parcels_that_a_file_does_not_name_stay(take, tmp_path):
    take(write(tmp_path / "a.gpkg", lots(), columns()))
    take(geojson(tmp_path / "b.geojson", feature(lot(5), SoThua=9)))
    assert Parcel.objects.as_of().count() == 4
