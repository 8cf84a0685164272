"""What people type when they mean a position: degrees of WGS 84, or metres of a VN-2000 zone, in either order."""

import re
import unicodedata
from dataclasses import dataclass

from gisplatform.crs import COUNTRY_EXTENT


@dataclass(frozen=True)
class Degrees:
    """A position in WGS 84."""

    lon: float
    lat: float


@dataclass(frozen=True)
class Metres:
    """A position in some VN-2000 zone. meridian: that of the zone in degrees, where it was said."""

    easting: float
    northing: float
    meridian: float | None = None


# No habit of writing is longer; whatever is, means something else.
LONGEST = 200

# Within a zone of 3 or 6 degrees: 500 km false easting, less than 400 km to either side; Viet Nam lies 8° to 24° N.
EASTINGS, NORTHINGS = (100_000.0, 900_000.0), (800_000.0, 2_700_000.0)

_DATUM = re.compile(r"(?i)\b(?:wgs[\s-]?84|vn[\s-]?2000|epsg[\s:]*\d+)\b")
_WORDS = frozenset(
    {"n", "s", "e", "w", "b", "đ", "d", "t", "m", "x", "y", "lat", "lon", "lng", "long", "latitude", "longitude",
     "easting", "northing", "kinh", "vĩ", "độ", "tọa", "toạ", "bắc", "đông", "tây"}
)  # fmt: skip
# What people copy from the address of a map: @16.07,108.2,17z; ?q=16.07,108.2; geo:16.07,108.2; #map=17/16.07/108.2
_ADDRESS = re.compile(r"(?i)(?:^geo:|[@=]|[#&]map=[\d.]+/)\s*(-?\d{1,3}\.\d+)(?:,|/|%2C)\s*(-?\d{1,3}\.\d+)")
# Kinh tuyến trục 107°45': the meridian of a zone, told beside the metres.
_MERIDIAN = re.compile(
    r"(?i)(?:kinh tuyến(?: trục)?|ktt|tm-?3|meridian)\s*:?\s*(1[01]\d)"
    r"(?:\s*(?:°|độ)\s*(?:(\d{1,2})\s*(?:['’′]|phút))?)?"
)
_NUMBER = re.compile(r"[-+]?\d[\d.,]*")
# 10 46 30 106 40 12: degrees, minutes and seconds with nothing between them but spaces.
_SPACED_OUT = re.compile(r"(\d{1,3})\s+(\d{1,2})\s+(\d{1,2}(?:[.,]\d+)?)(?=$|\s)")
_SEXAGESIMAL = re.compile(
    r"(?<![\d.,])([-+]?\d{1,3}(?:[.,]\d+)?)\s*°\s*(?:(\d{1,2}(?:[.,]\d+)?)\s*['’′]\s*)?(?:(\d{1,2}(?:[.,]\d+)?)\s*(?:\"|”|″|''))?"
)


def parse(text: str) -> list[Degrees | Metres]:
    """What the text may mean as a position, likeliest first; empty when it names none. Never raises.

    Both orders are read: degrees of latitude and longitude, and metres east and north, have ranges of their own here.
    """
    text = " ".join(unicodedata.normalize("NFC", text).split())[:LONGEST]
    if address := _ADDRESS.search(text):
        return [*_degrees(float(address[1]), float(address[2]), [])]
    plain = _DATUM.sub(" ", text.replace("−", "-").replace("º", "°"))
    meridian = None
    if said := _MERIDIAN.search(plain):
        meridian = int(said[1]) + int(said[2] or 0) / 60
        plain = f"{plain[: said.start()]} {plain[said.end() :]}"
    plain = re.sub(r"(?i)(?<![\d.,])(\d{1,3})\s*(?:độ|d)\s*(?=\d)", r"\1°", plain)
    plain = re.sub(r"(?i)(°\s*\d{1,2}(?:[.,]\d+)?)\s*(?:phút|m)(?![^\W\d_])", r"\1'", plain)
    plain = re.sub(r"(?i)('\s*\d{1,2}(?:[.,]\d+)?)\s*(?:giây|s)(?![^\W\d_])", r'\1"', plain)
    words = re.findall(r"[^\W\d_]+", plain.lower())
    if not _WORDS.issuperset(words):
        return []
    found: list[Degrees | Metres] = []
    for first, second in _sexagesimal(plain) or _decimal(plain) or _spaced_out(plain):
        found += _degrees(first, second, words) if meridian is None else []
        found += _metres(first, second, meridian)
    return list(dict.fromkeys(found))


