"""What may be changed of a prompt through the gateway, and until when."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from prompts.models import Pack, Prompt, PromptStatus, Quota, Team, Tune, User
from tests import factories
from tests.factories import ApiClient, jpeg_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def tune(team: Team, alice: User) -> Tune:
    return factories.create_tune(team=team, owner=alice)


@pytest.fixture
def prompt(tune: Tune) -> Prompt:
    return factories.create_prompt(tune=tune, text="sea", parameters={"steps": 20}, asked=4)


def change(api: ApiClient, prompt: Prompt, **values: Any) -> Any:
    body = json.dumps({"prompt": values})
    return api.patch(f"/api/prompts/{prompt.pk}", body, "application/json")


def test_every_value_can_be_changed_while_the_prompt_waits(
    alice_api: ApiClient, prompt: Prompt
) -> None:
    url = "https://example.com/done?id=1"
    answer = change(
        alice_api, prompt, callback=url, num_images=2, seed=9, film_grain=True, nonsense=1
    ).json()
    assert (answer["callback"], answer["num_images"], answer["seed"]) == (url, 2, 9)
    assert (answer["film_grain"], answer["steps"], answer["text"]) == (True, 20, "sea")
    assert answer["updated_at"] > answer["created_at"]
    prompt.refresh_from_db()
    assert (prompt.num_images, prompt.asked, prompt.base_seed) == (2, 2, 9)
    assert change(alice_api, prompt, film_grain=False).json()["film_grain"] is False


def test_what_is_not_valid_is_said_and_changes_nothing(
    alice_api: ApiClient, prompt: Prompt
) -> None:
    refused = change(alice_api, prompt, text="sky", num_images=9)
    assert refused.status_code == 422
    assert refused.json() == {"num_images": ["must be less than or equal to 8"]}
    assert list(change(alice_api, prompt, video_prompt="x").json()) == ["video_prompt"]
    prompt.refresh_from_db()
    assert prompt.text == "sea"


@pytest.mark.parametrize(
    "begun", [{"status": PromptStatus.PROCESSING}, {"status": "completed"}, {"attempts": 1}]
)
def test_once_it_runs_nothing_changes(
    begun: dict[str, Any], alice_api: ApiClient, prompt: Prompt
) -> None:
    Prompt.objects.update(**begun)
    refused = change(alice_api, prompt, text="sky", steps=20, seed=9)
    too_late = ["can't be changed once the prompt runs"]
    assert (refused.status_code, refused.json()) == (422, {"text": too_late, "seed": too_late})
    assert change(alice_api, prompt, text="sea", steps=20).status_code == 200


def test_what_has_pictures_already_keeps_its_values(alice_api: ApiClient, prompt: Prompt) -> None:
    factories.create_image(prompt=prompt)
    assert change(alice_api, prompt, text="sky").status_code == 422


def test_more_pictures_than_are_left_are_refused(
    alice_api: ApiClient, prompt: Prompt, team: Team
) -> None:
    Quota.objects.create(team=team, images=5)
    assert change(alice_api, prompt, num_images=6).status_code == 422
    assert change(alice_api, prompt, num_images=5).status_code == 200


def test_another_input_image_takes_the_place_of_the_first(
    alice_api: ApiClient, prompt: Prompt, django_capture_on_commit_callbacks: Any
) -> None:
    def put(color: str) -> str:
        file = SimpleUploadedFile("in.jpg", jpeg_bytes(color=color), "image/jpeg")
        body = encode_multipart(BOUNDARY, {"prompt[input_image]": file})
        with django_capture_on_commit_callbacks(execute=True):
            answer = alice_api.patch(f"/api/prompts/{prompt.pk}", body, MULTIPART_CONTENT)
        assert Client().get(answer.json()["input_image"]).status_code == 200
        return str(Prompt.objects.get(pk=prompt.pk).input_image)

    first = put("#885533")
    assert change(alice_api, prompt, text="sky").status_code == 200
    second = put("#338855")
    assert first != second
    assert not default_storage.exists(first)
    assert default_storage.exists(second)


def test_a_prompt_joins_packs_when_it_is_made_and_later(
    alice_api: ApiClient, team: Team, tune: Tune
) -> None:
    own = Pack.objects.create(team=team, title="Own", slug="own")
    built_in = Pack.objects.get(slug="portraits")
    values = {"prompt[text]": "ohwx woman", "prompt[pack_id]": own.pk}
    values["prompt[base_pack_id]"] = built_in.pk
    answer = alice_api.post(f"/api/tunes/{tune.pk}/prompts", values).json()
    assert (answer["pack_id"], answer["base_pack_id"]) == (own.pk, built_in.pk)
    assert len(alice_api.get("/api/p/own").json()["template_prompts"]) == 1
    later = factories.create_prompt(tune=tune, status=PromptStatus.COMPLETED)
    assert change(alice_api, later, base_pack_id=built_in.pk).json()["base_pack_id"] == built_in.pk
    listed = alice_api.get(f"/api/prompts?base_pack_id={built_in.pk}").json()
    assert [row["id"] for row in listed] == [later.pk, answer["id"]]


def test_a_pack_of_another_team_is_not_there(
    alice_api: ApiClient, charlie: User, prompt: Prompt
) -> None:
    strange = Pack.objects.create(team=charlie.teams.get(), title="X", slug="x")
    for name in ("pack_id", "base_pack_id"):
        assert change(alice_api, prompt, **{name: strange.pk}).status_code == 404
    prompt.refresh_from_db()
    assert (prompt.template_of, prompt.base_pack) == (None, None)
