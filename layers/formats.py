"""Numbers as people here write them: 1.234,5 in Vietnamese, 1,234.5 in English."""

from django.utils import numberformat
from django.utils.formats import get_format

HECTARE_M2 = 10_000


def number(value: float, decimals: int = 0) -> str:
    """A number with at most that many decimals, thousands marked."""
    written = fixed(value, decimals)
    mark = get_format("DECIMAL_SEPARATOR")
    return written.rstrip("0").rstrip(mark) if mark in written else written


def fixed(value: float, decimals: int) -> str:
    """A number with just so many decimals, thousands marked."""
    return numberformat.format(
        round(value, decimals) + 0.0,  # no minus before a zero
        decimal_sep=get_format("DECIMAL_SEPARATOR"),
        decimal_pos=decimals,
        grouping=3,
        thousand_sep=get_format("THOUSAND_SEPARATOR"),
        force_grouping=True,
        use_l10n=True,
    )


def area(square_metres: float) -> str:
    """An area with its unit: m² below one hectare, then ha."""
    if abs(square_metres) < HECTARE_M2:
        return f"{number(square_metres, 1)} m²"
    return f"{number(square_metres / HECTARE_M2, 2)} ha"
