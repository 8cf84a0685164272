"""Django application: the cadastre."""

from django.apps import AppConfig


class ParcelsConfig(AppConfig):
    name = "layers.parcels"
