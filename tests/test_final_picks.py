"""Choosing another final picture tells which one it was before, so that it can come back."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import Client

from prompts.flows.images import trash_images
from prompts.models import Image, Team, User
from tests.factories import create_image, create_prompt, create_tune, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def images(alice: User, team: Team) -> list[Image]:
    prompt = create_prompt(tune=create_tune(team=team, owner=alice))
    return [create_image(prompt=prompt, index=index) for index in range(2)]


@pytest.fixture
def browser(alice: User) -> Client:
    return signed_in(alice)


def choose(browser: Client, image: Image) -> HttpResponse:
    return browser.post(f"/images/{image.public_id}/final/", headers={"HX-Request": "true"})


def test_the_one_before_is_told(browser: Client, images: list[Image]) -> None:
    assert "Final-Before" not in choose(browser, images[0])
    assert choose(browser, images[0])["Final-Before"] == images[0].public_id
    assert choose(browser, images[1])["Final-Before"] == images[0].public_id


def test_one_in_the_trash_is_not_told(browser: Client, images: list[Image], alice: User) -> None:
    choose(browser, images[0])
    trash_images(images[:1], alice)
    assert "Final-Before" not in choose(browser, images[1])
