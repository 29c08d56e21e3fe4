"""Ends requests that are larger than anything the portal takes, while they arrive.

Django writes a request's body to disk before any view can look at it, whoever sends it.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]


class TooLarge(Exception):
    """More has arrived than is taken."""


class BodyLimit:
    """Answers 413 in place of `app` for bodies of more than `limit` bytes, declared or arrived."""

    def __init__(self, app: App, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif self._declared(scope) > self.limit:
            await self._refuse(send)
        else:
            await self._serve(scope, receive, send)

    def _declared(self, scope: Scope) -> int:
        lengths = [value for name, value in scope["headers"] if name.lower() == b"content-length"]
        return int(lengths[0]) if lengths and lengths[0].isdigit() else 0

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        arrived = 0

        async def counted() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > self.limit:
                raise TooLarge
            return message

        try:
            await self.app(scope, counted, send)
        except TooLarge:
            # Bodies are read to their end before anything is answered.
            await self._refuse(send)

    async def _refuse(self, send: Send) -> None:
        text = f"The request is larger than {self.limit // 2**20} MB."
        body = json.dumps({"error": text}).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": body})
