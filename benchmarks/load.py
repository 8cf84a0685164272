"""What the benches of kept tiles share: a city, spots in it, a client, many clients at once, and looks at a server.

Load comes from here and not from `ab` or `wrk`, which would be packages more: one thread waits for all connections
together, knows how long an answer is, and lets the kernel throw its content away. That costs less than any of the
servers that are measured so; `Process.busy_s` tells whether a server was at its limit, and not the client.
"""

import asyncio
import gzip
import http.client
import re
import select
import socket
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from benchmarks.bench import Platform
from gisplatform.clock import today
from tiles.envelope import EQUATOR_M

UNUSED = "addresses,networks,cameras,rasters"  # most of the city's rows
ACCEPT_GZIP = {"Accept-Encoding": "gzip"}
_COUNTED = re.compile(r'tiles_requests_total\{layer="(\w+)",zoom="(\d+)",source="(\w+)",process="(\d+)"\} ([\d.]+)')
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_AT_ONCE = 2**20  # bytes that are taken from a connection in one go
_SILENT_S = 5
_TICKS_PER_S = 100  # USER_HZ, the same on every Linux

Tile = tuple[int, int, int]  # z, x, y


# ---- The city ----


def make_city(own: Platform, parcels: int) -> None:
    """Fill an empty platform; whoever took a filled one up again finds it as it is."""
    with own.connect() as connection:
        if connection.execute("SELECT 1 FROM parcels_parcel LIMIT 1").fetchone():
            return
    own.manage("make_demo_city", "--parcels", str(parcels), "--without", UNUSED)
    with own.connect() as connection:
        connection.execute("VACUUM ANALYZE")


@dataclass(frozen=True)
class Spot:
    """A point on a thing that is drawn today; Web Mercator metres."""

    identity: int
    x: float
    y: float

    def tile(self, z: int) -> Tile:
        """The tile of a zoom in which it lies."""
        side = EQUATOR_M / 2**z
        return z, int((self.x + EQUATOR_M / 2) / side), int((EQUATOR_M / 2 - self.y) / side)

    def tiles_around(self, z: int) -> list[Tile]:
        """Its tile and the eight around it."""
        _z, x, y = self.tile(z)
        return [(z, x + east, y + south) for east in (-1, 0, 1) for south in (-1, 0, 1)]


def spots(own: Platform, key: str, count: int) -> list[Spot]:
    """Things of a layer all over the city, the same in each run over the same city."""
    with own.connect() as connection:
        found = connection.execute(
            sql.SQL(
                "SELECT id, ST_X(point), ST_Y(point) FROM (SELECT id, ST_PointOnSurface(shape) AS point FROM {}"
                " WHERE valid_from <= %s AND valid_to > %s ORDER BY md5(id::text) LIMIT %s) AS placed"
            ).format(sql.Identifier("drawn", key)),
            [today(), today(), count],
        ).fetchall()
    if len(found) < count:
        sys.exit(f"The city has {len(found)} {key}, and {count} are needed: make it larger.")
    return [Spot(*row) for row in found]


def wait_for_levels(connection: psycopg.Connection) -> None:
    """Return when what is drawn from afar has followed everything that is committed now."""
    deadline = time.monotonic() + 60
    while connection.execute(
        "SELECT FROM drawn.level_cells UNION ALL SELECT FROM drawn.level_states AS state JOIN drawn.changes AS change"
        " ON change.layer IN (state.layer, '') AND change.max_zoom IS NULL"
        " AND NOT pg_visible_in_snapshot(change.xid, state.snapshot) LIMIT 1"
    ).rowcount:
        if time.monotonic() > deadline:
            sys.exit("What is drawn from afar does not follow the edits.")
        time.sleep(0.002)


def address(key: str, tile: Tile) -> str:
    """Where everyone asks for a tile."""
    z, x, y = tile
    return f"/tiles/{key}/{z}/{x}/{y}.mvt"


# ---- One client ----


