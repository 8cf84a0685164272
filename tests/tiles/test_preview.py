"""What is in a file, as tiles, before anybody takes it over."""

import math

import numpy as np
import pytest
import shapely
from shapely.geometry import shape

from gisplatform import crs
from tests.tiles.decoding import decoded
from tiles.envelope import BUFFER, EQUATOR_M, EXTENT, tile_box
from tiles.preview import MOST_SHAPES, Preview

# A place in Đà Nẵng, and the tile of zoom 16 whose north-west corner it is.
Z, X, Y = 16, 52_469, 29_807
WEST, _SOUTH, _EAST, NORTH = tile_box(Z, X, Y)
SIDE_M = EQUATOR_M / 2**Z
RANDOM = np.random.default_rng(7)


def shown(preview: Preview, z: int, x: int, y: int) -> tuple[dict[int, dict], int]:
    """The shapes of a tile by the number of their row, and how many it tells of without drawing them."""
    layers = decoded(preview.tile(z, x, y))
    shapes, squares = (layers.get(key, {"features": []})["features"] for key in ("preview", "preview_squares"))
    return {feature["id"]: feature for feature in shapes}, sum(square["properties"]["count"] for square in squares)


def drawn(preview: Preview, z: int = Z, x: int = X, y: int = Y) -> dict[int, dict]:
    """The shapes of a tile by the number of their row."""
    return shown(preview, z, x, y)[0]


def meant(geometry: shapely.Geometry, z: int = Z, x: int = X, y: int = Y) -> shapely.Geometry:
    """A shape in units of a tile."""
    west, _south, east, north = tile_box(z, x, y)
    return shapely.transform(geometry, lambda at: (at - (west, north)) / (east - west) * EXTENT * (1, -1))


def in_tile(*corners: tuple[float, float]) -> list[tuple[float, float]]:
    """Corners given in parts of the tile, from the west and from the north."""
    return [(WEST + east * SIDE_M, NORTH - south * SIDE_M) for east, south in corners]


def grid(rows: int, part: float, off: float = 0) -> np.ndarray:
    """Lots side by side that fill a part of the tile's sides, off its corner; as many in a row as there are rows."""
    numbers = off + np.arange(rows) * part / rows
    east, south = (each.ravel() for each in np.meshgrid(numbers, numbers))
    side = SIDE_M * part / rows
    west, north = WEST + east * SIDE_M, NORTH - south * SIDE_M
    return shapely.box(west, north - side, west + side, north)


def test_lots_lines_and_points_of_a_file_stand_where_they_are_with_what_is_written_of_them():
    lot = shapely.Polygon(in_tile((0.1, 0.1), (0.4, 0.1), (0.4, 0.5), (0.1, 0.5)),
                          [in_tile((0.2, 0.2), (0.3, 0.2), (0.3, 0.3))])  # fmt: skip
    street = shapely.LineString(in_tile((-2, 0.7), (0.5, 0.71), (3, 0.7)))
    well = shapely.Point(*in_tile((0.75, 0.25)))
    columns = {
        "number": ["12", None, "\ud800"],
        "area": np.array([250.5, np.nan, 1.0]),
        "count": [7, 2**70, np.int64(-1)],
        "built": np.array(["2024-05-01", "NaT", "2020-01-01"], "datetime64[D]"),
        "public": [True, np.bool_(False), 1],
    }
    preview = Preview([lot, street, shapely.force_3d(well)], columns)
    found = drawn(preview)
    assert {row: feature["properties"] for row, feature in found.items()} == {
        0: {"number": "12", "area": 250.5, "count": 7, "built": "2024-05-01", "public": True},
        1: {"count": str(2**70), "public": False},
        2: {"number": "?", "area": 1, "count": -1, "built": "2020-01-01", "public": 1},
    }
    for row, geometry in enumerate((lot, street, well)):
        cut = meant(geometry).intersection(shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER))
        assert shape(found[row]["geometry"]).hausdorff_distance(cut) <= 3
    # The next tile has the rest of the street and nothing else.
    assert set(drawn(preview, x=X + 1)) == {1}
    assert preview.tile(Z, X, Y + 5) == b""
    west, south, east, north = preview.bounds
    assert west < math.degrees(2 * math.pi * WEST / EQUATOR_M) < east
    assert south < north
    assert len(preview) == 3


def test_shapes_in_the_registers_system_lie_where_the_platforms_own_do():
    east, north = crs.wgs84_to_register(108.22, 16.06)
    preview = Preview.of_register([shapely.box(east - 40, north - 40, east + 40, north + 40)])
    x, y = 2**Z * (0.5 + 108.22 / 360), 2**Z * (0.5 - math.asinh(math.tan(math.radians(16.06))) / 2 / math.pi)
    middle = shape(drawn(preview, Z, int(x), int(y))[0]["geometry"]).centroid
    assert (middle.x, middle.y) == pytest.approx((x % 1 * EXTENT, y % 1 * EXTENT), abs=2)


