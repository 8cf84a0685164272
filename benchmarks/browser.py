"""A browser for benches: the machine's own Chromium with software WebGL, and the packages that only benches use."""

import asyncio
import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Browser, sync_playwright

from benchmarks.bench import ROOT

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",  # benches may run as root
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WINDOW = {"width": 1440, "height": 900}
_CHUNK = 65536


def node_packages() -> None:
    """Install what benchmarks/package.json names, where it is missing."""
    if not (ROOT / "benchmarks" / "node_modules" / "pmtiles").exists():
        command = ["npm", "ci", "--prefix", "benchmarks", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr)  # noqa: S603 - our own command


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, without any page yet."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Wire:
    """A counter between browser and server."""

    url: str
    received: int = 0  # bytes that came from the server, headers included


@contextlib.contextmanager
def counted(server_url: str) -> Iterator[Wire]:
    """Pass everything on to a server of loopback and count what comes back."""
    parts = urlsplit(server_url)
    wire = Wire("")
    loop = asyncio.new_event_loop()

    writers: set[asyncio.StreamWriter] = set()

    async def copy(source: asyncio.StreamReader, to: asyncio.StreamWriter, count: bool) -> None:
        writers.add(to)
        with contextlib.suppress(ConnectionError):
            while chunk := await source.read(_CHUNK):
                if count:
                    wire.received += len(chunk)
                to.write(chunk)
                await to.drain()
        to.close()

    async def connected(browser: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        server, ask = await asyncio.open_connection(parts.hostname, parts.port)
        await asyncio.gather(copy(browser, ask, False), copy(server, answer, True))

    async def listen() -> asyncio.Server:
        return await asyncio.start_server(connected, "127.0.0.1", 0)

    async def end() -> None:
        listener.close()
        for writer in writers:
            writer.close()
        while len(asyncio.all_tasks()) > 1:
            await asyncio.sleep(0.05)

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    listener = asyncio.run_coroutine_threadsafe(listen(), loop).result()
    wire.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield wire
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
