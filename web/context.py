"""What every page's template knows: who is signed in, the theme, whether the data is invented."""

import unicodedata
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from accounts.models import User
from demo.units import PROVINCE_CODE
from gisplatform.access import Role

THEMES = ("light", "dark")
THEME_COOKIE = "theme"
DEMO_CACHE_KEY = "web.demo-data"
DEMO_CACHE_S = 30


def demo_data() -> bool:
    """Whether this deployment shows the demo city, told by its accounts; asked twice a minute at most."""
    found = cache.get(DEMO_CACHE_KEY)
    if found is None:
        found = User.objects.filter(is_demo=True).exists()
        cache.set(DEMO_CACHE_KEY, found, DEMO_CACHE_S)
    return found


def theme_of(request: HttpRequest) -> str:
    """The theme that the visitor chose, or "" to follow the system. web/theme.js writes the cookie."""
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else ""


def capitalised(name: str) -> str:
    """With a capital at the start; others in it stay, and tone marks are composed: Tiếng Việt."""
    name = unicodedata.normalize("NFC", name)
    return name[:1].upper() + name[1:]


def role_names(user: Any) -> list[str]:
    """What a signed-in person does here, in words."""
    return [str(Role(role).label) for role in getattr(user, "roles", [])] or [str(Role.CITIZEN.label)]


def page(request: HttpRequest) -> dict[str, Any]:
    """Template context of all pages. It asks the database only where a template uses an answer: the page that says
    that the database is away uses none.
    """
    user = SimpleLazyObject(lambda: getattr(request, "user", None))
    return {
        "site_name": _("Land and planning"),
        "theme": theme_of(request),
        "page_languages": [
            (code, capitalised(get_language_info(code)["name_local"]), code.upper())
            for code, _name in settings.LANGUAGES
        ],
        "demo_province": PROVINCE_CODE,
        "demo_data": SimpleLazyObject(demo_data),
        "role_names": SimpleLazyObject(lambda: role_names(user)),
        "organisation": SimpleLazyObject(lambda: getattr(user, "organisation", None)),
    }
