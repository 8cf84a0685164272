"""The networks into their registers: mains part by part, then the connections of each part's lots."""

import numpy as np

from demo.city import Part
from demo.connections import Connections, Fronts, connect, fronts
from demo.kits import KITS
from demo.networks import Mains, draw_mains, lay_mains
from demo.registers.base import FOUNDED
from demo.registers.desk import Desk, Register
from demo.writing import period
from layers.networks.models import NetworkEdge, NetworkNode

_SALT = 21


class Networks(Register):
    """All six networks. `identities` names every node of the mains in use, so that parts can join each other's."""

    name = "networks"

    def __init__(self) -> None:
        self.mains: list[Mains] = []
        self.identities: list[np.ndarray] = []
        self.fronts: Fronts | None = None

    def city(self, desk: Desk) -> int:
        """Lay all mains; nothing is written yet."""
        city = desk.city
        self.mains = [lay_mains(network, city.streets, city.ground) for network in KITS]
        for mains in self.mains:
            used = mains.node_part >= 0
            identity = np.zeros(len(used), dtype=np.int64)
            identity[used] = desk.sink.identities(int(used.sum()))
            self.identities.append(identity)
        self.fronts = fronts(city.streets)
        return 0

    def part(self, desk: Desk, part: Part) -> int:
        """The mains under the streets of one part, and the connections of its lots."""
        assert self.fronts is not None
        city, count = desk.city, 0
        for number, (mains, identity) in enumerate(zip(self.mains, self.identities, strict=True)):
            count += self._mains(desk, mains, identity, part.number)
            random = np.random.default_rng([city.seed, _SALT, number, part.number])
            connections = connect(mains, part.lots, city.streets, self.fronts, city.ground, random)
            if connections is not None and len(connections.lot):
                count += self._connections(desk, mains, identity, connections, part.number)
        return count

    def _mains(self, desk: Desk, mains: Mains, identity: np.ndarray, part: int) -> int:
        kit, drawn = mains.kit, draw_mains(mains, part, desk.city.streets, desk.city.ground)
        shared = {
            **desk.stamp(),
            "network": mains.network,
            "organisation_id": desk.owners[kit.organisation],
        }
        count = 0
        if len(drawn.node):
            count += desk.sink.write(
                NetworkNode,
                {
                    "identity": identity[drawn.node],
                    "valid_during": period(FOUNDED, count=len(drawn.node)),
                    **shared,
                    "kind": drawn.node_kind,
                    "reference": _numbered(kit.letter, drawn.node),
                    "elevation_m": drawn.elevation_m,
                    "position": drawn.position,
                },
            )
        if len(drawn.edge):
            count += desk.sink.write(
                NetworkEdge,
                {
                    "identity": desk.sink.identities(len(drawn.edge)),
                    "valid_during": period(FOUNDED, count=len(drawn.edge)),
                    **shared,
                    "kind": kit.edge,
                    "reference": _numbered(2 * kit.letter, drawn.edge),
                    "start_node": identity[drawn.start],
                    "end_node": identity[drawn.end],
                    "material": drawn.material,
                    "diameter_mm": drawn.diameter_mm,
                    "voltage_kv": drawn.voltage_kv,
                    "depth_m": kit.depth_m,
                    "route": drawn.route,
                },
            )
        return count

    def _connections(self, desk: Desk, mains: Mains, identity: np.ndarray, connections: Connections, part: int) -> int:
        kit, service = mains.kit, mains.kit.service
        assert service is not None
        many = len(connections.lot)
        at_house, at_main = desk.sink.identities(many), identity[connections.main_node]
        start, end = (at_main, at_house) if connections.to_house else (at_house, at_main)
        reference = _numbered(f"{kit.letter}H{part + 1}", np.arange(many))
        shared = {
            "valid_during": period(FOUNDED, count=many),
            **desk.stamp(),
            "network": mains.network,
            "organisation_id": desk.owners[kit.organisation],
            "reference": reference,
        }
        nodes = {"kind": service.node, "elevation_m": connections.elevation_m, "position": connections.position}
        edges = {
            "kind": service.edge,
            "start_node": start,
            "end_node": end,
            "material": service.material,
            "diameter_mm": np.full(many, service.diameter_mm),
            "voltage_kv": np.full(many, service.voltage_kv),
            "depth_m": 0.6,
            "route": connections.route,
        }
        count = desk.sink.write(NetworkNode, {"identity": at_house, **shared, **nodes})
        return count + desk.sink.write(NetworkEdge, {"identity": desk.sink.identities(many), **shared, **edges})


def _numbered(letters: str, numbers: np.ndarray) -> np.ndarray:
    """The owner's numbers: N-000001, …"""
    return f"{letters}-" + np.char.zfill((numbers + 1).astype(str), 6).astype(object)
