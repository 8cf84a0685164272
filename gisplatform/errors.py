"""The one family of errors. At the edge each becomes one JSON error, one page or one line on the command line."""

from typing import Any


class PlatformError(Exception):
    """A failure the person at the screen can read and act on: the message says what, the details say where."""

    code, status, exit_code = "error", 400, 1

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.details = details


class InvalidInput(PlatformError):
    """A field, geometry or file that cannot be accepted."""

    code, status, exit_code = "invalid_input", 422, 2


class UnknownCRS(InvalidInput):
    """A coordinate system that is missing, unknown, or not one the platform may guess."""

    code = "unknown_crs"


class NotFound(PlatformError):
    """Nothing of that name that this person may see; hidden and missing look alike."""

    code, status, exit_code = "not_found", 404, 4


class Unavailable(PlatformError):
    """A part of the platform is away for the moment, mostly the database; nothing was stored."""

    code, status, exit_code = "unavailable", 503, 5
