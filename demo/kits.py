"""What the six networks are made of, and who runs them."""

from dataclasses import dataclass

import numpy as np

CLASSES = ("main", "secondary", "local", "lane")


@dataclass(frozen=True)
class Service:
    """How lots are connected.

    share       of the homes that have it
    edge, node  what the pipe or cable and its end at the lot are called
    along       whether it lies beside the main up to the lot, as pipes do; wires and drains go straight
    place_m     where on the front of the lot it ends, from the entrance
    """

    share: float
    edge: str
    node: str
    material: str
    along: bool
    place_m: float
    diameter_mm: float = np.nan
    voltage_kv: float = np.nan


@dataclass(frozen=True)
class Kit:
    """What a network is made of.

    offset_m    how far beside the middle of a full street it lies
    spacing_m   greatest distance from node to node
    lanes       whether it also serves the lanes
    organisation, letter  who owns it, how it numbers things
    source, crossing, lane_crossing, between, edge  what its parts are called; those between crossings take turns
    material, size, voltage_kv  by street class main, secondary, local, lane; size in millimetres, 0 for none
    depth_m     cover above it
    """

    offset_m: float
    spacing_m: float
    lanes: bool
    organisation: str
    letter: str
    source: str
    crossing: str
    lane_crossing: str
    between: tuple[str, ...]
    edge: str
    material: tuple[str, str, str, str]
    size: tuple[float, float, float, float] = (0, 0, 0, 0)
    voltage_kv: tuple[float, float, float, float] = (0, 0, 0, 0)
    depth_m: float = 0.0
    service: Service | None = None


KITS = {
    "water": Kit(1.8, 28, True, "demo-water", "N", "tank", "valve", "joint", ("joint", "joint", "joint", "hydrant"),
                 "main", ("ductile iron", "ductile iron", "HDPE", "HDPE"), (400, 300, 160, 110), depth_m=1.0,
                 service=Service(0.97, "service", "meter", "HDPE", True, -0.5, 25)),
    "drainage": Kit(0.0, 30, True, "demo-city", "T", "outfall", "manhole", "manhole", ("manhole",), "sewer",
                    ("concrete",) * 4, (1500, 1200, 800, 500), depth_m=1.5,
                    service=Service(0.92, "house_drain", "inspection_chamber", "uPVC", False, 0.5, 160)),
    "power": Kit(-2.4, 42, True, "demo-power", "D", "substation", "transformer", "pole", ("pole",), "cable",
                 ("AXV", "AXV", "ABC", "ABC"), voltage_kv=(22, 22, 0.4, 0.4), depth_m=0.9,
                 service=Service(0.99, "service_cable", "meter", "CXV", False, 1.0, voltage_kv=0.4)),
    "telecom": Kit(2.8, 70, True, "demo-telecom", "V", "exchange", "cabinet", "chamber", ("chamber",), "duct",
                   ("PVC",) * 4, (110, 110, 110, 61), depth_m=0.7,
                   service=Service(0.55, "service_cable", "connection", "fibre", False, -1.0)),
    "gas": Kit(-1.3, 55, False, "demo-gas", "K", "regulator_station", "valve", "joint", ("joint",), "main",
               ("steel", "PE", "PE", "PE"), (200, 160, 110, 63), depth_m=1.0,
               service=Service(0.25, "service", "meter", "PE", True, 1.5, 32)),
    "lighting": Kit(-3.2, 34, True, "demo-city", "S", "control_cabinet", "lamp", "lamp", ("lamp",), "cable",
                    ("CXV",) * 4, voltage_kv=(0.4,) * 4, depth_m=0.7),
}  # fmt: skip
