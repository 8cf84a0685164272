"""Django application: what may be built here."""

from django.apps import AppConfig


class AnswersConfig(AppConfig):
    name = "planning.answers"
