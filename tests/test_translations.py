"""Everything that people read exists in Vietnamese, and the catalogue's words in both languages."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from layers.catalogue import layers

ROOT = Path(__file__).resolve().parent.parent
PO = ROOT / "locale" / "vi" / "LC_MESSAGES" / "django.po"


def test_no_message_is_untranslated_or_doubtful():
    for kind in ("--untranslated", "--only-fuzzy"):
        command = ["msgattrib", kind, "--no-obsolete", str(PO)]
        found = subprocess.run(command, capture_output=True, text=True, check=True)
        missing = [line for line in found.stdout.splitlines() if line.startswith("msgid ") and line != 'msgid ""']
        assert not missing


@pytest.mark.long
def test_the_translations_know_every_message_of_the_code(tmp_path):
    # makemessages writes to where it stands, so it stands in a copy.
    copy = tmp_path / "project"
    ignored = shutil.ignore_patterns(".venv", "node_modules", "var", ".git", "*.pyc", "tests")
    shutil.copytree(ROOT, copy, ignore=ignored, symlinks=True)
    subprocess.run(
        [sys.executable, "-m", "django", "makemessages", "--locale", "vi", "--no-obsolete", "--no-location"],
        cwd=copy, env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}, capture_output=True, check=True,
    )  # fmt: skip
    assert messages(copy / PO.relative_to(ROOT)) == messages(PO), "run ./manage.py makemessages -l vi and translate"


def messages(po: Path) -> set[str]:
    """The msgids of a catalogue, whatever way their lines are broken."""
    text = subprocess.run(["msgcat", "--no-wrap", "--no-location", str(po)], capture_output=True, text=True, check=True)
    return set(re.findall(r'^msgid "(.+)"$', text.stdout, re.MULTILINE))


def test_the_catalogue_speaks_both_languages():
    for layer in layers():
        titles = [layer.title, *(attribute.title for attribute in layer.attributes)]
        titles += [words for attribute in layer.attributes for words in attribute.values.values()]
        for title in titles:
            assert all(title[language] for language in ("vi", "en"))
