"""Prompts through the gateway."""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings
from pytest_httpserver import HTTPServer

from prompts.flows.prompts import finish_prompt
from prompts.models import Image, Like, Prompt, PromptStatus, Team, Tune, TuneStatus, User
from tests import factories
from tests.factories import ApiClient, jpeg_bytes

pytestmark = pytest.mark.django_db

TEXT = {"prompt[text]": "a painting of ohwx woman in the style of Van Gogh"}


@pytest.fixture
def tune(team: Team, alice: User) -> Tune:
    return factories.create_tune(team=team, owner=alice)


def post_json(api: ApiClient, url: str, body: Any) -> Any:
    return api.post(url, json.dumps(body), "application/json")


def picture_file(name: str = "in.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, jpeg_bytes(size=(160, 200)), "image/jpeg")


def test_a_prompt_is_queued_and_answered_as_documented(
    alice_api: ApiClient, alice: User, tune: Tune
) -> None:
    callback = "https://optional-callback-url.com/when-ready?prompt_id=1"
    response = alice_api.post(
        f"/api/tunes/{tune.pk}/prompts",
        {**TEXT, "prompt[negative_prompt]": "old", "prompt[callback]": callback},
    )
    assert response.status_code == 201
    answer = response.json()
    prompt = Prompt.objects.get(pk=answer["id"])
    assert (prompt.author, prompt.is_api, prompt.api_key) == (alice, True, alice.api_keys.get())
    assert (answer["callback"], answer["negative_prompt"]) == (callback, "old")
    assert answer["url"] == f"http://testserver/api/tunes/{tune.pk}/prompts/{prompt.pk}.json"
    assert (answer["status"], answer["images"], answer["user_error"]) == ("queued", [], None)
    for name in ("cfg_scale", "steps", "seed", "trained_at", "started_training_at"):
        assert answer[name] is None
    assert answer["created_at"].endswith("Z")
    assert len(answer["created_at"]) == len("2022-10-06T16:12:54.505Z")


def test_a_tune_may_be_named_in_the_body(alice_api: ApiClient, tune: Tune) -> None:
    body = {"prompt": {"text": "ohwx woman", "tune_id": tune.pk, "num_images": "2"}}
    answer = post_json(alice_api, "/api/prompts.json", body).json()
    assert (answer["tune_id"], answer["num_images"]) == (tune.pk, 2)
    for tune_id, status in ((None, 422), ("x", 422), (10**12, 404)):
        body["prompt"]["tune_id"] = tune_id
        assert post_json(alice_api, "/api/prompts", body).status_code == status


@pytest.mark.parametrize("way", ["file", "data url", "base64", "address"])
def test_an_input_image_comes_in_any_way(
    way: str, alice_api: ApiClient, tune: Tune, httpserver: HTTPServer, settings: Settings
) -> None:
    data = jpeg_bytes(size=(160, 200))
    encoded = base64.b64encode(data).decode()
    settings.FETCH_ALLOWED_HOSTS = [f"localhost:{httpserver.port}"]
    httpserver.expect_request("/in.jpg").respond_with_data(data, content_type="image/jpeg")
    given = {
        "file": {"prompt[input_image]": picture_file()},
        "data url": {"prompt[input_image]": f"data:image/jpeg;base64,{encoded}"},
        "base64": {"prompt[input_image_base64]": encoded},
        "address": {"prompt[input_image_url]": httpserver.url_for("/in.jpg")},
    }[way]
    values = {**TEXT, **given, "prompt[controlnet]": "pose"}
    response = alice_api.post(f"/api/tunes/{tune.pk}/prompts", values)
    assert response.status_code == 201, response.content
    shown = Client().get(response.json()["input_image"])
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")


def test_untrained_tunes_wait_and_failed_ones_refuse(
    alice_api: ApiClient, team: Team, alice: User
) -> None:
    for status, expected in (
        (TuneStatus.TRAINING, 201),
        (TuneStatus.QUEUED, 201),
        (TuneStatus.FAILED, 422),
        (TuneStatus.DRAFT, 422),
    ):
        tune = factories.create_tune(team=team, owner=alice, status=status)
        response = alice_api.post(f"/api/tunes/{tune.pk}/prompts", TEXT)
        assert response.status_code == expected


def test_video_is_refused_and_unknown_fields_are_ignored(alice_api: ApiClient, tune: Tune) -> None:
    url = f"/api/tunes/{tune.pk}/prompts"
    refused = alice_api.post(url, {**TEXT, "prompt[video_model]": "x"})
    assert (refused.status_code, list(refused.json())) == (422, ["video_model"])
    assert alice_api.post(url, {**TEXT, "prompt[nonsense]": "x", "other": "y"}).status_code == 201


def test_what_the_engine_ignores_is_listed(alice_api: ApiClient, team: Team, alice: User) -> None:
    tune = factories.create_tune(team=team, owner=alice, engine="studio")
    values = {**TEXT, "prompt[scheduler]": "euler", "prompt[w]": "512", "prompt[h]": "640"}
    ignored = alice_api.post(f"/api/tunes/{tune.pk}/prompts", values).json()["ignored"]
    assert list(ignored) == ["scheduler"]
    assert ignored["scheduler"]


def finished(tune: Tune, **fields: Any) -> Prompt:
    """A prompt with two pictures."""
    values = {"status": PromptStatus.COMPLETED, "num_images": 2, "finished_at": timezone.now()}
    prompt = factories.create_prompt(tune=tune, **(values | fields))
    for index in range(2):
        factories.create_image(prompt=prompt, index=index)
    return prompt


def test_done_means_images_and_they_need_no_key(alice_api: ApiClient, tune: Tune) -> None:
    prompt = finished(tune)
    answer = alice_api.get(f"/api/tunes/{tune.pk}/prompts/{prompt.pk}.json").json()
    assert (answer["status"], len(answer["images"])) == ("completed", 2)
    assert answer["trained_at"]
    assert answer["seed"] == prompt.base_seed
    for url in answer["images"]:
        picture = Client().get(url)
        assert (picture.status_code, picture["Content-Type"]) == (200, "image/jpeg")
        assert picture["X-Content-Type-Options"] == "nosniff"
        assert picture["Cache-Control"] == "private, no-store"


def test_images_as_objects_when_asked(alice_api: ApiClient, alice: User, tune: Tune) -> None:
    prompt = finished(tune)
    first = prompt.images.get(index=0)
    Like.objects.create(user=alice, prompt=prompt, image=first)
    images = alice_api.get(f"/api/prompts/{prompt.pk}?expand[]=images").json()["images"]
    assert [image["liked"] for image in images] == [True, False]
    assert images[0]["id"] == first.pk
    assert (images[0]["w"], images[0]["h"], images[0]["content_type"]) == (64, 80, "image/jpeg")


def test_addresses_of_pictures_end_and_die_with_the_picture(
    alice_api: ApiClient, tune: Tune, settings: Settings
) -> None:
    prompt = finished(tune)
    urls = alice_api.get(f"/api/prompts/{prompt.pk}").json()["images"]
    visitor = Client()
    assert [visitor.get(url).status_code for url in urls] == [200, 200]
    prompt.images.filter(index=0).update(trashed_at=timezone.now())
    assert [visitor.get(url).status_code for url in urls] == [404, 200]
    alice_api.delete(f"/api/prompts/{prompt.pk}")
    assert [visitor.get(url).status_code for url in urls] == [404, 404]
    changed = urls[1].replace("image-", "photo-")
    assert visitor.get(changed).status_code == 404
    settings.API_FILE_URL_HOURS = -2
    other = finished(tune)
    url = alice_api.get(f"/api/prompts/{other.pk}").json()["images"][0]
    assert visitor.get(url).status_code == 404


def test_pictures_are_told_of_when_all_are_there(alice_api: ApiClient, tune: Tune) -> None:
    prompt = finished(tune, status=PromptStatus.PROCESSING, num_images=4)
    for path in (f"/api/prompts/{prompt.pk}", f"/api/prompts/{prompt.pk}?expand[]=images"):
        assert alice_api.get(path).json()["images"] == []
    Prompt.objects.update(status=PromptStatus.COMPLETED)
    assert len(alice_api.get(f"/api/prompts/{prompt.pk}").json()["images"]) == 2


def test_a_cancelled_prompt_gives_its_pictures_or_says_so(alice_api: ApiClient, tune: Tune) -> None:
    def ends(prompt: Prompt) -> tuple[int, str | None]:
        answer = alice_api.get(f"/api/prompts/{prompt.pk}").json()
        assert answer["status"] == "cancelled"
        return len(answer["images"]), answer["user_error"]

    none = factories.create_prompt(tune=tune, status=PromptStatus.CANCELLED)
    assert ends(none) == (0, "It was cancelled.")
    assert ends(finished(tune, status=PromptStatus.CANCELLED)) == (2, None)


def test_the_end_of_a_prompt_is_a_change(alice_api: ApiClient, tune: Tune) -> None:
    prompt = factories.create_prompt(tune=tune)
    earlier = timezone.now() - dt.timedelta(hours=1)
    Prompt.objects.update(created_at=earlier, updated_at=earlier)
    held = Prompt.objects.select_related("team", "tune__team").get(pk=prompt.pk).take_lease("w")
    assert finish_prompt(held)
    answer = alice_api.get(f"/api/prompts/{prompt.pk}").json()
    assert answer["updated_at"] == answer["trained_at"]
    Prompt.objects.update(updated_at=timezone.now() + dt.timedelta(minutes=1))
    later = alice_api.get(f"/api/prompts/{prompt.pk}").json()
    assert later["updated_at"] > later["trained_at"]


def test_failed_means_user_error(alice_api: ApiClient, tune: Tune) -> None:
    prompt = factories.create_prompt(tune=tune, status=PromptStatus.FAILED, error="No face.")
    answer = alice_api.get(f"/api/prompts/{prompt.pk}").json()
    assert (answer["status"], answer["user_error"], answer["images"]) == ("failed", "No face.", [])


def test_one_prompt_takes_few_queries(alice_api: ApiClient, tune: Tune) -> None:
    prompt = finished(tune)
    alice_api.get("/api/users")  # notes that the key was used
    with CaptureQueriesContext(connection) as queries:
        alice_api.get(f"/api/prompts/{prompt.pk}")
    assert len(queries) <= 6


def test_a_list_takes_as_many_queries_for_one_as_for_many(
    alice_api: ApiClient, tune: Tune, django_assert_num_queries: Any
) -> None:
    finished(tune)
    alice_api.get("/api/users")
    with CaptureQueriesContext(connection) as one:
        alice_api.get("/api/prompts")
    for _ in range(4):
        finished(tune)
    with django_assert_num_queries(len(one)):
        alice_api.get("/api/prompts")


def test_filters(alice_api: ApiClient, alice: User, bob: User, team: Team, tune: Tune) -> None:
    other = factories.create_tune(team=team, owner=bob, title="Other")
    first = factories.create_prompt(tune=tune, text="sea", is_api=True)
    second = factories.create_prompt(tune=other, text="Sky", author=bob, orig_prompt=first)
    yesterday = timezone.now() - dt.timedelta(days=1, hours=1)
    Prompt.objects.filter(pk=first.pk).update(created_at=yesterday)
    Like.objects.create(user=alice, prompt=first)

    def found(query: str) -> list[int]:
        return [prompt["id"] for prompt in alice_api.get(f"/api/prompts?{query}").json()]

    assert found("") == [second.pk, first.pk]
    for query, expected in (
        ("text=SEA", first), (f"tune_id={other.pk}", second), (f"user_id={bob.pk}", second),
        (f"orig_prompt_id={first.pk}", second), ("liked=true", first), ("liked=0", second),
        ("today=1", second), ("is_api=true", first), ("is_api=false", second),
    ):  # fmt: skip
        assert found(query) == [expected.pk], query
    image = factories.create_image(prompt=second)
    Like.objects.create(user=alice, prompt=second, image=image)
    assert found("liked=true") == [second.pk, first.pk]
    Image.objects.update(trashed_at=timezone.now())
    assert (found("liked=true"), found("liked=false")) == ([first.pk], [second.pk])
    assert found("is_video=true") == []
    assert found("tune_id=abc") == []
    assert alice_api.get("/api/prompts?liked=perhaps").status_code == 400
    assert alice_api.get("/api/prompts?offset=10001").status_code == 400
    assert alice_api.get("/api/prompts?offset=10000").status_code == 200


def test_likes_have_both_spellings_and_no_content(
    alice_api: ApiClient, alice: User, tune: Tune
) -> None:
    prompt = finished(tune)
    for word in ("likes", "like"):
        response = alice_api.post(f"/api/prompts/{prompt.pk}/{word}")
        assert (response.status_code, response.content) == (201, b"")
        answer = alice_api.get(f"/api/prompts/{prompt.pk}").json()
        assert (answer["liked"], answer["prompt_likes_count"]) == (True, 1)
        response = alice_api.delete(f"/api/prompts/{prompt.pk}/{word}")
        assert (response.status_code, response.content) == (200, b"")
        assert not alice_api.get(f"/api/prompts/{prompt.pk}").json()["liked"]


def test_duplicates_take_everything_over_but_what_is_given(
    alice_api: ApiClient, tune: Tune
) -> None:
    values = {**TEXT, "prompt[input_image]": picture_file(), "prompt[steps]": "20"}
    first = alice_api.post(f"/api/tunes/{tune.pk}/prompts", values).json()
    url = f"/api/prompts/{first['id']}/duplicate"
    second = alice_api.post(url, {"prompt[seed]": "42"}).json()
    assert (second["seed"], second["steps"], second["text"]) == (42, 20, first["text"])
    assert second["orig_prompt_id"] == first["id"]
    assert Client().get(second["input_image"]).status_code == 200
    assert alice_api.post(url).json()["id"] not in (first["id"], second["id"])
    assert alice_api.post(url, {"prompt[num_images]": "9"}).status_code == 422


def test_the_text_changes_only_while_the_prompt_waits(alice_api: ApiClient, tune: Tune) -> None:
    prompt = factories.create_prompt(tune=tune, text="sea")
    url = f"/api/prompts/{prompt.pk}"

    def change(text: str) -> Any:
        return alice_api.patch(url, json.dumps({"prompt": {"text": text}}), "application/json")

    assert change("sky").json()["text"] == "sky"
    assert change("").json()["text"] == "sky"
    assert change("x" * 4001).status_code == 422
    Prompt.objects.update(status=PromptStatus.COMPLETED)
    assert change("sand").json() == {"text": ["can't be changed once the prompt runs"]}
    assert change("sky").status_code == 200


def test_equal_attributes_are_the_same_prompt_where_the_team_wants_so(
    alice_api: ApiClient, tune: Tune
) -> None:
    url = f"/api/tunes/{tune.pk}/prompts"

    def make(**values: Any) -> int:
        named = {f"prompt[{name}]": value for name, value in values.items()}
        number: int = alice_api.post(url, {**TEXT, **named}).json()["id"]
        return number

    assert make() != make()
    Team.objects.update(api_idempotency=True)
    first = make(callback="https://example.com/1", seed=5)
    assert make(callback="https://example.com/1", seed=5) == first
    assert make(callback="https://example.com/2", seed=5) != first
    assert make(callback="https://example.com/1", seed=6) != first
    alice_api.post(f"/api/prompts/{first}/likes")
    same = {**TEXT, "prompt[callback]": "https://example.com/1", "prompt[seed]": 5}
    assert alice_api.post(url, same).json()["prompt_likes_count"] == 1
    # As the live service compares: the input image does not count.
    again = make(callback="https://example.com/1", seed=5, input_image=picture_file())
    assert again == first


def test_an_equal_prompt_is_found_though_its_picture_is_gone(
    alice_api: ApiClient, tune: Tune, httpserver: HTTPServer, settings: Settings
) -> None:
    settings.FETCH_ALLOWED_HOSTS = [f"localhost:{httpserver.port}"]
    data = jpeg_bytes(size=(160, 200))
    httpserver.expect_oneshot_request("/in.jpg").respond_with_data(data, content_type="image/jpeg")
    values = {**TEXT, "prompt[input_image_url]": httpserver.url_for("/in.jpg")}
    Team.objects.update(api_idempotency=True)
    answers = [alice_api.post(f"/api/tunes/{tune.pk}/prompts", values) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    other = {**values, "prompt[seed]": "5"}
    refused = alice_api.post(f"/api/tunes/{tune.pk}/prompts", other)
    assert (refused.status_code, list(refused.json())) == (422, ["input_image_url"])


def test_a_prompt_below_another_tune_is_not_there(
    alice_api: ApiClient, alice: User, team: Team, tune: Tune
) -> None:
    other = factories.create_tune(team=team, owner=alice)
    prompt = factories.create_prompt(tune=tune)
    assert alice_api.get(f"/api/tunes/{other.pk}/prompts/{prompt.pk}").status_code == 404
    assert alice_api.delete(f"/api/tunes/{other.pk}/prompts/{prompt.pk}").status_code == 404
    assert Prompt.objects.filter(pk=prompt.pk).exists()


def test_a_workspace_shows_its_own_and_all_shows_every_one(
    alice_api: ApiClient, alice: User, tune: Tune
) -> None:
    second = factories.create_team(name="Second")
    factories.create_membership(team=second, user=alice)
    there = factories.create_tune(team=second, owner=alice)
    here, away = factories.create_prompt(tune=tune), factories.create_prompt(tune=there)

    def listed(workspace: object) -> set[int]:
        headers = {"X-Workspace-Id": str(workspace)} if workspace else {}
        return {p["id"] for p in alice_api.get("/api/prompts", headers=headers).json()}

    assert listed(None) == {here.pk}
    assert listed(second.pk) == {away.pk}
    assert listed("all") == {here.pk, away.pk}
