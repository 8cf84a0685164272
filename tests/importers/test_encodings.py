"""Text of before Unicode: each column's encoding is judged, shown, and taken back to the letter."""

import unicodedata

import ezdxf
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers import encodings, legacy_text, texts
from importers.encodings import TWICE, judge
from importers.readers import Wanted, read
from layers.parcels.models import Parcel
from tests.importers.conftest import VN2000_METRES, columns, feature, geojson, lot, lots, write
from tests.importers.test_kinds import dgn

WORDS = [
    "Đường Nguyễn Huệ",
    "ấp Đông",
    "đất ở tại đô thị",
    "ruộng lúa nước",
    "Trường học",
    "phường Hải Châu",
    "Quốc lộ 1",
]
OLD = ["tcvn3", "vni", "viscii", "cp1258"]


def stored(text: str, encoding: str) -> bytes:
    return text.encode() if encoding == "utf-8" else legacy_text.encode(text, encoding)


def western(raw: bytes) -> bytes:
    """Bytes as a program stores them that takes them for Western text and then writes UTF-8."""
    return "".join(
        chr(byte) if byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes([byte]).decode("cp1252") for byte in raw
    ).encode()


@pytest.mark.parametrize("encoding", ["utf-8", *OLD])
def test_each_encoding_is_told_by_its_words_also_after_it_was_taken_for_western_text(encoding):
    raw = [stored(word, encoding) for word in WORDS]
    judgement = judge(raw)
    assert (judgement.encoding, judgement.scores[encoding]) == (encoding, 1.0)
    assert judgement.margin > encodings.MARGIN_LEAST
    assert judgement.samples[0][1] == WORDS[0]
    again = judge(list(map(western, raw)))
    assert again.encoding == (TWICE if encoding == "utf-8" else encoding)
    assert [encodings.read(western(each), again.encoding) for each in raw] == WORDS


def test_composed_and_decomposed_letters_are_one_text_and_said():
    forms = {form: [unicodedata.normalize(form, word).encode() for word in WORDS] for form in ("NFC", "NFD")}
    assert judge(forms["NFC"]).form == "NFC"
    assert (judge(forms["NFD"]).encoding, judge(forms["NFD"]).form) == ("utf-8", "NFD")
    assert judge(forms["NFC"] + forms["NFD"]).form == "mixed"
    assert [encodings.read(raw, "utf-8") for raw in forms["NFD"]] == WORDS


def test_what_nobody_can_tell_is_left_to_a_person():
    assert judge([b"ODT", b"12"]).encoding == "ascii"
    # French in UTF-8 stays what it is; in Latin-1 it is nothing that is known here.
    assert judge(["Hôtel à Évron".encode(), "générateur".encode()]).encoding == "utf-8"
    unknown = judge(["générateur".encode("latin-1"), "Égal à".encode("latin-1")])
    assert unknown.encoding is None
    assert unknown.samples[0] == ("générateur", "")


@pytest.mark.parametrize(
    ("word", "is_one"),
    [("nghiêng", True), ("quyết", True), ("ương", True), ("ổn", True), ("khuỷu", True), ("giếng", True), ("mướp", True),
     ("thuở", True), ("mườp", False), ("bcđ", False), ("ếế", False), ("Đöôøng", False), ("hôtel", False)],
)  # fmt: skip
def test_a_vietnamese_syllable(word, is_one):
    assert encodings.is_syllable(word) == is_one


@given(
    st.sampled_from(legacy_text.TABLES),
    st.text(st.sampled_from("aăâđeêioôơuưyáàảãạấầẩẫậằẳẵắặđởỗỷ ĐÔbt12"), max_size=30),
)
def test_every_text_comes_back_from_every_encoding(encoding, text):
    assert legacy_text.decode(legacy_text.encode(text, encoding), encoding) == unicodedata.normalize("NFC", text)


def auto(path, folder, **options):
    folder.mkdir()
    wanted = Wanted(**{"table": "parcel_columns", "required": (), "chosen": {}, "encoding": "auto", "crs_given": True,
                       **options})  # fmt: skip
    found = read(path, wanted, folder, lambda rows: None)
    return found, found.batches().read_all()


@pytest.mark.parametrize("encoding", OLD)
def test_columns_of_one_file_are_judged_each_by_itself(tmp_path, encoding):
    count = len(WORDS)
    carrier = [stored(word, encoding).decode("latin-1") for word in WORDS]
    attributes = columns(count) | {"SoHieuToBanDo": np.array(carrier, dtype=object)}
    # The land use was typed by somebody with Unicode.
    attributes["KyHieuMucDichSuDung"] = np.array([word.encode().decode("latin-1") for word in WORDS], dtype=object)
    path = write(tmp_path / "thua.shp", lots(count), attributes, VN2000_METRES, encoding="ISO-8859-1")
    path.with_suffix(".cpg").unlink()
    found, table = auto(path, tmp_path / "rows")
    assert table["sheet"].to_pylist() == WORDS
    assert found.texts["sheet"]["encoding"] == encoding
    assert found.texts["sheet"]["samples"][0][1] == WORDS[0]
    assert (found.texts["number"]["encoding"], found.texts["land_use"]["encoding"]) == ("ascii", "utf-8")
    # The bytes are kept, of what was not plain UTF-8.
    assert table["raw_sheet"].to_pylist() == [stored(word, encoding) for word in WORDS]
    assert "raw_land_use" not in table.column_names


