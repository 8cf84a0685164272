"""Columns of text decoded: in the one encoding that was given or declared, or each column in the one that it is in."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from importers import encodings, legacy_text
from importers.formats.contents import Refused
from importers.formats.gdal import CARRIER

DISTINCT_MOST = 20_000  # texts of a column that are looked at to judge it


@dataclass
class Gathered:
    """The distinct texts of columns that hold more than ASCII, batch by batch, as bytes."""

    carrier: bool
    texts: dict[str, dict[bytes, None]]

    def add(self, name: str, column: pa.Array) -> None:
        """Look at one batch of a column."""
        kept = self.texts[name]
        if is_text(column) and len(kept) < DISTINCT_MOST:
            for value in raw_texts(column).dictionary.to_pylist():
                if not value.isascii():
                    kept[value if not self.carrier else value.decode("utf-8").encode(CARRIER)] = None

    def judgements(self) -> dict[str, encodings.Judgement]:
        """What each column is encoded in."""
        return {name: encodings.judge(list(texts)) for name, texts in self.texts.items()}


def is_text(column: pa.Array) -> bool:
    """Whether a column holds strings, and not numbers or lists."""
    kind = column.storage.type if isinstance(column, pa.ExtensionArray) else column.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def raw_texts(column: pa.Array) -> pa.DictionaryArray:
    """The bytes of a column of strings, each distinct one once."""
    column = _flat(column)
    if isinstance(column, pa.DictionaryArray):
        column = column.dictionary_decode()
    return column.cast(pa.binary()).dictionary_encode()


def plain(column: pa.Array, decode: Callable[[Iterable[bytes]], Iterator[str]]) -> pa.Array:
    """A column as strings; a list is joined by `+`. Each distinct text is decoded once, by `decode`."""
    column = _flat(column)
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        column = pc.binary_join(column.cast(pa.list_(pa.string())), "+")
    elif pa.types.is_nested(column.type):
        return pa.nulls(len(column), pa.string())
    if not is_text(column):
        return pa.nulls(len(column), pa.string()) if _bytes(column) else column.cast(pa.string())
    distinct = raw_texts(column)
    letters = pa.array(decode(distinct.dictionary.to_pylist()), pa.string())
    return pa.DictionaryArray.from_arrays(distinct.indices, letters).cast(pa.string())


def original(column: pa.Array, carrier: bool) -> pa.Array:
    """The bytes of a text column as they stand in the file."""
    distinct = raw_texts(column)
    values = [value.decode("utf-8").encode(CARRIER) if carrier else value for value in distinct.dictionary.to_pylist()]
    return pa.DictionaryArray.from_arrays(distinct.indices, pa.array(values, pa.binary())).cast(pa.binary())


def in_one(encoding: str | None, carrier: bool) -> Callable[[Iterable[bytes]], Iterator[str]]:
    """Decodes texts that are all in one encoding (None: UTF-8); whatever is not is refused."""
    codec = encoding or "utf-8"

    def decoded(values: Iterable[bytes]) -> Iterator[str]:
        for value in values:
            raw = value.decode("utf-8").encode(CARRIER) if carrier else value
            try:
                yield encodings.read(raw, codec) if codec in legacy_text.TABLES else raw.decode(codec)
            except UnicodeDecodeError:
                shown = raw[:40].decode("ascii", "replace")
                likely = encodings.judge([raw]).encoding
                raise Refused("wrong_encoding", encoding=encoding, sample=shown, likely=likely) from None

    return decoded


def judged(encoding: str | None, carrier: bool) -> Callable[[Iterable[bytes]], Iterator[str]]:
    """Decodes texts of a column that was judged; a text that does not fit stays as it is."""

    def decoded(values: Iterable[bytes]) -> Iterator[str]:
        for value in values:
            raw = value.decode("utf-8").encode(CARRIER) if carrier else value
            if raw.isascii() and encoding != "viscii":  # which has letters among the control characters
                yield raw.decode("ascii")
                continue
            try:
                yield encodings.read(raw, encoding if encoding not in (None, "ascii") else "utf-8")
            except UnicodeDecodeError:
                yield encodings.as_it_stands(raw)

    return decoded


def _flat(column: pa.Array) -> pa.Array:
    return column.storage if isinstance(column, pa.ExtensionArray) else column


def _bytes(column: pa.Array) -> bool:
    return pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type)
