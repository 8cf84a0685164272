"""The cameras into their register."""

from datetime import date

import numpy as np

from demo.cameras import hang
from demo.registers.desk import Desk, Register
from demo.writing import period
from layers.cameras.models import Camera

CAMERAS = 60
CAMERAS_SINCE = date(2024, 1, 1)


class Cameras(Register):
    """Cameras over the crossings of the whole city."""

    name = "cameras"

    def city(self, desk: Desk) -> int:
        """Write all of them."""
        cameras = hang(desk.city.streets, desk.city.ground, CAMERAS, desk.city.seed)
        return desk.sink.write(
            Camera,
            {
                "identity": desk.sink.identities(CAMERAS),
                "valid_during": period(CAMERAS_SINCE, count=CAMERAS),
                **desk.stamp(),
                "reference": "CAM-" + np.char.zfill(np.arange(1, CAMERAS + 1).astype(str), 3).astype(object),
                "purpose": cameras.purpose,
                "organisation_id": desk.owners["demo-city"],
                "bearing_deg": cameras.bearing_deg,
                "field_of_view_deg": cameras.field_of_view_deg,
                "range_m": cameras.range_m,
                "position": cameras.position,
            },
        )
