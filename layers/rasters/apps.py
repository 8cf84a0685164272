"""Django application: aerial images and terrain models."""

from django.apps import AppConfig


class RastersConfig(AppConfig):
    name = "layers.rasters"
