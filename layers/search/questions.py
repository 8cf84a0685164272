"""Sentences in which people ask: `được xây gì ở 12 Trăng Non`, `what may be built at 12 Trang Non`."""

import re
import unicodedata

from layers.names import search_key

# With their tone marks: `mây` is no English may, and `tăng` of a street's name no `tầng`. Tone-less ones count as well.
_VIETNAMESE = (
    "cho tôi hỏi", "cho em hỏi", "cho hỏi", "xin hỏi", "tôi muốn hỏi", "hỏi", "tôi", "em", "mình", "gia đình tôi",
    "nhà tôi", "muốn", "cần", "tìm", "xem", "tra cứu", "kiểm tra", "cho biết", "biết", "thông tin", "quy hoạch",
    "có thể", "có được", "được phép", "được", "phép", "xây dựng nhà", "xây dựng", "xây nhà", "xây", "làm nhà", "làm",
    "cất nhà", "bao nhiêu tầng", "mấy tầng", "cao bao nhiêu", "bao nhiêu", "những gì", "cái gì", "gì", "như thế nào",
    "thế nào", "công trình gì", "có", "là", "thì", "không", "ở đâu", "nằm ở", "ở", "tại", "trên", "đất ở", "mảnh đất",
    "lô đất", "ngôi nhà", "căn nhà", "nhà ở", "của",
)  # fmt: skip
_ENGLISH = (
    "what", "which", "how", "many", "high", "tall", "much", "where", "can", "may", "could", "am", "are", "is", "do",
    "does", "i", "we", "you", "one", "be", "allowed to", "allowed", "permitted to", "permitted", "build", "built",
    "constructed", "storeys", "stories", "floors", "planned", "planning", "information", "about", "show", "find",
    "tell", "me", "at", "on", "in", "for", "of", "the", "there", "please", "want to", "would", "like to",
)  # fmt: skip
# At the end of a question, two at least: one alone may be the end of a name, as in `Bóng Lam`.
_AT_THE_END = (
    "thì", "được phép", "được", "xây dựng", "xây nhà", "xây", "bao nhiêu tầng", "mấy tầng", "cao bao nhiêu",
    "bao nhiêu", "làm gì", "là gì", "những gì", "cái gì", "gì", "như thế nào", "thế nào", "có được không",
    "được không", "không", "nằm ở đâu", "ở đâu", "vậy", "ạ",
)  # fmt: skip


def _any(*phrases: str) -> str:
    return "|".join(map(re.escape, sorted({*phrases}, key=len, reverse=True)))


_STOPS = r"[\s,:?.!]"
# Atomic, or a long row of such phrases could be parted in very many ways.
_BEFORE = re.compile(rf"(?>(?:{_any(*_VIETNAMESE, *map(search_key, _VIETNAMESE), *_ENGLISH)}){_STOPS}+)+")
_BEHIND = re.compile(
    rf"(?>{_STOPS}+(?:{_any(*_AT_THE_END, *map(search_key, _AT_THE_END))})(?={_STOPS}|$)){{2,}}+[\s?.!]*$"
)


def core(text: str) -> str:
    """What a question is about, without the words that only ask; empty where there are none, or nothing else."""
    asked = " ".join(unicodedata.normalize("NFC", text).split())
    lower = asked.lower()
    if len(lower) != len(asked):
        return ""  # a letter whose small one is two: nothing that a question here is written with
    begun = _BEFORE.match(lower)
    start = begun.end() if begun else 0
    ended = _BEHIND.search(lower, start)
    found = asked[start : ended.start() if ended else len(asked)].strip(" ,:?.!")
    return found if found != asked else ""
