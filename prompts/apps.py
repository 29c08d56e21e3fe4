from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def sync_presets(**kwargs: Any) -> None:
    """Brings the built-in presets up to date with the code."""
    from prompts.presets import sync_built_in

    sync_built_in()


class PromptsConfig(AppConfig):
    name = "prompts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from prompts import checks  # noqa: F401 - registers them
        from prompts.live import rights  # noqa: F401 - connects its receivers

        post_migrate.connect(sync_presets, sender=self)
