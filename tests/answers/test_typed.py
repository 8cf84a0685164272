"""What people type: parcels and positions in every habit of writing. Pure, without a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers import house_numbers, names, positions
from layers.names import search_key, search_words, telling_words
from layers.parcels import references
from layers.parcels.references import ParcelReference
from layers.positions import Degrees, Metres
from layers.search.questions import core


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


@pytest.mark.parametrize(
    ("text", "number", "place"),
    [
        ("283", "283", ""), ("thửa 283", "283", ""), ("Thửa đất số 283a", "283a", ""), ("parcel 283", "283", ""),
        ("thửa số 283 phường Hải Châu", "283", "phuong hai chau"), ("283 hải châu", "283", "hai chau"),
    ],
)  # fmt: skip
def test_a_number_without_its_sheet(text, number, place):
    assert references.parse_number(text) == ParcelReference("", number, place=place)


@pytest.mark.parametrize("text", ["", "Trần Phú", "12-283", "283/5", "thửa 283 kiệt 5", "1234567", "283bc"])
def test_what_is_no_number_of_a_parcel(text):
    assert references.parse_number(text) is None


@pytest.mark.parametrize(
    ("text", "doors", "place"),
    [
        ("12 Trăng Non", ("12",), "trang non"), ("số 12 đường Trăng Non", ("12",), "duong trang non"),
        ("Nhà số 12-14 phố Huế", ("12-14",), "pho hue"), ("12bis Lê Lợi", ("12bis",), "le loi"),
        ("12 bis Lê Lợi", ("12bis",), "le loi"), ("No. 12 Le Loi", ("12",), "le loi"),
        ("Trăng Non 12", ("12",), "trang non"),
        ("Trăng Non, số 12, phường Hải Châu", ("12",), "trang non phuong hai chau"),
        ("K12/5 Trăng Non", ("12", "5"), "trang non"), ("k12/5/3 Trăng Non", ("12", "5", "3"), "trang non"),
        ("số 5 ngách 3 ngõ 12 phố Huế", ("12", "3", "5"), "pho hue"),
        ("kiệt 12 Trăng Non số 5", ("12", "5"), "trang non"),
        ("hẻm 12 ngách 3 Trăng Non, nhà số 5", ("12", "3", "5"), "trang non"), ("12 3/2", ("12",), "3/2"),
        ("Đường số 7 số 12", ("12",), "duong so 7"),
    ],
)  # fmt: skip
def test_houses_in_every_habit_of_writing(text, doors, place):
    house = house_numbers.parse(text)[0]
    assert (house.doors, " ".join(house.place)) == (doors, place)


@pytest.mark.parametrize(
    "text", ["", "12", "12-283", "Trần Phú", "đường số 12", "12/5", "số 12", "kiệt 12", "16.07, 108.2"]
)
def test_what_is_no_house(text):
    assert house_numbers.parse(text) == []


def test_a_house_in_a_lane_may_be_registered_in_many_ways():
    [house] = house_numbers.parse("12/5 trang non")
    assert {"12/5", "k12/5", "h12/5", "5 kiet 12", "5 ngo 12"} <= set(house.numbers)
    assert house.lanes("trang non")["kiet 12 trang non"] == "5"
    assert house_numbers.keys_of("duong trang non") == ["duong trang non", "trang non", "pho trang non"]


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
        ("16 04 12 N 108 12 00 E", DA_NANG), ("16d04m12s 108d12m00s", DA_NANG),
        ("16 độ 4 phút 12 giây, 108 độ 12 phút 0 giây", DA_NANG),
        ("https://maps.example/@16.07,108.2,17z", DA_NANG), ("geo:16.07,108.2", DA_NANG),
        ("http://city.example/#map=17/16.07/108.2&layers=parcels", DA_NANG),
        ("1 778 901,2 548 123,45", Metres(548123.45, 1778901.2)), ("548 123; 1 778 901", Metres(548123, 1778901)),
        ("X = 1 778 901 Y = 548 123", Metres(548123, 1778901)),
        ("X=1778901.2m, Y=548123.45m", Metres(548123.45, 1778901.2)),
        ("KTT 108°15' X=1778901 Y=548123", Metres(548123, 1778901, 108.25)),
        ("kinh tuyến trục 108: 548123 1778901", Metres(548123, 1778901, 108.0)),
        ("40.7 -74.0", Degrees(-74.0, 40.7)), ("40.7N 74.0W", Degrees(-74.0, 40.7)),
    ],
)  # fmt: skip
def test_positions_in_both_orders_and_with_either_decimal_mark(text, likeliest):
    first = positions.parse(text)[0]
    assert type(first) is type(likeliest)
    assert getattr(first, "meridian", None) == getattr(likeliest, "meridian", None)
    read, meant = ([value for value in vars(spot).values() if value is not None] for spot in (first, likeliest))
    assert read == pytest.approx(meant)


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


def test_kinds_are_written_in_short_and_in_full():
    assert names.in_full("P. Hải Châu") == names.in_full("p.hải châu") == "phuong hai chau"
    assert names.in_full("P12, Q.3, TP Huế") == "phuong 12, quan 3, thanh pho hue"
    assert names.in_full("Đ. Trần Phú") == names.in_full("đ trần phú") == "duong tran phu"
    # A letter at the end is a name that is being typed.
    assert names.in_full("trần p") == "tran p"


def test_one_name_is_told_from_the_next():
    assert names.unit_names("phường Hải Châu, Đà Nẵng") == [["phuong", "hai", "chau"], ["da", "nang"]]
    assert names.unit_names("trần phú p. hải châu tp đà nẵng") == [
        ["tran", "phu"], ["phuong", "hai", "chau"], ["thanh", "pho", "da", "nang"],
    ]  # fmt: skip
    assert names.unit_names("Nguyễn Tri Phương") == [["nguyen", "tri", "phuong"]]
    assert names.unit_names("đường tỉnh 601") == [["duong", "tinh", "601"]]


def test_words_are_safe_in_a_text_search_query():
    assert names.terms(["trang", "non"]) == "'trang' & 'non':*"
    assert names.terms(["a'b\\", "c"], begun=False) == "'a''b' & 'c'"
    assert names.terms(["x"] * 500) == "'x':*"
    assert names.terms([]) == ""


def test_the_letters_that_were_typed_are_marked_at_the_beginnings_of_words():
    title = "12A Đường Trăng Non"
    assert [title[start:end] for start, end in names.marks(title, ["12", "trang", "n", "on"])] == ["12", "Trăng", "N"]


@pytest.mark.parametrize(
    ("name", "typed", "closeness"),
    [
        ("Đường Trăng Non", "duong trang non", 0), ("Đường Trăng Non", "trang non", 0),
        ("Đường Trăng Non", "pho trang non", 1),
        ("Đường Trăng Non Xanh", "trang non", 2), ("Đường Cầu Trăng Non", "trang non", 3),
        ("Đường Trăng Non", "trang n", 4), ("Đường Cầu Trăng Non", "trang n", 5),
    ],
)  # fmt: skip
def test_what_is_nearer_to_what_was_typed(name, typed, closeness):
    assert names.closeness(name, typed.split()) == closeness


TYPED = st.text(max_size=60) | st.text(alphabet="0123456789.,;-/() °'\"tờhửaTNEĐ²٣", max_size=40)


@pytest.mark.parametrize(
    ("name", "typed", "told_otherwise"),
    [
        ("Đường Chờ", "chợ", True), ("Chợ Mới", "chợ", False), ("Chợ Mới", "cho", False), ("Đường Chồi", "chợ", True),
        ("Phường Hòa Vang", "hoà vang", False), ("Đường Trần Phú", "trâ", True), ("Đường Trần Phú", "trầ", False),
        ("Đường Trăng Non", "trăng non, phường hải châu", False), ("Đường Đa", "da", False), ("Đường Da", "đa", True),
    ],
)  # fmt: skip
def test_who_types_tone_marks_means_them(name, typed, told_otherwise):
    assert names.contradicts(name, typed) == told_otherwise


@pytest.mark.parametrize(
    ("asked", "about"),
    [
        ("được xây gì ở 12 Trăng Non?", "12 Trăng Non"), ("duoc xay gi o 12 trang non", "12 trang non"),
        ("Tôi được xây gì trên thửa 12 tờ 5", "thửa 12 tờ 5"), ("toi duoc xay gi o to 5 thua 12", "to 5 thua 12"),
        ("What may be built at 12 Trang Non", "12 Trang Non"), ("12 Bóng Lam được xây mấy tầng?", "12 Bóng Lam"),
        ("12 Mây Ngân", ""), ("bong lam", ""), ("được xây gì", "gì"), ("được phép " * 20 + "x", "x"),
    ],
)  # fmt: skip
def test_the_words_of_a_question_are_told_from_what_it_is_about(asked, about):
    assert core(asked) == about


@given(TYPED)
def test_reading_never_fails(text):
    assert core(text) != text or not text
    for reference in references.parse(text):
        assert reference.sheets
        assert reference.numbers
    assert references.parse_number(text) is None or references.parse_number(text).numbers
    for spot in positions.parse(text):
        assert all(isinstance(value, float | None) for value in vars(spot).values())
    for house in house_numbers.parse(text):
        assert all(street for street, _rest in house.streets())
        assert house.lane or house.numbers
    for part in names.unit_names(text):
        names.telling_words(part)
        assert names.terms(part)
    assert all(0 <= start < end <= len(text) for start, end in names.marks(text, search_words(text)))
