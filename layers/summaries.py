"""What lies in an area: how many things of each layer, how much of the area they take, told apart by what they are."""

import json
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import shapely
from django.db import connection
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from psycopg import sql

from gisplatform.access import Person, row_condition, sees_exactly
from gisplatform.crs import REGISTER_ZONE, to_wgs84
from layers.catalogue import Attribute, Layer, layers, legend, words
from layers.outlines import SHAPE, Extent, Outline, TooMuch, answered_in_time, extent_of, size_inside
from layers.parcels.queries import land_uses
from layers.publishing import SCHEMA

ANSWER_S = 30.0  # for all layers together; each has the database role's own time
MOST_GROUPS = 100  # of one layer; the smaller ones are told as one
FLOORS = "storeys"

_QUERY = (Path(__file__).parent / "sql" / "summary.sql").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Group:
    """Rows of one sort: the values that they share, their words, how many, and their size (m² or m) in the area."""

    values: tuple[Any, ...]
    titles: tuple[str, ...]
    count: int
    size: float


@dataclass(frozen=True)
class Summary:
    """What of one layer lies in an area.

    by      the attributes that tell the groups apart, as far as this person may know them
    others  groups that are only in the total because there are so many
    """

    layer: Layer
    extent: Extent
    exact: bool
    by: tuple[str, ...]
    groups: Sequence[Group]
    others: int
    count: int
    size: float


def summaries(outline: Outline, person: Person, on: date) -> Iterator[Summary]:
    """For every layer that exists for this person, in drawing order, what lies in an area on a day.

    Raises TooMuch when the database cannot tell in time.
    """
    until = time.monotonic() + ANSWER_S
    for layer in layers():
        if time.monotonic() > until:
            raise TooMuch(_("There is too much in this area to answer in time. Choose a smaller area."))
        with answered_in_time():
            found = _summary(layer, outline, person, on)
        if found:
            yield found


def _summary(layer: Layer, outline: Outline, person: Person, on: date) -> Summary | None:
    restriction = row_condition(layer.access, person)
    if restriction is None:
        return None
    condition, allowed = restriction
    exact = sees_exactly(layer.access, person)
    told = {attribute.name: attribute for attribute in layer.visible_attributes(exact)}
    by = [told[name] for name in layer.summed_by if name in told]
    twins = [told.get(f"{attribute.name}_{_language()}") for attribute in by]
    query = sql.SQL(_QUERY).format(
        by=sql.SQL(", ").join(sql.Identifier(attribute.name) for attribute in by) if by else sql.SQL("NULL::text"),
        named=_each(twins, "{}"),
        names=_each(twins, "max({})"),
        size=size_inside(layer),
        position=sql.Identifier(layer.geometry_column(exact)),
        view=sql.Identifier(SCHEMA, layer.key),
        area=SHAPE,
        in_effect=sql.SQL(layer.in_effect()),
        allowed=condition,
    )
    with connection.cursor() as cursor:
        cursor.execute(query, {**outline.params, **allowed, "on": on})
        rows = cursor.fetchall()
    groups = _groups(layer, by, twins, rows, on)
    count, size = sum(group.count for group in groups), sum(group.size for group in groups)
    few = groups if by else []
    names = tuple(attribute.name for attribute in by)
    others = max(0, len(few) - MOST_GROUPS)
    return Summary(layer, extent_of(layer), exact, names, few[:MOST_GROUPS], others, count, size)


def _language() -> str:
    return (get_language() or "vi")[:2]


def _each(twins: Sequence[Attribute | None], form: str) -> sql.Composable:
    """Columns that hold the words for a code, such as function_vi beside function."""
    return sql.SQL("").join(sql.SQL(f", {form}").format(sql.Identifier(twin.name)) for twin in twins if twin)


