"""What a map stands on: administrative units, streets, railways, waters, buildings, addresses and named places."""

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db.models import Func, Q
from django.utils.translation import gettext_lazy as _

from gisplatform.crs import REGISTER_SRID
from gisplatform.registers import Version, map_index, terms_index


def name_index(name: str) -> GinIndex:
    """The index that serves the search for names that are spelled alike, without tone marks."""
    return GinIndex(OpClass(Func("name", function="search_key"), "gin_trgm_ops"), name=name)


def words_index(name: str) -> GinIndex:
    """The index that serves the search for names by their words, without tone marks."""
    return terms_index(Func("name", function="search_terms"), name)


class AdministrativeUnit(Version):
    """A province or commune with the days on which it existed. Official codes are reused after mergers."""

    class Level(models.TextChoices):
        PROVINCE = "province", _("Province")
        COMMUNE = "commune", _("Commune")

    code = models.CharField(max_length=10)
    name = models.CharField(max_length=120)
    level = models.CharField(max_length=10, choices=Level.choices)
    kind = models.CharField(max_length=30)  # phường, xã, đặc khu, tỉnh, thành phố: never a closed list
    parent_code = models.CharField(max_length=10, blank=True)
    legal_basis = models.CharField(max_length=200, blank=True)
    boundary = models.MultiPolygonField(srid=REGISTER_SRID, spatial_index=False)

    class Meta(Version.Meta):
        indexes = [
            map_index("boundary"),
            models.Index(fields=["code"], name="base_unit_code"),
            name_index("base_unit_name_key"),
            words_index("base_unit_name_terms"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class AdministrativeSuccession(models.Model):
    """Which unit took over land of which, when units merge, split or are renamed."""

    predecessor = models.BigIntegerField()  # identities of AdministrativeUnit
    successor = models.BigIntegerField()
    happened_on = models.DateField()
    legal_basis = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="base_succession_once",
                fields=["predecessor", "successor", "happened_on"],
            ),
            models.CheckConstraint(
                name="base_succession_of_another",
                condition=~models.Q(predecessor=models.F("successor")),
            ),
        ]


class Street(Version):
    """A street by its centre line."""

    name = models.CharField(max_length=200)
    street_class = models.CharField(max_length=40, blank=True)
    width_m = models.FloatField(null=True)  # between the red lines
    centreline = models.MultiLineStringField(srid=REGISTER_SRID, spatial_index=False)

    class Meta(Version.Meta):
        indexes = [
            map_index("centreline"),
            name_index("base_street_name_key"),
            words_index("base_street_name_terms"),
        ]
        constraints = [
            *Version.Meta.constraints,
            models.CheckConstraint(name="base_street_width_positive", condition=models.Q(width_m__gt=0)),
        ]

    def __str__(self) -> str:
        return self.name


class Building(Version):
    """A building by its footprint, with its height above ground."""

    function = models.CharField(max_length=60, blank=True)
    storeys = models.PositiveSmallIntegerField(null=True)
    height_m = models.FloatField(null=True)
    footprint = models.MultiPolygonField(srid=REGISTER_SRID, spatial_index=False)

    class Meta(Version.Meta):
        indexes = [map_index("footprint")]
        constraints = [
            *Version.Meta.constraints,
            models.CheckConstraint(name="base_building_height_positive", condition=models.Q(height_m__gt=0)),
        ]

    def __str__(self) -> str:
        return f"building {self.identity}"


class Address(Version):
    """A house number at a street, where its entrance is."""

    house_number = models.CharField(max_length=40)  # 12, 12A, 12/5: as it stands on the house
    street_name = models.CharField(max_length=200)
    street = models.BigIntegerField(null=True)  # identity of Street, where the register knows it
    parcel = models.BigIntegerField(null=True)  # identity of Parcel
    position = models.PointField(srid=REGISTER_SRID, spatial_index=False)

    class Meta(Version.Meta):
        indexes = [
            map_index("position"),
            # Serves "12 Trăng Non" once the street is known, however many million addresses there are.
            models.Index(
                Func("street_name", function="search_key"), Func("house_number", function="search_key"),
                name="base_address_key", condition=Q(recorded_during__upper_inf=True),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.house_number} {self.street_name}"


class Place(Version):
    """A place that people name: a market, a school, a station, a square, a bridge."""

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)  # never a closed list; the layer has words for the usual ones
    position = models.PointField(srid=REGISTER_SRID, spatial_index=False)

    class Meta(Version.Meta):
        indexes = [
            map_index("position"),
            name_index("base_place_name_key"),
            words_index("base_place_name_terms"),
        ]

    def __str__(self) -> str:
        return self.name


class Water(Version):
    """A river, canal, lake or pond by its banks."""

    name = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=40)
    surface = models.MultiPolygonField(srid=REGISTER_SRID, spatial_index=False)

    class Meta(Version.Meta):
        indexes = [
            map_index("surface"),
            name_index("base_water_name_key"),
            words_index("base_water_name_terms"),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.kind} {self.identity}"


class Railway(Version):
    """A railway by the middle of its track."""

    name = models.CharField(max_length=200, blank=True)
    track = models.MultiLineStringField(srid=REGISTER_SRID, spatial_index=False)

    class Meta(Version.Meta):
        indexes = [map_index("track")]

    def __str__(self) -> str:
        return self.name or f"railway {self.identity}"
