"""How each process logs in to PostgreSQL: one URL for the owner, one database role per kind of process."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# The roles that script/sql/roles.sql makes beside the owner, by the suffix of their names.
ROLES = ("web", "worker", "tiles")


def database_settings(url: str, role: str, own_url: str | None = None) -> dict[str, Any]:
    """Django's settings for one role.

    url      the owner's connection, `postgresql://user@/name?host=/socket/folder` or with host and port
    role     "owner", "web", "worker" or "tiles"; in the private cluster (no password in the URL, a socket)
             the role logs in under its own name, `<owner>_<role>`
    own_url  the role's own connection in an outside database; without it the role logs in as the owner

    Raises ImproperlyConfigured if a URL is not a PostgreSQL one.
    """
    parts = urlsplit(own_url or url)
    if parts.scheme not in {"postgres", "postgresql", "postgis"}:
        raise ImproperlyConfigured(f"DATABASE_URL must start with postgresql://, not {parts.scheme}://")
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or parts.hostname or ""
    user = unquote(parts.username or "")
    private = host.startswith("/") and not parts.password
    if private and role != "owner" and not own_url:
        user = f"{user}_{role}"
    settings: dict[str, Any] = {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": user,
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        # Test databases are copies of a template that holds the extensions, where there is one.
        "TEST": {"TEMPLATE": f"{unquote(parts.username or '')}_template"} if private else {},
    }
    if role == "web":
        # A pool that waits at most this long for a connection; then the visitor is told to try again.
        settings["OPTIONS"] = {
            **options,
            "pool": {"min_size": 1, "max_size": 8, "timeout": 3},
        }
    return settings
