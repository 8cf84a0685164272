"""Vietnamese text in the encodings of before Unicode. Pure; the tables with their sources are rules/legacy_letters.csv.

TCVN3 has no capitals with a tone mark: its files hold the small letter, which a font of capitals then drew large.
"""

import csv
import functools
import re
import unicodedata
from pathlib import Path

TABLES = ("tcvn3", "vni", "viscii")
_TONES = "\u0300\u0301\u0303\u0309\u0323"  # cp1258 has them as letters of their own, after the vowel


@functools.cache
def _letters(encoding: str) -> dict[str, bytes]:
    """The bytes of each letter that is not ASCII; where two ways are known, the first of the table."""
    with (Path(__file__).parent / "rules" / "legacy_letters.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            (row["letter"], bytes.fromhex(row["bytes"])) for row in csv.DictReader(file) if row["encoding"] == encoding
        ]
    return dict(reversed(rows))


def encode(text: str, encoding: str) -> bytes:
    """A text in one of TABLES or in cp1258. Raises UnicodeEncodeError at a letter that the encoding does not have."""
    composed = unicodedata.normalize("NFC", text)
    if encoding == "cp1258":
        return "".join(map(_tone_apart, composed)).encode("cp1258")
    letters = _letters(encoding)
    written = []
    for place, letter in enumerate(composed):
        known = letters.get(letter) or letters.get(letter.lower()) if encoding == "tcvn3" else letters.get(letter)
        if known is None and not letter.isascii():
            raise UnicodeEncodeError(encoding, composed, place, place + 1, "no such letter")
        written.append(known or letter.encode("ascii"))
    return b"".join(written)


def decode(raw: bytes, encoding: str) -> str:
    """A text from one of TABLES, or from any of Python's codecs, composed (NFC). Raises UnicodeDecodeError."""
    if encoding not in TABLES:
        return unicodedata.normalize("NFC", raw.decode(encoding))
    letters, reading = _readings(encoding)

    def letter(found: re.Match[bytes]) -> bytes:
        if found[0] not in letters:
            raise UnicodeDecodeError(encoding, raw, found.start(), found.end(), "no such letter")
        return letters[found[0]]

    return unicodedata.normalize("NFC", reading.sub(letter, raw).decode("utf-8"))


@functools.cache
def _readings(encoding: str) -> tuple[dict[bytes, bytes], re.Pattern[bytes]]:
    """Letters as UTF-8 by their bytes, and a pattern for them, longer ones first, and for every other high byte."""
    with (Path(__file__).parent / "rules" / "legacy_letters.csv").open(encoding="utf-8", newline="") as file:
        letters = {
            bytes.fromhex(row["bytes"]): row["letter"].encode()
            for row in csv.DictReader(file)
            if row["encoding"] == encoding
        }
    ways = b"|".join(re.escape(way) for way in sorted(letters, key=len, reverse=True))
    return letters, re.compile(ways + rb"|[\x80-\xff]")


def _tone_apart(letter: str) -> str:
    """The vowel with its tone mark behind it."""
    parts = unicodedata.normalize("NFD", letter)
    tone = "".join(part for part in parts if part in _TONES)
    return unicodedata.normalize("NFC", "".join(part for part in parts if part not in _TONES)) + tone
