"""What the gateway keeps from colleagues, and from one's other teams."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from prompts.api.files import file_path
from prompts.flows.team_deletion import delete_team
from prompts.models import Membership, Pack, Prompt, Role, Shoot, Team, Tune, User
from tests import factories
from tests.factories import ApiClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def tune(team: Team, alice: User) -> Tune:
    return factories.create_tune(team=team, owner=alice, photos=1)


@pytest.fixture
def second_team(bob: User) -> Team:
    """Bob's own."""
    team = factories.create_team(name="Second")
    factories.create_membership(team=team, user=bob, role=Role.OWNER)
    return team


@pytest.fixture
def bob_everywhere(bob: User, team: Team, second_team: Team) -> ApiClient:
    plain = factories.create_api_key(user=bob, team=second_team)[1]
    return ApiClient(plain, **{"X-Workspace-Id": "all"})


def post(client: Client, url: str, body: Any) -> Any:
    return client.post(url, json.dumps(body), "application/json")


@pytest.mark.parametrize("address", ["/api/tunes", "/api/tunes/{}"])
def test_original_photos_are_for_those_who_may_change_the_person(
    address: str, alice_api: ApiClient, bob_api: ApiClient, vera_api: ApiClient, tune: Tune
) -> None:
    def originals(client: ApiClient) -> list[str]:
        answer = client.get(address.format(tune.pk)).json()
        found: list[str] = (answer[0] if isinstance(answer, list) else answer)["orig_images"]
        return found

    assert len(originals(alice_api)) == 1
    assert originals(bob_api) == originals(vera_api) == []


def test_a_duplicate_is_not_told_to_whoever_asked_for_the_original(
    alice_api: ApiClient, bob_api: ApiClient, team: Team, tune: Tune, bob: User
) -> None:
    original = factories.create_prompt(
        tune=tune, parameters={"callback": "https://alice.example.com/", "steps": 20}
    )
    own = factories.create_tune(
        team=team, owner=bob, title="Bea", visibility=Tune.Visibility.PRIVATE
    )
    url = f"/api/prompts/{original.pk}/duplicate"
    answer = post(bob_api, url, {"prompt": {"tune_id": own.pk}})
    assert answer.status_code == 201, answer.content
    assert Prompt.objects.get(tune=own).parameters == {"steps": 20}
    assert post(alice_api, url, {}).json()["callback"] == "https://alice.example.com/"


def test_a_pack_takes_no_templates_of_another_team(
    bob_everywhere: ApiClient, team: Team, second_team: Team, bob: User
) -> None:
    here = factories.create_tune(team=team, owner=bob)
    prompt = factories.create_prompt(tune=here, text="ohwx woman, of the first team")
    pack = Pack.objects.create(team=second_team, slug="second", title="Second")
    answer = post(
        bob_everywhere, "/api/packs", {"pack": {"title": "New", "prompt_ids": [prompt.pk]}}
    )
    assert answer.json() == {"prompt_ids": ["must be of one workspace"]}
    answer = bob_everywhere.patch(
        f"/api/prompts/{prompt.pk}",
        json.dumps({"prompt": {"pack_id": pack.pk}}),
        "application/json",
    )
    assert answer.json() == {"pack_id": ["must be of the prompt's workspace"]}
    assert not Pack.objects.filter(title="New").exists()
    assert not pack.items.exists()


def test_a_pack_is_run_on_people_of_its_own_team(
    bob_everywhere: ApiClient, team: Team, second_team: Team, bob: User
) -> None:
    pack = Pack.objects.create(team=second_team, slug="second", title="Second")
    preset = second_team.presets.create(slug="own", kind="portrait", title="Own", text="{token}")
    pack.items.create(preset=preset)
    stranger = factories.create_tune(team=team, owner=bob)
    own = factories.create_tune(team=second_team, owner=bob)
    url = "/api/p/second/tunes"
    assert post(bob_everywhere, url, {"tune": {"tune_ids": [stranger.pk]}}).status_code == 422
    assert not Shoot.objects.exists()
    assert post(bob_everywhere, url, {"tune": {"tune_ids": [own.pk]}}).status_code == 201


@pytest.mark.parametrize("kind", ["image", "photo", "input", "mask"])
def test_addresses_of_files_end_with_the_team(kind: str, alice: User, tune: Tune) -> None:
    photo = tune.photos.get()
    prompt = factories.create_prompt(tune=tune, input_image=photo.file, mask_image=photo.file)
    named = {"image": factories.create_image(prompt=prompt), "photo": photo}
    path = urlsplit(file_path(kind, named.get(kind, prompt).public_id, "jpg")).path
    assert Client().get(path).status_code == 200
    delete_team(Membership.objects.select_related("team", "user").get(user=alice))
    # Before the job that deletes the files has begun.
    assert Client().get(path).status_code == 404


def test_addresses_that_are_called_back_are_kept_from_colleagues(
    alice_api: ApiClient, vera_api: ApiClient, vera_client: Client, team: Team, alice: User
) -> None:
    secret = "https://alice.example.com/?key=zq-secret"
    tune = factories.create_tune(team=team, owner=alice, callback=secret)
    prompt = factories.create_prompt(tune=tune, parameters={"callback": secret})
    for address in (f"/api/tunes/{tune.pk}", f"/api/prompts/{prompt.pk}", "/api/prompts"):
        assert "zq-secret" in alice_api.get(address).content.decode()
        answer = vera_api.get(address)
        assert answer.status_code == 200
        assert "zq-secret" not in answer.content.decode()
    page = vera_client.get(prompt.get_absolute_url())
    assert page.status_code == 200
    assert "zq-secret" not in page.content.decode()
