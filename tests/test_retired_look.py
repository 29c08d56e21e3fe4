"""What becomes of team headshots whose look is no longer among the presets."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from prompts import presets
from prompts.models import Campaign, Preset, Prompt, Role, Team, Tune, User
from prompts.presets import sync_built_in
from tests.factories import (
    ApiClient,
    create_api_key,
    create_membership,
    create_prompt,
    create_tune,
    create_user,
    signed_in,
)

pytestmark = pytest.mark.django_db
GONE = "is no longer there"


@pytest.fixture
def campaign(team: Team, alice: User) -> Campaign:
    look = Preset.objects.get(slug="corporate-blue")
    return Campaign.objects.create(team=team, preset=look, is_locked=True)


@pytest.fixture
def retire(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Brings in a version of the portal that has the campaign's preset no more."""

    def bring_in() -> None:
        left = tuple(one for one in presets.BUILT_IN if one.slug != "corporate-blue")
        monkeypatch.setattr(presets, "BUILT_IN", left)
        sync_built_in()

    return bring_in


@pytest.fixture
def bobs(team: Team, bob: User) -> Tune:
    return create_tune(team=team, owner=bob)


def test_the_campaign_stays_and_admins_choose_another_look(
    campaign: Campaign, retire: Callable[[], None], alice: User
) -> None:
    retire()
    client = signed_in(alice)
    page = client.get("/campaign/").content.decode()
    assert GONE in page and 'href="/campaign/style/">Choose a look' in page
    assert client.get("/").status_code == 200
    form = client.get("/campaign/style/").content.decode()
    assert '<option value="" selected>Choose a look</option>' in form
    assert client.post("/campaign/style/", {"preset": "", "is_locked": "on"}).status_code == 422
    other = Preset.objects.get(slug="bright-white")
    client.post("/campaign/style/", {"preset": other.pk, "is_locked": "on"})
    assert Campaign.objects.get() == campaign and Campaign.objects.get().preset == other
    assert GONE not in client.get("/campaign/").content.decode()


def test_members_are_told_and_make_nothing_in_another_style(
    campaign: Campaign, retire: Callable[[], None], bob: User, bobs: Tune
) -> None:
    retire()
    client = signed_in(bob)
    address = f"/tunes/{bobs.public_id}/prompts/"
    for path in ("/campaign/", bobs.get_absolute_url()):
        page = client.get(path).content.decode()
        assert GONE in page and ">Choose a look<" not in page
        assert f'action="{address}"' not in page
    refused = client.post(address, {"text": "ohwx woman as a pirate", "num_images": "1"})
    assert refused.status_code == 403 and GONE in refused.content.decode()
    _, secret = create_api_key(user=bob, team=campaign.team)
    body = {"prompt": {"text": "ohwx woman as a pirate", "num_images": 1}}
    answer = ApiClient(secret).post(f"/api/tunes/{bobs.pk}/prompts", body, "application/json")
    assert answer.status_code == 403 and GONE in answer.content.decode()
    assert not Prompt.objects.exists()


def test_what_failed_is_not_retried_by_members(
    campaign: Campaign, retire: Callable[[], None], bob: User, bobs: Tune
) -> None:
    prompt = create_prompt(tune=bobs, status="failed")
    retire()
    answer = signed_in(bob).post(f"/prompts/{prompt.public_id}/retry/")
    assert answer.status_code == 403 and GONE in answer.content.decode()
    assert Prompt.objects.get().status == "failed"


def test_admins_stay_free(campaign: Campaign, retire: Callable[[], None], team: Team) -> None:
    retire()
    admin = create_user()
    create_membership(team=team, user=admin, role=Role.ADMIN)
    tune = create_tune(team=team, owner=admin)
    values = {"text": "ohwx woman as a pirate", "num_images": "1"}
    signed_in(admin).post(f"/tunes/{tune.public_id}/prompts/", values)
    assert Prompt.objects.get().text == "ohwx woman as a pirate"


def test_an_open_style_without_its_look_binds_nobody(
    campaign: Campaign, retire: Callable[[], None], bob: User, bobs: Tune
) -> None:
    Campaign.objects.update(is_locked=False)
    retire()
    values = {"text": "ohwx woman as a pirate", "num_images": "1"}
    assert signed_in(bob).post(f"/tunes/{bobs.public_id}/prompts/", values).status_code == 302
    assert GONE in signed_in(bob).get("/campaign/").content.decode()


def test_the_backdrop_of_a_team_may_go_as_well(team: Team, alice: User) -> None:
    ours = team.presets.create(slug="ours", title="Ours", kind="headshot", text="{token} {class}")
    Campaign.objects.create(team=team, preset=ours)
    ours.delete()
    assert GONE in signed_in(alice).get("/campaign/").content.decode()
    assert signed_in(alice).get("/settings/").status_code == 200
