"""New person: consent, photos, drafts and training's start."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image as PILImage

from prompts.models import Photo, Tune, TuneStatus, User
from prompts.sample import sample_photos
from tests import factories
from tests.factories import jpeg_bytes

pytestmark = pytest.mark.django_db

WHO = {
    "title": "Ada",
    "name": "woman",
    "token": "",
    "visibility": "team",
    "consent_relation": "self",
    "consent": "on",
}


def upload(data: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, "image/jpeg")


def plain_photos(count: int) -> list[SimpleUploadedFile]:
    return [upload(jpeg_bytes(color=f"#{i * 10:02x}4466"), "photo.jpg") for i in range(count)]


def stored_files(media: str) -> list[Path]:
    return [path for path in Path(media).rglob("*") if path.is_file()]


def create_draft(client: Client) -> Tune:
    response = client.post(reverse("tune_new"), WHO, headers={"X-Draft": "1"})
    assert response.status_code == 201
    return Tune.objects.get()


def test_plain_form_makes_a_tune_and_queues_training(alice_client: Client) -> None:
    response = alice_client.post(reverse("tune_new"), {**WHO, "photos": plain_photos(4)})
    tune = Tune.objects.get()
    assert response["Location"] == tune.get_absolute_url()
    assert (tune.status, tune.token, tune.photos.count()) == (TuneStatus.QUEUED, "ohwx", 4)
    assert tune.consent.subject == "Ada"
    assert tune.consent.confirmed_by_email == "alice@example.com"


def test_two_files_of_the_same_name_are_both_kept(alice_client: Client) -> None:
    alice_client.post(reverse("tune_new"), {**WHO, "photos": plain_photos(5)})
    assert list(Photo.objects.values_list("original_name", flat=True)) == ["photo.jpg"] * 5


@pytest.mark.parametrize(("count", "words"), [(3, "too few"), (21, "too many"), (0, "too few")])
def test_wrong_number_of_photos_keeps_nothing(
    alice_client: Client, media: str, count: int, words: str
) -> None:
    response = alice_client.post(reverse("tune_new"), {**WHO, "photos": plain_photos(count)})
    assert response.status_code == 422
    assert words in response.context["form"].errors["photos"][0]
    assert not Tune.objects.exists()
    assert stored_files(media) == []


def test_missing_consent_stores_no_byte(alice_client: Client, media: str) -> None:
    data = {**WHO, "photos": plain_photos(4)}
    del data["consent"]
    response = alice_client.post(reverse("tune_new"), data)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["consent"]
    assert b'value="Ada"' in response.content
    assert not Tune.objects.exists() and stored_files(media) == []


def test_draft_without_consent_is_refused_in_json(alice_client: Client) -> None:
    data = {key: value for key, value in WHO.items() if key != "consent"}
    response = alice_client.post(reverse("tune_new"), data, headers={"X-Draft": "1"})
    assert response.status_code == 422
    assert "consent" in response.json()["errors"]


def bad_file(kind: str) -> SimpleUploadedFile:
    good = jpeg_bytes(size=(400, 500))
    buffer = io.BytesIO()
    match kind:
        case "text":
            return upload(b"hello, I am not a picture")
        case "truncated":
            noisy = PILImage.effect_noise((400, 500), 80).convert("RGB")
            noisy.save(buffer, "JPEG")
            return upload(buffer.getvalue()[: len(buffer.getvalue()) // 2])
        case "svg":
            return upload(
                b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', "a.svg"
            )
        case "bomb":
            PILImage.new("1", (20_000, 10_000)).save(buffer, "PNG")
            return upload(buffer.getvalue(), "bomb.png")
    return upload(good)


@pytest.mark.parametrize("kind", ["text", "truncated", "svg", "bomb"])
def test_bad_file_among_good_ones_is_named_and_nothing_is_kept(
    alice_client: Client, media: str, kind: str
) -> None:
    files = [*plain_photos(4), bad_file(kind)]
    response = alice_client.post(reverse("tune_new"), {**WHO, "photos": files})
    assert response.status_code == 422
    assert files[-1].name in response.context["form"].errors["photos"][0]
    assert not Tune.objects.exists() and stored_files(media) == []


@pytest.mark.parametrize("kind", ["text", "truncated", "svg", "bomb"])
def test_bad_file_alone_gets_a_message_in_its_frame(
    alice_client: Client, media: str, kind: str
) -> None:
    tune = create_draft(alice_client)
    url = reverse("photo_upload", args=[tune.public_id])
    response = alice_client.post(url, {"photo": bad_file(kind)})
    assert response.status_code == 422
    assert response.context["message"]
    assert not Photo.objects.exists() and stored_files(media) == []


def test_200_megapixels_are_named_as_the_reason(alice_client: Client) -> None:
    tune = create_draft(alice_client)
    url = reverse("photo_upload", args=[tune.public_id])
    response = alice_client.post(url, {"photo": bad_file("bomb")})
    assert "200" in response.context["message"] and "50" in response.context["message"]


def test_same_content_twice_is_noticed(alice_client: Client) -> None:
    tune = create_draft(alice_client)
    url = reverse("photo_upload", args=[tune.public_id])
    data = jpeg_bytes()
    assert alice_client.post(url, {"photo": upload(data, "a.jpg")}).status_code == 201
    assert alice_client.post(url, {"photo": upload(data, "b.jpg")}).status_code == 409
    assert tune.photos.count() == 1


def test_twenty_first_photo_is_refused(alice_client: Client) -> None:
    tune = create_draft(alice_client)
    for number in range(20):
        factories.create_photo(tune=tune, number=number)
    url = reverse("photo_upload", args=[tune.public_id])
    response = alice_client.post(url, {"photo": upload(jpeg_bytes())})
    assert response.status_code == 422
    assert "20 photos" in response.context["message"]
    assert tune.photos.count() == 20


def test_training_does_not_start_with_three_usable_photos(alice_client: Client) -> None:
    tune = create_draft(alice_client)
    for number in range(3):
        factories.create_photo(tune=tune, number=number)
    flagged = factories.create_photo(
        tune=tune, problems=[{"code": "blurred", "message": "This photo is blurred."}]
    )
    train = reverse("tune_train", args=[tune.public_id])
    response = alice_client.post(train)
    assert response.status_code == 422
    assert "at least 4" in response.context["train_error"]
    alice_client.post(reverse("photo_keep", args=[flagged.public_id]))
    assert alice_client.post(train).status_code == 302
    tune.refresh_from_db()
    assert tune.status == TuneStatus.QUEUED


def test_photos_are_fixed_once_training_is_queued(alice_client: Client, alice: User) -> None:
    tune = factories.create_tune(
        team=alice.teams.get(), owner=alice, status=TuneStatus.QUEUED, photos=1
    )
    photo = tune.photos.get()
    add = alice_client.post(
        reverse("photo_upload", args=[tune.public_id]), {"photo": upload(jpeg_bytes())}
    )
    remove = alice_client.post(reverse("photo_delete", args=[photo.public_id]))
    assert (add.status_code, remove.status_code) == (422, 422)
    assert tune.photos.count() == 1


def test_removed_photo_leaves_no_file(
    alice_client: Client, media: str, django_capture_on_commit_callbacks: Any
) -> None:
    tune = create_draft(alice_client)
    photo = factories.create_photo(tune=tune)
    with django_capture_on_commit_callbacks(execute=True):
        alice_client.post(reverse("photo_delete", args=[photo.public_id]))
    assert stored_files(media) == []


def test_deleted_tune_leaves_no_row_and_no_file(
    alice_client: Client, alice: User, media: str, django_capture_on_commit_callbacks: Any
) -> None:
    tune = factories.create_tune(team=alice.teams.get(), owner=alice, photos=4)
    factories.create_image(prompt=factories.create_prompt(tune=tune))
    with django_capture_on_commit_callbacks(execute=True):
        alice_client.post(reverse("tune_delete", args=[tune.public_id]))
    assert not Tune.objects.exists() and not Photo.objects.exists()
    assert stored_files(media) == []


def test_failed_tune_can_be_retried_and_its_photos_changed(
    alice_client: Client, alice: User
) -> None:
    tune = factories.create_tune(team=alice.teams.get(), owner=alice, status=TuneStatus.FAILED)
    alice_client.post(reverse("tune_retry", args=[tune.public_id]))
    tune.refresh_from_db()
    assert tune.status == TuneStatus.QUEUED
    Tune.objects.filter(pk=tune.pk).update(status=TuneStatus.FAILED)
    alice_client.post(reverse("tune_reopen", args=[tune.public_id]))
    tune.refresh_from_db()
    assert tune.status == TuneStatus.DRAFT


def test_real_inspection_says_what_is_wrong_in_words(alice_client: Client, alice: User) -> None:
    alice.teams.update(engine="studio")
    tune = create_draft(alice_client)
    url = reverse("photo_upload", args=[tune.public_id])
    name, face = sample_photos()[0]
    alice_client.post(url, {"photo": upload(face, name)})
    landscape = PILImage.linear_gradient("L").resize((900, 700)).convert("RGB")
    buffer = io.BytesIO()
    landscape.save(buffer, "JPEG")
    alice_client.post(url, {"photo": upload(buffer.getvalue(), "hill.jpg")})
    good, empty = tune.photos.order_by("id")
    assert good.problems == []
    assert [problem["code"] for problem in empty.problems] == ["no_face"]
    assert "face" in empty.problems[0]["message"]


def test_photo_sent_by_a_plain_form_leads_back_to_the_page(alice_client: Client) -> None:
    tune = create_draft(alice_client)
    url = reverse("photo_upload", args=[tune.public_id])
    plain = {"Sec-Fetch-Mode": "navigate"}
    edit = reverse("tune_edit", args=[tune.public_id])
    good = alice_client.post(url, {"photo": upload(jpeg_bytes())}, headers=plain)
    assert good["Location"] == edit and tune.photos.count() == 1
    bad = alice_client.post(url, {"photo": bad_file("text")}, headers=plain)
    assert bad["Location"] == edit
    assert "not a picture" in alice_client.get(edit).content.decode()