def _degrees(first: float, second: float, words: list[str]) -> list[Degrees | Metres]:
    """The pair as latitude and longitude, then the other way round; inside the country first."""
    positions = []
    for lat, lon in ((first, second), (second, first)):
        if "s" in words:
            lat = -abs(lat)
        if "w" in words:
            lon = -abs(lon)
        if abs(lat) <= 90 and abs(lon) <= 180:
            positions.append(Degrees(lon, lat))
    return [*sorted(positions, key=lambda position: not in_country(position))]


def _metres(first: float, second: float, meridian: float | None) -> list[Degrees | Metres]:
    """The pair as metres in either order; surveyors write the northing first and call it X."""
    return [
        Metres(easting, northing, meridian)
        for easting, northing in ((first, second), (second, first))
        if EASTINGS[0] <= easting <= EASTINGS[1] and NORTHINGS[0] <= northing <= NORTHINGS[1]
    ]


def in_country(position: Degrees) -> bool:
    """Whether the position lies on the map of the country."""
    west, south, east, north = COUNTRY_EXTENT
    return west <= position.lon <= east and south <= position.lat <= north


def _sexagesimal(text: str) -> list[tuple[float, float]]:
    """The pair written in degrees, minutes and seconds, with their signs."""
    found = []
    for degrees, minutes, seconds in _SEXAGESIMAL.findall(text):
        size = abs(_value(degrees)) + _value(minutes) / 60 + _value(seconds) / 3600
        found.append(-size if degrees.startswith("-") else size)
    return [(found[0], found[1])] if len(found) == 2 else []


def _spaced_out(text: str) -> list[tuple[float, float]]:
    """Numbers parted by spaces only: degrees, minutes and seconds twice, or metres with spaces between thousands."""
    plain = " ".join(re.sub(r"[^\W\d_]+|[=:;()\[\]]|,(?=\s)", " ", text).split())
    if re.search(r"[^\d\s.,]", plain):
        return []
    sixes = _SPACED_OUT.findall(plain)
    if len(sixes) == 2 and not _SPACED_OUT.sub("", plain).strip():
        first, second = (_value(d) + _value(m) / 60 + _value(s) / 3600 for d, m, s in sixes)
        return [(first, second)]
    groups = plain.split(" ")
    ways = ((groups[:at], groups[at:]) for at in range(1, len(groups)))
    return [
        (_value("".join(first)), _value("".join(second)))
        for first, second in ways
        if all(map(_thousands, (first, second)))
    ]


def _thousands(groups: list[str]) -> bool:
    """Whether the groups are one number with spaces between its thousands: 1 778 901,2."""
    return len(groups) <= 3 and bool(re.fullmatch(r"\d{1,3}(?: \d{3})+(?:[.,]\d+)?", " ".join(groups)))


def _value(text: str) -> float:
    return float(text.replace(",", ".")) if text else 0.0


def _decimal(text: str) -> list[tuple[float, float]]:
    """All ways to read the text as two numbers, with decimal points or commas, with or without thousands marks."""
    tokens = [token.strip(".,") for token in _NUMBER.findall(text)]
    left = re.sub(r"[^\W\d_]+|[°()\[\]=:;,.\s]", "", _NUMBER.sub("", text))
    if left:
        return []
    if len(tokens) == 1:
        parts = tokens[0].split(",")
        if len(parts) == 4:  # 16,07,108,2
            parts = [f"{parts[0]}.{parts[1]}", f"{parts[2]}.{parts[3]}"]
        tokens = parts
    if len(tokens) != 2:
        return []
    return [(first, second) for first in _readings(tokens[0]) for second in _readings(tokens[1])]


def _readings(token: str) -> list[float]:
    """The values a written number may have: 16,07 is 16.07; 548.123 is itself or, as written here, 548123."""
    found: list[float] = []
    last = max(token.rfind("."), token.rfind(","))
    whole, mark, fraction = (token[:last], token[last], token[last + 1 :]) if last >= 0 else (token, "", "")
    if re.fullmatch(r"[-+]?\d+", whole) or (mark not in whole and _grouped(whole)):
        found.append(float(f"{re.sub('[.,]', '', whole)}.{fraction or 0}"))
    if mark and _grouped(token) and len({*token} & {".", ","}) == 1:
        found.append(float(re.sub("[.,]", "", token)))
    return found


def _grouped(number: str) -> bool:
    return bool(re.fullmatch(r"[-+]?\d{1,3}(?:[.,]\d{3})+", number))
