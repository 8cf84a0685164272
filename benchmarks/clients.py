"""Several clients that ask one server for a list of tiles, and how long all of them take.

One thread waits for all connections together: that costs less than any server that draws tiles, so it is not the client
that is measured.
"""

import re
import select
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

CLIENTS = 8
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_SILENT_S = 60
_TAKEN = 2**18


@dataclass
class _Wire:
    """One client: its connection, and what it has of the answer that it waits for."""

    connection: socket.socket
    to_ask: Iterator[str]
    path: str = ""
    received: bytearray = field(default_factory=bytearray)
    head: int = 0  # where the content begins; 0 while the head is not there
    end: int = -1  # where the answer ends; -1 while that is not known

    def ask_next(self, coding: str) -> None:
        """Ask for the next address, if there is one."""
        path = next(self.to_ask, None)
        if path is None:
            return
        self.path, self.head, self.end = path, 0, -1
        self.received.clear()
        self.connection.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: {coding}\r\n\r\n".encode("latin-1")
        )

    def whole(self) -> bool:
        """Whether the answer is there after what was just received. Ends the bench if it is an error."""
        if not self.head:
            self.head = self.received.find(b"\r\n\r\n") + 4
            if self.head < 4:
                self.head = 0
                return False
            head = bytes(self.received[: self.head])
            status = head.split(b" ", 2)[1]
            if status not in {b"200", b"204"}:
                sys.exit(f"{self.path}: {bytes(self.received[:2000]).decode('latin-1')}")
            if length := _LENGTH.search(head):
                self.end = self.head + int(length[1])
            elif status == b"204":
                self.end = self.head
            elif not _CHUNKED.search(head):
                sys.exit(f"{self.path} is answered without its length: {head.decode('latin-1')}")
        while self.end < 0:  # chunk by chunk; head goes to the beginning of the next
            line = self.received.find(b"\r\n", self.head)
            if line < 0:
                return False
            size = int(self.received[self.head : line].split(b";")[0], 16)
            after = line + 2 + size + 2
            if size == 0:
                self.end = after
            elif len(self.received) < after:
                return False
            self.head = after
        return len(self.received) >= self.end


def seconds_for(
    port: int, paths: Sequence[str], *, clients: int = CLIENTS, coding: str = "gzip", apart: bool = False
) -> float:
    """Seconds until all addresses are answered; each client takes the next one when it has an answer whole.

    apart  each client goes through every eighth address and does not help another, as those of pgbench do
    """
    clients = min(clients, len(paths))
    all_of_them = iter(paths)
    parts = [iter(paths[at::clients]) if apart else all_of_them for at in range(clients)]
    with ExitStack() as stack, select.epoll() as waiting:
        wires = {}
        for to_ask in parts:
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), 5))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            waiting.register(connection, select.EPOLLIN)
            wires[connection.fileno()] = _Wire(connection, to_ask)
        began = time.perf_counter()
        for wire in wires.values():
            wire.ask_next(coding)
        missing = len(paths)
        while missing:
            ready = waiting.poll(_SILENT_S)
            if not ready:
                sys.exit(f"No answer for {_SILENT_S} s: {[wire.path for wire in wires.values()]}")
            for number, _event in ready:
                wire = wires[number]
                part = wire.connection.recv(_TAKEN)
                if not part:
                    sys.exit(f"{wire.path}: the server closed the connection")
                wire.received += part
                if wire.whole():
                    missing -= 1
                    wire.ask_next(coding)
        return time.perf_counter() - began
