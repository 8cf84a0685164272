"""How far a build is, told now and then in one line."""

import time
from collections.abc import Callable

from django.utils.translation import gettext as _

_EVERY_S = 5.0


class Progress:
    """Counts places done against how many there will be, which a build learns as it goes."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._done, self._expected, self._zoom = 0, 0.0, 0
        self._began = self._told = time.monotonic()
        self._begun_with = 0

    def zoom(self, z: int, skipped: int, to_do: int, later: float) -> None:
        """A zoom begins. skipped: done before a kill; later: about how many places the zooms after it have."""
        self._zoom = z
        self._done += skipped
        self._begun_with += skipped
        self._expected = self._done + to_do + later

    def add(self, places: int) -> None:
        """So many more are done."""
        self._done += places
        now = time.monotonic()
        if now - self._told >= _EVERY_S:
            self._told = now
            pace = (self._done - self._begun_with) / (now - self._began)
            self._say(
                _("zoom %(zoom)d, %(done)s places done, about %(share).0f %%, %(left)s left")
                % {
                    "zoom": self._zoom,
                    "done": f"{self._done:,}",
                    "share": min(99, 100 * self._done / max(self._expected, 1)),
                    "left": _duration(max(0, self._expected - self._done) / max(pace, 1e-9)),
                }
            )


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"
