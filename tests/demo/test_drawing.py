"""The city as it is drawn, before any database: what neighbours share, what leads where."""

import hashlib
from collections import Counter
from datetime import date

import numpy as np
import pytest
import shapely

from demo.city import City, Part, draw_city, draw_part
from demo.pieces import connected
from demo.quarters import LOTS_ON, Kind

TODAY = date(2026, 11, 22)
ORIGIN = (526_000.0, 1_764_000.0)


def whole(parcels: int, seed: int) -> tuple[City, list[Part]]:
    """A city and all its wards."""
    city = draw_city(parcels, seed, ORIGIN, TODAY)
    return city, [draw_part(city, number) for number in range(city.parts)]


@pytest.fixture(
    scope="module",
    params=[(500, 3), (600, 1), (6000, 7), (20_000, 2)],
    ids=lambda size: f"{size[0]}-lots-seed-{size[1]}",
)
def drawn(request: pytest.FixtureRequest) -> tuple[City, list[Part]]:
    city, parts = whole(*request.param)
    assert sum(part.cadastre.today.sum() for part in parts) == city.parcels
    return city, parts


def joined(parts: list[Part], what: str, column: str) -> np.ndarray:
    """A column of all wards."""
    return np.concatenate([getattr(getattr(part, what), column) for part in parts])


def fingerprint(parts: list[Part]) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    for part in parts:
        cadastre, addresses = part.cadastre, part.addresses
        digest.update(b"".join(shapely.to_wkb(cadastre.shape)))
        digest.update(b"".join(shapely.to_wkb(part.buildings.shape)))
        for column in (
            cadastre.commune, cadastre.sheet, cadastre.number, cadastre.land_use, cadastre.start, cadastre.end,
            addresses.house_number,
        ):  # fmt: skip
            digest.update("|".join(map(str, column)).encode())
    return digest.hexdigest()


def test_the_same_seed_draws_the_same_city():
    first, again, other = (fingerprint(whole(600, seed)[1]) for seed in (1, 1, 2))
    assert first == again != other


def test_a_ward_is_the_same_whichever_wards_were_drawn_before():
    city, parts = whole(20_000, 1)
    assert city.parts > 2
    assert fingerprint([draw_part(city, 2)]) == fingerprint([parts[2]])


