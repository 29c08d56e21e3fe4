"""ASGI entry point: the live streams need it."""

import os

from django.conf import settings
from django.core.asgi import get_asgi_application

from .body_limit import BodyLimit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "astria_web.settings")

application = BodyLimit(get_asgi_application(), settings.MAX_REQUEST_BYTES)
