"""Map, search box and layers."""

from django.utils.translation import gettext as _


def strings() -> dict[str, str]:
    """The words by key."""
    return {
        "map": _("Map. Arrow keys move it, plus and minus zoom, Enter tells what is in the middle."),
        "zoom_in_button": _("Zoom in"),
        "zoom_out_button": _("Zoom out"),
        "attribution": _("Sources of the map"),
        "layers": _("Layers"),
        "zoom_in": _("(zoom in to see it)"),
        "legend_of": _("Legend and opacity: {layer}"),
        "opacity": _("Opacity"),
        "opacity_of": _("Opacity: {layer}"),
        "day": _("Day of the map"),
        "day_help": _("The map and the answers as they stood on this day."),
        "today": _("Back to today"),
        "map_of_day": _("Map as of {day}"),
        "empty": _("There are no parcels here yet. An administrator loads the cadastre with this command:"),
        "found": _("{count} results. Choose with the arrow keys."),
        "nothing_found": _("Nothing found. Try sheet and parcel number (12-283), a street name, or coordinates."),
    }
