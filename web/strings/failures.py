"""What the scripts say when something does not work."""

from django.utils.translation import gettext as _


def strings() -> dict[str, str]:
    """The words by key."""
    return {
        "tiles_away": _("The map data does not come at the moment. It is asked for again every few seconds."),
        "try_again": _("Try again"),
        "offline": _("No network. What is on the screen stays; the rest comes when the network is back."),
        "slow": _("The map takes long to come. Its answers are in text, too, and need little."),
        "drawing_lost": _("The browser has taken the map's drawing away, mostly for lack of memory. Nothing is lost."),
        "load_again": _("Load the map again"),
        "search_away": _("The search does not answer at the moment. Please try again."),
        "answer_away": _("The answer does not come at the moment. Please try again."),
        "no_webgl": _("This browser cannot draw the map (it has no WebGL 2). Everything can be found as text, too."),
        "to_search": _("Search in text"),
        "to_table": _("Everything as a table"),
        "search_parcel": _("Search for a parcel"),
        "session_ended": _("Your session has ended. What only you may see is no longer on the map."),
        "sign_in_again": _("Sign in again"),
    }
