"""Who reaches a limit is refused as a whole, on pages and through the gateway."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from prompts.flows.quotas import set_quota
from prompts.flows.tunes import delete_tune
from prompts.models import Pack, Prompt, Shoot, Team, Tune, User
from tests import factories
from tests.factories import ApiClient, jpeg_bytes
from tests.quotas.asking import create_draft, files_in, submit
from tests.test_tunes import WHO

pytestmark = pytest.mark.django_db


def test_a_page_says_what_is_left_and_refuses_more_with_nothing_stored(
    team: Team, tune: Tune, bob_client: Client, media: str
) -> None:
    set_quota(team, None, images=3)
    assert (
        "3 of 3 pictures left this month"
        in bob_client.get(tune.get_absolute_url()).content.decode()
    )
    before = files_in(Path(media))
    for headers in ({}, {"HX-Request": "true"}):
        answer = submit(bob_client, tune, 4, **headers)
        assert answer.status_code == 422
        assert "You have 3 of 3 pictures left this month" in answer.content.decode()
    file = SimpleUploadedFile("in.jpg", jpeg_bytes(), "image/jpeg")
    data = {"text": "ohwx woman", "num_images": 4, "input_image": file}
    url = reverse("prompt_list", args=[tune.public_id])
    assert bob_client.post(url, data).status_code == 422
    assert not Prompt.objects.exists()
    assert files_in(Path(media)) == before
    assert submit(bob_client, tune, 3).status_code == 302


def test_without_a_limit_nothing_is_said_of_one(tune: Tune, bob_client: Client) -> None:
    assert "left this month" not in bob_client.get(tune.get_absolute_url()).content.decode()


def test_the_gateway_refuses_with_422_for_the_whole_object(
    team: Team, tune: Tune, bob_api: ApiClient
) -> None:
    set_quota(team, None, images=3)
    body = json.dumps({"prompt": {"text": "ohwx woman", "num_images": 4}})
    url = f"/api/tunes/{tune.pk}/prompts"
    answer = bob_api.post(url, body, "application/json")
    words = "You have 3 of 3 pictures left this month; this asks for 4."
    assert (answer.status_code, answer.json()) == (422, {"base": [words]})
    assert bob_api.post(url, body.replace("4", "3"), "application/json").status_code == 201


def test_a_pack_is_run_as_a_whole_or_not_at_all(
    team: Team, tune: Tune, bob_client: Client, bob_api: ApiClient
) -> None:
    pack = Pack.objects.get(slug="corporate-headshots")
    set_quota(team, None, images=9)
    values = {
        "tunes": [tune.public_id],
        "presets": [preset.slug for preset in pack.ordered_presets()],
        "num_images": 2,
    }
    page = bob_client.post(pack.get_absolute_url(), values)
    assert page.status_code == 422
    assert "this asks for 10" in page.content.decode()
    body = {"tune": {"tune_ids": [tune.pk], "prompt_attributes": {"num_images": 2}}}
    answer = bob_api.post("/api/p/corporate-headshots/tunes", json.dumps(body), "application/json")
    assert answer.status_code == 422
    assert "this asks for 10" in answer.json()["base"][0]
    assert not Prompt.objects.exists()
    assert not Shoot.objects.exists()
    set_quota(team, None, images=10)
    assert bob_client.post(pack.get_absolute_url(), values).status_code == 302


def test_a_person_with_prompts_comes_as_a_whole_or_not_at_all(
    team: Team, bob_api: ApiClient, media: str
) -> None:
    set_quota(team, None, images=7)
    photos = [factories.jpeg_bytes(color=f"#{10 + 9 * n:02x}6644") for n in range(4)]
    form = {
        "tune[title]": "Ada",
        "tune[name]": "woman",
        "tune[images][]": [SimpleUploadedFile("a.jpg", data, "image/jpeg") for data in photos],
        "tune[prompts_attributes][0][text]": "ohwx woman",
        "tune[prompts_attributes][0][num_images]": "4",
        "tune[prompts_attributes][1][text]": "ohwx woman",
        "tune[prompts_attributes][1][num_images]": "4",
    }
    answer = bob_api.post("/api/tunes", form)
    assert (answer.status_code, list(answer.json())) == (422, ["base"])
    assert "7 of 7" in answer.json()["base"][0]
    assert not Tune.objects.exists()
    assert not files_in(Path(media))


def test_people_up_to_the_limit_on_pages_and_through_the_gateway(
    team: Team, tune: Tune, bob_client: Client, bob_api: ApiClient, media: str
) -> None:
    set_quota(team, None, tunes=2)
    create_draft(bob_client)
    draft = bob_client.post(reverse("tune_new"), WHO, headers={"X-Draft": "1"})
    words = "You have 2 of 2 people."
    assert draft.status_code == 422
    assert words in draft.json()["errors"]["__all__"][0]
    photos = [SimpleUploadedFile("a.jpg", jpeg_bytes(color=f"#{n}06644")) for n in range(4)]
    page = bob_client.post(reverse("tune_new"), WHO | {"photos": photos})
    assert page.status_code == 422
    assert words in page.content.decode()
    before = len(list(Path(media).rglob("*.jpg")))
    files = [SimpleUploadedFile("a.jpg", jpeg_bytes(color=f"#{n}06644")) for n in range(4)]
    answer = bob_api.post(
        "/api/tunes", {"tune[title]": "Eve", "tune[name]": "woman", "tune[images][]": files}
    )
    assert answer.status_code == 422
    assert words in answer.json()["base"][0]
    assert Tune.objects.count() == 2
    assert len(list(Path(media).rglob("*.jpg"))) == before
    delete_tune(tune)
    create_draft(bob_client)


def test_the_demo_s_person_does_not_count(team: Team, bob: User, bob_client: Client) -> None:
    factories.create_tune(team=team, owner=bob, is_sample=True)
    set_quota(team, None, tunes=1)
    create_draft(bob_client)


def test_a_mock_is_no_person(team: Team, bob_api: ApiClient, bob_client: Client) -> None:
    set_quota(team, None, tunes=1)
    for title in ("First", "Second"):
        file = SimpleUploadedFile("a.jpg", jpeg_bytes(), "image/jpeg")
        data = {"tune[title]": title, "tune[name]": "woman", "tune[branch]": "fast"}
        answer = bob_api.post("/api/tunes", {**data, "tune[images][]": file})
        assert answer.status_code == 201, answer.content
    create_draft(bob_client)
    page = bob_client.post(reverse("tune_new"), WHO, headers={"X-Draft": "1"})
    assert page.status_code == 422
