"""Two imports at once, and a database that goes away half-way: real processes on a real database."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from importers.models import ImportIssue, ImportRun
from layers.parcels.models import Parcel
from tests.conftest import ROOT, connect, database_url
from tests.importers.conftest import columns, lots, write

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]
COUNT = 300


def start(*arguments: object) -> subprocess.Popen[str]:
    """An import in a process of its own, into the database of this test."""
    environment = {
        **os.environ,
        "LC_ALL": "C.UTF-8",
        "DATABASE_URL": database_url(connection.settings_dict["NAME"]),
        "DATABASE_ROLE": "owner",
        "SECRET_KEY": settings.SECRET_KEY,
    }
    return subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "import_parcels", *map(str, arguments), "--json"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.fixture
def outside():
    """A connection that Django knows nothing of."""
    with connect(database_url(connection.settings_dict["NAME"])) as other:
        yield other


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def waiting(outside: psycopg.Connection, kind: str) -> list[int]:
    """The database processes of this test's database that wait for a lock of a kind."""
    # Not by way of pg_stat_activity, which stands still inside a transaction.
    query = """
        SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
        WHERE NOT granted AND locktype = %s AND datname = current_database()
    """
    return [pid for (pid,) in outside.execute(query, [kind]).fetchall()]


def test_two_imports_of_one_file_at_once_take_every_parcel_once(outside, tmp_path):
    path = write(tmp_path / "a.gpkg", lots(COUNT), columns(COUNT))
    with outside.transaction():
        # Both are let go at the same moment.
        outside.execute("SELECT pg_advisory_xact_lock(5899001)")
        imports = [start(path), start(path)]
        until(lambda: len(waiting(outside, "advisory")) == 2)
    reports = []
    for process in imports:
        output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        reports.append(json.loads(output)["counts"])
    assert sorted(counts["new"] for counts in reports) == [0, COUNT]
    assert sorted(counts["unchanged"] for counts in reports) == [0, COUNT]
    assert Parcel.objects.count() == COUNT
    assert ImportRun.objects.count() == 2


def test_a_database_that_goes_away_half_way_keeps_nothing(outside, tmp_path):
    path = write(tmp_path / "a.gpkg", lots(COUNT), columns(COUNT))
    with outside.transaction():
        # All parcels are written by then; only the note about the run is missing.
        outside.execute("LOCK TABLE importers_importrun IN ACCESS EXCLUSIVE MODE")
        importing = start(path)
        until(lambda: waiting(outside, "relation"))
        [pid] = waiting(outside, "relation")
        outside.execute("SELECT pg_terminate_backend(%s)", [pid])
        output, errors = importing.communicate(timeout=60)
    assert importing.returncode == 5
    assert "The database does not answer; nothing was stored." in errors
    assert "Traceback" not in errors
    assert json.loads(output)["error"]["code"] == "unavailable"
    assert not Parcel.objects.exists()
    assert not ImportRun.objects.exists()
    assert not ImportIssue.objects.exists()
    # The next try is whole.
    again = start(path)
    output, errors = again.communicate(timeout=120)
    assert json.loads(output)["counts"]["new"] == COUNT, errors


def test_an_import_that_is_stopped_by_hand_keeps_nothing(outside, tmp_path):
    path = write(tmp_path / "a.gpkg", lots(COUNT), columns(COUNT))
    with outside.transaction():
        outside.execute("LOCK TABLE importers_importrun IN ACCESS EXCLUSIVE MODE")
        importing = start(path)
        until(lambda: waiting(outside, "relation"))
        importing.kill()
        importing.communicate(timeout=20)
    until(lambda: not Parcel.objects.exists())
    assert not ImportRun.objects.exists()
