"""What zones of each use may hold, by the national standard that the plans of the demo city follow."""

from dataclasses import dataclass

import numpy as np

# Largest net building density of a plot by its area. Source: QCVN 01:2021/BXD, table 2.8 (in force to 2026-12-31).
_PLOT_M2, _DENSITY_PERCENT = (90, 100, 200, 300, 500, 1000), (100, 90, 70, 60, 50, 40)
_RATIO_MAX = 7.0  # the same table
# The same for mixed use up to 34 m, and its floor area ratio, by the area of the plot. Source: tables 2.10 and 2.12.
_MIXED_M2, _MIXED_PERCENT, _MIXED_RATIO = (3000, 10_000, 18_000, 35_000), (51, 46, 44, 41), (8.8, 5.61, 5.39, 5.06)
_PEOPLE_PER_LOT = 3.6


@dataclass(frozen=True)
class Use:
    """What a zone of one use may hold. 0 means that the plan says nothing.

    function     code of the zone function (TT 16/2025/TT-BXD)
    letter       with which its zones are lettered
    density      percent; 0 leaves it to the usual plot of the zone, by the tables above
    height_m     below 19 m a street narrower than 19 m asks for no setback, below 22 m for 3 m, above 28 m for 6 m
                 (QCVN 01:2021, table 2.7)
    """

    function: str
    letter: str
    density: float = 0.0
    storeys: tuple[int, int] = (0, 0)
    height_m: float = 0.0
    setback_m: float = 0.0
    homes: bool = False


USES = {
    "": Use("KHAC_Chuasudung", "KT"),
    "old": Use("O_Nhomnhao", "O", storeys=(2, 5), height_m=18.9, homes=True),
    "new": Use("O_Nhomnhao", "O", storeys=(3, 5), height_m=20.0, setback_m=3.0, homes=True),
    "villa": Use("O_Nhomnhao", "BT", storeys=(2, 3), height_m=13.0, setback_m=3.0, homes=True),
    "village": Use("O_Langxom", "LX", storeys=(1, 3), height_m=13.0, setback_m=3.0, homes=True),
    "mixed": Use("O_Honhop_Nhomo", "HH", storeys=(5, 9), height_m=34.0, setback_m=6.0, homes=True),
    # What the plan before allowed: lower.
    "old before": Use("O_Nhomnhao", "O", storeys=(1, 4), height_m=15.0, homes=True),
    "new before": Use("O_Nhomnhao", "O", storeys=(2, 4), height_m=16.0, setback_m=3.0, homes=True),
    # Works of production: at most 70 % up to five storeys (table 2.6).
    "industry": Use("SX_Congnghiep", "CN", 70.0, (1, 3), 18.0, 6.0),
    "field": Use("NN_Nongnghiep", "NN"),
    "street": Use("HTKT_DuongGT", "GT"),
    "railway": Use("HTKT_DuongGT", "DS"),
    "river": Use("KHAC_Songsuoi", "S"),
    "pond": Use("KHAC_Honuoc", "H"),
    # New public services: at most 40 %; parks 5 %.
    "park": Use("HTXH_CayxanhCC", "CX", 5.0, (1, 1), 6.0, 3.0),
    "square": Use("HTXH_CayxanhCC", "QT", 5.0, (1, 1), 6.0, 3.0),
    "school": Use("HTXH_Truonghoc", "TH", 40.0, (2, 4), 16.0, 6.0),
    "market": Use("Dichvu", "DV", 40.0, (1, 3), 15.0, 6.0),
    "office": Use("Coquan", "CQ", 40.0, (3, 9), 36.0, 6.0),
    "clinic": Use("HTXH_Yte", "YT", 40.0, (1, 4), 16.0, 6.0),
    "culture": Use("HTXH_Vanhoa", "VH", 40.0, (1, 3), 15.0, 6.0),
    "temple": Use("Ditich_tongiao", "TG", 40.0, (1, 2), 12.0, 6.0),
    "station": Use("HTKT_Hatangkhac", "GA", 40.0, (1, 3), 15.0, 6.0),
}
_PLACES = {key: number for number, key in enumerate(USES)}


def by_use(figure: str, use: np.ndarray) -> np.ndarray:
    """One attribute of Use for each of many uses (n,)."""
    values = np.array([getattr(each, figure) for each in USES.values()], dtype=object)
    return values[np.array([_PLACES[each] for each in use], dtype=int)]


@dataclass(frozen=True)
class Figures:
    """Indicators of zones (n,), nan where the plan says nothing."""

    density_max_percent: np.ndarray
    floor_area_ratio_max: np.ndarray
    storeys_min: np.ndarray
    storeys_max: np.ndarray
    height_max_m: np.ndarray
    setback_m: np.ndarray
    population: np.ndarray


def figures(use: np.ndarray, area_m2: np.ndarray, lots: np.ndarray) -> Figures:
    """The indicators of zones of a use (n,), an area (n,) and a number of lots (n,)."""
    homes, mixed = by_use("homes", use).astype(bool), use == "mixed"
    storeys_min, storeys_max = np.array([USES[each].storeys for each in use], dtype=float).reshape(-1, 2).T
    usual_plot_m2 = area_m2 / np.maximum(lots, 1)
    density = by_use("density", use).astype(float)
    density = np.where(homes, np.floor(np.interp(usual_plot_m2, _PLOT_M2, _DENSITY_PERCENT)), density)
    density = np.where(mixed, np.floor(np.interp(area_m2, _MIXED_M2, _MIXED_PERCENT)), density)
    most = np.where(mixed, np.interp(area_m2, _MIXED_M2, _MIXED_RATIO), _RATIO_MAX)
    ratio = np.floor(100 * np.minimum(density / 100 * storeys_max, most) + 1e-6) / 100
    return Figures(
        density_max_percent=_or_nothing(density),
        floor_area_ratio_max=_or_nothing(ratio),
        storeys_min=_or_nothing(storeys_min),
        storeys_max=_or_nothing(storeys_max),
        height_max_m=_or_nothing(by_use("height_m", use).astype(float)),
        # No setback is a setting of the plan, not silence, where something may be built.
        setback_m=np.where(storeys_max > 0, by_use("setback_m", use).astype(float), np.nan),
        population=_or_nothing(np.where(homes, np.round(lots * _PEOPLE_PER_LOT), 0)),
    )


def _or_nothing(values: np.ndarray) -> np.ndarray:
    return np.where(values > 0, values, np.nan)
