"""Runs a request in one go in one thread, as a WSGI server would."""

from __future__ import annotations

import asyncio
from typing import IO, Any

import django
from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.db import connection, connections
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

from .body_limit import Receive, Scope, Send
from .threads import Gate, Threads

#: Requests that compute at a time. Two keep the interpreter busy while SQLite reads; elsewhere one
#: waits longer for the database.
AT_ONCE = {"sqlite": 2}
AT_ONCE_ELSEWHERE = 4
#: Seconds after which a request no longer holds the others up. Most take a tenth of it.
PATIENCE = 0.05
#: Idle threads that are kept, each with a connection to the database.
KEPT_THREADS = 8


class Handler(ASGIHandler):
    """Django's, but that everything between reading a request and sending its answer is one call.

    Django's own makes a thread for the request and hands signals, every hook and the view to it
    and back by itself, which costs more than most of them do. Here a view that is a coroutine, as
    that of the live streams, goes to the event loop, and so does whatever a response streams.
    """

    def __init__(self) -> None:
        super().__init__()
        self._gate = Gate(AT_ONCE.get(connection.vendor, AT_ONCE_ELSEWHERE), PATIENCE)
        self._threads = Threads(KEPT_THREADS)

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"Only HTTP is served here, not {scope['type']}.")
        try:
            body: IO[bytes] = await self.read_body(receive)
        except RequestAborted:
            return
        with body:
            response = await self._answer(scope, body)
            if response.streaming:
                await self._stream(response, receive, send)
            else:
                await self.send_response(response, send)

    async def _answer(self, scope: Scope, body: IO[bytes]) -> HttpResponseBase:
        async with self._gate.passed():
            with self._threads.lend() as thread:
                respond = sync_to_async(self._respond, thread_sensitive=False, executor=thread)
                return await respond(scope, body)

    def _respond(self, scope: Scope, body: IO[bytes]) -> HttpResponseBase:
        """The answer; nothing of it is left open unless there is more to come."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=type(self), scope=scope)
        request, refusal = self.create_request(scope, body)
        response: Any = refusal if request is None else self.get_response(request)
        response._handler_class = type(self)
        if response.streaming and response.is_async:
            return response
        whole = _read_whole(response) if response.streaming else response
        response.close()
        return whole

    async def _stream(self, response: HttpResponseBase, receive: Receive, send: Send) -> None:
        """Sends the answer until it ends or nobody reads any more.

        What its parts need of the database runs in one thread, which begins with the first call.
        """
        async with ThreadSensitiveContext():
            sending = asyncio.ensure_future(self.send_response(response, send))
            reading = asyncio.ensure_future(self.listen_for_disconnect(receive))
            try:
                await asyncio.wait([sending, reading], return_when=asyncio.FIRST_COMPLETED)
            finally:
                sending.cancel()
                reading.cancel()
                outcome, _ = await asyncio.gather(sending, reading, return_exceptions=True)
                await sync_to_async(_end)(response)
        if isinstance(outcome, Exception):
            raise outcome


def _read_whole(response: StreamingHttpResponse) -> HttpResponse:
    """The same answer with its parts in one, as of a static file.

    They are small: to read one costs less than a hop to this thread for each of its parts.
    """
    whole = HttpResponse(b"".join(response), status=response.status_code, headers=response.headers)
    whole.cookies = response.cookies
    return whole


def _end(response: HttpResponseBase) -> None:
    """Closes what the answer has used, with the connections of this thread, which ends with it."""
    response.close()
    connections.close_all()


def get_application() -> Handler:
    """The portal as an ASGI application; sets Django up."""
    django.setup(set_prefix=False)
    return Handler()
