"""The panel and what it tells of things that are not parcels."""

from django.utils.translation import gettext as _


def strings() -> dict[str, str]:
    """The words by key."""
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
