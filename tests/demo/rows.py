"""A city whose rows go nowhere but into a list, so that tests can look at all that would be written."""

from collections import defaultdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from demo.city import City, draw_city, draw_part
from demo.names import ORGANISATIONS
from demo.registers.desk import Desk, Register

TODAY = date(2026, 11, 22)
ORIGIN = (526_000.0, 1_764_000.0)


class Kept:
    """A sink that keeps what it is given: by model, one array a column."""

    def __init__(self) -> None:
        self.written: dict[type, list[dict[str, Any]]] = defaultdict(list)
        self.next = 1

    def identities(self, count: int) -> np.ndarray:
        self.next += count
        return np.arange(self.next - count, self.next)

    def write(self, model: type, columns: dict[str, Any]) -> int:
        count = max(len(values) for values in columns.values() if isinstance(values, np.ndarray))
        full = {
            name: values if isinstance(values, np.ndarray) else np.full(count, values, dtype=object)
            for name, values in columns.items()
        }
        assert {len(values) for values in full.values()} == {count}
        self.written[model].append(full)
        return count

    def raster(self, file: Path, kind: str, today: date) -> None:
        raise AssertionError("no raster is expected here")

    def rows(self, model: type, **wanted: Any) -> dict[str, np.ndarray]:
        """All rows of a model whose columns have these values."""
        parts = self.written[model]
        rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        chosen = np.ones(len(rows["identity"]), dtype=bool)
        for name, value in wanted.items():
            chosen &= rows[name] == value
        return {name: values[chosen] for name, values in rows.items()}


def written(parcels: int, seed: int, *registers: Register, sink: Kept | None = None) -> tuple[City, Kept]:
    """A city and what some registers of it are."""
    city, kept = draw_city(parcels, seed, ORIGIN, TODAY), sink or Kept()
    owners = {code: number for number, code in enumerate(ORGANISATIONS)}
    desk = Desk(kept, city, owners, datetime.combine(TODAY, datetime.min.time(), tzinfo=UTC), TODAY)
    for register in registers:
        register.city(desk)
    for number in range(city.parts):
        part = draw_part(city, number)
        for register in registers:
            register.part(desk, part)
    for register in registers:
        register.end(desk)
    return city, kept
