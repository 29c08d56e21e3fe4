"""A fake Astria as a real HTTP server, with faults on demand.

In a test: `with FakeAstria() as astria: …`. As a process of its own:

    python -m tests.astria.server --port 8099 --key sd_test

and then `POST /_script` with `{"options": {…}, "faults": [{…}]}` tells it how to behave,
`GET /_state` what has happened. See `faults.Fault` and `world.Options`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import threading
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests.astria.faults import Fault, Script, answer, play
from tests.astria.rack import read_body
from tests.astria.world import Answer, World

KEY = "sd_test_0123456789abcdefghijklmnopqrstuvwxyz"
#: How often the world moves on, in seconds.
TICK = 0.02
#: A callback that is not answered by then is given up; Astria does not repeat them.
CALLBACK_SECONDS = 30


@dataclass(frozen=True)
class Request:
    """What was asked: `params` are the nested fields of the body."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    params: dict[str, Any]
    body: bytes


class FakeAstria:
    """The server, its world and its script of faults; a context manager.

    `picture_faults` maps an image's place in its prompt to the faults of its address, played one
    after the other: `{1: [Fault("status", status=404)] * 2}`.
    """

    def __init__(self, *, port: int = 0, key: str = KEY) -> None:
        self.key = key
        self.script = Script()
        self.requests: list[Request] = []
        self.closing = threading.Event()
        self._server = self._listen(port)
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"http://{self.host}"
        self.world = World(self.url)
        self.picture_faults: dict[int, list[Fault]] = {}
        self._ticking: threading.Thread | None = None

    def _listen(self, port: int) -> ThreadingHTTPServer:
        class Bound(_Handler):
            astria = self

        server = _Server(("127.0.0.1", port), Bound)
        server.daemon_threads = True
        return server

    def __enter__(self) -> Self:
        self._serve()
        self._ticking = threading.Thread(target=self._tick, daemon=True)
        self._ticking.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.go_down()
        assert self._ticking is not None
        self._ticking.join()

    @property
    def options(self) -> Any:
        return self.world.options

    def fault(self, kind: str, method: str = ".*", path: str = ".*", **values: Any) -> None:
        """Adds a fault to the script."""
        self.script.add(Fault(kind, method, path, **values))

    def asked(self, method: str, path: str) -> list[Request]:
        """The requests so far whose path matches a pattern."""
        return [r for r in self.requests if r.method == method and re.fullmatch(path, r.path)]

    def go_down(self) -> None:
        """Connections are refused from now on."""
        self._server.shutdown()
        self._server.server_close()

    def come_back(self) -> None:
        """Listens again on the same port."""
        self._server = self._listen(int(self.host.rpartition(":")[2]))
        self._serve()

    def _serve(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(TICK,), daemon=True).start()

    def _tick(self) -> None:
        while not self.closing.wait(TICK):
            self.world.come_along()
            self.send_callbacks(wait=False)

    def send_callbacks(self, *, wait: bool) -> None:
        """Sends what is pending, each once (or twice, as the options say), and never again."""
        with self.world.lock:
            pending, self.world.pending = self.world.pending, []
            # As they are now: what is sent later must not know more than its moment did.
            letters = [(url, json.dumps(body).encode()) for url, body in pending]
        if self.options.callbacks == "drop":
            return
        if self.options.callbacks == "twice":
            letters *= 2
        threads = [threading.Thread(target=self._post, args=one, daemon=True) for one in letters]
        for thread in threads:
            thread.start()
        for thread in threads if wait else ():
            thread.join()

    def _post(self, url: str, body: bytes) -> None:
        request = urllib.request.Request(
            url, data=body, headers={"Content-Type": "application/json"}, method="POST"
        )
        status: Any
        try:
            with urllib.request.urlopen(request, timeout=CALLBACK_SECONDS) as reply:
                status = reply.status
        except urllib.error.HTTPError as error:
            status = error.code
        except OSError as error:
            status = str(error)
        with self.world.lock:
            self.world.callbacks.append((url, status))


