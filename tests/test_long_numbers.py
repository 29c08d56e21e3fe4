"""Numbers longer than Python reads (https://docs.python.org/3/library/stdtypes.html#int-max-str-digits)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from prompts.models import Image, PromptStatus, Team, User
from tests import factories
from tests.factories import ApiClient

pytestmark = pytest.mark.django_db

LONG = "9" * 5000


@pytest.fixture
def image(team: Team, alice: User) -> Image:
    tune = factories.create_tune(team=team, owner=alice)
    prompt = factories.create_prompt(tune=tune, status=PromptStatus.COMPLETED)
    return factories.create_image(prompt=prompt)


def test_a_guests_heart(image: Image, alice: User) -> None:
    share = factories.create_share(author=alice, images=[image], takes_picks=True)
    url = reverse("shared_pick", args=[share.slug, image.public_id])
    assert Client().post(url, {"page": LONG}).status_code == 302
    assert share.picks.count() == 1


def test_the_order_of_an_album(image: Image, alice: User, alice_client: Client) -> None:
    album = factories.create_album(owner=alice, images=[image])
    url = reverse("album_order", args=[album.public_id])
    values = {"images": image.public_id, "place": 1, "page": LONG}
    assert alice_client.post(url, values).status_code == 302


def test_calls_of_the_gateway(image: Image, alice: User) -> None:
    api = ApiClient(factories.create_api_key(user=alice)[1])
    assert api.get("/api/prompts", {"tune_id": LONG}).json() == []
    assert api.get(f"/api/p/{LONG}").status_code == 404
    assert api.post("/api/prompts", {"prompt[tune_id]": LONG}).status_code == 422
