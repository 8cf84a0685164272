"""The base layers: units, streets, waters, the railway, places."""

from datetime import date

import numpy as np

from demo.cadastre import MERGED_ON
from demo.city import Part
from demo.names import SYNTHETIC
from demo.places import positions
from demo.registers.desk import Desk, Register
from demo.units import EAST_CODE, MERGED_CODE, PROVINCE_CODE
from demo.waters import Waters, railway
from demo.writing import period
from layers.base.models import AdministrativeSuccession, AdministrativeUnit, Place, Railway, Street, Water

FOUNDED = date(2000, 1, 1)
MERGER_REF = f"Quyết định sáp nhập {SYNTHETIC}"


class Units(Register):
    """Province, wards and communes, as they are and as they were before the merger."""

    name = "administrative_units"

    def city(self, desk: Desk) -> int:
        """All of them."""
        now, before = desk.city.units.rows, desk.city.units.rows_before
        code, name, kind, parent, boundary = (
            np.array(column, dtype=object) for column in zip(*now, *before, strict=True)
        )
        codes, unit = np.unique(code.astype(str), return_inverse=True)
        identity = desk.sink.identities(len(codes))
        past = np.arange(len(code)) >= len(now)
        start = np.where(~past & (code == EAST_CODE), np.datetime64(MERGED_ON), np.datetime64(FOUNDED))
        end = np.where(past, np.datetime64(MERGED_ON), np.datetime64("NaT"))
        count = desk.sink.write(
            AdministrativeUnit,
            {
                "identity": identity[unit],
                "valid_during": period(start, end),
                **desk.stamp(),
                "code": code,
                "name": name,
                "level": np.where(code == PROVINCE_CODE, "province", "commune").astype(object),
                "kind": kind,
                "parent_code": parent,
                "legal_basis": SYNTHETIC,
                "boundary": boundary,
            },
        )
        return count + desk.sink.write(
            AdministrativeSuccession,
            {
                "predecessor": identity[codes == MERGED_CODE],
                "successor": identity[codes == EAST_CODE],
                "happened_on": MERGED_ON.isoformat(),
                "legal_basis": MERGER_REF,
            },
        )


class Streets(Register):
    """All streets and lanes."""

    name = "streets"

    def city(self, desk: Desk) -> int:
        """All of them; their identities are kept for the addresses."""
        streets = desk.city.streets
        desk.identities["streets"] = desk.sink.identities(len(streets))
        return desk.sink.write(
            Street,
            {
                "identity": desk.identities["streets"],
                "valid_during": period(FOUNDED, count=len(streets)),
                **desk.stamp(),
                "name": streets.name,
                "street_class": streets.street_class,
                "width_m": streets.width_m,
                "centreline": streets.centrelines(desk.city.ground),
            },
        )


class WaterSurfaces(Register):
    """River and canals of the city, ponds and lakes of each ward."""

    name = "waters"

    def city(self, desk: Desk) -> int:
        """What flows."""
        return self._write(desk, desk.city.waters)

    def part(self, desk: Desk, part: Part) -> int:
        """What stands."""
        return self._write(desk, part.waters)

    def _write(self, desk: Desk, waters: Waters) -> int:
        count = len(waters.surface)
        if not count:
            return 0
        return desk.sink.write(
            Water,
            {
                "identity": desk.sink.identities(count),
                "valid_during": period(FOUNDED, count=count),
                **desk.stamp(),
                "name": waters.name,
                "kind": waters.kind,
                "surface": waters.surface,
            },
        )


class Railways(Register):
    """The one railway."""

    name = "railways"

    def city(self, desk: Desk) -> int:
        """Its track."""
        name, track = railway(desk.city.track_v, desk.city.ground)
        return desk.sink.write(
            Railway,
            {
                "identity": desk.sink.identities(1),
                "valid_during": period(FOUNDED, count=1),
                **desk.stamp(),
                "name": name,
                "track": np.array([track], dtype=object),
            },
        )


class Places(Register):
    """Everything that has a name of its own."""

    name = "places"

    def city(self, desk: Desk) -> int:
        """All of them."""
        places = desk.city.places
        count = len(places.name)
        return desk.sink.write(
            Place,
            {
                "identity": desk.sink.identities(count),
                "valid_during": period(FOUNDED, count=count),
                **desk.stamp(),
                "name": places.name,
                "kind": places.kind,
                "position": positions(places, desk.city.ground),
            },
        )
