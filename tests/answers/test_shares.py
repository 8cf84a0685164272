"""Shares and survey accuracy, computed on shapes that can be drawn on squared paper."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from planning.answers import shares

LOT = shapely.box(0, 0, 20, 10)


def test_mean_width_of_a_strip_is_its_width():
    strip, square, nothing = shapely.box(0, 0, 1000, 0.05), shapely.box(0, 0, 10, 10), shapely.Polygon()
    assert shares.mean_width_m([strip, square, nothing]) == pytest.approx([0.05, 5, 0], rel=1e-3)
    assert shares.mean_width_m([]).shape == (0,)


def test_what_only_touches_becomes_empty():
    edge, corner, part = shapely.LineString([(0, 0), (1, 0)]), shapely.Point(0, 0), shapely.box(0, 0, 1, 1)
    assert shapely.area(shares.polygons([edge, corner, shapely.GeometryCollection([edge, part])])).tolist() == [0, 0, 1]


def test_what_no_zone_covers():
    assert shares.uncovered(LOT, []) == (200, False)
    assert shares.uncovered(LOT, [shapely.box(0, 0, 15, 10)]) == (50, False)
    assert shares.uncovered(LOT, [shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)]) == (0, True)
    rest_m2, explained = shares.uncovered(LOT, [shapely.box(0, 0, 19.95, 10)])
    assert (round(rest_m2, 6), explained) == (0.5, True)


def test_ground_in_two_zones_counts_once():
    pieces = [shapely.box(0, 0, 15, 10), shapely.box(10, 0, 20, 10), shapely.box(12, 0, 20, 10)]
    assert shares.overlap(pieces).area == pytest.approx(100)  # from 10 to 20
    assert shares.overlap(pieces[:1]).area == shares.overlap([]).area == 0


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30).filter(lambda areas: sum(areas) > 1e-3))
def test_shares_of_a_partition_add_up_to_100_percent(areas):
    percents = shares.percentages(np.array(areas), sum(areas))
    assert percents.sum() == pytest.approx(100)
    assert (np.abs(percents - np.array(areas) / sum(areas) * 100) < 0.1 + 1e-6).all()
