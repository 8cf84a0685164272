"""Django application: coordinates, access, registers, rules, errors; knows no domain."""

from django.apps import AppConfig


class GisPlatformConfig(AppConfig):
    name = "gisplatform"
