"""A fake Astria for every test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from prompts.engines.astria.client import AstriaClient
from prompts.engines.astria.http import Limits
from tests.astria.server import KEY, FakeAstria

#: Short enough for tests of silence.
QUICK = Limits(connect=2, read=0.4, total=1.5, max_bytes=2**20)


@pytest.fixture
def astria(settings: Settings) -> Iterator[FakeAstria]:
    """A running fake Astria that the portal may reach."""
    with FakeAstria() as server:
        settings.FETCH_ALLOWED_HOSTS = [server.host]
        yield server


@pytest.fixture
def client(astria: FakeAstria) -> AstriaClient:
    return AstriaClient(astria.url, KEY)


@pytest.fixture
def hasty(astria: FakeAstria) -> AstriaClient:
    """A client without patience."""
    return AstriaClient(astria.url, KEY, limits=QUICK)
