"""Links lead to the public internet or nowhere."""

from __future__ import annotations

import socket
import ssl
import threading

import httpcore
import pytest

from prompts.fetching import FetchFailed, FetchRefused, fetch
from prompts.fetching.addresses import is_public
from tests.fetching.network import NOT_PUBLIC, PUBLIC, Network, a_refusal


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_special_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [PUBLIC, "1.1.1.1", "172.15.0.1", "172.32.0.1", "198.20.0.1", "::ffff:1.1.1.1", "2606:4700::1"],
)
def test_ordinary_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", [a for a in NOT_PUBLIC if " " not in a])
def test_a_name_that_leads_to_a_special_address_is_not_dialled(
    resolver: Network, address: str
) -> None:
    resolver.names["photos.example"] = [[address]]
    assert a_refusal("https://photos.example/me.jpg").code == "address"
    assert resolver.dialled == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://0/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[0:0:0:0:0:0:0:1]/",
        "http://localhost/",
        "http://LOCALHOST./",
        "http://169.254.169.254/latest/meta-data/",
        "http://①②⑦.0.0.1/",
    ],
)
def test_no_spelling_of_a_special_address_is_dialled(network: Network, url: str) -> None:
    with pytest.raises((FetchRefused, FetchFailed)):
        fetch(url)
    assert network.dialled == []


def test_one_special_address_among_the_answers_is_enough_to_refuse(resolver: Network) -> None:
    resolver.names["mixed.example"] = [[PUBLIC, "10.0.0.1"]]
    assert a_refusal("http://mixed.example/").code == "address"
    assert resolver.dialled == []


def test_the_name_is_looked_up_once_and_the_judged_address_dialled(resolver: Network) -> None:
    resolver.names["flips.example"] = [[PUBLIC], ["127.0.0.1"]]
    with pytest.raises(FetchFailed):
        fetch("http://flips.example/me.jpg")
    assert resolver.asked == ["flips.example"]
    assert resolver.dialled == [(PUBLIC, 80)]


def test_every_judged_address_is_tried_in_turn(resolver: Network) -> None:
    resolver.names["two.example"] = [["2606:4700::1", PUBLIC]]
    with pytest.raises(FetchFailed):
        fetch("https://two.example/")
    assert resolver.dialled == [("2606:4700::1", 443), (PUBLIC, 443)]


def test_tls_is_spoken_with_the_name_and_not_with_the_address(
    resolver: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolver.names["photos.example"] = [[PUBLIC]]
    named: list[str | None] = []

    class Wire(httpcore.NetworkStream):
        def start_tls(
            self,
            ssl_context: ssl.SSLContext,
            server_hostname: str | None = None,
            timeout: float | None = None,
        ) -> httpcore.NetworkStream:
            assert ssl_context.check_hostname
            named.append(server_hostname)
            raise httpcore.ConnectError("enough")

        def close(self) -> None:
            pass

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", lambda *args, **options: Wire())
    with pytest.raises(FetchFailed):
        fetch("https://photos.example/")
    assert named == ["photos.example"]


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_a_proxy_in_the_environment_is_not_used(
    resolver: Network, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "http://127.0.0.1:9")
    resolver.names["photos.example"] = [[PUBLIC]]
    with pytest.raises(FetchFailed):
        fetch("http://photos.example/")
    assert resolver.dialled == [(PUBLIC, 80)]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://photos.example/me.jpg", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("gopher://photos.example/", "scheme"),
        ("data:image/png;base64,AAAA", "scheme"),
        ("//photos.example/me.jpg", "scheme"),
        ("photos.example/me.jpg", "scheme"),
        ("", "scheme"),
        ("http://", "invalid"),
        ("http:///me.jpg", "invalid"),
        ("http://photos.example:99999/", "port"),
        ("http://photos.example/\r\nX-Evil: 1", "invalid"),
        ("http://[::1", "invalid"),
        ("http://user@photos.example/", "userinfo"),
        ("http://user:secret@photos.example/", "userinfo"),
        ("http://photos.example:8080/", "port"),
        ("http://photos.example:22/", "port"),
        ("https://photos.example:6379/", "port"),
    ],
)
def test_links_of_other_kinds_are_refused_before_any_look_up(
    resolver: Network, url: str, code: str
) -> None:
    assert a_refusal(url).code == code
    assert resolver.asked == []


def test_a_name_nobody_knows_is_a_failure_in_words(
    resolver: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*args: object, **options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(FetchFailed, match="could not be made"):
        fetch("http://nowhere.example/")


def test_a_look_up_that_hangs_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: release.wait(60) and [])
    try:
        with pytest.raises(FetchFailed, match=r"within 0\.2 seconds"):
            fetch("http://slow.example/", timeout=0.2)
    finally:
        release.set()
