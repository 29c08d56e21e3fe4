"""Links in the hands of people who mean harm: passwords that leak, titles that are paths."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import AsyncIterator

import pytest
from asgiref.sync import async_to_sync
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from prompts.models import Image, Share, User
from tests import factories
from tests.factories import signed_in

pytestmark = pytest.mark.django_db
PASSWORD = "walnut-lantern-7"
TITLES = [
    "../../x",
    '=HYPERLINK("https://evil.test")',
    "/etc/passwd",
    "C:\\Windows\\system32",
    'a"; filename="b.exe',
    "two\r\nSet-Cookie: a=b",
    "\u202egnp.exe",
    "con",
    "<script>alert(1)</script>",
    "…",
    "Приз",
]


@pytest.fixture
def images(alice: User) -> list[Image]:
    tune = factories.create_tune(team=alice.teams.get(), owner=alice, title="../../Ada")
    prompt = factories.create_prompt(tune=tune)
    pictures = [factories.create_image(prompt=prompt, index=index) for index in range(2)]
    for image in pictures:
        default_storage.delete(image.file)
        default_storage.save(image.file, ContentFile(factories.jpeg_bytes()))
    return pictures


async def collected(parts: AsyncIterator[bytes]) -> bytes:
    return b"".join([part async for part in parts])


@pytest.mark.parametrize("title", TITLES)
def test_a_hostile_title_makes_harmless_names(
    alice: User, alice_client: Client, images: list[Image], title: str
) -> None:
    share = factories.create_share(author=alice, images=images, title=title, takes_picks=True)
    share.picks.create(image=images[0], visitor="a", name=title, comment=title)
    archive = Client().get(reverse("shared_zip", args=[share.slug]))
    table = alice_client.get(reverse("share_picks_csv", args=[share.public_id]))
    for answer in (archive, table):
        told = answer["Content-Disposition"]
        assert re.fullmatch(r"""attachment; filename(="[^"/\\:]+"|\*=utf-8''[^"/\\:]+)""", told)
        assert ".." not in told
        assert "Set-Cookie" not in answer.headers
    content = async_to_sync(collected)(archive.streaming_content)
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert opened.namelist() == ["headshot-01.jpg", "headshot-02.jpg"]
    for cell in table.content.decode("utf-8-sig").splitlines()[1].split(","):
        assert not re.match(r'"?[=+\-@\t\r]', cell)


def test_a_title_of_markup_is_only_text(
    alice: User, alice_client: Client, images: list[Image]
) -> None:
    evil = "<img src=x onerror=alert(1)>"
    share = factories.create_share(
        author=alice, images=images, title=evil, note=evil, takes_picks=True
    )
    share.picks.create(image=images[0], visitor="a", name=evil, comment=evil)
    pages = [share.get_absolute_url(), reverse("share_list"), share.public_path]
    pages += [reverse(name, args=[share.public_id]) for name in ("share_edit", "share_test")]
    for address in pages:
        page = alice_client.get(address).content.decode()
        assert evil not in page
        assert "&lt;img src=x" in page


def test_a_password_goes_into_no_address_and_no_referer(
    alice: User, alice_client: Client, images: list[Image], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    address = f"{reverse('share_new')}?images={images[0].public_id}"
    sent = {"images": images[0].public_id, "title": "Press", "downloads": "web", "lifetime": "7"}
    made = alice_client.post(reverse("share_new"), sent | {"password": PASSWORD})
    share = Share.objects.get()
    edited = alice_client.post(
        reverse("share_edit", args=[share.public_id]),
        sent | {"slug": share.slug, "password": PASSWORD + "-2"},
    )
    guest = Client()
    unlocked = guest.post(
        reverse("shared_unlock", args=[share.slug]), {"password": PASSWORD + "-2"}
    )
    assert [a.status_code for a in (made, edited, unlocked)] == [302] * 3
    assert all(PASSWORD not in answer["Location"] for answer in (made, edited, unlocked))
    pages = [alice_client.get(a) for a in (address, made["Location"], edited["Location"])]
    pages += [alice_client.get(reverse("share_edit", args=[share.public_id]))]
    pages += [guest.get(share.public_path)]
    for page in pages:
        assert page.status_code == 200
        assert PASSWORD not in page.content.decode()
        # What another site is told of where one came from.
        assert page["Referrer-Policy"] == "same-origin"
    assert PASSWORD not in caplog.text


def test_a_form_that_comes_back_with_errors_holds_no_password(
    alice_client: Client, images: list[Image]
) -> None:
    sent = {"images": images[0].public_id, "title": "", "password": PASSWORD}
    answer = alice_client.post(reverse("share_new"), sent)
    assert answer.status_code == 422
    assert PASSWORD not in answer.content.decode()


def test_another_guests_cookie_opens_no_favourites(alice: User, images: list[Image]) -> None:
    first, second = (
        factories.create_share(author=alice, images=images, takes_picks=True) for _ in range(2)
    )
    gwen = Client()
    gwen.post(reverse("shared_pick", args=[first.slug, images[0].public_id]))
    for stolen in (gwen.cookies["share_visitor"].value, first.picks.get().visitor):
        mallory = Client()
        mallory.cookies["share_visitor"] = stolen
        page = mallory.get(second.public_path).content.decode()
        assert "Press the heart" in page
    forged = Client()
    forged.cookies["share_visitor"] = first.picks.get().visitor
    assert "Press the heart" in forged.get(first.public_path).content.decode()


def test_a_picture_of_another_link_or_team_opens_under_no_link(
    alice: User, charlie: User, images: list[Image]
) -> None:
    tune = factories.create_tune(team=charlie.teams.get(), owner=charlie)
    foreign = factories.create_image(prompt=factories.create_prompt(tune=tune))
    share = factories.create_share(author=alice, images=images[:1], takes_picks=True)
    for image in (images[1], foreign):
        of_image = [share.slug, image.public_id]
        for client in (Client(), signed_in(alice)):
            for name, args in (
                ("shared_thumb", [*of_image, 320]),
                ("shared_download", of_image),
            ):
                assert client.get(reverse(name, args=args)).status_code == 404
            assert client.post(reverse("shared_pick", args=of_image)).status_code == 404
    assert not share.picks.exists()
