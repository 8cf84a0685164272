"""Django application: the map page and what all pages share."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "web"
