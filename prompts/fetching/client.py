"""Fetches a link that a person, an API client or a remote engine gave us."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

import httpcore
import httpx

from prompts.fetching.errors import FetchFailed, FetchRefused
from prompts.fetching.links import is_allowed, parse_link
from prompts.fetching.network import Deadline, GuardedBackend, tls_context

MAX_REDIRECTS = 3

_REDIRECTS = frozenset((301, 302, 303, 307, 308))


@dataclass(frozen=True)
class Fetched:
    """What lay behind a link.

    `content_type` is what the server claims, lower-case and without parameters: no proof of what
    `data` is. `url` is the address after redirects.
    """

    data: bytes
    content_type: str
    url: str


def fetch(url: str, *, max_bytes: int = 25 * 2**20, timeout: float = 30.0) -> Fetched:
    """GETs `url` over http or https from a public address on port 80 or 443.

    `max_bytes` bounds the bytes on the wire, `timeout` the seconds for everything, redirects (at
    most 3, each judged anew) included. No proxy and no other environment setting is heeded.
    Hosts in `settings.FETCH_ALLOWED_HOSTS` ("host" or "host:port") may have any address, and
    those with a port that port.
    Raises `FetchRefused` for links we will not follow and `FetchFailed` for what went wrong.
    """
    deadline = Deadline(timeout)
    try:
        return _follow(parse_link(url), max_bytes, deadline)
    except httpcore.TimeoutException as error:
        raise FetchFailed(
            f"The link did not answer completely within {timeout:g} seconds."
        ) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        raise FetchFailed(
            "The connection to the link's server could not be made or broke off."
        ) from error


def _follow(url: httpx.URL, max_bytes: int, deadline: Deadline) -> Fetched:
    for _ in range(MAX_REDIRECTS + 1):
        outcome = _get(url, max_bytes, deadline)
        if isinstance(outcome, Fetched):
            return outcome
        url = outcome
    raise FetchRefused("redirects", f"The link redirects more than {MAX_REDIRECTS} times.")


def _get(url: httpx.URL, max_bytes: int, deadline: Deadline) -> Fetched | httpx.URL:
    """What lies at `url`, or where it redirects to."""
    headers = [
        (b"Host", url.netloc),
        (b"Accept", b"*/*"),
        # Packed answers are refused: a few kilobytes can unpack to gigabytes.
        (b"Accept-Encoding", b"identity"),
        (b"User-Agent", b"Astria-Web"),
    ]
    target = httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )
    backend = GuardedBackend(deadline, trusted=is_allowed(url))
    with (
        httpcore.ConnectionPool(
            ssl_context=tls_context(), max_keepalive_connections=0, network_backend=backend
        ) as pool,
        pool.stream("GET", target, headers=headers) as response,
    ):
        fields = {name.lower(): value for name, value in response.headers}
        if response.status in _REDIRECTS and b"location" in fields:
            return parse_link(fields[b"location"].decode("utf-8", "replace"), base=url)
        _check_head(response.status, fields, max_bytes)
        data = _read(response, max_bytes)
    content_type = fields.get(b"content-type", b"").decode("latin-1")
    return Fetched(data, content_type.partition(";")[0].strip().lower(), str(url))


def _check_head(status: int, fields: dict[bytes, bytes], max_bytes: int) -> None:
    if status != HTTPStatus.OK:
        raise FetchFailed(f"The link's server answered {_status_line(status)}.", status=status)
    if fields.get(b"content-encoding", b"identity").strip().lower() not in (b"", b"identity"):
        raise FetchRefused("encoded", "The link's server sends packed data, which is not accepted.")
    length = fields.get(b"content-length", b"")
    if length.isdigit() and int(length) > max_bytes:
        raise _too_large(max_bytes)


def _read(response: httpcore.Response, max_bytes: int) -> bytes:
    data = bytearray()
    for chunk in response.iter_stream():
        data += chunk
        if len(data) > max_bytes:
            raise _too_large(max_bytes)
    return bytes(data)


def _too_large(max_bytes: int) -> FetchRefused:
    return FetchRefused("too_large", f"The link's file is larger than {max_bytes / 2**20:g} MB.")


def _status_line(status: int) -> str:
    try:
        return f"{status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return str(status)
