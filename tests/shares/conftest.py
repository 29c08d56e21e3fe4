"""A link of Alice's to three pictures."""

from __future__ import annotations

import pytest

from prompts.models import Image, Prompt, Share, User
from tests import factories


@pytest.fixture
def prompt(alice: User) -> Prompt:
    tune = factories.create_tune(team=alice.teams.get(), owner=alice, title="Ada Secretname")
    return factories.create_prompt(tune=tune)


@pytest.fixture
def images(prompt: Prompt) -> list[Image]:
    return [factories.create_image(prompt=prompt, index=index) for index in range(3)]


@pytest.fixture
def share(alice: User, images: list[Image]) -> Share:
    return factories.create_share(author=alice, images=images, takes_picks=True)
