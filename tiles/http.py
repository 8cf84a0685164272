"""The little of HTTP that tiles need: what was asked, and an answer with its caching, on plain ASGI 3."""

import asyncio
import hashlib
import hmac
import json
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import parse_qs

from django.conf import settings
from django.http import parse_cookie
from django.http.request import split_domain_port, validate_host
from django.utils.translation import gettext as _

from gisplatform import clock, passes
from gisplatform.access import CITIZEN, Person
from gisplatform.errors import InvalidInput, PlatformError
from tiles.cached import Kept
from tiles.codings import PLAIN, Coding, accepted, pack

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Message = dict[str, Any]

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MVT = "application/vnd.mapbox-vector-tile"
_VARY = "Cookie, Accept-Encoding"
_PASS = passes.COOKIE.encode()
FOR_EVERYONE = "public, max-age=0, must-revalidate"
FOR_ONE = "private, no-cache"
_COMPRESS_FROM = 600  # bytes; below, a packet is a packet


class BadRequest(InvalidInput):
    """An address whose question cannot be read."""

    code, status = "bad_request", 400


@dataclass(frozen=True)
class Request:
    """What was asked, by whom. Values are checked where they are asked for."""

    method: str
    path: str
    scheme: str
    headers: Mapping[str, str]
    query: Mapping[str, list[str]]
    client: str = ""

    @classmethod
    def of(cls, scope: Scope) -> "Request":
        """The request that an ASGI scope describes."""
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        client = (scope.get("client") or ("", 0))[0]
        return cls(scope["method"], scope["path"], scope.get("scheme", "http"), headers, query, client)

    @cached_property
    def person(self) -> Person:
        """Who is asking, by the signed pass; a citizen without one."""
        return passes.read(parse_cookie(self.headers.get("cookie", "")).get(passes.COOKIE)) or CITIZEN

    @property
    def language(self) -> str:
        """The language asked for with ?lang, else the platform's first."""
        return self.choice("lang", tuple(code for code, _name in settings.LANGUAGES), settings.LANGUAGE_CODE)

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        """A query parameter that is one of a few words; anything else counts as not given."""
        value = self.query.get(name, [default])[-1]
        return value if value in allowed else default

    @property
    def as_of(self) -> date | None:
        """The day asked for with ?as_of; None for today. Raises BadRequest."""
        if not self.query.get("as_of", [""])[-1]:
            return None
        text = self.query["as_of"][-1]
        try:
            if _DAY.fullmatch(text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        raise BadRequest(
            _("“%(day)s” is not a day. Write as_of as year-month-day, for example as_of=%(example)s.")
            % {"day": text[:40], "example": clock.today().isoformat()},
            parameter="as_of",
        )

    @property
    def day(self) -> date:
        """The day that is asked about. Raises BadRequest."""
        return self.as_of or clock.today()

    @property
    def base_url(self) -> str:
        """Scheme and host as the browser sees them. Raises BadRequest for a host that is not this platform's."""
        host = self.headers.get("host", "")
        domain, _port = split_domain_port(host)
        if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
            raise BadRequest(_("This host name is not one of the platform's. It is set by ALLOWED_HOSTS."))
        scheme = self.scheme
        if settings.HTTPS and self.headers.get("x-forwarded-proto", "").split(",")[0].strip() == "https":
            scheme = "https"
        return f"{scheme}://{host}"

    @property
    def from_this_machine(self) -> bool:
        """Whether it comes from this machine itself, and not through a proxy on it."""
        passed_on = self.headers.keys() & {"x-forwarded-for", "x-real-ip", "forwarded", "via"}
        return self.client in {"127.0.0.1", "::1"} and not passed_on

    def holds_token(self, token: str) -> bool:
        """Whether it shows a token that is set."""
        shown = self.headers.get("authorization", "").removeprefix("Bearer ")
        return bool(token) and hmac.compare_digest(shown.encode(), token.encode())

    @property
    def coding(self) -> Coding:
        """How the answer is to be packed."""
        return accepted(self.headers.get("accept-encoding", ""))

    def holds(self, etag: str) -> bool:
        """Whether the browser has this version already."""
        held = self.headers.get("if-none-match", "")
        return held.strip() == "*" or etag.removeprefix("W/") in {
            tag.strip().removeprefix("W/") for tag in held.split(",")
        }


@dataclass(frozen=True)
class Answer:
    """Status, content and how long it may be kept; kept: a tile in place of the content."""

    status: int
    content: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    kept: Kept | None = None

    @classmethod
    def tile(cls, kept: Kept, cache_control: str) -> "Answer":
        """A tile, or 204 where nothing is drawn."""
        return cls(
            204 if kept.empty else 200, b"", _MVT, {"cache-control": cache_control}, None if kept.empty else kept
        )

    @classmethod
    def json(cls, content: Mapping[str, Any]) -> "Answer":
        """A document."""
        return cls(200, json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())

    @classmethod
    def error(cls, exc: PlatformError, **headers: str) -> "Answer":
        """One error in the form that every door uses."""
        content = {"error": {"code": exc.code, "message": str(exc), **exc.details}}
        keep = {"cache-control": "no-store", **({"retry-after": "5"} if exc.status == 503 else {}), **headers}
        return cls(exc.status, json.dumps(content, ensure_ascii=False).encode(), headers=keep)


def kept_by(person: Person) -> str:
    """Cache-Control: what everyone sees may lie in shared caches, all else in the person's own; always asked anew."""
    return FOR_EVERYONE if person == CITIZEN else FOR_ONE


async def respond(send: Send, request: Request, answer: Answer) -> None:
    """Send an answer: 304 when the browser has it, compressed when it may be, without content for HEAD."""
    status, content = answer.status, answer.content
    # The pass decides what is in it, so nobody may be given another person's answer.
    headers = {"vary": _VARY, **answer.headers}
    if status == 200:
        # Weak, because it names the content and not its packing.
        etag = answer.kept.etag if answer.kept else f'W/"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
        headers["etag"] = etag
        if request.holds(etag):
            status, content = 304, b""
    if content or (answer.kept and status == 200):
        headers["content-type"] = answer.content_type
        headers["x-content-type-options"] = "nosniff"
        coding = request.coding if answer.kept or len(content) >= _COMPRESS_FROM else PLAIN
        if coding:
            headers["content-encoding"] = coding
        if answer.kept:
            content = await answer.kept.packed_as(coding)
        elif coding:
            content = await asyncio.to_thread(pack, content, coding)
    if status not in {204, 304}:
        headers["content-length"] = str(len(content))
    await send(start(status, headers))
    await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else content})


