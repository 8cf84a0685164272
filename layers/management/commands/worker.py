"""The worker process: jobs that wait in the database, and what is drawn from afar."""

from argparse import ArgumentParser
from threading import Event, Thread
from typing import Any

from django.core.management import call_command

from gisplatform.management.base import PlatformCommand
from layers.drawn.follower import follow


class Command(PlatformCommand):
    """`manage.py worker`: runs until it is stopped."""

    help = "Does the jobs that wait in the database, and keeps what is drawn from afar as the registers are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How long it may take to stop."""
        parser.add_argument("--shutdown-graceful-timeout", type=int, default=10, metavar="S", help="seconds for a job")

    def run(self, *args: Any, **options: Any) -> None:
        """Follow the registers beside the jobs, in a thread with a connection of its own."""
        stop = Event()
        beside = Thread(target=follow, args=[stop], daemon=True, name="levels")
        beside.start()
        try:
            call_command(
                "procrastinate", "worker", "--shutdown-graceful-timeout", str(options["shutdown_graceful_timeout"])
            )
        finally:
            stop.set()
            beside.join(timeout=5)
