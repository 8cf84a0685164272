"""How names are compared: small letters without tone marks. The same as the database's `search_key`."""

import unicodedata

# Words that say what kind of thing is meant, in Vietnamese and English. Some are also parts of names (phường Phố Huế).
KIND_WORDS = frozenset(
    {"duong", "pho", "ngo", "hem", "kiet", "phuong", "xa", "quan", "huyen", "tinh", "tp",
     "street", "road", "ward", "commune", "district", "province", "city"}
)  # fmt: skip


def search_key(text: str) -> str:
    """The text in small letters without tone marks: `Đường Trần Phú` → `duong tran phu`."""
    letters = unicodedata.normalize("NFD", text.lower()).replace("đ", "d")
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def search_words(text: str) -> list[str]:
    """The words of a text in the form in which names are compared."""
    return "".join(letter if letter.isalnum() else " " for letter in search_key(text)).split()


def telling_words(words: list[str]) -> list[str]:
    """The words without those that only say the kind of thing; all of them where no others are left."""
    return [word for word in words if word not in KIND_WORDS] or words
