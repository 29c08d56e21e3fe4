"""A person of Alice's, and a worker's queue."""

from __future__ import annotations

import pytest

from prompts.jobs.worker import Queue
from prompts.models import Lane, Team, Tune, User
from tests import factories


@pytest.fixture
def tune(team: Team, alice: User) -> Tune:
    return factories.create_tune(team=team, owner=alice)


@pytest.fixture
def queue() -> Queue:
    """A worker's, for rendering."""
    return Queue(Lane.RENDER, "worker")
