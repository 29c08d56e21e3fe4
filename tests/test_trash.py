"""The trash: who sees what of it, back out, and gone for good with its files."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.storage import default_storage
from django.test import Client, TestCase
from django.utils import timezone

from prompts.flows.images import trash_images
from prompts.jobs.worker import Worker
from prompts.models import Image, Tune, User
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def thrown(alice: User, team: object) -> Image:
    """A picture of Alice's that she has thrown away."""
    tune = factories.create_tune(team=alice.teams.get(), owner=alice)
    image = factories.create_image(prompt=factories.create_prompt(tune=tune))
    trash_images([image], alice)
    image.refresh_from_db()
    return image


def test_the_trash_tells_who_threw_it_away_and_how_long_it_stays(
    alice_client: Client, thrown: Image
) -> None:
    text = alice_client.get("/trash/").content.decode()
    assert thrown.public_id in text and "30 days left" in text and "Alice Ames" in text
    assert alice_client.get(f"/trash/{thrown.public_id}/thumb.webp").status_code == 200


def test_what_lies_in_the_trash_is_nowhere_else(alice_client: Client, thrown: Image) -> None:
    here = f"/images/{thrown.public_id}/"
    for address in (here, f"{here}original/", f"{here}320.webp", f"{here}1280.webp"):
        assert alice_client.get(address).status_code == 404
    pages = [thrown.tune.get_absolute_url(), thrown.prompt.get_absolute_url()]
    for address in ("/", "/gallery/", "/tunes/", *pages):
        assert thrown.public_id not in alice_client.get(address).content.decode()


def test_a_picture_comes_back(alice_client: Client, thrown: Image) -> None:
    alice_client.post("/trash/restore/", {"images": thrown.public_id})
    assert thrown.public_id in alice_client.get("/gallery/").content.decode()
    assert thrown.public_id not in alice_client.get("/trash/").content.decode()


@pytest.mark.parametrize("address", ["/trash/delete/", "/trash/empty/"])
def test_deleted_for_good_takes_the_files_along(
    address: str, alice_client: Client, thrown: Image
) -> None:
    with TestCase.captureOnCommitCallbacks(execute=True):
        alice_client.post(address, {"images": thrown.public_id})
    assert not Image.objects.exists()
    assert not any(default_storage.exists(name) for name in thrown.files)


def test_what_is_not_in_the_trash_is_never_deleted(alice_client: Client, thrown: Image) -> None:
    kept = factories.create_image(prompt=thrown.prompt, index=1)
    alice_client.post("/trash/delete/", {"images": kept.public_id})
    alice_client.post("/trash/empty/")
    assert list(Image.objects.all()) == [kept]


def test_the_worker_empties_what_has_lain_there_for_thirty_days(thrown: Image) -> None:
    Image.objects.update(trashed_at=timezone.now() - dt.timedelta(days=29, hours=23))
    Worker()._sweep_if_due()
    assert Image.objects.exists()
    Image.objects.update(trashed_at=timezone.now() - dt.timedelta(days=30, minutes=1))
    with TestCase.captureOnCommitCallbacks(execute=True):
        Worker()._sweep_if_due()
    assert not Image.objects.exists()
    assert not default_storage.exists(thrown.file)


def test_members_decide_about_their_own_and_admins_about_all(
    alice: User, alice_client: Client, bob: User, bob_client: Client, thrown: Image
) -> None:
    own_tune = factories.create_tune(team=thrown.team, owner=bob)
    own = factories.create_image(prompt=factories.create_prompt(tune=own_tune))
    trash_images([own], bob)
    page = bob_client.get("/trash/").content.decode()
    assert own.public_id in page and thrown.public_id not in page
    assert bob_client.get(f"/trash/{thrown.public_id}/thumb.webp").status_code == 404
    bob_client.post("/trash/restore/", {"images": thrown.public_id})
    bob_client.post("/trash/empty/")
    assert list(Image.objects.all()) == [thrown]
    thrown.refresh_from_db()
    assert thrown.trashed_at is not None
    Tune.objects.update(owner=bob)
    assert thrown.public_id in alice_client.get("/trash/").content.decode()
