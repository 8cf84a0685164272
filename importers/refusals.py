"""Why a whole file is refused, in words: what is wrong, where, what to do. One sentence per code, none a guess."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from gisplatform.errors import InvalidInput, Unavailable
from importers.sandbox import Limits


def shown(name: str) -> str:
    """A name from outside as it can be printed and stored, whatever bytes it is made of."""
    return "".join(letter if letter.isprintable() else "�" for letter in name)


def _list(names: Sequence[str]) -> str:
    first = ", ".join(map(shown, names[:40]))
    return f"{first}, …" if len(names) > 40 else first


def refusal(name: str, code: str, details: Mapping[str, Any], limits: Limits) -> InvalidInput | Unavailable:
    """The sentence for a refused file: what, where, what to do."""
    words: dict[str, Any] = {
        key: _list(value) if isinstance(value, list) else shown(str(value)) for key, value in details.items()
    }
    for key in ("columns", "members"):
        if details.get(key) == []:
            words[key] = _("none")
    words |= {"memory_mb": limits.memory_mb, "cpu_s": limits.cpu_s, "file_mb": limits.file_mb}
    words["formats"] = _(
        "GeoJSON, Shapefile, GeoPackage, GML, KML, FileGDB, FlatGeobuf, GeoParquet, DXF, DGN up to version 7, LandXML,"
        " CSV or XLSX, plain or in a zip"
    )
    if details.get("likely"):
        code = "likely_encoding"
    sentence = _sentences()[code] % words
    kind = Unavailable if code in ("not_isolated", "disk_full") else InvalidInput
    return kind(f"{name}: {sentence}", problem=code, file=name, **details)


def _sentences() -> dict[str, str]:
    return {
        "missing": _("the file does not exist. Check the path."),
        "not_a_file": _("this is not a file but a folder or a device. Give the path of one file."),
        "no_permission": _("the file may not be read (%(reason)s). Check its access rights."),
        "empty": _("the file is empty (0 bytes). Ask the sender to send it again."),
        "not_a_format": _("the content is not %(formats)s. Convert it to one of these."),
        "dwg": _(
            "this is a DWG drawing, whose format is not open. Save it in AutoCAD as DXF (SAVEAS, AutoCAD 2018 DXF), or"
            " convert it with the free ODA File Converter, and send the DXF."
        ),
        "dgn_v8": _(
            "this is a DGN of version 8, whose format is not open. Save it in MicroStation with File > Save As >"
            " “MicroStation V7 DGN” or as DXF, and send that."
        ),
        "xls": _("this is a spreadsheet of Excel before 2007. Save it as .xlsx or as CSV (UTF-8) and send that."),
        "ole": _("this is a document of an old program, not %(formats)s. Save it in one of these formats."),
        "tab": _("this is a MapInfo table. Export it in MapInfo as a Shapefile or a GeoPackage and send that."),
        "rar": _("this is an archive of RAR or 7-Zip. Unpack it, and send the files in a zip."),
        "dbf": _("this is the table of a shapefile, without its positions. Send .shp, .shx, .dbf and .prj together."),
        "osm": _("this is an extract of OpenStreetMap. Convert its areas to a GeoPackage, for example with QGIS."),
        "topojson": _("this is TopoJSON, whose neighbours share their lines. Export it as GeoJSON or GeoPackage."),
        "entities": _("its XML declares entities, which are never read. Export it again without a DOCTYPE."),
        "too_deep": _("its content is nested too deeply to be a map. Ask the sender for it again."),
        "bad_xml": _("its XML is damaged in line %(line)s (%(reason)s). Ask the sender for it again."),
        "no_features": _(
            "it has no features: in GML these stand in “featureMember” or “member”, in KML in “Placemark”, in LandXML"
            " in “Parcel”. Export the layer as a whole."
        ),
        "no_outlines": _(
            "the drawing has no closed outline. Close the boundaries (PEDIT > Close, or BOUNDARY) and send it again."
        ),
        "wrong_unit": _("its coordinates are in “%(unit)s”. Export it again in metres."),
        "not_wkb": _("the positions in column “%(column)s” are in the form “%(form)s”. Write them as WKB."),
        "unreadable": _(
            "the file cannot be read: %(reason)s. It is damaged or incomplete; ask the sender for it again."
        ),
        "crashed": _("the file makes the reader crash (%(reason)s). It is damaged; ask the sender for it again."),
        "too_large": _(
            "reading it takes more than is allowed (%(memory_mb)d MB of memory, %(file_mb)d MB on disk)."
            " Split the file into smaller ones."
        ),
        "too_slow": _("reading it takes more than %(cpu_s)d seconds. Split the file into smaller ones."),
        "disk_full": _("there is no room left on the disk for reading it (%(reason)s). Nothing was stored."),
        "not_isolated": _(
            "it was not opened, because the reading process could not shut itself off from the network on this machine."
            " Nothing was stored."
        ),
        "no_shapefile_part": _(
            "the part %(part)s of the shapefile is missing or empty. A shapefile is .shp, .shx, .dbf and .prj together;"
            " send all of them, best in one zip."
        ),
        "cut_short": _(
            "its part %(part)s is shorter than it says itself: it was cut off. Ask the sender for it again."
        ),
        "parts_differ": _(
            "its parts do not belong together: .shx has %(shapes)s shapes and .dbf %(rows)s rows."
            " Ask the sender for all parts of one export."
        ),
        "no_prj": _(
            "the part .prj of the shapefile is missing, so its coordinate system is not known."
            " Add the .prj or give the system with --crs."
        ),
        "still_open": _(
            "the GeoPackage is still open in another program (%(part)s holds changes). Close it there and try again."
        ),
        "no_geometry": _("no row has a position. Export the layer with its geometry."),
        "several_layers": _("there are several layers: %(layers)s. Choose one with --layer."),
        "no_such_layer": _("there is no layer “%(layer)s”. There are: %(layers)s."),
        "no_column": _(
            "no column was recognised for: %(missing)s. The file has the columns: %(columns)s."
            " Name the right one, for example --column sheet=NAME."
        ),
        "no_commune_column": _(
            "no column with the commune's code was recognised. The file has the columns: %(columns)s."
            " Give the code with --commune, or its column with --column commune=NAME."
        ),
        "no_such_column": _(
            "--column %(field)s=%(column)s does not fit. The file has the columns: %(columns)s."
            " Fields that can be filled: %(fields)s."
        ),
        "unknown_encoding": _(
            "the text encoding “%(encoding)s” is not known. Give another with --encoding, such as utf-8, tcvn3, vni,"
            " viscii or cp1258."
        ),
        "wrong_encoding": _(
            "its text is not in the encoding that it should be in (UTF-8 where none is declared)."
            " Give the right one with --encoding, such as tcvn3, vni, viscii or cp1258."
        ),
        "likely_encoding": _(
            "its text is not in the encoding that it should be in (UTF-8 where none is declared); it looks like"
            " %(likely)s. If the names are right then, give it with --encoding %(likely)s."
        ),
        "linked_crs": _(
            "its coordinate system is given as a link, which is never followed."
            " Write the system into the file, or export it again in WGS 84."
        ),
        "unreadable_crs": _("the statement of its coordinate system cannot be understood. Export it again in WGS 84."),
        "several_crs": _("it states several coordinate systems: %(names)s. Export it again in one."),
        "unsafe_zip": _("the zip holds a name that leads out of it or a link: %(member)s. Nothing was unpacked."),
        "locked_zip": _("the zip is locked with a password (%(member)s). Send it without one."),
        "nested_zip": _("the zip holds another archive: %(member)s. Send the files in one zip."),
        "zip_too_large": _("the zip unpacks to more than is allowed (%(reason)s). Send a GeoPackage instead."),
        "damaged_zip": _("the zip is damaged (%(reason)s). Ask the sender for it again."),
        "nothing_in_zip": _("the zip holds no data set. It should hold %(formats)s; it holds: %(members)s."),
    }  # fmt: skip
