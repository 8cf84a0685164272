"""The process that opens rasters from outside: `python -m importers.raster_process`, started by importers/rasters.py.

It reads one request as JSON from standard input, shuts itself in, and writes its answer as one JSON line.
"""

import json
import sys
from typing import Any

from importers import sandbox


def main() -> None:
    """Serve one request."""
    request: dict[str, Any] = json.load(sys.stdin)
    try:
        sandbox.enter(sandbox.Limits(**request["limits"]))
    except sandbox.NotIsolated:
        answer = {"refused": {"code": "not_isolated", "details": {}}}
    else:
        # Only now: the libraries start threads, and these must be shut in too.
        from importers import raster_conversion

        answer = raster_conversion.serve(request)
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
