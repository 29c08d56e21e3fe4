"""Roles change, and a team keeps an owner, however many act at one moment."""

from __future__ import annotations

from functools import partial

import pytest
from django.test import Client

from prompts.flows.members import MemberConflict, change_role, remove_member, transfer_ownership
from prompts.models import AuditEntry, Change, Role, Team, User
from tests import factories
from tests.members.team import add, place, post, roles
from tests.side_by_side import ends_of

pytestmark = pytest.mark.django_db


def test_a_role_changes_and_open_pages_hear_of_it(
    team: Team, alice_client: Client, bob: User
) -> None:
    before = Change.objects.filter(only_for_id=bob.pk).count()
    response = post(alice_client, "member_role", place(bob), seen="member", role="admin")
    assert response.status_code == 302
    assert place(bob).role == Role.ADMIN
    assert Change.objects.filter(only_for_id=bob.pk).count() == before + 1


def test_an_outdated_page_changes_nothing_and_says_what_is_true(
    team: Team, alice_client: Client, bob: User
) -> None:
    post(alice_client, "member_role", place(bob), seen="member", role="admin")
    for name in ("member_role", "member_remove", "member_transfer"):
        response = post(alice_client, name, place(bob), seen="member", role="viewer")
        assert response.status_code == 409
        assert "Bob Brown is an admin now. Look again." in response.content.decode()
    assert place(bob).role == Role.ADMIN


def test_the_last_owner_neither_steps_down_nor_leaves(
    team: Team, alice: User, bob: User, alice_client: Client
) -> None:
    assert (
        post(alice_client, "member_role", place(alice), seen="owner", role="admin").status_code
        == 409
    )
    response = alice_client.post("/members/leave/", {"seen": "owner"})
    assert response.status_code == 409
    assert "A team needs an owner" in response.content.decode()
    assert place(alice).role == Role.OWNER


def test_an_owner_whose_account_is_closed_does_not_count(team: Team, alice: User) -> None:
    closed = add(team, Role.OWNER, "Gone")
    User.objects.filter(pk=closed.user_id).update(is_active=False)
    with pytest.raises(MemberConflict):
        change_role(place(alice), place(alice), seen=Role.OWNER, role=Role.ADMIN)


def test_ownership_is_handed_over_in_one_step(
    team: Team, alice: User, bob: User, alice_client: Client
) -> None:
    assert post(alice_client, "member_transfer", place(bob), seen="member").status_code == 302
    assert (place(alice).role, place(bob).role) == (Role.ADMIN, Role.OWNER)
    assert post(alice_client, "member_transfer", place(bob), seen="owner").status_code == 403


def test_changes_of_members_are_noted_once(
    team: Team, alice: User, bob: User, vera: User, alice_client: Client
) -> None:
    key, _ = factories.create_api_key(user=vera)
    factories.create_tune(team=team, owner=vera)
    factories.create_tune(team=team, owner=alice)
    heir = {"fate": "hand_over", "heir": place(alice).public_id}
    post(alice_client, "member_role", place(bob), seen="member", role="admin")
    post(alice_client, "member_role", place(bob), seen="member", role="viewer")
    post(alice_client, "member_remove", place(vera), seen="viewer", **heir)
    post(alice_client, "member_transfer", place(bob), seen="admin")
    alice_client.post("/members/leave/", {"seen": "admin", "fate": "delete"})
    rows = list(AuditEntry.objects.filter(team=team).order_by("id"))
    assert [(row.action, row.actor, row.target_label) for row in rows] == [
        ("role_changed", alice, "Bob Brown"),
        ("api_key_revoked", alice, key.name),
        ("member_removed", alice, "Vera Voss"),
        ("ownership_transferred", alice, "Bob Brown"),
        ("tune_deleted", alice, "Ada"),
        ("tune_deleted", alice, "Ada"),
        ("member_left", alice, ""),
    ]
    assert rows[0].details == {"was": "member", "now": "admin"}
    assert rows[2].details == {"role": "viewer", "handed_to": "Alice Ames", "tunes": 1}


@pytest.mark.django_db(transaction=True)
def test_of_owners_who_leave_at_once_one_stays() -> None:
    for _ in range(5):
        team = factories.create_team()
        owners = [add(team, Role.OWNER, f"Owner {n}") for n in range(4)]
        ends = ends_of(
            partial(remove_member, one, one, seen=Role.OWNER, heir=None) for one in owners
        )
        assert ends == ["MemberConflict", "done", "done", "done"]
        assert roles(team) == ["owner"]


@pytest.mark.django_db(transaction=True)
def test_owners_who_step_down_and_remove_each_other_leave_one() -> None:
    for _ in range(5):
        team = factories.create_team()
        ada, bea = (add(team, Role.OWNER, name) for name in ("Ada", "Bea"))
        ends_of(
            [
                partial(change_role, ada, ada, seen=Role.OWNER, role=Role.ADMIN),
                partial(remove_member, ada, bea, seen=Role.OWNER, heir=None),
                partial(change_role, bea, ada, seen=Role.OWNER, role=Role.MEMBER),
            ]
        )
        assert roles(team).count("owner") == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_change_the_same_member_at_once_one_is_told() -> None:
    for _ in range(5):
        team = factories.create_team()
        owner, admin = add(team, Role.OWNER, "Ada"), add(team, Role.ADMIN, "Al")
        bea = add(team, Role.MEMBER, "Bea")
        ends = ends_of(
            [
                partial(change_role, owner, bea, seen=Role.MEMBER, role=Role.ADMIN),
                partial(change_role, admin, bea, seen=Role.MEMBER, role=Role.VIEWER),
            ]
        )
        assert ends == ["MemberConflict", "done"]


@pytest.mark.django_db(transaction=True)
def test_a_team_handed_over_twice_at_once_has_one_owner() -> None:
    team = factories.create_team()
    owner = add(team, Role.OWNER, "Ada")
    others = [add(team, Role.MEMBER, name) for name in ("Bea", "Cid")]
    ends = ends_of(partial(transfer_ownership, owner, one, seen=Role.MEMBER) for one in others)
    assert ends == ["PermissionDenied", "done"]
    assert roles(team) == ["admin", "member", "owner"]