class Client:
    """A citizen's connection to one server, kept open."""

    def __init__(self, url: str) -> None:
        self.port = urlsplit(url).port or 80
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, path: str, **headers: str) -> tuple[int, str, bytes]:
        """Status, ETag and the content as it was sent."""
        try:
            self._connection.request("GET", path, headers={**ACCEPT_GZIP, **headers})
            answer = self._connection.getresponse()
        except ConnectionError:  # closed by the server, because it was not used for long
            self._connection.close()
            self._connection.request("GET", path, headers={**ACCEPT_GZIP, **headers})
            answer = self._connection.getresponse()
        return answer.status, answer.headers.get("ETag", ""), answer.read()

    def tile(self, key: str, tile: Tile) -> bytes:
        """The plain MVT of a tile; empty where nothing is drawn. Ends the bench where there is none."""
        status, _etag, content = self.ask(address(key, tile))
        if status not in {200, 204}:
            sys.exit(f"{address(key, tile)}: {status} {content[:200]!r}")
        return gzip.decompress(content) if content else b""

    def counted(self) -> dict[tuple[str, int], dict[str, int]]:
        """Tiles given so far, by layer and zoom, by where they were: "memory", "disk", "drawn", "shared"."""
        found: dict[tuple[str, int], dict[str, int]] = {}
        for key, z, source, _process, number in _COUNTED.findall(self._metrics()):
            found.setdefault((key, int(z)), {})[source] = int(float(number))
        return found

    def process(self) -> "Process":
        """The process that answers."""
        named = re.search(r'process="(\d+)"', self._metrics())
        assert named
        return Process(int(named[1]))

    def _metrics(self) -> str:
        status, _etag, content = self.ask("/metrics")
        if status != 200:
            sys.exit(f"/metrics: {status}")
        return (gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content).decode()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._connection.close()


@dataclass(frozen=True)
class Process:
    """A process of this machine."""

    number: int

    @property
    def peak_mb(self) -> float:
        """The most memory that it ever had, as the kernel counts it (VmHWM)."""
        status = Path(f"/proc/{self.number}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert found
        return int(found[1]) / 1024

    @property
    def busy_s(self) -> float:
        """The processor time that it has taken, on all cores."""
        stat = Path(f"/proc/{self.number}/stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / _TICKS_PER_S

    @property
    def children(self) -> list["Process"]:
        """The processes that it started."""
        listed = Path(f"/proc/{self.number}/task/{self.number}/children").read_text()
        return [Process(int(number)) for number in listed.split()]


# ---- Many clients ----


def rate(port: int, path: str, *, connections: int = 8, seconds: float = 3) -> float:
    """Answers a second for one address that is always answered the same. Each connection asks again when it has all."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: gzip\r\n\r\n".encode()
    size, buffer, count = _size_of_answer(port, request), bytearray(_AT_ONCE), 0
    with ExitStack() as opened, select.epoll() as waiting:
        open_ = [opened.enter_context(socket.create_connection(("127.0.0.1", port), 5)) for _ in range(connections)]
        sockets = {client.fileno(): client for client in open_}
        missing = dict.fromkeys(sockets, size)
        for number, client in sockets.items():
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.setblocking(False)
            waiting.register(number, select.EPOLLIN)
            client.send(request)
        began = now = time.perf_counter()
        while now < began + seconds:
            ready = waiting.poll(_SILENT_S)
            for number, _event in ready:
                client = sockets[number]
                # MSG_TRUNC: the kernel throws away what it would have copied.
                taken = client.recv_into(buffer, _AT_ONCE, socket.MSG_TRUNC)
                missing[number] -= taken
                if missing[number] > 0 and taken:
                    continue
                if missing[number]:
                    sys.exit(f"{path} was not answered the same each time")
                count += 1
                missing[number] = size
                client.send(request)
            if not ready:
                sys.exit(f"{path} is no longer answered, or not the same as at first")
            now = time.perf_counter()
        return count / (now - began)


def _size_of_answer(port: int, request: bytes) -> int:
    """Bytes of an answer with its head."""
    with socket.create_connection(("127.0.0.1", port), 5) as client:
        client.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            part = client.recv(65536)
            if not part:
                break
            answer += part
    head = answer.partition(b"\r\n\r\n")[0]
    length = _LENGTH.search(head)
    if not head.startswith(b"HTTP/1.1 200 ") or not length:
        sys.exit(f"{request.split()[1].decode()}: {head.decode('latin-1')}")
    return len(head) + 4 + int(length[1])


Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def connected(port: int) -> Wire:
    """An open connection, for many that ask at the same time."""
    return await asyncio.open_connection("127.0.0.1", port)


async def send(wire: Wire, path: str) -> None:
    """Ask for an address."""
    wire[1].write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n\r\n".encode())
    await wire[1].drain()


async def received(wire: Wire) -> int:
    """Read one answer to its end. Returns its status."""
    head = await wire[0].readuntil(b"\r\n\r\n")
    if length := _LENGTH.search(head):
        await wire[0].readexactly(int(length[1]))
    return int(head.split(b" ", 2)[1])
