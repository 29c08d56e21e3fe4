"""What the benchmarks run on."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def fresh_portal(**environment: str) -> Iterator[Path]:
    """The folder of a migrated portal, with Django set up in this process; it goes afterwards.

    Its database is a file in the folder, or the empty one that DATABASE_URL names.
    """
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "astria_web.settings",
            "DATA_DIR": folder,
            "FAKE_ENGINE": "1",
            "SECRET_KEY": "bench",
            "ALLOWED_HOSTS": "*",
            **environment,
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        yield Path(folder)


@contextmanager
def pages_in_process() -> Iterator[None]:
    """Lets Django's test client read pages over http, with static files nobody has collected."""
    from django.conf import settings
    from django.test import override_settings

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    storages = settings.STORAGES | {"staticfiles": plain}
    with override_settings(STORAGES=storages, SECURE_SSL_REDIRECT=False):
        yield
