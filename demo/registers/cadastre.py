"""Parcels, buildings and addresses of each ward."""

import numpy as np
import shapely

from demo.cadastre import SURVEYED
from demo.city import Part
from demo.names import SYNTHETIC
from demo.registers.desk import Desk, Register
from demo.writing import period, text_lists
from layers.base.models import Address, Building
from layers.parcels.models import Parcel, ParcelLineage

PARCEL_CHANGE_REF = f"Hồ sơ tách, hợp thửa {SYNTHETIC}"


class Parcels(Register):
    """Parcels with all their versions, and what became of them."""

    name = "parcels"

    def part(self, desk: Desk, part: Part) -> int:
        """One ward; the identities of its lots are kept for the addresses."""
        cadastre = part.cadastre
        identity = desk.sink.identities(cadastre.parcels)
        desk.identities["lots"] = identity[cadastre.of_lot]
        count = desk.sink.write(
            Parcel,
            {
                "identity": identity[cadastre.thing],
                "valid_during": period(cadastre.start, cadastre.end),
                **desk.stamp(),
                "commune_code": cadastre.commune,
                "sheet": cadastre.sheet,
                "number": cadastre.number,
                "suffix": 1,
                "old_sheet": cadastre.old_sheet,
                "old_number": cadastre.old_number,
                "land_use_codes": text_lists(cadastre.land_use),
                "area_document_m2": cadastre.area_document_m2,
                "boundary": cadastre.shape,
            },
        )
        if len(cadastre.predecessor):
            desk.sink.write(
                ParcelLineage,
                {
                    "predecessor": identity[cadastre.predecessor],
                    "successor": identity[cadastre.successor],
                    "kind": cadastre.kind,
                    "happened_on": cadastre.happened_on,
                    "decision_ref": PARCEL_CHANGE_REF,
                },
            )
        return count


class Buildings(Register):
    """Buildings."""

    name = "buildings"

    def part(self, desk: Desk, part: Part) -> int:
        """One ward."""
        buildings = part.buildings
        count = len(buildings.shape)
        if not count:
            return 0
        return desk.sink.write(
            Building,
            {
                "identity": desk.sink.identities(count),
                "valid_during": period(SURVEYED, count=count),
                **desk.stamp(),
                "function": buildings.function,
                "storeys": buildings.storeys,
                "height_m": buildings.height_m,
                "footprint": buildings.shape,
            },
        )


class HouseNumbers(Register):
    """Addresses: after streets and parcels, to which they refer where those are written."""

    name = "addresses"

    def part(self, desk: Desk, part: Part) -> int:
        """One ward."""
        addresses = part.addresses
        count = len(addresses.lot)
        if not count:
            return 0
        streets, lots = desk.identities.get("streets"), desk.identities.get("lots")
        return desk.sink.write(
            Address,
            {
                "identity": desk.sink.identities(count),
                "valid_during": period(SURVEYED, count=count),
                **desk.stamp(),
                "house_number": addresses.house_number,
                "street_name": desk.city.streets.name[addresses.street],
                "street": None if streets is None else streets[addresses.street],
                "parcel": None if lots is None else lots[addresses.lot],
                "position": shapely.points(np.asarray(addresses.position)),
            },
        )
