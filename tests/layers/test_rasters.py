"""An operator puts an aerial image and a terrain model on the map; visitors see them, and a spoilt file is refused."""

import json
import math
import warnings
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from rasterio.crs import CRS
from rasterio.io import MemoryFile
from rasterio.transform import Affine
from rasterio.warp import transform

from gisplatform.access import Person, Role
from gisplatform.crs import ZONES, to_wgs84, zone_to_wgs84
from gisplatform.errors import InvalidInput
from importers.rasters import add_raster
from importers.sandbox import Limits
from layers.rasters.models import Raster, folder
from layers.rasters.operations import record_raster
from layers.rasters.queries import listed
from layers.rasters.shading import hillshade
from tests.factories import CORNER, make_organisation, make_user
from web.config import map_config

pytestmark = pytest.mark.django_db

RED, GREEN = (200, 20, 30), (20, 160, 40)
EAST, NORTH = CORNER


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path / "var"
    monkeypatch.setenv("LC_ALL", "C.UTF-8")  # the command's sentences below are in English


def north_up(west: float, north: float, pixel_m: float) -> Affine:
    return Affine(pixel_m, 0, west, 0, -pixel_m, north)


def geotiff(path: Path, bands: np.ndarray, *, pixel_m: float = 0.5, crs: str | None = "EPSG:5899", **options) -> Path:
    """A GeoTIFF whose north-west corner is the tests' corner."""
    place = options.pop("transform", north_up(EAST, NORTH, pixel_m))
    count, height, width = bands.shape
    with rasterio.open(
        path, "w", driver="GTiff", width=width, height=height, count=count, dtype=bands.dtype,
        crs=CRS.from_user_input(crs) if crs else None, transform=place, **options,
    ) as file:  # fmt: skip
        file.write(bands)
    return path


def picture(path: Path, **options) -> Path:
    """200 m × 200 m: the western half red, the eastern half green."""
    bands = np.empty((3, 400, 400), dtype=np.uint8)
    bands[:, :, :200] = np.array(RED).reshape(3, 1, 1)
    bands[:, :, 200:] = np.array(GREEN).reshape(3, 1, 1)
    return geotiff(path, bands, **options)


def terrain(path: Path, heights: np.ndarray, **options) -> Path:
    return geotiff(path, heights[None].astype("float32"), pixel_m=2, **options)


def tile_at(east: float, north: float, zoom: int) -> tuple[int, int, float, float]:
    """Column and row of the tile at a place of the register, and where in it the place is, in pixels."""
    lon, lat = zone_to_wgs84(ZONES[5899], east, north)
    x = (lon + 180) / 360 * 2**zoom
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**zoom
    return int(x), int(y), x % 1 * 256, y % 1 * 256


def pixels(content: bytes) -> np.ndarray:
    with warnings.catch_warnings(), MemoryFile(content) as memory:
        warnings.simplefilter("ignore")  # a WebP has no place
        image = memory.open()
        assert (image.driver, image.width, image.height) == ("WEBP", 256, 256)
        bands = image.read()
    # WebP leaves the alpha band out where all of it is opaque.
    return bands if len(bands) == 4 else np.concatenate([bands, np.full((1, 256, 256), 255, dtype=np.uint8)])


def get_tile(client, raster: Raster, east: float, north: float, zoom: int | None = None):
    zoom = zoom or raster.max_zoom
    x, y, column, row = tile_at(east, north, zoom)
    answer = client.get(f"/rasters/{raster.pk}/{zoom}/{x}/{y}.webp")
    return answer, int(column), int(row)


def pixel(client, raster: Raster, east: float, north: float, zoom: int | None = None) -> np.ndarray:
    answer, column, row = get_tile(client, raster, east, north, zoom)
    assert answer.status_code == 200
    return pixels(answer.content)[:, row, column].astype(int)


