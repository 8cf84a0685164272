"""How the layers of the exported city and their columns are called, in the habits of Vietnamese offices."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db import models

from layers.base.models import Address, AdministrativeUnit, Building, Place, Railway, Street, Water
from layers.cameras.models import Camera
from layers.networks.models import NetworkEdge, NetworkNode
from layers.parcels.models import Parcel
from planning.plans.models import Plan, PlanLine, Zone

# Rows by column, and names by what refers to them ("communes", "plans", "owners"), to one text for each row.
Derive = Callable[[Mapping[str, np.ndarray], Mapping[str, Mapping[Any, str]]], list[str]]


@dataclass(frozen=True)
class Layer:
    """One layer: its register's columns under their names there, of ten characters at most, and what is derived."""

    name: str
    columns: Mapping[str, str]
    derived: Mapping[str, Derive] = field(default_factory=dict)


def _land_use(rows: Mapping[str, np.ndarray], names: Mapping[str, Mapping[Any, str]]) -> list[str]:
    return [codes.strip("{}").replace(",", "+") for codes in rows["land_use_codes"]]


def _named(column: str, what: str) -> Derive:
    return lambda rows, names: [names[what][key] for key in rows[column]]


_OWNER = {"DONVI": _named("organisation_id", "owners")}
_PLAN = {"MADOAN": _named("plan", "plans")}
_NETWORK = {"identity": "MASO", "network": "MANGLUOI", "kind": "LOAI", "reference": "SOHIEU"}

LAYERS: dict[type[models.Model], Layer] = {
    Parcel: Layer(
        "parcels",
        {"commune_code": "MAXA", "sheet": "SHBANDO", "number": "SHTHUA", "old_sheet": "SOTOCU",
         "old_number": "SOTHUACU", "area_document_m2": "DIENTICHPL"},
        {"KHLOAIDAT": _land_use, "TENXA": _named("commune_code", "communes")},
    ),
    Building: Layer("buildings", {"function": "CONGNANG", "storeys": "SOTANG", "height_m": "CHIEUCAO"}),
    Street: Layer("streets", {"name": "TENDUONG", "street_class": "CAPDUONG", "width_m": "LOGIOI"}),
    Address: Layer("addresses", {"house_number": "SONHA", "street_name": "TENDUONG"}),
    Place: Layer("places", {"name": "TEN", "kind": "LOAI"}),
    Water: Layer("waters", {"name": "TEN", "kind": "LOAI"}),
    Railway: Layer("railways", {"name": "TEN"}),
    AdministrativeUnit: Layer(
        "administrative_units",
        {"code": "MADVHC", "name": "TENDVHC", "level": "CAP", "kind": "LOAI", "parent_code": "MACAPTREN"},
    ),
    Plan: Layer(
        "plans",
        {"code": "MADOAN", "title": "TENDOAN", "kind": "LOAIQH", "scale": "TYLE", "state": "TRANGTHAI",
         "decision_ref": "SOQD"},
    ),
    Zone: Layer(
        "zones",
        {"code": "KYHIEU", "function": "CHUCNANG", "density_max_percent": "MATDOXD", "floor_area_ratio_max": "HESOSDD",
         "storeys_min": "TANGMIN", "storeys_max": "TANGMAX", "height_max_m": "CAOMAX", "setback_m": "KHOANGLUI",
         "population": "DANSO"},
        _PLAN,
    ),
    PlanLine: Layer("plan_lines", {"kind": "LOAI"}, _PLAN),
    NetworkNode: Layer("network_nodes", {**_NETWORK, "elevation_m": "CAODO"}, _OWNER),
    NetworkEdge: Layer(
        "network_edges",
        {**_NETWORK, "start_node": "NUTDAU", "end_node": "NUTCUOI", "material": "VATLIEU", "diameter_mm": "DUONGKINH",
         "voltage_kv": "DIENAP", "depth_m": "DOSAU"},
        _OWNER,
    ),
    Camera: Layer(
        "cameras", {"reference": "SOHIEU", "purpose": "MUCDICH", "bearing_deg": "HUONG", "range_m": "TAMNHIN"}, _OWNER
    ),
}  # fmt: skip
