"""The operator erases somebody by their address."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from prompts.audit import ERASED, record
from prompts.models import (
    AuditEntry,
    Consent,
    Erasure,
    Invitation,
    Role,
    Team,
    Tune,
    User,
)
from tests import factories

pytestmark = pytest.mark.django_db


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("erase_subject", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def two_teams(team: Team, alice: User, bob: User) -> Iterator[Team]:
    """Bob has people in Alice's team, and in another one that he has left."""
    factories.create_tune(team=team, owner=bob, title="Ada", photos=2)
    left = factories.create_team(name="Left")
    factories.create_membership(team=left, user=alice, role=Role.OWNER)
    factories.create_tune(team=left, owner=bob, title="Bea")
    return left


def test_the_command_lists_and_erases_nothing(two_teams: Team, bob: User) -> None:
    told = command("BOB@example.com")
    assert "Ada in Acme: 2 photos, 0 pictures" in told and "Bea in Left" in told
    assert "the place in Acme" in told
    assert Tune.objects.count() == 2 and not Erasure.objects.exists()


def test_the_command_erases_the_account_and_its_people(two_teams: Team, bob: User) -> None:
    told = command("bob@example.com", "--yes")
    receipt = Erasure.objects.get()
    assert receipt.number in told and receipt.get_absolute_url() in told
    assert "People: 2" in told and "Photos: 2" in told
    assert not Tune.objects.exists() and not Consent.objects.exists()
    assert not User.objects.filter(pk=bob.pk).exists()


def test_the_command_refuses_the_only_owner(two_teams: Team, alice: User) -> None:
    with pytest.raises(CommandError, match="only owner of Acme"):
        command("alice@example.com", "--yes")
    assert User.objects.filter(pk=alice.pk).exists() and not Erasure.objects.exists()


def test_the_command_erases_an_address_without_an_account(team: Team, alice: User) -> None:
    with pytest.raises(CommandError, match="Nothing is kept"):
        command("guest@example.com")
    row = team.invitations.create(
        author=alice, email="guest@example.com", token_sha256="1", expires_at="2030-01-01T00:00Z"
    )
    record(team, "invitation_sent", actor=alice, target=row, role="member")
    assert "No account" in command("guest@example.com") and Invitation.objects.exists()
    told = command("guest@example.com", "--yes")
    assert "Invitations: 1" in told and Erasure.objects.get().number in told
    assert not Invitation.objects.exists()
    assert AuditEntry.objects.get().target_label == ERASED
