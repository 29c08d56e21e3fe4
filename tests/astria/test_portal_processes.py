"""Real web and worker processes against the fake Astria: callbacks, crashes, locks, silence."""

from __future__ import annotations

import contextlib
import json
import signal
import sqlite3
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection

from prompts.models import Handover, Prompt, PromptStatus, Team, Tune, TuneStatus, User
from tests.astria.portal import connect_team, prompt_of, queued_tune
from tests.astria.server import FakeAstria
from tests.processes import NewWorker, Portal, start_server, wait_until
from tests.side_by_side import side_by_side

pytestmark = pytest.mark.django_db(transaction=True)
CREATE_PROMPT = r"/tunes/\d+/prompts"


@pytest.fixture
def variables(astria: FakeAstria) -> dict[str, str]:
    """The environment of a portal that may call the fake Astria, and reads our secrets."""
    return {
        "FETCH_ALLOWED_HOSTS": astria.host,
        "SECRET_KEY": django_settings.SECRET_KEY,
        "LEASE_SECONDS": "2",
    }


@pytest.fixture
def portal(data_dir: Path, variables: dict[str, str], transactional_db: None) -> Iterator[Portal]:
    """Web and worker at the real pace: what is done within a test came by callbacks."""
    running = start_server(data_dir, workers=1, **variables)
    yield running
    running.stop()


@pytest.fixture
def new_worker(variables: dict[str, str], new_worker: NewWorker) -> NewWorker:
    """Starts workers that wait less."""
    return partial(new_worker, **variables, DJANGO_SETTINGS_MODULE="tests.settings_quick")


def post(url: str, body: Any) -> int:
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        return error.code


def is_trained(tune: Tune) -> Callable[[], bool]:
    return Tune.objects.filter(pk=tune.pk, status=TuneStatus.TRAINED).exists


def is_completed(prompt: Prompt) -> Callable[[], bool]:
    return Prompt.objects.filter(pk=prompt.pk, status=PromptStatus.COMPLETED).exists


def is_handed_over(prompt: Prompt) -> Callable[[], bool]:
    rows = Prompt.objects.filter(pk=prompt.pk, status=PromptStatus.PROCESSING)
    return rows.filter(lease_owner="", handover__remote_id__isnull=False).exists


def places(prompt: Prompt) -> list[int]:
    return list(prompt.images.values_list("index", flat=True))


def trained_by(portal: Portal, team: Team, owner: User, astria: FakeAstria) -> Tune:
    connect_team(team, astria, callback_base=portal.url)
    tune = queued_tune(team, owner)
    wait_until(is_trained(tune), "trained by a callback")
    return tune


@pytest.mark.parametrize("when", ["deliver", "early", "twice"])
def test_callbacks_bring_tune_and_pictures_long_before_the_next_look(
    portal: Portal, team: Team, alice: User, astria: FakeAstria, when: str
) -> None:
    astria.options.callbacks = when
    prompt = prompt_of(trained_by(portal, team, alice, astria))
    wait_until(is_completed(prompt), "completed by a callback")
    assert places(prompt) == [0, 1]
    assert astria.world.creates == {"tunes": 1, "prompts": 1}
    wait_until(lambda: astria.world.callbacks, "callbacks answered")
    assert {status for _, status in astria.world.callbacks} == {200}


def test_fifty_duplicates_at_once_make_one_transition_and_every_picture_once(
    portal: Portal, team: Team, alice: User, astria: FakeAstria
) -> None:
    tune = trained_by(portal, team, alice, astria)
    astria.options.callbacks = "drop"
    prompt = prompt_of(tune)
    wait_until(is_handed_over(prompt), "handed over")
    wait_until(lambda: all(p["images"] for p in astria.world.prompts.values()), "made there")
    callback = Handover.objects.get(prompt=prompt).callback
    answers = side_by_side([lambda: post(callback, {"prompt": {"id": 1}})] * 50)
    assert answers == [200] * 50
    wait_until(is_completed(prompt), "completed")
    assert places(prompt) == [0, 1]
    assert len(astria.asked("PICTURE", ".*")) == 2, "each picture was fetched once"
    ended = Prompt.objects.get(pk=prompt.pk)
    assert post(callback, {}) == 200
    again = Prompt.objects.get(pk=prompt.pk)
    assert (again.fence, again.finished_at) == (ended.fence, ended.finished_at)


