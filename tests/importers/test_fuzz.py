"""Rows that nobody would write on purpose, through the whole import: taken or listed, never a fault of ours."""

import json

import pytest
from django.core.management import CommandError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.importers.conftest import feature, lot

pytestmark = [pytest.mark.django_db, pytest.mark.long]

value = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=30), st.just("12"),
    st.lists(st.text(max_size=4), max_size=3), st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    st.sampled_from(["\u0000", "\ud800", "a\u200b", "ODT+", "++", "ODT+CLN", "1e400", "-0", "ế\u0301", "Đ" * 40]),
)  # fmt: skip
number = st.one_of(st.floats(105, 110), st.floats(width=32), st.sampled_from([0, 90, 180, 1e308, -1e-308, 106.9, 20.9]))
position = st.lists(number, min_size=0, max_size=4)
ring = st.lists(position, max_size=6)
geometry = st.one_of(
    st.none(),
    st.builds(lot, st.integers(0, 5)),
    st.builds(lambda rings: {"type": "Polygon", "coordinates": rings}, st.lists(ring, max_size=3)),
    st.builds(
        lambda parts: {"type": "MultiPolygon", "coordinates": parts}, st.lists(st.lists(ring, max_size=2), max_size=2)
    ),
    st.builds(lambda place: {"type": "Point", "coordinates": place}, position),
    st.builds(lambda kind: {"type": kind}, st.text(max_size=8)),
)
row = st.builds(
    lambda shape, sheet, number, use, area: feature(shape, SoTo=sheet, SoThua=number, LoaiDat=use, DienTich=area),
    geometry, value, value, value, value,
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(row, min_size=1, max_size=6), good=st.booleans())
def test_every_row_is_taken_or_listed(take, tmp_path, rows, good):
    rows = [*rows, *([feature(lot(7), SoTo=99)] if good else [])]
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}))
    try:
        report = take(path, dry_run=True)
    except CommandError as refused:
        sentence = str(refused)
    else:
        counts = report["counts"]
        assert counts["rows"] == len(rows) == counts["taken"] + counts["refused"]
        assert len(report["refused"]) == counts["refused"]
        sentence = json.dumps(report)
    assert "\n" not in sentence
