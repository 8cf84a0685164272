"""What a file says otherwise than the register: row by row, with the things that each row goes on from.

Pure: two tables in, one out; the caller decides which things of the register the file speaks of, because every other
one among them is missing in it.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from importers import overlaps
from importers.checks import SNAP_DECIMALS

KINDS = (
    "unchanged",  # same code, same place, same attributes
    "attributes",  # same code and place, other attributes
    "moved",  # same code, another boundary
    "changed",  # same code, another boundary and other attributes
    "renumbered",  # another code on the same ground, whatever else changed
    "split",  # one thing went on in several
    "merged",  # several went on in one
    "redrawn",  # several went on in several, or one in another of other code that covers it in part only
    "new",
    "missing",
)
# One row for each incoming one, by `row`; then one for each held thing that none of them has as its identity.
DIFFERENCES = pa.schema(
    [
        pa.field("kind", pa.dictionary(pa.int8(), pa.string()), nullable=False),
        pa.field("row", pa.int64()),  # null where no row goes on from the thing
        # What the row goes on from. In a group: the one whose code it keeps, else the one it has most ground of.
        pa.field("identity", pa.int64()),
        pa.field("group", pa.int64()),  # joins the rows of one split, merger or redrawing; from 0
        pa.field("columns", pa.list_(pa.string()), nullable=False),  # attributes that differ from those of `identity`
        pa.field("common_share", pa.float64()),  # ground in common over the larger side, of the pair or the group
        pa.field("distance_m", pa.float64()),  # how far a boundary went, of pairs only
    ]
)
_NOT_ATTRIBUTES = ("row", "identity", "code", "shape")
# A vertex more in a straight line is no other boundary, nor is what snapping moves.
_SNAP_M = 2 * 10.0**-SNAP_DECIMALS
_SAME_SHARE = 1 - 1e-6
_AT_ONCE = 100_000


def compare(incoming: pa.Table, held: pa.Table) -> pa.Table:
    """Compare the rows of a file with what the register has.

    incoming  `row` (int64), `code` (text; null where there is none), `shape` (WKB, metres, snapped and normalised as
              the register's are) and attributes. A code or a shape that comes more than once names nothing by itself.
    held      `identity` (int64), `code`, `shape` and attributes; those that both tables have are compared
    Returns DIFFERENCES. The order of rows in either table does not matter.

    Equal code and boundary make a pair first, then an equal boundary; what is left is told by the ground in common
    (overlaps.recognised); and what still has its code in both, wherever it lies, has moved. A code that stays with one
    part of a split thing does not make it less of a split.
    """
    incoming, held = (_ordered(table, key) for table, key in ((incoming, "row"), (held, "identity")))
    twin = _twins(incoming["code"], held["code"])
    partner = np.where(_equal(incoming["shape"], held["shape"], twin), twin, -1)
    share, distance = np.ones(incoming.num_rows), np.zeros(incoming.num_rows)
    rest, held_rest = _left(partner, held.num_rows)
    same_shape = _twins(incoming["shape"].take(pa.array(rest)), held["shape"].take(pa.array(held_rest)))
    partner[rest] = _of(held_rest, same_shape)
    rest, held_rest = _left(partner, held.num_rows)

    near = _where(held_rest, held.num_rows)[twin[rest]]
    shapes = _shapes(incoming, rest)
    held_shapes = _shapes(held, held_rest)
    found = overlaps.recognised(shapes, held_shapes, near)
    far = np.flatnonzero(_still_of_its_code(found, near))
    goes_on = found.continued.copy()
    goes_on[far] = near[far]
    partner[rest] = _of(held_rest, goes_on)
    share[rest], distance[rest] = found.share, np.nan
    share[rest[far]] = overlaps.common_shares(shapes[far], held_shapes[near[far]])
    pairs = np.flatnonzero(goes_on >= 0)
    distance[rest[pairs]] = overlaps.distances(shapes[pairs], held_shapes[goes_on[pairs]])

    identity, group, held_group = partner.copy(), np.full(incoming.num_rows, -1), np.full(held.num_rows, -1)
    group[rest], held_group[held_rest] = found.group, found.held_group
    grouped = group >= 0
    identity[rest] = _of(held_rest, np.where(found.group >= 0, found.origin, goes_on))
    share[grouped] = found.group_share[group[grouped]]
    differs, columns = _attributes(incoming, held, identity)
    kind = _kinds(incoming, held, partner, differs > 0, (distance > _SNAP_M) | (share < _SAME_SHARE))
    kind[grouped] = _numbers(found.kinds)[group[grouped]]

    gone = _left(identity, held.num_rows)[1]
    of_group = held_group[gone]
    held_kind = np.append(_numbers(found.kinds), KINDS.index("missing"))[of_group]
    nothing = np.full(len(gone), np.nan)
    return pa.table(
        [
            pa.DictionaryArray.from_arrays(pa.array(np.append(kind, held_kind), pa.int8()), pa.array(KINDS)),
            pa.concat_arrays([incoming["row"].combine_chunks(), pa.nulls(len(gone), pa.int64())]),
            held["identity"].take(_or_null(np.append(identity, gone))),
            _or_null(np.append(group, of_group)),
            columns.take(pa.array(np.append(differs, np.zeros(len(gone), dtype=np.int64)))),
            pa.array(np.append(share, np.append(found.group_share, np.nan)[of_group]), from_pandas=True),
            pa.array(np.append(distance, nothing), from_pandas=True),
        ],
        schema=DIFFERENCES,
    )


def _ordered(table: pa.Table, key: str) -> pa.Table:
    """By the number of the row or thing, so that nothing depends on the order in which they come."""
    number = table[key].to_numpy()
    if not np.all(number[1:] > number[:-1]):
        table = table.take(pa.array(np.argsort(number)))
    position = table.schema.get_field_index("shape")
    # A million boundaries together may have more bytes than 32 bits can count.
    return table.set_column(position, "shape", table["shape"].cast(pa.large_binary()))


def _twins(values: pa.ChunkedArray, others: pa.ChunkedArray) -> np.ndarray:
    """(n,) index of the one other with the same value, or -1 where either side has it more than once or not at all."""
    both = pa.chunked_array([*values.chunks, *others.chunks], values.type).dictionary_encode().combine_chunks()
    number = pc.fill_null(both.indices, -1).to_numpy()
    one, other = number[: len(values)], number[len(values) :]
    count = len(both.dictionary) + 1  # the last one for nulls, which name nothing
    place = np.full(count, -1)
    place[other] = np.arange(len(other))
    place[(_tally(one, count) > 1) | (_tally(other, count) > 1)] = -1
    place[-1] = -1
    return place[one]


def _tally(number: np.ndarray, count: int) -> np.ndarray:
    return np.bincount(number[number >= 0], minlength=count)


def _equal(values: pa.ChunkedArray, others: pa.ChunkedArray, twin: np.ndarray) -> np.ndarray:
    """(n,) bool: the same as that of its twin, or both null; no where there is no twin."""
    others = others.combine_chunks()
    same = twin >= 0
    for start in range(0, len(values), _AT_ONCE):  # copies of their values are what takes memory here
        some = slice(start, start + _AT_ONCE)
        ours, theirs = values.slice(start, _AT_ONCE), others.take(_or_null(twin[some]))
        both_null = pc.and_(pc.is_null(ours), pc.is_null(theirs))
        same[some] &= pc.or_(pc.fill_null(pc.equal(ours, theirs), False), both_null).to_numpy()
    return same


def _left(partner: np.ndarray, held: int) -> tuple[np.ndarray, np.ndarray]:
    """Indices of rows without a partner, and of held things that are nobody's."""
    alone = np.ones(held + 1, dtype=bool)
    alone[partner] = False
    return np.flatnonzero(partner < 0), np.flatnonzero(alone[:-1])


def _where(chosen: np.ndarray, count: int) -> np.ndarray:
    """(count + 1,) place of each number among the chosen ones, or -1; the last is for -1 itself."""
    place = np.full(count + 1, -1)
    place[chosen] = np.arange(len(chosen))
    return place


def _of(chosen: np.ndarray, index: np.ndarray) -> np.ndarray:
    """What stands at each index, -1 for -1."""
    return np.append(chosen, -1)[index]


def _or_null(index: np.ndarray) -> pa.Array:
    return pa.array(index, mask=index < 0)


def _shapes(table: pa.Table, index: np.ndarray) -> np.ndarray:
    return np.asarray(shapely.from_wkb(table["shape"].take(pa.array(index)).to_numpy()), dtype=object)


def _still_of_its_code(found: overlaps.Recognised, near: np.ndarray) -> np.ndarray:
    """(n,) bool: nothing goes on in the row, and the held thing with its code goes on nowhere either."""
    taken = found.held_group >= 0
    taken[found.continued[found.continued >= 0]] = True
    return (found.continued < 0) & (found.group < 0) & (near >= 0) & ~np.append(taken, True)[near]


def _attributes(incoming: pa.Table, held: pa.Table, identity: np.ndarray) -> tuple[np.ndarray, pa.Array]:
    """(n,) which set of attributes differs from those of the held thing, and the sets; the first one is empty."""
    names = [name for name in incoming.column_names if name in held.column_names and name not in _NOT_ATTRIBUTES]
    bits = np.zeros(len(identity), dtype=np.int64)
    known = identity >= 0
    for position, name in enumerate(names):
        bits |= (known & ~_equal(incoming[name], held[name], identity)).astype(np.int64) << position
    distinct, which = np.unique(np.append(0, bits), return_inverse=True)
    sets = [[name for position, name in enumerate(names) if bit >> position & 1] for bit in distinct.tolist()]
    return which[1:], pa.array(sets, pa.list_(pa.string()))


def _kinds(
    incoming: pa.Table, held: pa.Table, partner: np.ndarray, differs: np.ndarray, elsewhere: np.ndarray
) -> np.ndarray:
    """(n,) index into KINDS of rows that go on from one thing alone, and of new ones."""
    same_code = _equal(incoming["code"], held["code"], partner)
    names = np.select(
        [partner < 0, ~same_code, differs & elsewhere, elsewhere, differs],
        [KINDS.index(kind) for kind in ("new", "renumbered", "changed", "moved", "attributes")],
        KINDS.index("unchanged"),
    )
    return names.astype(np.int8)


def _numbers(kinds: np.ndarray) -> np.ndarray:
    return np.array([KINDS.index(kind) for kind in kinds], dtype=np.int8)