def test_while_the_database_is_locked_a_callback_is_kept_and_taken_in_later(
    portal: Portal, team: Team, alice: User, astria: FakeAstria, data_dir: Path
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite has one lock for everything")
    tune = trained_by(portal, team, alice, astria)
    astria.options.callbacks = "drop"
    prompt = prompt_of(tune)
    wait_until(is_handed_over(prompt), "handed over")
    wait_until(lambda: all(p["images"] for p in astria.world.prompts.values()), "made there")
    callback = Handover.objects.get(prompt=prompt).callback
    connection.close()
    with contextlib.closing(sqlite3.connect(connection.settings_dict["NAME"])) as lock:
        lock.isolation_level = None
        lock.execute("BEGIN EXCLUSIVE")
        assert post(callback, {"prompt": {"id": 1}}) == 200
        assert len(list((data_dir / "spool").glob("*.json"))) == 1
        lock.execute("ROLLBACK")
    wait_until(is_completed(prompt), "completed by the callback that was kept")
    wait_until(lambda: not list((data_dir / "spool").iterdir()), "the file is gone")


def test_pages_are_answered_while_astria_is_silent(
    portal: Portal, team: Team, alice: User, astria: FakeAstria
) -> None:
    tune = trained_by(portal, team, alice, astria)
    astria.fault("late", "POST", CREATE_PROMPT, seconds=60)
    prompt = prompt_of(tune)
    wait_until(lambda: astria.asked("POST", CREATE_PROMPT), "the worker waits for Astria")
    for path in ("/health/", "/api/cli/models"):
        with urllib.request.urlopen(f"{portal.url}{path}", timeout=30) as reply:
            assert reply.status == 200
    assert not is_handed_over(prompt)(), "Astria has not answered yet"
    astria.closing.set()


# --- Killed at every step ---------------------------------------------------------------------


class Killer:
    """Kills the worker in the moment in which Astria gets a certain request."""

    def __init__(self, astria: FakeAstria, method: str, path: str) -> None:
        self.victim: subprocess.Popen[bytes] | None = None
        self._astria, self._method, self._path = astria, method, path
        take = astria.script.take

        def hook(method: str, path: str) -> Any:
            fault = take(method, path)
            if fault is not None or (method, path) == ("", ""):
                return fault
            self.look()
            return None

        astria.script.take = hook
        astria.picture_faults = _Watched(self.look)

    def look(self) -> None:
        """Kills as soon as the request has come."""
        asked = self._astria.asked(self._method, self._path)
        if asked and self.victim is not None and self.victim.poll() is None:
            self.victim.send_signal(signal.SIGKILL)
            self.victim.wait()


class _Watched(dict[int, Any]):
    """Calls somebody whenever a picture is asked for."""

    def __init__(self, look: Callable[[], None]) -> None:
        super().__init__()
        self._look = look

    def get(self, key: int, default: Any = None) -> Any:
        self._look()
        return default


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/tunes"),
        ("GET", r"/tunes/\d+"),
        ("POST", CREATE_PROMPT),
        ("GET", r"/tunes/\d+/prompts/\d+"),
        ("PICTURE", r"\d+-1-.*"),
    ],
)
def test_a_worker_killed_while_astria_is_asked_makes_nothing_twice(
    team: Team,
    alice: User,
    astria: FakeAstria,
    new_worker: NewWorker,
    method: str,
    path: str,
) -> None:
    astria.options.callbacks = "drop"
    killer = Killer(astria, method, path)
    connect_team(team, astria)
    tune = queued_tune(team, alice)
    killer.victim = new_worker()
    if path.startswith("/tunes") and "prompts" not in path:
        wait_until(lambda: killer.victim and killer.victim.poll() is not None, "killed")
        new_worker()
    wait_until(is_trained(tune), "trained")
    prompt = prompt_of(tune, num_images=3)
    if killer.victim.poll() is None:
        wait_until(lambda: killer.victim and killer.victim.poll() is not None, "killed")
        new_worker()
    wait_until(is_completed(prompt), "completed")
    assert astria.world.creates == {"tunes": 1, "prompts": 1}
    assert places(prompt) == [0, 1, 2]
    assert len({image.sha256 for image in prompt.images.all()}) == 3
