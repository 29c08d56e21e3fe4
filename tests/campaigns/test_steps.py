"""How far everybody is with their headshot, and what the page leads to."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from prompts.campaigns import Step, participants
from prompts.models import Campaign, Image, Mail, Team, Tune, TuneStatus, User
from tests.factories import (
    create_image,
    create_membership,
    create_photo,
    create_prompt,
    create_team,
    create_tune,
    create_user,
    signed_in,
)

pytestmark = pytest.mark.django_db


def step_of(user: User, team: Team) -> Step:
    (found,) = participants(team, user=user)
    return found.step


def test_everybody_goes_through_the_steps(team: Team, bob: User) -> None:
    assert step_of(bob, team) == Step.PHOTOS
    tune = create_tune(team=team, owner=bob, status=TuneStatus.DRAFT)
    assert step_of(bob, team) == Step.PHOTOS
    create_photo(tune=tune)
    assert step_of(bob, team) == Step.TRAINING
    Tune.objects.update(status=TuneStatus.TRAINED)
    assert step_of(bob, team) == Step.PICTURES
    image = create_image(prompt=create_prompt(tune=tune))
    assert step_of(bob, team) == Step.CHOICE
    Tune.objects.update(final_image=image)
    assert step_of(bob, team) == Step.DONE
    Image.objects.update(trashed_at="2026-01-01T00:00Z")
    assert step_of(bob, team) == Step.PICTURES


def test_work_in_other_teams_and_of_others_does_not_count(
    team: Team, alice: User, bob: User
) -> None:
    elsewhere = create_team(name="Elsewhere")
    create_membership(team=elsewhere, user=bob)
    create_image(prompt=create_prompt(tune=create_tune(team=elsewhere, owner=bob, photos=1)))
    create_image(prompt=create_prompt(tune=create_tune(team=team, owner=alice, photos=1)))
    assert step_of(bob, team) == Step.PHOTOS


def test_only_those_who_make_pictures_take_part(team: Team, alice: User, vera: User) -> None:
    gone = create_user(is_active=False)
    create_membership(team=team, user=gone)
    assert [one.member.user for one in participants(team)] == [alice]


def test_the_page_leads_to_the_next_step(campaign: Campaign, bobs: Tune, bob: User) -> None:
    client = signed_in(bob)
    assert f'href="{bobs.get_absolute_url()}">Make your headshots' in page(client)
    image = create_image(prompt=create_prompt(tune=bobs))
    assert f"/images/{image.public_id}/final/" in page(client)
    client.post(f"/images/{image.public_id}/final/")
    assert "You have chosen" in page(client)


def test_the_button_leads_to_the_person_that_is_furthest(
    campaign: Campaign, bobs: Tune, bob: User
) -> None:
    create_tune(team=campaign.team, owner=bob, status=TuneStatus.DRAFT, photos=4)
    create_tune(team=campaign.team, owner=bob, status=TuneStatus.DRAFT)
    assert f'href="{bobs.get_absolute_url()}">Make your headshots' in page(signed_in(bob))


def test_nobody_is_told_to_start_a_training_that_has_begun(campaign: Campaign, bob: User) -> None:
    tune = create_tune(team=campaign.team, owner=bob, status=TuneStatus.QUEUED, photos=4)
    assert f'href="{tune.get_absolute_url()}">See the training' in page(signed_in(bob))
    signed_in(User.objects.get(email="alice@example.com")).post(
        "/campaign/remind/", {"member": bob.memberships.get().public_id}
    )
    assert not Mail.objects.exists()


def test_viewers_are_told_that_they_have_no_steps(campaign: Campaign, vera: User) -> None:
    assert "As a viewer you have no steps" in page(signed_in(vera))


def page(client: Client, query: str = "") -> str:
    response = client.get(f"/campaign/{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_the_choice_of_the_newest_person_counts(campaign: Campaign, bobs: Tune, bob: User) -> None:
    old = create_image(prompt=create_prompt(tune=bobs))
    Tune.objects.update(final_image=old)
    newer = create_tune(team=campaign.team, owner=bob)
    new = create_image(prompt=create_prompt(tune=newer))
    client = signed_in(bob)
    assert f"/images/{new.public_id}/final/" in page(client)
    client.post(f"/images/{new.public_id}/final/")
    (chosen,) = participants(campaign.team, user=bob)
    assert chosen.final_id == new.pk


def test_members_do_not_see_how_far_others_are(campaign: Campaign, alice: User, bob: User) -> None:
    assert "alice@example.com" not in page(signed_in(bob)) and "Alice" not in page(signed_in(bob))
    assert "Bob Brown" in page(signed_in(alice))


def test_participants_are_found_by_step_and_name(
    campaign: Campaign, alice: User, bob: User, bobs: Tune
) -> None:
    client = signed_in(alice)

    def people(query: str) -> set[User]:
        rows = client.get(f"/campaign/{query}").context["page_obj"]
        return {one.member.user for one in rows}

    assert people("") == {alice, bob}
    assert people("?step=2") == {bob}
    assert people("?step=0") == {alice}
    assert people("?q=brown") == {bob}
    assert people("?step=99") == people("?step=nonsense") == {alice, bob}


def test_the_page_costs_the_same_for_500_members(campaign: Campaign, alice: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert signed_in(alice).get("/campaign/").status_code == 200
        return len(captured)

    few = queries()
    for number in range(60):
        user = create_user(name=f"Member {number:03}")
        create_membership(team=campaign.team, user=user)
        tune = create_tune(team=campaign.team, owner=user)
        image = create_image(prompt=create_prompt(tune=tune))
        Tune.objects.filter(pk=tune.pk).update(final_image=image)
    assert queries() <= few + 1  # the chosen pictures, once there are any
