"""Answers that may be a little old."""

import time
from typing import Generic, TypeVar

Kept = TypeVar("Kept")


class ShortMemory(Generic[Kept]):
    """Keeps a bounded number of answers for a while, the oldest go first. Used from one event loop only."""

    def __init__(self, seconds: float, entries: int) -> None:
        self._seconds, self._entries = seconds, entries
        self._kept: dict[object, tuple[float, Kept]] = {}

    def __contains__(self, question: object) -> bool:
        kept = self._kept.get(question)
        return kept is not None and time.monotonic() - kept[0] < self._seconds

    def __getitem__(self, question: object) -> Kept:
        return self._kept[question][1]

    def __setitem__(self, question: object, answer: Kept) -> None:
        self._kept.pop(question, None)
        while len(self._kept) >= self._entries:
            self._kept.pop(next(iter(self._kept)))
        self._kept[question] = (time.monotonic(), answer)
