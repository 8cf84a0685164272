"""The answer in sentences, in the language of the visitor. Silence of a plan is never worded as a permission."""

from collections.abc import Sequence

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from layers.formats import area, number
from layers.parcels.queries import LandUse, Trace
from planning.answers.answer import Indicator, Limit, ParcelAnswer, ZoneShare
from planning.answers.shares import SURVEY_ACCURACY_M


def notice() -> str:
    """What the answer is not."""
    return _("This page is information from the registers. It is not a planning certificate and decides nothing.")


def headline(answer: ParcelAnswer) -> list[str]:
    """The answer first: one sentence for each zone that certainly applies, largest share first; none when unknown."""
    certain = [zone for zone in answer.zones if not zone.too_close_to_call]
    if len(certain) == 1 and not answer.planning.uncovered_m2:
        return [f"{certain[0].function.name}: {limits(certain[0])}."]
    return [
        _("On %(share)s %% (%(area)s, zone %(zone)s): %(function)s, %(limits)s.")
        % {
            "share": number(zone.share_percent, 1),
            "area": area(zone.area_m2),
            "zone": zone.code,
            "function": zone.function.name,
            "limits": limits(zone),
        }
        for zone in certain
    ]


def limits(zone: ZoneShare) -> str:
    """The limits of a zone in a row of words."""
    storeys = _from_to(zone)
    said = [
        _limit(indicator.key, indicator.value)
        for indicator in zone.indicators
        if not storeys or not _is_storeys(indicator)
    ]
    return ", ".join([storeys, *said] if storeys else said) or _("the plan gives no limits for buildings")


def limit_rows(zone: ZoneShare) -> list[Limit]:
    """The limits of a zone for a table, as `limits` tells them in a sentence."""
    storeys = _from_to(zone)
    rows = [Limit("storeys", _("Height in storeys"), storeys)] if storeys else []
    for indicator in zone.indicators:
        if storeys and _is_storeys(indicator):
            continue
        written = number(indicator.value, 2)
        rows.append(Limit(indicator.key, indicator.title, f"{written} {indicator.unit}" if indicator.unit else written))
    return rows


def _is_storeys(indicator: Indicator) -> bool:
    return indicator.key in ("storeys_min", "storeys_max")


def _from_to(zone: ZoneShare) -> str:
    """The least and the most storeys as one limit; empty where the plan does not set both."""
    storeys = {indicator.key: int(indicator.value) for indicator in zone.indicators if _is_storeys(indicator)}
    if len(storeys) < 2:
        return ""
    least, most = storeys["storeys_min"], storeys["storeys_max"]
    if least == most:
        return ngettext("exactly %(count)s storey", "exactly %(count)s storeys", most) % {"count": number(most)}
    return _("from %(least)s to %(most)s storeys") % {"least": number(least), "most": number(most)}


def _limit(key: str, value: float) -> str:
    match key:
        case "storeys_max":
            return ngettext("up to %(count)s storey", "up to %(count)s storeys", int(value)) % {"count": number(value)}
        case "height_max_m":
            return _("up to %(metres)s m high") % {"metres": number(value, 2)}
        case "density_max_percent":
            return _("buildings on at most %(percent)s %% of the ground") % {"percent": number(value, 1)}
        case "floor_area_ratio_max":
            return _("floor area at most %(times)s × the ground") % {"times": number(value, 2)}
        case "setback_m" if not value:
            return _("may stand on the street line (red line)")
        case "setback_m":
            return _("%(metres)s m back from the street line (red line)") % {"metres": number(value, 2)}
        case "storeys_min":
            return ngettext("at least %(count)s storey", "at least %(count)s storeys", int(value)) % {
                "count": number(value)
            }
    raise ValueError(key)


def land_use_name(use: LandUse) -> str:
    """What the law calls a land-use code; empty where no table has it."""
    return (use.name_en if (get_language() or "vi").startswith("en") else "") or use.name_vi


def nothing_known(silent_plans: Sequence[tuple[str, str]]) -> list[str]:
    """No zone of an adopted plan applies; silent_plans are code and title of those that cover the place."""
    return [
        _("No adopted plan in this register says what may be built on this parcel."),
        *(
            _("The plan %(code)s (%(title)s) covers this place, but its zones here are not in the register.")
            % {"code": code, "title": title}
            for code, title in silent_plans
        ),
        _("That does not mean that building is free: ask the planning office before you decide anything."),
    ]


def partly_covered(rest_m2: float, rest_percent: float) -> str:
    """Adopted plans are silent about a part."""
    return _(
        "For %(percent)s %% of the parcel (%(area)s) no adopted plan in this register says what may be built;"
        " ask the planning office about that part."
    ) % {"percent": number(rest_percent, 1), "area": area(rest_m2)}


def too_close_to_call(zone: ZoneShare) -> str:
    """The overlap with a zone is thinner than survey accuracy."""
    return _(
        "Whether the parcel reaches into zone %(zone)s is too close to call: the overlap is thinner than the survey is"
        " accurate (%(accuracy)s m)."
    ) % {"zone": zone.code, "accuracy": number(SURVEY_ACCURACY_M, 2)}


def plan_contradicts_itself(plan_code: str, area_m2: float) -> str:
    """Zones of one plan overlap on the parcel."""
    return _("Zones of the plan %(code)s overlap here by %(area)s: the plan contradicts itself, ask its author.") % {
        "code": plan_code,
        "area": area(area_m2),
    }


def several_plans() -> str:
    """Zones of more than one adopted plan apply."""
    return _("Several adopted plans speak about this parcel. Read them all, and ask which governs where they differ.")


def no_such_parcel(code: str, trace: Trace) -> str:
    """Why a code leads to no parcel on the day that was asked about."""
    said = {"code": code[:60]}
    if trace.ended_on:
        return _("The parcel %(code)s exists no more since %(day)s.") % {**said, "day": f"{trace.ended_on:%d/%m/%Y}"}
    if trace.begins_on:
        return _("The parcel %(code)s exists only from %(day)s on.") % {**said, "day": f"{trace.begins_on:%d/%m/%Y}"}
    if trace.renumbered:
        return _("%(code)s is a number from before the re-survey.") % said
    return _("The register holds no parcel %(code)s.") % said
