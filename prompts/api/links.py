"""Absolute addresses of this portal."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def absolute(request: HttpRequest, path: str) -> str:
    """`path` under the address people use, else under the one this request came to."""
    origin = settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")
    return f"{origin}{path}"


def base_url(request: HttpRequest) -> str:
    """What clients of the Astria API put in the place of https://api.astria.ai."""
    return absolute(request, "/api")
