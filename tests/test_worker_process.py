"""Real worker processes: killed, paused, stopped."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from unittest.mock import Mock

import pytest
from django.db import OperationalError, connection, transaction

from prompts.flows.prompts import submit_prompt
from prompts.jobs.worker import Worker
from prompts.live import publish
from prompts.models import Change, Prompt, PromptStatus, Team, Tune, User
from tests.factories import create_tune
from tests.processes import NewWorker, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tune(team: Team, alice: User, data_dir: Path) -> Tune:
    return create_tune(team=team, owner=alice, photos=4)


def submit(tune: Tune, *, seconds_each: float, num_images: int = 4) -> Prompt:
    text = f"ohwx woman, slow: {seconds_each}"
    return submit_prompt(
        tune=tune, author=None, text=text, parameters={"seed": 1}, num_images=num_images
    )


def has_images(prompt: Prompt, count: int) -> Callable[[], bool]:
    return lambda: prompt.images.count() >= count


def is_completed(prompt: Prompt) -> Callable[[], bool]:
    return Prompt.objects.filter(pk=prompt.pk, status=PromptStatus.COMPLETED).exists


def assert_complete_without_orphans(prompt: Prompt, data_dir: Path) -> None:
    """Four pictures, one a place, and no file but theirs and their thumbnails'."""
    images = list(prompt.images.all())
    assert [image.index for image in images] == [0, 1, 2, 3]
    assert len({image.sha256 for image in images}) == 4
    expected = {image.file for image in images}
    expected |= {image.thumbnail(size) for image in images for size in (320, 640, 1280)}
    media = data_dir / "media"
    folder = media / prompt.prefix
    assert {str(p.relative_to(media)) for p in folder.rglob("*") if p.is_file()} == expected


def pause_between_transactions(worker: subprocess.Popen[bytes], prompt: Prompt) -> None:
    """Stops a worker where it holds no lock that others would have to wait for."""
    worker.send_signal(signal.SIGSTOP)
    while is_locked(prompt):
        worker.send_signal(signal.SIGCONT)
        time.sleep(0.02)
        worker.send_signal(signal.SIGSTOP)


def is_locked(prompt: Prompt) -> bool:
    try:
        if connection.vendor == "sqlite":
            with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=0.5)) as probe:
                probe.execute("BEGIN IMMEDIATE")
                probe.rollback()
        else:
            with transaction.atomic():
                Prompt.objects.select_for_update(nowait=True).get(pk=prompt.pk)
    except (sqlite3.OperationalError, OperationalError):
        return True
    return False


def test_a_prompt_whose_worker_is_killed_is_completed_by_another(
    tune: Tune, data_dir: Path, new_worker: NewWorker
) -> None:
    prompt = submit(tune, seconds_each=0.5)
    first = new_worker()
    wait_until(has_images(prompt, 2), "two pictures")
    first.kill()
    first.wait()
    assert not is_completed(prompt)()
    new_worker()
    wait_until(is_completed(prompt), "the prompt completed")
    assert_complete_without_orphans(prompt, data_dir)
    prompt.refresh_from_db()
    assert prompt.attempts == 2


def test_a_worker_that_was_paused_too_long_spoils_nothing_and_goes_on(
    tune: Tune, data_dir: Path, new_worker: NewWorker
) -> None:
    prompt = submit(tune, seconds_each=0.5)
    paused = new_worker()
    wait_until(has_images(prompt, 1), "the first picture")
    pause_between_transactions(paused, prompt)
    other = new_worker()
    wait_until(is_completed(prompt), "the prompt completed by the other")
    other.kill()
    other.wait()
    paused.send_signal(signal.SIGCONT)
    following = submit(tune, seconds_each=0)
    wait_until(is_completed(following), "the next prompt completed by the one that was paused")
    assert_complete_without_orphans(prompt, data_dir)
    assert_complete_without_orphans(following, data_dir)


def test_a_worker_told_to_stop_gives_its_prompt_back_at_once(
    tune: Tune, data_dir: Path, new_worker: NewWorker
) -> None:
    prompt = submit(tune, seconds_each=0.5)
    worker = new_worker()
    wait_until(has_images(prompt, 1), "the first picture")
    worker.terminate()
    assert worker.wait(30) == 0
    prompt.refresh_from_db()
    assert (prompt.status, prompt.lease_owner, prompt.attempts) == (PromptStatus.QUEUED, "", 0)
    assert 1 <= prompt.images.count() < 4
    new_worker()
    wait_until(is_completed(prompt), "the prompt completed")
    assert_complete_without_orphans(prompt, data_dir)


def test_a_second_signal_ends_a_worker_at_once(tune: Tune, new_worker: NewWorker) -> None:
    prompt = submit(tune, seconds_each=600)
    worker = new_worker()
    wait_until(lambda: Prompt.objects.get(pk=prompt.pk).step, "progress")
    worker.terminate()
    with pytest.raises(subprocess.TimeoutExpired):
        worker.wait(1)
    worker.terminate()
    assert worker.wait(10) == -signal.SIGTERM


def test_two_workers_never_do_the_same_prompt(
    tune: Tune, data_dir: Path, new_worker: NewWorker
) -> None:
    prompts = [submit(tune, seconds_each=0.02) for _ in range(12)]
    new_worker()
    new_worker()
    for prompt in prompts:
        wait_until(is_completed(prompt), "every prompt completed")
        assert_complete_without_orphans(prompt, data_dir)
    assert set(Prompt.objects.values_list("attempts", flat=True)) == {1}


def test_a_job_that_lost_the_database_is_taken_up_again_without_waiting_for_its_lease(
    tune: Tune, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompt = submit(tune, seconds_each=0)
    worker = Worker()
    with monkeypatch.context() as patch:
        patch.setattr("prompts.jobs.worker.run", Mock(side_effect=OperationalError("locked")))
        with pytest.raises(OperationalError):
            worker.run_next()
    assert worker.run_next()
    assert is_completed(prompt)()


@pytest.mark.parametrize("fault", [OperationalError("database is locked"), ValueError("a bug")])
def test_no_fault_ends_a_worker(fault: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    worker, calls = Worker(), []

    def fails_twice(self: Worker) -> bool:
        calls.append(1)
        if len(calls) < 3:
            raise fault
        worker.stop()
        return True

    monkeypatch.setattr(Worker, "run_next", fails_twice)
    monkeypatch.setattr("prompts.jobs.worker.RECOVERY_WAIT", 0.01)
    worker.run()
    assert len(calls) == 3


def test_a_worker_that_is_always_busy_still_prunes_old_changes(
    team: Team, tune: Tune, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(team, "old")
    Change.objects.update(created_at="2020-01-01T00:00:00Z")
    worker = Worker()

    def always_busy(self: Worker) -> bool:
        worker.stop()
        return True

    monkeypatch.setattr(Worker, "run_next", always_busy)
    worker.run()
    assert not Change.objects.filter(topics="old").exists()
