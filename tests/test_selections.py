"""Final pick, trash and downloads of chosen images."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import AsyncIterator
from typing import cast

import pytest
from asgiref.sync import async_to_sync
from django.core.files.storage import default_storage
from django.db import connection
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from prompts.flows.images import (
    choose_final,
    delete_images,
    empty_trash,
    restore_images,
    trash_images,
)
from prompts.models import Change, Image, Tune, User
from tests import factories

HTMX = {"HX-Request": "true"}


@pytest.fixture
def tune(alice: User) -> Tune:
    return factories.create_tune(team=alice.teams.get(), owner=alice)


@pytest.fixture
def images(tune: Tune) -> list[Image]:
    prompt = factories.create_prompt(tune=tune)
    return [factories.create_image(prompt=prompt, index=index) for index in range(3)]


def received(response: HttpResponseBase) -> list[bytes]:
    """What a streamed answer consists of."""

    async def collect() -> list[bytes]:
        chunks = cast(StreamingHttpResponse, response).streaming_content
        return [chunk async for chunk in cast(AsyncIterator[bytes], chunks)]

    return async_to_sync(collect)()


def addresses(image: Image) -> list[str]:
    return [
        image.get_absolute_url(),
        reverse("image_original", args=[image.public_id]),
        *(reverse("image_thumb", args=[image.public_id, size]) for size in (320, 640, 1280)),
    ]


def test_final_pick_is_chosen_changed_and_taken_back(tune: Tune, images: list[Image]) -> None:
    assert choose_final(tune, images[0])
    assert not choose_final(tune, images[0])
    assert choose_final(tune, images[1])
    assert Tune.objects.get().final_image == images[1]
    assert choose_final(tune, None)
    assert not choose_final(tune, None)
    assert Tune.objects.get().final_image is None


def test_final_pick_is_a_present_picture_of_that_person(
    alice: User, tune: Tune, images: list[Image]
) -> None:
    other = factories.create_tune(team=tune.team, owner=alice, title="Bo")
    assert not choose_final(other, images[0])
    trash_images(images[:1], alice)
    assert not choose_final(tune, images[0])
    assert not Tune.objects.exclude(final_image=None).exists()


def test_final_pick_is_the_portrait(alice_client: Client, tune: Tune, images: list[Image]) -> None:
    chosen, newest = images[0], images[2]
    for address in (reverse("tune_list"), reverse("home")):
        page = alice_client.get(address)
        assert page.context["tunes"][0].portrait_image == newest
    choose_final(tune, chosen)
    for address in (reverse("tune_list"), reverse("home")):
        page = alice_client.get(address)
        assert page.context["tunes"][0].portrait_image == chosen
    thumb = reverse("image_thumb", args=[chosen.public_id, 320])
    assert thumb in alice_client.get(tune.get_absolute_url()).content.decode().split("<h1>")[0]
    trash_images([chosen], tune.owner)
    assert alice_client.get(reverse("tune_list")).context["tunes"][0].portrait_image == newest
    restore_images([chosen])
    assert alice_client.get(reverse("tune_list")).context["tunes"][0].portrait_image == chosen


def test_trash_kills_every_address_at_once_and_undo_revives_it(
    alice_client: Client, images: list[Image]
) -> None:
    ids = [image.public_id for image in images[:2]]
    for image in images:
        assert [alice_client.get(url).status_code for url in addresses(image)] == [200] * 5
    answer = alice_client.post(reverse("images_trash"), {"images": ids}, headers=HTMX)
    assert answer.status_code == 204
    for image in images[:2]:
        assert [alice_client.get(url).status_code for url in addresses(image)] == [404] * 5
    for page in ("gallery", "home"):
        content = alice_client.get(reverse(page)).content.decode()
        assert images[2].public_id in content and images[0].public_id not in content
    for _ in range(2):
        answer = alice_client.post(reverse("images_restore"), {"images": ids}, headers=HTMX)
        assert answer.status_code == 204
    for image in images:
        assert [alice_client.get(url).status_code for url in addresses(image)] == [200] * 5


def test_trashing_again_keeps_when_and_by_whom(alice: User, bob: User, images: list[Image]) -> None:
    assert trash_images(images[:1], bob) == 1
    before = Image.objects.get(pk=images[0].pk)
    assert trash_images(images[:2], alice) == 1
    after = Image.objects.get(pk=images[0].pk)
    assert (after.trashed_at, after.trashed_by) == (before.trashed_at, bob)
    assert restore_images(images) == 2
    assert restore_images(images) == 0


def test_nobody_puts_away_what_they_only_may_see(
    bob_client: Client, bob: User, images: list[Image]
) -> None:
    own = factories.create_tune(team=images[0].team, owner=bob)
    mine = factories.create_image(prompt=factories.create_prompt(tune=own))
    ids = [mine.public_id, images[0].public_id]
    for name in ("images_trash", "images_restore"):
        assert bob_client.post(reverse(name), {"images": ids}).status_code == 403
    assert Image.objects.present().count() == 4
    assert bob_client.post(reverse("images_trash"), {"images": ids[:1]}).status_code == 302
    assert Image.objects.present().count() == 3


def test_more_than_a_thousand_are_refused(alice_client: Client, images: list[Image]) -> None:
    ids = [images[0].public_id, *(f"x{number}" for number in range(1000))]
    assert alice_client.post(reverse("images_zip"), {"images": ids}).status_code == 404


def test_trash_is_emptied_after_its_time(
    alice: User, images: list[Image], django_capture_on_commit_callbacks: object
) -> None:
    old, young, present = images
    trash_images([old, young], alice)
    Image.objects.filter(pk=old.pk).update(
        trashed_at=Image.objects.get(pk=old.pk).trashed_at - dt.timedelta(days=31)
    )
    with django_capture_on_commit_callbacks(execute=True):
        assert empty_trash() == 1
    assert set(Image.objects.all()) == {young, present}
    assert not any(default_storage.exists(name) for name in old.files)
    assert all(default_storage.exists(name) for name in young.files + present.files)


def test_what_was_restored_meanwhile_is_not_deleted(alice: User, images: list[Image]) -> None:
    trash_images(images, alice)
    restore_images(images[:1])
    assert delete_images(images) == 2
    assert list(Image.objects.all()) == images[:1]


def test_every_page_that_shows_them_hears_of_it(alice: User, tune: Tune) -> None:
    images = [factories.create_image(prompt=factories.create_prompt(tune=tune)) for _ in range(12)]
    Change.objects.all().delete()
    trash_images(images, alice)
    changes = list(Change.objects.all())
    assert max(len(change.topics) for change in changes) <= 255
    topics = " ".join(change.topics for change in changes).split()
    assert {f"prompt-{image.prompt.public_id}" for image in images} <= set(topics)
    assert f"team-{tune.team.public_id}" in topics


def test_zip_holds_the_chosen_ones(alice_client: Client, images: list[Image]) -> None:
    ids = [images[2].public_id, images[0].public_id]
    answer = alice_client.post(reverse("images_zip"), {"images": ids})
    assert answer["Content-Disposition"] == 'attachment; filename="Ada.zip"'
    archive = zipfile.ZipFile(io.BytesIO(b"".join(received(answer))))
    assert archive.namelist() == [
        f"Ada-{image.prompt_id}-{image.index + 1}.jpg" for image in (images[2], images[0])
    ]
    with default_storage.open(images[0].file) as file:
        assert archive.read(archive.namelist()[1]) == file.read()


def test_forms_with_nothing_chosen_say_so(alice_client: Client, images: list[Image]) -> None:
    for name in ("images_like", "images_trash", "images_zip"):
        page = alice_client.post(reverse(name), follow=True)
        assert "Choose some pictures first." in page.content.decode()


def test_number_of_queries_does_not_grow_with_the_selection(
    alice_client: Client, tune: Tune
) -> None:
    prompt = factories.create_prompt(tune=tune, num_images=8)
    rows = [factories.create_image(prompt=prompt, index=index) for index in range(8)]
    ids = [row.public_id for row in rows]
    counts = []
    for chosen in (ids[:1], ids[1:7]):
        with CaptureQueriesContext(connection) as queries:
            alice_client.post(reverse("images_trash"), {"images": chosen}, headers=HTMX)
        counts.append(len(queries))
    assert counts[1] == counts[0]
