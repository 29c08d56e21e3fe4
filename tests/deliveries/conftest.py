"""A receiver, and a key whose prompts tell it of their ends."""

from __future__ import annotations

import pytest
from pytest_django import Settings
from pytest_httpserver import HTTPServer

from prompts.models import ApiKey, Team, Tune, User
from tests import factories


@pytest.fixture
def receiver(httpserver: HTTPServer, settings: Settings) -> HTTPServer:
    settings.FETCH_ALLOWED_HOSTS = [f"localhost:{httpserver.port}"]
    return httpserver


@pytest.fixture
def key(alice: User) -> ApiKey:
    return factories.create_api_key(user=alice)[0]


@pytest.fixture
def tune(team: Team, alice: User) -> Tune:
    return factories.create_tune(team=team, owner=alice)
