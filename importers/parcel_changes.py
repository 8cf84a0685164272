"""From accepted differences to what the cadastre records: which parcel each row is, and what came of it."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from importers.overlaps import edges_between
from layers.parcels.changes import CHANGED_PARCELS, DESCENT
from layers.parcels.models import ParcelLineage
from layers.parcels.operations import PARCEL_ROWS

_KIND = {
    "split": ParcelLineage.Kind.SPLIT,
    "merged": ParcelLineage.Kind.MERGE,
    "redrawn": ParcelLineage.Kind.RESURVEY,
}


@dataclass(frozen=True)
class ParcelChanges:
    """The arguments of change_parcels of these names."""

    parcels: pa.Table  # CHANGED_PARCELS
    ended: pa.Array  # int64
    descent: pa.Table  # DESCENT


def parcel_changes(differences: pa.Table, chosen: np.ndarray, rows: pa.Table, held: pa.Table) -> ParcelChanges:
    """What to record where `chosen` differences are accepted.

    differences  comparison.DIFFERENCES
    chosen       (n,) bool; a split, merger or redrawing is accepted as a whole where one of its differences is
    rows         the compared rows: `row`, `code` and PARCEL_ROWS
    held         the compared parcels: `identity`, `code` and `shape` (WKB)

    In a group, a parcel goes on where its number does: who knows it by the number finds it. Every other row of the
    group is a new parcel, and every other parcel of the group ends. What came from what is told by the ground.
    """
    group = pc.fill_null(differences["group"], -1).to_numpy()
    whole = np.isin(group, group[chosen & (group >= 0)]) & (group >= 0)
    changed = pc.not_equal(differences["kind"].cast(pa.string()), "unchanged").to_numpy()
    accepted = differences.filter(pa.array((chosen | whole) & changed))
    place, thing = (
        pc.index_in(accepted[key], value_set=table[key].combine_chunks())
        for key, table in (("row", rows), ("identity", held))
    )
    of_file = pc.and_(pc.is_valid(accepted["row"]), pc.is_valid(place))
    coming = accepted.filter(of_file)
    new = rows.take(place.filter(of_file).combine_chunks())
    their_code = held["code"].take(thing.filter(of_file).combine_chunks())
    same_code = pc.fill_null(pc.equal(new["code"], their_code), False)
    goes_on = pc.or_(pc.is_null(coming["group"]), same_code)
    identity = pc.if_else(goes_on, coming["identity"], None)
    parcels = new.select(PARCEL_ROWS.names).add_column(0, CHANGED_PARCELS.field("identity"), identity)
    ends = pc.and_(pc.is_valid(accepted["identity"]), pc.invert(pc.is_in(accepted["identity"], value_set=identity)))
    ended = pc.unique(accepted["identity"].filter(ends))
    return ParcelChanges(parcels.cast(CHANGED_PARCELS), ended, _descent(accepted, rows, held, place, thing))


def _descent(
    accepted: pa.Table, rows: pa.Table, held: pa.Table, place: pa.ChunkedArray, thing: pa.ChunkedArray
) -> pa.Table:
    """Who has ground of whom, within each group."""
    grouped = pc.is_valid(accepted["group"])
    in_group = accepted.filter(grouped)
    number = in_group["group"].to_numpy()
    kind_of = dict(zip(number.tolist(), in_group["kind"].to_pylist(), strict=True))

    def members(index: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
        found = index.filter(grouped)
        known = pc.is_valid(found).to_numpy()
        member, first = np.unique(found.drop_null().to_numpy(), return_index=True)
        return member, number[known][first]

    row, row_group = members(place)
    parcel, parcel_group = members(thing)
    shapes = shapely.from_wkb(rows["boundary"].take(pa.array(row)).to_numpy()).astype(object)
    held_shapes = shapely.from_wkb(held["shape"].take(pa.array(parcel)).to_numpy()).astype(object)
    edges, _areas, _held_areas = edges_between(shapes, held_shapes, np.full(len(row), -1))
    inside = row_group[edges.one] == parcel_group[edges.other]
    one, other = edges.one[inside], edges.other[inside]
    return pa.table(
        [
            held["identity"].take(pa.array(parcel[other])),
            rows["code"].take(pa.array(row[one])),
            pa.array([_KIND[kind_of[group]].value for group in row_group[one].tolist()], pa.string()),
        ],
        schema=DESCENT,
    )
