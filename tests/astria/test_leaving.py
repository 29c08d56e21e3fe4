"""What goes with an account or a team is deleted at Astria too."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from prompts.flows.account_erasure import erase_account
from prompts.flows.team_deletion import delete_team
from prompts.jobs.worker import Worker
from prompts.models import Erasure, Handover, Membership, Role, Team, TeamDeletion, User
from tests import factories

from .portal import connect_team, prompt_of, trained_tune, work
from .server import FakeAstria

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quick(settings: Settings, astria: FakeAstria) -> None:
    """Waits of minutes last milliseconds."""
    settings.REMOTE_PACE = 0.0005
    settings.REMOTE_LOOK_INTERVAL = 0
    astria.options.callbacks = "drop"


def test_a_deleted_team(team: Team, alice: User, astria: FakeAstria) -> None:
    connect_team(team, astria)
    prompt_of(trained_tune(team, alice))
    work()
    assert astria.world.tunes
    receipt = delete_team(Membership.objects.select_related("team", "user").get(user=alice))
    assert receipt.remote_copies == 2
    work()
    assert not astria.world.tunes and not astria.world.prompts
    TeamDeletion.objects.update(run_after=None)
    worker = Worker()
    while worker.run_next():
        pass
    assert not Team.objects.exists() and not Handover.objects.exists()
    assert Erasure.objects.get().remote_done_at is not None


def test_the_people_of_a_deleted_account(
    team: Team, alice: User, bob: User, astria: FakeAstria
) -> None:
    connect_team(team, astria)
    trained_tune(team, bob)
    decision = {"seen": Role.MEMBER, "heir": None, "delete": True}
    receipt = erase_account(bob, {team.pk: decision}, by=bob)
    assert (receipt.remote_copies, receipt.remote_left) == (1, 1)
    work()
    assert not astria.world.tunes and receipt.remote_left == 0
    assert factories.create_tune(team=team, owner=alice).pk
