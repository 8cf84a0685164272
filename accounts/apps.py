"""Django application: people, organisations, roles."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
