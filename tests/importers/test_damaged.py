"""Damaged files of every kind: read or refused, in bounded time, and never a part of a file taken for the whole."""

import importlib
import logging
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gisplatform.errors import InvalidInput
from importers import positions
from importers.detection import Source
from importers.formats.kinds import KINDS
from importers.readers import Wanted, read
from tests.importers import test_kinds
from tests.importers.conftest import lots

MAKERS = {"gml": test_kinds.gml, "kml": test_kinds.kml, "landxml": test_kinds.landxml, "tables": test_kinds.csv,
          "workbooks": test_kinds.xlsx, "dxf": test_kinds.dxf, "parquet": test_kinds.geoparquet}  # fmt: skip
# Words that mean something to one format or another.
WORDS = [b"nan", b"inf", b"-1e308", b"9" * 30, b"<", b'"', b"(" * 500, b"&#0;", b"\0", b"\xff\xff\xff\xff",
         b'dimension="7"', b";", b"\n", b"", b" " * 2000, b"EMPTY"]  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> dict[str, bytes]:
    """A good file of each format that is read without GDAL."""
    logging.getLogger("ezdxf").setLevel(logging.ERROR)
    folder = tmp_path_factory.mktemp("whole")
    return {name: make(folder / f"a.{name}").read_bytes() for name, make in MAKERS.items()}


def rows_of(opener: str, content: bytes, folder: Path) -> int:
    """Open content as a format and read all that is in it; returns how many rows."""
    kind = next(
        kind for kind in KINDS if kind.name.lower().endswith({"tables": "csv", "workbooks": "xlsx"}.get(opener, opener))
    )
    path = folder / f"source{kind.suffix}"
    path.write_bytes(content)
    contents = importlib.import_module(f"importers.formats.{opener}").open_source(
        Source(path, kind.name, "a"), None, None
    )
    rows = 0
    for batch in contents.rows(list(range(len(contents.columns)))):
        boundary, fault = positions.plain(batch.column(len(contents.columns)))
        assert len(boundary) == len(fault) == batch.num_rows
        assert all(
            (wkb is None) == (reason is not None)
            for wkb, reason in zip(boundary.to_pylist(), fault.to_pylist(), strict=True)
        )
        rows += batch.num_rows
    return rows


@settings(max_examples=400, deadline=10_000, suppress_health_check=list(HealthCheck))
@given(
    opener=st.sampled_from(sorted(MAKERS)),
    wounds=st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 40), st.sampled_from(WORDS) | st.binary(max_size=8)),
        min_size=1, max_size=5,
    ),
    cut=st.sampled_from([1, 1, 1, 0.99, 0.5]),
)  # fmt: skip
def test_a_damaged_file_is_read_or_refused(tmp_path_factory, whole, opener, wounds, cut):
    damaged = bytearray(whole[opener])
    for place, length, word in wounds:
        start = int(place * len(damaged))
        damaged[start : start + length] = word
    try:
        rows_of(opener, bytes(damaged[: int(len(damaged) * cut)]), tmp_path_factory.mktemp("damaged"))
    except (AssertionError, MemoryError, NameError, RecursionError):
        raise
    except Exception:  # Refused, or what a library says of damage: opening.serve puts it into words
        return


@pytest.mark.parametrize("opener", sorted(set(MAKERS) - {"tables"}))
def test_half_a_file_is_never_taken_for_the_whole(whole, tmp_path, opener):
    assert rows_of(opener, whole[opener], tmp_path) >= len(lots())
    content = whole[opener]
    for share in (0.5, 0.9, 0.98):
        with pytest.raises(Exception) as refused:
            rows_of(opener, content[: int(len(content) * share)], tmp_path)
        assert not isinstance(refused.value, AssertionError)


def attempt(path: Path, folder: Path, **wanted) -> str:
    folder.mkdir()
    with pytest.raises(InvalidInput) as refused:
        read(path, Wanted("parcel_columns", (), {}, crs_given=True, **wanted), folder, lambda rows: None)
    return str(refused.value)


def test_a_design_file_that_was_cut_off_is_refused_as_a_whole(tmp_path):
    # GDAL reads one as far as it goes, in silence.
    content = test_kinds.dgn(tmp_path / "a.dgn", "1", "2", "3").read_bytes()
    (tmp_path / "cut.dgn").write_bytes(content[: int(len(content) * 0.98)])
    assert "was cut off" in attempt(tmp_path / "cut.dgn", tmp_path / "rows")


def test_what_fuzzing_found(tmp_path):
    # A table of names only, its texts to be judged: there was no batch to judge.
    (tmp_path / "a.csv").write_text("MaXa;SoTo;SoThua\n")
    found = tmp_path / "rows"
    found.mkdir()
    assert (
        read(tmp_path / "a.csv", Wanted("parcel_columns", (), {}, encoding="auto"), found, lambda rows: None).rows == 0
    )
    # A zip whose directory is said to begin before the file does.
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.csv", "MaXa;SoTo\n" * 100)
    content = bytearray((tmp_path / "a.zip").read_bytes())
    content[-6:-2] = b"\xff\xff\xff\x7f"
    (tmp_path / "b.zip").write_bytes(content)
    assert "damaged" in attempt(tmp_path / "b.zip", tmp_path / "rows2")
    # A FlatGeobuf with a header of no layer.
    (tmp_path / "a.fgb").write_bytes(b"fgb\x03fgb\0" + b"\0" * 60)
    assert "cannot be read" in attempt(tmp_path / "a.fgb", tmp_path / "rows3")
