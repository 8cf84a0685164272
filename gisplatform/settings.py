"""Settings, read once from the environment and from var/platform.env (which script/bootstrap writes).

Every variable is typed, has a default where one is safe, and is listed in docs/operations.md.
"""

from pathlib import Path

from django.utils.translation import gettext_lazy as _
from environs import Env
from marshmallow.validate import OneOf, Range

from gisplatform.databases import ROLES, database_settings

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
env.read_env(str(BASE_DIR / "var" / "platform.env"), recurse=False)

# Where the deployment keeps what is not code: the demo password, later uploads and archives.
DATA_DIR = Path(env.str("PLATFORM_DATA", str(BASE_DIR / "var")))

DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
# Behind a reverse proxy that speaks HTTPS: cookies then travel over HTTPS only.
HTTPS = env.bool("HTTPS", False)

# The one metric system of the registers: the EPSG code of a VN-2000 TM-3 zone (see gisplatform/crs.py).
# It is part of every geometry column, so it is chosen before the first migration and not changed after.
REGISTER_EPSG = env.int("REGISTER_EPSG", 5899)

# owner: migrations; web: pages; worker: jobs and commands; tiles: published tables only.
DATABASE_ROLE = env.str("DATABASE_ROLE", "web", validate=OneOf(["owner", "web", "worker", "tiles"]))
DATABASE_URL = env.str("DATABASE_URL")
DATABASES = {
    "default": database_settings(
        DATABASE_URL,
        DATABASE_ROLE,
        own_url=env.str(f"{DATABASE_ROLE.upper()}_DATABASE_URL", None),
    )
}
# What the tile server logs in with; the web process needs it because it carries the tile server by default.
TILES_DATABASE = database_settings(DATABASE_URL, "tiles", own_url=env.str("TILES_DATABASE_URL", None))
DATABASE_ROLE_NAMES = [
    database_settings(DATABASE_URL, role, own_url=env.str(f"{role.upper()}_DATABASE_URL", None))["USER"]
    for role in ROLES
]
# Files are opened by importers/readers in a closed process of its own, never through Django's GDAL bindings.
SILENCED_SYSTEM_CHECKS = ["gis.W001"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "gisplatform",
    "accounts",
    "layers",
    "layers.base",
    "layers.parcels",
    "layers.networks",
    "layers.cameras",
    "layers.rasters",
    "planning.plans",
    "planning.answers",
    "tiles",
    "importers",
    "demo",
    "web",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "gisplatform.static.StaticFilesMiddleware",
    "gisplatform.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.PersonMiddleware",
    "gisplatform.http.ErrorMiddleware",
]

ROOT_URLCONF = "gisplatform.urls"
ASGI_APPLICATION = "gisplatform.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.context.page",
            ],
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# Accounts are made by an administrator; nobody signs up by himself, and no mail server is needed to sign in.
ACCOUNT_ADAPTER = "accounts.adapter.ClosedSignupAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
# How many reverse proxies of ours stand in front. Sign-in attempts are counted by the visitor's address, which
# behind a proxy is in X-Forwarded-For: without this all visitors would share one count.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", 0)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/start"
LOGOUT_REDIRECT_URL = "/"
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

SESSION_COOKIE_AGE = 12 * 60 * 60  # a working day
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"

# Sign-in attempts are counted across all web processes, so the cache is the database.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "gisplatform_cache",
    }
}

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Vietnamese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
TIME_ZONE = "Asia/Ho_Chi_Minh"

STATIC_URL = "/static/"
STATICFILES_DIRS = [
    ("vendor/maplibre-gl", BASE_DIR / "node_modules" / "maplibre-gl" / "dist"),
    ("vendor/terra-draw", BASE_DIR / "node_modules" / "terra-draw" / "dist"),
    ("vendor/terra-draw-maplibre-gl-adapter", BASE_DIR / "node_modules" / "terra-draw-maplibre-gl-adapter" / "dist"),
    (
        "vendor/be-vietnam-pro",
        BASE_DIR / "node_modules" / "@fontsource" / "be-vietnam-pro",
    ),
]
# Under which terms others may use what they download; it stands in the files.
DATA_TERMS = env.str("DATA_TERMS", "")

# Tiles that were drawn are kept: by each process in memory, by all of them in one folder, from which a web server in
# front may send them (docs/operations.md). The folder is for one database.
TILES_FOLDER = Path(env.str("TILES_FOLDER", str(DATA_DIR / "tiles")))
TILES_MEMORY_MB = env.int("TILES_MEMORY_MB", 64, validate=Range(min=0))
TILES_DISK_MB = env.int("TILES_DISK_MB", 1024, validate=Range(min=0))
# Who may read /metrics from another machine: whoever sends it as a bearer token. Empty: nobody.
METRICS_TOKEN = env.str("METRICS_TOKEN", "")

# Served straight from the source folders: no build step, and each file is revalidated by its date.
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 0
WHITENOISE_AUTOREFRESH = DEBUG

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {
        "procrastinate": {"level": "WARNING"},
        # A connection that breaks is told by whoever used it.
        "psycopg": {"level": "ERROR"},
        # Anybody may send any Host header; each would write a traceback.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
