"""Misconfiguration told at the start, with a hint, rather than in the middle of a job."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.utils.module_loading import import_string


@register()
def engines_can_be_loaded(**kwargs: Any) -> list[CheckMessage]:
    """Every configured engine imports, and the default one is among them."""
    problems: list[CheckMessage] = []
    for name, path in settings.ENGINES.items():
        try:
            import_string(path)
        except ImportError as error:
            problems.append(Error(f"Engine {name!r} cannot be loaded: {error}", id="prompts.E001"))
    if settings.DEFAULT_ENGINE not in settings.ENGINES:
        problems.append(
            Error(
                f"DEFAULT_ENGINE is {settings.DEFAULT_ENGINE!r}, which is no configured engine.",
                hint=f"Choose one of: {', '.join(settings.ENGINES)}.",
                id="prompts.E002",
            )
        )
    return problems


@register()
def data_folder_is_writable(**kwargs: Any) -> list[CheckMessage]:
    """Pictures and the database live there."""
    if os.access(settings.DATA_DIR, os.W_OK):
        return []
    return [Error(f"{settings.DATA_DIR} cannot be written to.", id="prompts.E003")]


@register()
def lease_outlives_a_heartbeat(**kwargs: Any) -> list[CheckMessage]:
    """A lease shorter than a few seconds makes busy workers lose their own jobs."""
    if settings.LEASE_SECONDS >= 5:
        return []
    return [
        Warning(
            f"LEASE_SECONDS is {settings.LEASE_SECONDS}; slow machines will do work twice.",
            hint="30 suits most installs.",
            id="prompts.W001",
        )
    ]
