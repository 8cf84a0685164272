"""Which coordinate system a file can be in: candidates, scored by how many of its rows then lie where they should.

What a file says of itself is one candidate among them. Nothing is corrected here: the ranking, with what speaks for
each candidate, is for a person to confirm, unless one is clear.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyproj
import shapely
from django.utils.translation import gettext as _

from gisplatform import crs
from importers import placement

# How a file's numbers may have to be read before they are coordinates of a system.
AS_IS, SWAPPED, MILLIMETRES, SWAPPED_MILLIMETRES = "", "swapped", "millimetres", "swapped_millimetres"
WGS84_UTM = (32648, 32649)  # the two zones of the country
VN2000_DEGREES = 4756
ROWS_MOST = 5_000  # evenly taken from the file; more tell no more
SHARE_LEAST = 0.8  # of the rows must lie inside: neighbouring communes come along in many files
MARGIN_LEAST = 0.1  # by which a candidate must beat the next: a share of rows
FAR_M = 200_000.0  # a candidate that puts the middle of the rows further away than this is not worth showing


@dataclass(frozen=True)
class Candidate:
    """One way to read the coordinates of a file, and what speaks for it.

    system        EPSG code as `EPSG:5899`, or what the file declares where that has no code
    name          for people
    reading       AS_IS, SWAPPED (first number north), MILLIMETRES or both
    declared      whether the file says so
    share_inside  of its rows whose middle lies in the area, 0 to 1
    away_m        from the middle of all rows to the area, metres; 0 inside
    extent        of the rows then: west, south, east, north in degrees, WGS 84
    """

    system: str
    name: str
    reading: str
    declared: bool
    share_inside: float
    away_m: float
    extent: tuple[float, float, float, float]


@dataclass(frozen=True)
class Ranking:
    """Candidates, the best first, and what follows.

    clear  whether the best needs no confirmation: it wins by a margin, or the file says it and nothing contradicts
    wrong  what is wrong with the file's declaration: a code that `sentence` puts into words, or empty
    rows   how many rows were looked at
    """

    candidates: list[Candidate]
    clear: bool
    wrong: str
    rows: int

    @property
    def best(self) -> Candidate | None:
        """The candidate that most rows speak for, if any row does."""
        return self.candidates[0] if self.candidates and self.candidates[0].share_inside > 0 else None


def rank(boundaries: np.ndarray, area: shapely.Geometry, declared: pyproj.CRS | None) -> Ranking:
    """Score all candidates for the rows of one file.

    boundaries  (n,) geometries in the file's own numbers; None and empty ones are passed over
    area        where the rows should lie, in the register's system: of the commune, the province, or the deployment
    declared    what the file says, or None
    """
    middles = _middles(boundaries)
    shapely.prepare(area)
    found = []
    for system, name, reading, said in _ways(declared):
        placed = _placed(read_as(middles, reading), system)
        usable = np.isfinite(placed).all(axis=1)
        if not usable.any():
            continue
        inside = shapely.contains_xy(area, placed[usable, 0], placed[usable, 1]).sum()
        away_m = float(shapely.distance(area, shapely.points(np.median(placed[usable], axis=0))))
        if away_m > FAR_M and not said:
            continue
        share = float(inside) / len(middles)
        found.append(Candidate(_key(system), name, reading, said, round(share, 4), away_m, _extent(placed[usable])))
    found.sort(key=lambda each: (-each.share_inside, each.away_m, not each.declared, each.reading != AS_IS))
    return _judged(found, len(middles), middles, declared)


def read_as(coordinates: np.ndarray, reading: str) -> np.ndarray:
    """(n, 2) numbers of a file as east, north in the units of a system."""
    if reading in (SWAPPED, SWAPPED_MILLIMETRES):
        coordinates = coordinates[:, ::-1]
    return coordinates / 1000 if reading in (MILLIMETRES, SWAPPED_MILLIMETRES) else coordinates


def put_right(boundaries: np.ndarray, reading: str) -> np.ndarray:
    """(n,) geometries of a file as a candidate reads them, still in its system."""
    return boundaries if reading == AS_IS else shapely.transform(boundaries, lambda pairs: read_as(pairs, reading))


def _judged(found: list[Candidate], rows: int, middles: np.ndarray, declared: pyproj.CRS | None) -> Ranking:
    said = next((each for each in found if each.declared), None)
    best = found[0] if found else None
    if best is None or best.share_inside == 0:
        return Ranking(found, False, "nowhere" if declared else "", rows)
    if declared is not None and (said is None or best.share_inside - said.share_inside >= MARGIN_LEAST):
        wrong = _what_is_wrong(declared, best, middles)
        # The file itself contradicts: a person decides, however clear the numbers are.
        return Ranking(found, False, wrong, rows)
    if said is not None and said.share_inside >= SHARE_LEAST:
        ordered = [said, *(each for each in found if each is not said)]
        return Ranking(ordered, True, "", rows)
    others = [each.share_inside for each in found[1:]]
    margin = best.share_inside - (others[0] if others else 0.0)
    return Ranking(found, best.share_inside >= SHARE_LEAST and margin >= MARGIN_LEAST, "", rows)


def _what_is_wrong(declared: pyproj.CRS, best: Candidate, middles: np.ndarray) -> str:
    """In what the declaration differs from the best candidate."""
    system = pyproj.CRS.from_user_input(best.system)
    if best.reading:
        return best.reading if _same(declared, system) else f"{best.reading}_other"
    if system.is_geographic and not declared.is_geographic:
        return "degrees_as_metres"
    if declared.is_geographic and not system.is_geographic:
        return "metres_as_degrees"
    (meridian, scale), (right_meridian, right_scale) = _projection(declared), _projection(system)
    if meridian is not None and right_meridian is not None:
        if abs(meridian - right_meridian) < 1e-6 and abs((scale or 0) - (right_scale or 0)) > 1e-7:
            return "scale"
        if abs(meridian - right_meridian) > 1e-6:
            return "meridian"
    return "other"


def sentence(ranking: Ranking, declared: str) -> str:
    """What is wrong with a declaration, in words; empty where nothing is."""
    best = ranking.best
    if not ranking.wrong:
        return ""
    words = {
        "declared": declared,
        "best": best.name if best else "",
        "share": round(100 * best.share_inside) if best else 0,
    }
    return _sentences()[ranking.wrong.replace("_other", "")] % words


def _sentences() -> dict[str, str]:
    return {
        "nowhere": _("Declared is %(declared)s, but in no known system do the rows lie in the area."),
        "degrees_as_metres": _("Declared are metres in %(declared)s, but the numbers are degrees (%(best)s)."),
        "metres_as_degrees": _(
            "Declared are degrees in %(declared)s, but the numbers are metres: %(share)s %% of the rows fit in"
            " %(best)s."
        ),
        "scale": _(
            "Declared is %(declared)s, but with the scale factor of %(best)s %(share)s %% of the rows fit: 0.9996 (UTM)"
            " and 0.9999 (TM-3) are mixed up."
        ),
        "meridian": _(
            "Declared is the central meridian of %(declared)s, but with that of %(best)s %(share)s %% of the rows fit."
        ),
        SWAPPED: _("The axes are swapped: with north and east the other way round %(share)s %% of the rows fit in"
                   " %(best)s."),
        MILLIMETRES: _("The coordinates are in millimetres: read so, %(share)s %% of the rows fit in %(best)s."),
        SWAPPED_MILLIMETRES: _(
            "The coordinates are in millimetres and the axes are swapped: read so, %(share)s %% of the rows fit in"
            " %(best)s."
        ),
        "other": _("Declared is %(declared)s, but %(share)s %% of the rows fit in %(best)s."),
    }  # fmt: skip


def _ways(declared: pyproj.CRS | None) -> Iterator[tuple[pyproj.CRS, str, str, bool]]:
    """Every system and reading to try: (system, name, reading, declared)."""
    listed = _known()
    if declared is not None:
        same = next((key for key, (system, _name) in listed.items() if _same(declared, system)), None)
        if same is None:
            for reading in (AS_IS, SWAPPED, MILLIMETRES, SWAPPED_MILLIMETRES):
                yield declared, placement.name(declared), reading, reading == AS_IS
    for system, name in listed.values():
        said = declared is not None and _same(declared, system)
        yield system, name, AS_IS, said
        yield system, name, SWAPPED, False
        if not system.is_geographic:
            yield system, name, MILLIMETRES, False
            yield system, name, SWAPPED_MILLIMETRES, False


@cache
def _known() -> dict[int, tuple[pyproj.CRS, str]]:
    """All systems that files of the country are in, by EPSG code."""
    zones = {epsg: (pyproj.CRS.from_epsg(epsg), zone.name) for epsg, zone in crs.ZONES.items()}
    others = {epsg: pyproj.CRS.from_epsg(epsg) for epsg in (crs.WGS84, VN2000_DEGREES, *WGS84_UTM)}
    return zones | {epsg: (system, system.name) for epsg, system in others.items()}


def _same(one: pyproj.CRS, other: pyproj.CRS) -> bool:
    """Whether two systems lead to the same places, by whatever names their parts go."""
    if one.is_geographic != other.is_geographic or crs.is_vn2000(one) != crs.is_vn2000(other):
        return False
    if one.is_geographic:
        return one.equals(other, ignore_axis_order=True) or crs.is_vn2000(one)
    if one.equals(other, ignore_axis_order=True):
        return True
    return crs.is_vn2000(one) and _projection(one) == _projection(other) != (None, None)


def _projection(system: pyproj.CRS) -> tuple[float | None, float | None]:
    """Central meridian in degrees and scale factor on it of a transverse Mercator system; nothing of others."""
    operation = system.coordinate_operation
    if operation is None or "Transverse Mercator" not in operation.method_name.replace("_", " "):
        return None, None
    by_name = {parameter.name: parameter.value for parameter in operation.params}
    meridian = by_name.get("Longitude of natural origin")
    scale = by_name.get("Scale factor at natural origin")
    return (None if meridian is None else round(float(meridian), 9)), (
        None if scale is None else round(float(scale), 9)
    )


def _middles(boundaries: np.ndarray) -> np.ndarray:
    """(m, 2) middles of evenly taken rows that have a position, in the file's numbers."""
    bounds = shapely.bounds(boundaries)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    taken = bounds[:: max(1, len(bounds) // ROWS_MOST)]
    return (taken[:, :2] + taken[:, 2:]) / 2


def _placed(coordinates: np.ndarray, system: pyproj.CRS) -> np.ndarray:
    """(m, 2) coordinates in the register's system; not finite where the system does not reach."""
    limits = (180, 90) if system.is_geographic else (1e8, 1e8)
    sensible = (np.abs(coordinates) <= limits).all(axis=1)
    placed = np.full(coordinates.shape, np.inf)
    if sensible.any():
        points = crs.to_register(shapely.points(coordinates[sensible]), system)
        placed[sensible] = shapely.get_coordinates(points)
    return placed


def _extent(placed: np.ndarray) -> tuple[float, float, float, float]:
    west, south = placed.min(axis=0)
    east, north = placed.max(axis=0)
    corners = crs.to_wgs84(shapely.box(west, south, east, north))
    bounds = np.nan_to_num(np.round(shapely.bounds(corners), 7), posinf=0, neginf=0)
    return (float(bounds[0]), float(bounds[1]), float(bounds[2]), float(bounds[3]))


def _key(system: pyproj.CRS) -> str:
    epsg = system.to_epsg(min_confidence=100)
    return f"EPSG:{epsg}" if epsg else system.to_wkt()
