"""Numbers in templates, written as layers.formats writes them."""

import re

from django import template

from layers.formats import area as write_area
from layers.formats import fixed as write_fixed
from layers.formats import number as write_number
from layers.parcels.queries import LandUse
from planning.answers import wording
from planning.answers.answer import Limit, ZoneShare

register = template.Library()

_BEFORE_UNIT = re.compile(r"(?<=\d) (?=%|m²|ha\b|m\b)")


@register.filter
def number(value: float, decimals: int = 1) -> str:
    """A number with at most that many decimals."""
    return write_number(value, decimals)


@register.filter
def fixed(value: float, decimals: int) -> str:
    """A number with just so many decimals, as coordinates are written."""
    return write_fixed(value, decimals)


@register.filter
def area(square_metres: float) -> str:
    """An area with its unit, m² or ha."""
    return write_area(square_metres)


@register.filter
def tied(sentence: str) -> str:
    """A sentence in which no line ends between a number and its unit."""
    return _BEFORE_UNIT.sub("\N{NO-BREAK SPACE}", sentence)


@register.filter
def limit_rows(zone: ZoneShare) -> list[Limit]:
    """The limits of a zone in words."""
    return wording.limit_rows(zone)


@register.filter
def law_name(use: LandUse) -> str:
    """What the law calls a land-use code, in the visitor's language."""
    return wording.land_use_name(use)
