"""Files from outside, read: each is opened in a closed process of its own, and what comes back is plain Arrow."""

import functools
import hashlib
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from importers.archives import SHAPEFILE_PARTS
from importers.formats.kinds import DRIVERS
from importers.refusals import refusal, shown
from importers.sandbox import Limits, quiet_environment

PROJECT = Path(__file__).resolve().parent.parent
WALL_CLOCK_S = 3600  # a reader that sleeps uses no CPU time


@dataclass(frozen=True)
class Wanted:
    """What to read: the table of column names, and what a person said about the file."""

    table: str  # rules/{table}.csv
    required: tuple[str, ...]
    chosen: Mapping[str, str]  # field → column
    layer: str | None = None
    encoding: str | None = None  # "auto": each column of text is judged by itself
    crs_given: bool = False  # or will be found later: a file that does not say is read all the same
    shape: str = "polygon"  # one of positions.TYPES


@dataclass(frozen=True)
class ReadFile:
    """A file that was read.

    `rows_path` is an Arrow file: one column per field, `boundary` (WKB), `fault`, and `raw_{field}` with the bytes of
    columns that were judged not to be UTF-8.
    """

    name: str  # as reports show it
    sha256: str
    format: str
    layer: str
    rows: int
    crs: str | None
    encoding: str
    columns: dict[str, str]
    personal: list[str]
    unused: list[str]
    texts: dict[str, dict[str, Any]]  # field → encodings.Judgement, where columns were judged
    remarks: dict[str, int]  # what was done to positions: arcs, made_of_lines, mended
    rows_path: Path

    def batches(self) -> pa.ipc.RecordBatchFileReader:
        """The rows, mapped into memory rather than loaded."""
        return pa.ipc.open_file(pa.memory_map(str(self.rows_path)))


@dataclass(frozen=True)
class Looked:
    """What a file holds. Where there are several layers, only their names are known: look again at one of them."""

    name: str
    layers: list[str]
    format: str = ""
    columns: dict[str, str] = field(default_factory=dict)  # field → column, as far as they were recognised
    personal: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    samples: dict[str, list[str | None]] = field(default_factory=dict)  # column → its first values; none of people
    crs: str | None = None
    encoding: str | None = None


def read(
    path: Path,
    wanted: Wanted,
    folder: Path,
    tell: Callable[[int], None],
    *,
    name: str | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> ReadFile:
    """Read one file in a closed process.

    name    what reports call the file, where its own name is not enough
    folder  an empty folder of ours, which must live as long as the rows are used
    tell    called with the number of rows read so far
    Raises InvalidInput with one sentence that says what is wrong with the file and what to do.
    """
    name = name or shown(path.name)
    request = {
        "path": str(path.resolve()),
        "folder": str(folder),
        "limits": asdict(limits),
        **asdict(wanted),
    }
    answer = _ask(request, tell)
    if "refused" in answer:
        raise refusal(name, answer["refused"]["code"], answer["refused"]["details"], limits)
    return ReadFile(name=name, sha256=checksum(path), rows_path=folder / "rows.arrow", **answer["read"])


def look(
    path: Path,
    wanted: Wanted,
    folder: Path,
    *,
    name: str | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Looked:
    """See in a closed process what a file holds, so that a person can say what to read. As `read` otherwise."""
    name = name or shown(path.name)
    request = {"path": str(path.resolve()), "folder": str(folder), "limits": asdict(limits), "look": True}
    answer = _ask(request | asdict(wanted), lambda rows: None)
    if "refused" in answer:
        raise refusal(name, answer["refused"]["code"], answer["refused"]["details"], limits)
    return Looked(name=name, **answer["looked"])


def checksum(path: Path) -> str:
    """SHA-256 of a file; of a shapefile or a FileGDB, of its parts one after the other."""
    parts = [path]
    if path.is_dir():
        parts = sorted(part for part in path.iterdir() if part.is_file())
    elif path.suffix.lower() == ".shp":
        beside = {other.suffix.lower(): other for other in path.parent.iterdir() if other.stem == path.stem}
        parts = [path] + [beside[suffix] for suffix in SHAPEFILE_PARTS[1:] if suffix in beside]
    digest = hashlib.sha256()
    for part in parts:
        with part.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


@functools.cache
def _other_drivers() -> str:
    """All of GDAL's drivers but ours, for GDAL_SKIP. Asked once; this process opens nothing with them."""
    listing = "import pyogrio, sys; sys.stdout.write(','.join(pyogrio.list_drivers()))"
    listed = subprocess.run(  # noqa: S603 - our own interpreter, our own words
        [sys.executable, "-c", listing], env=quiet_environment(str(PROJECT)), capture_output=True, text=True, check=True
    )
    return ",".join(driver for driver in listed.stdout.split(",") if driver not in DRIVERS)


def _ask(request: dict[str, Any], tell: Callable[[int], None]) -> dict[str, Any]:
    """One request to a new reading process, its answer, or what ended it."""
    with subprocess.Popen(
        [sys.executable, "-s", "-m", "importers.reader_process"],
        env={**quiet_environment(str(PROJECT)), "GDAL_SKIP": _other_drivers()},
        cwd=request["folder"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        late = threading.Timer(WALL_CLOCK_S, process.kill)
        complaints: list[str] = []
        listener = threading.Thread(target=lambda: complaints.extend(process.stderr or ()), daemon=True)
        late.start()
        listener.start()
        answer: dict[str, Any] = {}
        try:
            process.stdin.write(json.dumps(request))
            process.stdin.close()
            for line in process.stdout:
                if not line.startswith("{"):
                    continue  # a library's own words
                answer = json.loads(line)
                if "rows" in answer:
                    tell(answer["rows"])
        except BrokenPipeError:
            pass  # it died at once; the exit code says of what
        except BaseException:
            process.kill()  # Ctrl-C: leave nothing behind
            raise
        finally:
            late.cancel()
        process.wait()
        listener.join(timeout=5)
    if answer.keys() & {"read", "looked", "refused"}:
        return answer
    return {"refused": cause_of_death(process.returncode, "".join(complaints))}


def cause_of_death(exit_code: int, complaints: str) -> dict[str, Any]:
    """Why a reading process ended without an answer."""
    if exit_code == -signal.SIGXCPU or exit_code == -signal.SIGKILL:
        return {"code": "too_slow", "details": {}}
    starved = ("MemoryError", "bad_alloc", "Cannot allocate memory", "Memory allocation", "failed to map segment")
    if exit_code == -signal.SIGABRT or any(words in complaints for words in starved):
        return {"code": "too_large", "details": {}}
    if exit_code < 0:
        return {"code": "crashed", "details": {"reason": signal.Signals(-exit_code).name}}
    raise RuntimeError(f"the reading process failed:\n{complaints}")
