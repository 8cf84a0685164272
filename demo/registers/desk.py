"""What everyone who writes rows of the demo city works with."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np

from demo.city import City, Part
from demo.writing import Sink


@dataclass(frozen=True)
class Desk:
    """One city on its way into the registers, or into files.

    sink           where rows go
    owners         organisation code → its key
    recorded_from  the instant from which the registers hold all this to be so
    today          what "two months ago" counts from
    identities     what one register has numbered and another refers to: "streets" (s,) of the whole city, "lots" (n,)
                   of the ward that is being written: the parcel of each lot
    """

    sink: Sink
    city: City
    owners: dict[str, int]
    recorded_from: datetime
    today: date
    identities: dict[str, np.ndarray] = field(default_factory=dict)

    def stamp(self) -> dict[str, Any]:
        """The recorded time of every row."""
        return {"recorded_during": f"[{self.recorded_from.isoformat()},)"}


class Register:
    """Writes the rows of one register, or of a few that belong together; each step returns how many rows it wrote."""

    name = ""

    def city(self, desk: Desk) -> int:
        """What belongs to the city as a whole; first, and once."""
        return 0

    def part(self, desk: Desk, part: Part) -> int:
        """What belongs to one ward, ward after ward."""
        return 0

    def end(self, desk: Desk) -> int:
        """What can be known after the last ward only."""
        return 0
