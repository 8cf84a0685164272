"""Django application: utility networks."""

from django.apps import AppConfig


class NetworksConfig(AppConfig):
    name = "layers.networks"
