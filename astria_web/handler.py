"""Runs a request in one go in one thread, as a WSGI server would."""

from __future__ import annotations

import warnings

import django
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase

# Static files are small: reading one whole costs less than a hop to a thread for each of its parts.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous")


class Handler(ASGIHandler):
    """Django's, but that middleware and view are called as plain functions.

    Django's own hands every hook and the view to the request's thread and back by itself, which
    costs more than most of them do. Here a view that is a coroutine, as that of the live streams,
    goes to the event loop, and so does whatever a response streams.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)


def get_application() -> Handler:
    """The portal as an ASGI application; sets Django up."""
    django.setup(set_prefix=False)
    return Handler()
