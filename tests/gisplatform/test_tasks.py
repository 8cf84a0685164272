"""A job whose worker was killed is not lost."""

import signal
import subprocess
import sys
import time

import pytest

from tests.conftest import ROOT, City, connect

JOB = "gisplatform.tasks.clear_expired_sessions"


@pytest.mark.long
def test_a_job_left_by_a_killed_worker_runs_again(city: City):
    # Somebody holds the session table, so the job that cleans it has to wait in the middle of its work.
    with connect(city.database_url) as holder, holder.transaction():
        holder.execute("LOCK TABLE django_session IN ACCESS EXCLUSIVE MODE")
        city.manage("procrastinate", "defer", JOB, '{"timestamp": 0}')
        worker = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "procrastinate", "worker", "--one-shot"],
            env=city.environment,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for_status(city, "doing")
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
    assert status(city) == "doing"
    # A minute of silence passes, then the periodic job of another worker looks for what was left behind.
    with connect(city.database_url) as connection:
        connection.execute("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '2 minutes'")
    # It may be in the queue already: the killed worker put it there when the minute turned.
    city.manage("procrastinate", "defer", "gisplatform.tasks.take_up_abandoned_jobs", '{"timestamp": 0}', check=False)
    city.manage("procrastinate", "worker", "--one-shot")
    if status(city) == "todo":
        city.manage("procrastinate", "worker", "--one-shot")
    assert status(city) == "succeeded"


def status(city: City) -> str:
    [(found,)] = city.sql("SELECT status FROM procrastinate_jobs WHERE task_name = %s ORDER BY id DESC LIMIT 1", JOB)
    return found


def wait_for_status(city: City, wanted: str) -> None:
    deadline = time.monotonic() + 60
    while status(city) != wanted:
        assert time.monotonic() < deadline, status(city)
        time.sleep(0.1)
