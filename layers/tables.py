"""Rows of a layer as a table: of an area or the whole register, filtered, sorted, page by page.

No more than MOST rows are looked at, whatever the register holds: so many can be counted and sorted while somebody
waits. Where there are more, the table says so, shows what it found first, and neither sorts nor turns pages.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from psycopg import sql

from gisplatform.access import Person, row_condition, sees_exactly
from gisplatform.errors import InvalidInput
from layers.catalogue import Attribute, Layer
from layers.names import search_key
from layers.outlines import Outline, answered_in_time, inside
from layers.publishing import SCHEMA
from layers.queries import NO_CONDITION
from layers.things import SPOT, Thing, things_of

ROWS = 50  # of one page
MOST = 10_000
LONGEST_FILTER = 100

_QUERY = (Path(__file__).parent / "sql" / "table.sql").read_text(encoding="utf-8")
_NUMBER = r"[-−]?\d+(?:[.,]\d+)*"
_RANGE = re.compile(rf"(<=|>=|<|>|=|≤|≥)?\s*({_NUMBER})(?:\s*(?:-|–|\.\.)\s*({_NUMBER}))?")
_COMPARISONS = {"≤": "<=", "≥": ">=", None: "="}
# A mark between groups of three digits parts thousands, whichever it is; else it is the decimal sign.
_THOUSANDS = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")


@dataclass(frozen=True)
class Question:
    """Which rows of a layer, in which order.

    outline  the area that they lie in, at least partly; None for the whole register
    filters  what a column must hold: a part of a text, a number, or a range of numbers, as people write them
    words    for columns with codes the words of each code; filters and order go by the words
    sort     the column that decides the order
    """

    layer: Layer
    person: Person
    on: date
    outline: Outline | None = None
    filters: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sort: str = ""
    descending: bool = False
    page: int = 1

    def attribute(self, name: str) -> Attribute:
        """The column of that name. Raises InvalidInput where this person sees none."""
        exact = sees_exactly(self.layer.access, self.person)
        found = {attribute.name: attribute for attribute in self.layer.visible_attributes(exact)}
        if name not in found:
            raise InvalidInput(_("The table has no column “%(column)s”.") % {"column": name[:40]}, field=name[:40])
        return found[name]


@dataclass(frozen=True)
class Table:
    """One page. rows: how many there are, MOST where `more` says that there are more than that."""

    things: list[Thing]
    rows: int
    more: bool
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are; one where the rows are too many to be sorted."""
        return 1 if self.more else max(1, -(-self.rows // ROWS))


def table(question: Question) -> Table:
    """One page of a layer's rows. A page behind the last is the last. Raises InvalidInput, TooMuch."""
    layer, person = question.layer, question.person
    restriction = row_condition(layer.access, person)
    if restriction is None:
        return Table([], 0, False, 1)
    condition, allowed = restriction
    exact = sees_exactly(layer.access, person)
    where, params = _where(question)
    columns: list[sql.Composable] = [sql.Identifier("id")]
    columns += [sql.Identifier(attribute.name) for attribute in layer.visible_attributes(exact)]
    columns += [sql.SQL("{} AS {}").format(expression, sql.Identifier(name)) for name, expression in SPOT.items()]
    order_by, order_params = _order(question)
    query = sql.SQL(_QUERY).format(
        columns=sql.SQL(", ").join(columns),
        position=sql.Identifier(layer.geometry_column(exact)),
        view=sql.Identifier(SCHEMA, layer.key),
        in_effect=sql.SQL(layer.in_effect()),
        allowed=condition,
        where=where,
        order_by=order_by,
    )
    values = {
        **params,
        **order_params,
        **allowed,
        "on": question.on,
        "most": MOST,
        "limit": ROWS,
        "offset": min(ROWS * (question.page - 1), MOST),
    }
    with answered_in_time(), connection.cursor() as cursor:
        cursor.execute(query, values)
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    found = rows[0]["found_rows"] if rows else 0
    if question.page > 1 and (not rows or found > MOST):
        first = table(replace(question, page=1))
        return first if first.pages == 1 else table(replace(question, page=first.pages))
    for row in rows:
        del row["found_rows"]
    return Table(things_of(layer, rows, person, question.on), min(found, MOST), found > MOST, question.page)


def _where(question: Question) -> tuple[sql.Composable, dict[str, Any]]:
    """The condition of the area and the filters, and its parameters. Raises InvalidInput."""
    conditions: list[sql.Composable] = []
    params: dict[str, Any] = {}
    if question.outline:
        condition, params = inside(question.layer, question.outline)
        conditions.append(condition)
    for at, (name, wanted) in enumerate(question.filters.items()):
        attribute = question.attribute(name)
        if len(wanted) > LONGEST_FILTER:
            raise InvalidInput(_("That filter is too long."), field=name)
        filtering = _numbers if attribute.type in ("int", "float") else _texts
        for condition, values in filtering(question, attribute, wanted, f"filter{at}"):
            conditions.append(condition)
            params |= values
    return sql.SQL(" AND ").join(conditions) if conditions else NO_CONDITION, params


def _texts(
    question: Question, attribute: Attribute, wanted: str, param: str
) -> Iterator[tuple[sql.Composable, dict[str, Any]]]:
    """A text holds the wanted one, capital letters and tone marks aside; a code stands for its words.

    A mere number is the whole text: sheet 7 is not sheet 17.
    """
    column, placeholder = sql.SQL("{}::text").format(sql.Identifier(attribute.name)), sql.Placeholder(param)
    wanted = wanted.replace("\x00", "")
    words = question.words.get(attribute.name, {})
    if words:
        key = search_key(wanted)
        codes = [wanted] if wanted in words else [code for code, told in words.items() if key in search_key(told)]
        yield sql.SQL("{} = ANY({})").format(column, placeholder), {param: codes}
    elif wanted.isdecimal():
        yield sql.SQL("{} = {}").format(sql.Identifier(attribute.name), placeholder), {param: wanted}
    elif not any(
        map(str.isalpha, wanted)
    ):  # without letters there are no tone marks, which cost seconds on a million rows
        yield sql.SQL("position({} IN {}) > 0").format(placeholder, column), {param: wanted}
    else:
        yield sql.SQL("position(search_key({}) IN search_key({})) > 0").format(placeholder, column), {param: wanted}


def _numbers(
    question: Question, attribute: Attribute, wanted: str, param: str
) -> Iterator[tuple[sql.Composable, dict[str, Any]]]:
    """A number is the wanted one, above, below, or between two. Raises InvalidInput."""
    asked = _RANGE.fullmatch(wanted.strip())
    bounds = [_number(text) for text in asked.groups()[1:] if text] if asked else []
    if not asked or None in bounds or (asked[1] and len(bounds) > 1):
        raise InvalidInput(
            _("“%(wanted)s” is no number: write 200, >200, <200 or 200-400.") % {"wanted": wanted[:40]},
            field=attribute.name,
        )
    signs = [">=", "<="] if len(bounds) > 1 else [_COMPARISONS.get(asked[1], asked[1])]
    column = sql.Identifier(attribute.name)
    for at, (sign, bound) in enumerate(zip(signs, bounds, strict=True)):
        name = f"{param}_{at}"
        yield sql.SQL("{} {} {}").format(column, sql.SQL(sign), sql.Placeholder(name)), {name: bound}


def _number(text: str) -> float | None:
    """A number as people of either language write it: 1.250 and 1,250 are above a thousand, 1.25 and 1,25 are not."""
    text = text.replace("−", "-")
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    if _THOUSANDS.fullmatch(digits):
        digits = re.sub("[.,]", "", digits)
    else:
        whole, mark, part = (
            digits.rpartition(max(".,", key=digits.rfind)) if re.search("[.,]", digits) else (digits, "", "")
        )
        digits = f"{re.sub('[.,]', '', whole)}{'.' if mark else ''}{part}"
    try:
        return sign * float(digits)
    except ValueError:
        return None


def _order(question: Question) -> tuple[sql.Composable, dict[str, Any]]:
    """The order of the rows: none where there are too many of them, then by identity, so that pages do not overlap."""
    if not question.sort:
        return sql.SQL("id"), {}
    attribute = question.attribute(question.sort)
    column: sql.Composable = sql.Identifier(attribute.name)
    params: dict[str, Any] = {}
    if words := question.words.get(attribute.name):
        params = {"order_codes": sorted(words, key=lambda code: search_key(words[code]))}
        column = sql.SQL("array_position(%(order_codes)s::text[], {}::text)").format(column)
    by = sql.SQL("CASE WHEN (SELECT rows FROM counted) <= %(most)s THEN {} END").format(column)
    if attribute.type == "text" and not params:
        by = sql.SQL("({}) COLLATE natural_vi").format(by)
    return sql.SQL("{} {} NULLS LAST, id").format(by, sql.SQL("DESC" if question.descending else "ASC")), params
