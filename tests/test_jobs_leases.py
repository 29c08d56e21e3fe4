"""Claiming, holding and losing a row."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from prompts.models import PROMPT_OPEN, Prompt, PromptStatus, Team, TuneStatus, User
from tests.factories import create_prompt, create_tune

LONG_AGO = dt.timedelta(hours=1)


@pytest.fixture
def prompt(team: Team, alice: User) -> Prompt:
    return create_prompt(tune=create_tune(team=team, owner=alice))


def claim() -> Prompt:
    job = Prompt.objects.claim("worker")
    assert isinstance(job, Prompt)
    return job


def let_lease_run_out(prompt: Prompt) -> None:
    Prompt.objects.filter(pk=prompt.pk).update(lease_expires_at=timezone.now() - LONG_AGO)


def test_a_claimed_row_is_running_and_nobody_else_gets_it(prompt: Prompt) -> None:
    claimed = claim()
    assert claimed.pk == prompt.pk
    assert Prompt.objects.claim("other") is None
    prompt.refresh_from_db()
    assert prompt.status == PromptStatus.PROCESSING
    assert prompt.lease_expires_at is not None and prompt.lease_expires_at > timezone.now()
    assert prompt.started_at is not None


def test_rows_are_claimed_in_the_order_they_were_made(prompt: Prompt) -> None:
    second = create_prompt(tune=prompt.tune)
    assert [claim().pk, claim().pk] == [prompt.pk, second.pk]


def test_of_two_who_saw_the_same_row_only_one_gets_it(prompt: Prompt) -> None:
    mine, theirs = (Prompt.objects.get(pk=prompt.pk) for _ in range(2))
    assert mine.take_lease("me") is mine
    assert theirs.take_lease("them") is None


def test_a_row_is_not_due_before_its_time(prompt: Prompt) -> None:
    claim().retry_later(dt.timedelta(hours=1), "later")
    assert Prompt.objects.claim("worker") is None
    Prompt.objects.update(run_after=timezone.now() - LONG_AGO)
    assert claim().attempts == 2


def test_a_silent_workers_row_is_taken_over_and_its_late_writes_are_refused(
    prompt: Prompt,
) -> None:
    late = claim()
    let_lease_run_out(prompt)
    second = claim()
    assert second.fence > late.fence
    assert not late.renew_lease()
    assert not late.report(0.5, "late")
    assert not late.release_lease()
    assert not late.retry_later(dt.timedelta(), "late")
    assert not late.finish()
    assert not late.fail("late")
    prompt.refresh_from_db()
    assert (prompt.status, prompt.step, prompt.error) == (PromptStatus.PROCESSING, "", "")
    assert second.finish()


def test_a_renewed_lease_is_not_taken_over(prompt: Prompt) -> None:
    worker = claim()
    let_lease_run_out(prompt)
    assert worker.renew_lease()
    assert Prompt.objects.claim("other") is None


def test_a_worker_that_shuts_down_gives_the_row_back_without_counting_the_attempt(
    prompt: Prompt,
) -> None:
    assert claim().release_lease()
    assert claim().attempts == 1


@pytest.mark.parametrize("status", set(PromptStatus) - PROMPT_OPEN)
def test_a_prompt_that_has_ended_is_never_claimed_or_cancelled(
    prompt: Prompt, status: PromptStatus
) -> None:
    Prompt.objects.update(status=status)
    assert Prompt.objects.claim("worker") is None
    assert not prompt.cancel()
    prompt.refresh_from_db()
    assert prompt.status == status


def test_cancelling_takes_the_row_from_its_worker(prompt: Prompt) -> None:
    worker = claim()
    assert prompt.cancel()
    assert not worker.finish()
    prompt.refresh_from_db()
    assert prompt.status == PromptStatus.CANCELLED


@pytest.mark.parametrize("status", [PromptStatus.FAILED, PromptStatus.CANCELLED])
def test_retry_begins_anew_and_bars_the_earlier_worker(
    prompt: Prompt, status: PromptStatus
) -> None:
    earlier = claim()
    Prompt.objects.update(status=status, error="broken", progress=0.7)
    assert prompt.retry()
    assert not prompt.retry()
    retried = claim()
    assert (retried.attempts, retried.progress, retried.error) == (1, 0, "")
    assert not earlier.finish()


def test_a_completed_prompt_cannot_be_retried(prompt: Prompt) -> None:
    claim().finish()
    assert not prompt.retry()


def test_progress_stays_within_its_range_and_words_within_theirs(prompt: Prompt) -> None:
    worker = claim()
    assert worker.report(1.7, "x" * 200)
    prompt.refresh_from_db()
    assert prompt.progress == 1
    assert prompt.step == "x" * 80


def test_only_a_draft_is_queued_for_training(team: Team, alice: User) -> None:
    tune = create_tune(team=team, owner=alice, status=TuneStatus.DRAFT)
    assert tune.queue()
    assert not tune.queue()
    claimed = type(tune).objects.claim("worker")
    assert claimed is not None and claimed.status == TuneStatus.TRAINING
