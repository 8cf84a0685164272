"""What a data set holds once it is open: its columns, and its rows as Arrow with positions as WKB."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import shapely

BATCH_ROWS = 16_384
# Positions that cannot be handed on, as WKB that says only what they are.
UNREADABLE = b"\1"
UNEVEN = b"\2"  # not of WKB: the row of a table has more cells than there are names
CURVED = b"\1\x0a\0\0\0"
COLLECTION = shapely.to_wkb(shapely.GeometryCollection([shapely.Point(0, 0)]))


class Refused(Exception):
    """The file is not taken: a code, and the details that its sentence needs."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code, self.details = code, details


@dataclass(frozen=True)
class Contents:
    """An open data set.

    layer     what it calls itself
    columns   names of its columns, as letters
    crs       what it says about its coordinate system: a code, WKT or PROJ text
    rows      called with positions of columns: batches of these columns in this order, and last the positions as WKB
    carrier   texts hold bytes, one Latin-1 letter for each
    encoding  what it says about the encoding of its texts, as a codec
    remarks   counts of what was done to shapes while they were read; complete once all rows were read
    """

    layer: str
    columns: list[str]
    crs: str | None
    rows: Callable[[list[int]], Iterator[pa.RecordBatch]]
    carrier: bool = False
    encoding: str | None = None
    remarks: dict[str, int] = field(default_factory=dict)


def batch(columns: Sequence[pa.Array], wkb: pa.Array) -> pa.RecordBatch:
    """One batch: the asked columns, then positions. Names do not matter."""
    return pa.RecordBatch.from_arrays([*columns, wkb], names=[*(str(n) for n in range(len(columns))), "wkb"])


def wkb_of(shapes: np.ndarray) -> pa.Array:
    """Shapely geometries, None among them, as WKB."""
    return pa.array(shapely.to_wkb(shapes, byte_order=1), pa.binary())


def the_layer(layers: list[str], wanted: str | None) -> str:
    """The one layer with positions, or the one that is wanted. Raises Refused."""
    if wanted is not None:
        if wanted not in layers:
            raise Refused("no_such_layer", layer=wanted, layers=layers)
        return wanted
    if not layers:
        raise Refused("no_geometry")
    if len(layers) > 1:
        raise Refused("several_layers", layers=layers)
    return layers[0]
