"""Other servers that benches start on loopback, and waiting for them."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

PATHS = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/lib/cgi-bin"


def nginx() -> str | None:
    """Debian's nginx, or another one that NGINX_PROGRAM names."""
    return os.environ.get("NGINX_PROGRAM") or shutil.which("nginx", path=PATHS)


@contextlib.contextmanager
def started(
    command: Sequence[object], log: Path, ready: Callable[[], bool], environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen]:
    """A server that runs until the end. Ends the bench, with what the server said, if it does not get ready."""
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603 - as its bench names it
            [str(word) for word in command],
            env={**os.environ, **(environment or {})}, cwd=log.parent, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        wait(lambda: process.poll() is not None or ready(), lambda: f"{command[0]} did not start: {log.read_text()}")
        if process.poll() is not None:
            sys.exit(f"{command[0]} did not start: {log.read_text()}")
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def answers(port: int) -> bool:
    """Whether somebody listens."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def wait(true: Callable[[], bool], failure: Callable[[], str], seconds: float = 20) -> None:
    """Wait for something that has to come; end the bench if it does not."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            sys.exit(failure())
        time.sleep(0.1)
