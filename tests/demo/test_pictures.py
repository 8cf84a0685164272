"""The terrain model and the picture from the air: they show the city that is in the registers."""

import hashlib
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from django.core.management import call_command

from demo import aerial
from demo.city import City, draw_part
from demo.operations import remove_city
from demo.registers.pictures import Pictures
from gisplatform.crs import REGISTER_ZONE
from layers.rasters.models import Raster
from tests.demo.rows import Kept, written


class Pictured(Kept):
    """Keeps the files of rasters as well."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def raster(self, file: Path, kind: str, today: date) -> None:
        shutil.copy(file, self.folder / f"{kind}.tif")


@pytest.fixture(scope="module", params=[(600, 1), (5000, 2)], ids=lambda size: f"{size[0]}-lots-seed-{size[1]}")
def drawn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[City, Path]:
    folder = tmp_path_factory.mktemp("pictures")
    city, _ = written(*request.param, Pictures(), sink=Pictured(folder))
    return city, folder


def at(file: Path, places: np.ndarray) -> np.ndarray:
    """(n, bands) what a raster has at places (n, 2) of the register."""
    with rasterio.open(file) as raster:
        assert raster.crs.to_epsg() == REGISTER_ZONE.epsg
        return np.array(list(raster.sample(places)))


def test_the_terrain_model_has_the_height_of_the_ground_and_a_river_bed(drawn):
    city, folder = drawn
    crossings = city.streets.nodes[
        ~np.isin(np.arange(len(city.streets.nodes)), city.streets.start[city.streets.bridge])
    ]
    heights = at(folder / "terrain.tif", city.ground.place(crossings))[:, 0]
    assert np.abs(heights - city.ground.elevation_m(crossings)).max() < 0.1
    west, _, east, _ = city.ground.extent
    middle = np.column_stack([np.linspace(west + 20, east - 20, 50), np.zeros(50)])
    assert at(folder / "terrain.tif", city.ground.place(middle)).max() < heights.min() - 2
    with rasterio.open(folder / "terrain.tif") as terrain:
        assert 2 <= terrain.res[0] <= 5
        assert (terrain.read(1) > -10).all()


def test_the_picture_shows_water_roofs_and_fields_where_they_are(drawn):
    city, folder = drawn
    red, green, blue = 0, 1, 2
    part = draw_part(city, 0)
    with rasterio.open(folder / "aerial.tif") as picture:
        assert 0.5 <= picture.res[0] <= 1
        seen = shapely.box(*picture.bounds)
        share = picture.read(1)
        assert share.std() > 15
    water = city.ground.place(np.column_stack([np.linspace(-200, 200, 40), np.full(40, 0.3 * city.ground.river_m)]))
    river = at(folder / "aerial.tif", water).astype(float).mean(axis=0)
    assert river == pytest.approx(aerial.PALETTE[aerial.Cover.RIVER][:3], abs=8)
    fields = part.lots.shape[(part.lots.kind == 5) & shapely.within(part.lots.shape, seen)]
    paddies = at(folder / "aerial.tif", shapely.get_coordinates(shapely.point_on_surface(fields))).mean(axis=0)
    assert paddies[green] > paddies[blue] + 15
    roofs = part.buildings.shape[shapely.within(part.buildings.shape, seen)]
    colours = at(folder / "aerial.tif", shapely.get_coordinates(shapely.point_on_surface(roofs))).astype(int)
    # A third of the roofs are of red tiles.
    assert 0.2 < np.mean(colours[:, red] > colours[:, blue] + 40) < 0.6


def test_the_same_city_is_the_same_picture(tmp_path):
    digests = []
    for folder in (tmp_path / "one", tmp_path / "other"):
        folder.mkdir()
        written(500, 4, Pictures(), sink=Pictured(folder))
        digests.append(
            [hashlib.sha256((folder / f"{kind}.tif").read_bytes()).hexdigest() for kind in ("aerial", "terrain")]
        )
    assert digests[0] == digests[1]


@pytest.mark.django_db
def test_the_demo_city_brings_both_rasters_and_takes_them_away(settings, tmp_path, django_capture_on_commit_callbacks):
    settings.DATA_DIR = tmp_path / "var"
    call_command("make_demo_city", parcels=500, without="networks,buildings,addresses")
    assert set(Raster.objects.values_list("kind", flat=True)) == {"aerial", "terrain"}
    for raster in Raster.objects.all():
        assert "(giả lập)" in raster.title_vi
        assert "(synthetic)" in raster.title_en
        assert raster.path.exists()
    with django_capture_on_commit_callbacks(execute=True):
        remove_city()
    assert not Raster.objects.exists()
    assert list((settings.DATA_DIR / "rasters").iterdir()) == []
