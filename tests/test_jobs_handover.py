"""Rows whose work somebody else does: running, without a worker, looked at from time to time."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from prompts.models import Prompt, PromptStatus, Team, User
from tests.factories import create_prompt, create_tune

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def prompt(team: Team, alice: User) -> Prompt:
    return create_prompt(tune=create_tune(team=team, owner=alice))


def claim() -> Prompt:
    job = Prompt.objects.claim("worker")
    assert isinstance(job, Prompt)
    return job


def test_a_handed_over_row_stays_running_and_is_looked_at_when_it_is_due(prompt: Prompt) -> None:
    assert claim().hand_over(HOUR, step="Developing at the service")
    prompt.refresh_from_db()
    assert (prompt.status, prompt.lease_owner) == (PromptStatus.PROCESSING, "")
    assert prompt.step == "Developing at the service"
    assert Prompt.objects.claim("worker") is None
    Prompt.objects.update(run_after=timezone.now() - HOUR)
    assert claim().pk == prompt.pk


def test_looks_are_no_attempts(prompt: Prompt) -> None:
    for _ in range(Prompt.MAX_ATTEMPTS + 2):
        job = claim()
        assert job.attempts == 1
        job.hand_over(-HOUR)


def test_a_hint_brings_the_next_look_at_once_and_only_once(prompt: Prompt) -> None:
    claim().hand_over(HOUR)
    assert Prompt.hint(Prompt.objects.filter(pk=prompt.pk))
    assert not Prompt.hint(Prompt.objects.filter(pk=prompt.pk))
    assert claim().pk == prompt.pk


def test_a_hint_that_comes_during_a_look_is_not_lost(prompt: Prompt) -> None:
    looking = claim()
    assert Prompt.hint(Prompt.objects.filter(pk=prompt.pk))
    assert Prompt.objects.claim("other") is None
    looking.hand_over(HOUR)
    assert claim().pk == prompt.pk


@pytest.mark.parametrize("status", set(PromptStatus) - {PromptStatus.PROCESSING})
def test_a_hint_changes_nothing_in_any_other_state(prompt: Prompt, status: PromptStatus) -> None:
    Prompt.objects.update(status=status, run_after=timezone.now() + HOUR)
    assert not Prompt.hint(Prompt.objects.filter(pk=prompt.pk))


def test_a_late_look_can_neither_hand_over_nor_postpone(prompt: Prompt) -> None:
    late = claim()
    Prompt.objects.update(lease_expires_at=timezone.now() - HOUR)
    claim()
    assert not late.hand_over(HOUR)
    assert not late.postpone(HOUR)


def test_a_handed_over_prompt_can_be_cancelled(prompt: Prompt) -> None:
    claim().hand_over(-HOUR)
    assert prompt.cancel()
    assert Prompt.objects.claim("worker") is None


def test_a_postponed_row_waits_without_losing_an_attempt(prompt: Prompt) -> None:
    assert claim().postpone(HOUR, "Nobody answers.")
    prompt.refresh_from_db()
    assert (prompt.status, prompt.attempts) == (PromptStatus.QUEUED, 0)
    assert prompt.error == "Nobody answers."
    assert Prompt.objects.claim("worker") is None
