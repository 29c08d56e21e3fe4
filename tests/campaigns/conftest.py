"""Team headshots with a locked style, and a member's person."""

from __future__ import annotations

import pytest

from prompts.models import Campaign, Preset, Team, Tune, User
from tests.factories import create_tune


@pytest.fixture
def campaign(team: Team, alice: User) -> Campaign:
    preset = Preset.objects.get(slug="corporate-blue")
    return Campaign.objects.create(team=team, preset=preset, aspect_ratio="1:1", is_locked=True)


@pytest.fixture
def bobs(team: Team, bob: User) -> Tune:
    return create_tune(team=team, owner=bob)
