"""Who is asking: `request.person` for views, and the pass that the tile server reads."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from gisplatform import passes
from gisplatform.access import CITIZEN, Person


def person_of(request: HttpRequest) -> Person:
    """The person behind a request; a citizen unless signed in."""
    user = getattr(request, "user", None)
    return user.person if isinstance(user, User) else CITIZEN


class PersonMiddleware:
    """Sets `request.person`; gives, renews or takes away the tile pass with the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.person = person_of(request)  # type: ignore[attr-defined]
        response = self.get_response(request)
        # Asked again: the view may have signed the person in or out.
        person = person_of(request)
        held = request.COOKIES.get(passes.COOKIE)
        if person == CITIZEN:
            if held:
                response.delete_cookie(passes.COOKIE, path="/")
        elif passes.read(held, passes.RENEW_AFTER_S) != person:
            # It ends with the browser session, as the sign-in does: the pass itself says how long it is good for.
            response.set_cookie(
                passes.COOKIE,
                passes.issue(person),
                path="/",
                httponly=True,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )
        return response
