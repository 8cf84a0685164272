"""What benches share: a platform of their own, facts about the machine, a table, the last line of JSON, their document.

A bench is `benchmarks/bench_NAME.py` with `main()`; `script/bench NAME [arguments]` runs it as a module.
"""

import contextlib
import json
import os
import platform
import re
import secrets
import shlex
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import numpy as np
import psycopg
from django.conf import settings
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
# Where each bench writes its section; BENCH_DOCUMENT=/dev/null for a trial.
DOCUMENT = Path(os.environ.get("BENCH_DOCUMENT", ROOT / "docs" / "benchmarks.md"))
_PREFACE = """# Benchmarks

Written by `script/bench NAME`, each section by its own bench; a run replaces its section only. What is measured and how
stands at the top of `benchmarks/bench_NAME.py`.
"""


@dataclass(frozen=True)
class Measure:
    """One figure of a bench. With a limit, `ok` says whether it is kept; without one it is only told.

    value  None where it could not be measured here: a limit is then not kept
    """

    name: str
    value: float | None
    unit: str
    limit: float | None = None
    at_least: bool = False  # the limit is the least, and not the most, that the value may be

    @property
    def ok(self) -> bool:
        """On the right side of the limit."""
        if self.limit is None or self.value is None:
            return self.limit is None
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    @property
    def judged(self) -> str:
        """Whether the limit is kept, in words."""
        if self.value is None:
            return "not measured"
        return "" if self.limit is None else "met" if self.ok else "NOT met"

    @property
    def bound(self) -> str:
        """The limit as it is read."""
        return "" if self.limit is None else f"{'≥' if self.at_least else '≤'} {_cell(self.limit)}"


@dataclass(frozen=True)
class Table:
    """Figures behind the measures."""

    head: Sequence[str]
    rows: Sequence[Sequence[Any]]


def report(bench: str, measures: Sequence[Measure], server_version: str = "", *details: Table | str) -> int:
    """Print the figures and, last, the one line of JSON; write them down. Returns the exit code: 1 beyond a limit.

    details  tables and sentences that stand below the measures, here and in the document
    """
    head = ["measure", "value", "unit", "limit", ""]
    rows = [[m.name, "" if m.value is None else m.value, m.unit, m.bound, m.judged] for m in measures]
    for detail in details:
        if isinstance(detail, Table):
            table(detail.head, detail.rows)
        else:
            print(detail, end="\n\n")
    table(head, rows)
    found = machine(server_version)
    _write_down(bench, found, [Table(head, rows), *details])
    told = [
        {"name": m.name, "value": m.value and round(m.value, 4), "unit": m.unit, "limit": m.limit, "ok": m.ok}
        for m in measures
    ]
    print(json.dumps({"bench": bench, "machine": found, "measures": told}), flush=True)
    return 0 if all(measure.ok for measure in measures) else 1


def _write_down(bench: str, found: dict[str, Any], details: Sequence[Table | str]) -> None:
    """Put the bench's section into the document; those of other benches stay, in the order of their names."""
    parts = [
        f"## {bench}",
        f"`script/bench {shlex.join([bench, *sys.argv[1:]])}` on {date.today().isoformat()}: {found['processor']},"
        f" {found['cores']} cores, {found['memory_gb']} GB, {found['system']}, Python {found['python']},"
        f" PostgreSQL {found['postgresql'] or 'not used'}.",
    ]
    for detail in details:
        if isinstance(detail, str):
            parts.append(detail)
            continue
        lines = [detail.head, ["---"] * len(detail.head), *([_cell(cell) for cell in row] for row in detail.rows)]
        parts.append("\n".join(f"| {' | '.join(line)} |" for line in lines))
    before = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""
    sections = dict(re.findall(r"<!-- bench ([\w-]+) -->\n(.*?)\n<!-- end -->", before, re.DOTALL))
    sections[bench] = "\n\n".join(parts)
    written = [f"<!-- bench {name} -->\n{section}\n<!-- end -->\n" for name, section in sorted(sections.items())]
    DOCUMENT.write_text("\n".join([_PREFACE, *written]), encoding="utf-8")


