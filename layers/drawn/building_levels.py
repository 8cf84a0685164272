"""Building the levels of some cells from the drawn rows of a day, and telling where they are drawn otherwise now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

import numpy as np
import shapely
from django.db.backends.utils import CursorWrapper
from psycopg import sql
from shapely.geometry.base import BaseGeometry

from gisplatform.crs import WEB_MERCATOR
from layers.catalogue import Layer, Level
from layers.drawn.coverages import drawn_areas, drawn_lines, on_grid, true_sizes
from layers.drawn.following import CHANGES
from layers.drawn.levels import (
    EQUATOR_M,
    box_of_cells,
    cell_of_row,
    grid_m,
    labelled,
    level_table,
    shared,
    size_of,
    tolerance_m,
    zooms_of,
)
from layers.drawn.rows import is_area, table_of

# More changed features are told of by one box for each cell and level.
_FEATURES_TOLD = 200

Feature = tuple[Any, ...]  # a row of the levels' table; shapes as WKB


@dataclass(frozen=True)
class _Rows:
    """Drawn rows of today in the order of their numbers: those of some cells, then areas that may come up to them.

    own     how many are of the cells
    cells   (own,) which cell each belongs to
    values  (n,) what the levels need to know of each, by attribute
    """

    own: int
    ids: list[int]
    cells: np.ndarray
    values: dict[str, list[Any]]
    shapes: np.ndarray
    labels: list[bytes | None]
    sizes: np.ndarray

    def told(self, names: Sequence[str], at: int) -> tuple[Any, ...]:
        return tuple(self.values[name][at] for name in names)


@dataclass
class Rebuilt:
    """What became of cells: how many features were taken away and added."""

    removed: list[Feature] = field(default_factory=list)
    added: list[Feature] = field(default_factory=list)


def rebuild_cells(cursor: CursorWrapper, layer: Layer, cells: list[int], day: date) -> Rebuilt:
    """Make the features of cells what the rows of a day ask for, in a transaction of the caller's."""
    rows = _read(cursor, layer, cells, day)
    features = list(_features(layer, rows)) if rows else []
    names = [
        "zoom",
        "cell",
        "place",
        "id",
        "grid",
        *(attribute.name for attribute in shared(layer)),
        "count",
        size_of(layer),
    ]
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    read = sql.SQL(", ").join(
        sql.SQL("ST_AsBinary(grid)") if name == "grid" else sql.Identifier(name) for name in names
    )
    cursor.execute(
        sql.SQL("SELECT {}, ST_AsBinary(shape), ST_AsBinary(label) FROM {} WHERE cell = ANY(%s)").format(
            read, level_table(layer)
        ),
        [cells],
    )
    former = {tuple(bytes(value) if isinstance(value, memoryview) else value for value in row) for row in cursor}
    changed = Rebuilt(sorted(former - set(features), key=_where), sorted(set(features) - former, key=_where))
    if not changed.removed and not changed.added:
        return changed
    cursor.executemany(
        sql.SQL("DELETE FROM {} WHERE zoom = %s AND cell = %s AND place = %s").format(level_table(layer)),
        [_where(feature) for feature in changed.removed],
    )
    shape = sql.SQL("ST_GeomFromWKB(%s, {})").format(sql.Literal(WEB_MERCATOR))
    values = [shape if name in {"grid", "shape", "label"} else sql.Placeholder() for name in (*names, "shape", "label")]
    cursor.executemany(
        sql.SQL("INSERT INTO {} ({}, shape, label) VALUES ({})").format(
            level_table(layer), columns, sql.SQL(", ").join(values)
        ),
        changed.added,
    )
    _tell(cursor, layer, changed)
    return changed


def _where(feature: Feature) -> tuple[int, int, int]:
    zoom, cell, place = feature[:3]
    return zoom, cell, place


# ---- Reading ----


