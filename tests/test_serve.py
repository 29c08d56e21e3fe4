"""The one command that runs everything: start, replace, stop."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.conf import settings
from django.test import Client

from prompts.flows.prompts import submit_prompt
from prompts.management.commands.serve import listen
from prompts.models import Prompt, PromptStatus, Team, User
from tests.factories import create_tune
from tests.processes import MANAGE, Portal, environment, start_server, wait_until
from tests.test_live_stream import Window

pytestmark = pytest.mark.django_db(transaction=True)

StartServer = Callable[[int], Portal]


@pytest.fixture
def new_server(tmp_path: Path, transactional_db: None) -> Iterator[StartServer]:
    running: list[Portal] = []

    def start(workers: int) -> Portal:
        server = start_server(tmp_path, workers=workers, SECRET_KEY=settings.SECRET_KEY)
        running.append(server)
        return server

    yield start
    for server in running:
        server.stop()


def workers_of(server: Portal) -> list[int]:
    """Process ids of its workers, from the kernel's table."""
    children = Path(f"/proc/{server.process.pid}/task").glob("*/children")
    return sorted(int(pid) for file in children for pid in file.read_text().split())


def is_gone(pid: int) -> bool:
    """Whether the process has ended, waited for or not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


needs_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux")


@needs_proc
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_ends_web_streams_and_workers_with_success(
    new_server: StartServer, alice_client: Client, stop: signal.Signals
) -> None:
    server = new_server(2)
    workers = workers_of(server)
    assert len(workers) == 2
    wait_until(lambda: server.log.read_text().count("is ready") == 2, "both workers are ready")
    windows = [Window(server, alice_client) for _ in range(3)]
    assert [window.next()[0] for window in windows] == ["open"] * 3
    server.process.send_signal(stop)
    assert server.process.wait(30) == 0, server.log.read_text()
    assert [window.next()[0] for window in windows] == ["end"] * 3
    assert all(is_gone(pid) for pid in workers)
    assert server.log.read_text().count("has stopped") == 2
    assert "Fatal" not in server.log.read_text()


@needs_proc
def test_a_killed_worker_is_replaced_and_its_prompt_completed(
    new_server: StartServer, team: Team, alice: User
) -> None:
    tune = create_tune(team=team, owner=alice)
    server = new_server(1)
    [killed] = workers_of(server)
    prompt = submit_prompt(tune=tune, author=alice, text="slow: 0.5", parameters={}, num_images=3)
    wait_until(lambda: prompt.images.count(), "the first picture")
    os.kill(killed, signal.SIGKILL)
    completed = Prompt.objects.filter(pk=prompt.pk, status=PromptStatus.COMPLETED)
    wait_until(completed.exists, "the prompt completed")
    [replacement] = workers_of(server)
    assert replacement != killed
    assert prompt.images.count() == 3


@needs_proc
def test_workers_do_not_survive_a_killed_server(new_server: StartServer) -> None:
    server = new_server(2)
    workers = workers_of(server)
    server.process.kill()
    server.process.wait()
    wait_until(lambda: all(is_gone(pid) for pid in workers), "the workers are gone")


def test_a_port_in_use_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, MANAGE, "serve", "--port", str(port)],
            env=environment(tmp_path),
            capture_output=True,
            text=True,
        )
    assert done.returncode == 1
    assert f"Port {port} is in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_small_answer_does_not_wait_for_its_head_to_be_acknowledged() -> None:
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_the_address_it_says_is_the_one_it_answers_at(new_server: StartServer) -> None:
    server = new_server(0)
    with urlopen(f"{server.url}/health/") as answer:
        assert answer.status == 200
