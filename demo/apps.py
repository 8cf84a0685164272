"""Django application: the synthetic demo city and its accounts."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "demo"