def _read(cursor: CursorWrapper, layer: Layer, cells: list[int], day: date) -> _Rows | None:
    """The rows of cells and those near them; None where there are none."""
    names = sorted({name for level in layer.levels for name in level.by} | {*layer.over_each_other, layer.ranked_by})
    names = [name for name in names if name]
    question = sql.SQL(
        "SELECT id, {cell}, ST_AsBinary(shape), {label}, {columns} FROM {table}"
        " WHERE shape && ST_MakeEnvelope(%s, %s, %s, %s, {srid}) AND {own}"
        " AND valid_from <= %s AND %s < valid_to ORDER BY id, row"
    )
    parts = {
        "cell": cell_of_row(layer),
        "label": sql.SQL("ST_AsBinary(label)" if any(labelled(layer, level) for level in layer.levels) else "NULL"),
        "columns": sql.SQL(", ").join([*map(sql.Identifier, names), sql.SQL("NULL")]),
        "table": table_of(layer),
        "srid": sql.Literal(WEB_MERCATOR),
    }
    own = sql.SQL("{} = ANY(%s)").format(parts["cell"])
    cursor.execute(question.format(own=own, **parts), [*box_of_cells(layer, cells), cells, day, day])
    found = cursor.fetchall()
    if not found:
        return None
    count = len(found)
    if is_area(layer):
        bounds = shapely.total_bounds(shapely.from_wkb([bytes(row[2]) for row in found])).tolist()
        others = sql.SQL("{} <> ALL(%s)").format(parts["cell"])
        cursor.execute(question.format(own=others, **parts), [*bounds, cells, day, day])
        found += cursor.fetchall()
    shapes = shapely.from_wkb([bytes(row[2]) for row in found])
    return _Rows(
        own=count,
        ids=[row[0] for row in found[:count]],
        cells=np.array([row[1] for row in found[:count]]),
        values={name: [row[4 + at] for row in found] for at, name in enumerate(names)},
        shapes=shapes,
        labels=[bytes(row[3]) if row[3] else None for row in found[:count]],
        sizes=true_sizes(shapes[:count], areas=is_area(layer)),
    )


# ---- Merging ----


def _features(layer: Layer, rows: _Rows) -> Iterator[Feature]:
    """What all levels of the cells are drawn from."""
    tree = shapely.STRtree(rows.shapes)
    # Levels that merge the same rows in the same way differ in their corners only.
    alike = groupby(layer.levels, key=lambda level: (tuple(level.by), _kinds(layer, level, rows)))
    for (by, _drawn_kinds), group in alike:
        levels = list(group)
        included = np.array([_matters(layer, levels[0], rows, at) for at in range(len(rows.shapes))])
        for cell in np.unique(rows.cells[included[: rows.own]]).tolist():
            yield from _of_cell(layer, levels, by, rows, tree, included, cell)


def _kinds(layer: Layer, level: Level, rows: _Rows) -> frozenset[Any]:
    """Which ranked kinds, of those that there are, a level draws at all."""
    kinds = set(rows.values[layer.ranked_by]) if layer.ranked_by else set()
    return frozenset(kind for kind in kinds if zooms_of(layer, level, kind))


def _matters(layer: Layer, level: Level, rows: _Rows, at: int) -> bool:
    return not layer.ranked_by or zooms_of(layer, level, rows.values[layer.ranked_by][at]) is not None


def _of_cell(
    layer: Layer, levels: Sequence[Level], by: Sequence[str], rows: _Rows, tree: shapely.STRtree,
    included: np.ndarray, cell: int,
) -> Iterator[Feature]:  # fmt: skip
    """The features of one cell, for levels that merge the same rows in the same way."""
    own = np.flatnonzero(included[: rows.own] & (rows.cells == cell))
    sheets = {at: rows.told(layer.over_each_other, at) for at in own.tolist()}
    places = dict.fromkeys((level.min_zoom for level in levels), 0)
    for sheet in sorted(set(sheets.values()), key=_sortable):
        members = np.array([at for at in own.tolist() if sheets[at] == sheet])
        told = [rows.told(by, at) for at in members.tolist()]
        kinds = sorted(set(told), key=_sortable)
        numbers = {kind: number for number, kind in enumerate(kinds)}
        of_kind = np.array([numbers[values] for values in told])
        tolerances = [tolerance_m(level) for level in levels]
        if is_area(layer):
            others = _neighbours(layer, rows, tree, included, members, sheet)
            drawn = drawn_areas(rows.shapes[members], of_kind, rows.shapes[others], tolerances)
        else:
            drawn = drawn_lines(rows.shapes[members], of_kind, tolerances)
        for level, shapes in zip(levels, drawn, strict=True):
            for number, shape in shapes.items():
                if shape.is_empty:
                    continue
                merged = members[of_kind == number]
                values = dict(zip(by, kinds[number], strict=True))
                largest = int(merged[np.argmax(rows.sizes[merged])])
                yield (
                    level.min_zoom,
                    cell,
                    places[level.min_zoom],
                    rows.ids[largest] if len(merged) == 1 else None,
                    _on_grid(layer, level, shape),
                    *(values.get(attribute.name) for attribute in shared(layer)),
                    len(merged),
                    round(float(rows.sizes[merged].sum()), 1),
                    shapely.to_wkb(shape),
                    rows.labels[largest] if labelled(layer, level) else None,
                )
                places[level.min_zoom] += 1


