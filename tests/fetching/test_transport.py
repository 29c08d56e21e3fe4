"""Requests other than downloads go through the same guard."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from pytest_django import Settings

from prompts.fetching import FetchRefused, GuardedTransport


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    closing: threading.Event

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/slow":
            self.closing.wait(60)
        if self.path == "/drip":
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            while not self.closing.wait(0.02):
                self.wfile.write(b"x")
            return
        if self.path == "/elsewhere":
            self.send_response(307)
            self.send_header("Location", "http://169.254.169.254/")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(201)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def address(settings: Settings) -> Iterator[str]:
    handler = type("Handling", (Handler,), {"closing": threading.Event()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    host = f"127.0.0.1:{server.server_address[1]}"
    settings.FETCH_ALLOWED_HOSTS = [host]
    yield f"http://{host}"
    handler.closing.set()
    server.shutdown()
    server.server_close()


def client(seconds: float = 20, **options: object) -> httpx.Client:
    return httpx.Client(transport=GuardedTransport(seconds), trust_env=False, **options)


def test_a_body_is_sent_and_the_answer_read(address: str) -> None:
    with client() as web:
        answer = web.post(f"{address}/echo", content=b"hello")
    assert (answer.status_code, answer.content) == (201, b"hello")


def test_a_private_address_is_refused_unless_allowed(address: str, settings: Settings) -> None:
    settings.FETCH_ALLOWED_HOSTS = []
    with client() as web, pytest.raises(FetchRefused):
        web.post(f"{address}/echo", content=b"hello")
    with client() as web, pytest.raises(FetchRefused):
        web.post("http://127.0.0.1/echo", content=b"hello")


def test_a_redirect_that_is_followed_is_judged_anew(address: str) -> None:
    with client(follow_redirects=True) as web, pytest.raises(FetchRefused):
        web.post(f"{address}/elsewhere", content=b"hello")


@pytest.mark.parametrize("path", ["/slow", "/drip"])
def test_everything_ends_at_the_deadline(address: str, path: str) -> None:
    with client(0.3) as web, pytest.raises(httpx.ReadTimeout):
        web.post(f"{address}{path}", content=b"hello")


def test_a_single_wait_may_be_shorter_than_the_deadline(address: str) -> None:
    with client(60, timeout=0.2) as web, pytest.raises(httpx.ReadTimeout):
        web.post(f"{address}/slow", content=b"hello")


def test_a_proxy_of_the_environment_is_not_used(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with httpx.Client(transport=GuardedTransport(20)) as web:
        assert web.post(f"{address}/echo", content=b"x").content == b"x"


def test_a_server_that_is_not_there_is_told_from_one_that_may_have_heard(
    settings: Settings,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        host = f"127.0.0.1:{closed.getsockname()[1]}"
    settings.FETCH_ALLOWED_HOSTS = [host]
    with client() as web, pytest.raises(httpx.ConnectError):
        web.post(f"http://{host}/", content=b"x")
