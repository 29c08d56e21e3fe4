"""The shared style: whom it binds, and where it is kept."""

from __future__ import annotations

import pytest
from django.http import HttpResponse

from prompts.flows.campaigns import save_campaign
from prompts.flows.packs import preset_from
from prompts.flows.quotas import set_quota
from prompts.models import Campaign, Preset, Prompt, PromptStatus, Team, Tune, User
from tests.factories import (
    ApiClient,
    create_api_key,
    create_prompt,
    create_team,
    create_tune,
    signed_in,
)

pytestmark = pytest.mark.django_db


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


def test_a_look_made_of_a_prompt_leaves_the_number_to_everybody(
    campaign: Campaign, bobs: Tune, alice: User, bob: User
) -> None:
    tune = create_tune(team=campaign.team, owner=alice)
    Campaign.objects.update(preset=preset_from(create_prompt(tune=tune, num_images=8)))
    generate(bob, bobs, num_images="2")
    assert Prompt.objects.get(tune=bobs).num_images == 2


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
