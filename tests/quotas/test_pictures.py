"""Pictures a month: the bounds, what gives back, and that no two requests pass together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from prompts.flows.images import delete_images, trash_images
from prompts.flows.prompts import cancel_prompt, delete_prompt, retry_prompt
from prompts.flows.quotas import set_quota
from prompts.flows.tunes import delete_tune
from prompts.models import Prompt, PromptStatus, Team, Tune, UsageEntry, User
from prompts.quotas import QuotaExceeded, images_used
from tests import factories
from tests.quotas.asking import ask, work
from tests.side_by_side import side_by_side

pytestmark = pytest.mark.django_db


def test_pictures_up_to_the_limit_and_not_one_more(team: Team, bob: User, tune: Tune) -> None:
    set_quota(team, None, images=8)
    ask(tune, 5)
    with pytest.raises(
        QuotaExceeded, match=r"You have 3 of 8 pictures left this month; this asks for 4\."
    ):
        ask(tune, 4)
    ask(tune, 3)
    with pytest.raises(QuotaExceeded, match="You have none of 8 pictures left"):
        ask(tune, 1)
    assert images_used(team, bob) == 8


def test_a_member_is_not_limited_by_what_others_use(team: Team, alice: User, tune: Tune) -> None:
    set_quota(team, None, images=4)
    ask(tune, 4)
    ask(factories.create_tune(team=team, owner=alice), 4)


@pytest.mark.parametrize(("own", "passes"), [(12, True), (2, False), (0, False), (None, False)])
def test_a_member_s_own_limit_goes_before_the_team_s(
    own: int | None, passes: bool, team: Team, bob: User, tune: Tune
) -> None:
    set_quota(team, None, images=4)
    set_quota(team, bob, images=own, tunes=None)
    if passes:
        ask(tune, 8)
    else:
        with pytest.raises(QuotaExceeded):
            ask(tune, 8)


def test_a_limit_of_another_team_does_not_matter(team: Team, charlie: User, tune: Tune) -> None:
    set_quota(charlie.teams.get(), None, images=0, tunes=0, storage=0)
    ask(tune, 8)


def test_what_is_made_counts_and_stays_counted_when_it_is_deleted(
    team: Team, bob: User, tune: Tune
) -> None:
    set_quota(team, None, images=8)
    prompt = ask(tune, 3)
    work()
    assert images_used(team, bob) == 3
    trash_images(prompt.images.all(), bob)
    delete_images(prompt.images.all())
    delete_prompt(prompt)
    assert images_used(team, bob) == 3
    delete_tune(tune)
    assert images_used(team, bob) == 3


@pytest.mark.parametrize("leave", [cancel_prompt, delete_prompt])
def test_what_is_cancelled_or_deleted_before_it_was_made_is_given_back(
    leave: Callable[[Prompt], object], team: Team, bob: User, tune: Tune
) -> None:
    set_quota(team, None, images=4)
    prompt = ask(tune, 4)
    leave(prompt)
    assert images_used(team, bob) == 0
    ask(tune, 4)


def test_what_fails_is_given_back(team: Team, bob: User, tune: Tune) -> None:
    set_quota(team, None, images=4)
    prompt = ask(tune, 4, text="ohwx woman, fail: no")
    work()
    prompt.refresh_from_db()
    assert prompt.status == PromptStatus.FAILED
    assert images_used(team, bob) == prompt.images.count()


def test_pictures_made_before_a_cancellation_count_and_the_rest_can_be_retried(
    team: Team, bob: User, tune: Tune
) -> None:
    set_quota(team, None, images=4)
    prompt = ask(tune, 4)
    claimed = Prompt.objects.claim("worker")
    for index in range(2):
        factories.create_image(prompt=prompt, index=index)
        Prompt.objects.filter(pk=prompt.pk).update(made=index + 1)
    assert claimed is not None
    assert cancel_prompt(prompt)
    assert images_used(team, bob) == 2
    assert retry_prompt(prompt)
    assert images_used(team, bob) == 4
    work()
    assert prompt.images.count() == 4
    assert images_used(team, bob) == 4
    assert sorted(UsageEntry.objects.values_list("status", "images")) == [
        ("cancelled", 2),
        ("completed", 2),
    ]


def test_a_retry_must_fit_too_and_says_so_on_its_card(
    team: Team, bob_client: Client, tune: Tune
) -> None:
    prompt = ask(tune, 4)
    cancel_prompt(prompt)
    set_quota(team, None, images=3)
    url = reverse("prompt_retry", args=[prompt.public_id])
    answer = bob_client.post(url, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "You have 3 of 3 pictures left this month; this asks for 4." in answer.content.decode()
    assert "asks for 4." in bob_client.post(url, follow=True).content.decode()
    prompt.refresh_from_db()
    assert prompt.status == PromptStatus.CANCELLED


def test_a_month_begins_with_its_first_moment_in_utc(team: Team, bob: User) -> None:
    start = timezone.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for ended_at, images in ((start, 1), (start - dt.timedelta(microseconds=1), 10)):
        UsageEntry.objects.create(
            team=team, user=bob, engine="fake", ended_at=ended_at, status="completed", images=images
        )
    assert images_used(team, bob) == 1


def test_the_mock_is_free(team: Team, bob: User) -> None:
    set_quota(team, None, images=0)
    mock = factories.create_tune(team=team, owner=bob, engine="mock", photos=1)
    ask(mock, 8)
    work()
    assert UsageEntry.objects.get().images == 8
    assert images_used(team, bob) == 0


@pytest.mark.django_db(transaction=True)
def test_parallel_requests_cannot_pass_together(team: Team, bob: User) -> None:
    tune = factories.create_tune(team=team, owner=bob)
    set_quota(team, None, images=7)

    def one() -> Prompt:
        return ask(Tune.objects.get(pk=tune.pk), 2)

    answers = side_by_side([one] * 6, refusals=(QuotaExceeded,))
    assert sum(isinstance(answer, QuotaExceeded) for answer in answers) == 3
    assert images_used(team, bob) == 6
