"""Whether the database that DATABASE_URL names can be used; prints what is wrong with it. Changes nothing."""

import os
import sys

import psycopg

OLDEST_POSTGRESQL = 150000


def fault(url: str) -> str | None:
    """What keeps the platform from using this database, as a sentence, or None."""
    if not url.startswith(("postgresql://", "postgres://")):  # not repeated: it may hold a password
        return "DATABASE_URL must look like postgresql://user:password@host/name."
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            version = connection.info.server_version
            if version < OLDEST_POSTGRESQL:
                return f"PostgreSQL 15 or newer is needed, this is {version // 10000}."
            found = connection.execute("SELECT installed_version FROM pg_available_extensions WHERE name = 'postgis'")
            postgis = found.fetchone()
            if not postgis:
                return "PostGIS is not installed on that server."
            superuser = connection.info.parameter_status("is_superuser") == "on"
            if not postgis[0] and not superuser:
                return "PostGIS is not in that database, and only a superuser can add it: script/sql/database.sql."
    except (psycopg.Error, UnicodeError) as failure:
        return str(failure).strip()
    return None


if __name__ == "__main__":
    sys.exit(fault(os.environ["DATABASE_URL"]))
