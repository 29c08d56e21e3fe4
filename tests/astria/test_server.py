"""The fake Astria itself: what tests and developers rely on."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.conf import settings as django_settings
from pytest_django import Settings

from prompts.engines.astria.client import AstriaClient
from prompts.engines.astria.errors import AstriaError, OutcomeUnknown
from tests.astria.server import KEY, FakeAstria
from tests.processes import free_port, wait_until

FIELDS = {"title": "Ada", "name": "woman", "image_urls": ["https://example.com/1.jpg"]}


class Receiver:
    """A place for callbacks; `seen` asks something at the moment one arrives."""

    def __init__(self) -> None:
        self.bodies: list[Any] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.bodies.append(json.loads(body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/callback"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


def a_tune(client: AstriaClient) -> int:
    number = client.create_tune(FIELDS).id
    wait_until(lambda: client.tune(number).is_trained, "trained", 10)
    return number


@pytest.mark.parametrize(("mode", "count"), [("deliver", 1), ("twice", 2)])
@pytest.mark.parametrize("bare", [True, False])
def test_callbacks_carry_the_finished_prompt(
    client: AstriaClient,
    astria: FakeAstria,
    receiver: Receiver,
    mode: str,
    count: int,
    bare: bool,
) -> None:
    tune = a_tune(client)
    astria.options.callbacks, astria.options.bare = mode, bare
    prompt = client.create_prompt(tune, {"text": "x", "callback": receiver.url})
    wait_until(lambda: len(astria.world.callbacks) == count, "called back", 10)
    assert astria.world.callbacks == [(receiver.url, 200)] * count
    body = receiver.bodies[0] if bare else receiver.bodies[0]["prompt"]
    assert (body["id"], len(body["images"])) == (prompt.id, 1)


def test_a_callback_can_come_before_the_answer(
    client: AstriaClient, astria: FakeAstria, receiver: Receiver
) -> None:
    tune = a_tune(client)
    astria.options.callbacks = "early"
    prompt = client.create_prompt(tune, {"text": "x", "callback": receiver.url})
    assert [body["prompt"]["id"] for body in receiver.bodies] == [prompt.id]
    assert not prompt.images


def test_callbacks_can_be_lost(
    client: AstriaClient, astria: FakeAstria, receiver: Receiver
) -> None:
    astria.options.callbacks = "drop"
    prompt = client.create_prompt(a_tune(client), {"text": "x", "callback": receiver.url})
    wait_until(lambda: client.prompt(prompt.id).is_done, "done", 10)
    assert receiver.bodies == [] == astria.world.callbacks


def test_a_prompt_waits_for_its_tune(client: AstriaClient, astria: FakeAstria) -> None:
    astria.options.training_seconds = 600
    tune = client.create_tune(FIELDS)
    prompt = client.create_prompt(tune.id, {"text": "x"})
    astria.world.come_along()
    assert not client.prompt(prompt.id).is_done


@pytest.mark.parametrize(("idempotent", "made"), [(True, 1), (False, 2)])
def test_equal_prompts_are_one_where_the_account_says_so(
    client: AstriaClient, astria: FakeAstria, idempotent: bool, made: int
) -> None:
    tune = a_tune(client)
    astria.options.idempotent = idempotent
    fields = {"text": "x", "callback": "https://portal.example/1", "seed": 3}
    for _ in range(2):
        client.create_prompt(tune, fields)
    client.create_prompt(tune, fields | {"callback": "https://portal.example/2"})
    assert astria.world.creates["prompts"] == made + 1


def test_faults_run_out_and_wait_their_turn(client: AstriaClient, astria: FakeAstria) -> None:
    astria.fault("status", "GET", "/users", status=500, times=2, skip=1)
    outcomes = []
    for _ in range(4):
        try:
            outcomes.append(client.account().id)
        except AstriaError as error:
            outcomes.append(error.status or 0)
    assert outcomes == [7, 500, 500, 7]


def test_it_runs_as_a_process_and_takes_its_orders_over_http(settings: Settings) -> None:
    port = free_port()
    settings.FETCH_ALLOWED_HOSTS = [f"127.0.0.1:{port}"]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.astria.server", "--port", str(port)],
        cwd=django_settings.BASE_DIR,
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert f"http://127.0.0.1:{port}" in process.stdout.readline().decode()
        url = f"http://127.0.0.1:{port}"
        orders = {
            "options": {"with_status": True},
            "faults": [{"kind": "html", "method": "POST", "path": "/tunes", "done": True}],
        }
        request = urllib.request.Request(f"{url}/_script", json.dumps(orders).encode())
        urllib.request.urlopen(request, timeout=10).close()
        with pytest.raises(OutcomeUnknown):
            AstriaClient(url, KEY).create_tune(FIELDS)
        with urllib.request.urlopen(f"{url}/_state", timeout=10) as reply:
            state = json.load(reply)
        assert state["creates"] == {"tunes": 1}
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()
