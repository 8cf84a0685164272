"""Aerial images and terrain models in: checked and converted in a closed process, then recorded."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pyproj
import shapely
from django.utils.translation import gettext as _

from gisplatform.crs import REGISTER_ZONE, WGS84, ZONES, is_vn2000, parse_crs, to_register
from gisplatform.errors import InvalidInput, Unavailable, UnknownCRS
from importers.readers import PROJECT, cause_of_death, checksum
from importers.refusals import shown
from importers.sandbox import Limits, quiet_environment
from layers.rasters.models import Raster, folder
from layers.rasters.operations import record_raster, refuse_known

LIMITS = Limits(cpu_s=6 * 3600, file_mb=200_000)
_DRAFT = ".adding-"
_LEFT_BEHIND_S = 24 * 3600


def add_raster(
    path: Path,
    *,
    kind: str,
    title_vi: str,
    title_en: str = "",
    captured_on: date | None = None,
    source: str = "",
    audience: str = Raster.Audience.PUBLIC,
    crs: str | None = None,
    limits: Limits = LIMITS,
) -> Raster:
    """Put a GeoTIFF on the map: an aerial image (RGB or RGBA bytes) or a terrain model (one band of metres).

    crs     goes before the file's own
    source  whose it is, as maps show it
    Raises InvalidInput with one sentence that says what is wrong with the file and what to do.
    """
    if not path.is_file():
        raise InvalidInput(_("%(name)s: there is no such file.") % {"name": shown(path.name)})
    name = shown(path.name)
    sha256 = checksum(path)
    refuse_known(sha256)
    try:
        folder().mkdir(parents=True, exist_ok=True)
        _remove_leftovers()
        with tempfile.TemporaryDirectory(prefix=_DRAFT, dir=folder()) as draft:
            request = {"path": str(path.resolve()), "kind": kind, "limits": asdict(limits)}
            seen = _ask(name, request, draft, limits)["seen"]
            system = parse_crs(crs) if crs else _system(name, seen["crs"])
            prepared = Path(draft) / "raster.tif"
            request |= {"crs": _projection(name, system), "target": str(prepared)}
            made = _ask(name, request, draft, limits)["converted"]
            return record_raster(
                prepared=prepared,
                kind=kind,
                title_vi=title_vi,
                title_en=title_en,
                captured_on=captured_on,
                attribution=source,
                audience=audience,
                sha256=sha256,
                zooms=(made["min_zoom"], made["max_zoom"]),
                footprint=to_register(shapely.Polygon(made["outline"]), system),
            )
    except OSError as failure:
        raise Unavailable(
            _("%(name)s: the image could not be stored (%(reason)s). Nothing was changed.")
            % {"name": name, "reason": failure.strerror or failure}
        ) from None


def _remove_leftovers() -> None:
    """Remove what killed conversions left, once nobody can be at work on it."""
    for left in folder().glob(f"{_DRAFT}*"):
        if time.time() - left.stat().st_mtime > _LEFT_BEHIND_S:
            shutil.rmtree(left, ignore_errors=True)


def _system(name: str, wkt: str | None) -> pyproj.CRS:
    if not wkt:
        raise UnknownCRS(
            _("%(name)s: the file does not say its coordinate system. Give it, for example --crs EPSG:%(epsg)d.")
            % {"name": name, "epsg": REGISTER_ZONE.epsg}
        )
    return parse_crs(wkt)


def _projection(name: str, system: pyproj.CRS) -> str:
    """The coordinate system for the conversion, with the official datum shift in it. Raises UnknownCRS."""
    epsg = system.to_epsg()
    if is_vn2000(system) and epsg in ZONES:
        return ZONES[epsg].proj4text
    geodetic = system.geodetic_crs
    if geodetic is not None and geodetic.to_epsg() == WGS84 and not system.is_bound:
        return system.to_wkt()
    raise UnknownCRS(
        _("%(name)s: the coordinate system “%(crs)s” is neither a VN-2000 zone nor on WGS 84. Convert the file first.")
        % {"name": name, "crs": system.name[:80]}
    )


def _ask(name: str, request: Mapping[str, Any], draft: str, limits: Limits) -> dict[str, Any]:
    """One request to a new closed process; its answer. Raises InvalidInput, Unavailable."""
    done = subprocess.run(
        [sys.executable, "-s", "-m", "importers.raster_process"],
        env={**quiet_environment(str(PROJECT)), "CPL_TMPDIR": draft},
        cwd=draft,
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    answer = json.loads(lines[-1]) if lines else {"refused": cause_of_death(done.returncode, done.stderr)}
    if "refused" in answer:
        raise _refusal(name, answer["refused"]["code"], answer["refused"]["details"], limits)
    return answer


def _refusal(name: str, code: str, details: Mapping[str, Any], limits: Limits) -> InvalidInput | Unavailable:
    """The sentence for a refused raster: what, where, what to do."""
    sentences = {
        "not_geotiff": _("this is not a GeoTIFF. Only GeoTIFF files are taken."),
        "too_many_pixels": _(
            "%(width)s × %(height)s pixels are too many; %(most)s thousand million are taken at most."
        ),
        "no_place": _("the file does not say where its pixels lie. Georeference it first."),
        "turned": _("the image is turned against its coordinate system. Warp it to north-up first."),
        "not_terrain": _("a terrain model has one band of heights; this file has %(bands)s bands."),
        "not_aerial": _(
            "an aerial image has red, green and blue as bytes, with an alpha band at most; this file has %(bands)s"
            " bands of %(type)s. Convert it first."
        ),
        "no_heights": _("its values, %(lowest)s to %(highest)s, are not heights of any ground in metres."),
        "empty": _("there is no height in it."),
        "off_the_map": _("with this coordinate system it would lie off the map. Check the coordinate system."),
        "unreadable": _("the file cannot be read (%(reason)s)."),
        "too_large": _("converting it takes more than the allowed %(memory_mb)s MB of memory."),
        "too_slow": _("converting it takes more than the allowed %(cpu_s)s seconds."),
        "crashed": _("reading it failed (%(reason)s); the file is probably damaged."),
        "not_isolated": _("files cannot be opened safely on this machine, so none is opened."),
    }
    words = {key: shown(str(value)) for key, value in details.items()}
    words |= {"memory_mb": str(limits.memory_mb), "cpu_s": str(limits.cpu_s)}
    kind = Unavailable if code == "not_isolated" else InvalidInput
    return kind(f"{name}: {sentences[code] % words}", problem=code, file=name, **details)
