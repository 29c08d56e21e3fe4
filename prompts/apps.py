from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def sync_presets(**kwargs: Any) -> None:
    """Brings the built-in presets and packs up to date with the code."""
    from django.db import connection

    from prompts.models import Pack
    from prompts.packs import sync_built_in_packs
    from prompts.presets import sync_built_in

    if Pack._meta.db_table not in connection.introspection.table_names():
        return  # migrated to an earlier state, on purpose
    sync_built_in()
    sync_built_in_packs()


class PromptsConfig(AppConfig):
    name = "prompts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from prompts import (
            audit_accounts,  # noqa: F401 - connects its receivers
            checks,  # noqa: F401 - registers them
            sign_ins,  # noqa: F401 - connects its receiver
        )
        from prompts.live import rights  # noqa: F401 - connects its receivers
        from prompts.searching import prepare_index

        post_migrate.connect(sync_presets, sender=self)
        post_migrate.connect(prepare_index, sender=self)
