"""Tools beside the map: table, print, share, my location, keys."""

from django.utils.translation import gettext as _


def strings() -> dict[str, str]:
    """The words by key."""
    return {
        "tools": _("Tools"),
        "table": _("Table"),
        "table_of": _("Table of the layer"),
        "table_on": _("On the map now"),
        "table_off": _("Other layers"),
        "table_page": _("As a page of its own, with filters and downloads"),
        "table_close": _("Close the table"),
        "table_asking": _("The rows are looked up …"),
        "table_away": _("The rows do not come at the moment. Please try again."),
        "table_empty": _("There is nothing of this kind here. Move the map, or choose another layer."),
        "table_many": _(
            "There are {count} here: too many to sort. These were found first."
            " Zoom in, or filter them on the page of the table."
        ),
        "table_pages": _("Page {page} of {pages}"),
        "table_previous": _("Previous page"),
        "table_next": _("Next page"),
        "share": _("Share this view"),
        "link_copied": _("The link is copied. Whoever opens it sees this place, these layers and this day."),
        "link_by_hand": _("Copy this link"),
        "link_holds": _("It leads to this place, these layers and this day. Each person sees what he may see."),
        "print": _("Print"),
        "print_title": _("Map of land and planning"),
        "print_scale": _("Scale 1:{scale}"),
        "print_map": _("The map on the paper. Arrow keys move it."),
        "print_drawing": _("The map is drawn for the paper …"),
        "print_busy": _("Drawing …"),
        "print_ready": _("Ready to print."),
        "print_page": _("Page {page}/{pages}"),
        "north_letter": _("N"),  # on the arrow
        "true_north_left": _("Grid north; true north {angle} to the left"),
        "true_north_right": _("Grid north; true north {angle} to the right"),
        "location": _("My location"),
        "location_asked": _("Your device is asked where you are."),
        "location_found": _("You are here, to about {metres} m."),
        "location_outside": _("You are outside the area of this map. The map stays where it is."),
        "location_denied": _(
            "Your browser does not tell where you are. Allow it for this page in the browser, then try again."
        ),
        "location_unavailable": _("Your device does not know where it is at the moment."),
        "location_slow": _("Your device did not find out in time where it is. Please try again."),
        "location_needs_https": _("The browser tells where you are only to pages with HTTPS."),
        "keys": _("Keyboard shortcuts"),
        "key_search": _("go to the search"),
        "key_move": _("move the map, when it has the focus; walk through a list or the tools"),
        "key_zoom": _("zoom the map"),
        "key_pick": _("tell what is in the middle of the map; open what is chosen"),
        "key_place": _(
            "tell the coordinates of the middle of the map and everything there, as a right click or a long press does"
        ),
        "key_leave": _("leave what is open"),
        "key_next": _("on to the next control"),
        "key_help": _("this help"),
        "key_single": _("Use the keys / and ?"),
    }
