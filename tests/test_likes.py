"""Likes: by whoever may see, once, of images and of prompts."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from prompts.api.representations import with_likes
from prompts.flows.likes import like_images, like_prompt, unlike_images, unlike_prompt
from prompts.models import Change, Image, Like, Prompt, Tune, User, liked_by
from tests import factories


@pytest.fixture
def prompt(alice: User) -> Prompt:
    tune = factories.create_tune(team=alice.teams.get(), owner=alice)
    return factories.create_prompt(tune=tune)


@pytest.fixture
def images(prompt: Prompt) -> list[Image]:
    return [factories.create_image(prompt=prompt, index=index) for index in range(3)]


def is_liked(prompt: Prompt, user: User) -> bool:
    """As the gateway says it."""
    return with_likes([Prompt.objects.get(pk=prompt.pk)], user)[0].is_liked


def count_of(prompt: Prompt, user: User) -> int:
    """By how many it is liked, as the gateway says it."""
    return with_likes([Prompt.objects.get(pk=prompt.pk)], user)[0].likes_count


def test_liking_twice_is_liking_once(alice: User, images: list[Image]) -> None:
    like_images(alice, [images[0]])
    like_images(alice, images)
    assert sorted(Like.objects.values_list("image", flat=True)) == [i.pk for i in images]
    unlike_images(alice, [images[1]])
    unlike_images(alice, [images[1]])
    assert Like.objects.count() == 2


def test_what_is_in_the_trash_is_liked_by_nobody(
    alice: User, bob: User, prompt: Prompt, images: list[Image]
) -> None:
    like_images(alice, [images[0]])
    like_images(bob, images[:2])
    assert count_of(prompt, alice) == 2
    Image.objects.filter(pk=images[0].pk).update(trashed_at=timezone.now())
    assert not is_liked(prompt, alice)
    assert is_liked(prompt, bob)
    assert count_of(prompt, alice) == 1
    like_prompt(alice, prompt)
    assert count_of(prompt, alice) == 2
    Image.objects.update(trashed_at=None)
    assert count_of(prompt, alice) == 2


def test_everybody_likes_for_themselves(alice: User, bob: User, images: list[Image]) -> None:
    like_images(alice, [images[0]])
    like_images(bob, [images[1]])
    rows = Image.objects.annotate(is_liked=liked_by(bob)).order_by("index")
    assert [row.is_liked for row in rows] == [False, True, False]
    assert list(Image.objects.filter(liked_by(alice))) == [images[0]]


def test_prompt_counts_as_liked_with_any_of_its_images(
    alice: User, prompt: Prompt, images: list[Image]
) -> None:
    assert not is_liked(prompt, alice)
    like_images(alice, [images[0]])
    assert is_liked(prompt, alice)
    unlike_images(alice, [images[0]])
    assert not is_liked(prompt, alice)
    like_prompt(alice, prompt)
    like_prompt(alice, prompt)
    assert is_liked(prompt, alice)
    assert Like.objects.filter(image=None).count() == 1


def test_unliking_a_prompt_takes_its_images_along(
    alice: User, bob: User, prompt: Prompt, images: list[Image]
) -> None:
    like_images(alice, images)
    like_prompt(alice, prompt)
    like_images(bob, [images[0]])
    unlike_prompt(alice, prompt)
    assert not is_liked(prompt, alice)
    assert list(Like.objects.values_list("user", flat=True)) == [bob.pk]


def test_open_pages_hear_of_it(alice: User, images: list[Image]) -> None:
    Change.objects.all().delete()
    like_images(alice, [images[0]])
    assert Change.objects.get().topics == f"image-{images[0].public_id}"
    unlike_images(alice, [images[1]])
    assert Change.objects.count() == 1


def test_likes_of_a_private_person_reach_nobody_else(alice: User, images: list[Image]) -> None:
    Tune.objects.update(visibility=Tune.Visibility.PRIVATE)
    Change.objects.all().delete()
    like_images(alice, images)
    change = Change.objects.get()
    assert (change.private, change.only_for_id) == (True, alice.pk)


def test_heart_without_a_script_leads_back(vera_client: Client, images: list[Image]) -> None:
    url = reverse("image_like", args=[images[0].public_id])
    here = "http://testserver/gallery/?liked=1"
    response = vera_client.post(url, {"liked": "1"}, headers={"Referer": here})
    assert (response.status_code, response["Location"]) == (302, here)
    assert Like.objects.count() == 1
    elsewhere = vera_client.post(url, {"liked": "0", "next": "https://evil.example/"})
    assert elsewhere["Location"] == reverse("gallery")
    assert Like.objects.count() == 0


def test_liking_many_is_all_or_nothing(vera_client: Client, bob: User, images: list[Image]) -> None:
    hidden = factories.create_tune(
        team=images[0].team, owner=bob, visibility=Tune.Visibility.PRIVATE
    )
    stranger = factories.create_image(prompt=factories.create_prompt(tune=hidden))
    url = reverse("images_like")
    ids = [image.public_id for image in images]
    assert vera_client.post(url, {"images": [*ids, stranger.public_id]}).status_code == 404
    assert Like.objects.count() == 0
    assert vera_client.post(url, {"images": ids}, headers={"HX-Request": "true"}).status_code == 204
    assert Like.objects.count() == 3