def test_old_text_inside_a_geopackage_and_a_geojson(tmp_path):
    for ending in ("gpkg", "geojson", "csv"):
        values = [western(stored(word, "tcvn3")).decode() for word in WORDS]
        path = tmp_path / f"a.{ending}"
        if ending == "gpkg":
            write(path, lots(7), columns(7) | {"SoHieuToBanDo": np.array(values, dtype=object)})
        elif ending == "geojson":
            geojson(path, *(feature(lot(n), SoTo=value, SoThua=n) for n, value in enumerate(values)))
        else:
            raw = b"\n".join(b"%b;%d" % (stored(word, "tcvn3"), n) for n, word in enumerate(WORDS))
            path.write_bytes(b"SoTo;SoThua\n" + raw)
        found, table = auto(path, tmp_path / f"rows-{ending}")
        assert found.texts["sheet"]["encoding"] == "tcvn3"
        assert table["sheet"].to_pylist() == WORDS


def test_a_text_that_does_not_fit_its_column_stays_as_it_is(tmp_path):
    raw = b"\n".join([*(stored(word, "vni") + b" %d;1" % n for word in WORDS for n in (1, 2)), b"12\xfe\xff;2"])
    (tmp_path / "a.csv").write_bytes(b"SoTo;SoThua\n" + raw)
    found, table = auto(tmp_path / "a.csv", tmp_path / "rows")
    # One line of rubbish must not hide what the other lines are in.
    assert found.texts["sheet"]["encoding"] == "vni"
    assert table["sheet"].to_pylist()[0] == "Đường Nguyễn Huệ 1"
    assert table["sheet"].to_pylist()[-1] == "12þÿ"


@pytest.mark.parametrize("encoding", OLD)
def test_on_the_command_line_a_person_names_the_encoding_and_is_told_which(take, refusal, tmp_path, encoding):
    attributes = {"SoTo": np.array([stored("ấp Đông", encoding).decode("latin-1")], dtype=object),
                  "SoThua": np.array(["7"], dtype=object)}  # fmt: skip
    path = write(tmp_path / "a.shp", lots(1), attributes, encoding="ISO-8859-1")
    path.with_suffix(".cpg").unlink()
    assert f"--encoding {encoding}" in refusal(path, commune="07001")
    [said] = take(path, commune="07001", encoding="auto", dry_run=True)["warnings"]
    assert f"“SoTo” was read as {encoding}: " in said
    assert "is “ấp Đông”" in said
    take(path, commune="07001", encoding=encoding.upper())
    assert list(Parcel.objects.values_list("code", flat=True)) == ["07001-ấp Đông-7"]


def test_lists_are_joined_and_bytes_are_no_text():
    decode = texts.in_one(None, carrier=False)
    column = pa.array([["ODT", "CLN"], None, ["LUC"]])
    assert texts.plain(column, decode).to_pylist() == ["ODT+CLN", None, "LUC"]
    assert texts.plain(pa.array([b"\xfe"]), decode).to_pylist() == [None]


def test_on_the_command_line_nothing_is_guessed(refusal, tmp_path):
    (tmp_path / "a.csv").write_bytes("SoTo;SoThua;wkt\ngénérateur;1;POLYGON ((0 0,1 0,1 1,0 0))\n".encode("latin-1"))
    sentence = refusal(tmp_path / "a.csv", commune="07001", crs="EPSG:5899", encoding="auto")
    assert "nobody can tell the encoding of column “SoTo” (“générateur”)" in sentence


def drawn(path, encoding, page):
    """A drawing of AutoCAD 2000 that declares a code page and holds bytes of an encoding."""
    drawing = ezdxf.new("R2000")
    drawing.encoding = "latin-1"
    for number, (outline, word) in enumerate(zip(lots(len(WORDS)), WORDS, strict=True)):
        middle = outline.centroid
        text = stored(word, encoding).decode("latin-1")
        drawing.modelspace().add_lwpolyline(list(outline.exterior.coords)[:-1], close=True)
        for layer, label in (("SoTo", text), ("SoThua", str(number))):
            drawing.modelspace().add_text(label, dxfattribs={"layer": layer}).set_placement((middle.x, middle.y))
    drawing.saveas(path, encoding="latin-1")
    content = path.read_bytes()
    path.write_bytes(content.replace(b"ANSI_1252", page))
    return path


@pytest.mark.parametrize("page", [b"ANSI_1252", b"ANSI_1258"])
@pytest.mark.parametrize("encoding", [*OLD, "utf-8"])
def test_drawings_hold_bytes_whatever_code_page_they_declare(tmp_path, encoding, page):
    found, table = auto(drawn(tmp_path / "a.dxf", encoding, page), tmp_path / "rows")
    assert found.texts["sheet"]["encoding"] == encoding
    assert table["sheet"].to_pylist() == WORDS


def test_letters_of_a_drawing_that_are_written_as_numbers(tmp_path):
    path = drawn(tmp_path / "a.dxf", "utf-8", b"ANSI_1252")
    content = path.read_bytes()
    for word in WORDS:
        content = content.replace(
            word.encode(), "".join(each if each.isascii() else f"\\U+{ord(each):04X}" for each in word).encode()
        )
    path.write_bytes(content)
    _, table = auto(path, tmp_path / "rows")
    assert table["sheet"].to_pylist() == WORDS


def test_texts_of_a_design_file_are_bytes_too(tmp_path):
    path = dgn(tmp_path / "a.dgn", "ODT 1 TTTTTT", "ODT 2 TTTTTT", "ODT 3 TTTTTT")
    path.write_bytes(path.read_bytes().replace(b"TTTTTT", stored("đất ở", "tcvn3").ljust(6)))
    found, table = auto(path, tmp_path / "rows", chosen={"land_use": "Text"})
    assert found.texts["land_use"]["encoding"] == "tcvn3"
    assert table["land_use"].to_pylist() == [f"ODT {n} đất ở" for n in (1, 2, 3)]
