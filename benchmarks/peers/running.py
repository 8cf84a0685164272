"""The peers, each one process like ours, on the same rows: how each is started, and where it has its tiles."""

import contextlib
import os
import shutil
import subprocess
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import Platform
from benchmarks.bench_tiles import columns_of, libpq
from benchmarks.load import Tile
from benchmarks.peers.environment import programs, version
from benchmarks.servers import PATHS, answers, free_port, nginx, started

_FILES = Path(__file__).parent
_UVICORN = ["--host", "127.0.0.1", "--no-access-log", "--log-level", "warning", "--port"]
_NO_CAP = "1000000000"


@dataclass(frozen=True)
class Running:
    """A server of tiles of parcels.

    name, told  which one, and how it is set up
    measure     whose figure it gives: of several ways to run a peer the fastest counts
    address     where it has a tile
    keeps       whether it keeps tiles once drawn; clear makes it forget them
    """

    name: str
    measure: str
    told: str
    port: int
    address: Callable[[Tile], str]
    keeps: bool = False
    clear: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Missing:
    """A peer that cannot be run here, and what to install for it."""

    measure: str
    reason: str


@contextlib.contextmanager
def peers(own: Platform) -> Iterator[list[Running | Missing]]:
    """All of them, running. own: has raw_parcels and raw_parcels_lonlat."""
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(_tipg(own)),
            *stack.enter_context(_django(own)),
            *stack.enter_context(_tilekiln(own)),
            stack.enter_context(_mapserver(own)),
        ]


def _database(own: Platform) -> dict[str, str]:
    return {**libpq(own.database_url), "PGDATABASE": own.database}


def _folder(own: Platform, name: str) -> Path:
    folder = own.folder / name
    folder.mkdir()
    return folder


@contextlib.contextmanager
def _tipg(own: Platform) -> Iterator[Running]:
    port, folder, database = free_port(), _folder(own, "tipg"), _database(own)
    host = urllib.parse.quote(database.get("PGHOST", "localhost"), safe="")  # a folder where it is a socket
    login = ":".join(
        urllib.parse.quote(database[name], safe="") for name in ("PGUSER", "PGPASSWORD") if name in database
    )
    environment = {
        "DATABASE_URL": f"postgresql://{login}@{host}:{database.get('PGPORT', '5432')}/{own.database}",
        "TIPG_MAX_FEATURES_PER_TILE": _NO_CAP,
        "TIPG_TILE_BUFFER": "64",
        "TIPG_DB_TABLES": '["public.raw_parcels"]',
        "TIPG_CATALOG_TTL": "0",
        "TIPG_DB_MIN_CONN_SIZE": "8",
    }
    command = [programs() / "uvicorn", "tipg.main:app", *_UVICORN, str(port)]
    with started(command, folder / "log", lambda: answers(port), environment):
        yield Running(
            "tipg", "tipg", f"tipg {version('tipg')} under uvicorn, gzip, no cache", port,
            lambda tile: f"/collections/public.raw_parcels/tiles/WebMercatorQuad/{'/'.join(map(str, tile))}",
        )  # fmt: skip


@contextlib.contextmanager
def _django(own: Platform) -> Iterator[list[Running]]:
    """Both Django peers, each in a process of its own."""
    environment = {**_database(own), "PEER_COLUMNS": ",".join(columns_of(own, "parcels")), "PYTHONPATH": str(_FILES)}
    found = []
    with contextlib.ExitStack() as stack:
        for measure, package, address in (
            ("django_vectortiles", "django-vectortiles", lambda tile: f"/vectortiles/{'/'.join(map(str, tile))}"),
            ("drf_mvt", "djangorestframework-mvt", lambda tile: f"/drf?tile={'/'.join(map(str, tile))}"),
        ):
            port = free_port()
            command = [
                programs() / "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "8",
                "--no-ws", "--log-level", "warning", "--host", "127.0.0.1", "--port", str(port),
                "django_site:application",
            ]  # fmt: skip
            log = _folder(own, measure) / "log"
            stack.enter_context(started(command, log, lambda at=port: answers(at), environment))  # type: ignore[misc]
            told = f"{package} {version(package)} under granian (8 threads), uncompressed, no cache"
            found.append(Running(measure, measure, told, port, address))
        yield found