def _groups(
    layer: Layer,
    by: Sequence[Attribute],
    twins: Sequence[Attribute | None],
    rows: Sequence[tuple[Any, ...]],
    on: date,
) -> list[Group]:
    """The rows of the query with words, the largest first; numbers in their order; what binds before what does not."""
    width = max(1, len(by))
    names = _names(layer, by, rows, on)
    groups = []
    for row in rows:
        values, (*named, count, size) = row[:width], row[width:]
        said = iter(named)
        titles = tuple(
            (next(said) if twin else None) or names[attribute.name].get(value) or ("" if value is None else str(value))
            for attribute, twin, value in zip(by, twins, values, strict=False)
        )
        groups.append(Group(values, titles, count, float(size or 0)))
    if by and by[0].type == "int":
        return sorted(groups, key=lambda group: (group.values[0] is None, group.values[0]))
    weight: dict[Any, tuple[float, int]] = defaultdict(lambda: (0.0, 0))
    for group in groups:
        size, count = weight[group.values[0]]
        weight[group.values[0]] = (size + group.size, count + group.count)
    binding = layer.look.binding[1] if layer.look.binding else None
    return sorted(
        groups,
        key=lambda group: (
            group.values[0] != binding,
            *(-number for number in weight[group.values[0]]),
            str(group.values[0]),
            -group.size,
            -group.count,
            group.titles,
        ),
    )


def _names(layer: Layer, by: Sequence[Attribute], rows: Sequence[tuple[Any, ...]], on: date) -> dict[str, Any]:
    """Words for the values of each attribute: the catalogue's, the legend's, or those of the rule table on the day."""
    names: dict[str, Mapping[Any, str]] = {}
    for place, attribute in enumerate(by):
        if (layer.key, attribute.name) == ("parcels", "land_use"):
            names[attribute.name] = _land_use_names({row[place] for row in rows}, on)
        elif attribute.values:
            names[attribute.name] = {value: words(title) for value, title in attribute.values.items()}
        elif attribute.name == layer.look.by and attribute.type == "text":
            names[attribute.name] = {line["value"]: line["title"] for line in legend(layer, _language())}
        else:
            names[attribute.name] = {}
    return names


def _land_use_names(combined: set[str], on: date) -> dict[str, str]:
    """What land-use codes such as ODT+CLN mean on a day: the code and its name."""
    codes = sorted({code for codes in combined for code in codes.split("+") if code})
    known = {use.code: use for use in land_uses(codes, on)} if codes else {}

    def named(code: str) -> str:
        use = known[code]
        return (use.name_en if _language() == "en" and use.name_en else use.name_vi) or _("not in the table of codes")

    return {
        codes: f"{codes} – {' + '.join(named(code) for code in codes.split('+'))}" if codes else _("No land use given")
        for codes in combined
    }


def summary_document(outline: Outline, found: Sequence[Summary], on: date) -> dict[str, Any]:
    """The summary of an area as JSON: areas in m², lengths in m, of the register's plane."""
    area_m2 = outline.shape.area
    # What was drawn or seen, the client knows; the outline of a thing it does not.
    geometry = {"geometry": json.loads(shapely.to_geojson(to_wgs84(outline.shape)))} if outline.kind == "thing" else {}
    return {
        "as_of": on.isoformat(),
        "crs": {"epsg": REGISTER_ZONE.epsg, "name": REGISTER_ZONE.name},
        "outline": {
            "kind": outline.kind,
            "name": outline.name,
            "area_m2": round(area_m2, 4),
            "perimeter_m": round(outline.shape.length, 4),
            "bounds": outline.bounds,
            **geometry,
        },
        "layers": [_layer_document(summary, area_m2) for summary in found],
    }


def _layer_document(summary: Summary, area_m2: float) -> dict[str, Any]:
    layer = summary.layer
    document: dict[str, Any] = {
        "key": layer.key,
        "title": words(layer.title),
        "group": layer.group,
        "extent": summary.extent,
        "approximate": not summary.exact,
        **_sized(summary, summary, area_m2),
        "by": list(summary.by),
        "groups": [
            {
                "values": dict(zip(summary.by, group.values, strict=True)),
                "titles": list(group.titles),
                **_sized(summary, group, area_m2),
            }
            for group in summary.groups
        ],
        "others": summary.others,
    }
    if FLOORS in summary.by:
        at = summary.by.index(FLOORS)
        known = [group for group in summary.groups if group.values[at] is not None]
        document["floor_area_m2"] = round(sum(group.size * group.values[at] for group in known), 1)
        document["floors_unknown"] = summary.count - sum(group.count for group in known)
    return document


def _sized(summary: Summary, counted: Summary | Group, area_m2: float) -> dict[str, Any]:
    """How many, and how much of the area: m² and per cent of it, m, or nothing for points."""
    if summary.extent == "point":
        return {"count": counted.count}
    if summary.extent == "line":
        return {"count": counted.count, "length_m": round(counted.size, 3)}
    share = 100 * counted.size / area_m2
    return {"count": counted.count, "area_m2": round(counted.size, 3), "share_percent": round(share, 3)}
