"""The city as it is drawn, before any database: what neighbours share, what leads where."""

import hashlib
from datetime import date

import numpy as np
import pytest
import shapely

from demo.city import City, draw_city
from demo.plans import PlanDrawing
from demo.quarters import Kind

TODAY = date(2026, 11, 22)
ORIGIN = (526_000.0, 1_764_000.0)


@pytest.fixture(
    scope="module", params=[(300, 1), (600, 1), (1500, 7)], ids=lambda size: f"{size[0]}-lots-seed-{size[1]}"
)
def drawn(request: pytest.FixtureRequest) -> City:
    parcels, seed = request.param
    city = draw_city(parcels, seed, ORIGIN, TODAY)
    assert city.cadastre.today.sum() == parcels
    return city


def fingerprint(city: City) -> str:
    cadastre = city.cadastre
    texts = [cadastre.commune, cadastre.sheet, cadastre.number, cadastre.land_use, cadastre.start, cadastre.end]
    digest = hashlib.md5(b"".join(shapely.to_wkb(cadastre.shape)), usedforsecurity=False)
    for column in texts:
        digest.update("|".join(map(str, column)).encode())
    return digest.hexdigest()


def test_the_same_seed_draws_the_same_city():
    first, again, other = (draw_city(600, seed, ORIGIN, TODAY) for seed in (1, 1, 2))
    assert fingerprint(first) == fingerprint(again) != fingerprint(other)


def test_neighbouring_lots_share_their_borders_exactly_before_and_after_every_change(drawn):
    cadastre = drawn.cadastre
    assert shapely.is_valid(cadastre.shape).all()
    assert set(shapely.get_type_id(cadastre.shape)) == {shapely.GeometryType.POLYGON}
    for day in (TODAY, *np.unique(cadastre.start), *np.unique(cadastre.end[~cadastre.today])):
        on = np.datetime64(day)
        there = (cadastre.start <= on) & (cadastre.today | (cadastre.end > on))
        assert there.any()
        assert shapely.coverage_is_valid(cadastre.shape[there]), day
        # Nobody owns the same square metre twice, and nothing appears or goes when lots are joined or parted.
        assert shapely.area(cadastre.shape[there]).sum() == pytest.approx(shapely.area(drawn.lots.shape).sum())
        codes = list(zip(cadastre.commune[there], cadastre.sheet[there], cadastre.number[there], strict=True))
        assert len(set(codes)) == len(codes)


def test_lots_have_the_sizes_of_a_vietnamese_town():
    city = draw_city(5000, 1, ORIGIN, TODAY)
    area_m2 = shapely.area(city.lots.shape)
    usual = {kind: np.median(area_m2[city.lots.kind == kind]) for kind in Kind}
    assert 60 < usual[Kind.OLD] < usual[Kind.NEW] < 130
    assert 180 < usual[Kind.VILLA] < 300
    assert 250 < usual[Kind.VILLAGE] < 450
    assert 600 < usual[Kind.FIELD] < usual[Kind.INDUSTRY] < 5000
    widths = np.hypot(*(city.lots.corners[:, 1] - city.lots.corners[:, 0]).T)[city.lots.kind == Kind.OLD]
    assert 4 < np.median(widths) < 6


def test_houses_stand_inside_their_lots_and_apart_from_each_other(drawn):
    buildings = drawn.buildings
    lots = shapely.buffer(drawn.lots.shape[buildings.lot], 0.002)  # corners are rounded to the millimetre
    assert shapely.covers(lots, buildings.shape).all()
    assert (buildings.storeys >= 1).all()
    assert (buildings.height_m >= 3 * buildings.storeys).all()


def test_every_lot_touches_a_street(drawn):
    streets = drawn.streets.centrelines(drawn.ground)
    for end in (0, 1):
        corners = shapely.points(drawn.lots.corners[:, end])
        lot, street = shapely.STRtree(streets).query(corners, predicate="dwithin", distance=20)
        beside = shapely.distance(corners[lot], streets[street]) <= drawn.streets.width_m[street] / 2 + 1
        assert set(lot[beside]) == set(range(len(drawn.lots)))
    assert len(set(drawn.streets.name)) == len(drawn.streets)


@pytest.mark.parametrize("plan", ["adopted", "draft", "consultation"])
def test_zones_cover_the_whole_plan_without_overlap(drawn, plan):
    drawing: PlanDrawing = getattr(drawn, plan)
    assert shapely.coverage_is_valid(drawing.shape)
    assert shapely.area(drawing.shape).sum() == pytest.approx(shapely.area(drawing.boundary))
    assert len(set(drawing.code)) == len(drawing.code)
    # Table 2.8 of QCVN 01:2021: floor area at most sevenfold; what may be built at all has all its figures.
    built = ~np.isnan(drawing.storeys_max)
    assert (drawing.floor_area_ratio_max[built] <= 7).all()
    assert (drawing.density_max_percent[built] <= 100).all()
    assert (drawing.storeys_min[built] <= drawing.storeys_max[built]).all()
    assert not np.isnan(drawing.setback_m[built]).any()
    assert len(drawing.red_lines)


def test_some_land_at_the_edge_has_no_plan(drawn):
    assert shapely.area(drawn.adopted.boundary) < shapely.area(drawn.units.province)
    centres = shapely.point_on_surface(drawn.lots.shape)
    planned = shapely.covers(drawn.adopted.boundary, centres)
    assert planned.any()
    assert not planned.all()


def test_each_network_is_one_piece_and_drainage_runs_downhill(drawn):
    for network in drawn.networks:
        ends = shapely.get_coordinates(network.position)
        assert (shapely.get_coordinates(shapely.get_point(network.route, 0)) == ends[network.start]).all()
        assert (shapely.get_coordinates(shapely.get_point(network.route, -1)) == ends[network.end]).all()
        # Names spread along the edges until nothing changes: one name is left when all hangs together.
        name = np.arange(len(ends))
        for _ in range(len(ends)):
            before = name.copy()
            np.minimum.at(name, network.start, before[network.end])
            np.minimum.at(name, network.end, before[network.start])
            if (name == before).all():
                break
        assert len(np.unique(name)) == 1, network.network
        fall_m = network.elevation_m[network.start] - network.elevation_m[network.end]
        leaves = np.bincount(network.start, minlength=len(ends)) > 0
        if network.network == "drainage":
            assert (fall_m > 0).all()
            assert set(network.node_kind[~leaves]) == {"outfall"}
        else:
            assert (network.node_kind == network.kit.source).sum() == 1
            fed = np.bincount(network.end, minlength=len(ends)) > 0
            assert list(network.node_kind[~fed]) == [network.kit.source]


def test_wards_part_the_province_now_and_before_the_merger(drawn):
    units = drawn.units
    for parts in ([units.east, units.west], [units.east_before, units.merged, units.west]):
        assert shapely.coverage_is_valid(parts)
        assert sum(map(shapely.area, parts)) == pytest.approx(shapely.area(units.province))
    shapely.prepare(units.province)
    for shapes in (drawn.cadastre.shape, drawn.buildings.shape, drawn.streets.centrelines(drawn.ground)):
        assert shapely.covers(units.province, shapes).all()
