#!/usr/bin/env python3
"""The platform's command line: `./manage.py help` lists the commands."""

import os
import sys
from pathlib import Path

# These change the database's structure and log in as its owner; all others log in as the worker,
# whose statement timeout suits long work.
OWNERS_COMMANDS = {
    "migrate",
    "publish_layers",
    "load_rules",
    "flush",
    "dbshell",
    "sqlflush",
    "setup_platform",
}


def main() -> None:
    """Run one management command inside the project's own virtual environment."""
    here = Path(__file__).resolve().parent
    python = here / ".venv" / "bin" / "python"
    if python.exists() and Path(sys.prefix) != here / ".venv":
        os.execv(python, [str(python), *sys.argv])  # noqa: S606 - the project's own interpreter
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gisplatform.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    os.environ.setdefault("DATABASE_ROLE", "owner" if command in OWNERS_COMMANDS else "worker")
    try:
        from django.core.management import execute_from_command_line
        from environs import EnvError
    except ImportError:
        sys.exit("Python packages are missing: run script/server once, it sets up everything.")
    try:
        execute_from_command_line(sys.argv)
    except EnvError as exc:
        sys.exit(f"Settings are missing ({exc}): run script/server once, it sets up everything.")


if __name__ == "__main__":
    main()
