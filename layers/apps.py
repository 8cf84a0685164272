"""Django application: the layer catalogue and the published tables."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class LayersConfig(AppConfig):
    name = "layers"

    def ready(self) -> None:
        # Every app that owns a register declares its layers in a module called `layer`.
        autodiscover_modules("layer")
        post_migrate.connect(publish_after_migration, dispatch_uid="layers.publish")


def publish_after_migration(sender: AppConfig, plan: list[Any] | None = None, **_: Any) -> None:
    """Bring rule tables and the published schema to what the code says, once, when the last app has migrated."""
    from django.apps import apps

    from gisplatform.rules import Rule, load
    from layers.publishing import publish

    if sender.label != list(apps.get_app_configs())[-1].label:
        return
    for model in apps.get_models():
        if issubclass(model, Rule):
            load(model)
    publish()
