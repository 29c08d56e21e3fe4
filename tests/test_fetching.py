"""Links lead to the public internet, within bounds, or nowhere."""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

import httpcore
import pytest
from pytest_django import Settings

from prompts.fetching import FetchFailed, FetchRefused, fetch
from prompts.fetching.addresses import is_public

PUBLIC = "93.184.215.14"

NOT_PUBLIC = [
    "0.0.0.0",  # noqa: S104
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.0.192",
    "192.0.2.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.175.48.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2620:4f:8000::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "ff02::1",
    "2606:4700::1%lo",
    "not an address",
]


def a_refusal(url: str) -> FetchRefused:
    with pytest.raises(FetchRefused) as caught:
        fetch(url)
    assert caught.value.message.endswith(".")
    return caught.value


class Network:
    """Stands in for resolver and wire: knows names, notes what is asked and dialled."""

    def __init__(self) -> None:
        self.names: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []
        self.dialled: list[tuple[str, int]] = []

    def getaddrinfo(
        self, host: str, port: int, **options: object
    ) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        self.asked.append(host)
        answers = self.names[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    def connect_tcp(
        self, backend: httpcore.SyncBackend, host: str, port: int, **options: object
    ) -> httpcore.NetworkStream:
        self.dialled.append((host, port))
        raise httpcore.ConnectError("There is no network in tests")


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    network = Network()
    monkeypatch.setattr(
        httpcore.SyncBackend, "connect_tcp", lambda *args, **kw: network.connect_tcp(*args, **kw)
    )
    return network


@pytest.fixture
def resolver(network: Network, monkeypatch: pytest.MonkeyPatch) -> Network:
    monkeypatch.setattr(socket, "getaddrinfo", network.getaddrinfo)
    return network


# --- Where links may lead ---------------------------------------------------------------------


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


# --- What comes back --------------------------------------------------------------------------

Responder = Callable[[socket.socket], None]


class Server:
    """A server of one's own on the loopback, whose answers are raw bytes or a whole behaviour."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.pages: dict[str, bytes | Responder] = {}
        self.requests: list[bytes] = []
        self.closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        request = b""
        while b"\r\n\r\n" not in request:
            received = connection.recv(65536)
            if not received:
                return
            request += received
        self.requests.append(request)
        page = self.pages[request.split()[1].decode()]
        if callable(page):
            page(connection)
        else:
            connection.sendall(page)

    def close(self) -> None:
        self.closing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


def answer(body: bytes = b"", status: str = "200 OK", **fields: str) -> bytes:
    fields = {"Content_Length": str(len(body)), "Connection": "close"} | fields
    lines = [f"HTTP/1.1 {status}", *(f"{k.replace('_', '-')}: {v}" for k, v in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


@pytest.fixture
def server(settings: Settings) -> Iterator[Server]:
    server = Server()
    settings.FETCH_ALLOWED_HOSTS = [server.host]
    yield server
    server.close()


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
