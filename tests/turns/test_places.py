"""What pages say of the line is what happens, and costs little to say."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from prompts.flows.prompts import cancel_prompt
from prompts.jobs.worker import Queue
from prompts.models import Lane, Prompt, PromptStatus, Team, Tune, TuneStatus, User
from prompts.models.turns import numbers_ahead
from tests import factories
from tests.api.test_list_plans import SORTS, plan_of
from tests.turns.line import ask, draft, serve

pytestmark = pytest.mark.django_db
STEPS = st.lists(
    st.sampled_from(["ask 0", "ask 1", "ask 2", "train 0", "train 1", "serve", "cancel", "retry"]),
    max_size=30,
)


@given(steps=STEPS)
@examples(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_place_in_line_is_the_order_of_claims(
    steps: list[str], tune: Tune, team: Team, alice: User, bob: User, vera: User
) -> None:
    users, queue = (alice, bob, vera), Queue(Lane.RENDER, "worker")
    with transaction.atomic():
        for step in steps:
            match step.split():
                case ["ask", number]:
                    asked = ask(tune, users[int(number)])
                    assert_nobody_is_overlong(asked, users[int(number)])
                case ["train", number]:
                    draft(team, users[int(number)]).queue()
                case ["serve"]:
                    serve(queue)
                case ["cancel"]:
                    if waiting := Prompt.objects.filter(status=PromptStatus.QUEUED).first():
                        cancel_prompt(waiting)
                case ["retry"]:
                    if job := queue.claim():
                        # Due for long, so that no tick of a clock decides who waits.
                        job.retry_later(-dt.timedelta(minutes=1), "Busy")
        waiting_jobs: list[Prompt | Tune] = [*Prompt.objects.ready(), *Tune.objects.ready()]
        places = numbers_ahead(waiting_jobs, Lane.RENDER)
        expected = sorted(waiting_jobs, key=places.__getitem__)
        assert [places[job] for job in expected] == list(range(len(expected)))
        assert [queue.claim() for _ in expected] == expected
        transaction.set_rollback(True)


def assert_nobody_is_overlong(asked: Prompt, author: User) -> None:
    """A member's only job has at most one of each other member's before it."""
    if asked.lane and Prompt.objects.open_of(author.pk).count() > 1:
        return
    if Tune.objects.open_of(author.pk).exists():
        return
    asked.refresh_from_db()
    ahead = [job for job in Prompt.objects.ready() if job.place_in_line < asked.place_in_line]
    ahead += [job for job in Tune.objects.ready() if job.place_in_line < asked.place_in_line]
    owners = [job.author_id if isinstance(job, Prompt) else job.owner_id for job in ahead]
    assert len(owners) == len(set(owners))


def test_pages_tell_the_place_and_why(
    tune: Tune, team: Team, alice: User, bob: User, bob_client: Client
) -> None:
    for _ in range(3):
        ask(tune, alice)
    ours = factories.create_tune(team=team, owner=bob)
    first, second = ask(ours, bob), ask(ours, bob)
    untrained = factories.create_tune(team=team, owner=bob, status=TuneStatus.TRAINING)
    third = ask(untrained, bob)

    def card(prompt: Prompt) -> str:
        page = bob_client.get(
            reverse("prompt_detail", args=[prompt.public_id]), headers={"HX-Request": "true"}
        )
        return re.sub(r"\s+", " ", page.content.decode())

    assert "Waiting, 1 ahead of you" in card(first)
    assert "Waiting, 3 ahead of you" in card(second)
    assert "Waiting until training has ended" in card(third)
    Queue(Lane.RENDER, "worker").claim()
    assert "Waiting, next as soon as the engine is free" in card(first)
    training = draft(team, bob)
    training.queue()
    page = bob_client.get(reverse("tune_status", args=[training.public_id]))
    assert "Waiting, 3 ahead of you" in page.content.decode()


def test_asking_claiming_and_telling_places_walk_down_indexes(
    tune: Tune, alice: User, bob: User, queue: Queue
) -> None:
    Prompt.objects.bulk_create(
        Prompt(
            team=tune.team, tune=tune, author=alice, text="…", base_seed=n, engine="fake", turn=n
        )
        for n in range(300)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with CaptureQueriesContext(connection) as queries:
        ask(tune, bob)
        assert queue.claim() is not None
    rows = re.compile(r'SELECT .*"turn".*FROM "prompts_(prompt|tune)"')
    line = [q["sql"] for q in queries if rows.match(q["sql"]) and "FOR UPDATE" not in q["sql"]]
    assert line
    for sql in line:
        plan = plan_of(sql)
        assert SORTS[connection.vendor] not in plan, f"{sql}\n{plan}"
        assert not re.search(r"SCAN prompts_prompt(?! USING COVERING)", plan), f"{sql}\n{plan}"


def test_the_number_of_queries_for_places_does_not_grow(tune: Tune, alice: User) -> None:
    prompts = [ask(tune, alice) for _ in range(8)]
    counts = []
    for some in (prompts[:1], prompts):
        with CaptureQueriesContext(connection) as queries:
            numbers_ahead(some, Lane.RENDER)
        counts.append(len(queries))
    assert counts[0] == counts[1]