def test_neighbouring_lots_share_their_borders_exactly_before_and_after_every_change(drawn):
    _, parts = drawn
    lots = joined(parts, "lots", "shape")
    shape, start, end = (joined(parts, "cadastre", column) for column in ("shape", "start", "end"))
    commune, sheet, number = (joined(parts, "cadastre", column) for column in ("commune", "sheet", "number"))
    assert shapely.is_valid(shape).all()
    assert set(shapely.get_type_id(shape)) == {shapely.GeometryType.POLYGON}
    days = np.unique(np.concatenate([start, end[~np.isnat(end)], [np.datetime64(TODAY)]]))
    for on in days if len(days) < 12 else days[:: len(days) // 12]:
        there = (start <= on) & (np.isnat(end) | (end > on))
        assert there.any()
        assert shapely.coverage_is_valid(shape[there]), on
        # Nobody owns the same square metre twice, and nothing appears or goes when lots are joined or parted.
        assert shapely.area(shape[there]).sum() == pytest.approx(shapely.area(lots).sum())
        codes = list(zip(commune[there], sheet[there], number[there], strict=True))
        assert len(set(codes)) == len(codes)


def test_lots_have_the_sizes_of_a_vietnamese_town():
    _, parts = whole(6000, 1)
    shape, kind, use = (joined(parts, "lots", column) for column in ("shape", "kind", "use"))
    area_m2 = np.where(use == "", shapely.area(shape), np.nan)
    usual = {each: np.nanmedian(area_m2[kind == each]) for each in LOTS_ON}
    assert 60 < usual[Kind.OLD] < usual[Kind.NEW] < 130
    assert 220 < usual[Kind.VILLA] < 380
    assert 280 < usual[Kind.VILLAGE] < 450
    assert 600 < usual[Kind.FIELD] < usual[Kind.INDUSTRY] < 6000
    corners, front = joined(parts, "lots", "corners"), joined(parts, "lots", "front")
    old = (kind == Kind.OLD) & (use == "")
    width_m = np.hypot(*(corners[old, 1] - corners[old, 0]).T)
    depth_m = np.hypot(*(corners[old, 3] - corners[old, 0]).T)
    assert 3.5 < np.median(width_m) < 5
    assert 14 < np.median(depth_m) < 24
    assert (shapely.area(shape) > 12).all()
    # What lies at a main street is wider than what lies in a lane.
    assert np.median(width_m[front[old] == front.min()]) > 1.3 * np.median(width_m[front[old] == 3])


def test_all_kinds_of_land_and_all_uses_are_there(drawn):
    city, parts = drawn
    assert set(city.quarters.kind) == set(Kind)
    assert set(joined(parts, "lots", "kind")) == set(LOTS_ON)
    wanted = {"park", "school", "market", "office", "clinic", "culture", "square", "station", "temple", "pond"}
    assert set(joined(parts, "lots", "use")) == wanted | {""}
    assert {"market", "school", "station", "bridge", "village", "temple"} <= set(city.places.kind)
    assert city.waters.kind[0] == "river"


def test_blocks_are_their_lots_and_lie_inside_their_quarters_and_apart(drawn):
    city, parts = drawn
    blocks = np.concatenate([part.block_shape for part in parts])
    number = np.concatenate([part.blocks for part in parts])
    assert sorted(number) == list(range(len(city.blocks)))
    lots = shapely.area(joined(parts, "lots", "shape"))
    in_block = np.bincount(joined(parts, "lots", "block"), lots)
    assert shapely.area(blocks) == pytest.approx(in_block[number])
    cells = city.cells.rings(np.arange(len(city.quarters)))
    assert shapely.contains_properly(cells[city.blocks.quarter[number]], blocks).all()
    assert not len(shapely.STRtree(blocks).query(blocks, predicate="overlaps")[0])
    # Nothing stands in the river.
    assert not shapely.intersects(blocks, city.waters.surface[0]).any()


def test_houses_stand_inside_their_lots(drawn):
    _, parts = drawn
    for part in parts:
        buildings = part.buildings
        lots = shapely.buffer(part.lots.shape[buildings.lot], 0.003)  # corners are rounded to the millimetre
        assert shapely.covers(lots, buildings.shape).all()
        assert (buildings.storeys >= 1).all()
        assert (buildings.height_m >= 3 * buildings.storeys).all()
    share = sum(len(part.buildings.lot) for part in parts) / sum(len(part.lots) for part in parts)
    assert share > 0.4


def test_every_lot_lies_at_a_street_and_all_streets_hang_together(drawn):
    city, parts = drawn
    streets = city.streets
    lines = streets.centrelines(city.ground)
    line, entrance, kind = (joined(parts, "lots", column) for column in ("line", "entrance", "kind"))
    street = streets.line_street[line]
    assert (street >= 0).all()
    beside_m = shapely.distance(shapely.points(entrance), lines[street]) - streets.width_m[street] / 2
    assert (beside_m < np.where(kind == Kind.FIELD, 8, 3)).all()  # a canal may lie between a field and its road
    assert len(set(streets.name)) == len(streets)
    assert len(np.unique(connected(len(streets.nodes), streets.start, streets.end))) == 1
    # Streets cross the river on its bridges only.
    crosses = np.prod(np.sign(streets.nodes[np.column_stack([streets.start, streets.end]), 1]), axis=1) < 0
    assert (crosses == streets.bridge).all()
    assert streets.bridge.any()


def test_house_numbers_are_unique_and_run_along_both_sides_of_a_street(drawn):
    city, parts = drawn
    street, number = joined(parts, "addresses", "street"), joined(parts, "addresses", "house_number")
    assert max(Counter(zip(street.tolist(), number.tolist(), strict=True)).values()) == 1
    in_lane = np.char.startswith(number.astype(str), "K")
    assert in_lane.any()
    assert (city.streets.street_class[street[~in_lane]] != "lane").any()
    # K12/5 stands in the lane that the street's map calls Kiệt 12.
    prefix, last = number[in_lane][0].rsplit("/", 1)
    assert last.isdigit()
    name = city.streets.name[street[in_lane][0]].removeprefix("Đường ")
    assert f"Kiệt {prefix.removeprefix('K')} {name}" in city.streets.name
    busiest = np.bincount(street[~in_lane]).argmax()
    numbers = np.sort(number[~in_lane & (street == busiest)].astype(int))
    assert {1, 0} == set(numbers % 2)
    assert numbers.max() < 6 * len(numbers)


def test_wards_part_the_province_now_and_before_the_merger(drawn):
    city, parts = drawn
    units = city.units
    for shapes in (units.shape, np.concatenate([[units.east_before, units.merged], units.shape[1:]])):
        assert shapely.coverage_is_valid(shapes)
        assert sum(map(shapely.area, shapes)) == pytest.approx(shapely.area(units.province))
    shapely.prepare(units.province)
    for shapes in (joined(parts, "cadastre", "shape"), city.streets.centrelines(city.ground)):
        assert shapely.covers(units.province, shapes).all()
    assert len(set(units.name)) == len(set(units.code)) == city.parts >= 2
    assert all("(giả lập)" in name for name in units.name)


def test_wards_become_more_as_the_city_grows_and_have_about_as_many_lots():
    city = draw_city(100_000, 1, ORIGIN, TODAY)
    lots = np.bincount(city.blocks.part[city.blocks.row_block], city.blocks.row_lots)
    assert 10 <= city.parts <= 25
    assert lots.max() < 12_000


def test_the_ground_falls_to_the_river_and_its_bends_can_be_undone():
    city = draw_city(600, 1, ORIGIN, TODAY)
    nodes = city.streets.nodes
    assert city.ground.flat(city.ground.place(nodes)) == pytest.approx(nodes, abs=0.002)
    on_land = np.abs(nodes[:, 1]) > city.ground.river_m / 2
    away = nodes[on_land] * (1.0, 1.05)
    assert (city.ground.elevation_m(away) > city.ground.elevation_m(nodes[on_land])).all()
    assert (city.ground.elevation_m(nodes[on_land]) >= 3).all()


def test_no_city_is_smaller_than_its_kinds_of_land_need():
    with pytest.raises(ValueError, match="500"):
        draw_city(499, 1, ORIGIN, TODAY)
