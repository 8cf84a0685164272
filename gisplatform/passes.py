"""The signed pass that carries a person to the tile server, which asks no database who somebody is.

A pass is a cookie, valid for a quarter of an hour and renewed by every page while the person is
signed in; a change of roles or a sign-out therefore reaches the tiles with the next page, and at the latest then.
"""

from django.core import signing

from gisplatform.access import Person

COOKIE = "tile_pass"
LIFETIME_S = 15 * 60
RENEW_AFTER_S = LIFETIME_S // 3
_SALT = "gisplatform.tile-pass"


def issue(person: Person) -> str:
    """A pass for this person from now on."""
    return signing.dumps([sorted(person.roles), person.organisation], salt=_SALT)


def read(text: str | None, max_age_s: int = LIFETIME_S) -> Person | None:
    """The person a pass was issued for; None when it is missing, forged or older than max_age_s."""
    if not text:
        return None
    try:
        roles, organisation = signing.loads(text, salt=_SALT, max_age=max_age_s)
    except signing.BadSignature:
        return None
    return Person.of(roles, organisation)