def start(status: int, headers: Mapping[str, str]) -> dict[str, Any]:
    """The message that begins an answer. What everyone sees, pages of other sites may read too."""
    if headers.get("cache-control") == FOR_EVERYONE:
        headers = {**headers, "access-control-allow-origin": "*"}
    sent = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    return {"type": "http.response.start", "status": status, "headers": sent}


class Replies:
    """The messages that answer everyone's request for one tile, put together once."""

    __slots__ = ("_kept", "_packed", "etag", "unchanged")

    nothing: ClassVar[Message] = {"type": "http.response.body", "body": b""}

    def __init__(self, kept: Kept) -> None:
        keep = {"vary": _VARY, "cache-control": FOR_EVERYONE}
        self.etag = kept.etag.removeprefix("W/").encode()
        self._kept = kept
        self._packed: dict[Coding, tuple[Message, Message]] = {}
        if kept.empty:
            self.unchanged = start(204, keep)
        else:
            self.unchanged = start(304, {**keep, "etag": kept.etag})

    def choose(self, scope: Scope) -> tuple[Message, Message] | None:
        """The two messages that answer a request; None where it takes more than a look to tell which."""
        if scope["method"] != "GET" or scope["query_string"]:
            return None
        coding, held = PLAIN, b""
        for name, value in scope["headers"]:
            if name == b"accept-encoding":
                coding = accepted(value.decode("latin-1"))
            elif name == b"if-none-match":
                held = value
            elif name == b"cookie" and _PASS in value:
                return None
        if self._kept.empty or (held and self.etag in held):
            return self.unchanged, self.nothing
        return self._packed.get(coding) or self._put_together(coding)

    def _put_together(self, coding: Coding) -> tuple[Message, Message] | None:
        content = self._kept.at_hand(coding)
        if content is None:
            return None
        headers = {
            "vary": _VARY,
            "cache-control": FOR_EVERYONE,
            "etag": self._kept.etag,
            "content-type": _MVT,
            "x-content-type-options": "nosniff",
            "content-encoding": coding,
            "content-length": str(len(content)),
        }
        messages = start(200, headers), {"type": "http.response.body", "body": content}
        self._packed[coding] = messages
        return messages


async def left(receive: Receive) -> None:
    """Returns when the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
