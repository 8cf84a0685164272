"""Scripts and styles reach the browser small, whole, and as they were written."""

import gzip
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from gisplatform.static import compress_all, compressed, lighter
from tests.conftest import ROOT

SCRIPT = ROOT / "web" / "static" / "web" / "map-layers.js"
ADDRESS = "/static/web/map-layers.js"


def fetched(address: str, **headers: str):
    return Client().get(address, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_a_browser_gets_a_script_compressed_and_others_get_it_plain():
    small = fetched(ADDRESS, accept_encoding="gzip, br")
    assert small["Content-Encoding"] == "gzip"
    assert small["Vary"] == "Accept-Encoding"
    assert int(small["Content-Length"]) == len(small.content) < 0.5 * SCRIPT.stat().st_size
    plain = fetched(ADDRESS)
    assert "Content-Encoding" not in plain
    assert plain.content == SCRIPT.read_bytes()
    # Who has it already gets nothing, and who asks for a part gets that part.
    assert fetched(ADDRESS, accept_encoding="gzip", if_none_match=small["ETag"]).status_code == 304
    part = fetched(ADDRESS, accept_encoding="gzip", range="bytes=3-12")
    assert (part.status_code, part.content) == (206, SCRIPT.read_bytes()[3:13])
    # Fonts are compressed already.
    font = "/static/vendor/be-vietnam-pro/files/be-vietnam-pro-vietnamese-400-normal.woff2"
    assert "Content-Encoding" not in fetched(font, accept_encoding="gzip")


def test_what_is_left_out_of_our_scripts_are_comments_and_lines_keep_their_numbers():
    for script in (ROOT / "web" / "static" / "web").glob("*.js"):
        written = script.read_bytes().splitlines()
        sent = lighter(script, script.read_bytes()).splitlines()
        assert len(sent) == len(written)
        for before, after in zip(written, sent, strict=True):
            assert after in (before, b"")
        gone = [before.strip() for before, after in zip(written, sent, strict=True) if after != before]
        assert all(line.startswith((b"//", b"/**", b"*")) for line in gone)
        # What is sent is still a script.
        checked = subprocess.run(
            ["node", "--input-type=module", "--check"], input=b"\n".join(sent), capture_output=True
        )
        assert checked.returncode == 0, (script.name, checked.stderr.decode())


def test_a_script_of_others_is_sent_as_it_is(tmp_path: Path):
    foreign = tmp_path / "node_modules" / "theirs.js"
    foreign.parent.mkdir()
    foreign.write_text("// Licence: keep this line.\nexport const one = 1;\n")
    assert lighter(foreign, foreign.read_bytes()) == foreign.read_bytes()


@pytest.fixture
def folder(settings, tmp_path: Path) -> Path:
    """A data folder and a folder of static files of one's own."""
    files = tmp_path / "files"
    files.mkdir()
    settings.DATA_DIR = tmp_path / "data"
    settings.STATICFILES_DIRS = [files]
    return files


def test_compressing_beforehand_is_done_once_and_gives_the_same(folder: Path, settings):
    script = folder / "words.js"
    script.write_text(
        "// About words.\n" + "".join(f"export const word{n} = 'a word like others {n}';\n" for n in range(200))
    )
    compressed.cache_clear()
    at_once = compressed(script, script.stat().st_mtime_ns)
    call_command("compress_static", verbosity=0)
    assert compress_all() == 0
    compressed.cache_clear()
    thorough = compressed(script, script.stat().st_mtime_ns)
    assert gzip.decompress(thorough) == gzip.decompress(at_once)
    assert len(thorough) < len(at_once)
    assert b"About words" not in gzip.decompress(thorough)
    # A file that changed is another file.
    script.write_text("// Now longer.\n" + "export const word = 'word';\n" * 100)
    assert compress_all() == 1
