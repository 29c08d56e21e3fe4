"""Team headshots: steps, the shared style, reminders, what was chosen."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
import time_machine
from asgiref.sync import async_to_sync
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from prompts.campaigns import Step, participants
from prompts.flows.campaigns import save_campaign
from prompts.flows.quotas import set_quota
from prompts.models import (
    Campaign,
    Image,
    Mail,
    Membership,
    Preset,
    Prompt,
    PromptStatus,
    Role,
    Team,
    Tune,
    TuneStatus,
    User,
)
from tests.factories import (
    ApiClient,
    create_api_key,
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


@pytest.fixture
def campaign(team: Team, alice: User) -> Campaign:
    preset = Preset.objects.get(slug="corporate-blue")
    return Campaign.objects.create(team=team, preset=preset, aspect_ratio="1:1", is_locked=True)


@pytest.fixture
def bobs(team: Team, bob: User) -> Tune:
    return create_tune(team=team, owner=bob)


def step_of(user: User, team: Team) -> Step:
    (found,) = participants(team, user=user)
    return found.step


async def collected(parts: Any) -> bytes:
    return b"".join([part async for part in parts])


# --- Steps -------------------------------------------------------------------------------------


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


# --- The shared style --------------------------------------------------------------------------


def generate(user: User, tune: Tune, **values: object) -> object:
    return signed_in(user).post(f"/tunes/{tune.public_id}/prompts/", values)


def test_a_locked_style_is_what_everybody_gets(campaign: Campaign, bobs: Tune, bob: User) -> None:
    shown = signed_in(bob).get(bobs.get_absolute_url()).content.decode()
    assert "shares one style" in shown and 'name="text"' not in shown
    answer = generate(bob, bobs, text="ohwx woman as a pirate", cfg_scale="3", num_images="2")
    assert answer.status_code == 302
    prompt = Prompt.objects.get()
    assert prompt.text == campaign.preset.text_for(bobs)
    assert prompt.parameters == {**campaign.preset.parameters, "aspect_ratio": "1:1"}
    assert (prompt.preset, prompt.num_images) == (campaign.preset, 2)


def test_the_form_stays_the_shared_one_when_a_limit_is_reached(
    campaign: Campaign, bobs: Tune, bob: User
) -> None:
    set_quota(campaign.team, None, images=1)
    answer = signed_in(bob).post(f"/tunes/{bobs.public_id}/prompts/", {"num_images": "2"})
    shown = answer.content.decode()
    assert answer.status_code == 422 and "pictures left" in shown
    assert "shares one style" in shown and 'name="text"' not in shown


def test_admins_stay_free(campaign: Campaign, alice: User, team: Team) -> None:
    tune = create_tune(team=team, owner=alice)
    generate(alice, tune, text="ohwx woman as a pirate", num_images="1")
    assert Prompt.objects.get().text == "ohwx woman as a pirate"


def test_an_open_style_binds_nobody(campaign: Campaign, bobs: Tune, bob: User) -> None:
    Campaign.objects.update(is_locked=False)
    generate(bob, bobs, text="ohwx woman as a pirate", num_images="1")
    assert Prompt.objects.get().text == "ohwx woman as a pirate"


def test_the_gateway_keeps_to_the_style_too(campaign: Campaign, bobs: Tune, bob: User) -> None:
    _, secret = create_api_key(user=bob, team=campaign.team)
    api, path = ApiClient(secret), f"/api/tunes/{bobs.pk}/prompts"

    def post(values: dict[str, object]) -> HttpResponse:
        return api.post(path, {"prompt": values}, "application/json")

    pirate = post({"text": "ohwx woman as a pirate"})
    assert pirate.status_code == 403 and b"one style" in pirate.content
    assert not Prompt.objects.exists()
    style = {"text": campaign.preset.text_for(bobs), **campaign.parameters(), "num_images": 1}
    assert post(style).status_code == 201
    assert post({**style, "steps": 12}).status_code == 403


def test_a_waiting_prompt_is_not_rewritten_into_another_style(
    campaign: Campaign, bobs: Tune, alice: User, bob: User
) -> None:
    generate(bob, bobs, num_images="1")
    prompt = Prompt.objects.get()

    def rewrite(user: User) -> HttpResponse:
        _, secret = create_api_key(user=user, team=campaign.team)
        body = {"prompt": {"text": "ohwx woman as a pirate"}}
        return ApiClient(secret).patch(f"/api/prompts/{prompt.pk}", body, "application/json")

    Prompt.objects.update(author=alice)  # whoever rewrites it counts, not who made it
    assert rewrite(bob).status_code == 403
    assert Prompt.objects.get().text == campaign.preset.text_for(bobs)
    assert rewrite(alice).status_code == 200
    assert Prompt.objects.get().text == "ohwx woman as a pirate"


def test_another_style_is_not_retried_under_the_lock(
    campaign: Campaign, bobs: Tune, alice: User, bob: User
) -> None:
    generate(bob, bobs, num_images="1")
    shared = Prompt.objects.get()
    other = create_prompt(tune=bobs, text="ohwx woman as a pirate")
    Prompt.objects.update(status=PromptStatus.CANCELLED)

    def retry(user: User, prompt: Prompt) -> str:
        signed_in(user).post(f"/prompts/{prompt.public_id}/retry/")
        return Prompt.objects.get(pk=prompt.pk).status

    assert retry(bob, other) == PromptStatus.CANCELLED
    assert retry(bob, shared) == PromptStatus.QUEUED
    assert retry(alice, other) == PromptStatus.QUEUED


def test_a_pack_of_other_looks_is_refused(campaign: Campaign, bobs: Tune, bob: User) -> None:
    from prompts.models import Pack

    pack = Pack.objects.filter(team=None).first()
    assert pack is not None
    values = {"tunes": bobs.public_id, "presets": "golden-park", "num_images": 1}
    values["presets"] = pack.items.first().preset.slug
    answer = signed_in(bob).post(f"/packs/{pack.public_id}/", values)
    assert answer.status_code == 403
    assert not Prompt.objects.exists()


def test_admins_set_the_style(team: Team, alice: User) -> None:
    client = signed_in(alice)
    other = create_team(name="Other").presets.create(
        slug="theirs", title="Theirs", kind="headshot", text="{token}"
    )
    assert client.post("/campaign/style/", {"preset": other.pk}).status_code == 422
    preset = Preset.objects.get(slug="bright-white")
    client.post(
        "/campaign/style/", {"preset": preset.pk, "is_locked": "on", "due_on": "2026-12-24"}
    )
    assert Campaign.objects.get(team=team).is_locked
    client.post("/campaign/style/", {"preset": preset.pk})
    assert not Campaign.objects.get(team=team).is_locked
    client.post("/campaign/end/")
    assert not Campaign.objects.exists()


def test_of_two_who_start_at_once_the_later_counts(team: Team, alice: User) -> None:
    looks = Preset.objects.filter(slug__in=["bright-white", "corporate-blue"])
    for look in looks:
        save_campaign(Campaign(team=team, preset=look, is_locked=True))
    assert Campaign.objects.get(team=team).preset == looks[1]


# --- Reminders ---------------------------------------------------------------------------------


def test_those_who_are_late_are_reminded_once_a_day(
    campaign: Campaign, alice: User, bob: User, bobs: Tune
) -> None:
    image = create_image(prompt=create_prompt(tune=create_tune(team=campaign.team, owner=alice)))
    Tune.objects.filter(owner=alice).update(final_image=image)
    client = signed_in(alice)
    with time_machine.travel("2026-03-01T09:00Z", tick=False):
        client.post("/campaign/remind/")
        client.post("/campaign/remind/")
        assert Mail.objects.get().to == bob.email
    mail = Mail.objects.get()
    assert "Make your headshots" in mail.subject and "/campaign/" in mail.text
    with time_machine.travel("2026-03-02T09:00Z", tick=False):
        client.post("/campaign/remind/", {"member": bob.memberships.get().public_id})
    assert Mail.objects.count() == 2


def test_members_of_other_teams_are_never_mailed(campaign: Campaign, alice: User) -> None:
    stranger = create_membership(team=create_team(name="Other"), user=create_user())
    signed_in(alice).post("/campaign/remind/", {"member": stranger.public_id})
    assert not Mail.objects.exists()
    assert Membership.objects.get(pk=stranger.pk).reminded_at is None


# --- What was chosen ---------------------------------------------------------------------------


def test_the_chosen_pictures_come_named_by_person(campaign: Campaign, alice: User) -> None:
    for name in ("Bea Berg", "Bea Berg", "../../etc/passwd", "=HYPERLINK(1)"):
        user = create_user(name=name)
        create_membership(team=campaign.team, user=user, role=Role.MEMBER)
        tune = create_tune(team=campaign.team, owner=user)
        Tune.objects.filter(pk=tune.pk).update(
            final_image=create_image(prompt=create_prompt(tune=tune))
        )
    archive = zipfile.ZipFile(
        io.BytesIO(
            async_to_sync(collected)(signed_in(alice).get("/campaign/finals.zip").streaming_content)
        )
    )
    names = set(archive.namelist())
    assert "Bea Berg.jpg" in names and len(names) == 4
    assert not any("/" in name or ".." in name for name in names)
    table = signed_in(alice).get("/campaign/status.csv").content.decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in table and "Picture chosen" in table and "No photos yet" in table
