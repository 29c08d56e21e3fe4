"""The guarded network as a transport of httpx, for conversations that are more than a download."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import httpcore
import httpx

from prompts.fetching.links import is_allowed, parse_link
from prompts.fetching.network import Deadline, GuardedBackend, tls_context


class GuardedTransport(httpx.BaseTransport):
    """Sends each request over a connection of its own, to public addresses only.

    `seconds` bounds each request with its whole answer; httpx's own time-outs bound the single
    waits within. Raises httpx's exceptions, and `FetchRefused` for addresses we do not go to;
    `settings.FETCH_ALLOWED_HOSTS` opens private ones. Proxies of the environment are not heeded.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = parse_link(str(request.url))
        backend = GuardedBackend(Deadline(self._seconds), trusted=is_allowed(url))
        pool = httpcore.ConnectionPool(
            ssl_context=tls_context(), max_keepalive_connections=0, network_backend=backend
        )
        outgoing = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        try:
            with _as_httpx(request):
                answer = pool.handle_request(outgoing)
        except BaseException:  # whatever it was, it goes on after the clearing up
            pool.close()
            raise
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Stream(answer, pool, request),
            extensions=answer.extensions,
        )


class _Stream(httpx.SyncByteStream):
    """An answer's body; closing it closes the connection."""

    def __init__(
        self, answer: httpcore.Response, pool: httpcore.ConnectionPool, request: httpx.Request
    ) -> None:
        self._answer, self._pool, self._request = answer, pool, request

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx(self._request):
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()
        self._pool.close()


@contextlib.contextmanager
def _as_httpx(request: httpx.Request) -> Iterator[None]:
    """Both libraries name their exceptions alike."""
    try:
        yield
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
        kind = getattr(httpx, type(error).__name__)
        raise kind(str(error), request=request) from error
