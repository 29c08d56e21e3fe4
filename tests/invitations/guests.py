"""Somebody who is invited: what they get, and how they come."""

from __future__ import annotations

import re
from typing import Any

from django.core import mail as outbox
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from prompts.flows.invitations import invite, make_link
from prompts.forms.address_lists import Entry
from prompts.jobs.control import Control
from prompts.jobs.mails import run_mail
from prompts.models import InviteLink, Mail, Membership, Role, Team, User

BEA = "bea@corp.example"
NEW = {"name": "Bea Brandt", "password": "a long enough phrase"}


def place(user: User, team: Team) -> Membership:
    return Membership.objects.select_related("team", "user").get(user=user, team=team)


def sent_token() -> str:
    """The token in the newest mail, which a worker has just sent."""
    while (mail := Mail.objects.claim("w")) is not None:
        run_mail(mail, Control())
    found = re.search(r"/join/([\w-]+)/", outbox.outbox[-1].body)
    assert found is not None
    return found[1]


def invited(team: Team, author: User, email: str = BEA, role: Role = Role.MEMBER) -> str:
    """The token of a fresh invitation."""
    invite(place(author, team), [Entry(email, "Bea", role)])
    return sent_token()


def link_of(team: Team, author: User, **fields: Any) -> tuple[InviteLink, str]:
    values = {"role": Role.MEMBER, "max_uses": 2} | fields
    return make_link(place(author, team), **values)


def arrive(client: Client, token: str) -> HttpResponse:
    return client.get(reverse("join_token", args=[token]), follow=True)


def come(client: Client, token: str, **data: str) -> HttpResponse:
    arrive(client, token)
    return client.post("/join/", data or {"go": "1"})


def is_member(email: str, team: Team) -> bool:
    return Membership.objects.filter(user__email=email, team=team).exists()


def refused(response: HttpResponse, status: int, words: str, team: Team) -> None:
    assert response.status_code == status
    assert words in response.content.decode()
    assert not is_member(BEA, team)
