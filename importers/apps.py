"""Django application: files in."""

from django.apps import AppConfig


class ImportersConfig(AppConfig):
    name = "importers"
