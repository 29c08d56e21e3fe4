"""What is answered when a request cannot be served at all."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from prompts.api.errors import ApiError

GATEWAY = "/api/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: programs get theirs as JSON."""
    if request.path.startswith(GATEWAY):
        return ApiError(400, "The call cannot be understood.").response()
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: programs get theirs as JSON; what happened is in the log alone."""
    if request.path.startswith(GATEWAY):
        return ApiError(500, "Something went wrong on our side. Try again later.").response()
    return defaults.server_error(request)
