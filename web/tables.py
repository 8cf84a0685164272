"""A table of the map's rows in words: columns, cells, what area and day it is of, and the addresses of others."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gisplatform import clock
from gisplatform.access import CITIZEN, Person, sights
from layers.catalogue import GROUPS, Attribute, Layer, layers, words
from layers.formats import number
from layers.outlines import Outline
from layers.tables import MOST, Question, Table
from layers.things import Thing
from web.areas import communes_in
from web.config import told_attributes, value_titles
from web.things import language, map_url, name_of, page_url

FILTER = "f-"  # before the name of a column in an address
# What a row is known by, as far as its layer has it; it stands first and leads to the row's own page.
LEADING = ("code", "reference", "name", "title", "house_number")
WINDOW_PX, TILE_PX = 900, 512
CLOSEST_ZOOM = 18.5
ADDRESS_ORDER = ("layer", "bbox", "thing", "as_of", "sort", "page")


@dataclass(frozen=True)
class Column:
    """One column: an attribute with its words for codes."""

    attribute: Attribute
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name in addresses."""
        return self.attribute.name

    @property
    def title(self) -> str:
        """Its heading, with the unit."""
        title = words(self.attribute.title)
        return f"{title} ({self.attribute.unit})" if self.attribute.unit else title

    @property
    def numeric(self) -> bool:
        """Whether its cells are numbers."""
        return self.attribute.type in ("int", "float") and not self.words

    def cell(self, value: Any) -> str:
        """A value in words; empty where the register says nothing. The unit stands in the heading."""
        if value is None or value == "":
            return ""
        if str(value) in self.words:
            return self.words[str(value)]
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        return number(value, 2) if isinstance(value, int | float) else str(value)


def columns_of(layer: Layer, person: Person) -> list[Column]:
    """What a table tells of a layer: what the panel tells, and first what a row is known by."""
    told = told_attributes(layer, person, language())
    names = {attribute.name for attribute in told}
    if person == CITIZEN:  # a code that nobody but staff needs, as its name is told
        told = [attribute for attribute in told if names.isdisjoint({f"{attribute.name}_vi", f"{attribute.name}_en"})]
    first = next((name for name in LEADING if name in names), told[0].name)
    told = sorted(told, key=lambda attribute: attribute.name != first)
    return [Column(attribute, value_titles(layer, attribute, language())) for attribute in told]


def layers_of(person: Person) -> list[Layer]:
    """The layers that a person has, as the panel lists them: by groups, what lies on top of the map first."""
    groups = list(GROUPS)
    found = [layer for layer in reversed(layers()) if sights(layer.access, person)]
    return sorted(found, key=lambda layer: groups.index(layer.group))


def address(question: Question, params: Mapping[str, str], **changes: str) -> str:
    """The address of a table with some parameters changed; "" takes one out. Another order starts at the first page."""
    kept = {name: params.get(name, "") for name in ADDRESS_ORDER}
    kept |= {"layer": question.layer.key, "page": ""} | {
        f"{FILTER}{name}": text for name, text in question.filters.items()
    }
    kept |= changes
    if kept["as_of"] == clock.today().isoformat():
        kept["as_of"] = ""
    return f"{reverse('table')}?{urlencode({name: text for name, text in kept.items() if text})}"


def sort_of(question: Question, name: str) -> str:
    """What `sort` says when somebody asks for a column: up first, then down."""
    return f"-{name}" if question.sort == name and not question.descending else name


def direction(question: Question, name: str) -> str:
    """The order of a column as ARIA calls it; empty for columns that do not decide it."""
    if question.sort != name:
        return ""
    return "descending" if question.descending else "ascending"


def count_words(table: Table) -> str:
    """How many rows there are."""
    if table.more:
        return _("more than %(most)s rows") % {"most": number(MOST)}
    return ngettext("%(rows)s row", "%(rows)s rows", table.rows) % {"rows": number(table.rows)}


def area_words(outline: Outline | None, on: date) -> str:
    """Which area a table is of."""
    if outline is None:
        return _("The whole register")
    if outline.kind == "thing":
        return outline.name
    communes, more = communes_in(outline.shape, on)
    if not communes:
        return _("View of the map")
    return _("View of the map in %(communes)s") % {"communes": ", ".join(communes) + (" …" if more else "")}


def zoom_of(degrees: float) -> float:
    """The zoom of a map at which so many degrees of longitude fill a window."""
    return min(CLOSEST_ZOOM, math.log2(WINDOW_PX * 360 / (TILE_PX * max(degrees, 1e-9))))


def row(thing: Thing, columns: list[Column], person: Person) -> dict[str, Any]:
    """One row: what it is called, where it leads, its cells."""
    name = name_of(thing, person)
    first, *cells = [column.cell(thing.properties[column.name]) for column in columns]
    return {
        "id": thing.id,
        "code": thing.properties.get("code") if thing.layer.key == "parcels" else None,
        "name": name,
        "position": [round(degrees, 7) for degrees in thing.position],
        "bounds": [round(degrees, 7) for degrees in thing.bounds],
        "url": page_url(thing),
        "map_url": map_url(thing),
        "cells": [first or name, *cells],
    }


def document(question: Question, table: Table, columns: list[Column], params: Mapping[str, str]) -> dict[str, Any]:
    """A page of a table as the script of the map reads it."""
    return {
        "layer": question.layer.key,
        "title": words(question.layer.title),
        "count": count_words(table),
        "more": table.more,
        "area": area_words(question.outline, question.on),
        "as_of": question.on.isoformat(),
        "page": table.page,
        "pages": table.pages,
        "columns": [
            {
                "name": column.name,
                "title": column.title,
                "numeric": column.numeric,
                "sort": sort_of(question, column.name),
                "direction": direction(question, column.name),
            }
            for column in columns
        ],
        "rows": [row(thing, columns, question.person) for thing in table.things],
        "url": address(question, params),
    }
