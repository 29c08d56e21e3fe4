"""Who manages whom."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from prompts.access_members import assignable_roles, may_manage
from prompts.flows.members import change_role, remove_member
from prompts.models import Membership, Role, Team, User
from tests.factories import signed_in
from tests.members.team import add, place, post

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("actor", "target", "managed"),
    [
        ("owner", "owner", True),
        ("owner", "viewer", True),
        ("admin", "owner", False),
        ("admin", "admin", True),
        ("admin", "member", True),
        ("member", "viewer", False),
        ("viewer", "viewer", False),
    ],
)
def test_who_manages_whom(team: Team, actor: Role, target: Role, managed: bool) -> None:
    assert may_manage(add(team, actor, "Ada"), add(team, target, "Bea")) is managed


def test_nobody_manages_members_of_another_team(team: Team, alice: User, charlie: User) -> None:
    assert not may_manage(place(alice), place(charlie))
    with pytest.raises(PermissionDenied):
        change_role(place(alice), place(charlie), seen=Role.OWNER, role=Role.VIEWER)
    assert place(charlie).role == Role.OWNER


def test_admins_make_no_owners(team: Team, alice: User, bob: User) -> None:
    admin = add(team, Role.ADMIN, "Ada")
    assert Role.OWNER not in assignable_roles(admin)
    client = signed_in(admin.user)
    response = post(client, "member_role", place(bob), seen="member", role="owner")
    assert response.status_code == 422
    with pytest.raises(PermissionDenied):
        change_role(admin, place(bob), seen=Role.MEMBER, role=Role.OWNER)
    assert place(bob).role == Role.MEMBER
    for name in ("member_role", "member_remove", "member_transfer"):
        assert post(client, name, place(alice), seen="owner", role="viewer").status_code == 403
    assert place(alice).role == Role.OWNER


def test_rights_lost_meanwhile_are_lost(team: Team, alice: User, bob: User) -> None:
    admin = add(team, Role.ADMIN, "Ada")
    Membership.objects.filter(pk=admin.pk).update(role=Role.MEMBER)
    with pytest.raises(PermissionDenied):
        change_role(admin, place(bob), seen=Role.MEMBER, role=Role.VIEWER)
    with pytest.raises(PermissionDenied):
        remove_member(admin, place(bob), seen=Role.MEMBER, heir=None)
