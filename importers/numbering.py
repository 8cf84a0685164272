"""Which parcel of the register a row is, where its number alone does not tell.

A sheet may have a number more than once; its parcels are told apart by a suffix (1, 2, 3, …), which is part of their
public code for ever. So a row first looks for its parcel among those that the register has under the number, and only
what finds none gets a new suffix.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from importers import checks
from importers.issues import Issues, fates
from layers.parcels.operations import PARCEL_ROWS
from layers.parcels.queries import HeldParcel, held_under, repeated_names

SUFFIX_MOST = 999
# Neighbours that were digitised anew overlap by slivers; a parcel that was changed keeps this much of the smaller.
OVERLAP_SHARE_LEAST = 0.5
_NAME = ("commune_code", "sheet", "number")
_BETWEEN = "\x1f"  # stands in no name


def numbered(found: pa.Table, issues: Issues) -> pa.Table:
    """Rows of all files as PARCEL_ROWS with file_name, row and code; the caller holds the cadastre.

    Exact repeats and rows that would take another row's public code are refused, and go to `issues`. The outcome does
    not depend on the order of rows.
    """
    found = found.combine_chunks()
    distinct = _joined(found, _BETWEEN).dictionary_encode()
    group = distinct.indices.to_numpy()
    refused = np.full(found.num_rows, "", dtype=object)
    refused[_exact_repeats(found, group)] = "same_again"
    keep = np.flatnonzero(refused == "")
    suffix, stands = _suffixes(found, keep, group, distinct.dictionary)
    refused[suffix > SUFFIX_MOST] = "too_often"
    suffix = np.minimum(suffix, SUFFIX_MOST + 1)  # however many there are, they fit into the column
    code = _joined(found, "-").to_numpy(zero_copy_only=False).astype(object)
    repeated = np.flatnonzero(suffix > 1)
    code[repeated] = code[repeated] + "-" + suffix[repeated].astype(str).astype(object)
    refused[_give_way(found, code, suffix, stands, np.flatnonzero(refused == ""))] = "code_taken"
    out = np.flatnonzero(refused != "")
    issues.add(
        refused[out], file_name=found["file_name"].to_numpy()[out], rows=found["row"].to_numpy()[out], taken=False,
        parcels=code[out], details=code[out],
    )  # fmt: skip
    columns = [*PARCEL_ROWS.names, "file_name", "row", "code"]
    table = found.append_column("suffix", pa.array(suffix, pa.int16())).append_column(
        "code", pa.array(code, pa.string())
    )
    return table.select(columns).filter(pa.array(refused == ""))


def say_what_came_of_it(rows: pa.Table, refused: pa.Table, issues: Issues) -> None:
    """Issues about `rows` of numbered, after record_parcels left those of `refused` (REFUSED_ROWS) out."""
    place = pc.index_in(rows["code"], value_set=refused["code"].combine_chunks())
    left_out = pc.is_valid(place).to_numpy()
    code, names, row = (rows[name].to_numpy() for name in ("code", "file_name", "row"))
    repeated = (rows["suffix"].to_numpy() > 1) & ~left_out
    issues.add(
        "duplicate_number", file_name=names[repeated], rows=row[repeated], taken=True, parcels=code[repeated],
        details=code[repeated],
    )  # fmt: skip
    reason = refused.take(place.drop_null().combine_chunks())
    ended = pc.is_valid(reason["ended_on"]).to_numpy()
    detail = reason["ended_on"].to_numpy().astype(object)
    became, heirs = reason["became"].to_numpy(), reason["heirs"].to_numpy()
    for kind, words in fates().items():
        before, _mark, after = words.partition("{}")
        of_kind = ended & (became == kind) & (heirs != "")
        detail[of_kind] = detail[of_kind] + f" ({before}" + heirs[of_kind] + f"{after})"
    detail[~ended] = code[left_out][~ended]
    issues.add(
        np.where(ended, "ended", "code_stands").astype(object), file_name=names[left_out], rows=row[left_out],
        taken=False, parcels=code[left_out], details=detail,
    )  # fmt: skip


def _joined(found: pa.Table, between: str) -> pa.Array:
    return pc.binary_join_element_wise(*(found[name] for name in _NAME), between).combine_chunks()


def _exact_repeats(found: pa.Table, group: np.ndarray) -> np.ndarray:
    """Indices of rows whose name and boundary stand in an earlier row already; only repeated names are compared."""
    _, of_group, size = np.unique(group, return_inverse=True, return_counts=True)
    several = np.flatnonzero(size[of_group] > 1)
    seen: set[tuple[int, bytes]] = set()
    again = []
    for index, boundary in zip(several, found["boundary"].take(pa.array(several)).to_pylist(), strict=True):
        key = (int(group[index]), boundary)
        if key in seen:
            again.append(index)
        seen.add(key)
    return np.array(again, dtype=np.int64)


def _suffixes(found: pa.Table, keep: np.ndarray, group: np.ndarray, names: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """(n,) suffixes of the rows in `keep`, 0 elsewhere, and (n,) whether the register has a parcel under it.

    A row that is alone with its number, where the register knows no suffix of it, is not compared with anything: it is
    that parcel, or a new one.
    """
    suffix, stands = np.zeros(found.num_rows, dtype=np.int64), np.zeros(found.num_rows, dtype=bool)
    area = found["area"].to_numpy()
    centre = np.column_stack([found["x"].to_numpy(), found["y"].to_numpy()])
    suffix[keep] = checks.suffixes(group[keep], area[keep], centre[keep])
    known = pa.array([_BETWEEN.join(name) for name in repeated_names(pc.unique(found["commune_code"]).to_pylist())])
    code = pc.replace_substring(names, _BETWEEN, "-").dictionary_encode().indices.to_numpy()
    concerned = (
        (np.bincount(group[keep], minlength=len(names)) > 1)
        | pc.is_in(names, value_set=known.cast(pa.string())).to_numpy(zero_copy_only=False)
        | (np.bincount(code)[code] > 1 if len(code) else np.zeros(0, dtype=bool))  # sheet 1-2 number 3; 1 and 2-3
    )
    asked = np.flatnonzero(concerned)
    words = names.take(pa.array(asked)).to_pylist()
    number_of = {tuple(word.split(_BETWEEN)): int(number) for number, word in zip(asked, words, strict=True)}
    held = held_under(list(number_of)) if number_of else []
    if not held:
        return suffix, stands
    held_group = np.array([number_of[parcel.name] for parcel in held])
    rows = keep[np.isin(group[keep], held_group)]
    boundaries = found["boundary"].take(pa.array(rows)).to_pylist()
    match = matched(group[rows], boundaries, held_group, held)
    is_held = match >= 0
    held_suffix = np.array([parcel.suffix for parcel in held])
    suffix[rows[is_held]], stands[rows[is_held]] = held_suffix[match[is_held]], True
    rest = rows[~is_held]
    rank = checks.suffixes(group[rest], area[rest], centre[rest])
    for number in np.unique(group[rest]):  # few: these numbers are in the register, and repeated
        of_number = group[rest] == number
        used = held_suffix[held_group == number]
        free = np.setdiff1d(np.arange(1, of_number.sum() + len(used) + 1), used)
        suffix[rest[of_number]] = free[rank[of_number] - 1]
    return suffix, stands


def matched(
    group: np.ndarray, boundaries: Sequence[bytes], held_group: np.ndarray, held: Sequence[HeldParcel]
) -> np.ndarray:
    """(n,) index of each row's parcel among `held`, or -1. Each parcel is that of one row at most.

    group       (n,) integers, one per commune, sheet and number; `held_group` has those of `held`
    boundaries  n valid MultiPolygons as little-endian WKB in the register's system, different within a group

    In this order: the same boundary; then the greatest common area, if it is half of the smaller one at least; then,
    where a number has one row and one parcel that stands (or only one at all), these two. An ended parcel is matched
    like others, so that its row is not taken for a new parcel.
    """
    found = np.full(len(group), -1)
    place = {(int(held_group[index]), held[index].boundary): index for index in reversed(range(len(held)))}
    for row, key in enumerate(zip(group.tolist(), boundaries, strict=True)):
        found[row] = place.get(key, -1)
    open_rows, open_held = np.flatnonzero(found < 0), np.setdiff1d(np.arange(len(held)), found)
    shapes = shapely.from_wkb([boundaries[row] for row in open_rows.tolist()])
    held_shapes = shapely.from_wkb([held[index].boundary for index in open_held.tolist()])
    one, other = shapely.STRtree(held_shapes).query(shapes, predicate="intersects")
    same_number = group[open_rows[one]] == held_group[open_held[other]]
    one, other = one[same_number], other[same_number]
    common = shapely.area(shapely.intersection(shapes[one], held_shapes[other]))
    smaller = np.minimum(shapely.area(shapes[one]), shapely.area(held_shapes[other]))
    much = common >= OVERLAP_SHARE_LEAST * smaller
    pairs = zip(-common[much], open_held[other[much]].tolist(), open_rows[one[much]].tolist(), strict=True)
    taken: set[int] = set()
    # The boundary's own bytes decide between rows that nothing else tells apart.
    for _area, index, row in sorted(pairs, key=lambda pair: (pair[0], pair[1], boundaries[pair[2]])):
        if found[row] < 0 and index not in taken:
            found[row] = index
            taken.add(index)
    numbers, rows_of = np.unique(group, return_counts=True)
    alone = np.isin(group, numbers[rows_of == 1])
    for row in np.flatnonzero(alone & (found < 0)).tolist():
        of_number = np.flatnonzero(held_group == group[row]).tolist()
        candidates = [index for index in of_number if held[index].stands] or of_number
        if len(candidates) == 1:
            found[row] = candidates[0]
    return found


def _give_way(found: pa.Table, code: np.ndarray, suffix: np.ndarray, stands: np.ndarray, rows: np.ndarray) -> list[int]:
    """Which of `rows` have a code that another one has with more right: number `1-2`, and the second parcel `1`.

    The one that the register has goes first, then the one with the lower suffix.
    """
    distinct = pa.array(code[rows], pa.string()).dictionary_encode().indices.to_numpy()
    contested = rows[np.bincount(distinct)[distinct] > 1] if len(rows) else rows
    name = dict(zip(contested.tolist(), _joined(found.take(pa.array(contested)), _BETWEEN).to_pylist(), strict=True))
    seen: set[str] = set()
    give_way = []
    for row in sorted(contested.tolist(), key=lambda row: (not stands[row], suffix[row], name[row])):
        if code[row] in seen:
            give_way.append(row)
        seen.add(code[row])
    return give_way
