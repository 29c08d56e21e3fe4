"""Members share the engines evenly, whatever they ask for, cancel or try again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db.models.functions import Now

from prompts.flows.prompts import cancel_prompt, delete_prompt, retry_prompt
from prompts.flows.training import fail_training, finish_training, retry_training
from prompts.flows.tunes import delete_tune
from prompts.jobs.worker import Queue
from prompts.models import Lane, Prompt, PromptStatus, Team, Tune, TuneStatus, User
from tests import factories
from tests.processes import NewWorker, wait_until
from tests.turns.line import ask, draft, serve, served, whose

pytestmark = pytest.mark.django_db


def test_one_prompt_overtakes_fifty_of_somebody_else(
    tune: Tune, alice: User, bob: User, queue: Queue
) -> None:
    for _ in range(50):
        ask(tune, alice)
    assert served(queue, 1) == ["A"]
    running = queue.claim()
    assert isinstance(running, Prompt)
    assert running.author == alice
    ask(tune, bob)
    assert served(queue, 3) == ["B", "A", "A"]


def test_members_of_other_teams_take_turns_as_well(
    tune: Tune, alice: User, charlie: User, queue: Queue
) -> None:
    theirs = factories.create_tune(team=charlie.teams.get(), owner=charlie)
    for _ in range(4):
        ask(tune, alice)
    for _ in range(2):
        ask(theirs, charlie)
    assert served(queue, 6) == ["A", "C", "A", "C", "A", "A"]


def test_three_members_interleave_and_each_is_served_first_come_first_served(
    tune: Tune, alice: User, bob: User, vera: User, queue: Queue
) -> None:
    asked = {user: [ask(tune, user) for _ in range(4)] for user in (alice, bob, vera)}
    jobs = [serve(queue) for _ in range(12)]
    assert "".join(str(job.author)[0] for job in jobs if isinstance(job, Prompt)) == "ABV" * 4
    for user, prompts in asked.items():
        assert [job for job in jobs if isinstance(job, Prompt) and job.author == user] == prompts


def test_a_training_is_one_job_among_the_prompts(
    tune: Tune, team: Team, alice: User, bob: User, queue: Queue
) -> None:
    for _ in range(3):
        ask(tune, alice)
    training = draft(team, bob)
    assert training.queue()
    ask(tune, bob)
    jobs = [serve(queue) for _ in range(5)]
    kinds = [f"{type(job).__name__} of {whose(job)}" for job in jobs if job]
    assert kinds == ["Tune of B", *["Prompt of A"] * 2, "Prompt of B", "Prompt of A"]


def test_who_has_been_served_gets_no_better_turn_than_who_waits(
    tune: Tune, alice: User, bob: User, queue: Queue
) -> None:
    for _ in range(5):
        ask(tune, alice)
    order = ""
    for _ in range(5):
        ask(tune, bob)
        order += "".join(served(queue, 1))
    assert order.count("A") >= 2, "Bob, who asks again and again, keeps Alice waiting"


def test_a_retry_after_a_passing_fault_keeps_its_turn(
    tune: Tune, alice: User, bob: User, queue: Queue
) -> None:
    for _ in range(3):
        ask(tune, alice)
    first = queue.claim()
    assert first is not None
    for _ in range(3):
        ask(tune, bob)
    served(queue, 2)
    first.retry_later(dt.timedelta(), "Busy")
    again = queue.claim()
    assert again == first


def test_a_person_s_retry_goes_to_the_end_of_their_line(
    tune: Tune, alice: User, queue: Queue
) -> None:
    failed = ask(tune, alice)
    claimed = queue.claim()
    assert isinstance(claimed, Prompt)
    claimed.fail("It broke.")
    rest = [ask(tune, alice) for _ in range(2)]
    assert retry_prompt(failed)
    assert [serve(queue) for _ in range(3)] == [*rest, failed]


@pytest.mark.parametrize("leave", [cancel_prompt, delete_prompt])
def test_turns_of_what_was_cancelled_are_not_used_up(
    leave: Callable[[Prompt], object], tune: Tune, alice: User, bob: User, queue: Queue
) -> None:
    many = [ask(tune, alice) for _ in range(20)]
    for _ in range(3):
        ask(tune, bob)
    for prompt in many[:18]:
        leave(prompt)
    assert "".join(served(queue, 5)) == "ABABB"


def test_turns_of_a_deleted_person_s_prompts_are_not_used_up(
    tune: Tune, team: Team, alice: User, bob: User, queue: Queue
) -> None:
    gone = factories.create_tune(team=team, owner=alice)
    ask(tune, alice)
    for _ in range(8):
        ask(gone, alice)
    ask(tune, alice)
    for _ in range(4):
        ask(tune, bob)
    delete_tune(gone)
    assert "".join(served(queue, 6)) == "ABABBB"


def test_cancelling_what_runs_brings_nothing_forward(
    tune: Tune, alice: User, bob: User, queue: Queue
) -> None:
    ask(tune, alice)
    second = ask(tune, alice)
    running = queue.claim()
    assert isinstance(running, Prompt)
    ask(tune, bob)
    assert cancel_prompt(running)
    second.refresh_from_db()
    assert second.turn == running.turn + 1
    assert "".join(served(queue, 2)) == "BA"


def test_prompts_that_waited_for_training_do_not_come_all_at_once(
    tune: Tune, team: Team, alice: User, bob: User, queue: Queue
) -> None:
    training = factories.create_tune(team=team, owner=alice, status=TuneStatus.QUEUED)
    for _ in range(4):
        ask(training, alice)
    claimed = queue.claim()
    assert isinstance(claimed, Tune)
    for _ in range(8):
        ask(tune, bob)
    assert served(queue, 4) == ["B"] * 4
    assert finish_training(claimed)
    assert "".join(served(queue, 8)) == "AABABABB"


def test_prompts_of_a_failed_training_stand_in_line_too(
    tune: Tune, team: Team, alice: User, bob: User, queue: Queue
) -> None:
    training = factories.create_tune(team=team, owner=alice, status=TuneStatus.QUEUED)
    waiting = [ask(training, alice) for _ in range(2)]
    claimed = queue.claim()
    assert isinstance(claimed, Tune)
    assert fail_training(claimed, "Too dark.")
    turns = Prompt.objects.filter(pk__in=[p.pk for p in waiting]).values_list("turn", flat=True)
    assert len(set(turns)) == 2
    retry_training(claimed)
    assert served(queue, 1) == ["A"]


def test_lanes_have_lines_of_their_own(
    tune: Tune, team: Team, alice: User, bob: User, queue: Queue
) -> None:
    remote = factories.create_tune(team=team, owner=bob, engine="astria")
    for _ in range(9):
        ask(remote, bob)
    for _ in range(2):
        ask(tune, alice)
    ask(tune, bob)
    assert served(queue, 3) == ["A", "B", "A"]


def test_the_mock_waits_for_no_rendering(tune: Tune, team: Team, alice: User, queue: Queue) -> None:
    for _ in range(3):
        ask(tune, alice)
    mock = ask(factories.create_tune(team=team, owner=alice, engine="mock"), alice)
    assert Queue(Lane.NETWORK, "n").claim() == mock
    assert served(queue, 4) == ["A", "A", "A"]


def test_a_job_whose_worker_was_killed_goes_first(tune: Tune, alice: User, queue: Queue) -> None:
    ask(tune, alice)
    killed = queue.claim()
    assert killed is not None
    ask(tune, alice)
    Prompt.objects.filter(pk=killed.pk).update(lease_expires_at=Now() - dt.timedelta(seconds=1))
    assert queue.claim() == killed


@pytest.mark.django_db(transaction=True)
def test_a_worker_process_does_the_jobs_in_turns(
    team: Team, alice: User, bob: User, new_worker: NewWorker
) -> None:
    tune = factories.create_tune(team=team, owner=alice, photos=4)
    for _ in range(50):
        ask(tune, alice, "ohwx woman, slow: 0.2")
    new_worker()
    running = Prompt.objects.filter(status=PromptStatus.PROCESSING)
    wait_until(running.exists, "the first prompt begun")
    quick = ask(tune, bob, "ohwx woman")
    done = Prompt.objects.filter(pk=quick.pk, status=PromptStatus.COMPLETED)
    wait_until(done.exists, "Bob's prompt completed")
    begun_before = Prompt.objects.filter(
        author=alice, started_at__gt=quick.created_at, started_at__lt=done.get().started_at
    )
    # Asking takes a moment, in which the worker may have begun another one.
    assert begun_before.count() <= 1
