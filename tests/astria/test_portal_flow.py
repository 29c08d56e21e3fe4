"""Tunes and prompts travel to Astria and back; the fake Astria is real HTTP."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from prompts.flows.prompts import cancel_prompt, delete_prompt, retry_prompt
from prompts.flows.tunes import delete_tune
from prompts.models import Handover, PromptStatus, Team, Tune, TuneStatus, User
from tests.astria.faults import Fault
from tests.astria.portal import (
    PUBLIC,
    connect_team,
    prompt_of,
    queued_tune,
    refreshed,
    trained_tune,
    work,
)
from tests.astria.server import FakeAstria

pytestmark = pytest.mark.django_db

CREATE_PROMPT = r"/tunes/\d+/prompts"


@pytest.fixture(autouse=True)
def quick(settings: Settings) -> None:
    """Waits of minutes last milliseconds."""
    settings.REMOTE_PACE = 0.0005
    settings.REMOTE_LOOK_INTERVAL = 0


@pytest.fixture
def tune(team: Team, alice: User, astria: FakeAstria) -> Tune:
    astria.options.callbacks = "drop"
    connect_team(team, astria)
    return trained_tune(team, alice)


def test_a_tune_is_trained_at_astria(tune: Tune, astria: FakeAstria) -> None:
    assert tune.status == TuneStatus.TRAINED
    assert tune.trained_at is not None
    assert astria.world.creates["tunes"] == 1
    sent = next(iter(astria.world.tunes.values()))
    assert sent["callback"].startswith(f"{PUBLIC}/callbacks/tune/")
    assert tune.handover.remote_id == sent["id"]


def test_its_prompts_are_made_there_and_the_pictures_are_copied(
    tune: Tune, astria: FakeAstria
) -> None:
    prompt = prompt_of(tune)
    work()
    assert refreshed(prompt).status == PromptStatus.COMPLETED
    assert list(prompt.images.values_list("index", flat=True)) == [0, 1]
    assert set(prompt.images.values_list("engine", flat=True)) == {"astria"}
    assert astria.world.creates["prompts"] == 1


def test_all_callbacks_dropped_and_all_prompts_complete(tune: Tune, astria: FakeAstria) -> None:
    astria.options.prompt_seconds = 0.05
    prompts = [prompt_of(tune, num_images=1) for _ in range(50)]
    work(120)
    assert {refreshed(p).status for p in prompts} == {PromptStatus.COMPLETED}
    assert astria.world.creates["prompts"] == 50
    assert astria.world.callbacks == []


@pytest.mark.parametrize("idempotent", [True, False])
def test_a_504_after_doing_it_makes_exactly_one_remote_object(
    tune: Tune, astria: FakeAstria, idempotent: bool
) -> None:
    astria.options.idempotent = idempotent
    astria.fault("status", "POST", CREATE_PROMPT, status=504, done=True)
    prompt = prompt_of(tune)
    work()
    assert refreshed(prompt).status == PromptStatus.COMPLETED
    assert astria.world.creates["prompts"] == 1
    assert len(astria.asked("POST", CREATE_PROMPT)) == 1


def test_a_504_before_doing_it_is_sent_again_with_the_same_callback(
    tune: Tune, astria: FakeAstria
) -> None:
    astria.fault("status", "POST", CREATE_PROMPT, status=504)
    prompt = prompt_of(tune)
    work()
    assert refreshed(prompt).status == PromptStatus.COMPLETED
    first, second = astria.asked("POST", CREATE_PROMPT)
    assert first.body == second.body
    searches = [r for r in astria.requests if r.method == "GET" and r.path.endswith("/prompts")]
    assert searches, "nothing is sent again without a search"


@pytest.mark.parametrize(("status", "words"), [(401, "key"), (402, ""), (422, "")])
def test_a_refusal_fails_at_once_and_is_not_repeated(
    tune: Tune, astria: FakeAstria, status: int, words: str
) -> None:
    astria.fault("status", "POST", CREATE_PROMPT, status=status)
    prompt = prompt_of(tune)
    work()
    assert refreshed(prompt).status == PromptStatus.FAILED
    assert prompt.error and words in prompt.error
    assert len(astria.asked("POST", CREATE_PROMPT)) == 1


def test_a_refused_prompt_can_be_tried_again(tune: Tune, astria: FakeAstria) -> None:
    astria.fault("status", "POST", CREATE_PROMPT, status=402)
    prompt = prompt_of(tune)
    work()
    assert retry_prompt(refreshed(prompt))
    work()
    assert refreshed(prompt).status == PromptStatus.COMPLETED
    assert astria.world.creates["prompts"] == 1


def test_bad_pictures_cost_only_themselves(tune: Tune, astria: FakeAstria) -> None:
    astria.picture_faults = {
        0: [Fault("redirect", location="http://127.0.0.1:1/secret")] * 20,
        1: [Fault("status", status=404)] * 2,
        2: [Fault("status", status=404)] * 20,
    }
    prompt = prompt_of(tune, num_images=4)
    work()
    assert refreshed(prompt).status == PromptStatus.COMPLETED
    assert list(prompt.images.values_list("index", flat=True)) == [1, 3]
    assert "Picture 1: " in prompt.error and "refused" in prompt.error
    assert "Picture 3: " in prompt.error
    # 404 once and then five times more; the refused address only once.
    assert len(astria.asked("PICTURE", r".*-2(-.*|\..*)?")) == 6
    assert len(astria.asked("PICTURE", r".*-0(-.*|\..*)?")) == 1


def test_no_picture_at_all_is_a_failure_with_reasons(tune: Tune, astria: FakeAstria) -> None:
    astria.picture_faults = {n: [Fault("status", status=404)] * 6 for n in range(2)}
    prompt = prompt_of(tune)
    work()
    assert refreshed(prompt).status == PromptStatus.FAILED
    assert retry_prompt(prompt)
    work()
    assert refreshed(prompt).status == PromptStatus.COMPLETED
    assert astria.world.creates["prompts"] == 1, "the pictures were there already"


def test_a_deleted_prompt_is_deleted_at_astria(tune: Tune, astria: FakeAstria) -> None:
    prompt = prompt_of(tune)
    work()
    remote = Handover.objects.get(prompt=prompt).remote_id
    delete_prompt(prompt)
    work()
    assert remote not in astria.world.prompts
    assert Handover.objects.get(remote_id=remote).status == Handover.DELETED


def test_a_deletion_is_repeated_until_it_succeeds(tune: Tune, astria: FakeAstria) -> None:
    for _ in range(4):
        astria.fault("status", "DELETE", status=500)
    delete_tune(tune)
    work()
    assert astria.world.tunes == {}


def test_a_cancelled_prompt_is_deleted_at_astria_and_can_be_made_anew(
    tune: Tune, astria: FakeAstria
) -> None:
    astria.options.prompt_seconds = 60
    prompt = prompt_of(tune)
    work(until_idle=False)
    assert cancel_prompt(refreshed(prompt))
    work()
    assert astria.world.prompts == {}
    astria.options.prompt_seconds = 0
    assert retry_prompt(refreshed(prompt))
    work()
    assert refreshed(prompt).status == PromptStatus.COMPLETED
    assert astria.world.creates["prompts"] == 2


def test_astria_down_for_long_keeps_everything_waiting_and_all_finish(
    tune: Tune, astria: FakeAstria, settings: Settings
) -> None:
    prompts = [prompt_of(tune, num_images=1) for _ in range(10)]
    astria.go_down()
    settings.REMOTE_PACE = 0.01
    work(3, until_idle=False)
    assert {refreshed(p).status for p in prompts} == {PromptStatus.QUEUED}
    account = tune.team.astria_account
    account.refresh_from_db()
    assert account.down_since is not None
    astria.come_back()
    work(60)
    assert {refreshed(p).status for p in prompts} == {PromptStatus.COMPLETED}
    account.refresh_from_db()
    assert account.down_since is None
    assert astria.world.creates["prompts"] == 10


def test_without_a_key_it_fails_in_words(team: Team, alice: User) -> None:
    Team.objects.filter(pk=team.pk).update(engine="astria")
    team.refresh_from_db()
    tune = queued_tune(team, alice)
    work()
    tune.refresh_from_db()
    assert tune.status == TuneStatus.FAILED and "key" in tune.error


def test_a_tune_that_was_trained_here_stays_here(
    tune: Tune, team: Team, alice: User, astria: FakeAstria
) -> None:
    local = queued_tune(team, alice, engine="fake", status=TuneStatus.TRAINED)
    prompt = prompt_of(local)
    work()
    assert refreshed(prompt).status == PromptStatus.COMPLETED
    assert astria.world.creates["prompts"] == 0