def test_an_operator_adds_an_aerial_image_and_everyone_sees_it_in_its_place(client, tmp_path, capsys):
    file = picture(tmp_path / "flight.tif")
    before = file.read_bytes()
    call_command("add_raster", str(file), kind="aerial", title="Ảnh bay chụp", title_en="Flight",
                 captured_on="2026-03-01", source="Sở Thử Nghiệm")  # fmt: skip
    raster = Raster.objects.get()
    assert str(raster.pk) in capsys.readouterr().out
    assert file.read_bytes() == before
    # The map's script learns where it is; half a metre is about the pixel of zoom 18.
    [told] = map_config(Person(), "en")["rasters"]
    assert told | {"bounds": None} == {
        "id": raster.pk, "kind": "aerial", "title": "Flight", "capturedOn": "2026-03-01",
        "attribution": "Sở Thử Nghiệm",
        "tiles": f"/rasters/{raster.pk}/{{z}}/{{x}}/{{y}}.webp", "tileSize": 256, "minzoom": raster.min_zoom,
        "maxzoom": 18, "bounds": None,
    }  # fmt: skip
    west, south = zone_to_wgs84(ZONES[5899], EAST, NORTH - 200)
    assert told["bounds"][:2] == pytest.approx([west, south], abs=2e-5)
    assert map_config(Person(), "vi")["rasters"][0]["title"] == "Ảnh bay chụp"
    # Left red, right green, on each zoom, to the pixel.
    for zoom in range(raster.min_zoom, raster.max_zoom + 1):
        assert pixel(client, raster, EAST + 60, NORTH - 100, zoom) == pytest.approx([*RED, 255], abs=12)
        assert pixel(client, raster, EAST + 140, NORTH - 100, zoom) == pytest.approx([*GREEN, 255], abs=12)
    assert pixel(client, raster, EAST + 98, NORTH - 100)[0] > 150
    assert pixel(client, raster, EAST + 102, NORTH - 100)[0] < 70
    # Beside the image the tile is clear, further away there is none.
    assert pixel(client, raster, EAST - 3, NORTH - 100)[3] == 0
    assert get_tile(client, raster, EAST + 2000, NORTH)[0].status_code == 204
    # No file is left but the one.
    assert [found.name for found in folder().iterdir()] == [raster.file_name]


