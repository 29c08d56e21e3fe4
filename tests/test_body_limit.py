"""Bodies that are larger than anything the portal takes end while they arrive."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from astria_web.body_limit import BodyLimit

LIMIT = 100


async def reader(scope: Any, receive: Any, send: Any) -> None:
    """An application that reads its body to the end and tells how long it was."""
    length, more = 0, True
    while more:
        message = await receive()
        length += len(message["body"])
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(length).encode()})


def post(parts: Iterable[bytes], *headers: tuple[bytes, bytes]) -> tuple[int, bytes, int]:
    """Status and body of the answer, and how many parts were taken."""
    waiting, sent, taken = list(parts), [], 0

    async def receive() -> dict[str, Any]:
        nonlocal taken
        taken += 1
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "headers": list(headers)}
    asyncio.run(BodyLimit(reader, LIMIT)(scope, receive, send))
    return sent[0]["status"], sent[1]["body"], taken


def test_what_fits_passes() -> None:
    assert post([b"x" * 60, b"x" * 40], (b"content-length", b"100")) == (200, b"100", 2)


def test_a_body_that_says_it_is_too_large_is_not_read() -> None:
    status, body, taken = post([b"x" * 101], (b"Content-Length", b"101"))
    assert (status, taken) == (413, 0)
    assert b"error" in body


@pytest.mark.parametrize(
    "headers", [(), ((b"content-length", b"5"),), ((b"content-length", b"-"),)]
)
def test_a_body_that_does_not_say_is_ended_where_it_gets_too_large(headers: Any) -> None:
    status, _, taken = post([b"x" * 60] * 50, *headers)
    assert (status, taken) == (413, 2)


def test_the_portal_is_behind_the_limit() -> None:
    from astria_web.asgi import application

    assert isinstance(application, BodyLimit)
    assert application.limit > 20 * 25 * 2**20
