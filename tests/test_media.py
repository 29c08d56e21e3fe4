"""Pictures as files: what browsers may keep, and what they may make of them."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from prompts.models import Image, User
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def image(alice: User) -> Image:
    tune = factories.create_tune(team=alice.teams.get(), owner=alice, photos=1)
    return factories.create_image(prompt=factories.create_prompt(tune=tune))


def test_thumbnails_are_kept_for_ever_by_this_browser_alone(
    alice_client: Client, image: Image
) -> None:
    thumb = alice_client.get(reverse("image_thumb", args=[image.public_id, 320]))
    assert thumb["Cache-Control"] == "private, max-age=31536000, immutable"


def test_originals_and_pages_are_kept_by_nobody(alice_client: Client, image: Image) -> None:
    photo = image.tune.photos.get()
    for url in (
        reverse("image_original", args=[image.public_id]),
        reverse("photo_file", args=[photo.public_id]),
        reverse("tune_zip", args=[image.tune.public_id]),
        image.get_absolute_url(),
        image.tune.get_absolute_url(),
    ):
        assert "no-store" in alice_client.get(url)["Cache-Control"]


def test_files_are_sealed_against_being_run(alice_client: Client, image: Image) -> None:
    for url in (
        reverse("image_original", args=[image.public_id]),
        reverse("image_thumb", args=[image.public_id, 640]),
    ):
        response = alice_client.get(url)
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response["Content-Security-Policy"]
        assert response["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("size", [1, 321, 5000])
def test_other_sizes_do_not_exist(alice_client: Client, image: Image, size: int) -> None:
    url = reverse("image_thumb", args=[image.public_id, size])
    assert alice_client.get(url).status_code == 404


def test_download_is_named_after_the_person(alice_client: Client, image: Image) -> None:
    url = reverse("image_original", args=[image.public_id])
    disposition = alice_client.get(url, {"download": ""})["Content-Disposition"]
    assert disposition.startswith('attachment; filename="Ada-')
    assert "Content-Disposition" not in alice_client.get(url)


def test_file_that_is_gone_is_not_found(alice_client: Client, image: Image) -> None:
    Image.objects.filter(pk=image.pk).update(file="teams/x/gone.jpg")
    url = reverse("image_original", args=[image.public_id])
    assert alice_client.get(url).status_code == 404