def test_a_browser_asks_again_and_need_not_load_the_tile_twice(client, tmp_path):
    raster = add_raster(picture(tmp_path / "a.tif"), kind="aerial", title_vi="Ảnh")
    first, _, _ = get_tile(client, raster, EAST + 50, NORTH - 50)
    assert first["Content-Type"] == "image/webp"
    assert first["Cache-Control"] == "public, max-age=86400"
    x, y, _, _ = tile_at(EAST + 50, NORTH - 50, raster.max_zoom)
    address = f"/rasters/{raster.pk}/{raster.max_zoom}/{x}/{y}.webp"
    again = client.get(address, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    client.force_login(make_user(Role.PLANNER))
    assert client.get(address)["Cache-Control"].startswith("private")


def test_a_terrain_model_shows_light_and_shade_and_nothing_where_nothing_is_known(client, tmp_path):
    rows, columns = np.mgrid[:200, :200]
    hill = 40 * np.exp(-((columns - 100) ** 2 + (rows - 100) ** 2) / 40**2)
    hill[:, :40] = -9999
    raster = add_raster(terrain(tmp_path / "t.tif", hill, nodata=-9999), kind="terrain", title_vi="Địa hình")
    light = pixel(client, raster, EAST + 160, NORTH - 160)  # the north-west slope
    shade = pixel(client, raster, EAST + 240, NORTH - 240)
    assert light[0] > 200
    assert light[3] > 20
    assert shade[0] < 40
    assert shade[3] > 40
    assert pixel(client, raster, EAST + 200, NORTH - 200)[3] < 25  # the top is flat
    assert pixel(client, raster, EAST + 40, NORTH - 200)[3] == 0


def test_a_slope_of_two_in_five_is_shaded_by_the_rule_of_the_cosine():
    # Falling to the east by 0.4; exaggerated by 2.5 that is 45°, turned from a light 45° high in the north-west.
    falling = np.tile(-0.4 * np.arange(5.0), (5, 1))
    shade = hillshade(falling, 1.0)
    lit = (math.sin(math.pi / 4) + math.cos(math.pi / 4) * math.sin(math.radians(315))) / math.sqrt(2)
    expected = (1 - lit / math.sin(math.pi / 4)) * 0.45 * 255
    assert shade.shape == (4, 3, 3)
    assert (shade[0] == 0).all()
    assert shade[3, 1, 1] == pytest.approx(expected, abs=1)
    assert (hillshade(np.zeros((5, 5)), 1.0)[3] == 0).all()


def test_an_image_in_the_mekong_delta_lies_where_the_official_shift_puts_it(client, tmp_path):
    # PROJ's own choice there is 0.8 m off: four pixels of this image.
    place = north_up(560_000, 1_150_000, 0.2)
    raster = add_raster(
        picture(tmp_path / "south.tif", crs="EPSG:9210", transform=place), kind="aerial", title_vi="Ảnh"
    )
    lon, lat = zone_to_wgs84(ZONES[9210], 560_000 + 40, 1_150_000 - 40)
    zoom = raster.max_zoom
    x = (lon + 180) / 360 * 2**zoom
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**zoom
    content = client.get(f"/rasters/{raster.pk}/{zoom}/{int(x)}/{int(y)}.webp").content
    redness = pixels(content)[0, int(y % 1 * 256)]
    border = np.flatnonzero((redness[:-1] > 110) & (redness[1:] <= 110))
    assert border == pytest.approx([x % 1 * 256 - 0.5], abs=1.5)


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:32649", "EPSG:4326"])
def test_images_on_wgs84_are_taken_as_they_are(tmp_path, crs):
    degrees = crs == "EPSG:4326"
    lon, lat = zone_to_wgs84(ZONES[5899], EAST, NORTH)
    x, y = (lon, lat) if degrees else transform("EPSG:4326", crs, [lon], [lat])
    corner = (x, y) if degrees else (x[0], y[0])
    side = 5e-6 if degrees else 0.5
    raster = add_raster(
        picture(tmp_path / "w.tif", crs=crs, transform=north_up(*corner, side)), kind="aerial", title_vi="Ảnh"
    )
    assert to_wgs84(shapely_of(raster)).bounds[0] == pytest.approx(lon, abs=1e-5)


def shapely_of(raster: Raster):
    return shapely.from_wkb(bytes(raster.footprint.wkb))


def test_what_is_for_staff_only_is_not_there_for_anybody_else(client, tmp_path):
    raster = add_raster(picture(tmp_path / "a.tif"), kind="aerial", title_vi="Ảnh nội bộ", audience="staff")
    for role in (None, Role.UTILITY):
        if role:
            client.force_login(make_user(role, organisation=make_organisation()))
        assert get_tile(client, raster, EAST + 50, NORTH - 50)[0].status_code == 404
        assert listed(Person.of([role] if role else []), "vi") == []
    client.force_login(make_user(Role.OFFICER))
    assert get_tile(client, raster, EAST + 50, NORTH - 50)[0].status_code == 200
    assert len(listed(Person.of([Role.OFFICER]), "vi")) == 1


def vrt_of(folder: Path) -> Path:
    inner = picture(folder / "inner.tif")
    lying = folder / "lying.tif"
    lying.write_text(
        '<VRTDataset rasterXSize="400" rasterYSize="400"><SRS>EPSG:5899</SRS>'
        f"<GeoTransform>{EAST}, 0.5, 0, {NORTH}, 0, -0.5</GeoTransform>"
        + "".join(
            f'<VRTRasterBand dataType="Byte" band="{band}"><SimpleSource><SourceFilename>{inner}</SourceFilename>'
            f"<SourceBand>{band}</SourceBand></SimpleSource></VRTRasterBand>"
            for band in (1, 2, 3)
        )
        + "</VRTDataset>"
    )
    with rasterio.open(lying) as seen:  # GDAL itself would follow it
        assert seen.driver == "VRT"
    return lying


def truncated(folder: Path) -> Path:
    file = geotiff(folder / "cut.tif", np.random.default_rng(1).integers(0, 255, (3, 400, 400), dtype=np.uint8))
    file.write_bytes(file.read_bytes()[:200_000])
    return file


def huge(folder: Path) -> Path:
    """A small file that claims a million times a million pixels."""
    file = folder / "huge.tif"
    with rasterio.open(
        file, "w", driver="GTiff", width=1_000_000, height=1_000_000, count=1, dtype="uint8", crs="EPSG:5899",
        transform=north_up(EAST, NORTH, 0.001), sparse_ok=True, bigtiff="yes", tiled=True, blockxsize=16384,
        blockysize=16384, compress="deflate",
    ):  # fmt: skip
        pass
    assert file.stat().st_size < 1_000_000
    return file


REFUSED = {
    "a VRT that reads another file": ("aerial", vrt_of, "not a GeoTIFF"),
    "a text": ("aerial", lambda folder: write(folder / "x.tif", b"hello"), "not a GeoTIFF"),
    "nothing": ("aerial", lambda folder: write(folder / "x.tif", b""), "not a GeoTIFF"),
    "no file at all": ("aerial", lambda folder: folder / "absent.tif", "no such file"),
    "no coordinate system": ("aerial", lambda folder: picture(folder / "x.tif", crs=None), "--crs"),
    "no place": (
        "aerial",
        lambda folder: picture(folder / "x.tif", transform=Affine.identity()),
        "pixels lie",
    ),
    "a turned image": (
        "aerial",
        lambda folder: picture(folder / "x.tif", transform=Affine.translation(EAST, NORTH) @ Affine.rotation(9)),
        "turned",
    ),
    "another datum": ("aerial", lambda folder: picture(folder / "x.tif", crs="EPSG:27700"), "neither a VN-2000"),
    "degrees taken for metres": ("aerial", lambda folder: picture(folder / "x.tif", crs="EPSG:4326"), "off the map"),
    "a picture as terrain": ("terrain", lambda folder: picture(folder / "x.tif"), "one band"),
    "terrain as a picture": ("aerial", lambda folder: terrain(folder / "x.tif", np.ones((9, 9))), "red, green"),
    "heights of another world": ("terrain", lambda folder: terrain(folder / "x.tif", np.full((9, 9), 1e6)), "heights"),
    "terrain without heights": (
        "terrain", lambda folder: terrain(folder / "x.tif", np.full((9, 9), -1.0), nodata=-1.0), "no height"
    ),
    "half a file": ("aerial", truncated, "cannot be read"),
    "a file of a million times a million pixels": ("aerial", huge, "too many"),
}  # fmt: skip


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_cannot_be_right_is_refused_in_one_sentence(case, tmp_path):
    kind, make, words = REFUSED[case]
    with pytest.raises(CommandError, match=words) as refused:
        call_command("add_raster", str(make(tmp_path)), kind=kind, title="Ảnh")
    assert refused.value.returncode == 2
    assert str(refused.value).count("\n") == 0
    assert not Raster.objects.exists()
    assert not folder().exists() or list(folder().iterdir()) == []


def test_a_conversion_that_takes_too_much_ends(tmp_path):
    with pytest.raises(InvalidInput) as refused:
        add_raster(picture(tmp_path / "a.tif"), kind="aerial", title_vi="Ảnh", limits=Limits(file_mb=0))
    assert refused.value.details["problem"] == "unreadable"


def test_a_missing_coordinate_system_can_be_said(tmp_path):
    raster = add_raster(picture(tmp_path / "a.tif", crs=None), kind="aerial", title_vi="Ảnh", crs="EPSG:5899")
    assert shapely_of(raster).bounds == pytest.approx((EAST, NORTH - 200, EAST + 200, NORTH), abs=0.01)


def test_the_same_file_is_not_put_on_the_map_twice_and_can_be_taken_off(
    tmp_path, capsys, django_capture_on_commit_callbacks
):
    file = picture(tmp_path / "a.tif")
    raster = add_raster(file, kind="aerial", title_vi="Ảnh Một")
    with pytest.raises(CommandError, match="Ảnh Một"):
        call_command("add_raster", str(file), kind="aerial", title="Ảnh Hai")
    call_command("remove_raster")
    assert "Ảnh Một" in capsys.readouterr().out
    with django_capture_on_commit_callbacks(execute=True):
        call_command("remove_raster", str(raster.pk))
    assert list(folder().iterdir()) == []
    assert not Raster.objects.exists()
    with pytest.raises(CommandError) as refused:
        call_command("remove_raster", str(raster.pk))
    assert refused.value.returncode == 4


@pytest.mark.django_db(transaction=True)
def test_where_the_register_takes_no_row_no_file_is_left(tmp_path):
    folder().mkdir(parents=True)
    prepared = folder() / "prepared.tif"
    prepared.write_bytes(b"II*")
    with connection.cursor() as cursor:
        cursor.execute("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''full''; END'")
        cursor.execute(
            "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON rasters_raster DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    try:
        with pytest.raises(DatabaseError, match="full"):  # at the commit, when the file is in its place already
            record_raster(
                prepared=prepared, kind="aerial", title_vi="Ảnh", title_en="", captured_on=None, attribution="x",
                audience="public", sha256="0" * 64, zooms=(10, 12),
                footprint=shapely.box(EAST, NORTH, EAST + 9, NORTH + 9),
            )  # fmt: skip
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION refuse() CASCADE")
    assert not list(folder().iterdir())
    assert not Raster.objects.exists()


def test_addresses_that_cannot_be_are_answered_plainly(client, tmp_path):
    raster = add_raster(picture(tmp_path / "a.tif"), kind="aerial", title_vi="Ảnh")
    for address in (
        f"/rasters/{raster.pk}/{raster.max_zoom + 1}/0/0.webp",
        f"/rasters/{raster.pk}/{raster.max_zoom}/{2**raster.max_zoom}/0.webp",
        f"/rasters/{raster.pk}/999999999999/0/0.webp",
        f"/rasters/{10**30}/1/0/0.webp",
        "/rasters/0/1/0/0.webp",
    ):
        answer = client.get(address)
        assert answer.status_code == 404
        assert json.loads(answer.content)["error"]["code"] == "not_found"
    raster.path.unlink()
    answer, _, _ = get_tile(client, raster, EAST + 50, NORTH - 50)
    assert answer.status_code == 503
