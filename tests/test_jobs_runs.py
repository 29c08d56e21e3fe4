"""Carrying out claimed jobs: good ends, faults, retries, and being stopped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from prompts.engines.base import Picture, PromptRequest
from prompts.engines.errors import EngineError
from prompts.engines.fake import FakeEngine
from prompts.flows.prompts import delete_prompt
from prompts.flows.tunes import delete_tune
from prompts.jobs.control import Control, LeaseLost, Reporter, ShuttingDown
from prompts.jobs.runs import run_job
from prompts.jobs.worker import Worker
from prompts.models import (
    Change,
    Preset,
    Prompt,
    PromptStatus,
    Team,
    Tune,
    TuneStatus,
    User,
)
from tests.factories import create_photo, create_prompt, create_tune


@pytest.fixture
def tune(team: Team, alice: User) -> Tune:
    return create_tune(team=team, owner=alice, photos=4)


def run_next(control: Control | None = None) -> Prompt:
    """Claims and carries out the next prompt; answers it as it is then."""
    claimed = Prompt.objects.claim("worker")
    assert isinstance(claimed, Prompt)
    run_job(claimed, control)
    return Prompt.objects.get(pk=claimed.pk)


def make_due() -> None:
    Prompt.objects.update(run_after=timezone.now() - dt.timedelta(hours=1))


def test_a_prompt_ends_completed_with_all_its_pictures(tune: Tune) -> None:
    create_prompt(tune=tune, num_images=3, base_seed=2**32 - 1)
    done = run_next()
    assert (done.status, done.progress, done.error) == (PromptStatus.COMPLETED, 1, "")
    assert done.finished_at is not None
    assert [(image.index, image.seed) for image in done.images.all()] == [
        (0, 2**32 - 1),
        (1, 0),
        (2, 1),
    ]


def test_the_same_seed_makes_the_same_pictures(tune: Tune) -> None:
    create_prompt(tune=tune, num_images=2)
    create_prompt(tune=tune, num_images=2)
    first, second = (
        [default_storage.open(image.file).read() for image in run_next().images.all()]
        for _ in range(2)
    )
    assert first == second


def test_what_can_never_work_fails_at_once_with_the_engines_words(tune: Tune) -> None:
    create_prompt(tune=tune, text="ohwx, fail: No face in any photo")
    failed = run_next()
    assert (failed.status, failed.error) == (PromptStatus.FAILED, "No face in any photo")
    assert failed.attempts == 1


def test_a_passing_fault_is_tried_again_for_what_is_missing(tune: Tune) -> None:
    create_prompt(tune=tune, text="ohwx, flaky: The engine is busy", num_images=3)
    waiting = run_next()
    assert (waiting.status, waiting.error) == (PromptStatus.QUEUED, "The engine is busy")
    assert waiting.run_after is not None and waiting.run_after > timezone.now()
    assert waiting.images.count() == 1
    make_due()
    assert run_next().images.count() == 2
    make_due()
    done = run_next()
    assert (done.status, done.images.count()) == (PromptStatus.COMPLETED, 3)


def test_a_fault_that_does_not_pass_ends_in_failed(tune: Tune) -> None:
    create_prompt(tune=tune, text="ohwx, flaky: The engine is busy", num_images=8)
    for _ in range(Prompt.MAX_ATTEMPTS):
        make_due()
        prompt = run_next()
    assert (prompt.status, prompt.error) == (PromptStatus.FAILED, "The engine is busy")
    assert prompt.images.count() == Prompt.MAX_ATTEMPTS


def test_a_bug_is_logged_with_the_reference_that_the_page_shows(
    tune: Tune, caplog: pytest.LogCaptureFixture
) -> None:
    create_prompt(tune=tune, text="ohwx, crash")
    for _ in range(Prompt.MAX_ATTEMPTS):
        make_due()
        prompt = run_next()
    assert prompt.status == PromptStatus.FAILED
    assert prompt.error.startswith("Something went wrong on our side (reference ")
    reference = prompt.error.split("reference ")[1].rstrip(").")
    [record] = [r for r in caplog.records if reference in r.getMessage()]
    assert record.exc_info and record.exc_info[0] is ZeroDivisionError


def test_a_job_that_kills_every_worker_ends_in_a_visible_failure(tune: Tune) -> None:
    prompt = create_prompt(tune=tune)
    for _ in range(Prompt.MAX_ATTEMPTS):
        assert Prompt.objects.claim("killed") is not None
        Prompt.objects.update(lease_expires_at=timezone.now() - dt.timedelta(hours=1))
    failed = run_next()
    assert failed.status == PromptStatus.FAILED
    assert "interrupted 3 times" in failed.error
    assert prompt.images.count() == 0


def test_an_engine_that_leaves_pictures_out_does_not_complete_the_prompt(
    tune: Tune, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = FakeEngine.generate

    def all_but_the_last(self: FakeEngine, *args: Any) -> Iterator[Picture]:
        yield from list(everything(self, *args))[:-1]

    monkeypatch.setattr(FakeEngine, "generate", all_but_the_last)
    create_prompt(tune=tune, num_images=3)
    prompt = run_next()
    assert prompt.status == PromptStatus.QUEUED
    assert "1 of 3" in prompt.error


def test_an_untrained_person_gets_no_pictures(team: Team, alice: User) -> None:
    untrained = create_tune(team=team, owner=alice, status=TuneStatus.DRAFT)
    create_prompt(tune=untrained)
    failed = run_next()
    assert failed.status == PromptStatus.FAILED
    assert "not trained" in failed.error


def test_an_engine_that_is_gone_fails_the_prompt_in_words(tune: Tune) -> None:
    create_prompt(tune=tune, engine="gone")
    failed = run_next()
    assert failed.status == PromptStatus.FAILED
    assert "gone" in failed.error


def test_a_full_disk_is_said_in_words_and_tried_again(
    tune: Tune, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any, **options: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("prompts.flows.results.save_bytes", full)
    create_prompt(tune=tune)
    prompt = run_next()
    assert (prompt.status, prompt.error) == (PromptStatus.QUEUED, "The server's disk is full.")


def test_a_prompt_cancelled_while_it_runs_stays_cancelled_with_what_it_has(
    tune: Tune, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = FakeEngine.generate

    def cancelled_after_two(self: FakeEngine, request: PromptRequest, *args: Any) -> Any:
        for picture in everything(self, request, *args):
            if picture.index == 2:
                Prompt.objects.get().cancel()
            yield picture

    monkeypatch.setattr(FakeEngine, "generate", cancelled_after_two)
    create_prompt(tune=tune)
    prompt = run_next()
    assert (prompt.status, prompt.error) == (PromptStatus.CANCELLED, "")
    assert prompt.images.count() == 2


def test_a_worker_asked_to_stop_finishes_its_picture_and_gives_the_rest_back(
    tune: Tune, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything, control = FakeEngine.generate, Control()

    def stopped_during_the_second(self: FakeEngine, *args: Any) -> Iterator[Picture]:
        for picture in everything(self, *args):
            if picture.index == 1:
                control.stop()
            yield picture

    monkeypatch.setattr(FakeEngine, "generate", stopped_during_the_second)
    create_prompt(tune=tune)
    prompt = run_next(control)
    assert (prompt.status, prompt.attempts, prompt.lease_owner) == (PromptStatus.QUEUED, 0, "")
    assert prompt.images.count() == 2


def test_training_ends_with_what_was_learnt_and_a_sample_of_every_preset(
    team: Team, alice: User
) -> None:
    tune = create_tune(team=team, owner=alice, status=TuneStatus.QUEUED, photos=4)
    refused = create_photo(tune=tune, number=9, problems=[{"code": "dark", "message": "Dark"}])
    claimed = Tune.objects.claim("worker")
    assert claimed is not None
    run_job(claimed)
    tune.refresh_from_db()
    assert (tune.status, tune.progress, tune.error) == (TuneStatus.TRAINED, 1, "")
    assert tune.trained_at is not None
    assert tune.characteristics == {"fake": True}
    assert refused.public_id not in tune.training_data["photos"]
    assert len(tune.training_data["photos"]) == 4
    assert set(tune.samples) == set(Preset.objects.values_list("slug", flat=True)) != set()
    assert all(default_storage.exists(name) for name in tune.samples.values())
    assert all("bytes" in photo.analysis for photo in tune.photos.usable())
    assert f"tune-{tune.public_id}" in Change.objects.latest("pk").topics.split()


def test_a_preset_that_cannot_be_shown_does_not_spoil_the_training(
    team: Team, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any) -> bytes:
        raise EngineError("Not this one.", retryable=False)

    monkeypatch.setattr(FakeEngine, "preview", refuse)
    tune = create_tune(team=team, owner=alice, status=TuneStatus.QUEUED, photos=4)
    claimed = Tune.objects.claim("worker")
    assert claimed is not None
    run_job(claimed)
    tune.refresh_from_db()
    assert (tune.status, tune.samples) == (TuneStatus.TRAINED, {})


def test_training_that_fails_says_why(
    team: Team, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any) -> None:
        raise EngineError("The photos show different people.", retryable=False)

    monkeypatch.setattr(FakeEngine, "train", refuse)
    tune = create_tune(team=team, owner=alice, status=TuneStatus.QUEUED, photos=4)
    claimed = Tune.objects.claim("worker")
    assert claimed is not None
    run_job(claimed)
    tune.refresh_from_db()
    assert (tune.status, tune.error) == (TuneStatus.FAILED, "The photos show different people.")


def test_progress_reaches_the_page_but_not_at_every_call(tune: Tune) -> None:
    create_prompt(tune=tune)
    claimed = Prompt.objects.claim("worker")
    assert isinstance(claimed, Prompt)
    told: list[None] = []
    report = Reporter(claimed, Control().check, lambda: told.append(None))
    part = report.part(0.5, 1)
    for _ in range(50):
        part(0.5, "Painting")
    claimed.refresh_from_db()
    assert (claimed.progress, claimed.step) == (0.75, "Painting")
    assert 1 <= len(told) < 50


def test_progress_of_a_lost_job_raises(tune: Tune) -> None:
    create_prompt(tune=tune)
    claimed = Prompt.objects.claim("worker")
    assert isinstance(claimed, Prompt)
    claimed.cancel()
    with pytest.raises(LeaseLost):
        Reporter(claimed, Control().check, lambda: None)(0.1, "Painting")


def test_a_lost_lease_and_a_stop_are_noticed_without_the_database() -> None:
    control = Control()
    control.checkpoint()
    control.stop()
    control.check()  # the picture may still be finished
    with pytest.raises(ShuttingDown):
        control.checkpoint()
    control.lease_lost = True
    with pytest.raises(LeaseLost):
        control.check()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["tune", "prompt"])
def test_what_is_deleted_while_a_worker_is_at_it_leaves_no_file(
    tune: Tune, media: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = FakeEngine.generate

    def deleted_meanwhile(self: FakeEngine, request: PromptRequest, *args: Any) -> Any:
        if what == "tune":
            delete_tune(Tune.objects.get())
        else:
            delete_prompt(Prompt.objects.get())
        request.cache.put("matte", b"somebody's outline")
        yield from everything(self, request, *args)

    monkeypatch.setattr(FakeEngine, "generate", deleted_meanwhile)
    prompt = create_prompt(tune=tune)
    assert Worker().run_next()
    folder = Path(media) / (tune.prefix if what == "tune" else prompt.prefix)
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_those_who_wait_are_told_when_the_line_moves(tune: Tune) -> None:
    create_prompt(tune=tune, num_images=1)
    waiting = create_prompt(tune=tune)
    Change.objects.all().delete()
    run_next()
    assert Change.objects.filter(topics=f"prompt-{waiting.public_id}").exists()
