"""Zips and tars unpacked with care: every name is looked at first, and nothing but the one data set is written.

Runs inside the closed reading process.
"""

import errno
import re
import shutil
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from importers.formats.contents import Refused
from importers.formats.kinds import FILEGDB, SUFFIXES

MEMBERS_MOST = 10_000
BYTES_MOST = 4 << 30
# Text compresses to a tenth, a column of blanks to a hundredth; beyond that it is a bomb.
RATIO_MOST, BYTES_ALWAYS_ALLOWED = 200, 64 << 20
SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
WORKBOOK = "xl/workbook.xml"
_DAMAGES = (zipfile.BadZipFile, zipfile.LargeZipFile, tarfile.TarError, zlib.error, NotImplementedError, EOFError,
            UnicodeError, struct.error)  # fmt: skip
_GDB_FOLDER = re.compile(r"((?:.*/)?[^/]+\.gdb)/[^/]+", re.IGNORECASE)
# What accompanies a data set more often than it is one.
_SECOND_CHOICE = (".csv", ".tsv", ".xlsx", ".xml", ".json")


@dataclass(frozen=True)
class Unpacked:
    """The data set that was taken out of an archive."""

    path: Path
    stem: str
    layer: str | None  # what of the asked layer is still to be found inside it
    kind: str | None  # known before its content is looked at: a folder, or a workbook


@dataclass(frozen=True)
class _Archive:
    names: list[str]
    opened: zipfile.ZipFile | tarfile.TarFile

    def open(self, name: str) -> IO[bytes]:
        if isinstance(self.opened, zipfile.ZipFile):
            return self.opened.open(name)
        content = self.opened.extractfile(name)
        if content is None:
            raise Refused("unsafe_zip", member=name[:200])
        return content


def is_archive(start: bytes) -> bool:
    """Whether a file begins as a zip, a tar or a compressed tar."""
    return start.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b")) or start[257:262] == b"ustar"


def is_workbook(path: Path) -> bool:
    """Whether a zip is a spreadsheet; its members are checked as those of any zip."""
    with _opened(path) as archive:
        return isinstance(archive.opened, zipfile.ZipFile) and WORKBOOK in archive.names


def unpack(path: Path, folder: Path, layer: str | None) -> Unpacked:
    """Take the data set that is meant out of an archive, into an empty folder of ours. Raises Refused."""
    with _opened(path) as archive:
        meant, rest = _chosen(archive.names, layer)
        stem, suffix = PurePosixPath(meant).stem, PurePosixPath(meant).suffix.lower()
        target = folder / f"source{suffix}"
        if suffix == ".gdb":
            target.mkdir()
            for name in archive.names:
                if PurePosixPath(name).parent == PurePosixPath(meant):
                    _write(archive, name, target / PurePosixPath(name).name)
            return Unpacked(target, stem, rest, FILEGDB)
        for name in _parts(archive.names, meant) if suffix == ".shp" else [meant]:
            _write(archive, name, folder / f"source{PurePosixPath(name).suffix.lower()}")
        return Unpacked(target, stem, rest, None)


@contextmanager
def _opened(path: Path) -> Iterator[_Archive]:
    try:
        if zipfile.is_zipfile(path) or _begins_as_zip(path):
            with zipfile.ZipFile(path) as zipped:
                yield _Archive(_zip_names(zipped, path.stat().st_size), zipped)
        else:
            with tarfile.open(path) as tarred:
                yield _Archive(_tar_names(tarred, path.stat().st_size), tarred)
    except tarfile.ReadError:
        raise Refused("not_a_format") from None
    except _DAMAGES as damage:
        raise Refused("damaged_zip", reason=str(damage)) from None
    except OSError as failure:
        if failure.errno != errno.EINVAL:  # a place before the beginning of the file
            raise
        raise Refused("damaged_zip", reason=failure.strerror) from None


def _begins_as_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"PK"


def _write(archive: _Archive, name: str, target: Path) -> None:
    with archive.open(name) as packed, target.open("wb") as unpacked:
        shutil.copyfileobj(packed, unpacked, 1 << 20)


def _parts(names: list[str], meant: str) -> list[str]:
    whole = PurePosixPath(meant).with_suffix("")
    return [
        name
        for name in names
        if PurePosixPath(name).with_suffix("") == whole and PurePosixPath(name).suffix.lower() in SHAPEFILE_PARTS
    ]


def _zip_names(archive: zipfile.ZipFile, packed_bytes: int) -> list[str]:
    members = archive.infolist()
    if len(members) > MEMBERS_MOST:
        raise Refused("zip_too_large", reason=f"{len(members)} > {MEMBERS_MOST}")
    for member in members:
        _check_name(member.orig_filename, link=stat.S_ISLNK(member.external_attr >> 16))
        if member.flag_bits & 1:
            raise Refused("locked_zip", member=member.orig_filename[:200])
    _check_size(sum(member.file_size for member in members), packed_bytes)
    return _shown(member.filename for member in members if not member.is_dir())


def _tar_names(archive: tarfile.TarFile, packed_bytes: int) -> list[str]:
    """Looked at one by one: a compressed tar is unpacked by looking."""
    names, total = [], 0
    for count, member in enumerate(archive, 1):
        if count > MEMBERS_MOST:
            raise Refused("zip_too_large", reason=f"> {MEMBERS_MOST}")
        _check_name(member.name, link=not (member.isreg() or member.isdir()))
        total += member.size
        _check_size(total, packed_bytes)
        if member.isreg():
            names.append(member.name)
    return _shown(names)


def _check_name(name: str, *, link: bool) -> None:
    if (
        link
        or "\0" in name
        or "\\" in name
        or name.startswith("/")
        or re.match(r"^[A-Za-z]:", name)
        or ".." in PurePosixPath(name).parts
    ):
        raise Refused("unsafe_zip", member=name[:200])
    if name.lower().endswith((".zip", ".tar", ".tgz", ".gz", ".7z", ".rar")):
        raise Refused("nested_zip", member=name[:200])


def _check_size(total: int, packed_bytes: int) -> None:
    bomb = total > BYTES_ALWAYS_ALLOWED and total > RATIO_MOST * packed_bytes
    if bomb or total > BYTES_MOST:
        raise Refused("zip_too_large", reason=f"{packed_bytes / 1e6:.1f} MB → {total / 1e6:,.0f} MB")


def _shown(names: Iterator[str] | list[str]) -> list[str]:
    """Without what operating systems hide."""
    return [
        name for name in names
        if not name.startswith("__MACOSX/") and not name.split("/")[-1].startswith(("__MACOSX", "."))
    ]  # fmt: skip


def _chosen(names: list[str], layer: str | None) -> tuple[str, str | None]:
    """The data set that is meant, and what of the asked layer is still to be found inside it."""
    folders = dict.fromkeys(found[1] for name in names if (found := _GDB_FOLDER.fullmatch(name)))
    files = [
        name for name in names
        if PurePosixPath(name).suffix.lower() in SUFFIXES and not _GDB_FOLDER.fullmatch(name)
    ]  # fmt: skip
    data_sets = [*folders, *files]
    if not data_sets:
        raise Refused("nothing_in_zip", members=names[:20])
    named = [name for name in data_sets if layer in (PurePosixPath(name).stem, name)]
    if layer and len(named) == 1:
        return named[0], None
    likely = [name for name in data_sets if PurePosixPath(name).suffix.lower() not in _SECOND_CHOICE] or data_sets
    if len(likely) > 1:
        raise Refused("several_layers", layers=[PurePosixPath(name).stem for name in data_sets])
    return likely[0], layer
