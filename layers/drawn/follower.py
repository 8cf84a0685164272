"""Keeps levels as the drawn rows are, for as long as the process lives: woken by the log of changes."""

import logging
from threading import Event

import psycopg
from django.db import Error, connection

from layers.drawn.following_levels import follow_up

logger = logging.getLogger(__name__)

# A day begins, or a notification is lost with its connection: looked at this often in any case.
POLL_S = 5
_AGAIN_S = 1.0


def follow(stop: Event) -> None:
    """Follow until `stop` is set. Whatever happens to the database or in a cell, it goes on when it can."""
    silent = False
    while not stop.is_set():
        try:
            with connection.cursor() as cursor:
                cursor.execute("LISTEN drawn")
            while not stop.is_set():
                follow_up()
                silent = False
                _wait(stop)
        except (Error, psycopg.Error) as exc:
            if not silent:
                logger.warning(
                    "What is seen from afar does not follow the registers until the database answers: %s", exc
                )
            silent = True
        except Exception:
            logger.exception("What is seen from afar was not built")
        finally:
            connection.close()
        stop.wait(_AGAIN_S)


def _wait(stop: Event) -> None:
    """Until a change is told of, or a look is due, or it is time to stop."""
    for _second in range(POLL_S):
        if stop.is_set() or any(True for _told in connection.connection.notifies(timeout=1, stop_after=1)):
            return
