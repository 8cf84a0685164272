"""The panel and what it tells of things that are not parcels."""

from django.utils.translation import gettext as _


def strings() -> dict[str, str]:
    """The words by key."""
    return {
        "close": _("Close"),
        "show_panel": _("Show the panel"),
        "hide_panel": _("Hide the panel"),
        "sheet_peek": _("title only"),
        "sheet_half": _("half of the screen"),
        "sheet_full": _("whole screen"),
        "also_here": _("Things of this kind at this place"),
        "one_of": _("{index} of {count} at this place"),
        "also": _("Also here: {things}"),
        "things": _("Things on the map"),
        "thing_page": _("Open as a page"),
        "all_here": _("Everything at this place"),
        "this_place": _("This place"),
        "here": _("What is here"),
        "nothing_at_all": _("The register has nothing at this place."),
        "show_day": _("Show the map of {day}"),
        "coordinates": _("Coordinates"),
        "lat_lon": _("latitude, longitude"),
        "coordinates_away": _("The VN-2000 coordinates do not come at the moment. Close this and open it again."),
        "copy_coordinates": _("Copy the coordinates in {system}"),
        "copied": _("Copied: {text}"),
        "copied_short": _("Copied"),
        "copy_by_hand": _("Now marked: copy it with Ctrl+C."),
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
