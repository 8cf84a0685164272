"""The terrain model and the picture from the air: painted ward by ward, written when the last ward is known."""

import tempfile
from pathlib import Path

import numpy as np
import shapely

from demo import aerial, terrain
from demo.canvas import Canvas
from demo.city import Part
from demo.quarters import Kind
from demo.registers.desk import Desk, Register
from demo.waters import railway

_SALT = 31
# What lies lower in the terrain than the land around it, metres, by what is painted: fields behind their dykes, ponds.
_FIELD, _POND = 1, 2
_LOWERED_M = np.zeros(256)
_LOWERED_M[[_FIELD, _POND]] = 0.6, 1.6


class Pictures(Register):
    """Both rasters. They take as much memory as they have pixels: of a large city, only the middle is pictured."""

    name = "rasters"

    def city(self, desk: Desk) -> int:
        """Lay out both and paint what belongs to the city as a whole."""
        city = desk.city
        self.ground_canvas = terrain.canvas(city.ground)
        self.ground = _blank(self.ground_canvas)
        inhabited = np.flatnonzero(city.quarters.kind != Kind.WILD)
        streets = city.streets
        street = streets.line_street[streets.line]
        # Only large streets lead through the hills.
        large = np.flatnonzero(np.isin(streets.street_class[street], ("main", "secondary")))
        level = terrain.level_land(city.cells.rings(inhabited), streets.courses(large, city.ground))
        random = np.random.default_rng([city.seed, _SALT, 0, 0])
        self.hills_m = terrain.hills_m(terrain.knots_of(self.ground_canvas), level, random)
        self.air_canvas = aerial.canvas(city.ground.place(city.size.centre), city.units.province)
        self.air = _blank(self.air_canvas)
        pictured = shapely.STRtree(shapely.points(city.ground.place(streets.nodes))).query(self.air_canvas.box)
        near = np.flatnonzero(np.isin(streets.start, pictured) | np.isin(streets.end, pictured))
        lane = streets.street_class[street[near]] == "lane"
        courses = streets.courses(near, city.ground)
        aerial.paint_streets(self.air, self.air_canvas, courses, streets.width_m[street[near]], lane)
        _, track = railway(city.track_v, city.ground)
        aerial.paint_railway(self.air, self.air_canvas, track)
        return 0

    def part(self, desk: Desk, part: Part) -> int:
        """Paint one ward."""
        random = np.random.default_rng([desk.city.seed, _SALT, part.number])
        aerial.paint_lots(self.air, self.air_canvas, part.lots, part.buildings, random)
        aerial.paint_waters(self.air, self.air_canvas, part.waters)
        fields = (part.lots.kind == Kind.FIELD) & (part.lots.use == "")
        self.ground_canvas.paint(self.ground, part.lots.shape[fields], _FIELD)
        self.ground_canvas.paint(self.ground, part.waters.surface, _POND)
        return 0

    def end(self, desk: Desk) -> int:
        """Write both and hand them over; bridges and the river come last, above all else."""
        city = desk.city
        aerial.paint_waters(self.air, self.air_canvas, city.waters)
        self.ground_canvas.paint(self.ground, city.waters.surface[city.waters.kind == "canal"], _POND)
        streets = city.streets
        bridges = np.flatnonzero(streets.bridge)
        widths_m = streets.width_m[streets.line_street[streets.line[bridges]]]
        aerial.paint_streets(
            self.air,
            self.air_canvas,
            streets.courses(bridges, city.ground),
            widths_m,
            np.zeros(len(bridges), dtype=bool),
        )
        random = np.random.default_rng([city.seed, _SALT])
        with tempfile.TemporaryDirectory() as folder:
            heights = Path(folder) / "terrain.tif"
            self.ground_canvas.write(
                heights,
                1,
                "float32",
                terrain.heights(city.ground, self.ground_canvas, self.hills_m, self.ground, _LOWERED_M),
            )
            desk.sink.raster(heights, "terrain", desk.today)
            picture = Path(folder) / "aerial.tif"
            self.air_canvas.write(picture, 3, "uint8", aerial.photograph(self.air, random))
            desk.sink.raster(picture, "aerial", desk.today)
        return 2


def _blank(canvas: Canvas) -> np.ndarray:
    return np.zeros((canvas.rows, canvas.columns), dtype=np.uint8)
