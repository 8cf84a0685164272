"""The cadastre: parcels, where they came from, and the land-use codes of the law."""

from pathlib import Path

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.db.models import Func, Q
from django.utils.translation import gettext_lazy as _

from gisplatform.crs import REGISTER_SRID
from gisplatform.registers import FromNowOn, Version, map_index
from gisplatform.rules import Rule


class PublicCode(Func):
    """`{commune code}-{sheet}-{number}`, with a suffix where a sheet repeats a number."""

    template = (
        "commune_code || '-' || sheet || '-' || number || CASE WHEN suffix > 1 THEN '-' || suffix::text ELSE '' END"
    )
    output_field = models.CharField(max_length=60)


class Parcel(Version):
    """One cadastral parcel. Owners and addresses are personal data and are not kept here.

    Parcels enter and change through operations.record_parcels, never through save().
    """

    commune_code = models.CharField(max_length=10)
    sheet = models.CharField(max_length=20)  # số tờ bản đồ
    number = models.CharField(max_length=20)  # số thửa
    suffix = models.PositiveSmallIntegerField(default=1)  # 2, 3, … where a sheet repeats a number
    code = models.GeneratedField(
        expression=PublicCode(),
        output_field=models.CharField(max_length=60),
        db_persist=True,
    )
    old_sheet = models.CharField(max_length=20, blank=True)  # before the last re-survey
    old_number = models.CharField(max_length=20, blank=True)
    land_use_codes = ArrayField(models.CharField(max_length=10))  # ODT+CLN is ["ODT", "CLN"]
    area_document_m2 = models.FloatField(null=True)  # as in the papers
    area_measured_m2 = models.GeneratedField(
        expression=Func("boundary", function="ST_Area"),
        output_field=models.FloatField(),
        db_persist=True,
    )
    boundary = models.MultiPolygonField(srid=REGISTER_SRID, spatial_index=False)

    class Meta(Version.Meta):
        indexes = [
            map_index("boundary"),
            models.Index(fields=["code"], name="parcels_parcel_code"),
            models.Index(fields=["sheet", "number"], name="parcels_parcel_sheet_number"),
            # For who knows the number and not the sheet.
            models.Index(fields=["number"], name="parcels_parcel_number", condition=Q(recorded_during__upper_inf=True)),
            models.Index(
                fields=["old_sheet", "old_number"],
                name="parcels_parcel_old_number",
                condition=~Q(old_number=""),
            ),
        ]
        constraints = [
            *Version.Meta.constraints,
            models.UniqueConstraint(
                name="parcels_parcel_one_per_code",
                fields=["code"],
                condition=Q(recorded_during__upper_inf=True, valid_during__upper_inf=True),
            ),
            models.CheckConstraint(
                name="parcels_parcel_area_not_negative",
                condition=Q(area_document_m2__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.commune_code}-{self.sheet}-{self.number}"


class ParcelLineage(models.Model):
    """What became of a parcel: an old sheet and number leads to today's parcels.

    A relation that was taken back stays readable, like a version: `recorded_during` ends.
    """

    class Kind(models.TextChoices):
        SPLIT = "split", _("Split")
        MERGE = "merge", _("Merge")
        RESURVEY = "resurvey", _("Re-survey")

    predecessor = models.BigIntegerField()  # identities of Parcel
    successor = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    happened_on = models.DateField()
    decision_ref = models.CharField(max_length=100, blank=True)
    recorded_during = DateTimeRangeField(db_default=FromNowOn(), editable=False)

    class Meta:
        indexes = [models.Index(fields=["successor"], name="parcels_lineage_successor")]
        constraints = [
            models.UniqueConstraint(
                name="parcels_lineage_once",
                fields=["predecessor", "successor", "happened_on"],
                condition=Q(recorded_during__upper_inf=True),
            ),
            models.CheckConstraint(
                name="parcels_lineage_of_another",
                condition=~Q(predecessor=models.F("successor")),
            ),
        ]


class LandUseCode(Rule):
    """A land-use code of the cadastre with its meaning; which codes exist depends on the day."""

    name_vi = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    parent = models.CharField(max_length=10, blank=True)
    level = models.CharField(max_length=20, blank=True)
    colour = models.CharField(max_length=7, blank=True)  # of the pre-2024 map standard

    csv_path = Path(__file__).parent / "rules" / "land_use_codes.csv"
