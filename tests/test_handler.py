"""Requests and answers as the web server sees them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.signals import request_finished, request_started
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path

from astria_web import handler as handler_module
from astria_web.handler import Handler

SOURCE = Path(__file__).read_bytes()

happened: list[str] = []
released = threading.Event()


def plain(request: HttpRequest) -> HttpResponse:
    name = threading.current_thread().name
    return HttpResponse(f"{request.method} {name} {request.body.decode()}")


def failing(request: HttpRequest) -> HttpResponse:
    raise LookupError("for the log alone")


def slow(request: HttpRequest) -> HttpResponse:
    assert released.wait(10)
    return HttpResponse("slow")


def whole_file(request: HttpRequest) -> FileResponse:
    file = BytesIO(SOURCE)
    response = FileResponse(file, filename="a.py", status=203, headers={"X-Mark": "kept"})
    response.set_cookie("taste", "sweet")
    return response


async def on_the_loop(request: HttpRequest) -> HttpResponse:
    there = await sync_to_async(threading.current_thread)()
    return HttpResponse(f"{threading.current_thread().name} {there.name}")


def endless(request: HttpRequest) -> StreamingHttpResponse:
    async def parts() -> AsyncIterator[bytes]:
        try:
            while True:
                yield (await sync_to_async(lambda: threading.current_thread().name)()).encode()
        finally:
            happened.append("the stream has ended")

    response = StreamingHttpResponse(parts())
    response._resource_closers.append(lambda: happened.append("the answer is closed"))
    return response


def breaking(request: HttpRequest) -> StreamingHttpResponse:
    async def parts() -> AsyncIterator[bytes]:
        yield b"one"
        raise LookupError("in the middle")

    return StreamingHttpResponse(parts())


def error(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return HttpResponse("sorry", status=404 if exception else 500)


handler404 = handler500 = error
urlpatterns = [
    path(f"{view.__name__}/", view)
    for view in (plain, failing, slow, whole_file, on_the_loop, endless, breaking)
]


@pytest.fixture(autouse=True)
def own_addresses(settings: Any) -> Iterator[None]:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = []
    settings.DEBUG_PROPAGATE_EXCEPTIONS = False
    happened.clear()
    released.clear()
    yield
    released.set()


class Call:
    """One request to a handler; `patience` is the number of parts read before hanging up."""

    def __init__(self, name: str, *, body: bytes = b"", parts: int | None = None) -> None:
        self.scope = {
            "type": "http", "method": "POST" if body else "GET", "path": f"/{name}/",
            "query_string": b"", "headers": [(b"host", b"localhost")], "server": ("localhost", 80),
        }  # fmt: skip
        self._body, self._parts = [body], parts
        self._gone = asyncio.Event()
        self.status, self.content, self.count = 0, b"", 0
        self.headers: list[tuple[bytes, bytes]] = []

    async def receive(self) -> dict[str, Any]:
        if self._body:
            return {"type": "http.request", "body": self._body.pop(), "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.status = message.get("status", self.status)
        self.headers += message.get("headers", [])
        self.content += message.get("body", b"")
        self.count += "body" in message
        if self.count == self._parts:
            self._gone.set()
            await asyncio.sleep(0)

    async def by(self, handler: Handler) -> Call:
        await asyncio.wait_for(handler(self.scope, self.receive, self.send), 20)
        return self


def on_loop(work: Callable[[Handler], Awaitable[None]]) -> None:
    async def run() -> None:
        await work(Handler())

    asyncio.run(run())


def test_a_request_is_answered_in_the_thread_of_the_one_before() -> None:
    async def calls(handler: Handler) -> None:
        first = await Call("plain", body=b"hello").by(handler)
        second = await Call("plain", body=b"hello").by(handler)
        assert first.status == 200
        assert first.content == second.content
        assert first.content.startswith(b"POST request") and first.content.endswith(b" hello")

    on_loop(calls)


def test_what_fails_is_a_500_and_the_next_call_works(caplog: pytest.LogCaptureFixture) -> None:
    async def calls(handler: Handler) -> None:
        assert (await Call("failing").by(handler)).status == 500
        assert (await Call("nowhere").by(handler)).status == 404
        assert (await Call("plain").by(handler)).status == 200

    on_loop(calls)
    assert "for the log alone" in caplog.text


def test_slow_ones_do_not_hold_the_others_up() -> None:
    async def calls(handler: Handler) -> None:
        places = max(handler_module.AT_ONCE_ELSEWHERE, *handler_module.AT_ONCE.values())
        waiting = [asyncio.ensure_future(Call("slow").by(handler)) for _ in range(places + 12)]
        await asyncio.sleep(0)
        assert (await Call("plain").by(handler)).status == 200
        assert not any(call.done() for call in waiting)
        released.set()
        assert {call.status for call in await asyncio.gather(*waiting)} == {200}

    on_loop(calls)


def test_a_file_arrives_whole() -> None:
    async def calls(handler: Handler) -> None:
        call = await Call("whole_file").by(handler)
        assert call.content == SOURCE
        assert call.status == 203
        sent = dict(call.headers)
        assert sent[b"X-Mark"] == b"kept"
        assert sent[b"Content-Length"] == str(len(call.content)).encode()
        assert sent[b"Content-Type"].startswith(b"text/x-python")
        assert sent[b"Set-Cookie"].startswith(b"taste=sweet")

    on_loop(calls)


def test_a_coroutine_runs_in_the_loop_and_what_it_sends_away_in_the_requests_thread() -> None:
    async def calls(handler: Handler) -> None:
        loop, _, there = (await Call("on_the_loop").by(handler)).content.decode().partition(" ")
        assert loop == threading.current_thread().name
        assert there.startswith("request")

    on_loop(calls)


def test_every_request_begins_and_ends_for_those_who_listen() -> None:
    def begun(**_: Any) -> None:
        happened.append("begun")

    def ended(**_: Any) -> None:
        happened.append("ended")

    async def calls(handler: Handler) -> None:
        await Call("plain").by(handler)
        await Call("failing").by(handler)
        await Call("endless", parts=1).by(handler)

    request_started.connect(begun)
    request_finished.connect(ended)
    try:
        on_loop(calls)
    finally:
        request_started.disconnect(begun)
        request_finished.disconnect(ended)
    assert [event for event in happened if event in ("begun", "ended")] == ["begun", "ended"] * 3


def test_a_stream_ends_when_nobody_reads_it_any_more() -> None:
    async def calls(handler: Handler) -> None:
        call = await Call("endless", parts=3).by(handler)
        assert call.status == 200
        assert call.count >= 3

    on_loop(calls)
    assert happened == ["the stream has ended", "the answer is closed"]


def test_the_parts_of_a_stream_are_made_in_one_thread_that_ends_with_it() -> None:
    async def calls(handler: Handler) -> None:
        before = threading.active_count()
        call = await Call("endless", parts=5).by(handler)
        assert call.content == call.content[: len(call.content) // call.count] * call.count
        kept = 1
        deadline = time.monotonic() + 5
        while threading.active_count() > before + kept and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        assert threading.active_count() <= before + kept

    on_loop(calls)


def test_a_stream_that_breaks_off_is_an_error_for_the_server() -> None:
    async def calls(handler: Handler) -> None:
        with pytest.raises(LookupError, match="in the middle"):
            await Call("breaking").by(handler)

    on_loop(calls)


def test_who_hangs_up_before_the_request_is_whole_gets_no_answer() -> None:
    async def calls(handler: Handler) -> None:
        call = Call("plain")
        call._body.clear()
        call._gone.set()
        await call.by(handler)
        assert call.status == 0

    on_loop(calls)
