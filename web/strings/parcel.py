"""The answer for a parcel."""

from django.utils.translation import gettext as _


def strings() -> dict[str, str]:
    """The words by key."""
    return {
        "parcel_title": _("Parcel {number}, sheet {sheet}"),
        "commune": _("Commune {code}"),
        "planning": _("What may be built here"),
        "too_close": _("Too close to call: the overlap is thinner than the survey is accurate."),
        "zone": _("Zone {code}"),
        "part_of_parcel": _("{share} of the parcel, {area}"),
        "no_indicators": _("The plan sets no figures for this zone."),
        "source": _("By:"),
        "coming": _("In consultation, not yet in force"),
        "coming_help": _("A plan that is open for comment would change this:"),
        "drafts": _("Drafts, for planners only"),
        "drafts_help": _("Not published; of no effect."),
        "parcel_page": _("Full page of this parcel"),
        "facts": _("From the cadastre"),
        "land_use": _("Land use"),
        "use_and_code": _("{name} ({code})"),
        "measured": _("{area} measured"),
        "in_papers": _("{area} in the papers"),
        "zone_population": _("Planned population of the whole zone: {count}"),
        "not_known": _("not known"),
        "area_document": _("Area in the papers"),
        "area_measured": _("Area measured on the map"),
        "old_number": _("Earlier number"),
        "code": _("Parcel code"),
        "valid_from": _("In this form since"),
        "lineage": _("What it came from and became"),
        "made_from": _("Made from"),
        "became": _("Became"),
    }
