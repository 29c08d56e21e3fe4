"""Which pictures are beside one, in the context one came from."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from prompts.flows.images import choose_final, trash_images
from prompts.flows.likes import like_images
from prompts.models import Album, AlbumImage, Image, Tune, User
from tests import factories


@pytest.fixture
def tune(alice: User) -> Tune:
    return factories.create_tune(team=alice.teams.get(), owner=alice)


@pytest.fixture
def images(tune: Tune) -> list[Image]:
    """Two of an older prompt, two of a newer one."""
    prompts = [factories.create_prompt(tune=tune) for _ in range(2)]
    return [factories.create_image(prompt=p, index=index) for p in prompts for index in range(2)]


def beside(client: Client, image: Image, within: str = "") -> tuple[Image | None, Image | None]:
    page = client.get(image.get_absolute_url(), {"in": within} if within else {})
    around = page.context["around"]
    return around.previous, around.next


def test_persons_page_shows_the_newest_prompt_first(
    alice_client: Client, images: list[Image]
) -> None:
    a, b, c, d = images
    order = [c, d, a, b]
    for before, here, after in zip([None, *order], order, [*order[1:], None], strict=False):
        assert beside(alice_client, here) == (before, after)


def test_prompt_holds_only_its_own(alice_client: Client, images: list[Image]) -> None:
    a, b, c, d = images
    assert beside(alice_client, c, "prompt") == (None, d)
    assert beside(alice_client, b, "prompt") == (a, None)


def test_gallery_goes_from_new_to_old_across_people(
    alice_client: Client, alice: User, images: list[Image]
) -> None:
    other = factories.create_tune(team=images[0].team, owner=alice, title="Bo")
    newest = factories.create_image(prompt=factories.create_prompt(tune=other))
    assert beside(alice_client, images[3], "gallery") == (newest, images[2])
    trash_images([images[2]], alice)
    assert beside(alice_client, images[3], "gallery") == (newest, images[1])


def test_album_goes_by_its_own_order(
    alice_client: Client, alice: User, images: list[Image]
) -> None:
    a, b, c, d = images
    album = Album.objects.create(team=a.team, owner=alice, title="Team page")
    for position, image in enumerate([d, a, c]):
        AlbumImage.objects.create(album=album, image=image, position=position)
    within = f"album/{album.public_id}"
    assert beside(alice_client, a, within) == (d, c)
    assert beside(alice_client, d, within) == (None, a)
    page = alice_client.get(a.get_absolute_url(), {"in": within}).content.decode()
    assert f"/images/{c.public_id}/?in=album%2F{album.public_id}" in page
    # Not in it: then as on the person's page.
    assert beside(alice_client, b, within) == (a, None)


@pytest.mark.parametrize(
    "within",
    ["album/nothing", "album", "gallery?person=zzz", "https://evil.example", "?", "x" * 9999],
)
def test_nonsense_is_harmless(alice_client: Client, images: list[Image], within: str) -> None:
    page = alice_client.get(images[0].get_absolute_url(), {"in": within})
    assert page.status_code == 200
    assert "evil.example" not in page.content.decode()


@pytest.mark.parametrize("kind", ["", "gallery", "prompt", "album"])
def test_hidden_pictures_are_nobodys_neighbours(
    vera_client: Client, alice: User, images: list[Image], kind: str
) -> None:
    hidden = factories.create_tune(
        team=images[0].team, owner=alice, visibility=Tune.Visibility.PRIVATE
    )
    secret = factories.create_image(prompt=factories.create_prompt(tune=hidden))
    album = Album.objects.create(team=images[0].team, owner=alice, title="Mixed")
    for position, image in enumerate([images[3], secret, images[2]]):
        AlbumImage.objects.create(album=album, image=image, position=position)
    within = f"album/{album.public_id}" if kind == "album" else kind
    for image in images:
        page = vera_client.get(image.get_absolute_url(), {"in": within}).content.decode()
        assert secret.public_id not in page
    if kind == "album":
        assert beside(vera_client, images[3], within)[1] == images[2]


def test_queries_do_not_grow_with_pictures_and_likes(
    alice_client: Client, alice: User, bob: User, images: list[Image]
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            alice_client.get(images[1].get_absolute_url(), {"in": "gallery"})
        return len(captured)

    before = queries()
    for index in range(2, 8):
        factories.create_image(prompt=images[0].prompt, index=index)
    like_images(bob, images)
    like_images(alice, images)
    choose_final(images[1].tune, images[0])
    assert queries() == before


def test_panel_tells_who_likes_it_and_that_it_is_final(
    vera_client: Client, alice: User, vera: User, images: list[Image]
) -> None:
    like_images(alice, images[:1])
    like_images(vera, images[:1])
    choose_final(images[0].tune, images[0])
    page = vera_client.get(images[0].get_absolute_url()).content.decode()
    assert "Alice Ames, you" in page
    assert "Ada’s final picture" in page
    assert reverse("images_trash") not in page.split('id="selection"')[0]


def test_picture_serves_as_input_image(alice_client: Client, images: list[Image]) -> None:
    tune = images[0].tune
    page = alice_client.get(
        tune.get_absolute_url(), {"remix": images[0].public_id, "what": "image"}
    ).content.decode()
    assert f'name="remix" value="{images[0].public_id}"' in page
    form = {"text": f"{tune.subject_words} at sea", "num_images": 1, "remix": images[0].public_id}
    alice_client.post(reverse("prompt_list", args=[tune.public_id]), form)
    assert tune.prompts.order_by("-id")[0].input_image


def test_four_are_compared_at_most(alice_client: Client, alice: User, images: list[Image]) -> None:
    more = factories.create_image(prompt=images[0].prompt, index=5)
    ids = [image.public_id for image in [*images, more]]
    like_images(alice, images[1:2])
    page = alice_client.get(reverse("compare"), {"images": ids})
    assert [column.image for column in page.context["columns"]] == images
    assert [column.is_liked for column in page.context["columns"]] == [False, True, False, False]
    page = alice_client.get(reverse("compare"))
    assert page["Location"] == reverse("gallery")
