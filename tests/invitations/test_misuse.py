"""Everything that must not let anybody in."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from prompts.flows.invitations import resend
from prompts.models import Invitation, Membership, Role, Team, User
from tests.factories import signed_in
from tests.invitations.guests import (
    BEA,
    NEW,
    arrive,
    come,
    invited,
    is_member,
    link_of,
    place,
    refused,
    sent_token,
)

pytestmark = pytest.mark.django_db


def test_a_replayed_invitation_opens_nothing(
    team: Team, alice: User, client: Client, charlie_client: Client
) -> None:
    token = invited(team, alice)
    come(client, token, **NEW)
    for other in (Client(), charlie_client):
        response = come(other, token, **NEW)
        assert response.status_code == 410
        assert "was used" in response.content.decode()
    assert team.memberships.count() == 2
    again = arrive(client, token)
    assert again.status_code == 409
    assert "You are in Acme already" in again.content.decode()


def test_another_account_is_refused_and_told_nothing(
    team: Team, alice: User, charlie_client: Client, charlie: User
) -> None:
    token = invited(team, alice)
    for response in (arrive(charlie_client, token), come(charlie_client, token)):
        refused(response, 403, "for another address", team)
        assert BEA not in response.content.decode()
        assert "Acme" not in response.content.decode()
    assert not is_member(charlie.email, team)


def test_an_expired_invitation_opens_nothing(team: Team, alice: User, client: Client) -> None:
    token = invited(team, alice)
    life = Invitation.objects.get().expires_at - timezone.now()
    assert dt.timedelta(days=13) < life <= dt.timedelta(days=14)
    Invitation.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    refused(come(client, token, **NEW), 410, "has expired", team)


def test_a_revoked_invitation_opens_nothing(
    team: Team, alice: User, client: Client, alice_client: Client
) -> None:
    token = invited(team, alice)
    arrive(client, token)
    row = Invitation.objects.get()
    assert alice_client.post(reverse("invitation_revoke", args=[row.public_id])).status_code == 302
    refused(client.post("/join/", NEW), 410, "was withdrawn", team)


def test_nobody_who_was_shown_the_door_comes_back_by_an_invitation_of_their_own(
    team: Team, alice: User, bob: User, client: Client
) -> None:
    Membership.objects.filter(user=bob).update(role=Role.ADMIN)
    token = invited(team, bob)
    _, link_token = link_of(team, bob)
    Membership.objects.filter(user=bob).update(role=Role.MEMBER)
    for one in (token, link_token):
        refused(come(client, one, **NEW, email=BEA), 410, "was withdrawn", team)
    bob.memberships.all().delete()
    assert come(signed_in(bob), link_token).status_code == 410
    # Another admin answers for it from now on.
    assert resend(place(alice, team), Invitation.objects.get())
    assert come(Client(), sent_token(), **NEW).status_code == 302


def test_a_token_that_never_was_opens_nothing(client: Client, team: Team) -> None:
    refused(arrive(client, "x" * 43), 404, "opens nothing", team)
    refused(client.post("/join/", NEW), 404, "opens nothing", team)
    refused(arrive(client, "é"), 404, "", team)


def test_tries_are_limited(team: Team, alice: User, client: Client) -> None:
    token = invited(team, alice)
    arrive(client, token)
    codes = [client.post("/join/", {"name": "B", "password": "x"}).status_code for _ in range(31)]
    assert codes == [422] * 30 + [429]
