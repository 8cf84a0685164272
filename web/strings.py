"""The words that the map's scripts say. They go through gettext here, so the catalogue of translations holds them all.

`{name}` in a text is filled in by the script.
"""

from django.utils.translation import gettext as _


def strings() -> dict[str, str]:
    """Every text of the map's scripts in the visitor's language, by key."""
    return {**map_strings(), **panel_strings(), **parcel_strings(), **failure_strings()}


def map_strings() -> dict[str, str]:
    """Map, search box and layers."""
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


def panel_strings() -> dict[str, str]:
    """The panel and what it tells of things that are not parcels."""
    return {
        "close": _("Close"),
        "show_panel": _("Show the panel"),
        "hide_panel": _("Hide the panel"),
        "also_here": _("All things at this place"),
        "one_of": _("{index} of {count} at this place"),
        "previous": _("Previous"),
        "next": _("Next"),
        "nothing_here": _("There is nothing on the map at this place."),
        "nothing_known": _("The register tells nothing more about this."),
        "position": _("Position (WGS 84)"),
        "place": _("latitude {lat}, longitude {lon}"),
        "grid": _("X (north) {north}; Y (east) {east}"),
        "parcel_here": _("Show the parcel here"),
        "yes": _("yes"),
        "no": _("no"),
    }


def parcel_strings() -> dict[str, str]:
    """The answer for a parcel."""
    return {
        "parcel_title": _("Parcel {number}, sheet {sheet}"),
        "commune": _("Commune {code}"),
        "planning": _("What may be built here"),
        "too_close": _("Too close to call: the overlap is thinner than the survey is accurate."),
        "zone": _("Zone {code}"),
        "share": _("{share} of the parcel, {area}"),
        "no_indicators": _("The plan sets no figures for this zone."),
        "source": _("By:"),
        "coming": _("In consultation, not yet in force"),
        "coming_help": _("A plan that is open for comment would change this:"),
        "drafts": _("Drafts, for planners only"),
        "drafts_help": _("Not published; of no effect."),
        "parcel_page": _("Full page of this parcel"),
        "facts": _("From the cadastre"),
        "land_use": _("Land use"),
        "not_known": _("not known"),
        "area_document": _("Area in the papers"),
        "area_measured": _("Area measured on the map"),
        "old_number": _("Earlier number"),
        "code": _("Parcel code"),
        "valid_from": _("In this form since"),
        "made_from": _("Made from"),
        "became": _("Became"),
    }


def failure_strings() -> dict[str, str]:
    """What the scripts say when something does not work."""
    return {
        "tiles_away": _("The map data does not come at the moment. It is asked for again every few seconds."),
        "try_again": _("Try again"),
        "offline": _("No network. What is on the screen stays; the rest comes when the network is back."),
        "search_away": _("The search does not answer at the moment. Please try again."),
        "answer_away": _("The answer for this parcel does not come at the moment. Please try again."),
        "no_webgl": _("This browser cannot draw the map (it has no WebGL 2). Everything can be found as text, too."),
        "to_search": _("Search in text"),
        "search_parcel": _("Search for a parcel"),
        "session_ended": _("Your session has ended. What only you may see is no longer on the map."),
        "sign_in_again": _("Sign in again"),
    }
