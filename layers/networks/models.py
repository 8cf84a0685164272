"""Utility networks as nodes and edges. What lies under the street is for staff and the owner only."""

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from gisplatform.crs import REGISTER_SRID
from gisplatform.registers import Version, map_index


class Network(models.TextChoices):
    """The kinds of network."""

    WATER = "water", _("Water supply")
    DRAINAGE = "drainage", _("Drainage")
    POWER = "power", _("Power")
    TELECOM = "telecom", _("Telecom")
    GAS = "gas", _("Gas")
    LIGHTING = "lighting", _("Street lighting")


class NetworkPart(Version):
    """What nodes and edges share."""

    network = models.CharField(max_length=10, choices=Network.choices)
    kind = models.CharField(max_length=40)  # valve, manhole, transformer; main, service pipe, cable
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    reference = models.CharField(max_length=60, blank=True)  # the owner's own number

    class Meta(Version.Meta):
        abstract = True
        constraints = [
            *Version.Meta.constraints,
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_known_network",
                condition=models.Q(network__in=Network.values),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.network} {self.kind} {self.reference or self.identity}"


class NetworkNode(NetworkPart):
    """A valve, manhole, transformer, pole, lamp or connection."""

    elevation_m = models.FloatField(null=True)  # ground, above the national datum Hòn Dấu
    position = models.PointField(srid=REGISTER_SRID, spatial_index=False)

    class Meta(NetworkPart.Meta):
        indexes = [map_index("position")]


class NetworkEdge(NetworkPart):
    """A pipe, cable or channel between two nodes, drawn in the direction of flow."""

    start_node = models.BigIntegerField(null=True)  # identities of NetworkNode
    end_node = models.BigIntegerField(null=True)
    material = models.CharField(max_length=40, blank=True)
    diameter_mm = models.FloatField(null=True)
    voltage_kv = models.FloatField(null=True)
    depth_m = models.FloatField(null=True)  # cover above the top, below ground
    route = models.LineStringField(srid=REGISTER_SRID, spatial_index=False)

    class Meta(NetworkPart.Meta):
        indexes = [
            map_index("route"),
            models.Index(fields=["start_node"], name="networks_edge_start"),
            models.Index(fields=["end_node"], name="networks_edge_end"),
        ]
        constraints = [
            *NetworkPart.Meta.constraints,
            models.CheckConstraint(
                name="networks_networkedge_sizes_positive",
                condition=models.Q(diameter_mm__gt=0, voltage_kv__gt=0),
            ),
        ]
