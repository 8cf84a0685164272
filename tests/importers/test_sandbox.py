"""The process that opens files: it reaches nobody, starts nothing, and ends when it takes too much."""

import contextlib
import json
import socket
import subprocess
import sys
import threading

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gisplatform.errors import InvalidInput
from importers import positions
from importers.detection import Refused, format_of
from importers.formats.kinds import BY_NAME as FORMATS
from importers.readers import Wanted, read
from importers.sandbox import Limits, quiet_environment
from tests.conftest import ROOT
from tests.importers.conftest import columns, feature, geojson, lot, lots, write

WANTED = Wanted("parcel_columns", ("sheet", "number"), {})


def shut_in(program: str) -> str:
    """What a program prints that has shut itself in first."""
    done = subprocess.run(
        [sys.executable, "-c", f"from importers import sandbox; sandbox.enter(sandbox.Limits())\n{program}"],
        env=quiet_environment(str(ROOT)), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.socket(socket.AF_INET)",
        "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
        "socket.socket(socket.AF_UNIX)",
        "socket.create_connection(('127.0.0.1', 9))",
        "subprocess.run(['/bin/true'])",
        "os.execv('/bin/true', ['true'])",
    ],
)
def test_it_makes_no_socket_and_starts_no_program(attempt):
    program = f"import os, socket, subprocess\ntry: {attempt}\nexcept PermissionError: print('refused')"
    assert shut_in(program) == "refused"


def test_threads_that_start_later_are_shut_in_too():
    program = (
        "import socket, threading\n"
        "def attempt():\n"
        "    try: socket.socket()\n"
        "    except PermissionError: print('refused')\n"
        "thread = threading.Thread(target=attempt); thread.start(); thread.join()"
    )
    assert shut_in(program) == "refused"


def test_it_knows_no_secret():
    assert "SECRET" not in shut_in("import os; print(sorted(os.environ))")
    environment = quiet_environment(str(ROOT))
    assert not {"DATABASE_URL", "SECRET_KEY", "HOME"} & set(environment)


def test_a_linked_coordinate_system_is_refused_and_nobody_is_called(tmp_path):
    calls = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        server.settimeout(10)

        def listen():
            try:
                calls.append(server.accept())
            except OSError:
                return

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        href = f"http://127.0.0.1:{port}/crs"
        for number, crs in enumerate(
            [
                {"type": "link", "properties": {"href": href, "type": "ogcwkt"}},
                {"properties": {"href": href}, "type": "link"},
                {"type": "name", "properties": {"name": href}},
            ]
        ):
            path = geojson(tmp_path / f"{number}.geojson", feature(lot()), crs=crs)
            folder = tmp_path / str(number)
            folder.mkdir()
            if number < 2:
                with pytest.raises(InvalidInput, match="a link, which is never followed"):
                    read(path, WANTED, folder, lambda rows: None)
            else:
                assert read(path, WANTED, folder, lambda rows: None).crs == href
        escaped = (tmp_path / "0.geojson").read_text().replace('"crs"', '"\\u0063rs"').replace('"link"', '"l\\u0069nk"')
        (tmp_path / "escaped.geojson").write_text(escaped)
        with pytest.raises(InvalidInput, match="never followed"):
            read(tmp_path / "escaped.geojson", WANTED, tmp_path, lambda rows: None)
    assert not calls


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        (Limits(cpu_s=1), "more than 1 seconds"),
        (Limits(file_mb=1), "more than is allowed"),
        (Limits(memory_mb=600), "more than is allowed"),
    ],
)
def test_a_file_that_takes_too_much_ends_its_reader(tmp_path, limits, sentence):
    path = tmp_path / "large.geojson"
    one, large = json.dumps(feature(lot())), json.dumps(feature(lot(), SoTo="x" * (9 << 20)))
    path.write_text('{"type":"FeatureCollection","features":[' + ",".join([one] * 30_000 + [large] * 15) + "]}")
    folder = tmp_path / "rows"
    folder.mkdir()
    with pytest.raises(InvalidInput, match=sentence):
        read(path, WANTED, folder, lambda rows: None, limits=limits)


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """Good files of each format, to be damaged."""
    folder = tmp_path_factory.mktemp("samples")
    return [
        geojson(folder / "a.geojson", feature(lot()), feature(lot(1), SoThua=2)).read_bytes(),
        write(folder / "b.gpkg", lots(), columns()).read_bytes(),
        write(folder / "c.shp", lots(), columns()).read_bytes(),
        write(folder / "d.shp", lots(), columns()).with_suffix(".dbf").read_bytes(),
    ]


@pytest.mark.long
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    which=st.integers(0, 3),
    wounds=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=12)), max_size=6),
    cut=st.floats(0.2, 1),
)
def test_a_damaged_file_is_read_or_refused_but_never_a_fault_of_ours(tmp_path_factory, samples, which, wounds, cut):
    damaged = bytearray(samples[which])
    for place, bytes_ in wounds:
        start = int(place * (len(damaged) - 1))
        damaged[start : start + len(bytes_)] = bytes_
    damaged = damaged[: max(1, int(len(damaged) * cut))]
    folder = tmp_path_factory.mktemp("damaged")
    (folder / "rows").mkdir()
    path = folder / "a.shp"
    if which == 3:
        path.write_bytes(samples[2])
        path.with_suffix(".dbf").write_bytes(damaged)
    else:
        path.write_bytes(damaged)
    for part in (".shx", ".prj", ".dbf"):
        other = path.with_suffix(part)
        if not other.exists():
            other.write_bytes(b"\0" * 100)
    with contextlib.suppress(InvalidInput):  # any other exception is a fault of ours
        found = read(path, WANTED, folder / "rows", lambda rows: None)
        batches = found.batches()
        assert sum(batches.get_batch(n).num_rows for n in range(batches.num_record_batches)) == found.rows


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_some_format_or_none(start):
    with contextlib.suppress(Refused):
        assert format_of(start) in FORMATS


def test_numbers_of_shapes_survive_both_byte_orders():
    shapes = np.array(
        [shapely.box(0, 0, 1, 1), shapely.Point(1, 1), shapely.from_wkt("POLYGON Z ((0 0 1,1 0 1,1 1 1,0 0 1))")]
    )
    for order in (0, 1):
        boundary, fault = positions.plain(
            pa.array([*shapely.to_wkb(shapes, byte_order=order), b"", b"\1"], pa.binary())
        )
        assert fault.to_pylist() == [None, "type:0", None, "unreadable", "unreadable"]
        assert shapely.from_wkb(boundary[0].as_py()) == shapes[0]
