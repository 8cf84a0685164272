"""A tile as a map client reads it, and the check that every tile of the tests goes through."""

from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from typing import Any

import mapbox_vector_tile
from playwright.sync_api import Error, Response

from tests.tiles.mvt_validator import faults

MVT = "application/vnd.mapbox-vector-tile"


@lru_cache(maxsize=5000)  # browsers ask for the same tiles in many tests
def check(tile: bytes) -> None:
    """Fail on a tile that is not what the specification and this platform promise."""
    found = faults(tile, ours=True)
    assert not found, "\n".join(found[:20])


def decoded(tile: bytes) -> dict[str, Any]:
    """The layers of a valid tile: name → features, with y from the north as in the tile itself."""
    check(tile)
    return mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})


def check_received(answers: Iterable[Response]) -> None:
    """Check the tiles that a browser was given, as far as it still holds them: it forgets those of a page it left."""
    for answer in answers:
        tile = b""
        with suppress(Error):
            tile = answer.body()
        check(tile)
