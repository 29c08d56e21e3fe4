"""A picture of one's own."""

from __future__ import annotations

import pytest

from prompts.models import Image, Team, User
from tests.factories import create_image, create_prompt, create_tune


@pytest.fixture
def image(alice: User, team: Team) -> Image:
    return create_image(prompt=create_prompt(tune=create_tune(team=team, owner=alice)))
