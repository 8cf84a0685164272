"""Django application: administrative units, streets, buildings."""

from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "layers.base"
