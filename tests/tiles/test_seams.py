"""What neighbouring tiles cut apart fits together again: nothing is lost, nothing doubled, nothing said differently."""

from collections import defaultdict
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from shapely.affinity import translate
from shapely.geometry import shape

from gisplatform import crs
from gisplatform.access import Person, Role
from gisplatform.crs import REGISTER_SRID
from tests.factories import line, make_edge, make_node, make_organisation, make_parcel, place, point
from tests.tiles.conftest import in_tiles, place_in_tile, tile_of
from tiles.envelope import BUFFER, EXTENT

pytestmark = pytest.mark.django_db(transaction=True)

PLANNER = Person.of([Role.PLANNER])
TO_MERCATOR = pyproj.Transformer.from_crs(crs.WGS84, crs.WEB_MERCATOR, always_xy=True)
# Units of a tile. A corner is rounded to the nearest unit in x and y, and so is the place where a side is cut; a
# straight line of the register is not quite straight in Web Mercator.
ROUNDED = 1.1

Piece = tuple[tuple[int, int], shapely.Geometry, dict[str, Any]]


def units(geometry: GEOSGeometry, z: int) -> shapely.Geometry:
    """A shape of the register in units of the tiles of a zoom, counted from the north-west corner of the world."""
    in_degrees = crs.to_wgs84(shapely.from_wkb(bytes(geometry.wkb)))
    return shapely.transform(
        in_degrees,
        lambda lonlat: np.column_stack(in_tiles(np.array(TO_MERCATOR.transform(*lonlat.T)), z)) * EXTENT,
    )


def square(tile: tuple[int, int], margin: float = 0) -> shapely.Polygon:
    """A tile with a margin, in the same units."""
    x, y = tile
    return shapely.box(x * EXTENT - margin, y * EXTENT - margin, (x + 1) * EXTENT + margin, (y + 1) * EXTENT + margin)


def pieces(server, key: str, z: int, around: shapely.Geometry) -> dict[int, list[Piece]]:
    """What every tile near a shape holds of each thing, by its id."""
    west, south, east, north = (around.bounds / np.float64(EXTENT)).astype(int)
    found: dict[int, list[Piece]] = defaultdict(list)
    for x in range(west - 1, east + 2):
        for y in range(south - 1, north + 2):
            for identity, feature in server.tile(key, (z, x, y), PLANNER).features(key).items():
                drawn = translate(shape(feature["geometry"]), x * EXTENT, y * EXTENT)
                found[identity].append(((x, y), drawn, feature["properties"]))
    return found


def star(east: float, north: float, radius: float, corners: int, seed: int) -> list[tuple[float, float]]:
    """A closed ring with bays, around a place in metres from the corner of the tests."""
    random = np.random.default_rng(seed)
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    reach = radius * random.uniform(0.4, 1, corners)
    ring = [place(east + x, north + y) for x, y in zip(reach * np.cos(angles), reach * np.sin(angles), strict=True)]
    return [*ring, ring[0]]


@pytest.mark.parametrize(("z", "metres"), [(15, 2000), (16, 1000), (18, 250)])
def test_an_area_cut_by_seams_is_whole_again(server, z, metres):
    hole = star(0, 0, metres * 0.35, 9, seed=2)
    island = star(metres * 2.2, 0, metres * 0.7, 14, seed=3)
    shell = star(0, 0, metres, 40, seed=1)
    parcel = make_parcel(boundary=MultiPolygon(*polygons(shell, hole), *polygons(island), srid=REGISTER_SRID))
    whole = units(parcel.boundary, z)
    [parts] = pieces(server, "parcels", z, whole).values()
    assert len({tile for tile, _drawn, _properties in parts}) > 9
    for tile, drawn, properties in parts:
        assert properties == parts[0][2]
        assert properties["area_measured_m2"] == pytest.approx(parcel.boundary.area, abs=1)
        # Each tile holds the area as far as its buffer reaches, so both sides of a seam agree within it.
        expected = whole.intersection(square(tile, BUFFER))
        assert drawn.symmetric_difference(expected).area <= ROUNDED * expected.length
    # Cut to its own square, each tile has a share that no other has, and the shares are the whole.
    shares = [drawn.intersection(square(tile)) for tile, drawn, _properties in parts]
    joined = shapely.union_all(shares)
    assert sum(share.area for share in shares) == pytest.approx(joined.area, abs=1)
    assert joined.symmetric_difference(whole).area <= ROUNDED * whole.length
    assert shapely.hausdorff_distance(joined.boundary, whole.boundary, densify=0.1) <= 3 * ROUNDED


def polygons(*rings: list[tuple[float, float]]) -> MultiPolygon:
    """One polygon of the register: its shell, then its holes."""
    return MultiPolygon(GEOSGeometry(shapely.Polygon(rings[0], rings[1:]).wkb_hex), srid=REGISTER_SRID)


def test_a_line_cut_by_seams_is_whole_again(server):
    random = np.random.default_rng(4)
    turns = np.cumsum(random.normal([40, 0], [30, 80], (40, 2)), axis=0)
    edge = make_edge(make_organisation(), route=line(*turns.tolist()))
    whole = units(edge.route, 17)
    [parts] = pieces(server, "network_edges", 17, whole).values()
    assert len({tile for tile, _drawn, _properties in parts}) > 9
    assert all(properties == parts[0][2] for _tile, _drawn, properties in parts)
    shares = [drawn.intersection(square(tile)) for tile, drawn, _properties in parts]
    joined = shapely.union_all(shares)
    assert shapely.hausdorff_distance(joined, whole, densify=0.01) <= ROUNDED
    # Nothing is drawn twice: the shares together are as long as the line.
    assert sum(share.length for share in shares) == pytest.approx(whole.length, rel=0.001)
    # Joined at the seams: no gap is wider than a unit.
    closed = shapely.line_merge(shapely.set_precision(joined, 2))
    assert closed.buffer(ROUNDED).geom_type == "Polygon"


def test_a_point_near_a_seam_is_drawn_by_one_tile_and_known_to_its_neighbours(server):
    utility = make_organisation()
    z = 17
    _z, seam_x, seam_y = tile_of(point(0, 0), z)
    nodes = {}
    for across in (-0.8 * BUFFER, -1, -0.3, 0, 0.3, 1, 0.8 * BUFFER):
        for down in (-1, 0, 1, 300):
            node = make_node(utility, position=point(*place_in_tile(z, seam_x, seam_y, across / EXTENT, down / EXTENT)))
            nodes[node.identity] = units(node.position, z)
    found = pieces(server, "network_nodes", z, shapely.MultiPoint(list(nodes.values())))
    assert set(found) == set(nodes)
    for identity, parts in found.items():
        assert len({(drawn.wkt, str(sorted(properties.items()))) for _tile, drawn, properties in parts}) == 1
        [(x, y)] = {(drawn.x, drawn.y) for _tile, drawn, _properties in parts}
        assert (x, y) == pytest.approx((nodes[identity].x, nodes[identity].y), abs=ROUNDED)
        owners = [tile for tile, _drawn, _properties in parts if tile == (x // EXTENT, y // EXTENT)]
        assert len(owners) == 1
        # Within the buffer the neighbour across the seam has it too, so that half a symbol is not cut off.
        assert len(parts) == (4 if abs(y - seam_y * EXTENT) < BUFFER else 2)
