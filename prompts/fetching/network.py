"""The network as httpcore sees it, with a guard at the door and a clock on the wall.

A backend of httpcore gets the host's name just before the connection is made. Looking it up,
judging every answer and dialling an address that was judged happens here, in one step: no second
look-up can slip another address in (DNS rebinding). Host header and TLS name stay the URL's.
"""

from __future__ import annotations

import functools
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from prompts.fetching.addresses import is_public
from prompts.fetching.errors import FetchRefused

_CONNECT_SECONDS = 10.0


class Deadline:
    """A moment on the monotonic clock, after which waiting raises `httpcore.ReadTimeout`."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left, always more than 0."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise httpcore.ReadTimeout("The deadline has passed")
        return seconds

    def at_most(self, seconds: float | None) -> float:
        """As long as one wait may last: `seconds` if given, but never past the deadline."""
        return self.remaining() if seconds is None else min(seconds, self.remaining())


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to public addresses only; `trusted` waives that for a host the operator allowed."""

    def __init__(self, deadline: Deadline, *, trusted: bool) -> None:
        self._deadline = deadline
        self._trusted = trusted
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Raises `FetchRefused` unless every address of `host` is public.

        `timeout` bounds the look-up and each attempt to connect, beside the deadline.
        """
        addresses = _look_up(host, port, self._deadline.at_most(timeout))
        if not self._trusted and not all(is_public(address) for address in addresses):
            raise FetchRefused(
                "address", "This link leads to an address that is not on the public internet."
            )
        failure: Exception = httpcore.ConnectError("The host has no address")
        for address in addresses:
            try:
                patience = self._deadline.at_most(
                    min(timeout or _CONNECT_SECONDS, _CONNECT_SECONDS)
                )
                stream = self._inner.connect_tcp(address, port, timeout=patience)
                return _TimedStream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            except httpcore.ReadTimeout as error:
                # So that nobody takes it for a request that may have arrived.
                raise httpcore.ConnectTimeout(str(error)) from error
        raise failure

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Always refused."""
        raise FetchRefused("address", "Links to sockets of this machine are not fetched.")


class _TimedStream(httpcore.NetworkStream):
    """Every wait ends at the deadline, so that a byte a second cannot keep us for hours."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, timeout=self._deadline.at_most(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout=self._deadline.at_most(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        patience = self._deadline.at_most(timeout)
        stream = self._inner.start_tls(ssl_context, server_hostname, patience)
        return _TimedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _look_up(host: str, port: int, timeout: float) -> list[str]:
    """All addresses of `host`, each once, in the resolver's order.

    The system's resolver knows no time-out; a thread that waits for it can be left behind.
    """
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, ValueError) as error:
            answers.put(error)
        else:
            answers.put(list(dict.fromkeys(str(entry[4][0]) for entry in found)))

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=timeout)
    except queue.Empty:
        raise httpcore.ConnectTimeout("The look-up takes too long") from None
    if isinstance(answer, Exception):
        raise httpcore.ConnectError(str(answer)) from answer
    return answer


@functools.cache
def tls_context() -> ssl.SSLContext:
    """The certificates we trust; nothing in the environment adds to them."""
    return httpx.create_ssl_context(trust_env=False)
