"""Inviting many: lists, tables, how many mails a day, and what the page and the log tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from prompts import limits
from prompts.flows import invitations as flow
from prompts.flows.invitations import invite, resend
from prompts.forms.address_lists import Entry
from prompts.models import AuditEntry, Invitation, InviteLink, Mail, Role, Team, User
from tests import factories
from tests.invitations.guests import BEA, NEW, come, invited, place, sent_token

pytestmark = pytest.mark.django_db


def test_a_pasted_list_is_invited_and_says_who_was_left_out(
    team: Team, alice: User, bob: User, alice_client: Client
) -> None:
    invited(team, alice, "old@example.com")
    text = f"new@example.com, OLD@example.com\nBob <{bob.email}>"
    response = alice_client.post(
        "/members/invite/", {"addresses": text, "role": "viewer"}, follow=True
    )
    page = response.content.decode()
    assert "1 is invited." in page
    assert f"Already in the team: {bob.email}." in page
    assert "Already invited: old@example.com." in page
    assert Invitation.objects.get(email="new@example.com").role == Role.VIEWER
    assert Invitation.objects.count() == 2


def test_nobody_is_invited_from_a_list_with_faults(alice_client: Client) -> None:
    data = {"addresses": "good@example.com\nno address\nx@", "role": "member"}
    response = alice_client.post("/members/invite/", data)
    assert response.status_code == 422
    assert len(response.context["form"].errors["addresses"]) == 2
    assert not Invitation.objects.exists()
    data = {"addresses": "good@example.com", "role": "owner"}
    assert alice_client.post("/members/invite/", data).status_code == 422


def test_a_team_sends_so_many_a_day(
    team: Team, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "MAILS_A_DAY", 3)
    entries = [Entry(f"p{n}@example.com", "", Role.MEMBER) for n in range(5)]
    outcome = invite(place(alice, team), entries)
    assert (len(outcome.invited), len(outcome.limited)) == (3, 2)
    assert "Not sent: p3@example.com, p4@example.com" in outcome.words()
    assert not resend(place(alice, team), Invitation.objects.first())
    assert Mail.objects.count() == 3


def test_more_teams_are_no_more_mails(
    team: Team, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "MAILS_A_DAY", 3)
    second = factories.create_team(name="Second")
    other = factories.create_membership(team=second, user=alice, role=Role.ADMIN)
    entries = [Entry(f"p{n}@example.com", "", Role.MEMBER) for n in range(2)]
    assert len(invite(place(alice, team), entries).invited) == 2
    assert len(invite(other, entries).invited) == 1


def test_a_table_is_shown_first_and_sent_when_confirmed(
    team: Team, alice: User, alice_client: Client
) -> None:
    text = "Name;E-Mail;Role\nAda;ada@example.com;Admin\nBo;nothing;\nCy;cy@example.com;owner\n"
    file = SimpleUploadedFile("people.csv", text.encode("cp1252"), "text/csv")
    page = alice_client.post("/members/invite/table/", {"file": file})
    assert page.status_code == 200
    assert not Invitation.objects.exists()
    assert [line.number for line in page.context["lines"] if line.error] == [3, 4]
    data = {"table": page.context["table"], "confirm": "1"}
    assert alice_client.post("/members/invite/table/", data).status_code == 302
    row = Invitation.objects.get()
    assert (row.email, row.name, row.role) == ("ada@example.com", "Ada", Role.ADMIN)


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\x00" * 300_000])
def test_files_that_hold_nobody_are_refused(alice_client: Client, data: bytes) -> None:
    file = SimpleUploadedFile("people.csv", data or b" ", "text/csv")
    response = alice_client.post("/members/invite/table/", {"file": file})
    assert response.status_code == 422
    assert response.context["table_form"].errors.keys() == {"file"}


def test_the_list_tells_how_each_stands(team: Team, alice: User, alice_client: Client) -> None:
    assert "Nobody is invited yet" in alice_client.get("/members/invitations/").content.decode()
    token = invited(team, alice)
    come(Client(), token, **NEW)
    invited(team, alice, "lost@example.com")
    Mail.objects.filter(to="lost@example.com").update(status="failed", error="No such user.")
    invited(team, alice, "late@example.com")
    Invitation.objects.filter(email="late@example.com").update(expires_at=timezone.now())
    page = alice_client.get("/members/invitations/").content.decode()
    for words in ("came ", "mail not delivered", "No such user.", "expired"):
        assert words in page


def test_a_long_list_needs_few_queries(
    team: Team,
    alice: User,
    alice_client: Client,
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    invite(place(alice, team), [Entry(f"p{n}@example.com", "", Role.MEMBER) for n in range(60)])
    with django_assert_max_num_queries(10):
        page = alice_client.get("/members/invitations/")
    assert len(page.context["page_obj"]) == 50


def test_invitations_are_noted_and_no_token_is(
    team: Team, alice: User, alice_client: Client, client: Client
) -> None:
    invited(team, alice)
    row = Invitation.objects.get()
    alice_client.post(reverse("invitation_resend", args=[row.public_id]))
    token = sent_token()
    come(client, token, **NEW)
    data = {"title": "Day one", "role": "viewer", "max_uses": "2", "lifetime": "7"}
    alice_client.post("/members/invite/link/", data)
    link = InviteLink.objects.get()
    for _ in range(2):
        alice_client.post(reverse("invite_link_revoke", args=[link.public_id]))
        alice_client.post(reverse("invitation_revoke", args=[row.public_id]))
    bea = User.objects.get(email=BEA)
    rows = list(AuditEntry.objects.filter(team=team).exclude(action="signed_in").order_by("id"))
    assert [(entry.action, entry.actor, entry.target_label) for entry in rows] == [
        ("invitation_sent", alice, BEA),
        ("invitation_resent", alice, BEA),
        ("member_joined", bea, ""),
        ("invite_link_created", alice, "Day one"),
        ("invite_link_revoked", alice, "Day one"),
    ]
    assert rows[2].details == {"role": "member", "invited_by": "Alice Ames"}
    assert token not in str([entry.__dict__ for entry in rows])


def test_limits_are_those_of_the_team(team: Team, alice: User, charlie: User) -> None:
    for _ in range(flow.MAILS_A_DAY):
        limits.take(f"invite:{team.pk}", flow.MAILS_A_DAY, flow.DAY)
    assert not invite(place(alice, team), [Entry(BEA, "", Role.MEMBER)]).invited
    other = charlie.teams.get()
    assert invite(place(charlie, other), [Entry(BEA, "", Role.MEMBER)]).invited
