"""Plans with their zones and lines, and the functions and colours that the circular prescribes."""

from pathlib import Path

from django.contrib.gis.db import models
from django.core.validators import RegexValidator
from django.db.models import Func, Q
from django.utils.translation import gettext_lazy as _

from gisplatform.crs import REGISTER_SRID
from gisplatform.registers import Version, map_index, terms_index
from gisplatform.rules import Rule


class PlanState(models.TextChoices):
    """Where a plan stands. Only an adopted plan has legal effect."""

    DRAFT = "draft", _("Draft")
    CONSULTATION = "consultation", _("In consultation")
    APPRAISAL = "appraisal", _("In appraisal")
    ADOPTED = "adopted", _("Adopted")
    SUPERSEDED = "superseded", _("Superseded")
    WITHDRAWN = "withdrawn", _("Withdrawn")


# What the law has published: everybody sees these.
PUBLIC_STATES = (PlanState.CONSULTATION, PlanState.ADOPTED, PlanState.SUPERSEDED)


class PlanTerms(Func):
    """The words by which a plan is found; layers/search/plans.py asks for the same."""

    template = "search_terms(code || ' ' || title || ' ' || decision_ref)"


class Plan(Version):
    """One plan. A change of state is a new version, so the state on any day can be asked for."""

    code = models.CharField(max_length=12, validators=[RegexValidator(r"^\d{12}$")])
    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=60)
    scale = models.PositiveIntegerField(null=True)  # 500 for 1/500
    state = models.CharField(max_length=20, choices=PlanState.choices)
    decision_ref = models.CharField(max_length=100, blank=True)
    decided_on = models.DateField(null=True)
    boundary = models.MultiPolygonField(srid=REGISTER_SRID, spatial_index=False)

    class Meta(Version.Meta):
        indexes = [
            map_index("boundary"),
            models.Index(fields=["code"], name="plans_plan_code"),
            models.Index(fields=["identity"], name="plans_plan_identity"),
            terms_index(PlanTerms(), "plans_plan_terms"),
        ]
        constraints = [
            *Version.Meta.constraints,
            models.CheckConstraint(name="plans_plan_known_state", condition=Q(state__in=PlanState.values)),
            models.CheckConstraint(
                name="plans_plan_adopted_by_a_decision",
                condition=~Q(state=PlanState.ADOPTED) | (~Q(decision_ref="") & Q(decided_on__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Zone(Version):
    """One area of a plan with one function and the indicators that bind there. Empty means: the plan says nothing."""

    plan = models.BigIntegerField()  # identity of Plan
    code = models.CharField(max_length=40)  # as lettered on the drawing
    function = models.CharField(max_length=40)  # code of ZoneFunction
    density_max_percent = models.FloatField(null=True)  # ground covered by buildings / parcel area
    floor_area_ratio_max = models.FloatField(null=True)  # gross floor area / parcel area
    storeys_min = models.PositiveSmallIntegerField(null=True)
    storeys_max = models.PositiveSmallIntegerField(null=True)
    height_max_m = models.FloatField(null=True)
    setback_m = models.FloatField(null=True)  # from the red line
    population = models.PositiveIntegerField(null=True)
    boundary = models.MultiPolygonField(srid=REGISTER_SRID, spatial_index=False)

    class Meta(Version.Meta):
        indexes = [
            map_index("boundary"),
            models.Index(fields=["plan"], name="plans_zone_plan"),
            terms_index(Func("code", function="search_terms"), "plans_zone_code_terms"),
        ]
        constraints = [
            *Version.Meta.constraints,
            models.CheckConstraint(
                name="plans_zone_density_is_a_share",
                condition=Q(density_max_percent__gte=0, density_max_percent__lte=100),
            ),
            models.CheckConstraint(
                name="plans_zone_indicators_not_negative",
                condition=Q(floor_area_ratio_max__gte=0, height_max_m__gte=0, setback_m__gte=0),
            ),
            models.CheckConstraint(
                name="plans_zone_storeys_in_order",
                condition=Q(storeys_min__lte=models.F("storeys_max")),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class PlanLine(Version):
    """A line of a plan: the red line bounds the street, the building line the buildings."""

    class Kind(models.TextChoices):
        RED_LINE = "red_line", _("Red line")
        BUILDING_LINE = "building_line", _("Building line")
        CORRIDOR = "corridor", _("Protection corridor")

    plan = models.BigIntegerField()  # identity of Plan
    kind = models.CharField(max_length=20, choices=Kind.choices)
    course = models.MultiLineStringField(srid=REGISTER_SRID, spatial_index=False)

    class Meta(Version.Meta):
        indexes = [
            map_index("course"),
            models.Index(fields=["plan"], name="plans_planline_plan"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.identity}"


class ZoneFunction(Rule):
    """A function of land in plans, with the colour that the circular prescribes."""

    name_vi = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    colour = models.CharField(max_length=7)
    autocad_index = models.PositiveSmallIntegerField()

    csv_path = Path(__file__).parent / "rules" / "zone_functions.csv"
