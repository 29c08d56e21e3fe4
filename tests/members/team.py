"""Members of a team, and the requests that change them."""

from __future__ import annotations

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from prompts.models import Membership, Role, Team, User
from tests import factories


def place(user: User) -> Membership:
    return Membership.objects.select_related("team", "user").get(user=user)


def add(team: Team, role: Role, name: str) -> Membership:
    user = factories.create_user(name=name)
    factories.create_membership(team=team, user=user, role=role)
    return place(user)


def post(client: Client, name: str, member: Membership, **data: str) -> HttpResponse:
    return client.post(reverse(name, args=[member.public_id]), data)


def roles(team: Team) -> list[str]:
    return sorted(Membership.objects.filter(team=team).values_list("role", flat=True))
