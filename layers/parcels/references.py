"""What people type when they mean a parcel: `12-283`, `tờ 12 thửa 283`, `283 (12)`, `20239-12-283`, …"""

import re
from dataclasses import dataclass

from layers.names import search_key

# Digits, at most one letter behind them (283a); a letter that begins the next word is not part of the number.
_TOKEN = r"(\d{1,6}(?:[a-z](?![a-z\d]))?)(?!\d)"  # noqa: S105 - a pattern
_LINK = r"\s*(?:so\b)?\s*[:.#]?\s*"
_SHEET = re.compile(
    rf"(?<![a-z\d])(?:so\s+hieu\s+to|so\s+to|to\s+ban\s+do|to\s+bd|tbd|ban\s+do|map\s+sheet|sheet|to|t)(?![a-z]){_LINK}{_TOKEN}"
)
_NUMBER = re.compile(
    rf"(?<![a-z])(?:so\s+hieu\s+thua|so\s+thua\s+dat|so\s+thua|thua\s+dat|thua|parcel|plot|lot|th)(?![a-z]){_LINK}{_TOKEN}"
)
_NUMBER_IN_SHEET = re.compile(rf"^\s*{_TOKEN}\s*\(\s*{_TOKEN}\s*\)")
_BETWEEN = r"\s*[-–—_/,;\s]\s*"
_BARE = re.compile(rf"^\s*{_TOKEN}{_BETWEEN}{_TOKEN}(?:{_BETWEEN}{_TOKEN})?(?:{_BETWEEN}{_TOKEN})?(?=$|[\s,;])")

_BARE_NUMBER = re.compile(rf"^\s*{_TOKEN}(?=$|[\s,;])")

# No habit of writing is longer; whatever is, means something else.
LONGEST = 200


@dataclass(frozen=True)
class ParcelReference:
    """A parcel as somebody named it. What was not said is empty (suffix: 0); without a sheet, any sheet may be meant.

    place  what else was typed, mostly the name of a commune; small letters, no tone marks
    """

    sheet: str
    number: str
    commune_code: str = ""
    suffix: int = 0
    place: str = ""

    @property
    def sheets(self) -> list[str]:
        """The spellings under which a register may hold the sheet."""
        return spellings(self.sheet)

    @property
    def numbers(self) -> list[str]:
        """The spellings under which a register may hold the parcel number."""
        return spellings(self.number)


def spellings(number: str) -> list[str]:
    """A number as typed, without leading zeros, and with a capital letter behind it: `083a` → 083a, 083A, 83a, 83A."""
    plain = number.lstrip("0") or "0"
    return list(dict.fromkeys([number, number.upper(), plain, plain.upper()]))


def parse(text: str) -> list[ParcelReference]:
    """What the text may mean as a parcel, likeliest first; empty when it names none. Never raises."""
    if len(text) > LONGEST:
        return []
    # Runs of spaces would make the patterns below try every way to share them out.
    typed = " ".join(search_key(text).split())
    sheet, number = _SHEET.search(typed), _NUMBER.search(typed)
    if sheet and number:
        rest = _without(typed, sheet.span(), number.span())
        return [ParcelReference(sheet[1], number[1], place=_place(rest))]
    if match := _NUMBER_IN_SHEET.match(typed):
        return [ParcelReference(match[2], match[1], place=_place(typed[match.end() :]))]
    if match := _BARE.match(typed):
        rest = typed[match.end() :]
        # More numbers than a parcel has: something else was meant.
        if not re.search(r"\d", rest):
            return _bare([part for part in match.groups() if part], _place(rest))
    return []


def parse_number(text: str) -> ParcelReference | None:
    """A parcel number without its sheet: `thửa 283`, `283`, `thửa số 283 phường Hải Châu`. Never raises."""
    if len(text) > LONGEST:
        return None
    typed = " ".join(search_key(text).split())
    match = _NUMBER.search(typed) or _BARE_NUMBER.match(typed)
    if not match:
        return None
    rest = _without(typed, match.span())
    return None if re.search(r"\d", rest) else ParcelReference("", match[1], place=_place(rest))


def says_parcel(text: str) -> bool:
    """Whether the text has a word for a parcel before a number (`thửa 283`), so that no house or street is meant."""
    return len(text) <= LONGEST and bool(_NUMBER.search(" ".join(search_key(text).split())))


def _bare(parts: list[str], place: str) -> list[ParcelReference]:
    """Two to four numbers without words: sheet and parcel, with the commune before or the suffix behind."""
    if len(parts) == 2:
        first, second = parts
        return [ParcelReference(first, second, place=place), ParcelReference(second, first, place=place)]
    if len(parts) == 3:
        commune, sheet, number = parts
        found = [ParcelReference(sheet, number, commune, place=place)]
        if number.isdigit():
            found.append(ParcelReference(commune, sheet, suffix=int(number), place=place))
        return found
    commune, sheet, number, suffix = parts
    return [ParcelReference(sheet, number, commune, int(suffix), place)] if suffix.isdigit() else []


def _without(text: str, *spans: tuple[int, int]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]} {text[end:]}"
    return text


def _place(rest: str) -> str:
    return " ".join(re.findall(r"[a-z]+[a-z\d]*|\d+", rest))
