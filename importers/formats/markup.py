"""XML read piece by piece: no entities, no other file, bounded depth; the file is never in memory as a whole."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from xml.parsers import expat

from importers.formats.contents import Refused

DEPTH_MOST = 200
_PIECE_BYTES = 1 << 20
_TEXT_MOST = 64 << 20  # letters in one element: a polygon of two million corners


class Listener(Protocol):
    """Whoever is told of elements. Names come without their namespace, `uri` is the namespace."""

    def begin(self, name: str, uri: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str, text: str) -> None:
        """An element ends; `text` is what stood in it since the last tag."""


@dataclass
class Element:
    """An element with what is in it."""

    name: str
    attributes: dict[str, str]
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def child(self, *names: str) -> "Element | None":
        """The first child of one of these names."""
        return next((each for each in self.children if each.name in names), None)

    def all(self, *names: str) -> list["Element"]:
        """All children of these names."""
        return [each for each in self.children if each.name in names]


def walk(path: Path, listener: Listener) -> Iterator[None]:
    """Tell the listener of all elements; comes up after every piece, so that what was found can be handed on.

    Raises Refused where it is no well-formed XML, declares entities, or is nested too deeply.
    """
    parser: Any = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    pieces: list[str] = []
    depth, letters = 0, 0
    names: dict[str, tuple[str, str]] = {}  # a name with its namespace → both apart
    begin_told, end_told = listener.begin, listener.end

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH_MOST:
            raise Refused("too_deep")
        pieces.clear()
        if name not in names:
            names[name] = name.rpartition("}")[2], name.rpartition("}")[0]
        local, uri = names[name]
        if attributes:
            attributes = {key.rpartition("}")[2]: value for key, value in attributes.items()}
        begin_told(local, uri, attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        text = "".join(pieces)
        pieces.clear()
        end_told(names[name][0], text)

    def characters(text: str) -> None:
        nonlocal letters
        letters = letters + len(text) if pieces else len(text)
        if letters > _TEXT_MOST:
            raise Refused("too_large")
        pieces.append(text)

    def entity(*_about: object) -> None:
        raise Refused("entities")

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, characters
    parser.EntityDeclHandler = parser.ExternalEntityRefHandler = entity
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE_BYTES):
                parser.Parse(piece, False)
                yield
        parser.Parse(b"", True)
    except expat.ExpatError as failure:
        raise Refused("bad_xml", line=failure.lineno, reason=expat.ErrorString(failure.code)) from None
    yield


def numbers(text: str) -> list[float]:
    """The numbers of a text, apart by blanks. Raises ValueError."""
    return [float(word) for word in text.split()]
