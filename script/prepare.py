"""The Django part of a start, in one process because each costs seconds to begin; script/bootstrap calls it.

    prepare.py FIRST COUNT LOG [--demo] [--accounts FILE]

FIRST and COUNT number the steps that are printed, LOG takes what the commands print. --accounts writes the demo
accounts to FILE, for script/server to show at the very end.
"""

import argparse
import contextlib
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

import django
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Migrate, and make the demo city if it is asked for."""
    arguments = parsed_arguments()
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gisplatform.settings")
    with arguments.log.open("a", encoding="utf-8") as log:
        steps = Steps(arguments.first, arguments.count, log)
        steps.run("Migrations", lambda: migrate(log), "What the failed migration began was rolled back.")
        steps.run("Scripts and styles", lambda: compress_static(log), "They are served from the source folders.")
        if arguments.demo:
            steps.run("Demo city", lambda: make_demo_city(log), "script/server --no-demo starts without it.")
        if arguments.accounts:
            with arguments.accounts.open("w", encoding="utf-8") as accounts:
                call_command("demo_accounts", stdout=accounts)


def parsed_arguments() -> argparse.Namespace:
    """Where in the list of steps we are, and what is wanted."""
    parser = argparse.ArgumentParser()
    parser.add_argument("first", type=int)
    parser.add_argument("count", type=int)
    parser.add_argument("log", type=Path)
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--accounts", type=Path)
    return parser.parse_args()


class Steps:
    """Prints each step with its number, its time, and where it fails the end of the log and what to do."""

    def __init__(self, first: int, count: int, log: TextIO):
        self.number, self.count, self.log = first, count, log

    def run(self, title: str, work: Callable[[], None], hint: str) -> None:
        """Do one step; where it fails, this process ends with the hint."""
        print(f"[{self.number:2}/{self.count}] {title} … ", end="", flush=True)
        self.number += 1
        began = time.monotonic()
        try:
            with everything_into(self.log):
                work()
        except Exception as failure:  # whatever it is, the reader wants the sentence and the log has the rest
            traceback.print_exc(file=self.log)
            print(f"failed after {time.monotonic() - began:.1f} s", flush=True)
            print(f"    {type(failure).__name__}: {str(failure).strip()}", file=sys.stderr)
            sys.exit(f"{hint} The whole log: {self.log.name}")
        print(f"{time.monotonic() - began:.1f} s", flush=True)


@contextlib.contextmanager
def everything_into(log: TextIO) -> Iterator[None]:
    """Prints of whatever runs inside go to the log."""
    with contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
        yield


def migrate(log: TextIO) -> None:
    """Bring the tables up to date."""
    django.setup()
    call_command("migrate", interactive=False, stdout=log)


def compress_static(log: TextIO) -> None:
    """Make what browsers load as small as it gets; takes seconds once, then nothing."""
    call_command("compress_static", stdout=log)


def make_demo_city(log: TextIO) -> None:
    """Fill an empty register; one with parcels in it is left alone."""
    call_command("make_demo_city", if_empty=True, stdout=log)


if __name__ == "__main__":
    main()
