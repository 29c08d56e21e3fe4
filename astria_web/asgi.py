"""ASGI entry point: the live streams need it."""

import os

from django.conf import settings

from .body_limit import BodyLimit
from .handler import get_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "astria_web.settings")

application = BodyLimit(get_application(), settings.MAX_REQUEST_BYTES)
