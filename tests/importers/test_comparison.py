"""What a file says otherwise than the register is recognised by code, boundary and ground; laid out in metres."""

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from importers import overlaps
from importers.comparison import DIFFERENCES, KINDS, compare

CORNER = 586_000.0, 1_776_000.0
FIRST_IDENTITY = 100


def lot(west: float, width: float = 10, south: float = 0, depth: float = 20) -> shapely.Geometry:
    """A lot, west metres east of the corner."""
    x, y = CORNER[0] + west, CORNER[1] + south
    return shapely.box(x, y, x + width, y + depth)


def table(key: str, things: list[tuple[str | None, shapely.Geometry]], **attributes: list) -> pa.Table:
    """Rows from 1, or things of the register from FIRST_IDENTITY, with these codes and shapes."""
    codes = pa.array([code for code, _shape in things], pa.string())
    shapes = shapely.normalize(np.array([shape for _code, shape in things], dtype=object))
    first = 1 if key == "row" else FIRST_IDENTITY
    return pa.table(
        {
            key: pa.array(np.arange(first, first + len(things))),
            "code": codes,
            **({name: pa.array(values) for name, values in attributes.items()}),
            "shape": pa.array(shapely.to_wkb(shapes, byte_order=1), pa.binary()),
        }
    )


def differences(
    incoming: Mapping[str, shapely.Geometry], held: Mapping[str, shapely.Geometry]
) -> list[tuple[str, str | None, str | None]]:
    """(kind, incoming code, held code) of each difference, in the order in which they come."""
    result = compare(table("row", list(incoming.items())), table("identity", list(held.items())))
    assert result.schema == DIFFERENCES
    new, old = list(incoming), list(held)
    return [
        (d["kind"], d["row"] and new[d["row"] - 1], d["identity"] and old[d["identity"] - FIRST_IDENTITY])
        for d in result.to_pylist()
    ]


def groups(incoming: Mapping[str, shapely.Geometry], held: Mapping[str, shapely.Geometry]) -> dict:
    """The whole groups among the differences: number → (kind, rows, identities, share)."""
    result = compare(table("row", list(incoming.items())), table("identity", list(held.items()))).to_pylist()
    found: dict[int, list] = {}
    for d in result:
        if d["group"] is not None:
            found.setdefault(d["group"], []).append(d)
    return {
        number: (
            {d["kind"] for d in members},
            [d["row"] for d in members if d["row"]],
            sorted({d["identity"] for d in members}),
            {round(d["common_share"], 3) for d in members},
        )
        for number, members in found.items()
    }


def test_each_kind_of_difference_of_single_parcels():
    held = table(
        "identity",
        [(str(n), lot(20 * n)) for n in range(1, 8)],
        land_use=["ODT"] * 7, area=[200.0, 200.0, None, 200.0, 200.0, 200.0, None],
    )  # fmt: skip
    incoming = table(
        "row",
        [("1", lot(20)), ("2", lot(40)), ("3", lot(60, 9)), ("4", lot(80, 12)), ("55", lot(100)), ("7", lot(140)),
         ("8", lot(160))],
        land_use=["ODT", "ODT", "ODT", "CLN", "CLN", "ODT", "ODT"], area=[200.0, 210.0, None, 240.0, 200.0, None, 1.0],
    )  # fmt: skip
    found = compare(incoming, held).to_pylist()
    assert [(d["kind"], d["row"], d["identity"], d["columns"]) for d in found] == [
        ("unchanged", 1, 100, []),
        ("attributes", 2, 101, ["area"]),
        ("moved", 3, 102, []),
        ("changed", 4, 103, ["land_use", "area"]),
        ("renumbered", 5, 104, ["land_use"]),
        ("unchanged", 6, 106, []),
        ("new", 7, None, []),
        ("missing", None, 105, []),
    ]
    assert [d["common_share"] for d in found] == pytest.approx([1, 1, 0.9, 10 / 12, 1, 1, None, None])
    assert [d["distance_m"] for d in found] == pytest.approx([0, 0, 1, 2, 0, 0, None, None])
    assert {d["group"] for d in found} == {None}


@pytest.mark.parametrize("codes", [("1", "8"), ("8", "1"), ("8", "9")])
def test_a_split_is_one_whether_the_old_number_stays_or_not(codes):
    # The neighbours stand as they stood; a part of 15 % of the ground is a part.
    for west in (5, 8.5):
        incoming = {"0": lot(-10), codes[0]: lot(0, west), codes[1]: lot(west, 10 - west), "2": lot(10)}
        found = differences(incoming, {"0": lot(-10), "1": lot(0), "2": lot(10)})
        assert found == [
            ("unchanged", "0", "0"), ("split", codes[0], "1"), ("split", codes[1], "1"), ("unchanged", "2", "2"),
        ]  # fmt: skip