@contextlib.contextmanager
def _tilekiln(own: Platform) -> Iterator[list[Running]]:
    """Its server that draws only, and the one that stores what it drew."""
    folder, database = _folder(own, "tilekiln"), _database(own)
    columns = ", ".join(f'"{name}"' for name in columns_of(own, "parcels"))
    for name in ("tilekiln.yaml", "tilekiln.sql.jinja2"):
        (folder / name).write_text((_FILES / name).read_text().replace("COLUMNS", columns))
    config = str(folder / "tilekiln.yaml")
    environment = {**database, "TILEKILN_CONFIG": config, "TILEKILN_ID": "parcels", "TILEKILN_THREADS": "1",
                   "TILEKILN_URL": "http://127.0.0.1"}  # fmt: skip
    with own.connect() as connection, contextlib.ExitStack() as stack:
        connection.execute("DROP SCHEMA IF EXISTS tilekiln CASCADE")
        stack.callback(connection.execute, "DROP SCHEMA IF EXISTS tilekiln CASCADE")
        init = [programs() / "tilekiln", "storage", "init", "--config", config]
        _run(init, environment)
        found = []
        for name, app, keeps in (
            ("tilekiln dev", "tilekiln.dev:dev", False),
            ("tilekiln live", "tilekiln.server:live", True),
        ):
            port = free_port()
            command = [programs() / "uvicorn", app, *_UVICORN, str(port)]
            log = folder / f"{name.replace(' ', '-')}.log"
            stack.enter_context(started(command, log, lambda at=port: answers(at), environment))  # type: ignore[misc]
            kept = "a storage database" if keeps else "no storage"
            told = f"{name} {version('tilekiln')} under uvicorn, uncompressed, {kept}"

            def clear(keeps: bool = keeps) -> None:
                if keeps:
                    connection.execute("TRUNCATE tilekiln.parcels")

            found.append(
                Running(
                    name, "tilekiln", told, port, lambda tile: f"/parcels/{'/'.join(map(str, tile))}.mvt", keeps, clear
                )
            )
        yield found


@contextlib.contextmanager
def _mapserver(own: Platform) -> Iterator[Running | Missing]:
    """MapServer as FastCGI, with nginx in front of it: one worker of nginx costs a small part of a drawn tile."""
    mapserv, spawn, front = shutil.which("mapserv", path=PATHS), shutil.which("spawn-fcgi", path=PATHS), nginx()
    if not (mapserv and spawn and front):
        yield Missing("mapserver", "MapServer is not installed: apt-get install cgi-mapserver spawn-fcgi nginx-light")
        return
    port, folder, database = free_port(), _folder(own, "mapserver"), _database(own)
    words = {"dbname": "PGDATABASE", "host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    replaced = {
        "CONNECTION_WORDS": " ".join(f"{word}={database[name]}" for word, name in words.items() if name in database),
        "COLUMNS": ",".join(columns_of(own, "parcels")),
        "FOLDER": str(folder),
        "PORT": str(port),
        # Whoever runs the bench is whom the files belong to.
        "USER": "user root;" if os.geteuid() == 0 else "",
    }
    for source, target in (("mapserver.map", "parcels.map"), ("mapserver.conf", "mapserver.conf"),
                           ("nginx.conf", "nginx.conf")):  # fmt: skip
        text = (_FILES / source).read_text()
        for word, value in replaced.items():
            text = text.replace(word, value)
        (folder / target).write_text(text)
    socket = folder / "socket"
    environment = {**database, "MAPSERVER_CONFIG_FILE": str(folder / "mapserver.conf")}
    # -n: it stays the process that was started.
    with (
        started([spawn, "-n", "-s", socket, "--", mapserv], folder / "log", socket.exists, environment),
        started([front, "-p", folder, "-c", "nginx.conf", "-e", folder / "nginx.log"], folder / "nginx.said",
                lambda: answers(port)),
    ):  # fmt: skip
        said = subprocess.run([mapserv, "-v"], capture_output=True, text=True, check=False).stdout  # noqa: S603 - as found
        told = f"{' '.join(said.split()[:3])} (FastCGI, one process) behind nginx, uncompressed, no cache"
        yield Running("mapserver", "mapserver", told, port, lambda tile: f"/{'/'.join(map(str, tile))}")


def _run(command: Sequence[object], environment: dict[str, str]) -> None:
    subprocess.run(  # noqa: S603 - our own command
        [str(word) for word in command], check=True, capture_output=True, env={**os.environ, **environment}
    )
