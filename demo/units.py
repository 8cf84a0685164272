"""The invented province, its two wards, and the commune that one of them took over."""

from dataclasses import dataclass

import numpy as np
import shapely

from demo.ground import Ground
from demo.names import EAST, MERGED, PROVINCE, WEST
from demo.quarters import Quarters

PROVINCE_CODE, EAST_CODE, WEST_CODE, MERGED_CODE = "99", "99001", "99002", "99003"  # no real unit has these codes
COMMUNE_CODES = (EAST_CODE, WEST_CODE, MERGED_CODE)
_MARGIN_M = 180.0
_VERTEX_EVERY_M = 25.0


@dataclass(frozen=True)
class Units:
    """Boundaries in the register's system. Before the merger the east ward was `east_before`."""

    province: shapely.Geometry
    east: shapely.Geometry
    west: shapely.Geometry
    east_before: shapely.Geometry
    merged: shapely.Geometry

    @property
    def rows(self) -> list[tuple[str, str, str, str, shapely.Geometry]]:
        """Code, name, kind, code of the unit above, boundary: as they stand since the merger."""
        return [
            (PROVINCE_CODE, PROVINCE, "tỉnh", "", self.province),
            (EAST_CODE, EAST, "phường", PROVINCE_CODE, self.east),
            (WEST_CODE, WEST, "phường", PROVINCE_CODE, self.west),
        ]

    @property
    def rows_before(self) -> list[tuple[str, str, str, str, shapely.Geometry]]:
        """The same for what was otherwise before the merger."""
        return [
            (EAST_CODE, EAST, "phường", PROVINCE_CODE, self.east_before),
            (MERGED_CODE, MERGED, "xã", PROVINCE_CODE, self.merged),
        ]


def _borders(quarters: Quarters) -> tuple[float, float]:
    """Where the wards part (u) and where the merged commune began (v): the middles of two streets."""
    middle_u, middle_v = quarters.grid.middle
    return float(quarters.grid.u[middle_u]), float(quarters.grid.v[middle_v + 1])


def commune_of(quarters: Quarters) -> tuple[np.ndarray, np.ndarray]:
    """The commune code of each quarter (n,) since the merger, and before it."""
    border_u, border_v = _borders(quarters)
    eastern = quarters.bounds[:, 0] > border_u
    now = np.where(eastern, EAST_CODE, WEST_CODE).astype(object)
    return now, np.where(eastern & (quarters.bounds[:, 1] > border_v), MERGED_CODE, now)


def draw_units(quarters: Quarters, ground: Ground, seed: int) -> Units:
    """The units around a city; wards and commune share their borders exactly."""
    random = np.random.default_rng([seed, 6])
    west, south = quarters.bounds[:, :2].min(axis=0) - _MARGIN_M
    east, north = quarters.bounds[:, 2:].max(axis=0) + _MARGIN_M
    angle = np.linspace(0, 2 * np.pi, 181)[:-1]
    # A rounded rectangle (superellipse) wide enough for the corners of the city, with an uneven edge.
    radius = (np.abs(np.cos(angle)) ** 4 + np.abs(np.sin(angle)) ** 4) ** -0.25 * 1.15
    for waves in (3, 7, 16):
        radius = radius * (1 + 0.012 * np.sin(waves * angle + random.uniform(0, 2 * np.pi)))
    outline = np.column_stack(
        [
            (west + east) / 2 + (east - west) / 2 * radius * np.cos(angle),
            (south + north) / 2 + (north - south) / 2 * radius * np.sin(angle),
        ]
    )
    border_u, border_v = _borders(quarters)
    far = 4 * _MARGIN_M + (east - west) + (north - south)
    lines = shapely.union_all(
        [
            shapely.linearrings(outline),
            shapely.linestrings([(border_u, -far), (border_u, far)]),
            shapely.linestrings([(border_u, border_v), (border_u + far, border_v)]),
        ]
    )
    # Vertices are added to the shared lines, not to each polygon, so that both sides bend alike.
    bent = shapely.segmentize(shapely.get_parts(lines), _VERTEX_EVERY_M)
    faces = np.array(shapely.get_parts(shapely.polygonize(list(bent))))
    inside = shapely.point_on_surface(faces)
    u, v = shapely.get_x(inside), shapely.get_y(inside)
    within = shapely.contains(shapely.polygons(outline), inside)
    faces, u, v = ground.place_shapes(faces[within]), u[within], v[within]
    eastern, northern = u > border_u, v > border_v
    return Units(
        province=shapely.coverage_union_all(faces),
        east=shapely.coverage_union_all(faces[eastern]),
        west=shapely.coverage_union_all(faces[~eastern]),
        east_before=shapely.coverage_union_all(faces[eastern & ~northern]),
        merged=shapely.coverage_union_all(faces[eastern & northern]),
    )
