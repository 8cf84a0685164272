"""All registers that the demo city writes, in the order in which one may refer to another."""

from demo.registers.base import Places, Railways, Streets, Units, WaterSurfaces
from demo.registers.cadastre import Buildings, HouseNumbers, Parcels
from demo.registers.cameras import Cameras
from demo.registers.desk import Register
from demo.registers.networks import Networks
from demo.registers.pictures import Pictures
from demo.registers.plans import PlansAndZones


def registers() -> list[Register]:
    """A fresh set, for one city."""
    return [
        Units(),
        Streets(),
        WaterSurfaces(),
        Railways(),
        Places(),
        Parcels(),
        Buildings(),
        HouseNumbers(),
        PlansAndZones(),
        Networks(),
        Cameras(),
        Pictures(),
    ]
