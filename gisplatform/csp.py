"""The content security policy: what a page of ours may load and run, so that injected text stays text."""

import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

HEADER = "Content-Security-Policy"
# Everything comes from this server. The map draws through blob: images; its workers are files of ours.
POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "worker-src": "'self' blob:",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


class Nonce:
    """A word that is good for one answer, made when a template writes it."""

    word = ""

    def __str__(self) -> str:
        self.word = self.word or secrets.token_urlsafe(16)
        return self.word


class ContentSecurityPolicyMiddleware:
    """Adds the policy to every page; `{{ request.csp_nonce }}` in a template lets that one inline script run."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        nonce = Nonce()
        request.csp_nonce = nonce  # type: ignore[attr-defined]
        response = self.get_response(request)
        if HEADER not in response:
            policy = dict(POLICY)
            if nonce.word:
                policy["script-src"] += f" 'nonce-{nonce.word}'"
            response[HEADER] = "; ".join(f"{directive} {sources}" for directive, sources in policy.items())
        return response
