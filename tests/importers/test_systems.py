"""Where a file lies: every system of the country is tried, and what the file says of itself is checked."""

import time

import numpy as np
import pyogrio.raw
import pyproj
import pytest
import shapely

from gisplatform import crs
from importers import systems
from tests.importers.conftest import VN2000_METRES, in_system, lots
from tests.importers.test_formats import OWN_PRJ

# A commune of 4 km × 4 km around lots that fill most of it.
WEST, SOUTH = np.round(crs.wgs84_to_register(106.9, 20.9))
COMMUNE = shapely.box(WEST, SOUTH, WEST + 4000, SOUTH + 4000)
_X, _Y = (grid.ravel() for grid in np.meshgrid(np.arange(50, 3900, 100), np.arange(50, 3900, 100)))
LOTS = shapely.box(WEST + _X, SOUTH + _Y, WEST + _X + 90, SOUTH + _Y + 90)
SYSTEMS = [f"EPSG:{epsg}" for epsg in [*crs.ZONES, 4326, 32648]]


def turned(shapes: np.ndarray, reading: str) -> np.ndarray:
    """Shapes as a file has them that must be read in this way."""
    factor = 1000 if "millimetres" in reading else 1
    step = -1 if "swapped" in reading else 1
    return shapely.transform(shapes, lambda pairs: pairs[:, ::step] * factor)


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_file_that_says_nothing_is_found_again(system):
    ranking = systems.rank(in_system(LOTS, system), COMMUNE, None)
    best = ranking.best
    assert best is not None
    assert (best.system, best.reading, best.share_inside) == (system, "", 1.0)
    # 190 m lie between WGS 84 and VN-2000: a commune is too large to tell them apart, so a person is asked.
    assert ranking.clear == (system not in ("EPSG:4326", "EPSG:32648", "EPSG:3405", "EPSG:3406"))
    west, south, east, north = best.extent
    assert 106.89 < west < 106.91 < east < 106.95
    assert 20.89 < south < 20.91 < north < 20.95


@pytest.mark.parametrize("reading", ["swapped", "millimetres", "swapped_millimetres"])
def test_swapped_axes_and_millimetres_are_seen_and_put_right(reading):
    written = turned(LOTS, reading)
    ranking = systems.rank(written, COMMUNE, pyproj.CRS(VN2000_METRES))
    assert (ranking.best.system, ranking.best.reading, ranking.wrong) == (VN2000_METRES, reading, reading)
    assert not ranking.clear
    assert shapely.equals_exact(systems.put_right(written, reading), LOTS, tolerance=1e-6).all()


@pytest.mark.parametrize(
    ("truth", "declared", "wrong"),
    [
        ("EPSG:4326", VN2000_METRES, "degrees_as_metres"),
        (VN2000_METRES, "EPSG:4326", "metres_as_degrees"),
        ("EPSG:5897", "EPSG:3405", "scale"),  # 105°, 0.9999 declared as 0.9996
        ("EPSG:3405", "EPSG:5897", "scale"),
        ("EPSG:9210", "EPSG:5897", "meridian"),  # 105.75° declared as 105°
        (VN2000_METRES, "EPSG:32648", "meridian"),
    ],
)
def test_a_wrong_declaration_is_caught_and_named(truth, declared, wrong):
    ranking = systems.rank(in_system(LOTS, truth), COMMUNE, pyproj.CRS(declared))
    assert ranking.wrong == wrong
    assert ranking.best.system == truth
    assert systems.sentence(ranking, "X").count("%(") == 0
    assert systems.sentence(ranking, "X")


@pytest.mark.parametrize("declared", [VN2000_METRES, "EPSG:4326", "EPSG:9210", "EPSG:3405", "EPSG:4756", OWN_PRJ])
def test_a_right_declaration_is_clear_and_comes_first(declared):
    epsg = VN2000_METRES if declared == OWN_PRJ else declared
    ranking = systems.rank(in_system(LOTS, epsg), COMMUNE, pyproj.CRS(declared))
    assert ranking.clear
    assert ranking.wrong == ""
    assert ranking.best.declared


def test_a_place_far_away_has_no_candidate_and_that_is_said():
    ranking = systems.rank(
        shapely.box([500_000], [4_000_000], [500_010], [4_000_010]), COMMUNE, pyproj.CRS("EPSG:32610")
    )
    assert (ranking.best, ranking.clear, ranking.wrong) == (None, False, "nowhere")
    nothing = systems.rank(np.array([None, shapely.Polygon()]), COMMUNE, None)
    assert (nothing.best, nothing.clear, nothing.rows) == (None, False, 0)


def test_a_large_file_takes_no_longer_than_a_small_one():
    many = np.repeat(in_system(LOTS, VN2000_METRES), 60)
    start = time.process_time()
    assert systems.rank(many, COMMUNE, None).rows <= 2 * systems.ROWS_MOST
    assert time.process_time() - start < 5


def test_real_parcels_are_found_by_the_ward_that_they_lie_in(shared_data):
    def shapes(path):
        _, _, wkb, _ = pyogrio.raw.read(shared_data(path), columns=[])
        return shapely.from_wkb(wkb)

    ward = crs.to_register(shapes("vn_admin/vn_danang_wards_2025/20242_hai_chau.geojson")[0], pyproj.CRS(4326))
    degrees = shapes("cadastral/vn_danang_parcels_haichau/20242.geojson")
    for system in ("EPSG:5899", "EPSG:5898", "EPSG:9217"):
        metres = in_system(crs.to_register(degrees, pyproj.CRS(4326)), system)
        ranking = systems.rank(metres, ward, None)
        assert (ranking.best.system, ranking.clear) == (system, True)
        assert ranking.best.share_inside > 0.95


def test_lots_of_the_other_tests_lie_in_their_area():
    assert systems.rank(lots(), COMMUNE.buffer(100), pyproj.CRS(VN2000_METRES)).clear
