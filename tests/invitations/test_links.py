"""Invited by a link, for anybody or for a domain."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core import mail as outbox
from django.test import Client
from django.utils import timezone

from prompts.flows.invitations import confirm_address
from prompts.models import Invitation, InviteLink, Mail, Membership, Role, Team, User
from tests import factories
from tests.factories import signed_in
from tests.invitations.guests import BEA, NEW, arrive, come, is_member, link_of, refused, sent_token

pytestmark = pytest.mark.django_db


def test_a_link_is_shown_once_and_lets_in_as_many_as_it_says(
    team: Team, alice: User, alice_client: Client, charlie_client: Client, client: Client
) -> None:
    data = {"title": "Onboarding", "role": "viewer", "max_uses": "2", "lifetime": "7"}
    page = alice_client.post("/members/invite/link/", data)
    assert page.status_code == 201
    token = page.context["address"].rsplit("/", 2)[1]
    assert token not in alice_client.get("/members/invitations/").content.decode()
    assert come(client, token, **NEW, email=BEA).status_code == 302
    assert come(charlie_client, token).status_code == 302
    assert Membership.objects.get(team=team, user__email=BEA).role == Role.VIEWER
    response = come(Client(), token, **NEW, email="late@example.com")
    assert response.status_code == 410
    assert "used up" in response.content.decode()
    assert "2 of 2 came" in alice_client.get("/members/invitations/").content.decode()


def test_whoever_is_in_already_uses_nothing_up(team: Team, alice: User, bob: User) -> None:
    link, token = link_of(team, alice)
    assert come(signed_in(bob), token).status_code == 409
    link.refresh_from_db()
    assert link.uses == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"expires_at": timezone.now() - dt.timedelta(1)}, "has expired"),
        ({"revoked_at": timezone.now()}, "was withdrawn"),
        ({"uses": 2}, "is used up"),
    ],
)
def test_a_link_that_has_ended_opens_nothing(
    team: Team, alice: User, client: Client, change: dict[str, Any], words: str
) -> None:
    link, token = link_of(team, alice)
    arrive(client, token)
    InviteLink.objects.filter(pk=link.pk).update(**change)
    refused(client.post("/join/", NEW | {"email": BEA}), 410, words, team)
    assert not User.objects.filter(email=BEA).exists()


def test_a_link_takes_over_no_account(
    team: Team, alice: User, charlie: User, client: Client
) -> None:
    _, token = link_of(team, alice)
    response = come(client, token, **NEW, email=charlie.email.upper())
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"email"}
    assert not is_member(charlie.email, team)


@pytest.mark.parametrize("role", ["owner", "root"])
def test_links_make_no_owners(alice_client: Client, role: str) -> None:
    data = {"role": role, "max_uses": "2", "lifetime": "7"}
    assert alice_client.post("/members/invite/link/", data).status_code == 422


@pytest.mark.parametrize("domains", ["nodot", "a b@", "*.example.com", "https://example.com"])
def test_domains_that_are_none_are_refused(alice_client: Client, domains: str) -> None:
    data = {"role": "member", "max_uses": "2", "lifetime": "7", "domains": domains}
    response = alice_client.post("/members/invite/link/", data)
    assert response.context["form"].errors.keys() == {"domains"}


def test_an_address_of_the_domain_is_confirmed_before_anybody_is_in(
    team: Team, alice: User, client: Client
) -> None:
    link, token = link_of(team, alice, domains=["corp.example"])
    # Whoever claims the address sends a whole sign-up, and gets no more than a mail to it.
    response = come(client, token, **NEW, email=BEA.upper())
    assert "Look into your mail" in response.content.decode()
    assert not User.objects.filter(email=BEA).exists()
    link.refresh_from_db()
    assert link.uses == 0
    mine = sent_token()
    assert outbox.outbox[-1].to == [BEA]
    assert come(Client(), mine, **NEW).status_code == 302
    assert is_member(BEA, team)
    link.refresh_from_db()
    assert link.uses == 1


def test_an_account_with_such_an_address_confirms_it_too(team: Team, alice: User) -> None:
    _, token = link_of(team, alice, domains=["corp.example"])
    bea = factories.create_user(email=BEA)
    client = signed_in(bea)
    assert "Look into your mail" in come(client, token).content.decode()
    assert not is_member(BEA, team)
    assert come(client, sent_token()).status_code == 302
    assert is_member(BEA, team)


@pytest.mark.parametrize(
    "email", ["bea@other.example", "bea@sub.corp.example", "bea@corp.example.evil.example"]
)
def test_addresses_of_other_domains_are_refused(
    team: Team, alice: User, client: Client, email: str
) -> None:
    _, token = link_of(team, alice, domains=["corp.example"])
    refused(come(client, token, email=email), 403, "Not with this address", team)
    stranger = signed_in(factories.create_user(email=email))
    refused(arrive(stranger, token), 403, "Not with this address", team)
    refused(come(stranger, token), 403, "Not with this address", team)
    assert not Mail.objects.exists()


def test_the_answer_tells_nothing_of_who_has_an_account(
    team: Team, alice: User, client: Client
) -> None:
    _, token = link_of(team, alice, domains=["corp.example"])
    factories.create_user(email="known@corp.example")
    pages = [
        come(client, token, email=f"{name}@corp.example").content.decode().replace(name, "")
        for name in ("known", "other")
    ]
    assert "Look into your mail" in pages[0]
    known, other = (re.sub(r'"X-CSRFToken": "\w+"', "", page) for page in pages)
    assert known == other


def test_a_confirmation_is_worth_nothing_once_the_link_has_ended(
    team: Team, alice: User, client: Client
) -> None:
    link, token = link_of(team, alice, domains=["corp.example"], max_uses=1)
    come(client, token, email=BEA)
    mine = sent_token()
    come(client, token, email="fast@corp.example")
    assert come(Client(), sent_token(), **NEW).status_code == 302
    refused(come(client, mine, **NEW), 410, "used up", team)
    InviteLink.objects.filter(pk=link.pk).update(max_uses=5)
    link.revoke()
    refused(come(client, mine, **NEW), 410, "was withdrawn", team)


def test_confirmations_to_one_address_are_limited(team: Team, alice: User) -> None:
    link, _ = link_of(team, alice, domains=["corp.example"])
    assert [confirm_address(link, BEA) for _ in range(4)] == [True, True, True, False]
    assert confirm_address(link, "other@corp.example")
    assert Invitation.objects.filter(email=BEA).count() == 1
