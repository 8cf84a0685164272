"""How much of a parcel lies in which zone, and what survey accuracy leaves open. Arrays in, arrays out."""

from typing import Any

import numpy as np
import shapely

# A point of a parcel's boundary on the 1:500 cadastral map may be 7 cm off (TT 25/2014/TT-BTNMT, article 7.4, read in
# secondary copies; not checked against TT 26/2024/TT-BTNMT, which replaced it), and the zone's edge as much:
# √2 × 7 cm = 10 cm. A strip that is thinner cannot be told from none.
SURVEY_ACCURACY_M = 0.10
# Registers are kept to 0.1 mm. What is thinner than 1 mm is one line that was stored twice.
SAME_LINE_M = 0.001


def mean_width_m(shapes: Any) -> np.ndarray:
    """How thick each shape is on average: 2 × area / outline, which is a long strip's width.

    shapes  (n,) Polygon or MultiPolygon, metre axes; empty ones count as nothing
    Returns (n,) float64, metres.
    """
    shapes = np.array(shapes, dtype=object)
    outline_m = shapely.length(shapes)
    area_m2 = shapely.area(shapes)
    return np.divide(2 * area_m2, outline_m, out=np.zeros_like(area_m2), where=outline_m > 0)


def percentages(areas_m2: np.ndarray, whole_m2: float) -> np.ndarray:
    """Shares of a whole in percent with one decimal, which add up to what the areas together are of it.

    areas_m2  (n,) square metres, >= 0
    whole_m2  > 0
    Returns (n,) float64. Rounded each by itself, thirds would come to 99.9 % and halves of halves to 100.1 %.
    """
    tenths = np.asarray(areas_m2, dtype=float) / whole_m2 * 1000
    rounded = np.floor(tenths + 1e-6)
    missing = round(float(tenths.sum())) - int(rounded.sum())
    nearest_to_next = np.argsort(rounded - tenths, kind="stable")[: max(missing, 0)]
    rounded[nearest_to_next] += 1
    return rounded / 10


def polygons(shapes: Any) -> np.ndarray:
    """The areas of an overlay's results, (n,) → (n,): the lines and points where shapes only touch become empty."""
    return shapely.buffer(np.array(shapes, dtype=object), 0)


def uncovered(parcel: Any, pieces: Any) -> tuple[float, bool]:
    """What the pieces leave of a parcel: its area in m², and whether survey accuracy could explain it.

    parcel  Polygon or MultiPolygon, metre axes; pieces  (n,) parts of it, n may be 0
    """
    rest = shapely.difference(parcel, shapely.union_all(np.array(pieces, dtype=object)))
    return float(shapely.area(rest)), bool(mean_width_m([rest])[0] <= SURVEY_ACCURACY_M)


def overlap(pieces: Any) -> Any:
    """The ground that lies in more than one of the pieces, as one geometry. (n,) polygons, metre axes."""
    pieces = np.array(pieces, dtype=object)
    first, second = np.triu_indices(len(pieces), k=1)
    return shapely.union_all(polygons(shapely.intersection(pieces[first], pieces[second])))
