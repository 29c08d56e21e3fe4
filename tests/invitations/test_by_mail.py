"""Invited by address: who comes in, with an account or without, and what is kept of the token."""

from __future__ import annotations

import datetime as dt
import logging

import pytest
from allauth.account.models import EmailAddress
from django.core import mail as outbox
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from prompts.models import Invitation, InviteLink, Mail, Role, Team, User
from tests import factories
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


def test_somebody_new_comes_by_mail(team: Team, alice: User, client: Client) -> None:
    token = invited(team, alice, role=Role.ADMIN)
    message = outbox.outbox[-1]
    assert message.to == [BEA]
    assert "Alice Ames invites you to Acme" in message.subject
    page = arrive(client, token)
    assert page.redirect_chain == [("/join/", 302)]
    assert page.status_code == 200
    assert BEA in page.content.decode() and "Acme" in page.content.decode()
    assert come(client, token, **NEW).status_code == 302
    bea = User.objects.get(email=BEA)
    assert place(bea, team).role == Role.ADMIN
    assert "Welcome to Acme" in client.get("/").content.decode()
    assert client.get("/members/").status_code == 200


def test_somebody_with_an_account_signs_in_and_joins(
    team: Team, alice: User, charlie: User, client: Client
) -> None:
    token = invited(team, alice, charlie.email)
    assert "Sign in to join" in arrive(client, token).content.decode()
    assert come(client, token, **NEW).status_code == 403
    response = client.post(
        "/accounts/login/?next=/join/",
        {"login": charlie.email, "password": factories.PASSWORD, "next": "/join/"},
        follow=True,
    )
    assert "Join the team" in response.content.decode()
    assert client.post("/join/").status_code == 302
    assert place(charlie, team).role == Role.MEMBER
    assert charlie.memberships.count() == 2
    assert client.get("/members/").context["membership"].team == team


def test_looking_uses_nothing_up(team: Team, alice: User, client: Client) -> None:
    token = invited(team, alice)
    for _ in range(3):
        arrive(Client(), token)
        client.head(reverse("join_token", args=[token]))
    assert Invitation.objects.get().accepted_at is None
    assert come(client, token, **NEW).status_code == 302


def test_only_the_digest_of_a_token_is_stored(team: Team, alice: User) -> None:
    token = invited(team, alice)
    _, link_token = link_of(team, alice)
    client = Client()
    arrive(client, token)
    arrive(client, link_token)
    dump = "\n".join(
        str(row) for model in (Invitation, InviteLink, Mail) for row in model.objects.values()
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_data FROM django_session")
    session = str(dict(client.session))
    for secret in (token, link_token):
        assert len(secret) >= 43
        assert secret not in dump
        assert secret not in session


def test_tokens_are_in_no_log_and_no_referer(
    team: Team, alice: User, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = invited(team, alice)
    for secret in (token, "A" * 43):
        response = client.get(reverse("join_token", args=[secret]))
        assert (response.status_code, response["Location"]) == (302, "/join/")
        assert response["Referrer-Policy"] == "no-referrer"
        page = client.get("/join/")
        assert page["Referrer-Policy"] == "same-origin"
        assert "no-store" in page["Cache-Control"]
        assert secret not in page.content.decode()
        assert secret not in caplog.text


def test_a_mail_that_is_sent_again_kills_the_earlier_link(
    team: Team, alice: User, alice_client: Client, client: Client
) -> None:
    old = invited(team, alice)
    arrive(client, old)
    row = Invitation.objects.get()
    Invitation.objects.update(expires_at=timezone.now() - dt.timedelta(days=1))
    alice_client.post(reverse("invitation_resend", args=[row.public_id]))
    new = sent_token()
    assert new != old
    refused(client.post("/join/", NEW), 404, "opens nothing", team)
    assert come(client, new, **NEW).status_code == 302


def test_reminders_go_once_a_day(team: Team, alice: User, alice_client: Client) -> None:
    invited(team, alice)
    row = Invitation.objects.get()

    def remind(name: str = "invitation_remind") -> int:
        alice_client.post(
            reverse(name, args=[row.public_id] if name == "invitation_remind" else [])
        )
        return Mail.objects.filter(template="invitation_reminder").count()

    assert remind() == 0
    Invitation.objects.update(sent_at=timezone.now() - dt.timedelta(hours=25))
    assert [remind(), remind(), remind("invitations_remind")] == [1, 1, 1]
    Invitation.objects.update(sent_at=timezone.now() - dt.timedelta(hours=25))
    assert remind("invitations_remind") == 2
    expires = Invitation.objects.get().expires_at
    assert expires == row.expires_at
    assert come(Client(), sent_token(), **NEW).status_code == 302


def test_a_weak_password_is_told_at_its_field(team: Team, alice: User, client: Client) -> None:
    token = invited(team, alice)
    response = come(client, token, name="Bea", password="short")
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"password"}
    response = come(client, token, name="Bea", password="bea@corp.example")
    assert response.context["form"].errors.keys() == {"password"}
    assert not User.objects.filter(email=BEA).exists()


def test_only_an_address_that_a_mail_came_to_counts_as_confirmed(team: Team, alice: User) -> None:
    _, token = link_of(team, alice)
    come(Client(), token, **NEW, email="claimed@example.com")
    come(Client(), invited(team, alice), **NEW)
    verified = dict(EmailAddress.objects.values_list("email", "verified"))
    assert verified.pop(BEA) is True
    assert not any(verified.values())


def test_addresses_an_account_had_before_are_in_nobodys_way(
    team: Team, alice: User, charlie: User
) -> None:
    EmailAddress.objects.create(user=charlie, email="former@example.com", primary=True)
    EmailAddress.objects.create(user=alice, email=charlie.email, verified=True)
    assert come(signed_in(charlie), invited(team, alice, charlie.email)).status_code == 302
    assert is_member(charlie.email, team)


def test_somebody_who_was_removed_can_be_invited_again(team: Team, alice: User) -> None:
    come(Client(), invited(team, alice), **NEW)
    bea = User.objects.get(email=BEA)
    bea.memberships.all().delete()
    assert come(signed_in(bea), invited(team, alice)).status_code == 302
    assert is_member(BEA, team)