def _on_grid(layer: Layer, level: Level, shape: BaseGeometry) -> bytes | None:
    """A shape as tiles of a level draw it, where that can be said beforehand and anything is left of it."""
    unit = grid_m(layer, level)
    if unit is None:
        return None
    try:
        drawn = on_grid(shape, unit, EQUATOR_M / 2)
    except shapely.GEOSException:
        return None
    return None if drawn.is_empty else shapely.to_wkb(drawn)


def _neighbours(
    layer: Layer, rows: _Rows, tree: shapely.STRtree, included: np.ndarray, members: np.ndarray, sheet: tuple[Any, ...]
) -> np.ndarray:
    """Rows of other cells that may come up to these, and rows of another sheet that do but lie over none of them."""
    near = np.setdiff1d(tree.query(rows.shapes[members])[1], members)
    near = near[included[near]]
    same = np.array([rows.told(layer.over_each_other, at) == sheet for at in near.tolist()], dtype=bool)
    if same.all():
        return near
    pairs = tree.query(rows.shapes[members], predicate="intersects")[1]
    apart = np.setdiff1d(np.intersect1d(near[~same], pairs), _lying_over(rows, tree, members))
    return np.union1d(near[same], apart).astype(int)


def _lying_over(rows: _Rows, tree: shapely.STRtree, members: np.ndarray) -> np.ndarray:
    mine, theirs = tree.query(rows.shapes[members], predicate="intersects")
    shared_land = shapely.relate_pattern(rows.shapes[members][mine], rows.shapes[theirs], "T********")
    return np.unique(theirs[shared_land])


def _sortable(values: tuple[Any, ...]) -> list[tuple[bool, str]]:
    return [(value is None, str(value)) for value in values]


# ---- Telling ----


def _drawn(feature: Feature) -> bytes:
    """The shape as tiles draw it: on their grid where it is there, else as it is."""
    return feature[4] or feature[-2]


def _tell(cursor: CursorWrapper, layer: Layer, changed: Rebuilt) -> None:
    """Write where tiles of which zooms are now others into the log of changes."""
    kind_at = next((5 + at for at, found in enumerate(shared(layer)) if found.name == layer.ranked_by), None)
    by_zoom = {level.min_zoom: level for level in layer.levels}
    places: set[tuple[bytes, int, int]] = set()
    boxes: dict[tuple[int, int, int], list[BaseGeometry]] = {}
    coarse = len(changed.removed) + len(changed.added) > _FEATURES_TOLD
    for feature in (*changed.removed, *changed.added):
        place = _drawn(feature)
        zooms = zooms_of(layer, by_zoom[feature[0]], feature[kind_at] if kind_at else "")
        if zooms and coarse:
            boxes.setdefault((feature[1], *zooms), []).append(shapely.from_wkb(place))
        elif zooms:
            places.add((place, *zooms))
    for (_cell, first, last), shapes in boxes.items():
        places.add((shapely.to_wkb(shapely.box(*shapely.total_bounds(shapes).tolist())), first, last))
    cursor.executemany(
        sql.SQL("INSERT INTO {} (layer, shape, min_zoom, max_zoom) VALUES (%s, ST_GeomFromWKB(%s, {}), %s, %s)").format(
            CHANGES, sql.Literal(WEB_MERCATOR)
        ),
        [(layer.key, *place) for place in sorted(places)],
    )
    cursor.execute("SELECT pg_notify('drawn', '')")
