"""The ways in which the fake Astria misbehaves when it is told to."""

from __future__ import annotations

import gzip
import json
import re
import socket
import struct
import threading
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

KINDS = frozenset(
    {
        "status",  # answers `status` with `headers` and `body`
        "html",  # a page instead of JSON, with status 200
        "truncated",  # half of the JSON, as if it were all
        "cut",  # breaks off in the middle of the answer
        "wrong types",  # JSON of another shape
        "empty",  # 200 and nothing
        "gzip",  # a packed answer that unpacks to a gigabyte or so
        "huge",  # an endless answer
        "drip",  # a byte now and then
        "late",  # the right answer after `seconds`
        "silence",  # no answer at all
        "reset",  # the connection is torn down
        "redirect",  # to `location`
    }
)


@dataclass
class Fault:
    """One kind of misbehaviour for the requests that match; `times` runs out.

    `done` says that the request is carried out all the same, before the answer goes wrong.
    """

    kind: str
    method: str = ".*"
    path: str = ".*"
    times: int = 1
    skip: int = 0
    done: bool = False
    status: int = 500
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    location: str = "http://127.0.0.1:1/"

    def __post_init__(self) -> None:
        assert self.kind in KINDS, self.kind

    def matches(self, method: str, path: str) -> bool:
        return bool(re.fullmatch(self.method, method) and re.fullmatch(self.path, path))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Script:
    """The faults still to come, in order; safe to use from many threads."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The first fault that matches, counted down; None when all is well."""
        with self._lock:
            for fault in self._faults:
                if fault.times > 0 and fault.matches(method, path):
                    if fault.skip:
                        fault.skip -= 1
                        return None
                    fault.times -= 1
                    return fault
        return None


def answer(
    handler: BaseHTTPRequestHandler,
    status: int,
    body: bytes,
    content_type: str = "application/json",
    headers: dict[str, str] | None = None,
    length: int | None = None,
) -> None:
    """A whole answer; `length` tells another length than the body's."""
    handler.send_response(status)
    if content_type:
        handler.send_header("Content-Type", content_type)
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)
    handler.wfile.flush()


def play(
    fault: Fault,
    handler: BaseHTTPRequestHandler,
    right: tuple[int, bytes, str],
    closing: threading.Event,
) -> None:
    """Answers as `fault` says; `right` is what would be right: status, body, content type."""
    status, body, content_type = right
    handler.close_connection = True
    match fault.kind:
        case "status":
            text = fault.body or json.dumps({"error": f"scripted {fault.status}"})
            answer(handler, fault.status, text.encode(), headers=fault.headers)
        case "html":
            answer(handler, 200, b"<!doctype html><title>Sign in</title>", "text/html")
        case "truncated":
            answer(handler, status, body[: len(body) // 2], content_type)
        case "cut":
            answer(handler, status, body[: len(body) // 2], content_type, length=len(body))
        case "wrong types":
            answer(handler, status, b'{"id": {"no": "number"}, "images": "none"}')
        case "empty":
            answer(handler, status, b"")
        case "gzip":
            bomb = gzip.compress(bytes(50 * 2**20))
            answer(handler, status, bomb, content_type, {"Content-Encoding": "gzip"})
        case "huge":
            _huge(handler, status, content_type, closing)
        case "drip":
            _drip(handler, status, content_type, closing)
        case "late":
            closing.wait(fault.seconds)
            answer(handler, status, body, content_type)
        case "silence":
            closing.wait(fault.seconds or 600)
        case "reset":
            reset(handler.connection)
        case "redirect":
            answer(handler, 302, b"", headers={"Location": fault.location})


def _huge(
    handler: BaseHTTPRequestHandler, status: int, content_type: str, closing: threading.Event
) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", content_type)
    handler.end_headers()
    while not closing.is_set():
        handler.wfile.write(bytes(2**16))


def _drip(
    handler: BaseHTTPRequestHandler, status: int, content_type: str, closing: threading.Event
) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", content_type)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    while not closing.wait(0.02):
        handler.wfile.write(b" ")
        handler.wfile.flush()


def reset(connection: socket.socket) -> None:
    """Ends a connection with RST, as a crashing server does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
