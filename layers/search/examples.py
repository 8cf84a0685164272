"""What a visitor may try: things that this register has, in the habits in which people write them."""

import re

from django.core.cache import cache
from psycopg import sql

from gisplatform.access import CITIZEN
from layers.names import search_words, telling_words
from layers.queries import NO_CONDITION
from layers.search.found import AS_FOUND, rows, spots

CACHE_KEY = "search.examples"
CACHE_S = 300


def examples() -> list[str]:
    """A house, a parcel, a commune and a position that everybody may see; fewer where the register has none."""
    found = cache.get(CACHE_KEY)
    if found is None:
        found = _examples()
        cache.set(CACHE_KEY, found, CACHE_S)
    return list(found)


def _examples() -> list[str]:
    communes = sql.SQL("level = 'commune'")
    first = {
        key: next(iter(rows(key, CITIZEN, where, {}, limit=1, order_by=AS_FOUND)), None)
        for key, where in {"addresses": NO_CONDITION, "parcels": NO_CONDITION, "administrative_units": communes}.items()
    }
    found = []
    if house := first["addresses"]:
        found.append(f"{house['house_number']} {house['street_name'].removeprefix('Đường ')}")
    if parcel := first["parcels"]:
        found.append(f"tờ {parcel['sheet']} thửa {parcel['number']}")
    if unit := first["administrative_units"]:
        # As who is in a hurry types it, so that nobody thinks tone marks are needed.
        name = re.sub(r"\(.*?\)", " ", unit["name"])
        found.append(" ".join(telling_words(search_words(name))))
    if parcel:
        [spot] = spots([parcel])
        lon, lat = spot.position
        found.append(f"{lat:.5f}, {lon:.5f}")
    return found
