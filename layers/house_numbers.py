"""What people type when they mean a house: `12 Trăng Non`, `số 12A đường Trăng Non`, `K12/5 …`, `số 5 kiệt 12 …`, …"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from layers.names import in_full

# 12, 12A, 12A1, 12bis; a range 12-14; a house in a lane 12/5, 12/5/3, K12/5, H12/5.
_DOOR = r"\d{1,5}(?:[a-z]\d{0,2}|\s?bis|\s?ter)?(?![a-z\d])"
_CHAIN = rf"(?:[khn]\.?\s?(?=\d))?{_DOOR}(?:\s?[/-]\s?{_DOOR})*"
_SO = r"(?:so\s+nha|nha\s+so|so|sn|nha|no\.|no|#)(?![a-z])\s*:?\s*"
_LANE = r"(?:ngach|hem|ngo|kiet|duong\s+hem)"
_HOUSE = re.compile(rf"^(?:dia\s+chi\s*:?\s*)?(?:{_SO})?({_CHAIN})/?(?:\s*,\s*|\s+)(?=[a-z\d])")
_IN_LANE = re.compile(rf"^({_LANE})\s+(?:so\s+)?({_CHAIN})(?:\s*,\s*|\s+)(?=[a-z\d])")
_AT_THE_END = re.compile(rf"(?:,\s*|\s+)(?:{_SO})?({_CHAIN})$")
_SO_AT_THE_END = re.compile(rf"(?:,\s*|\s+){_SO}({_CHAIN})(?=$|,)")
_STREET = re.compile(r"^(?:duong|pho|dai\s+lo|tuyen)\s+(?=[a-z\d])")
_LANES = ("kiet", "hem", "ngo")
_NO_NAME = frozenset({*_LANES, "ngach", "duong", "pho", "so", "nha"})

LONGEST = 200
MOST_WORDS = 8  # of a street's name and what is typed behind it


@dataclass(frozen=True)
class House:
    """A house as somebody named it; small letters, no tone marks.

    doors   numbers from the street inwards: ("12",), ("12", "5") for number 5 in lane 12; the last may be missing
    lane    whether only a lane was named, not a house in it
    place   what stands behind the number: the street, often with the ward behind it, word by word
    comma   how many of these words stand before the first comma; all of them where there is none
    """

    doors: tuple[str, ...]
    place: tuple[str, ...]
    comma: int
    lane: bool = False

    @property
    def numbers(self) -> list[str]:
        """The spellings under which a register may hold the number at the street, as search keys."""
        chain = "/".join(self.doors)
        if self.lane:
            return []
        found = [chain, *(f"{letter}{chain}" for letter in "khn" if len(self.doors) > 1)]
        if len(self.doors) == 2:
            found += [f"{self.doors[1]} {lane} {self.doors[0]}" for lane in _LANES]
            found += [f"{lane} {chain}" for lane in _LANES]
        return found

    @property
    def beginnings(self) -> list[str]:
        """What the numbers of houses begin with that may be meant where none bears the number itself."""
        chain = "/".join(self.doors) + ("/" if self.lane else "")
        return [chain, *(f"{letter}{chain}" for letter in "khn" if len(self.doors) > 1 or self.lane)]

    def streets(self) -> Iterator[tuple[str, list[str]]]:
        """Keys under which a register may hold the street, and the words left over; the longest name first."""
        for count in range(self.comma, 0, -1):
            yield " ".join(self.place[:count]), list(self.place[count:])

    def lanes(self, street: str) -> dict[str, str]:
        """Where a lane is a street of its own: its keys, with the number of the house in it."""
        if self.lane or len(self.doors) < 2:
            return {}
        lane = "/".join(self.doors[:-1])
        return {f"{kind} {lane} {street}": self.doors[-1] for kind in _LANES}


def keys_of(street: str) -> list[str]:
    """The keys of a street's name with and without the word for a street before it."""
    plain = bare(street)
    return list(dict.fromkeys([street, plain, f"duong {plain}", f"pho {plain}"]))


def bare(street: str) -> str:
    """The key of a street's name without the word for a street before it."""
    return _STREET.sub("", street)


def parse(text: str) -> list[House]:
    """What the text may mean as a house or lane, likeliest first; empty when it names none. Never raises."""
    if len(text) > LONGEST:
        return []
    key = " ".join(in_full(text).split())
    found = [house for read in (_number_first, _lane_first, _number_last) if (house := read(key))]
    return list(dict.fromkeys(found))


def _number_first(key: str) -> House | None:
    """`12 trang non`, `so 5, kiet 12 duong trang non`."""
    match = _HOUSE.match(key)
    if not match:
        return None
    doors, rest = _doors(match[1]), key[match.end() :]
    # From the house outwards: number 5 in alley 3 of lane 12.
    while lane := _IN_LANE.match(rest):
        doors, rest = (*_doors(lane[2]), *doors), rest[lane.end() :]
    return _house(doors, rest)


def _lane_first(key: str) -> House | None:
    """`kiet 12 trang non so 5`; without the house, the lane itself."""
    doors: tuple[str, ...] = ()
    rest = key
    while lane := _IN_LANE.match(rest):
        # From the street inwards where the house comes last, as in `kiet 12 ngach 3 trang non so 5`.
        doors, rest = (*doors, *_doors(lane[2])), rest[lane.end() :]
    if not doors:
        return None
    if house := _SO_AT_THE_END.search(rest):
        rest = f"{rest[: house.start()]}{rest[house.end() :]}"
        return _house((*doors, *_doors(house[1])), rest)
    return _house(doors, rest, lane=True)


def _number_last(key: str) -> House | None:
    """`trang non 12`, `duong trang non so 12, phuong hai chau`."""
    match = _SO_AT_THE_END.search(key) or _AT_THE_END.search(key)
    if not match or not re.match(r"[a-z]{2}", key) or _IN_LANE.match(key):
        return None
    return _house(_doors(match[1]), f"{key[: match.start()]}{key[match.end() :]}")


def _doors(chain: str) -> tuple[str, ...]:
    plain = re.sub(r"^[khn]\.?\s?", "", chain)
    return tuple(part.replace(" ", "") for part in plain.split("/"))


def _house(doors: tuple[str, ...], rest: str, *, lane: bool = False) -> House | None:
    pieces = [piece.split() for piece in rest.strip(" ,.;").split(",")]
    words = [word.strip(".;:()") for piece in pieces for word in piece]
    place = tuple(word for word in words if word)[:MOST_WORDS]
    # A street has a word of its own (3/2 is one, too), or is a numbered street.
    own = [word for word in place if word not in _NO_NAME]
    if all(word.isdigit() for word in own) and not (own and "duong" in place):
        return None
    return House(doors, place, min(len(pieces[0]) or len(place), len(place)), lane)