def test_two_splits_beside_each_other_are_two_groups():
    held = {"1": lot(0), "2": lot(10)}
    incoming = {"3": lot(0, 5), "4": lot(5, 5), "5": lot(10, 5), "6": lot(15, 5)}
    assert groups(incoming, held) == {0: ({"split"}, [1, 2], [100], {1}), 1: ({"split"}, [3, 4], [101], {1})}


def test_parts_of_a_split_of_which_the_street_took_a_strip():
    found = differences({"3": lot(0, 5, 4, 16), "4": lot(5, 5, 4, 16)}, {"1": lot(0)})
    assert found == [("split", "3", "1"), ("split", "4", "1")]


@pytest.mark.parametrize("code", ["1", "2", "9"])
def test_a_merger_goes_on_from_the_parcel_whose_number_it_keeps(code):
    held = {"1": lot(0, 12), "2": lot(12, 8), "3": lot(20)}
    incoming = {code: lot(0, 20), "3": lot(20)}
    kept, other = ("2", "1") if code == "2" else ("1", "2")
    assert differences(incoming, held) == [("merged", code, kept), ("unchanged", "3", "3"), ("merged", None, other)]
    assert groups(incoming, held) == {0: ({"merged"}, [1], [100, 101], {1})}


def test_strips_laid_out_anew_across_are_redrawn_as_a_whole():
    held = {str(n): lot(10 * n, 10, 0, 30) for n in range(3)}
    incoming = {f"9{n}": lot(0, 30, 10 * n, 10) for n in range(3)}
    assert groups(incoming, held) == {0: ({"redrawn"}, [1, 2, 3], [100, 101, 102], {1})}
    # A parcel of another number on most of an old one's ground, and beyond, is not just renumbered.
    assert groups({"7": lot(0, 13)}, {"1": lot(0)}) == {0: ({"redrawn"}, [1], [100], {0.769})}
    assert groups({"7": lot(4, 12)}, {"1": lot(0)}) == {0: ({"redrawn"}, [1], [100], {0.5})}
    assert differences({"7": lot(8, 12)}, {"1": lot(0)}) == [("new", "7", None), ("missing", None, "1")]
    # A strip of a twentieth does not join two redrawings.
    assert len(groups({"7": lot(-5, 15.5), "8": lot(10.5, 14)}, {"1": lot(0), "2": lot(10)})) == 2


def test_a_boundary_between_two_that_both_go_on_is_no_split():
    # 1 took 30 % of 2's ground: both keep their numbers. Nor is it one where 2 is split besides.
    held = {"1": lot(0), "2": lot(10), "3": lot(20)}
    assert differences({"1": lot(0, 13), "2": lot(13, 7), "3": lot(20)}, held) == [
        ("moved", "1", "1"), ("moved", "2", "2"), ("unchanged", "3", "3"),
    ]  # fmt: skip
    assert differences({"1": lot(0, 13), "2": lot(13, 4), "4": lot(17, 3), "3": lot(20)}, held) == [
        ("moved", "1", "1"), ("split", "2", "2"), ("split", "4", "2"), ("unchanged", "3", "3"),
    ]  # fmt: skip


@pytest.mark.parametrize("shift", [0.0, 0.05])
def test_a_sheet_that_is_renumbered_from_end_to_end(shift):
    # Every number goes to the neighbour, so each code stands in both, on other ground; or two exchange theirs.
    held = {str(n): lot(10 * n) for n in range(20)}
    incoming = {str((n + 1) % 20): lot(10 * n + shift) for n in range(20)}
    expected = [("renumbered", str((n + 1) % 20), str(n)) for n in range(20)]
    assert differences(incoming, held) == expected
    exchanged = {"1": lot(shift), "0": lot(10 + shift)}
    assert differences(exchanged, {"0": lot(0), "1": lot(10)}) == [("renumbered", "1", "0"), ("renumbered", "0", "1")]


def test_a_survey_that_shifts_everything_by_five_centimetres_moves_and_splits_nothing():
    # Among them a lane of 40 cm, an eighth of which comes to lie in its neighbour.
    lots = {str(n): lot(10 * n) for n in range(1, 30)} | {"0": lot(9.6, 0.4)}
    incoming = {code: shapely.transform(shape, lambda xy: xy + np.array([0.05, -0.03])) for code, shape in lots.items()}
    result = compare(table("row", list(incoming.items())), table("identity", list(lots.items())))
    assert Counter(result["kind"].to_pylist()) == {"moved": 30}
    assert result["identity"].to_pylist() == [FIRST_IDENTITY + n for n in range(30)]
    assert result["distance_m"].to_pylist() == pytest.approx([np.hypot(0.05, 0.03)] * 30, abs=1e-6)


