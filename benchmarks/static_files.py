"""A server of plain files with range requests, as any web host has it: what the tile server is compared with.

An ASGI application for the same Granian that serves the platform, so that only the tiles differ. FILES is the folder.
"""

import os
import re
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

_FOLDER = Path(os.environ.get("FILES", ".")).resolve()
_TYPES = {".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css",
          ".json": "application/json", ".woff2": "font/woff2"}  # fmt: skip
_RANGE = re.compile(r"bytes=(\d+)-(\d+)")

Message = MutableMapping[str, Any]


async def application(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """One file, or the part of it that is asked for."""
    if scope["type"] == "lifespan":
        for step in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{step}.complete"})
        return
    path = _FOLDER / scope["path"].lstrip("/")
    if not path.is_file():
        await answer(send, 404, [], b"")
        return
    size = path.stat().st_size
    kind = _TYPES.get(path.suffix, "application/octet-stream")
    headers = [("content-type", kind), ("accept-ranges", "bytes"), ("etag", f'"{size}"')]
    asked = _RANGE.fullmatch(dict(scope["headers"]).get(b"range", b"").decode("latin-1"))
    first, last = (int(asked[1]), min(int(asked[2]), size - 1)) if asked else (0, size - 1)
    with path.open("rb") as file:
        file.seek(first)
        content = file.read(last - first + 1)
    if asked:
        headers.append(("content-range", f"bytes {first}-{last}/{size}"))
    await answer(send, 206 if asked else 200, headers, content)


async def answer(
    send: Callable[[Message], Awaitable[None]], status: int, headers: list[tuple[str, str]], content: bytes
) -> None:
    """Send one answer."""
    told = [*headers, ("content-length", str(len(content)))]
    start = {"type": "http.response.start", "status": status}
    await send({**start, "headers": [(name.encode(), value.encode()) for name, value in told]})
    await send({"type": "http.response.body", "body": content})
