"""Measuring, drawing an area, what lies inside, and taking it away."""

from django.utils.translation import gettext as _


def strings() -> dict[str, str]:
    """The words by key."""
    return {**measuring(), **areas(), **inside(), **downloading()}


def measuring() -> dict[str, str]:
    """The measuring tool, and what both tools share."""
    return {
        "measure": _("Measure length and area"),
        "measure_help": _(
            "Click points on the map. By keyboard: the arrow keys move the map, Enter sets a point at the cross."
        ),
        "measure_more_help": _(
            "Click the first point to close an area, the last one again (or Enter twice) to finish. Escape leaves."
        ),
        "measure_done_help": _("Finished. The next point begins a new measurement; undo goes on with this one."),
        "measure_none": _("No points"),
        "measure_said_first": _("First point"),
        "measure_said": _("Point {number}: {leg}, {total} in all"),
        "measure_said_area": _("Area {area}, perimeter {perimeter}"),
        "measure_live": _("{leg}, {total} in all"),
        "measure_total": _("Whole length"),
        "measure_close": _("Close the area"),
        "measure_cleared": _("The measurement was cleared."),
        "measure_leg": _("From – to"),
        "measure_point": _("Point"),
        "measure_ground": _(
            "This place is far from the meridian of the register, where lengths in the plane come out too long. "
            "On the ground: {length}{area}"
        ),
        "measure_plane": _("Measured in the plane of {crs}, as the cadastre does."),
        "perimeter": _("perimeter {length}"),
        "about": _("about {value}"),
        "length_m": _("Length (m)"),
        "north_x": _("X, north (m)"),
        "east_y": _("Y, east (m)"),
        "copy_system": _("Copy as {system}"),
        "copied_list": _("Copied."),
        "undo": _("Undo"),
        "redo": _("Redo"),
        "clear": _("Clear"),
        "steps": _("Steps of the drawing"),
        "undone": _("One step back"),
        "redone": _("One step forth"),
        "cancel": _("Cancel"),
        "server_away": _("The server does not answer at the moment. What you drew is kept; please try again."),
    }


def areas() -> dict[str, str]:
    """The ways to name an area."""
    return {
        "area": _("What is in an area"),
        "area_help": _("Draw an area on the map, or choose one, to see what lies inside and to download it."),
        "area_ways": _("How to choose the area"),
        "area_polygon": _("Polygon"),
        "area_rectangle": _("Rectangle"),
        "area_circle": _("Circle"),
        "area_freehand": _("By hand"),
        "area_outline": _("Existing outline"),
        "area_view": _("What the map shows"),
        "area_polygon_help": _(
            "Click the corners; click the first or last one again to finish. By keyboard: the arrow keys move the map, "
            "Enter sets a corner at the cross, Enter twice finishes."
        ),
        "area_rectangle_help": _("Click two opposite corners, or drag from one to the other."),
        "area_circle_help": _("Click the middle, then the rim, or drag from one to the other."),
        "area_freehand_help": _("Click where the line begins, draw around the area, and click again to finish."),
        "area_outline_help": _("Click a place: its ward, plan, zone or parcel can then be chosen."),
        "area_view_help": _("What the map shows now"),
        "area_edit_help": _("Drag a corner to move it; drag a small dot between two corners to add one."),
        "area_rim_help": _("Drag a corner or the rim to make it larger or smaller."),
        "area_choose": _("Whose outline is meant?"),
        "area_none_here": _("Nothing with an outline is at this place. Click another one."),
        "area_cleared": _("The area was cleared."),
        "area_tool_away": _("The drawing tool does not come. Please open it again."),
        "area_adding": _("Adding up…"),
    }


def inside() -> dict[str, str]:
    """What lies in an area."""
    return {
        "area_inside": _("What is inside"),
        "area_empty": _("Nothing that is on the map lies in this area."),
        "area_parcels": _("Parcels: {count} with {area}, {share} of the area; most of it {most}."),
        "area_zones": _("Mostly planned as: {function} ({share} of the area)."),
        "area_buildings": _("Buildings: {count} on {footprint}, with some {floors} of floor area."),
        "area_buildings_only": _("Buildings: {count} on {footprint}."),
        "area_land_use": _("Parcels by land use"),
        "area_lots": _("Parcels"),
        "area_m2": _("m²"),
        "area_ha": _("ha"),
        "area_functions": _("Planned functions"),
        "area_function": _("Function"),
        "area_no_effect": _("This plan has no effect at present; its areas may lie over those of other plans."),
        "area_storeys": _("Storeys"),
        "area_number": _("How many"),
        "area_footprint": _("Footprint ({unit})"),
        "area_floors_unknown": _("Buildings without storeys in the register, left out of the floor area: {count}."),
        "area_also": _("Also inside"),
        "area_about": _("approximate positions"),
        "area_sort": _("Kind"),
        "area_more": _("{count} more"),
        "area_others": _("Smaller groups that are counted in the total only: {count}."),
        "area_how": _("How this is counted"),
        "area_how_counted": _(
            "Whatever lies in the area at least partly counts as one. Areas and lengths are those of the part inside, "
            "in the plane of {crs}. Neighbours that only touch the outline do not count."
        ),
        "area_how_floors": _("The floor area is an estimate: footprint times storeys, where the storeys are known."),
        "area_how_approximate": _("Where positions are approximate, things count where they are shown."),
    }


def downloading() -> dict[str, str]:
    """The form for downloads."""
    return {
        "download": _("Download"),
        "download_layer": _("Which layer"),
        "download_format": _("Format"),
        "download_csv_help": _("A table that Excel opens, with coordinates in VN-2000 and WGS 84."),
        "download_geojson_help": _("For web maps and programs, in WGS 84."),
        "download_gpkg_help": _("For QGIS and other GIS, in VN-2000."),
        "download_what": _("{layer} ({count}) as {format}"),
        "download_begins": _("The download begins. Rows: {count}."),
    }
