"""What comes back from a link is taken within bounds, or not at all."""

from __future__ import annotations

import gzip
import socket

import pytest
from pytest_django import Settings

from prompts.fetching import FetchFailed, FetchRefused, fetch
from tests.fetching.network import Network, Server, a_refusal, answer


def test_a_file_is_fetched_with_its_claimed_type(server: Server) -> None:
    server.pages["/me.jpg?size=2"] = answer(b"a picture", Content_Type="Image/JPEG; q=1")
    fetched = fetch(server.url("/me.jpg?size=2"))
    assert fetched.data == b"a picture"
    assert fetched.content_type == "image/jpeg"
    assert fetched.url == server.url("/me.jpg?size=2")


def test_the_request_asks_for_plain_bytes_and_tells_no_more_than_it_must(server: Server) -> None:
    server.pages["/"] = answer(b"x")
    fetch(server.url("/"))
    lines = server.requests[0].decode().lower().split("\r\n")
    assert lines[0] == "get / http/1.1"
    assert f"host: {server.host}" in lines
    assert "accept-encoding: identity" in lines
    assert not any(line.startswith(("cookie", "authorization", "referer")) for line in lines)


def test_without_permission_the_same_server_is_not_reached(
    server: Server, settings: Settings
) -> None:
    server.pages["/"] = answer(b"inside")
    settings.FETCH_ALLOWED_HOSTS = []
    assert a_refusal(server.url("/")).code == "port"
    settings.FETCH_ALLOWED_HOSTS = ["127.0.0.1"]
    assert a_refusal(server.url("/")).code == "port"
    assert server.requests == []


def test_an_allowed_host_without_a_port_is_allowed_on_the_web_ports(
    network: Network, settings: Settings
) -> None:
    settings.FETCH_ALLOWED_HOSTS = ["127.0.0.1", "[::1]"]
    for url in ("http://127.0.0.1/", "https://127.0.0.1/", "http://[::1]/"):
        with pytest.raises(FetchFailed):
            fetch(url)
    assert network.dialled == [("127.0.0.1", 80), ("127.0.0.1", 443), ("::1", 80)]
    assert a_refusal("http://127.0.0.2/").code == "address"


def test_three_redirects_are_followed_and_a_fourth_is_not(server: Server) -> None:
    server.pages["/end"] = answer(b"arrived")
    for number, target in enumerate(["/end", "/0", server.url("/1"), "/2"]):
        server.pages[f"/{number}"] = answer(status="302 Found", Location=target)
    fetched = fetch(server.url("/2"))
    assert (fetched.data, fetched.url) == (b"arrived", server.url("/end"))
    assert a_refusal(server.url("/3")).code == "redirects"


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("http://127.0.0.1/", "address"),
        ("http://169.254.169.254/latest/", "address"),
        ("//[::1]/", "address"),
        ("http://127.0.0.1:1/", "port"),
        ("file:///etc/passwd", "scheme"),
        ("http://user:pw@photos.example/", "userinfo"),
        ("http://\x7f/", "invalid"),
    ],
)
def test_every_redirect_is_judged_anew(server: Server, target: str, code: str) -> None:
    server.pages["/"] = answer(status="307 Temporary Redirect", Location=target)
    assert a_refusal(server.url("/")).code == code
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", ["404 Not Found", "500 Internal Server Error", "204 No Content"])
def test_an_answer_without_a_file_is_a_failure_that_tells_the_status(
    server: Server, status: str
) -> None:
    server.pages["/"] = answer(status=status)
    with pytest.raises(FetchFailed, match=status[:3]) as caught:
        fetch(server.url("/"))
    assert caught.value.status == int(status[:3])


def test_a_redirect_without_a_target_is_a_failure(server: Server) -> None:
    server.pages["/"] = answer(status="302 Found")
    with pytest.raises(FetchFailed, match="302"):
        fetch(server.url("/"))


def test_a_packed_answer_is_refused_unread(server: Server) -> None:
    bomb = gzip.compress(bytes(20 * 2**20))
    server.pages["/"] = answer(bomb, Content_Encoding="gzip")
    assert a_refusal(server.url("/")).code == "encoded"


@pytest.mark.parametrize("length", ["1001", "9" * 19])
def test_an_announced_size_over_the_limit_is_refused_unread(server: Server, length: str) -> None:
    server.pages["/"] = answer(b"", Content_Length=length)
    with pytest.raises(FetchRefused, match="larger than") as caught:
        fetch(server.url("/"), max_bytes=1000)
    assert caught.value.code == "too_large"


def test_an_endless_answer_is_cut_at_the_limit(server: Server) -> None:
    sent = []

    def endless(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not server.closing.is_set():
            connection.sendall(b"10000\r\n" + bytes(0x10000) + b"\r\n")
            sent.append(0x10000)

    server.pages["/"] = endless
    with pytest.raises(FetchRefused, match="larger than 1 MB"):
        fetch(server.url("/"), max_bytes=2**20)


def test_a_file_of_exactly_the_limit_is_accepted(server: Server) -> None:
    server.pages["/"] = answer(bytes(1000))
    assert len(fetch(server.url("/"), max_bytes=1000).data) == 1000


@pytest.mark.parametrize(
    "beginning",
    [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"],
    ids=["silence", "headers", "body"],
)
def test_an_answer_that_drips_is_cut_at_the_deadline(server: Server, beginning: bytes) -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(beginning)
        while beginning and not server.closing.wait(0.02):
            connection.sendall(b"x")
        server.closing.wait(60)

    server.pages["/"] = drip
    with pytest.raises(FetchFailed, match=r"within 0\.3 seconds"):
        fetch(server.url("/"), timeout=0.3)


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000 + b"\r\n\r\n",
    ],
    ids=["hangs up", "no http", "half a file", "endless header"],
)
def test_an_answer_that_breaks_off_or_is_no_http_is_a_failure(server: Server, page: bytes) -> None:
    server.pages["/"] = page
    with pytest.raises(FetchFailed, match="broke off"):
        fetch(server.url("/"))
