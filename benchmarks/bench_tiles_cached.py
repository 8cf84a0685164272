"""A kept tile from our process and through our nginx configuration, over nginx sending the same bytes as a file.

nginx is Debian's package; NGINX_PROGRAM names a binary where it is not installed. One process of ours against one
worker of nginx, eight connections, in turns; the load comes from benchmarks/load.py. A server that was busy for much
less than a core did not give all that it could, because the client was at its limit: the `…_per_core` ratios then tell
how the processor time compares that an answer costs.
"""

import argparse
import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from urllib.parse import urlsplit

from benchmarks.bench import Measure, Platform, platform_of_its_own, report, table
from benchmarks.load import Client, Process, Tile, address, make_city, rate, spots
from benchmarks.servers import answers, free_port, nginx, started, wait

ZOOM = 15
LEAST_ROUNDS = 5
MISSING = "nginx is missing. Install Debian's package (apt-get install nginx), or name a binary by NGINX_PROGRAM."


@dataclass(frozen=True)
class Way:
    """One of the ways to the same bytes."""

    name: str
    port: int
    path: str
    process: Process


def main() -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    parser.add_argument("--seconds", type=float, default=3, help="of each server in each round")
    parser.add_argument("--keep", action="store_true", help="keep the database for the next call")
    arguments = parser.parse_args()
    if arguments.rounds < LEAST_ROUNDS:
        parser.error(f"at least {LEAST_ROUNDS} rounds")
    program = nginx_program()
    with platform_of_its_own("tiles", keep=str(arguments.parcels) if arguments.keep else "") as own:
        make_city(own, arguments.parcels)
        with own.served() as url, Client(url) as client:
            tile, content = middling(own, client)
            with fronted(own, program, url, content) as front:
                found = ways(client, front, address("parcels", tile))
                rates, busy = measured(found, client, arguments.rounds, arguments.seconds)
        version = own.server_version
    table(
        ["way", "answers/s", "least", "most", "busy cores"],
        [[name, median(each), min(each), max(each), median(busy[name])] for name, each in rates.items()],
    )
    over = {name: [one / file for one, file in zip(rates[name], rates["file"], strict=True)] for name in rates}
    # Answers for a second of processor time.
    per_core = {name: median(each) / max(median(busy[name]), 0.001) for name, each in rates.items()}
    measures = [
        Measure("own_over_nginx_static", median(over["own"]), "ratio", 0.25, at_least=True),
        Measure("through_nginx_over_static", median(over["through nginx"]), "ratio", 0.90, at_least=True),
        Measure("own_over_nginx_static_per_core", per_core["own"] / per_core["file"], "ratio"),
        Measure("through_nginx_over_static_per_core", per_core["through nginx"] / per_core["file"], "ratio"),
        Measure("own_per_s", median(rates["own"]), "tiles/s"),
        Measure("through_nginx_per_s", median(rates["through nginx"]), "tiles/s"),
        Measure("static_per_s", median(rates["file"]), "tiles/s"),
        Measure("static_busy", median(busy["file"]), "cores"),
        Measure("tile_gzip_kb", len(content) / 1000, "kB"),
        Measure("rounds", arguments.rounds, "rounds"),
        Measure("parcels", arguments.parcels, "rows"),
    ]
    return report("tiles-cached", measures, version)


def nginx_program() -> str:
    """The program; ends the bench where there is none."""
    found = nginx() or sys.exit(MISSING)
    told = subprocess.run([found, "-v"], capture_output=True, text=True, check=True).stderr  # noqa: S603 - as named
    print(told.strip())
    return found


def middling(own: Platform, client: Client) -> tuple[Tile, bytes]:
    """A tile of middling size, and its bytes as they are sent."""
    sizes = []
    for tile in sorted({spot.tile(ZOOM) for spot in spots(own, "parcels", 25)}):
        _status, _etag, content = client.ask(address("parcels", tile))
        sizes.append((len(content), tile, content))
    _size, tile, content = sorted(sizes)[len(sizes) // 2]
    return tile, content


@dataclass(frozen=True)
class Front:
    """nginx with two servers: ours as shipped, and one that sends a plain file."""

    shipped: int  # ports
    static: int
    worker: Process


@contextlib.contextmanager
def fronted(own: Platform, program: str, url: str, content: bytes) -> Iterator[Front]:
    """nginx with the shipped configuration in front of the platform, and beside it a plain file of the same bytes."""
    folder = own.folder / "nginx"
    (folder / "files").mkdir(parents=True)
    (folder / "files" / "tile").write_bytes(content)
    shipped, static = free_port(), free_port()
    site = own.manage("nginx_config", "--host", "127.0.0.1", "--listen", f"127.0.0.1:{shipped}",
                      "--upstream", urlsplit(url).netloc)  # fmt: skip
    # Whoever runs the bench is whom the files belong to. The rest is as in Debian's nginx.conf, but for the log and the
    # number of answers on one connection, which would be measured too.
    user = "user root;" if os.geteuid() == 0 else ""
    parts = "\n".join(
        f"{part}_temp_path {folder}/{part};" for part in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; worker_processes 1; pid {folder}/pid;\nevents {{}}\nhttp {{\n"
        f"sendfile on; tcp_nopush on; access_log off; keepalive_requests 1000000000;\n{parts}\n"
        f"server {{ listen 127.0.0.1:{static}; location / {{ root {folder}/files; add_header Content-Encoding gzip;"
        f" default_type application/vnd.mapbox-vector-tile; }} }}\n{site}}}\n"
    )
    log = folder / "error.log"
    command = [program, "-p", str(folder), "-c", "nginx.conf", "-e", str(log)]
    with started(command, folder / "said.log", lambda: answers(shipped) and answers(static)) as process:
        wait(lambda: len(Process(process.pid).children) == 1, lambda: f"nginx has no worker: {log.read_text()}")
        [worker] = Process(process.pid).children
        yield Front(shipped, static, worker)


def ways(client: Client, front: Front, path: str) -> list[Way]:
    """The three ways, after a look whether all give the same bytes, and nginx without asking the platform."""
    platform = client.process()
    found = [
        Way("file", front.static, "/tile", front.worker),
        Way("through nginx", front.shipped, path, front.worker),
        Way("own", client.port, path, platform),
    ]
    contents = []
    for way in found:
        with Client(f"http://127.0.0.1:{way.port}") as other:
            contents.append(other.ask(way.path)[2])
    if len(set(contents)) != 1:
        sys.exit("The three ways do not give the same bytes.")

    def by_itself() -> bool:
        before = client.counted()
        with Client(f"http://127.0.0.1:{front.shipped}") as other:
            other.ask(path)
        return client.counted() == before

    wait(by_itself, lambda: f"nginx does not send {path} from the disk by itself")
    return found


def measured(
    found: list[Way], client: Client, rounds: int, seconds: float
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """By way, of each round: answers a second, and the cores that the server kept busy. The first round is not told."""
    rates: dict[str, list[float]] = {way.name: [] for way in found}
    busy: dict[str, list[float]] = {way.name: [] for way in found}
    for turn in range(rounds + 1):
        for way in found:
            asked, taken = client.counted(), way.process.busy_s
            answered = rate(way.port, way.path, seconds=seconds)
            if way.process != client.process() and client.counted() != asked:
                sys.exit(f"The platform was asked while {way.name} was measured.")
            if turn:
                rates[way.name].append(answered)
                busy[way.name].append((way.process.busy_s - taken) / seconds)
    return rates, busy


if __name__ == "__main__":
    sys.exit(main())
