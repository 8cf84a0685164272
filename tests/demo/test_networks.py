"""The networks under the streets: they hang together, flow the right way, and reach the houses."""

import numpy as np
import pytest
import shapely

from demo.city import City, draw_part
from demo.kits import KITS
from demo.quarters import Kind
from demo.registers.networks import Networks
from layers.networks.models import Network, NetworkEdge, NetworkNode
from tests.demo.rows import Kept, written

SERVED = [network for network, kit in KITS.items() if kit.service]


@pytest.fixture(
    scope="module", params=[(600, 1), (5000, 2), (20_000, 3)], ids=lambda size: f"{size[0]}-lots-seed-{size[1]}"
)
def drawn(request: pytest.FixtureRequest) -> tuple[City, Kept]:
    return written(*request.param, Networks())


@pytest.fixture(params=Network.values)
def network(request: pytest.FixtureRequest, drawn: tuple[City, Kept]):
    """One network: its nodes, its edges, and which nodes the edges run between."""
    nodes = drawn[1].rows(NetworkNode, network=request.param)
    edges = drawn[1].rows(NetworkEdge, network=request.param)
    order = np.argsort(nodes["identity"])
    ends = []
    for end in ("start_node", "end_node"):
        place = np.searchsorted(nodes["identity"], edges[end], sorter=order)
        found = order[np.minimum(place, len(order) - 1)]
        assert (nodes["identity"][found] == edges[end]).all()
        ends.append(found)
    return request.param, nodes, edges, *ends


def test_every_edge_runs_from_node_to_node_and_no_two_things_have_one_number(network):
    _, nodes, edges, start, end = network
    at = shapely.get_coordinates(nodes["position"])
    assert (shapely.get_coordinates(shapely.get_point(edges["route"], 0)) == at[start]).all()
    assert (shapely.get_coordinates(shapely.get_point(edges["route"], -1)) == at[end]).all()
    assert (start != end).all()
    for rows in (nodes, edges):
        assert len(set(rows["identity"])) == len(rows["identity"])
        assert len(set(rows["reference"])) == len(rows["reference"])


def reached(first: np.ndarray, frm: np.ndarray, to: np.ndarray, nodes: int) -> np.ndarray:
    """(nodes,) bool: what one comes to from the first ones when one follows edges from `frm` to `to`."""
    there = np.zeros(nodes, dtype=bool)
    there[first] = True
    while True:
        new = to[there[frm] & ~there[to]]
        if not len(new):
            return there
        there[new] = True


def test_what_flows_comes_to_every_node_from_the_one_source_or_runs_downhill_into_the_river(network, drawn):
    name, nodes, _, start, end = network
    source = np.flatnonzero(nodes["kind"] == KITS[name].source)
    if name == "drainage":
        # Each manhole has a way to an outfall, and no edge on it goes up.
        assert reached(source, end, start, len(nodes["kind"])).all()
        assert (nodes["elevation_m"][start] >= nodes["elevation_m"][end]).all()
        assert set(np.flatnonzero(np.bincount(start, minlength=len(nodes["kind"])) == 0)) == set(source)
        river = drawn[0].waters.surface[drawn[0].waters.kind == "river"][0]
        assert shapely.covers(river, nodes["position"][source]).all()
    else:
        assert len(source) == 1
        assert reached(source, start, end, len(nodes["kind"])).all()
        assert set(np.flatnonzero(np.bincount(end, minlength=len(nodes["kind"])) == 0)) == set(source)


def test_water_comes_from_a_tank_at_the_highest_street_through_mains_with_loops(drawn):
    nodes, edges = drawn[1].rows(NetworkNode, network="water"), drawn[1].rows(NetworkEdge, network="water")
    assert list(nodes["kind"]).count("pumping_station") == 1
    on_streets = nodes["kind"] != "meter"
    assert nodes["elevation_m"][nodes["kind"] == "tank"][0] == nodes["elevation_m"][on_streets].max()
    # A tree has one edge less than nodes; every further one closes a loop.
    assert (edges["kind"] == "main").sum() - (on_streets.sum() - 1) > 0.05 * drawn[0].streets.line.size
    assert {"valve", "hydrant"} <= set(nodes["kind"])
    assert set(edges["diameter_mm"][edges["kind"] == "service"]) == {25.0}


def test_sewers_are_wider_in_larger_streets_and_all_pipes_have_a_size(drawn):
    edges = drawn[1].rows(NetworkEdge)
    assert not np.isnan(
        edges["diameter_mm"][np.isin(edges["network"], ["water", "drainage", "gas"])].astype(float)
    ).any()
    assert not np.isnan(edges["voltage_kv"][np.isin(edges["network"], ["power", "lighting"])].astype(float)).any()
    sewers = drawn[1].rows(NetworkEdge, kind="sewer")
    assert set(sewers["diameter_mm"]) <= {1500.0, 1200.0, 800.0, 500.0}
    assert len(set(sewers["diameter_mm"])) >= 3


def test_mains_lie_in_the_street_that_they_follow(drawn):
    city, kept = drawn
    streets = city.streets
    which = np.arange(len(streets.line))
    courses = shapely.STRtree(streets.courses(which, city.ground))
    half_m = streets.width_m[streets.line_street[streets.line]] / 2
    for name, kit in KITS.items():
        nodes = kept.rows(NetworkNode, network=name)
        service = kit.service.node if kit.service else ""
        beside = ~np.isin(nodes["kind"], [service, "outfall", "tank"])
        points = nodes["position"][beside]
        point, course = courses.query(points, predicate="dwithin", distance=30)
        inside = shapely.distance(points[point], courses.geometries[course]) <= half_m[course]
        assert len(np.unique(point[inside])) > 0.995 * len(points), name


@pytest.mark.parametrize("name", SERVED)
def test_houses_are_connected_from_the_street_in_front_of_them(drawn, name):
    city, kept = drawn
    service = KITS[name].service
    edges = kept.rows(NetworkEdge, network=name, kind=service.edge)
    nodes = kept.rows(NetworkNode, network=name, kind=service.node)
    assert len(edges["identity"]) == len(nodes["identity"])
    at_house = edges["start_node" if name == "drainage" else "end_node"]
    assert (at_house == nodes["identity"]).all()
    lots = [draw_part(city, number).lots for number in range(city.parts)]
    land = shapely.STRtree(np.concatenate([each.shape for each in lots]))
    _, away_m = land.query_nearest(nodes["position"], all_matches=False, return_distance=True)
    assert np.percentile(away_m, 95) < 0.3
    assert away_m.max() < 2
    assert shapely.length(edges["route"]).max() < 60
    homes = sum(int(((each.kind != Kind.FIELD) & (each.use == "")).sum()) for each in lots)
    least = {"water": 0.9, "drainage": 0.6, "power": 0.9, "telecom": 0.4, "gas": 0.05}[name]
    assert len(edges["identity"]) > least * homes
