"""A recipe goes along with its picture, wherever that goes: nothing in it opens a door."""

from __future__ import annotations

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from prompts.engines.base import Picture
from prompts.flows.results import keep_picture
from prompts.models import Image, Prompt, Share, Team, User
from tests import factories

pytestmark = pytest.mark.django_db

SECRET = "zq-secret-of-the-receiver"


@pytest.fixture
def image(team: Team, alice: User) -> Image:
    tune = factories.create_tune(team=team, owner=alice)
    made = factories.create_prompt(
        tune=tune, parameters={"callback": f"https://example.com/?key={SECRET}", "steps": 20}
    )
    prompt = Prompt.objects.select_related("team", "tune__team").get(pk=made.pk).take_lease("w")
    kept = keep_picture(prompt, Picture(0, factories.jpeg_bytes(), 64, 80, 7, {}))
    assert kept is not None
    return kept


def test_no_picture_carries_the_address_that_is_called_back(image: Image) -> None:
    with default_storage.open(image.file) as file:
        data = file.read()
    assert b"steps" in data
    assert SECRET.encode() not in data
    assert SECRET not in str(image.recipe)


def test_guests_see_how_it_was_made_and_not_who_is_called_back(image: Image, alice: User) -> None:
    share = factories.create_share(
        author=alice, images=[image], show_recipe=True, downloads=Share.Downloads.ORIGINAL
    )
    guest = Client()
    for name in ("shared", "shared_json"):
        page = guest.get(reverse(name, args=[share.slug])).content.decode()
        assert "portrait" in page
        assert SECRET not in page
    download = guest.get(reverse("shared_download", args=[share.slug, image.public_id]))
    assert download.status_code == 200
    assert SECRET.encode() not in download.content
