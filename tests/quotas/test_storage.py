"""Storage: what counts is the files, and a full team makes room by deleting."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from prompts.flows.images import delete_images, trash_images
from prompts.flows.photos import add_photo
from prompts.flows.prompts import delete_prompt
from prompts.flows.quotas import set_quota
from prompts.flows.shares import shared_file
from prompts.flows.tunes import delete_tune
from prompts.flows.usage import measure_stored
from prompts.imaging import clean_photo
from prompts.models import Image, Photo, Share, Team, Tune, TuneStatus, User
from prompts.quotas import QuotaExceeded, storage_used
from tests import factories
from tests.factories import jpeg_bytes
from tests.quotas.asking import ask, create_draft, files_in, work

pytestmark = pytest.mark.django_db


def bytes_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in files_in(folder))


@pytest.mark.django_db(transaction=True)
def test_storage_is_the_files_of_photos_and_pictures_whatever_happens(
    team: Team, bob: User, charlie: User, media: str
) -> None:
    tune = factories.create_tune(team=team, owner=bob, status=TuneStatus.DRAFT)
    folder = Path(media)
    for n in range(4):
        add_photo(tune, f"{n}.jpg", clean_photo(jpeg_bytes(color=f"#{n}06644"), name="a.jpg"))
    assert storage_used(team) == bytes_of(folder) > 0
    Tune.objects.filter(pk=tune.pk).update(status=TuneStatus.TRAINED)
    tune.refresh_from_db()
    first, second = ask(tune, 2), ask(tune, 1)
    work()
    made = folder / first.prefix, folder / second.prefix
    photos = bytes_of(folder / tune.prefix / "photos")
    assert storage_used(team) == photos + sum(map(bytes_of, made))
    shared_copy(first.images.get(index=0))
    assert storage_used(team) == photos + sum(map(bytes_of, made))
    gone = first.images.filter(index=0)
    trash_images(gone, bob)
    assert storage_used(team) == photos + sum(map(bytes_of, made)), "the trash takes room too"
    delete_images(gone)
    delete_prompt(second)
    assert storage_used(team) == photos + sum(map(bytes_of, made))
    delete_tune(tune)
    assert storage_used(team) == 0
    assert storage_used(charlie.teams.get()) == 0


def shared_copy(image: Image) -> None:
    """Makes the copy for sharing, twice."""
    for _ in range(2):
        shared_file(Share(downloads=Share.Downloads.WEB), image)


def test_files_from_before_are_measured(team: Team, bob: User, tune: Tune, media: str) -> None:
    factories.create_image(prompt=factories.create_prompt(tune=tune))
    assert storage_used(team) == 0
    assert measure_stored() == 5
    assert storage_used(team) == bytes_of(Path(media))
    assert measure_stored() == 0


def test_a_photo_fits_to_the_last_byte(
    team: Team, bob: User, bob_client: Client, media: str
) -> None:
    tune = create_draft(bob_client)
    photo = clean_photo(jpeg_bytes(color="#906644"), name="a.jpg")
    add_photo(tune, "a.jpg", photo)
    size = storage_used(team)
    Photo.objects.all().delete()
    url = reverse("photo_upload", args=[tune.public_id])

    def upload() -> Any:
        file = SimpleUploadedFile("a.jpg", jpeg_bytes(color="#906644"), "image/jpeg")
        return bob_client.post(url, {"photo": file})

    set_quota(team, None, storage=size - 1)
    refused = upload()
    assert refused.status_code == 422
    assert "of storage" in refused.content.decode()
    assert not files_in(Path(media))
    set_quota(team, None, storage=size)
    assert upload().status_code == 201


def test_a_full_team_makes_no_more_pictures_until_something_is_deleted(
    team: Team, bob: User, tune: Tune
) -> None:
    prompt = ask(tune, 1)
    work()
    set_quota(team, None, storage=storage_used(team))
    with pytest.raises(QuotaExceeded, match="of storage"):
        ask(tune, 1)
    delete_prompt(prompt)
    ask(tune, 1)
