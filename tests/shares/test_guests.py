"""Guests of a link: pages of many pictures, visits, hearts without end, an archive that ends."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from prompts import limits
from prompts.access_shares import ShareGone, ShareLocked
from prompts.flows.images import trash_images
from prompts.flows.shares import change_share
from prompts.models import Image, Prompt, Share, User
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def prompt(alice: User) -> Prompt:
    tune = factories.create_tune(team=alice.teams.get(), owner=alice)
    return factories.create_prompt(tune=tune)


@pytest.fixture
def share(alice: User, prompt: Prompt) -> Share:
    images = [factories.create_image(prompt=prompt, index=index) for index in range(3)]
    for image in images:
        default_storage.delete(image.file)
        default_storage.save(image.file, ContentFile(factories.jpeg_bytes()))
    return factories.create_share(author=alice, images=images, takes_picks=True, downloads="web")


def many(alice: User, prompt: Prompt, number: int) -> Share:
    """A link to that many pictures, whose files are of no matter."""
    rows = [
        Image(
            team=prompt.team, tune=prompt.tune, prompt=prompt, index=index, file=f"{index}.jpg",
            sha256=f"{index:064}", content_type="image/jpeg", size=1, width=64, height=80,
            color="#334455", seed=index, engine="fake",
        )
        for index in range(number)
    ]  # fmt: skip
    Image.objects.bulk_create(rows)
    return factories.create_share(author=alice, images=list(prompt.images.order_by("index")))


def shown(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'data-shared="(\d+)"', page)]


def test_many_pictures_come_page_by_page_without_a_script(alice: User, prompt: Prompt) -> None:
    share = many(alice, prompt, 130)
    client, address, numbers = Client(), share.public_path, []
    while address:
        page = client.get(address).content.decode()
        assert "130 pictures" in page
        numbers.append(shown(page))
        further = re.search(r'href="([^"]+\?page=\d+)"[^>]*>More pictures', page)
        address = further[1] if further else ""
    assert numbers == [[*range(1, 61)], [*range(61, 121)], [*range(121, 131)]]
    assert re.search(r'href="[^"]+\?page=2"[^>]*>Earlier pictures', page)


def test_a_script_gets_the_next_pictures_alone(alice: User, prompt: Prompt) -> None:
    share = many(alice, prompt, 61)
    answer = Client().get(f"{share.public_path}?page=2", headers={"HX-Request": "true"})
    fragment = answer.content.decode()
    assert shown(fragment) == [61]
    assert "<h1>" not in fragment
    assert "Earlier pictures" not in fragment


def test_three_thousand_pictures_cost_as_many_queries_as_three(
    alice: User, prompt: Prompt, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    share = many(alice, prompt, 3_000)
    with django_assert_max_num_queries(10):
        page = Client().get(share.public_path).content
    assert len(page) < 200_000
    with django_assert_max_num_queries(10):
        Client().get(reverse("shared_json", args=[share.slug]))


def test_programs_follow_the_next_page(alice: User, prompt: Prompt) -> None:
    share = many(alice, prompt, 130)
    address, sizes = reverse("shared_json", args=[share.slug]), []
    while address:
        answer = Client().get(address).json()
        sizes.append(len(answer["pictures"]))
        assert answer["count"] == 130
        address = answer["next"]
    assert sizes == [60, 60, 10]


def views(share: Share) -> int:
    return sum(share.visits.values_list("views", flat=True))


def test_a_visit_counts_once_whatever_pages_and_hearts_it_holds(share: Share) -> None:
    client = Client()
    client.get(share.public_path)
    image = share.images.all()[0]
    client.post(reverse("shared_pick", args=[share.slug, image.public_id]), {"picked": "1"})
    client.get(share.public_path)
    client.get(f"{share.public_path}?page=2")
    client.get(share.public_path, headers={"HX-Request": "true"})
    client.head(share.public_path)
    assert views(share) == 1
    Client().get(share.public_path)
    assert views(share) == 2


def test_a_visit_under_one_link_is_none_under_another(alice: User, share: Share) -> None:
    other = factories.create_share(author=alice, images=list(share.images.all()))
    client = Client()
    client.get(share.public_path)
    client.get(other.public_path)
    assert (views(share), views(other)) == (1, 1)


def test_a_heart_keeps_its_place_and_answers_a_script_with_the_favourites(share: Share) -> None:
    client = Client()
    image = share.images.all()[1]
    address = reverse("shared_pick", args=[share.slug, image.public_id])
    answer = client.post(address, {"picked": "1", "page": "2"})
    assert answer["Location"] == f"{share.public_path}?page=2#picture-{image.public_id}"
    answer = client.post(address, {"picked": "1", "page": "//evil.test"})
    assert answer["Location"] == f"{share.public_path}#picture-{image.public_id}"
    fragment = Client().post(address, {"picked": "1"}, headers={"HX-Request": "true"})
    assert f'name="comment-{image.public_id}"' in fragment.content.decode()


def test_words_are_kept_when_the_name_is_missing(share: Share) -> None:
    client = Client()
    image = share.images.all()[1]
    client.post(reverse("shared_pick", args=[share.slug, image.public_id]))
    sent = {"name": "", f"comment-{image.public_id}": "For the poster"}
    answer = client.post(reverse("shared_sign", args=[share.slug]), sent)
    assert answer.status_code == 422
    assert "For the poster" in answer.content.decode()


def test_hearts_are_limited_to_six_hundred_an_hour_for_a_link(share: Share) -> None:
    image = share.images.all()[0]
    address = reverse("shared_pick", args=[share.slug, image.public_id])
    for _ in range(599):
        limits.take(f"share-picks:{share.pk}", 600, 3600)
    assert Client().post(address).status_code == 302
    refused = Client().post(address)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert share.picks.count() == 1
    signed = Client().post(reverse("shared_sign", args=[share.slug]), {"name": "Gwen"})
    assert signed.status_code == 302  # without favourites there is nothing to sign


def test_a_picture_that_goes_while_it_is_looked_up_is_gone(
    share: Share, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = share.images.all()[0]

    def delete(*_: Any) -> None:
        raise FileNotFoundError

    monkeypatch.setattr("prompts.flows.shares.read_bytes", delete)
    address = reverse("shared_download", args=[share.slug, image.public_id])
    assert Client().get(address).status_code == 404


async def _read_until(
    parts: AsyncIterator[bytes], content: bytearray, wanted: bytes, act: Callable[[], None]
) -> None:
    """Collects `parts`; once they hold `wanted`, acts once and goes on."""
    done = False
    async for part in parts:
        content += part
        if not done and wanted in content:
            done = True
            await sync_to_async(act)()


def zip_while(share: Share, act: Callable[[], None]) -> bytearray:
    """The archive, with `act` done when its first picture has been sent."""
    content = bytearray()
    answer = Client().get(reverse("shared_zip", args=[share.slug]))
    async_to_sync(_read_until)(answer.streaming_content, content, b"headshot-01.jpg", act)
    return content


def expire() -> None:
    Share.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (lambda share: share.revoke(), ShareGone),
        (lambda share: expire(), ShareGone),
        (lambda share: share.author.memberships.all().delete(), ShareGone),
        (lambda share: Share.objects.update(downloads="off"), ShareGone),
        (lambda share: change_share(share, [], "a new password"), ShareLocked),
    ],
)
def test_an_end_breaks_off_an_archive_in_flight(
    share: Share, act: Callable[[Share], None], error: type[Exception]
) -> None:
    content = bytearray()
    answer = Client().get(reverse("shared_zip", args=[share.slug]))
    with pytest.raises(error):
        async_to_sync(_read_until)(
            answer.streaming_content, content, b"headshot-01.jpg", lambda: act(share)
        )
    assert b"headshot-03.jpg" not in content
    assert not zipfile.is_zipfile(io.BytesIO(content))


def test_a_picture_that_goes_from_an_archive_in_flight_is_named_as_missing(
    alice: User, share: Share
) -> None:
    last = share.images.order_by("share_items__position").last()
    content = zip_while(share, lambda: trash_images([last], alice))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["headshot-01.jpg", "headshot-02.jpg", "Missing.txt"]
        assert b"headshot-03.jpg" in archive.read("Missing.txt")


def test_a_lost_file_is_left_out_of_an_archive(share: Share) -> None:
    image = share.images.order_by("share_items__position").first()
    default_storage.delete(image.file)
    content = zip_while(share, lambda: None)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert "Missing.txt" in archive.namelist()
        assert "headshot-02.jpg" in archive.namelist()
