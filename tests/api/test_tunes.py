"""Tunes through the gateway: the whole person in one call."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings
from pytest_httpserver import HTTPServer

from prompts.models import Photo, Prompt, Team, Tune, TuneStatus, User
from tests import factories
from tests.factories import ApiClient, create_api_key, jpeg_bytes

pytestmark = pytest.mark.django_db

TUNE = {"tune[title]": "Ada", "tune[name]": "woman"}


def photos(count: int, first: int = 0) -> list[SimpleUploadedFile]:
    """Files that differ."""
    return [
        SimpleUploadedFile("IMG_0001.jpg", jpeg_bytes(color=f"#{10 + 9 * n:02x}6644"), "image/jpeg")
        for n in range(first, first + count)
    ]


def data_urls(count: int) -> list[str]:
    return [
        "data:image/jpeg;base64,"
        + base64.b64encode(jpeg_bytes(color=f"#{10 + 9 * n:02x}6644")).decode()
        for n in range(count)
    ]


def post_json(api: ApiClient, url: str, body: Any) -> Any:
    return api.post(url, json.dumps(body), "application/json")


def test_files_make_a_person_who_is_trained_at_once(alice_api: ApiClient, alice: User) -> None:
    response = alice_api.post("/api/tunes", {**TUNE, "tune[images][]": photos(4)})
    assert response.status_code == 201
    answer = response.json()
    tune = Tune.objects.get(pk=answer["id"])
    assert (tune.status, tune.owner, tune.title, tune.name) == ("queued", alice, "Ada", "woman")
    assert tune.token == answer["token"] == "ohwx"
    assert len(answer["orig_images"]) == tune.photos.count() == 4
    assert answer["trained_at"] is None
    assert answer["url"] == f"http://testserver/api/tunes/{tune.pk}.json"
    assert set(answer) >= {
        "id", "title", "name", "token", "base_tune_id", "args", "steps", "face_crop",
        "training_face_correct", "ckpt_url", "ckpt_urls", "eta", "started_training_at",
        "trained_at", "expires_at", "created_at", "updated_at", "branch", "model_type", "callback",
        "characteristics", "url", "orig_images",
    }  # fmt: skip


def test_consent_of_the_key_is_copied_to_the_person(alice_api: ApiClient, alice: User) -> None:
    alice_api.post("/api/tunes", {**TUNE, "tune[images][]": photos(4)})
    consent = Tune.objects.get().consent
    key = alice.api_keys.get()
    assert consent.text == key.consent_text != ""
    assert consent.confirmed_at == key.consent_at
    assert consent.confirmed_by == alice


def test_without_consent_nothing_is_stored(alice: User, media: str) -> None:
    key, plain = create_api_key(user=alice)
    type(key).objects.filter(pk=key.pk).update(consent_at=None)
    response = ApiClient(plain).post("/api/tunes", {**TUNE, "tune[images][]": photos(4)})
    assert response.status_code == 403
    assert not Tune.objects.exists()
    assert default_storage.listdir("")[0] == []


@pytest.mark.parametrize("inside", [True, False])
def test_both_shapes_with_data_urls(alice_api: ApiClient, inside: bool) -> None:
    tune: dict[str, Any] = {
        "title": "Ada",
        "name": "woman",
        "callback": "https://example.com/x?id=1",
    }
    body: dict[str, Any] = {"tune": tune}
    (tune if inside else body)["images"] = data_urls(4)
    (tune if inside else body).update({"steps": 500, "face_crop": True})
    response = post_json(alice_api, "/api/tunes.json", body)
    assert response.status_code == 201, response.content
    answer = response.json()
    assert (answer["steps"], answer["face_crop"]) == (500, True)
    assert answer["callback"] == "https://example.com/x?id=1"
    assert Photo.objects.count() == 4


def test_addresses_are_fetched(
    alice_api: ApiClient, httpserver: HTTPServer, settings: Settings
) -> None:
    settings.FETCH_ALLOWED_HOSTS = [f"localhost:{httpserver.port}"]
    for n in range(4):
        data = jpeg_bytes(color=f"#{20 + 9 * n:02x}6644")
        httpserver.expect_request(f"/{n}.jpg").respond_with_data(data, content_type="image/jpeg")
    urls = [httpserver.url_for(f"/{n}.jpg") for n in range(4)]
    response = alice_api.post("/api/tunes", {**TUNE, "tune[image_urls][]": urls})
    assert response.status_code == 201, response.content
    assert sorted(Photo.objects.values_list("original_name", flat=True)) == [
        f"{n}.jpg" for n in range(4)
    ]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ([], "Images must contain at least one image"),
        (photos(3), "are too few (minimum is 4)"),
        (photos(21), "are too many (maximum is 20)"),
    ],
)
def test_the_number_of_photos_counts(
    alice_api: ApiClient, files: list[SimpleUploadedFile], message: str
) -> None:
    response = alice_api.post("/api/tunes", {**TUNE, "tune[images][]": files})
    assert (response.status_code, response.json()) == (422, {"images": [message]})
    assert not Tune.objects.exists()


@pytest.mark.parametrize("address", ["http://[::1", "nonsense", "http://[x]/a.jpg"])
def test_what_is_no_address_is_refused(alice_api: ApiClient, address: str) -> None:
    urls = {"tune[model_type]": "faceid", "tune[image_urls][]": address}
    refused = alice_api.post("/api/tunes", {**TUNE, **urls})
    assert (refused.status_code, list(refused.json())) == (422, ["image_urls"])
    inspected = alice_api.post("/api/images/inspect", {"file_url": address})
    assert (inspected.status_code, list(inspected.json())) == (422, ["file_url"])


def test_one_photo_is_enough_for_a_face_id(alice_api: ApiClient) -> None:
    data = {**TUNE, "tune[model_type]": "faceid", "tune[images][]": photos(1)}
    response = alice_api.post("/api/tunes", data)
    assert response.status_code == 201
    assert response.json()["model_type"] == "faceid"


def test_a_bad_photo_is_named_and_nothing_is_kept(alice_api: ApiClient, media: str) -> None:
    bad = SimpleUploadedFile("notes.jpg", b"not a picture", "image/jpeg")
    response = alice_api.post("/api/tunes", {**TUNE, "tune[images][]": [*photos(3), bad]})
    assert response.status_code == 422
    assert response.json()["images"][0].startswith("notes.jpg: ")
    assert not Tune.objects.exists()
    assert default_storage.listdir("")[0] == []


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({"tune[title]": ""}, {"title": ["can't be blank"]}),
        ({"tune[name]": ""}, {"name": ["can't be blank"]}),
        ({"tune[branch]": "flux9"}, {"branch": ["is not included in the list"]}),
        ({"tune[model_type]": "x"}, {"model_type": ["is not included in the list"]}),
        ({"tune[steps]": "many"}, {"steps": ["must be an integer"]}),
        ({"tune[face_crop]": "perhaps"}, {"face_crop": ["is not a boolean"]}),
        ({"tune[callback]": "ftp://example.com/"}, {"callback": ["is not a valid URL"]}),
        ({"tune[characteristics]": "[1"}, {"characteristics": ["must be an object"]}),
        ({"tune[characteristics]": "[" * 100_000}, {"characteristics": ["must be an object"]}),
        *(
            ({"tune[characteristics]": text}, {"characteristics": ["must hold plain values"]})
            for text in (r'{"a": "\u0000"}', r'{"\u0000": "a"}', r'{"a": "\ud800"}', '{"a": {}}')
        ),
    ],
)
def test_what_is_wrong_is_said_by_field(
    alice_api: ApiClient, values: dict[str, str], errors: dict[str, list[str]]
) -> None:
    response = alice_api.post("/api/tunes", {**TUNE, **values, "tune[images][]": photos(4)})
    assert (response.status_code, response.json()) == (422, errors)


def test_characteristics_come_as_object_or_json(alice_api: ApiClient) -> None:
    for given in (
        {"tune[characteristics][eye_color]": "green"},
        {"tune[characteristics]": '{"eye_color": "green"}'},
    ):
        response = alice_api.post("/api/tunes", {**TUNE, **given, "tune[images][]": photos(4)})
        assert response.json()["characteristics"] == {"eye_color": "green"}


def test_characteristics_are_texts_as_json_writes_them(alice_api: ApiClient) -> None:
    traits = {"glasses": True, "age": 40, "beard": None, "hair_color": "red"}
    tune = {"title": "A", "name": "man", "images": data_urls(4), "characteristics": traits}
    answer = post_json(alice_api, "/api/tunes", {"tune": tune}).json()
    assert answer["characteristics"] == {"glasses": "true", "age": "40", "hair_color": "red"}


def test_prompts_come_with_the_tune_and_wait_for_it(alice_api: ApiClient) -> None:
    response = alice_api.post(
        "/api/tunes",
        {
            **TUNE,
            "tune[images][]": photos(4),
            "tune[prompts_attributes][][text]": ["ohwx woman, portrait", "ohwx woman, action"],
        },
    )
    assert response.status_code == 201, response.content
    assert Prompt.objects.count() == 2
    assert not Prompt.objects.runnable().exists()
    Tune.objects.update(status=TuneStatus.TRAINED)
    assert Prompt.objects.runnable().count() == 2


def test_a_bad_prompt_keeps_the_tune_from_being_made(alice_api: ApiClient) -> None:
    attributes = [{"text": "ohwx woman"}, {"text": "ohwx woman", "num_images": 9}]
    body = {"tune": {"title": "A", "name": "man", "images": data_urls(4)}}
    body["tune"]["prompts_attributes"] = attributes
    response = post_json(alice_api, "/api/tunes", body)
    assert response.status_code == 422
    assert response.json() == {"prompts.num_images": ["must be less than or equal to 8"]}
    assert not Tune.objects.exists()


def test_a_class_may_bear_a_number(alice_api: ApiClient) -> None:
    name = "model name 1700000000000"
    answer = alice_api.post("/api/tunes", {**TUNE, "tune[name]": name, "tune[images][]": photos(4)})
    assert (answer.status_code, answer.json()["name"]) == (201, name)


def test_a_callback_may_go_to_a_bare_name_that_is_opened(
    alice_api: ApiClient, settings: Settings
) -> None:
    def status(url: str) -> int:
        data = {**TUNE, "tune[callback]": url, "tune[images][]": photos(4)}
        return alice_api.post("/api/tunes", data).status_code

    assert status("http://my_backend:3000/done") == 422
    settings.FETCH_ALLOWED_HOSTS = ["my_backend:3000"]
    assert status("http://my_backend:3000/done?id=1") == 201
    assert status("http://my_backend:3001/done") == 422
    assert status("ftp://my_backend:3000/done") == 422


def test_older_checkpoints_have_their_own_trigger_word(alice_api: ApiClient) -> None:
    data = {**TUNE, "tune[branch]": "sd15", "tune[images][]": photos(4)}
    assert alice_api.post("/api/tunes", data).json()["token"] == "sks"


def test_an_equal_title_is_the_same_tune_where_the_team_wants_so(
    alice_api: ApiClient, alice: User, team: Team
) -> None:
    def make() -> Any:
        return alice_api.post("/api/tunes", {**TUNE, "tune[images][]": photos(4)}).json()["id"]

    draft = factories.create_tune(team=team, title="Ada", status=TuneStatus.DRAFT, owner=alice)
    assert make() != make()
    Team.objects.update(api_idempotency=True)
    assert make() == make() != draft.pk
    assert Tune.objects.count() == 3


def test_lists_page_by_cursor_and_offset(alice_api: ApiClient, alice: User, team: Team) -> None:
    ids = [factories.create_tune(team=team, owner=alice, title=f"T{n}").pk for n in range(5)]

    def listed(query: str) -> list[int]:
        return [tune["id"] for tune in alice_api.get(f"/api/tunes?{query}").json()]

    assert listed("") == ids[::-1]
    assert listed("limit=2") == ids[:2:-1]
    assert listed(f"limit=2&before_id={ids[3]}") == [ids[2], ids[1]]
    assert listed("limit=2&offset=3") == [ids[1], ids[0]]
    assert listed("title=T3") == [ids[3]]
    for query in ("offset=201", "limit=0", "limit=x", "offset=-1", "before_id=x"):
        assert alice_api.get(f"/api/tunes?{query}").status_code == 400
        assert alice_api.get(f"/api/gallery/tunes?{query}").status_code == 400
    assert alice_api.get("/api/gallery/tunes").json() == []


def test_a_list_takes_as_many_queries_for_one_as_for_many(
    alice_api: ApiClient, alice: User, team: Team, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    factories.create_tune(team=team, owner=alice, photos=2)
    alice_api.get("/api/users")  # notes that the key was used
    with CaptureQueriesContext(
        connection,
    ) as one:
        alice_api.get("/api/tunes")
    for _ in range(4):
        factories.create_tune(team=team, owner=alice, photos=2)
    with django_assert_num_queries(len(one)):
        alice_api.get("/api/tunes")


def test_change_and_delete(alice_api: ApiClient, alice: User, team: Team) -> None:
    tune = factories.create_tune(team=team, owner=alice, characteristics={"a": "1"})
    body = {"tune": {"title": "Grace", "auto_extend": True, "characteristics": {"b": 2}, "x": 1}}
    answer = alice_api.patch(f"/api/tunes/{tune.pk}", json.dumps(body), "application/json").json()
    assert (answer["title"], answer["auto_extend"]) == ("Grace", True)
    assert answer["characteristics"] == {"a": "1", "b": "2"}
    body = {"tune": {"characteristics": '{"b": 3, "c": "4"}'}}
    answer = alice_api.patch(f"/api/tunes/{tune.pk}", json.dumps(body), "application/json").json()
    assert answer["characteristics"] == {"a": "1", "b": "3", "c": "4"}
    assert answer["name"] == tune.name
    assert alice_api.delete(f"/api/tunes/{tune.pk}.json").status_code == 200
    assert alice_api.get(f"/api/tunes/{tune.pk}").status_code == 404


def test_a_change_does_not_undo_what_a_worker_did_meanwhile(
    alice: User, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prompts.flows.tunes import change_tune

    tune = factories.create_tune(team=team, owner=alice, status=TuneStatus.TRAINING)
    Tune.objects.filter(pk=tune.pk).update(status=TuneStatus.TRAINED)
    tune.title = "New"
    change_tune(tune, ["title"])
    tune.refresh_from_db()
    assert (tune.title, tune.status) == ("New", "trained")


def test_the_mock_branch_needs_no_face_and_answers_at_once(alice_api: ApiClient) -> None:
    from prompts.jobs.worker import Worker

    data = {**TUNE, "tune[branch]": "fast", "tune[images][]": photos(1)}
    tune_id = alice_api.post("/api/tunes", data).json()["id"]
    body = {"prompt[text]": "ohwx woman", "prompt[num_images]": 2}
    prompt_id = alice_api.post(f"/api/tunes/{tune_id}/prompts", body).json()["id"]
    worker = Worker()
    while worker.run_next():
        pass
    assert alice_api.get(f"/api/tunes/{tune_id}").json()["trained_at"]
    prompt = alice_api.get(f"/api/prompts/{prompt_id}").json()
    assert prompt["status"] == "completed"
    assert len(prompt["images"]) == 2


def test_an_equal_title_tells_nothing_of_what_one_may_not_see(
    bob_api: ApiClient, alice: User, team: Team
) -> None:
    Team.objects.update(api_idempotency=True)
    private = factories.create_tune(
        team=team, owner=alice, title="Ada", visibility=Tune.Visibility.PRIVATE
    )
    answer = bob_api.post("/api/tunes", {**TUNE, "tune[images][]": photos(4)})
    assert answer.status_code == 201
    assert answer.json()["id"] != private.pk