def _cell(value: Any) -> str:
    if isinstance(value, int) or (isinstance(value, float) and abs(value) >= 1000):
        return f"{value:,.0f}"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows under a head; numbers stand at the right."""
    told = [[_cell(cell) for cell in row] for row in rows]
    widths = [max(len(line[at]) for line in [list(head), *told]) for at in range(len(head))]
    print("  ".join(title.ljust(width) for title, width in zip(head, widths, strict=True)).rstrip())
    for row, line in zip(rows, told, strict=True):
        cells = [
            text.rjust(width) if isinstance(cell, int | float) else text.ljust(width)
            for cell, text, width in zip(row, line, widths, strict=True)
        ]
        print("  ".join(cells).rstrip())
    print(flush=True)


def percentile(values: Sequence[float], percent: float) -> float:
    """The value below which that many per cent of the values lie."""
    return float(np.percentile(np.asarray(values, dtype=float), percent))


def machine(server_version: str = "") -> dict[str, Any]:
    """What the figures depend on: processor, memory, versions, and how busy the machine is otherwise."""
    processor = next(
        (line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.machine(),
    )
    memory_kb = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "memory_gb": round(memory_kb / 2**20, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "postgresql": server_version,
        "load_1min": round(os.getloadavg()[0], 2),
    }


def _lines(path: str) -> list[str]:
    with contextlib.suppress(OSError):
        return Path(path).read_text(encoding="utf-8").splitlines()
    return []


@dataclass(frozen=True)
class Platform:
    """A migrated, empty platform in a database of its own."""

    database: str
    database_url: str
    environment: dict[str, str]
    folder: Path

    def connect(self) -> psycopg.Connection:
        """A connection of the owner, outside Django; each statement commits."""
        return psycopg.connect(_conninfo(self.database_url), autocommit=True)

    def manage(self, *arguments: str) -> str:
        """Run one management command as the owner. Returns what it printed; it may take as long as it wants."""
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            env=self.environment, cwd=ROOT, check=False, text=True, capture_output=True,
        )  # fmt: skip
        if done.returncode:
            sys.exit(f"manage.py {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    @property
    def server_version(self) -> str:
        """The versions of PostgreSQL and PostGIS."""
        with self.connect() as connection:
            found = connection.execute("SELECT current_setting('server_version'), postgis_lib_version()").fetchone()
        assert found
        return f"{found[0].split()[0]}, PostGIS {found[1]}"

    @contextlib.contextmanager
    def served(self, **environment: str) -> Iterator[str]:
        """The platform behind a real web server on loopback, as script/server starts it. Yields its address."""
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = str(listener.getsockname()[1])
        log = self.folder / f"server-{port}.log"
        own = {"DATABASE_ROLE": "web", "DJANGO_SETTINGS_MODULE": "gisplatform.settings", **environment}
        with log.open("w") as output:
            process = subprocess.Popen(  # noqa: S603 - our own server
                [str(BIN / "granian"), "--interface", "asgi", "--http", "1", "--host", "127.0.0.1", "--port", port,
                 "gisplatform.asgi:application"],
                env={**self.environment, **own}, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_healthy(url, process, log)
            yield url
        finally:
            process.terminate()
            process.wait(20)

    @contextlib.contextmanager
    def worked(self) -> Iterator[None]:
        """The platform with its worker, as script/server starts it."""
        with (self.folder / "worker.log").open("w") as output:
            process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, str(ROOT / "manage.py"), "worker"],
                env={**self.environment, "DATABASE_ROLE": "worker"}, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        try:
            yield
        finally:
            process.kill()
            process.wait(20)


def _wait_until_healthy(url: str, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=5):  # noqa: S310 - our own server
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    sys.exit(f"The server did not start:\n{log.read_text()}")


@contextlib.contextmanager
def platform_of_its_own(bench: str, keep: str = "") -> Iterator[Platform]:
    """A platform in a new database that is dropped at the end.

    keep  a word, e.g. the number of parcels: the database then stays under that name and is taken up by the next
          call with the same word; whoever fills it looks first whether that was done
    """
    # Read from the environment by script/bench; nothing of Django's own connection is used here.
    template = settings.DATABASES["default"]["TEST"].get("TEMPLATE")
    name = f"bench_{bench}_{keep or f'{os.getpid()}_{secrets.token_hex(3)}'}"
    url = _url(name)
    with psycopg.connect(_conninfo(settings.DATABASE_URL), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            make = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
            if template:
                make += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
            connection.execute(make)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            environment = {**os.environ, "DATABASE_URL": url, "SECRET_KEY": settings.SECRET_KEY,
                           "PLATFORM_DATA": folder, "DATABASE_ROLE": "owner", "LANG": "C.UTF-8"}  # fmt: skip
            found = Platform(name, url, environment, Path(folder))
            found.manage("migrate", "--noinput")
            yield found
    finally:
        if not keep:
            with psycopg.connect(_conninfo(settings.DATABASE_URL), autocommit=True) as connection:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _url(database: str) -> str:
    """The owner's URL of another database in the same cluster."""
    parts = urlsplit(settings.DATABASE_URL)
    return urlunsplit((parts.scheme, parts.netloc, f"/{database}", parts.query, ""))


def _conninfo(url: str) -> str:
    """The same as libpq reads it: django's URLs escape the socket's folder."""
    parts = urlsplit(url)
    return f"postgresql://{parts.netloc}{parts.path}?{urlencode(dict(parse_qsl(parts.query)))}"
