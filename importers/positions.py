"""Positions as WKB, checked and made plain. Pure."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from importers.formats.contents import UNEVEN

# What a kind of record takes: shapely's numbers of geometry types.
TYPES = {"polygon": (3, 6), "line": (1, 5), "point": (0, 4)}
_CURVES = range(8, 15)  # WKB: circular strings to surfaces


def plain(wkb: pa.Array, shape: str = "polygon") -> tuple[pa.Array, pa.Array]:
    """Two-dimensional WKB of what is of one of TYPES, single or multiple, and for every other row what is wrong."""
    raw = wkb.to_numpy(zero_copy_only=False)
    there = wkb.is_valid().to_numpy(zero_copy_only=False)
    kind = _wkb_kind(wkb)
    curved = np.isin(kind, list(_CURVES))
    shapes = shapely.force_2d(shapely.from_wkb(np.where(there & ~curved, raw, None), on_invalid="ignore"))
    read_kind = shapely.get_type_id(shapes)
    wanted = np.isin(read_kind, TYPES[shape])
    finite = np.ones(len(shapes), dtype=bool)
    coordinates, row = shapely.get_coordinates(shapes, return_index=True)
    finite[row[~np.isfinite(coordinates).all(axis=1)]] = False
    for unreadable in np.flatnonzero(there & ~curved & (read_kind < 0)):
        finite[unreadable] = not _not_finite(raw[unreadable])
    uneven = pc.fill_null(pc.equal(wkb, pa.scalar(UNEVEN, wkb.type)), False).to_numpy(zero_copy_only=False)
    fault = np.select(
        [
            uneven,
            ~there | (shapely.is_empty(shapes) & (read_kind >= 0)),
            curved,
            ~finite,
            read_kind < 0,
            ~wanted,
        ],
        ["uneven", "missing", "curved", "not_finite", "unreadable", np.char.add("type:", read_kind.astype(str))],
        default="",
    )
    good = fault == ""
    boundary = shapely.to_wkb(np.where(good, shapes, None), byte_order=1)
    return pa.array(boundary, pa.binary()), pa.array(fault, pa.string(), mask=good)


def _wkb_kind(wkb: pa.Array) -> np.ndarray:
    """(n,) the geometry kind in each WKB's header, without its Z and M marks; 0 where there is none."""
    start = pc.fill_null(pc.binary_slice(wkb, 0, 5), b"")
    whole = pc.if_else(pc.equal(pc.binary_length(start), 5), start, pa.scalar(b"\0" * 5)).cast(pa.binary(5))
    header = np.frombuffer(whole.buffers()[1], dtype=np.uint8)[: 5 * len(whole)].reshape(-1, 5)
    number = np.ascontiguousarray(header[:, 1:])
    kind = np.where(header[:, 0] == 1, number.view("<u4")[:, 0], number.view(">u4")[:, 0])
    return (kind & 0x1FFFFFFF) % 1000


def _not_finite(wkb: bytes) -> bool:
    """Whether an unreadable shape has NaN or infinity in it: all bits of a double's exponent are then set."""
    words = np.frombuffer(wkb[1 : 1 + len(wkb[1:]) // 4 * 4], dtype="<u4" if wkb[:1] == b"\1" else ">u4")
    return bool(((words & 0x7FF00000) == 0x7FF00000).any())
