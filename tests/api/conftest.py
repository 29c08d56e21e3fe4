"""Programs that call the gateway."""

from __future__ import annotations

import pytest

from prompts.models import User
from tests import factories
from tests.factories import ApiClient


@pytest.fixture
def alice_api(alice: User) -> ApiClient:
    """With a writing key of the team's owner."""
    return ApiClient(factories.create_api_key(user=alice)[1])


@pytest.fixture
def bob_api(bob: User) -> ApiClient:
    return ApiClient(factories.create_api_key(user=bob)[1])


@pytest.fixture
def vera_api(vera: User) -> ApiClient:
    """With the reading key of a viewer."""
    return ApiClient(factories.create_api_key(user=vera)[1])


@pytest.fixture
def charlie_api(charlie: User) -> ApiClient:
    """With a writing key of another team."""
    return ApiClient(factories.create_api_key(user=charlie)[1])
