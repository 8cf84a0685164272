"""Rules are dated data: a table is loaded whatever the order of its rows, and twice changes nothing."""

import csv
from datetime import date

import pytest

from gisplatform.rules import load
from layers.parcels.models import LandUseCode

pytestmark = pytest.mark.django_db
COLUMNS = ["code", "name_vi", "effective_from", "effective_to", "legal_basis", "source", "confidence"]


@pytest.fixture
def table(tmp_path, monkeypatch):
    """A function that writes rows (code, name, first day, last day) to the table that the rule is loaded from."""

    def write(*rows: tuple[str, str, str, str]) -> None:
        path = tmp_path / "codes.csv"
        with path.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.writer(lines)
            writer.writerow(COLUMNS)
            writer.writerows([*row, "test", "test", "unverified"] for row in rows)
        monkeypatch.setattr(LandUseCode, "csv_path", path)

    return write


def name_on(day: date) -> str:
    return LandUseCode.objects.in_force(day).get(code="XYZ").name_vi


def test_a_new_row_may_stand_above_the_one_that_it_ends(table):
    table(("XYZ", "cũ", "2020-01-01", ""))
    load(LandUseCode)
    table(("XYZ", "mới", "2026-01-01", ""), ("XYZ", "cũ", "2020-01-01", "2025-12-31"))
    assert load(LandUseCode) == load(LandUseCode) == 2
    assert (name_on(date(2025, 12, 31)), name_on(date(2026, 1, 1))) == ("cũ", "mới")
    assert not LandUseCode.objects.in_force(date(2019, 12, 31)).filter(code="XYZ").exists()


def test_a_row_of_unknown_beginning_was_always_in_force(table):
    table(("XYZ", "cũ", "", "2024-07-31"))
    load(LandUseCode)
    assert name_on(date(1990, 1, 1)) == "cũ"
    assert not LandUseCode.objects.in_force(date(2024, 8, 1)).filter(code="XYZ").exists()
