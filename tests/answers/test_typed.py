"""What people type: parcels and positions in every habit of writing. Pure, without a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers import positions
from layers.names import search_key, search_words, telling_words
from layers.parcels import references
from layers.parcels.references import ParcelReference
from layers.positions import Degrees, Metres


@pytest.mark.parametrize(
    "text",
    [
        "12-283", "12/283", "12 283", "12_283", "12–283", " 12 - 283 ", "12, 283",
        "tờ 12 thửa 283", "to 12 thua 283", "TỜ 12 THỬA 283", "thửa 283 tờ 12", "thửa 283, tờ 12", "t12 th283",
        "T12 TH283", "Tờ: 12; Thửa: 283",
        "tờ số 12, thửa số 283", "số tờ 12 số thửa 283", "thửa đất số 283, tờ bản đồ số 12",
        "to12thua283", "tờ BĐ 12 thửa 283", "TBĐ 12 thửa 283", "283 (12)", "283(12)", "sheet 12 parcel 283",
        "Lot 283, sheet 12",
        "to\u031b\u0300 12 thu\u031b\u0309a 283",
    ],
)  # fmt: skip
def test_sheet_and_parcel_in_every_habit_of_writing(text):
    first = references.parse(text)[0]
    assert (first.sheet, first.number, first.commune_code, first.suffix) == ("12", "283", "", 0)


@pytest.mark.parametrize(
    ("text", "likeliest"),
    [
        ("20239-12-283", ParcelReference("12", "283", "20239")),
        ("20239 12 283", ParcelReference("12", "283", "20239")),
        ("20239-12-283-2", ParcelReference("12", "283", "20239", 2)),
        ("thửa 283a tờ 5", ParcelReference("5", "283a")),
        ("tờ 12 thửa 283 phường Hải Châu", ParcelReference("12", "283", place="phuong hai chau")),
        ("12-283 Hải Châu", ParcelReference("12", "283", place="hai chau")),
        ("1-00123-0045", ParcelReference("00123", "0045", "1")),
    ],
)
def test_communes_suffixes_and_places(text, likeliest):
    assert references.parse(text)[0] == likeliest


def test_what_is_ambiguous_keeps_its_second_reading():
    assert references.parse("12-283")[1] == ParcelReference("283", "12")
    assert references.parse("12-283-2")[1] == ParcelReference("12", "283", suffix=2)


@pytest.mark.parametrize(
    "text", ["", "Trần Phú", "tờ 12", "thửa 283", "16.07, 108.2", "2026-11-22-10-30", "12", "a-b", "-"]
)
def test_what_is_no_parcel(text):
    assert references.parse(text) == []


def test_numbers_are_sought_with_and_without_leading_zeros():
    assert ParcelReference("012", "0083a").sheets == ["012", "12"]
    assert references.spellings("0083a") == ["0083a", "0083A", "83a", "83A"]
    assert references.spellings("000") == ["000", "0"]


DA_NANG = Degrees(108.2, 16.07)


@pytest.mark.parametrize(
    ("text", "likeliest"),
    [
        ("16.07, 108.2", DA_NANG), ("16.07 108.2", DA_NANG), ("108.2 16.07", DA_NANG), ("16.07,108.2", DA_NANG),
        ("16,07 108,2", DA_NANG), ("16,07; 108,2", DA_NANG), ("16,07,108,2", DA_NANG), ("(16.07, 108.2)", DA_NANG),
        ("16.07N 108.2E", DA_NANG), ("lat 16.07 lon 108.2", DA_NANG), ("16.07° 108.2°", DA_NANG),
        ("WGS84 16.07 108.2", DA_NANG),
        ("vĩ độ 16,07 kinh độ 108,2", DA_NANG), ("16.07° B, 108.2° Đ", DA_NANG),
        ("16°04'12\"N 108°12'00\"E", DA_NANG), ("16° 04′ 12″ N, 108° 12′ E", DA_NANG), ("108°12' 16°4,2'", DA_NANG),
        ("548123.45 1778901.2", Metres(548123.45, 1778901.2)), ("1778901.2 548123.45", Metres(548123.45, 1778901.2)),
        ("X=1778901,20 Y=548123,45", Metres(548123.45, 1778901.2)), ("E 548123 N 1778901", Metres(548123, 1778901)),
        ("548.123,45 1.778.901,2", Metres(548123.45, 1778901.2)),
        ("548,123.45 1,778,901.2", Metres(548123.45, 1778901.2)),
        ("548.123 1.778.901", Metres(548123, 1778901)), ("VN-2000 1778901, 548123", Metres(548123, 1778901)),
        ("40.7 -74.0", Degrees(-74.0, 40.7)), ("40.7N 74.0W", Degrees(-74.0, 40.7)),
    ],
)  # fmt: skip
def test_positions_in_both_orders_and_with_either_decimal_mark(text, likeliest):
    first = positions.parse(text)[0]
    assert type(first) is type(likeliest)
    assert vars(first) == pytest.approx(vars(likeliest))


@pytest.mark.parametrize(
    "text", ["", "12-283", "Trần Phú", "16.07", "1 2 3", "12 phố 13", "999 999", "16.07/108.2", "--", "°"]
)
def test_what_is_no_position(text):
    assert positions.parse(text) == []


def test_names_are_compared_without_tone_marks():
    assert search_key("ĐƯỜNG Trần Phú") == "duong tran phu"
    assert search_words("Đường  Trần-Phú, 12") == ["duong", "tran", "phu", "12"]
    assert telling_words(["duong", "tran", "phu"]) == ["tran", "phu"]
    assert telling_words(["pho"]) == ["pho"]


TYPED = st.text(max_size=60) | st.text(alphabet="0123456789.,;-/() °'\"tờhửaTNEĐ²٣", max_size=40)


@given(TYPED)
def test_reading_never_fails(text):
    for reference in references.parse(text):
        assert reference.sheets
        assert reference.numbers
    for spot in positions.parse(text):
        assert all(isinstance(value, float) for value in vars(spot).values())
    telling_words(search_words(text))
