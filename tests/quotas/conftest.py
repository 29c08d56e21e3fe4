"""A member with a person, on pages and through the gateway."""

from __future__ import annotations

import pytest

from prompts.models import Team, Tune, User
from tests import factories
from tests.factories import ApiClient


@pytest.fixture
def tune(team: Team, bob: User) -> Tune:
    return factories.create_tune(team=team, owner=bob, photos=4)


@pytest.fixture
def bob_api(bob: User) -> ApiClient:
    return ApiClient(factories.create_api_key(user=bob)[1])
