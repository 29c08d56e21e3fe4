"""Retention: who is warned in place of somebody who left, and what is looked at once more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from prompts.flows import retention
from prompts.flows.images import choose_final
from prompts.flows.members import remove_member
from prompts.flows.retention import sweep_retention
from prompts.models import AuditEntry, Image, Mail, Membership, Prompt, Role, Team, Tune, User
from tests.factories import (
    create_album,
    create_image,
    create_membership,
    create_prompt,
    create_share,
    create_tune,
    create_user,
)

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 1, 1, 9, tzinfo=dt.UTC)


def sweep(day: int) -> None:
    """A sweep so many days after everything was made."""
    with time_machine.travel(START + dt.timedelta(days=day), tick=False):
        sweep_retention()


def person_of(owner: User | None, team: Team, pictures: int = 0) -> Tune:
    anybody = owner or create_user()
    tune = create_tune(team=team, owner=anybody, trained_at=timezone.now())
    prompt = create_prompt(tune=tune, status="completed")
    for number in range(pictures):
        create_image(prompt=prompt, index=number)
    Tune.objects.filter(pk=tune.pk).update(created_at=START, trained_at=START, owner=owner)
    Prompt.objects.filter(tune=tune).update(created_at=START)
    Image.objects.filter(tune=tune).update(created_at=START)
    return Tune.objects.get(pk=tune.pk)


def set_periods(team: Team, **days: int) -> None:
    Team.objects.filter(pk=team.pk).update(**days)


# --- Warnings ----------------------------------------------------------------------------------


def leave(user: User) -> None:
    Membership.objects.filter(user=user).delete()


def deactivate(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def lose_account(user: User) -> None:
    user.delete()


@pytest.mark.parametrize("go", [leave, deactivate, lose_account])
def test_the_teams_owners_are_warned_in_place_of_who_left(
    go: Callable[[User], None], team: Team, alice: User, bob: User
) -> None:
    second, gone = create_user(name="Olga Orth"), create_user(is_active=False)
    for user in (second, gone):
        create_membership(team=team, user=user, role=Role.OWNER)
    create_membership(team=team, user=create_user(), role=Role.ADMIN)
    person_of(bob, team)
    go(bob)
    set_periods(team, people_kept_days=100)
    sweep(86)
    assert set(Mail.objects.values_list("to", flat=True)) == {alice.email, second.email}
    assert "as an owner of the team" in Mail.objects.all()[0].text
    sweep(101)
    assert not Tune.objects.exists()


def test_an_owner_who_is_there_is_the_only_one_warned(team: Team, alice: User, bob: User) -> None:
    person_of(bob, team)
    set_periods(team, people_kept_days=100)
    sweep(86)
    assert Mail.objects.get().to == bob.email
    assert "as an owner of the team" not in Mail.objects.get().text


def test_whoever_takes_a_person_over_is_warned_anew(team: Team, alice: User, bob: User) -> None:
    person_of(bob, team)
    set_periods(team, people_kept_days=100)
    sweep(86)
    place = {one.user_id: one for one in Membership.objects.select_related("team", "user")}
    remove_member(place[alice.pk], place[bob.pk], seen="member", heir=place[alice.pk])
    sweep(99)
    assert list(Mail.objects.order_by("pk").values_list("to", flat=True)) == [
        bob.email,
        alice.email,
    ]
    sweep(101)
    assert Tune.objects.get().owner == alice
    sweep(113)
    assert not Tune.objects.exists()


# --- Pictures ----------------------------------------------------------------------------------


def after_the_first_look(change: Callable[[], object]) -> Callable[..., Any]:
    """Makes the change between the look for what is due and the lock."""
    waiting = [change]

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if waiting and sql.startswith("SELECT") and 'FROM "prompts_image"' in sql:
            waiting.pop()()
        return result

    return watch


CHANGES: dict[str, Callable[[Tune, Image], object]] = {
    "chosen": lambda tune, image: choose_final(tune, image),
    "kept": lambda tune, image: Tune.objects.update(kept_at=START + dt.timedelta(days=90)),
    "in an album": lambda tune, image: create_album(owner=tune.owner, images=[image]),
    "shared": lambda tune, image: create_share(author=tune.owner, images=[image], expires_at=None),
    "shared with its person": lambda tune, image: create_share(
        author=tune.owner, kind="tune", tune=tune, expires_at=None
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_picture_that_serves_somebody_meanwhile_stays(
    change: str, team: Team, alice: User
) -> None:
    tune = person_of(alice, team, pictures=1)
    set_periods(team, pictures_kept_days=90)
    image = tune.images.get()
    with connection.execute_wrapper(after_the_first_look(lambda: CHANGES[change](tune, image))):
        sweep(91)
    assert list(Image.objects.present()) == [image]
    assert not AuditEntry.objects.filter(action="images_expired").exists()


def test_a_picture_in_the_trash_is_not_chosen(team: Team, alice: User) -> None:
    tune = person_of(alice, team, pictures=1)
    set_periods(team, pictures_kept_days=90)
    sweep(91)
    assert not choose_final(tune, tune.images.get())
    tune.refresh_from_db()
    assert tune.final_image is None


def test_the_log_says_how_many_went_and_of_whom(team: Team, alice: User) -> None:
    people = {person_of(alice, team, pictures=count): count for count in (1, 3)}
    set_periods(team, pictures_kept_days=90)
    sweep(91)
    told = AuditEntry.objects.filter(action="images_expired")
    assert {entry.subject: entry.details for entry in told} == {
        tune.public_id: {"pictures": count} for tune, count in people.items()
    }
    assert {entry.actor for entry in told} == {None}
    assert not AuditEntry.objects.filter(action="images_trashed").exists()


# --- More than one sweep takes -----------------------------------------------------------------


def test_more_than_a_batch_goes_in_several_sweeps_each_once(
    team: Team, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    for _ in range(7):
        person_of(alice, team, pictures=1)
    set_periods(team, pictures_kept_days=90, people_kept_days=200)
    left = []
    for _ in range(4):
        sweep(91)
        left.append(Image.objects.present().count())
    assert left == [4, 1, 0, 0]
    told = AuditEntry.objects.filter(action="images_expired").values_list("details", flat=True)
    assert sum(entry["pictures"] for entry in told) == 7
    for _ in range(4):
        sweep(190)
    assert Mail.objects.count() == 7
    left = []
    for _ in range(4):
        sweep(204)
        left.append(Tune.objects.count())
    assert left == [4, 1, 0, 0]
