"""The layer catalogue: one declaration per layer, read by tiles, style, legend, search, pages and documentation.

A declaration stands in `layer.py` of the folder that owns the register and calls `declare`. A new layer is that one
declaration and no other edit.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db.models import Model
from django.utils.translation import get_language

from gisplatform.access import AccessTable, Person, Role
from gisplatform.registers import Version

SQL_TYPES = {"int": "bigint", "float": "double precision", "text": "text", "bool": "boolean"}
# What every layer has beside its attributes, in the published views and in the tables that tiles are drawn from.
TAKEN = {
    "row",
    "id",
    "valid_during",
    "recorded_during",
    "exact",
    "valid_from",
    "valid_to",
    "shape",
    "approximate",
    "clearance",
    "label",
}
# What rows that are drawn merged have instead (layers/drawn/levels.py); the last two go into tiles.
MERGED = {"zoom", "cell", "place", "count", "area_m2", "length_m"}
Text = Mapping[str, str]  # language → words, always vi and en
Drawn = Literal["fill", "line", "circle"]
Writing = Literal[
    "name", "street", "area", "water", "place", "code", "number", "house"
]  # kinds of labels (tiles/labels.py)


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

    @property
    def sql_type(self) -> str:
        """The plain type of the attribute in a tile."""
        return SQL_TYPES[self.type]


@dataclass(frozen=True)
class Entry:
    """One line of the legend: rows whose style attribute has `value` are drawn in this colour.

    icon  of web/static/web/icons.svg: points get it on a disc of the colour
    """

    value: str
    title: Text
    colour: str
    icon: str = ""


@dataclass(frozen=True)
class Rank:
    """How much rows of one kind matter among the rows of their layer.

    weight       width or radius, times the layer's; the heavier lie above the lighter, and their labels go first
    min_zoom     from here on they are in tiles; never before the layer itself
    label_zoom   from here on their label may stand; never before the layer's labels
    label_until  up to here it may: the name of a province says nothing in one of its streets
    """

    weight: float = 1.0
    min_zoom: int = 0
    label_zoom: float = 0
    label_until: float = 99


@dataclass(frozen=True)
class Look:
    """How a layer is drawn and explained.

    by           the attribute that tells the lines of the legend apart; empty when all rows look alike
    colour_from  the attribute that holds the colour itself (#rrggbb), where dated rows say how a thing is drawn
    entries      the legend, in order, or a function that asks the rule table for it; `colour` draws all else
    dark         colours of this look as a dark map draws them, where their mirror image would not do
    width_from   the attribute that holds a line's width in metres: it grows to scale as the map comes near
    casing       the colour of a line's rim
    binding      (attribute, value): only rows with that value bind anybody; all others are drawn faint and dashed, and
                 their labels say in brackets what they are
    min_zoom     from here on the map draws it, where tiles from farther off are there for other uses
    label        the attribute written on the map; empty for none
    label_as     what sort of words they are, which decides size, spacing and ink
    """

    drawn: Drawn
    colour: str
    by: str = ""
    colour_from: str = ""
    entries: Sequence[Entry] | Callable[[], Sequence[Entry]] = ()
    dark: Mapping[str, str] = field(default_factory=dict)
    opacity: float = 1.0
    width: float = 1.0  # line width or circle radius in pixels at zoom 16
    width_from: str = ""
    casing: str = ""
    outline: str = ""
    dash: Sequence[float] = ()
    binding: tuple[str, str] | None = None
    min_zoom: int = 0
    label: str = ""
    label_as: Writing = "name"
    label_min_zoom: float = 17


@dataclass(frozen=True)
class Source:
    """Another table from which a layer's rows are told: a change there is a change of the rows that refer to it.

    column, key  the register's column and the source's that it is equal to
    """

    model: type[Model]
    column: str
    key: str

    @property
    def table(self) -> str:
        """The source's table."""
        return self.model._meta.db_table


@dataclass(frozen=True)
class Level:
    """What tiles of some zooms are drawn from instead of the rows: rows that are merged and have fewer corners.

    min_zoom, max_zoom  which zooms
    by                  the attributes that merged rows share; these and how many they are and how large go into tiles
    extent              units along one side of its tiles, of 512 pixels
    """

    min_zoom: int
    max_zoom: int
    by: Sequence[str] = ()
    extent: int = 4096


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
    sources              the tables that the joins read
    min_zoom, max_zoom   tiles exist from … to; above, the client enlarges
    levels               from afar: zooms at which merged rows are drawn, down to `plain_zoom`, from which rows are
    cell_zoom            rows merge with those of the same tile of this zoom, so an edit costs no more than one
    over_each_other      attributes of rows that may lie over each other; such as are equal in them do not
    past_min_zoom        from here on there are tiles of other days, which are made of rows at every zoom
    ranked_by, ranks     the attribute that says what a row is, and how much each kind matters; "" is all other kinds
    summed_by            the attributes by which a summary of an area tells the rows apart, such as land use
    shown                on when the map opens: for everyone, for nobody, or for people in these roles
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
    levels: Sequence[Level] = ()
    cell_zoom: int = 15
    over_each_other: Sequence[str] = ()
    past_min_zoom: int = 0
    approximate: str = ""
    joins: str = ""
    joined: str = ""
    sources: Sequence[Source] = ()
    ranked_by: str = ""
    ranks: Mapping[str, Rank] = field(default_factory=dict)
    summed_by: Sequence[str] = ()
    shown: bool | Sequence[Role] = True
    order: int = 0  # drawing order, bottom first

    @property
    def table(self) -> str:
        """The register's table."""
        return self.register._meta.db_table

    @property
    def labelled_apart(self) -> bool:
        """Whether labels have points of their own in the tiles: those of areas, which else get one in every tile."""
        kind = getattr(self.register._meta.get_field(self.geometry), "geom_type", "")
        return bool(self.look.label) and "POLYGON" in kind

    @property
    def plain_zoom(self) -> int:
        """From here on tiles are drawn from the rows themselves."""
        return max([self.min_zoom, *(level.max_zoom + 1 for level in self.levels)])

    def seen_zoom(self, today: bool) -> int:
        """From here on the map draws it: of the present day, or of others."""
        return max(self.first_zoom(today), self.look.min_zoom)

    def level_at(self, z: int) -> Level | None:
        """What tiles of a zoom are drawn from today, if not from the rows."""
        return next((level for level in self.levels if level.min_zoom <= z <= level.max_zoom), None)

    def first_zoom(self, today: bool) -> int:
        """From where on there are tiles: of the present day, or of others."""
        return self.min_zoom if today or not self.levels else self.past_min_zoom or self.plain_zoom

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

    @property
    def changed(self) -> str:
        """SQL condition on published columns: what made a map of the day %(on)s differ from one of the day %(former)s.

        That is what was recorded or closed after %(since)s, and what was in effect on one of the days only.
        """
        return " OR ".join(
            f"lower({prefix}recorded_during) > %(since)s OR upper({prefix}recorded_during) > %(since)s"
            f" OR ({prefix}valid_during @> %(former)s::date) <> ({prefix}valid_during @> %(on)s::date)"
            for prefix in self._times
        )

    def in_effect(self, known_at: bool = False) -> str:
        """SQL condition on published columns: in effect on the day %(on)s, as known now or at %(known_at)s.

        One condition per register and none on a computed range: only so do the partial indexes serve it.
        """
        held = "{}recorded_during @> %(known_at)s" if known_at else "upper_inf({}recorded_during)"
        return " AND ".join(f"{held.format(prefix)} AND {prefix}valid_during @> %(on)s::date" for prefix in self._times)

    def shown_to(self, person: Person) -> bool:
        """Whether the layer is on when this person opens the map."""
        return self.shown if isinstance(self.shown, bool) else not person.roles.isdisjoint(self.shown)

    def kinds_at(self, z: int) -> tuple[list[str], bool]:
        """Which of the ranked kinds are in tiles of a zoom, and whether the kinds without a rank of their own are."""
        early = [kind for kind, rank in self.ranks.items() if kind and rank.min_zoom <= z]
        return early, self.ranks.get("", Rank()).min_zoom <= z

    def visible_attributes(self, exact: bool) -> list[Attribute]:
        """The attributes that go with that precision."""
        return [attribute for attribute in self.attributes if exact or not attribute.exact_only]


GROUPS: dict[str, Text] = {
    "planning": {"vi": "Quy hoạch", "en": "Planning"},
    "land": {"vi": "Đất đai", "en": "Land"},
    "networks": {"vi": "Hạ tầng kỹ thuật", "en": "Utility networks"},
    "cameras": {"vi": "Camera", "en": "Cameras"},
    "base": {"vi": "Nền và địa giới", "en": "Base and boundaries"},
}

_layers: dict[str, Layer] = {}


def declare(layer: Layer) -> Layer:
    """Add a layer to the catalogue. Raises ValueError on what would otherwise fail later and elsewhere."""
    if layer.key in _layers and _layers[layer.key] != layer:
        raise ValueError(f"Layer {layer.key} is declared twice.")
    if layer.group not in GROUPS:
        raise ValueError(f"Layer {layer.key} names an unknown group {layer.group}.")
    names = {attribute.name for attribute in layer.attributes}
    if taken := names & TAKEN:
        raise ValueError(f"Layer {layer.key} has an attribute {min(taken)}, which is a column of its own.")
    restricted = {sight.rows.column for sight in layer.access.values() if sight.rows.column}
    look = layer.look
    binding = look.binding[:1] if look.binding else ()
    used = {
        look.by,
        look.colour_from,
        look.width_from,
        look.label,
        layer.ranked_by,
        *layer.summed_by,
        *layer.over_each_other,
        *(name for level in layer.levels for name in level.by),
        *binding,
        *restricted,
    }
    for needed in used - {""}:
        if needed not in names:
            raise ValueError(f"Layer {layer.key} uses {needed}, which is not among its attributes.")
    if layer.levels:
        _check_levels(layer, {look.by, look.colour_from, layer.ranked_by, *binding, *restricted})
    _layers[layer.key] = layer
    return layer


def _check_levels(layer: Layer, needed: set[str]) -> None:
    """Raise ValueError where merged rows could not be drawn, or not for the same people, as the rows themselves."""
    if layer.approximate or any(attribute.exact_only for attribute in layer.attributes):
        raise ValueError(f"Layer {layer.key} has levels, which are not made for positions that not everyone may see.")
    if taken := {attribute.name for attribute in layer.attributes} & MERGED:
        raise ValueError(f"Layer {layer.key} has an attribute {min(taken)}, which is a column of its levels.")
    expected = layer.min_zoom
    for level in layer.levels:
        if not expected == level.min_zoom <= level.max_zoom < layer.max_zoom:
            raise ValueError(f"The levels of layer {layer.key} leave out zooms, or are not in order.")
        labelled = layer.look.label and level.max_zoom >= int(layer.look.label_min_zoom)
        for name in sorted((needed | ({layer.look.label} if labelled else set())) - {"", *level.by}):
            raise ValueError(f"A level of layer {layer.key} needs {name} among what its merged rows share.")
        expected = level.max_zoom + 1


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
    """The legend's lines in one language: value, title, colour, icon. The colour is the catalogue's; how a map draws it
    on its ground, tiles.style says.
    """
    entries = layer.look.entries() if callable(layer.look.entries) else layer.look.entries
    for entry in entries:
        yield {
            "value": entry.value,
            "title": words(entry.title, language),
            "colour": entry.colour,
            "icon": entry.icon,
        }
    if not entries:
        yield {
            "value": "",
            "title": words(layer.title, language),
            "colour": layer.look.colour,
            "icon": "",
        }
