"""A temporary folder for one import, and the removal of those that killed imports left behind."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "gisplatform-import-"
YOUNG_S = 60  # may be a folder that is just being made, and not locked yet


@contextmanager
def workspace() -> Iterator[Path]:
    """An empty folder that goes when the import ends. What a killed import left goes first."""
    _remove_leftovers(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder:
        # The lock goes with the process, however it ends, and holds between containers that share the folder.
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield Path(folder)
        finally:
            os.close(lock)


def _remove_leftovers(parent: Path) -> None:
    """Remove our own folders that no process holds; whatever cannot be removed stays."""
    for folder in parent.glob(PREFIX + "*"):
        try:
            held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue  # gone meanwhile, or not ours to open
        try:
            about = os.fstat(held)
            if about.st_uid != os.getuid() or time.time() - about.st_mtime < YOUNG_S:
                continue
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            continue  # an import is at work there
        finally:
            os.close(held)
