"""Text of columns put into one form: trimmed, NFC, numbers as numbers, land use as codes. Pure, vectorised."""

import re
import unicodedata
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_LAND_USE_SEPARATORS = re.compile(r"[+,;/&|]")
_LAND_USE_CODE = re.compile(r"[A-Z0-9*]{1,10}")
# A commune, sheet or number becomes part of a public code and of an address: letters, digits and a few marks.
NAME_PATTERN = r"^[\pL\pN](?:[\pL\pN .+()_-]*[\pL\pN)])?$"
# Spaces of every width, control characters and marks of no width. Not U+00AD, which is a letter in TCVN3.
_BLANKS = r"[\s\pZ\p{Cc}\x{200B}-\x{200F}\x{FEFF}]+"


def text(column: pa.Array | None, rows: int) -> pa.Array:
    """A column as trimmed text; empty is null, 12.0 is `12`. Without a column, `rows` nulls."""
    if column is None:
        return pa.nulls(rows, pa.string())
    if pa.types.is_floating(column.type):
        finite = pc.if_else(pc.is_finite(column), column, None)
        whole = pc.equal(finite, pc.round(finite))
        integral = pc.if_else(pc.and_(whole, pc.less(pc.abs(finite), 2.0**53)), finite, None)
        column = pc.coalesce(integral.cast(pa.int64()).cast(pa.string()), finite.cast(pa.string()))
    plain = pc.utf8_normalize(column, form="NFC")
    plain = pc.utf8_trim_whitespace(pc.replace_substring_regex(plain, _BLANKS, " "))
    return pc.if_else(pc.equal(plain, ""), None, plain)


def usable(names: pa.Array, length: int) -> np.ndarray:
    """(n,) bool: may stand in a public code; null may not."""
    good = pc.and_(pc.match_substring_regex(names, NAME_PATTERN), pc.less_equal(pc.utf8_length(names), length))
    return pc.fill_null(good, False).to_numpy(zero_copy_only=False)


def area(column: pa.Array | None, rows: int) -> tuple[pa.Array, np.ndarray]:
    """Areas in m² as float64, and (n,) bool where something stands that is not a positive number.

    Text with one comma has a decimal comma; with a dot as well, the comma groups thousands. Zero is 'not known'.
    """
    if column is not None and pa.types.is_floating(column.type):
        number = column
    else:
        words = text(column, rows)
        both = pc.and_(pc.match_substring(words, ","), pc.match_substring(words, "."))
        plain = pc.if_else(
            both, pc.replace_substring(words, ",", ""), pc.replace_substring(words, ",", ".", max_replacements=1)
        )
        plain = pc.replace_substring_regex(plain, r"\s*(m2|m²)$", "")
        numeric = pc.match_substring_regex(plain, r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$")
        number = pc.if_else(numeric, plain, None).cast(pa.float64())
        column = words
    good = pc.fill_null(pc.and_(pc.is_finite(number), pc.greater(number, 0)), False)
    known = pc.and_(pc.is_valid(column), pc.invert(pc.fill_null(pc.equal(number, 0), False)))
    wrong = pc.and_(known, pc.invert(good))
    return pc.if_else(good, number, None), wrong.to_numpy(zero_copy_only=False)


@dataclass(frozen=True)
class LandUse:
    """Codes joined by `+` per row, and of each row the words that are no codes (null where there are none)."""

    codes: pa.Array
    left_out: pa.Array


def land_use(words: pa.Array) -> LandUse:
    """Land-use text as codes: `odt + cln`, `ODT/CLN` and `ODT,CLN` are `ODT+CLN`. Each distinct text is read once."""
    distinct = words.dictionary_encode()
    read = [_land_use(value) for value in distinct.dictionary.to_pylist()]
    codes = pa.array([codes for codes, _ in read], pa.string())
    left_out = pa.array([left or None for _, left in read], pa.string())
    return LandUse(
        pc.fill_null(pc.take(codes, distinct.indices), ""),
        pc.take(left_out, distinct.indices),
    )


def _land_use(value: str) -> tuple[str, str]:
    parts = [unicodedata.normalize("NFC", part).strip() for part in _LAND_USE_SEPARATORS.split(value)]
    codes = [part.upper() for part in parts if _LAND_USE_CODE.fullmatch(part.upper())]
    left_out = [part for part in parts if part and part.upper() not in codes]
    return "+".join(dict.fromkeys(codes)), ", ".join(left_out)[:80]
