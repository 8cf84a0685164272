"""The environment of the peers, installed when the first bench needs it: benchmarks/requirements.txt, with hashes."""

import subprocess
import sys
from hashlib import blake2b
from pathlib import Path

from benchmarks.bench import ROOT

_FOLDER = ROOT / "var" / "peers"
_LOCKED = ROOT / "benchmarks" / "requirements.txt"


def programs() -> Path:
    """The folder of the peers' programs. The stamp is written last: what was stopped half-way is completed."""
    stamp, word = _FOLDER / ".stamp", blake2b(_LOCKED.read_bytes(), digest_size=16).hexdigest()
    if not stamp.exists() or stamp.read_text() != word:
        print("Installing the peers into var/peers", flush=True)
        stamp.unlink(missing_ok=True)
        pip = [str(_FOLDER / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet"]
        for command in (
            [sys.executable, "-m", "venv", "--clear", str(_FOLDER)],
            [*pip, "install", "--no-input", "--require-hashes", "-r", str(_LOCKED)],
        ):
            subprocess.run(command, check=True, stdout=sys.stderr)  # noqa: S603 - our own command
        stamp.write_text(word)
    return _FOLDER / "bin"


def version(package: str) -> str:
    """The version that is locked."""
    lines = (line.split() for line in _LOCKED.read_text().splitlines())
    return next(words[0].split("==")[1] for words in lines if words and words[0].startswith(f"{package}=="))
