"""Django application: plans, zones, plan lines."""

from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "planning.plans"
