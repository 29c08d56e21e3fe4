"""Many at one door at one moment."""

from __future__ import annotations

from functools import partial

import pytest

from prompts.flows.invitations import invite
from prompts.flows.joining import JoinRefused, join, sign_up
from prompts.forms.address_lists import Entry
from prompts.models import Invitation, InviteLink, Mail, Role, Team, User
from tests import factories
from tests.invitations.guests import BEA, NEW, link_of, place
from tests.side_by_side import side_by_side

pytestmark = pytest.mark.django_db


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

    def call(user: User) -> str:
        try:
            join(InviteLink.objects.select_related("team", "author").get(pk=link.pk), user)
        except JoinRefused as refusal:
            return refusal.problem.page
        return "in"

    ends = side_by_side(partial(call, user) for user in users)
    assert sorted(ends) == ["exhausted"] * 7 + ["in"]
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

    ends = side_by_side((partial(call, index) for index in range(6)), refusals=(JoinRefused,))
    assert sum(isinstance(end, JoinRefused) for end in ends) == 5
    assert User.objects.filter(email=BEA).count() == 1
    assert team.memberships.count() == 2


@pytest.mark.django_db(transaction=True)
def test_an_address_invited_by_several_at_once_gets_one_mail(owned: tuple[Team, User]) -> None:
    team, owner = owned
    author = place(owner, team)
    side_by_side([lambda: invite(author, [Entry(BEA, "", Role.MEMBER)])] * 5)
    assert Invitation.objects.count() == 1
    assert Mail.objects.count() == 1
