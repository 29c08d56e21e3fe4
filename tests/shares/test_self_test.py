"""A link's self-test says what strangers get, and would notice a leak."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from prompts.models import Image, Share, User
from tests import factories

pytestmark = pytest.mark.django_db
PASSWORD = "walnut-lantern-7"


@pytest.fixture
def images(alice: User) -> list[Image]:
    tune = factories.create_tune(team=alice.teams.get(), owner=alice, title="Ada Secretname")
    prompt = factories.create_prompt(tune=tune, text="a portrait by candle light")
    pictures = [factories.create_image(prompt=prompt, index=index) for index in range(2)]
    for image in pictures:
        factories.write_recipe(image, text="a portrait by candle light")
    return pictures


@pytest.fixture
def share(alice: User, images: list[Image]) -> Share:
    in_a_week = timezone.now() + dt.timedelta(days=7)
    return factories.create_share(
        author=alice, images=images, password=PASSWORD, takes_picks=True, expires_at=in_a_week
    )


def report_of(client: Client, share: Share) -> str:
    answer = client.get(reverse("share_test", args=[share.public_id]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_link_with_a_password_is_found_closed_and_whole(
    alice_client: Client, share: Share
) -> None:
    page = report_of(alice_client, share)
    assert "Everything is as it should be." in page
    assert "worth a thought" not in page
    for words in (
        "Without the password: nothing. 6 thumbnails, 2 files, zip and JSON are all refused.",
        "Shown: 2 pictures.",
        "Downloads in web size, such as 64 × 80 px.",
        "Recipes are hidden",
        "No name of a person is in a file name.",
        "Search engines are told to leave it out.",
        "Messengers get no picture for a preview.",
        "The page leads nowhere else but to what is said on privacy.",
    ):
        assert words in page


def test_the_test_leaves_no_visit_and_no_session(alice_client: Client, share: Share) -> None:
    sessions = Session.objects.count()
    report_of(alice_client, share)
    assert not share.visits.exists()
    assert Session.objects.count() == sessions


def test_what_is_open_by_choice_is_worth_a_thought(alice: User, alice_client: Client) -> None:
    tune = factories.create_tune(team=alice.teams.get(), owner=alice, title="Ada Secretname")
    image = factories.create_image(prompt=factories.create_prompt(tune=tune))
    default_storage.delete(image.file)
    default_storage.save(image.file, ContentFile(factories.jpeg_bytes()))
    share = factories.create_share(
        author=alice, images=[image], title="Ada Secretname", slug="ada", show_recipe=True
    )
    page = report_of(alice_client, share)
    for words in (
        "No password",
        "somebody may guess it",
        "It has no end",
        "Recipes are shown",
        "The page names Ada Secretname",
        "A file name has Ada Secretname in it",
        "Messengers may show the first picture",
    ):
        assert words in page


def test_a_link_that_ended_is_found_closed(alice_client: Client, share: Share) -> None:
    share.revoke()
    page = report_of(alice_client, share)
    assert "Nobody gets anything. 6 thumbnails, 2 files, zip and JSON are all refused." in page


def test_downloads_that_are_off_are_tried(alice_client: Client, share: Share) -> None:
    Share.objects.update(downloads="off")
    assert "Downloads are off: file and zip are refused." in report_of(alice_client, share)


def test_a_door_without_a_lock_is_noticed(
    alice_client: Client, share: Share, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prompts.access_shares.is_unlocked", lambda *_: True)
    page = report_of(alice_client, share)
    assert "Open though it should not be: " in page
    assert "Revoke the link if in doubt." in page


def test_a_recipe_left_in_a_file_is_noticed(
    alice_client: Client, share: Share, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prompts.flows.shares.strip_metadata", lambda data, **_: data)
    Share.objects.update(downloads="original")
    assert "Recipes should be hidden, but one can be read." in report_of(alice_client, share)


def test_no_header_makes_a_visit_look_like_a_test(share: Share) -> None:
    Share.objects.update(password="")
    names = ("astria_web.self_test", "astria-web-self-test", "self-test")
    Client(headers=dict.fromkeys(names, "1")).get(share.public_path)
    assert share.visits.get().views == 1


def test_an_answer_without_the_robots_header_is_noticed(
    alice_client: Client, share: Share, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bare(data: bytes, content_type: str, *, download_as: str) -> HttpResponse:
        answer = HttpResponse(data, content_type=content_type)
        answer["X-Robots-Tag"], answer["Cache-Control"] = "all", "public, max-age=60"
        return answer

    monkeypatch.setattr("prompts.views.shared.bytes_response", bare)
    page = report_of(alice_client, share)
    assert "Search engines are not told to leave it out." in page
    assert "A cache on the way may keep some of it." in page


def test_a_faulty_page_is_no_reason_to_fail(
    alice_client: Client, share: Share, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(request: HttpRequest, access: object) -> dict[str, object]:
        raise RuntimeError("broken")

    monkeypatch.setattr("prompts.views.shared.page_context", broken)
    alice_client.raise_request_exception = False
    assert "The page shows 0 of 2 pictures." in report_of(alice_client, share)