class _Server(ThreadingHTTPServer):
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are part of the game."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    astria: FakeAstria

    def log_message(self, *args: object) -> None:
        pass

    def _handle(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = dict(parse_qsl(parts.query))
        path = parts.path.removesuffix(".json")
        if path.startswith("/_"):
            return self._control(path, body)
        if path.startswith("/pictures/"):
            return self._picture(path)
        params = read_body(body, self.headers.get("Content-Type", ""))
        request = Request(self.command, path, query, dict(self.headers), params, body)
        self.astria.requests.append(request)
        fault = self.astria.script.take(self.command, path)
        if fault is not None and not fault.done and fault.kind != "late":
            return play(fault, self, (200, b"{}", "application/json"), self.astria.closing)
        status, data = self._carry_out(request)
        text = b"" if data is None else json.dumps(data).encode()
        if fault is not None:
            return play(fault, self, (status, text, "application/json"), self.astria.closing)
        return answer(self, status, text)

    do_GET = do_POST = do_PATCH = do_DELETE = _handle  # noqa: N815 - the library's names

    def _carry_out(self, request: Request) -> tuple[int, Any]:
        if request.headers.get("Authorization") != f"Bearer {self.astria.key}":
            return 401, {"error": "Invalid API key"}
        for method, pattern, view in ROUTES:
            found = re.fullmatch(pattern, request.path)
            if found and method == request.method:
                try:
                    with self.astria.world.lock:
                        status, data = view(self.astria.world, request, *map(int, found.groups()))
                        # A copy: the world goes on turning.
                        data = json.loads(json.dumps(data))
                    if status == 201 and self.astria.options.callbacks == "early":
                        self.astria.world.come_along()
                        self.astria.send_callbacks(wait=True)
                    return status, data
                except Answer as end:
                    return end.status, end.body
        return 404, {"error": "Not found"}

    def _picture(self, path: str) -> None:
        name = path.rpartition("/")[2]
        data = self.astria.world.pictures.get(name)
        if data is None:
            return answer(self, 404, b"gone", "text/plain")
        faults = self.astria.picture_faults.get(int(name.split("-")[1]), [])
        spent = self.astria.asked("PICTURE", re.escape(name))
        self.astria.requests.append(Request("PICTURE", name, {}, dict(self.headers), {}, b""))
        if len(spent) < len(faults):
            right = (200, data, "image/jpeg")
            return play(faults[len(spent)], self, right, self.astria.closing)
        return answer(self, 200, data, "image/jpeg")

    def _control(self, path: str, body: bytes) -> None:
        if path == "/_script":
            orders = json.loads(body)
            for name, value in orders.get("options", {}).items():
                setattr(self.astria.options, name, value)
            for fault in orders.get("faults", []):
                self.astria.script.add(Fault(**fault))
            for index, faults in orders.get("picture_faults", {}).items():
                self.astria.picture_faults[int(index)] = [Fault(**fault) for fault in faults]
        answer(self, 200, json.dumps(self.astria.world.state()).encode())


View = Callable[..., tuple[int, Any]]


def _entity(request: Request, name: str) -> dict[str, Any]:
    entity = request.params.get(name)
    if not isinstance(entity, dict):
        raise Answer(400, {"error": f"param is missing: {name}"})
    return entity


def _tune_prompts(world: World, request: Request, tune: int) -> tuple[int, Any]:
    world.find(world.tunes, tune)
    return 200, world.page(world.prompts, request.query, tune_id=tune)


def _like(world: World, request: Request, number: int) -> tuple[int, Any]:
    liked = request.method == "POST"
    world.find(world.prompts, number)["liked"] = liked
    return (201 if liked else 200), None


ACCOUNT = {"id": 7, "name": "Ada", "email": "ada@example.com", "usd_balance_mc": 1234000}
GALLERY = [
    {"id": 690204, "title": "Realistic Vision", "name": "model", "branch": "sd15",
     "model_type": None, "trained_at": "2023-03-01T00:00:00.000Z"},
    {"id": 1504944, "title": "Flux.1 dev", "name": "model", "branch": "flux1",
     "model_type": None, "trained_at": "2024-08-01T00:00:00.000Z"},
]  # fmt: skip
PACK = {"id": 5, "slug": "corporate-headshots", "title": "Corporate", "main_class_name": "man",
        "costs": {"man": {"cost": "$1", "cost_mc": 100000, "num_images": 8}}}  # fmt: skip
INSPECTION = {"name": "woman", "glasses": "none", "blurry": True, "selfie": False}

PROMPT = r"(?:/tunes/\d+)?/prompts/(\d+)"
ROUTES: list[tuple[str, str, View]] = [
    ("GET", "/users", lambda world, request: (200, ACCOUNT)),
    ("POST", "/tunes", lambda world, request: (
        201, world.create_tune(_entity(request, "tune"), request.params))),
    ("GET", "/tunes", lambda world, request: (200, world.page(world.tunes, request.query))),
    ("GET", "/gallery/tunes", lambda world, request: (200, GALLERY)),
    ("GET", r"/tunes/(\d+)", lambda world, request, n: (200, world.find(world.tunes, n))),
    ("PATCH", r"/tunes/(\d+)", lambda world, request, n: (
        200, world.update_tune(n, _entity(request, "tune")))),
    ("DELETE", r"/tunes/(\d+)", lambda world, request, n: (200, world.delete("tunes", n))),
    ("POST", r"/tunes/(\d+)/prompts", lambda world, request, n: (
        201, world.create_prompt(n, _entity(request, "prompt")))),
    ("GET", r"/tunes/(\d+)/prompts", _tune_prompts),
    ("GET", "/prompts", lambda world, request: (200, world.page(world.prompts, request.query))),
    ("GET", PROMPT, lambda world, request, n: (200, world.find(world.prompts, n))),
    ("DELETE", PROMPT, lambda world, request, n: (200, world.delete("prompts", n))),
    ("POST", r"/prompts/(\d+)/duplicate", lambda world, request, n: (
        201, world.duplicate(n, request.params.get("prompt") or {}))),
    ("POST", r"/prompts/(\d+)/likes?", _like),
    ("DELETE", r"/prompts/(\d+)/likes?", _like),
    ("GET", "/packs", lambda world, request: (200, [PACK])),
    ("GET", "/gallery/packs", lambda world, request: (200, [PACK])),
    ("GET", "/p/(?:corporate-headshots|5)", lambda world, request: (200, PACK)),
    ("POST", "/p/(?:corporate-headshots|5)/tunes", lambda world, request: (
        201, world.create_tune(_entity(request, "tune"), request.params))),
    ("POST", "/images/inspect", lambda world, request: (200, INSPECTION)),
]  # fmt: skip


def main() -> None:
    """Serves until interrupted."""
    parser = argparse.ArgumentParser(description="A fake Astria.")
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--key", default=KEY)
    given = parser.parse_args()
    with (
        FakeAstria(port=given.port, key=given.key) as astria,
        contextlib.suppress(KeyboardInterrupt),
    ):
        print(f"{astria.url} with key {astria.key}", flush=True)  # noqa: T201 - it runs on its own
        threading.Event().wait()


if __name__ == "__main__":
    main()
