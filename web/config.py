"""What the map's script is told: layers with legend and attribute titles, words, addresses, where to look first."""

from typing import Any

import numpy as np
from django.core.cache import cache
from django.db import models
from psycopg import sql

from gisplatform import clock
from gisplatform.access import CITIZEN, Person, sees_exactly, sights
from gisplatform.crs import REGISTER_SRID, REGISTER_ZONE
from layers.catalogue import GROUPS, Attribute, Layer, find, layers, legend, words
from layers.queries import NO_CONDITION, select
from layers.rasters.queries import listed
from layers.search.examples import examples
from planning.plans.models import PlanState
from tiles.bundles import source_of
from tiles.style import drawn_legend, samples
from web.strings import strings

VIEW_CACHE_KEY = "web.first-view"
VIEW_CACHE_S = 60
# How many communes are asked, and how many parcels at each side tell where the register lies; a few strays must not
# set the first view.
COMMUNES = 1000
OUTERMOST = 250
STRAYS_PERCENT = 2
# Far beyond the register's zone, easting and northing in metres: west, south, east, north.
ALL_AROUND = (0, 0, 1_000_000, 3_000_000)


def map_config(person: Person, language: str) -> dict[str, Any]:
    """The script's configuration for this person in this language; only layers that exist for the person."""
    seen = [layer for layer in layers() if sights(layer.access, person)]
    view = first_view()
    return {
        "language": language,
        "strings": strings(),
        "groups": [{"key": key, "title": words(title, language)} for key, title in GROUPS.items()],
        "layers": [layer_config(layer, person, language) for layer in seen],
        "rasters": listed(person, language),
        "bounds": view["bounds"],
        "empty": view["empty"],
        "styleUrl": "/tiles/style.json",
        "searchUrl": "/search.json",
        "examples": examples(),
        "today": clock.today().isoformat(),
    }


def layer_config(layer: Layer, person: Person, language: str) -> dict[str, Any]:
    """One layer as the script needs it."""
    return {
        "key": layer.key,
        "title": words(layer.title, language),
        "group": layer.group,
        "source": source_of(layer),
        "shown": layer.shown_to(person),
        "minZoom": layer.seen_zoom(True),
        "pastMinZoom": layer.seen_zoom(False),
        "drawn": layer.look.drawn,
        "approximate": not sees_exactly(layer.access, person),
        "label": layer.look.label,
        "by": layer.look.by,
        "legend": drawn_legend(layer, language),
        "samples": samples(layer),
        "attributes": [
            {
                "name": attribute.name,
                "title": words(attribute.title, language),
                "unit": attribute.unit,
                "type": attribute.type,
                "values": value_titles(layer, attribute, language),
            }
            for attribute in told_attributes(layer, person, language)
        ],
    }


def told_attributes(layer: Layer, person: Person, language: str) -> list[Attribute]:
    """What a panel tells: not colours and numbers of organisations, and of twins the one in the visitor's language."""
    visible = layer.visible_attributes(sees_exactly(layer.access, person))
    names = {attribute.name for attribute in visible}
    technical = {sight.rows.column for sight in layer.access.values() if sight.rows.own} | {layer.look.colour_from}
    twin = {"vi": ("_en", "_vi"), "en": ("_vi", "_en")}
    foreign, home = twin.get(language, twin["vi"])
    return [
        attribute
        for attribute in visible
        if attribute.name not in technical
        and not (attribute.name.endswith(foreign) and attribute.name.removesuffix(foreign) + home in names)
    ]


def value_titles(layer: Layer, attribute: Attribute, language: str) -> dict[str, str]:
    """Words for the codes of an attribute, where the catalogue, the legend or the register has them."""
    if attribute.values:
        return {value: words(title, language) for value, title in attribute.values.items()}
    if attribute.name == layer.look.by and attribute.type == "text" and not layer.look.colour_from:
        return {entry["value"]: entry["title"] for entry in legend(layer, language)}
    if attribute.name == "state":
        return {value: str(title) for value, title in PlanState.choices}
    field = {field.name: field for field in layer.register._meta.fields}.get(attribute.name)
    if isinstance(field, models.Field) and field.choices:
        return {str(value): str(title) for value, title in field.flatchoices}
    return {}


def first_view() -> dict[str, Any]:
    """Where the map looks when it opens: {"bounds": [w, s, e, n] in degrees, "empty": no parcels yet}."""
    view = cache.get(VIEW_CACHE_KEY)
    if view is None:
        communes = boxes("administrative_units", where=sql.SQL("level = 'commune'"), limit=COMMUNES)
        land = surrounding(communes, strays_percent=0)
        parcels = outermost_parcels(land)
        bounds = surrounding(parcels, strays_percent=STRAYS_PERCENT) or land
        empty = not len(parcels) and not len(outermost_parcels(None))
        view = {"bounds": bounds or zone_bounds(), "empty": empty}
        cache.set(VIEW_CACHE_KEY, view, VIEW_CACHE_S)
    return view


def outermost_parcels(land: list[float] | None) -> np.ndarray:
    """Boxes (n, 4) in degrees of the parcels within [w, s, e, n], or anywhere, that lie furthest to each side.

    The map's index walks in from each side, so a register of millions is asked as quickly as a small one.
    """
    inside: sql.Composable = NO_CONDITION
    if land:
        inside = sql.SQL("shape @ ST_Transform(ST_MakeEnvelope({}, 4326), {})").format(
            sql.SQL(", ").join(map(sql.Literal, land)), sql.Literal(REGISTER_SRID)
        )
    west, south, east, north = ALL_AROUND
    found = []
    for side in [
        (west, south, west, north),
        (west, south, east, south),
        (east, south, east, north),
        (west, north, east, north),
    ]:
        distance = sql.SQL("shape <#> ST_MakeEnvelope({}, {})").format(
            sql.SQL(", ").join(map(sql.Literal, side)), sql.Literal(REGISTER_SRID)
        )
        found.append(boxes("parcels", where=inside, order_by=distance, limit=OUTERMOST))
    return np.unique(np.concatenate(found), axis=0)  # in a small register, a parcel is near several sides


def boxes(
    key: str,
    *,
    where: sql.Composable = NO_CONDITION,
    order_by: sql.Composable = sql.SQL("id"),  # noqa: B008 - immutable
    limit: int,
) -> np.ndarray:
    """West, south, east, north in degrees of the first rows that everyone may see, (n, 4)."""
    layer = find(key)
    assert layer is not None, key
    corner = "ST_{}(ST_Transform(ST_Envelope(shape), 4326))"
    sides = {"west": "XMin", "south": "YMin", "east": "XMax", "north": "YMax"}
    rows = select(
        layer,
        CITIZEN,
        where=where,
        extra={side: sql.SQL(corner.format(function)) for side, function in sides.items()},
        order_by=order_by,
        limit=limit,
    )
    return np.array([[row[side] for side in sides] for row in rows], dtype=float).reshape(-1, 4)


def surrounding(corners: np.ndarray, *, strays_percent: float) -> list[float] | None:
    """What surrounds boxes (n, 4) but for some per cent on each side: [w, s, e, n]; None for no box."""
    if not len(corners):
        return None
    west, south = np.percentile(corners[:, :2], strays_percent, axis=0)
    east, north = np.percentile(corners[:, 2:], 100 - strays_percent, axis=0)
    return [round(float(side), 6) for side in (west, south, east, north)]


def zone_bounds() -> list[float]:
    """The land strip of the register's zone, for a register without any rows."""
    return [REGISTER_ZONE.meridian - 1.5, 8.3, REGISTER_ZONE.meridian + 1.5, 23.4]
