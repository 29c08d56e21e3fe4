"""Uploads that are too large cost no disk."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from prompts.models import Photo, TuneStatus, User
from tests import factories
from tests.factories import jpeg_bytes

LIMIT = 200_000


@pytest.fixture(autouse=True)
def small_limit(settings: Settings) -> None:
    settings.PHOTO_MAX_BYTES = LIMIT


@pytest.mark.parametrize("memory_limit", [2 * 2**20, 1000])
def test_only_what_proves_the_excess_is_kept(settings: Settings, memory_limit: int) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = memory_limit
    big = SimpleUploadedFile("big.jpg", b"x" * (5 * LIMIT), "image/jpeg")
    small = SimpleUploadedFile("small.jpg", b"y" * LIMIT, "image/jpeg")
    request = RequestFactory().post("/", {"big": big, "small": small, "word": "kept"})
    assert request.FILES["big"].size == LIMIT + 1
    assert request.FILES["small"].read() == b"y" * LIMIT
    assert request.POST["word"] == "kept"


@pytest.mark.django_db
def test_too_large_photo_gets_its_message(alice_client: Client, alice: User) -> None:
    tune = factories.create_tune(team=alice.teams.get(), owner=alice, status=TuneStatus.DRAFT)
    data = jpeg_bytes() + b"\0" * (2 * LIMIT)
    file = SimpleUploadedFile("big.jpg", data, "image/jpeg")
    response = alice_client.post(reverse("photo_upload", args=[tune.public_id]), {"photo": file})
    assert response.status_code == 422
    assert "larger than" in response.context["message"]
    assert not Photo.objects.exists()
