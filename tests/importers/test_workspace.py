"""What a killed import leaves on the disk goes with the next one."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from importers.workspace import workspace

HOLD = "from importers.workspace import workspace\nwith workspace() as folder:\n    print(folder, flush=True); input()"


def old(folder):
    """Let a folder look an hour old."""
    os.utime(folder, (folder.stat().st_mtime - 3600,) * 2)


@pytest.fixture
def another(tmp_path, monkeypatch):
    """Another import at work, and its folder."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD], env={**os.environ, "TMPDIR": str(tmp_path)}, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        folder = Path(process.stdout.readline().strip())
        (folder / "rows.arrow").write_bytes(b"0")
        old(folder)
        yield process, folder
        process.kill()


def test_the_folder_of_a_killed_import_goes_and_that_of_a_living_one_stays(another, tmp_path):
    process, folder = another
    with workspace() as own:
        assert folder.is_dir()
    assert not own.exists()
    process.kill()
    process.wait()
    (tmp_path / "gisplatform-other").mkdir()
    (tmp_path / "gisplatform-import-link").symlink_to(tmp_path / "gisplatform-other")
    with workspace():
        assert not folder.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gisplatform-import-link", "gisplatform-other"]
