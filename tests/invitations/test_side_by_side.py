"""Many at one door at one moment."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connections

from prompts.flows.invitations import invite
from prompts.flows.joining import JoinRefused, join, sign_up
from prompts.forms.address_lists import Entry
from prompts.models import Invitation, InviteLink, Mail, Role, Team, User
from tests import factories
from tests.invitations.guests import BEA, NEW, link_of, place

pytestmark = pytest.mark.django_db


def side_by_side(number: int, call: Callable[[int], object]) -> list[str]:
    """Calls from so many threads at one moment; what each came to."""
    gate, ends = threading.Barrier(number), []

    def run(index: int) -> None:
        try:
            gate.wait()
            call(index)
            ends.append("in")
        except JoinRefused as refusal:
            ends.append(refusal.problem.page)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends)


@pytest.fixture
def owned() -> tuple[Team, User]:
    team, user = factories.create_team(), factories.create_user()
    factories.create_membership(team=team, user=user, role=Role.OWNER)
    return team, user


@pytest.mark.django_db(transaction=True)
def test_of_many_at_a_link_with_one_place_left_one_gets_in(owned: tuple[Team, User]) -> None:
    team, owner = owned
    link, _ = link_of(team, owner, max_uses=3)
    InviteLink.objects.filter(pk=link.pk).update(uses=2)
    users = [factories.create_user() for _ in range(8)]

    def call(index: int) -> None:
        join(InviteLink.objects.select_related("team", "author").get(pk=link.pk), users[index])

    assert side_by_side(8, call) == ["exhausted"] * 7 + ["in"]
    assert team.memberships.count() == 2
    assert InviteLink.objects.get().uses == 3


@pytest.mark.django_db(transaction=True)
def test_an_invitation_accepted_many_times_at_once_makes_one_account(
    owned: tuple[Team, User],
) -> None:
    team, owner = owned
    invite(place(owner, team), [Entry(BEA, "", Role.MEMBER)])

    def call(index: int) -> None:
        door = Invitation.objects.select_related("team", "author", "link").get()
        sign_up(door, email=BEA, name=f"Bea {index}", password=NEW["password"])

    ends = side_by_side(6, call)
    assert ends.count("in") == 1
    assert User.objects.filter(email=BEA).count() == 1
    assert team.memberships.count() == 2


@pytest.mark.django_db(transaction=True)
def test_an_address_invited_by_several_at_once_gets_one_mail(owned: tuple[Team, User]) -> None:
    team, owner = owned
    author = place(owner, team)
    side_by_side(5, lambda _: invite(author, [Entry(BEA, "", Role.MEMBER)]))
    assert Invitation.objects.count() == 1
    assert Mail.objects.count() == 1