def test_slivers_along_a_boundary_are_no_parts_of_a_split():
    # What lies in 1 by whole, and is no wider than two surveys may differ, is a new thing for a person to look at.
    found = differences({"1": lot(0, 9.9), "9": lot(9.9, 0.1), "2": lot(10)}, {"1": lot(0), "2": lot(10)})
    assert found == [("moved", "1", "1"), ("new", "9", None), ("unchanged", "2", "2")]
    # 20 cm are wider: somebody has cut them off.
    found = differences({"1": lot(0, 9.8), "9": lot(9.8, 0.2), "2": lot(10)}, {"1": lot(0), "2": lot(10)})
    assert found == [("split", "1", "1"), ("split", "9", "1"), ("unchanged", "2", "2")]


def test_what_is_missing_does_not_become_a_part_of_its_neighbours():
    # 2 is gone, and each neighbour took a tenth of its ground.
    held = {"1": lot(0), "2": lot(10), "3": lot(20)}
    found = differences({"1": lot(0, 11.2), "3": lot(18.8, 11.2)}, held)
    assert found == [("moved", "1", "1"), ("moved", "3", "3"), ("missing", None, "2")]


def test_a_code_that_stands_on_other_ground_alone_has_moved_there():
    [found] = compare(table("row", [("1", lot(500))]), table("identity", [("1", lot(0))])).to_pylist()
    assert (found["kind"], found["identity"], found["common_share"]) == ("moved", 100, 0)
    assert found["distance_m"] == pytest.approx(500)


def test_another_spelling_of_one_boundary_is_no_change():
    more = shapely.segmentize(lot(0), 3)
    as_multi = shapely.multipolygons([lot(20)])
    reversed_ring = shapely.reverse(lot(40))
    found = differences({"1": more, "2": as_multi, "3": reversed_ring}, {"1": lot(0), "2": lot(20), "3": lot(40)})
    assert [kind for kind, *_codes in found] == ["unchanged"] * 3


def test_things_without_a_code_or_with_one_code_for_several_are_told_by_their_place():
    shapes = [lot(0), lot(10), lot(20)]
    held = table("identity", [("Lê Lợi", shapes[0]), ("Lê Lợi", shapes[1]), (None, shapes[2])])
    again = table("row", [(None, shapes[2]), ("Lê Lợi", lot(0, 10.3)), ("Lê Lợi", shapes[1]), (None, lot(90))])
    found = compare(again, held).to_pylist()
    assert [(d["kind"], d["identity"]) for d in found] == [
        ("unchanged", 102), ("moved", 100), ("unchanged", 101), ("new", None),
    ]  # fmt: skip
    assert compare(table("row", [(None, lot(90))]), table("identity", [(None, lot(0))]))["kind"].to_pylist() == [
        "new", "missing",
    ]  # fmt: skip


def test_streets_go_on_by_what_lies_along_them():
    east = shapely.LineString([CORNER, (CORNER[0] + 100, CORNER[1])])
    north = shapely.LineString([(CORNER[0] + 50, CORNER[1] - 50), (CORNER[0] + 50, CORNER[1] + 50)])
    moved = shapely.transform(east, lambda xy: xy + np.array([0, 0.5]))
    halves = [shapely.ops.substring(north, 0, 50), shapely.ops.substring(north, 50, 100)]
    found = differences({"a": moved, "b1": halves[0], "b2": halves[1]}, {"a": east, "b": north})
    assert found == [("moved", "a", "a"), ("split", "b1", "b"), ("split", "b2", "b")]
    place = shapely.Point(CORNER)
    found = differences({"a": shapely.Point(CORNER[0] + 0.01, CORNER[1])}, {"b": place})
    assert found == [("renumbered", "a", "b")]


def test_an_invalid_boundary_in_the_register_stops_nothing():
    bow_tie = shapely.transform(shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)]), lambda xy: xy + CORNER)
    assert differences({"1": lot(0, 10, 0, 10)}, {"1": bow_tie})[0][0] == "moved"


def test_nothing_against_something():
    none, some = {}, {"1": lot(0), "2": lot(10)}
    assert differences(none, none) == []
    assert differences(some, none) == [("new", "1", None), ("new", "2", None)]
    assert differences(none, some) == [("missing", None, "1"), ("missing", None, "2")]
    assert Counter(kind for kind, *_codes in differences(some, some)) == {"unchanged": 2}


