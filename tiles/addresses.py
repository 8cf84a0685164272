"""Addresses of tiles, and signed ones that open for a few minutes what not everyone may see.

    /tiles/<layer>/{z}/{x}/{y}.mvt                                      what the cookie's person sees, or everyone
    /tiles/s/<expires>/<signature>/<viewer>/<layer>/{z}/{x}/{y}.mvt     what a viewer sees (tiles/viewers.py)

The signature is the one of nginx's secure_link module, so that nginx can check it and send the tile from disk. MD5 does
for it: who does not know the secret at the end would need a preimage.
"""

import hmac
import time
from base64 import urlsafe_b64encode
from datetime import date
from functools import lru_cache
from hashlib import blake2b, md5

from django.conf import settings

from gisplatform.access import Person
from tiles.bundles import Tileset, viewer_of
from tiles.viewers import PUBLIC

# An address is made for the next but one of these: good for 7.5 to 15 minutes, and the same one for 7.5.
_TERM_S = 450


@lru_cache(maxsize=1)
def secret() -> str:
    """What the web server in front must know as well."""
    return blake2b(b"gisplatform.tile-addresses", key=settings.SECRET_KEY.encode()[:64], digest_size=24).hexdigest()


def signature(expires: int, viewer: str, key: str) -> str:
    """nginx: secure_link_md5 "$expires/$viewer/$layer $secret", in base64 for addresses without the padding."""
    digest = md5(f"{expires}/{viewer}/{key} {secret()}".encode(), usedforsecurity=False).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def opens(expires: str, signed: str, viewer: str, key: str) -> bool:
    """Whether an address is signed by us and still good."""
    expected = signature(int(expires), viewer, key)
    return hmac.compare_digest(expected, signed) and time.time() <= int(expires)


def tile_address(tileset: Tileset, person: Person, base_url: str, as_of: date | None, *, signed: bool) -> str:
    """The address of the tiles of a layer or bundle for a person, with the placeholders that clients fill in.

    signed: for clients without the pass, where not everyone sees the same; else the pass has to come with each question
    """
    viewer = (viewer_of(tileset, person) if signed else None) or PUBLIC
    folder = tileset.key
    if viewer != PUBLIC:
        expires = (int(time.time()) // _TERM_S + 2) * _TERM_S
        folder = f"s/{expires}/{signature(expires, viewer, tileset.key)}/{viewer}/{tileset.key}"
    return f"{base_url}/tiles/{folder}/{{z}}/{{x}}/{{y}}.mvt" + (f"?as_of={as_of}" if as_of else "")
