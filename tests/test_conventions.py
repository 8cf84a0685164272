"""The conventions, written as tests: style, types, import directions, migrations, generated documents."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


def run(*command: str) -> None:
    done = subprocess.run([str(BIN / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_finds_nothing():
    run("ruff", "check", ".")
    run("ruff", "format", "--check", ".")


@pytest.mark.long
def test_types_hold():
    run("mypy")


def test_imports_run_one_way():
    run("lint-imports", "--no-cache")


@pytest.mark.django_db
def test_models_and_migrations_agree():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_the_data_dictionary_is_what_the_catalogue_says(capsys):
    call_command("data_dictionary")
    written = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert capsys.readouterr().out == written, "run ./manage.py data_dictionary > docs/data-dictionary.md"


def test_files_stay_short_enough_to_read():
    listed = subprocess.run(["git", "ls-files", "*.py", "*.js", "*.css"], cwd=ROOT, capture_output=True, text=True)
    long = {
        path: count
        for path in listed.stdout.split()
        if "/migrations/" not in path and (ROOT / path).exists()
        if (count := len((ROOT / path).read_text(encoding="utf-8").splitlines())) > 450
    }
    assert not long
