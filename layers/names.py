"""How names are compared: small letters without tone marks. The same as the database's `search_key`."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

# Words that say what kind of thing is meant, in Vietnamese and English. Some are also parts of names (phường Phố Huế).
KIND_WORDS = frozenset(
    {"duong", "pho", "ngo", "hem", "kiet", "phuong", "xa", "quan", "huyen", "tinh", "tp",
     "street", "road", "ward", "commune", "district", "province", "city"}
)  # fmt: skip
# What people shorten before a name: P. Hải Châu, TP Huế, Đ. Trần Phú, TT. Nam Phước.
SHORT_KINDS = {
    "p": "phuong", "q": "quan", "h": "huyen", "x": "xa", "t": "tinh", "tp": "thanh pho", "tt": "thi tran",
    "tx": "thi xa", "d": "duong",
}  # fmt: skip
# Kinds of administrative units that are written in two words.
_TWO_WORDS = ("thanh pho", "thi xa", "thi tran", "dac khu")
_UNIT_KINDS = frozenset({"phuong", "xa", "quan", "huyen", "tinh", "tp", "ward", "commune", "district", "province"})
# No name is longer; whatever is, is not one.
MOST_WORDS, LONGEST_WORD = 12, 40


def search_key(text: str) -> str:
    """The text in small letters without tone marks: `Đường Trần Phú` → `duong tran phu`."""
    letters = unicodedata.normalize("NFD", text.lower()).replace("đ", "d")
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def search_words(text: str) -> list[str]:
    """The words of a text in the form in which names are compared."""
    return "".join(letter if letter.isalnum() else " " for letter in search_key(text)).split()


def telling_words(words: Sequence[str]) -> list[str]:
    """The words without those that only say the kind of thing; all of them where no others are left."""
    rest = f" {' '.join(words)} "
    for kind in _TWO_WORDS:
        rest = rest.replace(f" {kind} ", " ")
    return [word for word in rest.split() if word not in KIND_WORDS] or list(words)


def in_full(text: str) -> str:
    """The text's key with kinds written out: `P. Hải Châu` → `phuong hai chau`, `P12` → `phuong 12`.

    A letter without a stop is taken for a kind only where a name follows it and nothing but a comma stands before.
    """
    key = " ".join(search_key(text).split())
    short = "|".join(sorted(SHORT_KINDS, key=len, reverse=True))
    key = re.sub(rf"(?<![a-z\d.])({short})\.\s*(?=[a-z\d])", _in_full, key)
    key = re.sub(r"(^|,\s*)([pq])(?=\d{1,2}\b)", _in_full_after, key)
    key = re.sub(r"(^|\s)(tp|tt|tx)(?=\s+[a-z\d])", _in_full_after, key)
    key = re.sub(rf"(^|,\s*)({short})(?=\s+[a-z\d]{{2}})", _in_full_after, key)
    return " ".join(key.split())


def _in_full(found: re.Match[str]) -> str:
    return f"{SHORT_KINDS[found[1]]} "


def _in_full_after(found: re.Match[str]) -> str:
    return f"{found[1]}{SHORT_KINDS[found[2]]} "


def says_unit(words: Sequence[str]) -> bool:
    """Whether the words begin with a kind of administrative unit that a name follows."""
    return len(words) > 1 and (words[0] in _UNIT_KINDS or (" ".join(words[:2]) in _TWO_WORDS and len(words) > 2))


def unit_names(text: str) -> list[list[str]]:
    """Names of administrative units that a text may hold one after the other, smallest unit first, as words.

    `phường Hải Châu, Đà Nẵng` → [[phuong, hai, chau], [da, nang]]. Parts begin at commas and at words for a kind of
    unit that another word follows.
    """
    parts: list[list[str]] = []
    for piece in re.split(r"[,;]", in_full(text)):
        words = search_words(piece)
        part: list[str] = []
        for at, word in enumerate(words):
            begins = word in _UNIT_KINDS or " ".join(words[at : at + 2]) in _TWO_WORDS
            # A street may be called after its kind only: đường tỉnh 601.
            if begins and at + 1 < len(words) and not KIND_WORDS.issuperset(part):
                parts.append(part)
                part = []
            part.append(word)
        parts.append(part)
    return [part for part in parts if part][:4]


def terms(words: Iterable[str], *, begun: bool = True) -> str:
    """The text search query for names that have all these words; the last may be only begun. Empty for no words.

    For `search_terms(name) @@ …::tsquery`; the words are those of search_words.
    """
    # The last of a repeated word stays, since it may be the one that is only begun.
    told = list(dict.fromkeys(reversed([word[:LONGEST_WORD] for word in words])))[:MOST_WORDS][::-1]
    quoted = ["'" + word.replace("\\", "").replace("'", "''") + "'" for word in told]
    if not quoted:
        return ""
    return " & ".join([*quoted[:-1], quoted[-1] + (":*" if begun else "")])


def marks(title: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """Where in a title the words stand that were typed, as (start, end) of letters: each at the beginning of a word."""
    wanted = sorted(set(words), key=len, reverse=True)
    found = []
    for match in re.finditer(r"[^\W_]+", title):
        key = search_key(match[0])
        begun = next((word for word in wanted if key.startswith(word)), "")
        # Letters of a composed title and of its key stand one for one; others are marked whole.
        if begun:
            end = match.start() + len(begun) if len(key) == len(match[0]) else match.end()
            found.append((match.start(), end))
    return found


def closeness(name: str, words: Sequence[str]) -> int:
    """How near a name comes to the words that were typed, whole words before those that are only begun.

    0 it is what was typed, 1 but for its kind, 2 it begins so, 3 it has the words; 4, 5 the same with the last begun.
    """
    of_name = search_words(name)
    telling, wanted = telling_words(of_name), telling_words(words)
    if telling == wanted:
        # Who writes `phường` does not mean the street of that name.
        return 0 if set(words) - set(wanted) <= set(of_name) else 1
    begun = 0 if set(wanted) <= set(telling) else 2
    return begun + (2 if " ".join(telling).startswith(" ".join(wanted)) else 3)


def contradicts(name: str, typed: str) -> bool:
    """Whether a name has a word that was typed with tone marks with other marks only: `Đường Chờ` for `chợ`.

    Words without marks say nothing about marks; the last that was typed may be only begun.
    """
    of_name = _marked_words(name)
    asked = _marked_words(typed)
    for at, word in enumerate(asked):
        key = search_key(word)
        if key == word:
            continue
        begun = at == len(asked) - 1
        alike = [other for other in of_name if search_key(other) == key]
        if not alike and begun:
            alike = [other[: len(word)] for other in of_name if search_key(other).startswith(key)]
        if alike and all(_spelling(other) != _spelling(word) for other in alike):
            return True
    return False


def _marked_words(text: str) -> list[str]:
    """Words in small letters with their marks, a letter and its marks as one character."""
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text).lower())


def _spelling(word: str) -> list[str]:
    """Letters and marks in an order that does not tell where the mark stands: `hoà` and `hòa` are one word."""
    return sorted(unicodedata.normalize("NFD", word))
