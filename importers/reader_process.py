"""The process that opens files from outside: `python -m importers.reader_process`, started by importers/readers.py.

It reads one request as JSON from standard input, shuts itself in, and writes JSON lines to standard output:
`{"rows": n}` while it goes, and last `{"read": {…}}` or `{"refused": {"code": …, "details": {…}}}`.
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
        answer({"refused": {"code": "not_isolated", "details": {}}})
        return
    # Only now: the libraries start threads, and these must be shut in too.
    from importers import opening

    answer(opening.serve(request, answer))


def answer(line: dict[str, Any]) -> None:
    """One line to the process that asked."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
