"""A parcel of the demo town that a citizen can ask about."""

from dataclasses import dataclass

import pytest

from tests.conftest import City


@dataclass(frozen=True)
class Lot:
    """A parcel and the zone of the adopted plan that most of it lies in."""

    code: str
    commune: str
    sheet: str
    number: str
    zone: str
    lon: float
    lat: float


@pytest.fixture(scope="session")
def lot(city: City) -> Lot:
    """A lot inside one zone, where no line of a plan is near the place that is clicked."""
    [row] = city.sql("""
        SELECT parcel.code, commune.name, parcel.sheet, parcel.number, zone.code, ST_X(spot.lonlat), ST_Y(spot.lonlat)
        FROM published.parcels parcel
        CROSS JOIN LATERAL (SELECT ST_PointOnSurface(parcel.exact) AS place) middle
        CROSS JOIN LATERAL (SELECT ST_Transform(middle.place, 4326) AS lonlat) spot
        JOIN published.administrative_units commune ON commune.code = parcel.commune_code
            AND commune.valid_during @> current_date AND upper_inf(commune.recorded_during)
        JOIN published.zones zone ON ST_Contains(zone.exact, parcel.exact) AND zone.state = 'adopted'
            AND zone.valid_during @> current_date AND zone.storeys_max IS NOT NULL
        WHERE parcel.valid_during @> current_date AND upper_inf(parcel.recorded_during)
            AND upper_inf(zone.recorded_during)
            AND NOT EXISTS (SELECT FROM published.plan_lines line WHERE ST_DWithin(line.exact, middle.place, 4))
            AND NOT EXISTS (SELECT FROM published.streets street WHERE ST_DWithin(street.exact, middle.place, 4))
        ORDER BY parcel.area_measured_m2 DESC LIMIT 1""")
    return Lot(*row)


@pytest.fixture(scope="session")
def street(city: City) -> tuple[int, str, float, float]:
    """Identity, name, longitude and latitude of a street."""
    [row] = city.sql("""
        SELECT id, name, ST_X(spot), ST_Y(spot) FROM published.streets CROSS JOIN LATERAL (
            SELECT ST_Transform(ST_ClosestPoint(exact, ST_Centroid(exact)), 4326)) middle(spot)
        WHERE upper_inf(recorded_during) AND valid_during @> current_date ORDER BY id LIMIT 1""")
    return row