def test_what_a_file_has_wrong_does_not_break_its_picture():
    bow = shapely.Polygon(in_tile((0.1, 0.1), (0.5, 0.5), (0.5, 0.1), (0.1, 0.5)))
    lot, line = grid(1, 0.5)[0], shapely.LineString(in_tile((0, 0.9), (1, 0.9)))
    nowhere = shapely.LineString([(math.inf, 0), (1, 1)])
    both = shapely.GeometryCollection([shapely.Point(*in_tile((0.9, 0.9))), shapely.GeometryCollection([lot, line])])
    still = shapely.LineString(in_tile((0.3, 0.3), (0.3, 0.3)))
    rows = [None, bow, shapely.Polygon(), nowhere, both, still, shapely.MultiPoint(in_tile((0.1, 0.1), (0.2, 0.9)))]
    preview = Preview(rows)
    found = drawn(preview)
    assert set(found) == {1, 4, 6}
    assert len(preview) == 3
    assert shape(found[1]["geometry"]).area == pytest.approx(meant(bow.buffer(0)).area * 2, rel=0.01)
    assert found[4]["geometry"]["type"] == "Polygon"
    # A lot that begins where the tile ends: what is in the buffer, and not a line along the edge.
    beside = shapely.box(WEST + SIDE_M * (1 + BUFFER / EXTENT), NORTH - SIDE_M, WEST + 2 * SIDE_M, NORTH)
    assert Preview([beside]).tile(Z, X, Y) == b""
    assert Preview([]).tile(Z, X, Y) == b""
    assert Preview([]).bounds is None


def test_every_shape_of_a_large_file_is_drawn_or_counted_at_every_zoom():
    # 14,400 lots on half of the tile's sides, a little off it, and a street across.
    lots = grid(120, 0.5, off=0.013)
    street = shapely.LineString(in_tile((-1, 0.25), (2, 0.25)))
    preview = Preview([*lots, street], {"name": ["lot"] * len(lots) + ["street"]})
    begins = shapely.get_coordinates(shapely.get_point(shapely.get_exterior_ring(lots), 0))
    for z in (8, 15, 16, 19):
        step = 2.0**z / 2**Z
        columns = range(int(X * step), math.ceil((X + 0.5) * step) + 1)
        lines = range(int(Y * step), math.ceil((Y + 0.5) * step) + 1)
        if len(columns) > 2:
            columns, lines = columns[:2], lines[:2]
        for x in columns:
            for y in lines:
                west, south, east, north = tile_box(z, x, y)
                here = (begins[:, 0] >= west) & (begins[:, 0] < east) & (begins[:, 1] > south) & (begins[:, 1] <= north)
                found, counted = shown(preview, z, x, y)
                assert len(found) <= MOST_SHAPES
                own = sum(here[row] for row in found if row < len(lots))
                assert own + counted == here.sum()
                # The largest goes first.
                assert len(lots) in found or not shapely.intersects(street, shapely.box(west, south, east, north))
    # Near enough every lot is drawn, as it is.
    near, counted = shown(preview, 20, X * 16 + 3, Y * 16 + 3)
    assert {feature["properties"]["name"] for row, feature in near.items() if row < len(lots)} == {"lot"}
    assert counted == 0
    area = shapely.area(meant(lots[0], 20, X * 16, Y * 16))
    whole = [shape(feature["geometry"]) for feature in near.values()]
    assert max(each.area for each in whole) == pytest.approx(area, rel=0.02)


def test_what_begins_on_a_seam_is_told_of_once():
    # Lots of a unit of zoom 16, in rows that begin on the seams of all zooms up to there.
    lots = grid(64, 64 / EXTENT)
    lots = shapely.transform(lots, lambda at: at - (32 / EXTENT * SIDE_M, -32 / EXTENT * SIDE_M))
    preview = Preview(lots)
    for z in (12, 16):
        around = [
            (int(X * 2.0 ** (z - Z)) + east, int(Y * 2.0 ** (z - Z)) + south) for east in (-1, 0) for south in (-1, 0)
        ]
        told = [shown(preview, z, x, y) for x, y in around]
        assert [found for found, _counted in told] == [{}] * 4
        assert sum(counted for _found, counted in told) == len(lots)


def test_wild_shapes_give_valid_tiles():
    """Stars with many bays, bands thinner than a unit, islands in lakes: the strict check sees every tile."""
    angles = np.sort(RANDOM.random((30, 200)) * 2 * math.pi, axis=1)
    radius = RANDOM.random((30, 200)) * SIDE_M * 10 ** RANDOM.uniform(-3, 0.5, (30, 1))
    middle = RANDOM.random((30, 1, 2)) * SIDE_M + (WEST, NORTH - SIDE_M)
    rings = middle + np.stack([np.cos(angles), np.sin(angles)], axis=2) * radius[..., None]
    stars = shapely.polygons(rings)
    lakes = shapely.difference(stars, shapely.buffer(shapely.centroid(stars), SIDE_M / 30))
    bands = shapely.buffer(shapely.linestrings(rings[:, :50]), SIDE_M / EXTENT / 3)
    preview = Preview([*stars, *lakes, *bands, *shapely.linestrings(rings)])
    for z in (10, 14, 15, 16, 17, 18):
        step = 2.0**z / 2**Z
        for shift in range(3 if z >= 16 else 1):
            decoded(preview.tile(z, int(X * step) + shift, int(Y * step) + shift))
