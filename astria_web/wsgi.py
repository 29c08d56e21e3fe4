"""WSGI entry point, for hosts without ASGI: pages then poll instead of streaming."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "astria_web.settings")

application = get_wsgi_application()