def test_the_distance_of_large_outlines_is_that_of_small_ones():
    # 3,000 vertices each: found by an index of the segments, not each against each.
    circles = [shapely.Point(CORNER[0] + x, CORNER[1]).buffer(1000, quad_segs=750) for x in (0, 3)]
    [by_index] = overlaps.distances(np.array(circles[:1]), np.array(circles[1:]))
    assert by_index == pytest.approx(shapely.hausdorff_distance(*circles), abs=1e-9)
    assert by_index == pytest.approx(3, abs=0.01)


def test_what_hangs_together_in_a_long_chain():
    order = np.random.default_rng(5).permutation(5000)
    label = overlaps.components(5001, order[:-1], order[1:])
    assert set(label[:5000]) == {0}
    assert label[5000] == 5000


WHAT_HAPPENS = ["nothing", "attributes", "moved", "changed", "renumbered", "split", "merged", "new", "missing"]


@settings(deadline=None, max_examples=60)
@given(
    happened=st.lists(st.sampled_from(WHAT_HAPPENS), max_size=40),
    numbers_stay=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_whatever_happened_to_a_coverage_is_recognised_in_any_order(happened, numbers_stay, seed):
    rng = np.random.default_rng(seed)
    incoming, held, expected = [], [], []  # expected: (kind, rows, identities) of each thing that happened
    west = 0.0
    for place, what in enumerate(happened):
        # Lots of all widths in rows of ten, each row turned, so that no boundary is parallel to the axes.
        widths = rng.uniform(4, 40, 2)
        row = 50.0 * (place // 10)
        west = 0.0 if place % 10 == 0 else west
        first, second = lot(west, widths[0], row), lot(west + widths[0], widths[1], row)
        west += widths[0] + (widths[1] if what == "merged" else 0)
        code, fresh = f"12-{place}", f"99-{place}"
        before, after = [(code, "ODT", first)], [(code, "ODT", first)]
        if what in ("attributes", "changed"):
            after = [(code, "CLN", first)]
        if what in ("moved", "changed"):
            after = [(code, after[0][1], shapely.buffer(first, -rng.uniform(0.01, 0.3), join_style="mitre"))]
        elif what == "renumbered":
            after = [(fresh, "ODT", first)]
        elif what == "split":
            cut = widths[0] * rng.uniform(0.2, 0.8)
            parts = lot(west - widths[0], cut, row), lot(west - widths[0] + cut, widths[0] - cut, row)
            after = [(code if numbers_stay else f"{fresh}-1", "ODT", parts[0]), (fresh, "ODT", parts[1])]
        elif what == "merged":
            before = [(code, "ODT", first), (f"{code}-2", "ODT", second)]
            after = [(code if numbers_stay else fresh, "ODT", shapely.union(first, second))]
        elif what == "new":
            before = []
        elif what == "missing":
            after = []
        kind = "unchanged" if what == "nothing" else what
        rows = list(range(len(incoming) + 1, len(incoming) + len(after) + 1))
        identities = list(range(FIRST_IDENTITY + len(held), FIRST_IDENTITY + len(held) + len(before)))
        expected.append((kind, rows, identities))
        incoming, held = incoming + after, held + before

    def turned(things: list, key: str) -> pa.Table:
        about = shapely.Point(CORNER)
        shapes = [(code, shapely.affinity.rotate(shape, 0 if seed % 2 else 20, about)) for code, _use, shape in things]
        return table(key, shapes, land_use=pa.array([use for _code, use, _shape in things], pa.string()))

    new, old = turned(incoming, "row"), turned(held, "identity")
    result = compare(new, old)
    found: dict[object, list] = {}
    for d in result.to_pylist():
        thing = (d["row"], d["identity"]) if d["group"] is None else d["group"]
        found.setdefault(thing, []).append(d)
    told = [
        (
            members[0]["kind"],
            sorted(d["row"] for d in members if d["row"]),
            sorted({d["identity"] for d in members if d["identity"]}),
        )
        for members in found.values()
    ]
    assert sorted(told) == sorted(expected)
    shuffled = [side.take(pa.array(rng.permutation(side.num_rows))) for side in (new, old)]
    assert compare(*shuffled).equals(result)
    same = compare(new, new.rename_columns(["identity", *new.column_names[1:]]))
    assert same["kind"].to_pylist() == ["unchanged"] * new.num_rows
    assert set(result["kind"].to_pylist()) <= set(KINDS)
