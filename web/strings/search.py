"""The search box."""

from django.utils.translation import gettext as _


def strings() -> dict[str, str]:
    """The words by key."""
    return {
        "found": _("{count} results. Choose with the arrow keys."),
        "searching": _("Searching…"),
        "nothing_found_for": _("Nothing found for “{text}”."),
        "nothing_found_try": _(
            "Try fewer words, sheet and parcel number (12-283), house number and street, or coordinates."
        ),
        "all_results": _("All results as a page"),
        "ways_to_search": _("Ways to search"),
        "recent_searches": _("Recent searches"),
        "search_examples": _("Try one of these"),
        "forget_recent": _("Clear recent searches"),
        "recent_forgotten": _("The recent searches are cleared."),
    }
