"""What the tile server counts, in the text format of Prometheus 0.0.4."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

SOURCES = ("memory", "disk", "drawn", "shared")  # where a tile was
# Upper ends, seconds: of the time that a tile takes from the question to the database up to the compressed content.
_WITHIN_S = (0.005, 0.02, 0.1, 0.5, 2.0)


@dataclass
class Counts:
    """Of one layer at one zoom."""

    found: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SOURCES, 0))
    bytes: int = 0
    draws: int = 0
    draw_s: float = 0.0
    within: list[int] = field(default_factory=lambda: [0] * len(_WITHIN_S))

    def drew(self, seconds: float) -> None:
        """A tile was drawn."""
        self.draws += 1
        self.draw_s += seconds
        for at, most in enumerate(_WITHIN_S):
            self.within[at] += seconds <= most


class Metrics:
    """The counts of one process."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, int], Counts] = {}
        self.errors: dict[int, int] = {}

    def of(self, layer: str, z: int) -> Counts:
        """The counts of a layer at a zoom."""
        counts = self._counts.get((layer, z))
        if counts is None:
            counts = self._counts[layer, z] = Counts()
        return counts

    def error(self, status: int) -> None:
        """A question was answered with an error."""
        self.errors[status] = self.errors.get(status, 0) + 1

    def text(self, gauges: Mapping[str, tuple[str, float]]) -> str:
        """All of it. gauges: name → what it is, value."""
        every = sorted(self._counts.items())
        lines = [
            *_family("tiles_requests_total", "counter", "Tiles given, by where they were.",
                     ((f'{_at(key)},source="{source}"', n) for key, of in every for source, n in of.found.items())),
            *_family("tiles_sent_bytes_total", "counter", "Compressed bytes of the tiles given.",
                     ((_at(key), of.bytes) for key, of in every)),
            *_family("tiles_errors_total", "counter", "Questions answered with an error.",
                     ((f'status="{status}"', n) for status, n in sorted(self.errors.items()))),
            "# HELP tiles_draw_seconds Time from asking the database to the compressed tile.",
            "# TYPE tiles_draw_seconds histogram",
        ]  # fmt: skip
        for key, of in every:
            buckets = zip([*_WITHIN_S, "+Inf"], [*of.within, of.draws], strict=True)
            lines += [_line("tiles_draw_seconds_bucket", f'{_at(key)},le="{most}"', n) for most, n in buckets]
            lines.append(_line("tiles_draw_seconds_sum", _at(key), round(of.draw_s, 6)))
            lines.append(_line("tiles_draw_seconds_count", _at(key), of.draws))
        for name, (what, value) in gauges.items():
            lines += _family(name, "gauge", what, [("", value)])
        return "\n".join(lines) + "\n"


def _at(key: tuple[str, int]) -> str:
    return f'layer="{key[0]}",zoom="{key[1]}"'


def _family(name: str, kind: str, what: str, values: Iterable[tuple[str, float]]) -> list[str]:
    return [f"# HELP {name} {what}", f"# TYPE {name} {kind}", *(_line(name, labels, value) for labels, value in values)]


def _line(name: str, labels: str, value: float) -> str:
    # Each process counts for itself, and a question reaches one of them.
    return f'{name}{{{labels}{"," if labels else ""}process="{os.getpid()}"}} {value}'
