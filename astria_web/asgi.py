"""ASGI entry point: the live streams need it."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "astria_web.settings")

application = get_asgi_application()
