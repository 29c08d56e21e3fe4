"""What a link opens, and that everything under it ends at once."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from prompts.flows.images import delete_images, trash_images
from prompts.imaging import COMPOSITE, read_recipe
from prompts.imaging.containers import read_xmp
from prompts.models import Image, Role, Share, Tune, User
from tests import factories

pytestmark = pytest.mark.django_db

PASSWORD = "walnut-lantern-7"


@pytest.fixture
def images(alice: User) -> list[Image]:
    tune = factories.create_tune(team=alice.teams.get(), owner=alice, title="Ada Secretname")
    prompt = factories.create_prompt(tune=tune)
    pictures = [factories.create_image(prompt=prompt, index=index) for index in range(3)]
    for image in pictures:
        factories.write_recipe(image, text="hidden-recipe-words")
    return pictures


@pytest.fixture
def share(alice: User, images: list[Image]) -> Share:
    return factories.create_share(
        author=alice, images=images, password=PASSWORD, downloads="original", takes_picks=True
    )


def unlocked(share: Share) -> Client:
    client = Client()
    client.post(reverse("shared_unlock", args=[share.slug]), {"password": PASSWORD})
    return client


def harvest(client: Client, share: Share) -> list[str]:
    """Every address that the unlocked page and its JSON hand out, but that of the page."""
    page = client.get(share.public_path).content.decode()
    json = client.get(reverse("shared_json", args=[share.slug])).content.decode()
    found = set(re.findall(rf'(/s/{share.slug}[/.][^"\s#?]*)', page + json))
    further = {reverse(name, args=[share.slug]) for name in ("shared_json", "shared_sign")}
    return sorted((found | further) - {share.public_path})


async def collected(parts: AsyncIterator[bytes]) -> bytes:
    return b"".join([part async for part in parts])


def ask(client: Client, address: str) -> int:
    if address.endswith(("/pick/", "/picks/")):
        return client.post(address, {"name": "Guest"}).status_code
    return client.get(address).status_code


def revoke(share: Share) -> None:
    share.revoke()


def expire(share: Share) -> None:
    Share.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))


def change_password(share: Share) -> None:
    share.set_password("another one")
    share.save()


def trash(share: Share) -> None:
    trash_images(Image.objects.all(), share.author)


def delete_pictures(share: Share) -> None:
    Image.objects.all().delete()


def delete_share(share: Share) -> None:
    share.delete()


def remove_author(share: Share) -> None:
    share.author.memberships.all().delete()


def make_author_a_viewer(share: Share) -> None:
    share.author.memberships.update(role=Role.VIEWER)


def disable_author(share: Share) -> None:
    User.objects.update(is_active=False)


ENDS: list[Callable[[Share], None]] = [
    revoke,
    expire,
    trash,
    delete_pictures,
    delete_share,
    remove_author,
    make_author_a_viewer,
    disable_author,
]


def test_an_unlocked_link_opens_every_address_it_hands_out(share: Share) -> None:
    client = unlocked(share)
    addresses = harvest(client, share)
    assert len(addresses) == 3 * 5 + 3  # three thumbnails, file and pick each; zip, picks, JSON
    assert {ask(client, address) for address in addresses} <= {200, 302}


@pytest.mark.parametrize("end", ENDS)
def test_an_end_kills_every_address_at_once(share: Share, end: Callable[[Share], None]) -> None:
    client = unlocked(share)
    addresses = harvest(client, share)
    end(share)
    for visitor in (client, Client()):
        for address in [*addresses, share.public_path]:
            assert ask(visitor, address) == 404, address
    assert client.post(reverse("shared_unlock", args=[share.slug])).status_code == 404


def test_a_new_password_locks_what_was_unlocked(share: Share) -> None:
    client = unlocked(share)
    addresses = harvest(client, share)
    change_password(share)
    assert {ask(client, address) for address in addresses} == {404}
    assert b"Secretname" not in client.get(share.public_path).content


def test_a_locked_link_gives_nothing_but_its_password_page(share: Share) -> None:
    addresses = harvest(unlocked(share), share)
    stranger = Client()
    assert {ask(stranger, address) for address in addresses} == {404}
    page = stranger.get(share.public_path)
    assert page.status_code == 200
    for told in (
        share.title,
        share.note,
        "og:image",
        "Alice",
        *(i.public_id for i in share.images.all()),
    ):
        assert told not in page.content.decode()


def test_a_trashed_picture_ends_while_the_others_stay(share: Share, images: list[Image]) -> None:
    client = unlocked(share)
    addresses = harvest(client, share)
    trash_images(images[:1], share.author)
    for address in addresses:
        expected = {404} if images[0].public_id in address else {200, 302}
        assert ask(client, address) in expected


def test_dead_and_unknown_links_answer_alike(share: Share) -> None:
    unknown = Client().get("/s/nobody-ever-made-this/")
    share.revoke()
    dead = Client().get(share.public_path)
    token = rb'"X-CSRFToken": "\w+"'
    assert (dead.status_code, re.sub(token, b"", dead.content)) == (
        unknown.status_code,
        re.sub(token, b"", unknown.content),
    )
    assert dict(dead.headers.items()) == dict(unknown.headers.items())


def test_the_eleventh_guess_in_an_hour_is_refused_and_right_ones_do_not_count(
    share: Share,
) -> None:
    address = reverse("shared_unlock", args=[share.slug])
    for _ in range(12):
        assert Client().post(address, {"password": PASSWORD}).status_code == 302
    wrong = [Client().post(address, {"password": f"guess {n}"}).status_code for n in range(11)]
    assert wrong == [422] * 10 + [429]
    assert Client().post(address, {"password": PASSWORD}).status_code == 429


def test_a_password_is_in_no_address_answer_log_or_plain_column(
    share: Share, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    client = Client()
    address = reverse("shared_unlock", args=[share.slug])
    wrong = client.post(address, {"password": PASSWORD + "x"})
    right = client.post(address, {"password": PASSWORD})
    texts = [
        wrong.content.decode(),
        right["Location"],
        client.get(share.public_path).content.decode(),
    ]
    share.refresh_from_db()
    assert share.password.startswith("argon2$")
    assert all(PASSWORD not in text for text in [*texts, caplog.text, share.password])
    assert client.get(address, {"password": PASSWORD}).status_code == 405


@pytest.mark.parametrize("downloads", ["web", "original"])
@pytest.mark.parametrize("show_recipe", [True, False])
def test_files_tell_nothing_but_that_software_made_them(
    share: Share, images: list[Image], downloads: str, show_recipe: bool
) -> None:
    Share.objects.update(downloads=downloads, show_recipe=show_recipe)
    client = unlocked(share)
    answer = client.get(reverse("shared_download", args=[share.slug, images[1].public_id]))
    assert answer["Content-Disposition"] == 'attachment; filename="headshot-02.jpg"'
    archive = client.get(reverse("shared_zip", args=[share.slug]))
    content = async_to_sync(collected)(archive.streaming_content)
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert opened.namelist() == [f"headshot-0{n}.jpg" for n in (1, 2, 3)]
        files = [answer.content, *(opened.read(name) for name in opened.namelist())]
    for data in files:
        assert COMPOSITE.encode() in (read_xmp(data) or b"")
        assert (b"hidden-recipe-words" in data) is show_recipe
        assert (read_recipe(data) is not None) is show_recipe
        assert b"Secretname" not in data


def test_a_link_without_downloads_has_no_file(share: Share, images: list[Image]) -> None:
    Share.objects.update(downloads="off")
    client = unlocked(share)
    page = client.get(share.public_path).content.decode()
    for address in (
        reverse("shared_download", args=[share.slug, images[0].public_id]),
        reverse("shared_zip", args=[share.slug]),
    ):
        assert client.get(address).status_code == 404
        assert address not in page


def test_the_web_size_is_made_once_and_goes_with_the_picture(
    share: Share, images: list[Image], django_capture_on_commit_callbacks: Any
) -> None:
    Share.objects.update(downloads="web")
    address = reverse("shared_download", args=[share.slug, images[0].public_id])
    assert unlocked(share).get(address).status_code == 200
    assert default_storage.exists(images[0].web_copy)
    trash_images(images, share.author)
    with django_capture_on_commit_callbacks(execute=True):
        delete_images(images)
    assert not default_storage.exists(images[0].web_copy)


def test_headers_keep_a_link_out_of_indexes_and_caches(share: Share, images: list[Image]) -> None:
    client = unlocked(share)
    of_image = [share.slug, images[0].public_id]
    answers = {
        "page": client.get(share.public_path),
        "json": client.get(reverse("shared_json", args=[share.slug])),
        "thumb": client.get(reverse("shared_thumb", args=[*of_image, 640])),
        "file": client.get(reverse("shared_download", args=of_image)),
        "zip": client.get(reverse("shared_zip", args=[share.slug])),
        "gone": client.get("/s/unknown/"),
    }
    for name, answer in answers.items():
        assert answer["X-Robots-Tag"] == "noindex, nofollow, noarchive"
        kept = "private, no-cache" if name == "thumb" else "private, no-store"
        assert answer["Cache-Control"] == kept
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["X-Content-Type-Options"] == "nosniff"
        if name in ("thumb", "file", "zip"):
            assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
            assert answer["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_kept_thumbnail_is_asked_for_again(share: Share, images: list[Image]) -> None:
    client = unlocked(share)
    address = reverse("shared_thumb", args=[share.slug, images[0].public_id, 320])
    etag = client.get(address)["ETag"]
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    share.revoke()
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 404


def test_pictures_of_others_drop_out_once_their_author_is_no_admin(
    share: Share, images: list[Image], bob: User
) -> None:
    Tune.objects.update(owner=bob)
    client = unlocked(share)
    assert client.get(share.public_path).status_code == 200
    share.author.memberships.update(role=Role.MEMBER)
    assert client.get(share.public_path).status_code == 404


def test_guests_pick_and_sign_without_a_script(share: Share, images: list[Image]) -> None:
    client, other = unlocked(share), unlocked(share)
    pick = reverse("shared_pick", args=[share.slug, images[1].public_id])
    assert client.post(pick, {"picked": "1"}).status_code == 302
    client.post(pick, {"picked": "1"})
    client.post(
        reverse("shared_sign", args=[share.slug]),
        {"name": "Gwen", f"comment-{images[1].public_id}": "This one!"},
    )
    picks = share.picks.values_list("image", "name", "comment")
    assert list(picks) == [(images[1].pk, "Gwen", "This one!")]
    assert "This one!" in client.get(share.public_path).content.decode()
    assert "This one!" not in other.get(share.public_path).content.decode()
    client.post(pick, {"picked": "0"})
    assert not share.picks.exists()


def test_visits_are_counted_but_not_the_teams_own(share: Share, alice: User) -> None:
    guest = unlocked(share)
    guest.get(share.public_path)
    guest.get(reverse("shared_zip", args=[share.slug]))
    ours = factories.signed_in(alice)
    ours.post(reverse("shared_unlock", args=[share.slug]), {"password": PASSWORD})
    ours.get(share.public_path)
    assert list(share.visits.values_list("views", "downloads")) == [(1, 1)]


def test_a_share_of_an_album_shows_what_is_in_it_now(alice: User, images: list[Image]) -> None:
    album = factories.create_album(owner=alice, images=images[:1])
    share = factories.create_share(author=alice, kind="album", album=album)
    assert images[1].public_id not in Client().get(share.public_path).content.decode()
    album.places.create(image=images[1], position=5)
    assert images[1].public_id in Client().get(share.public_path).content.decode()


def test_guests_never_learn_an_address(share: Share, alice: User) -> None:
    assert alice.name in unlocked(share).get(share.public_path).content.decode()
    User.objects.filter(pk=alice.pk).update(name="")
    page = unlocked(share).get(share.public_path).content.decode()
    assert alice.email not in page and f"{share.team.name} sees which" in page
