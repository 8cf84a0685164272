"""Which encoding a column's bytes are in, judged by how many of its words are then Vietnamese. Pure.

A Vietnamese syllable is an onset, a vowel with one tone, and one of eight endings: text that was decoded wrongly hardly
ever makes one, so the right encoding wins by far, or nothing does.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from importers import legacy_text

# In the order of preference where two say the same.
TWICE = "utf-8-twice"  # UTF-8 that was taken for Western text and stored as UTF-8 once more
ENCODINGS = ("utf-8", *legacy_text.TABLES, "cp1258", TWICE)
MARGIN_LEAST = 0.3  # by which the best must beat the next: a share of words
SHARE_LEAST = 0.6  # of the words must be Vietnamese; names of firms and places abroad are not
WORDS_MOST = 20_000
STRANGE_MOST = 0.1  # of the texts may not be in the encoding at all: lines of rubbish, or typed by somebody else
SAMPLES = 5

_ONSET = r"(?:ngh|ng|nh|gh|gi|ch|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx])?"
_VOWEL = (
    r"(?:uyê|uya|uyu|iêu|yêu|oai|oao|oay|oeo|uây|uôi|ươi|ươu|ai|ao|au|ay|âu|ây|eo|êu|ia|iê|yê|iu|oa|oă|oe|oi|ôi|ơi|oo"
    r"|ua|uâ|uê|ui|uô|uơ|uy|ưa|ươ|ưi|ưu|[aăâeêioôơuưy])"
)
_SYLLABLE = re.compile(_ONSET + _VOWEL + r"(?P<end>ch|ng|nh|[cmnpt])?")
_TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0303\u0309\u0323"))
_STOPPED = {"c", "ch", "p", "t"}  # these endings allow only two tones
_SHARP_AND_HEAVY = {"\u0301", "\u0323"}
# With the signs between their letters that a wrong encoding leaves there.
_WORD = re.compile(r"[^\s\d.,;:()+/_-]+")


@dataclass(frozen=True)
class Judgement:
    """What a column's bytes are taken for, and why.

    encoding  the best, where it wins by MARGIN_LEAST; "ascii" where there is nothing to tell; None where nobody knows
    margin    by which the best wins: a share of the words with other letters than ASCII
    scores    encoding → that share of Vietnamese words; an encoding that cannot have made the bytes is not there
    form      of UTF-8: "NFC", "NFD" or "mixed"; else empty
    samples   (as it stands, as it is read) of a few texts
    """

    encoding: str | None
    margin: float
    scores: dict[str, float]
    form: str
    samples: list[tuple[str, str]]


def bytes_meant(raw: bytes) -> bytes | None:
    """Bytes that were taken for Western text and stored as UTF-8; None where the letters cannot come from that."""
    try:
        return b"".join(_western(letter) for letter in raw.decode("utf-8"))
    except UnicodeError:
        return None


def _western(letter: str) -> bytes:
    try:
        return letter.encode("cp1252")
    except UnicodeEncodeError:
        return letter.encode("latin-1")  # what cp1252 leaves open


def as_it_stands(raw: bytes) -> str:
    """The letters that a program shows which knows nothing of the encoding."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def read(raw: bytes, encoding: str) -> str:
    """One text in an encoding, also where it was stored as UTF-8 after being taken for Western text.

    Raises UnicodeDecodeError.
    """
    if encoding == TWICE:
        meant = bytes_meant(raw)
        if meant is None or (meant == raw and not raw.isascii()):
            raise UnicodeDecodeError(encoding, raw, 0, 1, "not stored twice")
        return legacy_text.decode(meant, "utf-8")
    if encoding in legacy_text.TABLES or encoding == "cp1258":
        meant = bytes_meant(raw)
        return legacy_text.decode(raw if meant is None else meant, encoding)
    return legacy_text.decode(raw, encoding)


def judge(texts: Sequence[bytes]) -> Judgement:
    """What the distinct texts of one column are encoded in."""
    telling = [raw for raw in texts if not raw.isascii()]
    if not telling:
        return Judgement("ascii", 1.0, {}, "", [])
    scores = {encoding: share for encoding in ENCODINGS if (share := _share(telling, encoding)) is not None}
    ranked = sorted(scores, key=lambda encoding: -scores[encoding])
    best = ranked[0] if ranked else None
    margin = scores[best] - (scores[ranked[1]] if len(ranked) > 1 else 0.0) if best else 0.0
    if best and (margin < MARGIN_LEAST or scores[best] < SHARE_LEAST):
        # Bytes rarely happen to be UTF-8: what is neither Vietnamese nor anything else then stays what it is.
        best = "utf-8" if "utf-8" in scores and scores[best] < SHARE_LEAST else None
    return Judgement(
        encoding=best,
        margin=round(margin, 3),
        scores={encoding: round(scores[encoding], 3) for encoding in ranked},
        form=_form(telling) if best == "utf-8" else "",
        samples=[(as_it_stands(raw), _read_if_it_fits(raw, best)) for raw in telling[:SAMPLES]],
    )


def _read_if_it_fits(raw: bytes, encoding: str | None) -> str:
    try:
        return read(raw, encoding) if encoding else ""
    except UnicodeDecodeError:
        return as_it_stands(raw)


def _share(texts: list[bytes], encoding: str) -> float | None:
    """The share of Vietnamese words among those with other letters than ASCII; None if it cannot be this encoding."""
    good = seen = strange = 0
    for raw in texts:
        try:
            text = read(raw, encoding)
        except UnicodeDecodeError:
            strange += 1
            if strange > STRANGE_MOST * len(texts):
                return None
            continue
        for word in _WORD.findall(text):
            if not word.isascii():
                seen += 1
                good += is_syllable(word)
        if seen >= WORDS_MOST:
            break
    return good / seen if seen else 0.0


def is_syllable(word: str) -> bool:
    """Whether a word is one Vietnamese syllable, tones and all."""
    parts = unicodedata.normalize("NFD", word.casefold())
    tones = [part for part in parts if ord(part) in _TONES]
    plain = unicodedata.normalize("NFC", parts.translate(_TONES))
    found = _SYLLABLE.fullmatch(plain)
    if not found or len(tones) > 1:
        return False
    return found["end"] not in _STOPPED or set(tones) <= _SHARP_AND_HEAVY


def _form(texts: list[bytes]) -> str:
    forms = set()
    for raw in texts:
        text = raw.decode("utf-8", "replace")
        composed = unicodedata.normalize("NFC", text)
        if composed == unicodedata.normalize("NFD", text):
            continue
        forms.add("NFC" if text == composed else "NFD" if text == unicodedata.normalize("NFD", text) else "mixed")
    return forms.pop() if len(forms) == 1 else "mixed" if forms else "NFC"
