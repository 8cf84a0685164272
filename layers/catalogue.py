"""The layer catalogue: one declaration per layer, read by tiles, style, legend, search, pages and documentation.

A declaration stands in `layer.py` of the folder that owns the register and calls `declare`. A new layer is that one
declaration and no other edit.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.utils.translation import get_language

from gisplatform.access import AccessTable
from gisplatform.registers import Version

Text = Mapping[str, str]  # language → words, always vi and en
Drawn = Literal["fill", "line", "circle"]


def words(text: Text, language: str | None = None) -> str:
    """The words in the language of the visitor, or in the one asked for."""
    return text.get((language or get_language() or "vi")[:2], text["vi"])


@dataclass(frozen=True)
class Attribute:
    """One published attribute: what the map, the panel and downloads may show of a row.

    sql         an expression over the register's row, called `row`, and what the layer joins; its own column by default
    type        what the tile carries; numbers stay numbers
    exact_only  shown only to people who see exact positions (it would give the position away)
    values      words for the codes that the attribute usually has; others are shown as they are
    """

    name: str
    type: Literal["int", "float", "text", "bool"]
    title: Text
    sql: str = ""
    unit: str = ""
    exact_only: bool = False
    description: Text | None = None
    values: Mapping[str, Text] = field(default_factory=dict)

    @property
    def expression(self) -> str:
        """SQL that yields the attribute."""
        return self.sql or f'row."{self.name}"'


@dataclass(frozen=True)
class Entry:
    """One line of the legend: rows whose style attribute has `value` are drawn in this colour."""

    value: str
    title: Text
    colour: str


@dataclass(frozen=True)
class Look:
    """How a layer is drawn and explained.

    by           the attribute that decides the colour through `entries`; empty when all rows look alike
    colour_from  the attribute that holds the colour itself (#rrggbb), where dated rows say how a thing is drawn
    entries      the legend, in order, or a function that asks the rule table for it; `colour` draws all else
    binding      (attribute, value): only rows with that value bind anybody; all others are drawn faint and dashed, and
                 their labels say in brackets what they are
    label        the attribute written on the map; empty for none
    """

    drawn: Drawn
    colour: str
    by: str = ""
    colour_from: str = ""
    entries: Sequence[Entry] | Callable[[], Sequence[Entry]] = ()
    opacity: float = 1.0
    width: float = 1.0  # line width or circle radius in pixels at zoom 16
    outline: str = ""
    dash: Sequence[float] = ()
    binding: tuple[str, str] | None = None
    label: str = ""
    label_min_zoom: int = 17


@dataclass(frozen=True)
class Layer:
    """One layer of the map.

    key                  its name in every address
    group                under which heading the layer list shows it
    register             the model that holds the rows
    geometry             the geometry column, in the register's system
    approximate          the column shown to people who may not see exact positions
    joins                SQL joins that the attributes need
    joined               alias of a joined register whose own times limit the row's, e.g. the plan of a zone
    min_zoom, max_zoom   tiles exist from … to; above, the client enlarges
    """

    key: str
    title: Text
    group: str
    register: type[Version]
    geometry: str
    attributes: Sequence[Attribute]
    access: AccessTable
    look: Look
    min_zoom: int = 12
    max_zoom: int = 18
    approximate: str = ""
    joins: str = ""
    joined: str = ""
    shown: bool = True  # switched on when the map opens
    order: int = 0  # drawing order, bottom first

    @property
    def table(self) -> str:
        """The register's table."""
        return self.register._meta.db_table

    def geometry_column(self, exact: bool) -> str:
        """The published column that holds the position: the exact or the approximate one."""
        return "exact" if exact or not self.approximate else "approximate"

    @property
    def _times(self) -> list[str]:
        """Prefixes of the published times that limit a row: its own, and those of a joined register."""
        return ["", "joined_"] if self.joined else [""]

    @property
    def held_true(self) -> str:
        """SQL condition on published columns: what the register holds true now, of whatever day."""
        return " AND ".join(f"upper_inf({prefix}recorded_during)" for prefix in self._times)

    def in_effect(self, known_at: bool = False) -> str:
        """SQL condition on published columns: in effect on the day %(on)s, as known now or at %(known_at)s.

        One condition per register and none on a computed range: only so do the partial indexes serve it.
        """
        held = "{}recorded_during @> %(known_at)s" if known_at else "upper_inf({}recorded_during)"
        return " AND ".join(f"{held.format(prefix)} AND {prefix}valid_during @> %(on)s::date" for prefix in self._times)

    def visible_attributes(self, exact: bool) -> list[Attribute]:
        """The attributes that go with that precision."""
        return [attribute for attribute in self.attributes if exact or not attribute.exact_only]


GROUPS: dict[str, Text] = {
    "base": {"vi": "Nền và địa giới", "en": "Base and boundaries"},
    "land": {"vi": "Đất đai", "en": "Land"},
    "planning": {"vi": "Quy hoạch", "en": "Planning"},
    "networks": {"vi": "Hạ tầng kỹ thuật", "en": "Utility networks"},
    "cameras": {"vi": "Camera", "en": "Cameras"},
}

_layers: dict[str, Layer] = {}


def declare(layer: Layer) -> Layer:
    """Add a layer to the catalogue. Raises ValueError on what would otherwise fail later and elsewhere."""
    if layer.key in _layers and _layers[layer.key] != layer:
        raise ValueError(f"Layer {layer.key} is declared twice.")
    if layer.group not in GROUPS:
        raise ValueError(f"Layer {layer.key} names an unknown group {layer.group}.")
    names = {attribute.name for attribute in layer.attributes}
    restricted = {sight.rows.column for sight in layer.access.values() if sight.rows.column}
    look = layer.look
    binding = look.binding[:1] if look.binding else ()
    for needed in {look.by, look.colour_from, look.label, *binding, *restricted} - {""}:
        if needed not in names:
            raise ValueError(f"Layer {layer.key} uses {needed}, which is not among its attributes.")
    _layers[layer.key] = layer
    return layer


def layers() -> list[Layer]:
    """All layers in drawing order, bottom first."""
    return sorted(_layers.values(), key=lambda layer: (layer.order, layer.key))


def find(key: str) -> Layer | None:
    """The layer of that key, if there is one."""
    return _layers.get(key)


def value_words(key: str, attribute: str, value: str | None) -> str:
    """The words for a coded value of a layer's attribute in the visitor's language; the value where it has none."""
    layer = _layers[key]
    titles = next(found.values for found in layer.attributes if found.name == attribute)
    return words(titles[value]) if value and value in titles else value or ""


def legend(layer: Layer, language: str) -> Iterator[dict[str, Any]]:
    """The legend's lines in one language: value, title, colour."""
    entries = layer.look.entries() if callable(layer.look.entries) else layer.look.entries
    for entry in entries:
        yield {
            "value": entry.value,
            "title": words(entry.title, language),
            "colour": entry.colour,
        }
    if not entries:
        yield {
            "value": "",
            "title": words(layer.title, language),
            "colour": layer.look.colour,
        }
