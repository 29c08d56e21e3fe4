"""Who is in a team, who may change that, and what becomes of those who go."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from prompts.access_members import assignable_roles, may_manage
from prompts.flows.members import (
    MemberConflict,
    change_role,
    remove_member,
    transfer_ownership,
)
from prompts.live.rights import rights_of_session
from prompts.models import Album, AuditEntry, Change, Membership, Role, Team, Tune, User
from tests import factories
from tests.factories import ApiClient, signed_in
from tests.side_by_side import ends_of

pytestmark = pytest.mark.django_db


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


# --- The rules --------------------------------------------------------------------------------


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


# --- The list ---------------------------------------------------------------------------------


def test_the_list_shows_the_team_owners_first_and_finds_by_name_and_address(
    team: Team, alice: User, bob: User, charlie: User, alice_client: Client
) -> None:
    page = alice_client.get("/members/")
    assert [m.user for m in page.context["page_obj"]] == [alice, bob]
    assert charlie.email not in page.content.decode()
    found = alice_client.get("/members/?q=BROWN").context["page_obj"]
    assert [m.user for m in found] == [bob]
    assert "Nobody is called that" in alice_client.get("/members/?q=zzz").content.decode()


def test_counts_tell_others_nothing_of_private_people(
    team: Team, alice: User, bob: User, vera: User
) -> None:
    factories.create_tune(team=team, owner=bob, visibility=Tune.Visibility.PRIVATE)
    factories.create_tune(team=team, owner=bob)

    def count(client: Client) -> int:
        page = client.get("/members/?q=Brown")
        return int(page.context["page_obj"][0].tune_count)

    assert [count(signed_in(user)) for user in (alice, bob, vera)] == [2, 2, 1]


def test_a_long_list_has_pages_and_few_queries(
    team: Team, alice_client: Client, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    for number in range(60):
        add(team, Role.MEMBER, f"Nova {number}")
    with django_assert_max_num_queries(10):
        page = alice_client.get("/members/?q=nova")
    assert len(page.context["page_obj"]) == 50
    assert "?q=nova&amp;page=2" in page.content.decode()


# --- Roles ------------------------------------------------------------------------------------


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


# --- Going ------------------------------------------------------------------------------------


def test_a_removed_member_is_out_of_everything_at_once(
    team: Team, alice: User, bob: User, alice_client: Client, bob_client: Client
) -> None:
    tune = factories.create_tune(team=team, owner=bob)
    image = factories.create_image(prompt=factories.create_prompt(tune=tune))
    share = factories.create_share(author=bob, images=[image])
    key, plain = factories.create_api_key(user=bob)
    assert ApiClient(plain).get("/api/tunes").status_code == 200
    assert Client().get(share.public_path).status_code == 200
    session = bob_client.session.session_key
    before = rights_of_session(session)
    assert before is not None and team.pk in before.teams

    data = {"seen": "member", "fate": "hand_over", "heir": place(alice).public_id}
    assert post(alice_client, "member_remove", place(bob), **data).status_code == 302

    assert ApiClient(plain).get("/api/tunes").status_code == 401
    key.refresh_from_db()
    assert key.is_revoked
    assert Client().get(share.public_path).status_code == 404
    after = rights_of_session(session)
    assert after is not None and not after.teams
    other = factories.create_team(name="Next job")
    factories.create_membership(team=other, user=bob)
    for url in (tune.get_absolute_url(), reverse("image_original", args=[image.public_id])):
        assert bob_client.get(url).status_code == 404
        assert alice_client.get(url).status_code == 200
    tune.refresh_from_db()
    assert tune.owner == alice


def test_keys_of_another_team_stay(team: Team, alice: User, bob: User) -> None:
    other = factories.create_team(name="Other")
    factories.create_membership(team=other, user=bob, role=Role.MEMBER)
    key, _ = factories.create_api_key(user=bob, team=other)
    bobs = Membership.objects.select_related("user", "team").get(user=bob, team=team)
    remove_member(place(alice), bobs, seen=Role.MEMBER, heir=None)
    key.refresh_from_db()
    assert not key.is_revoked


def test_what_they_made_is_deleted_when_that_is_chosen(
    team: Team, alice: User, bob: User, alice_client: Client
) -> None:
    mine = factories.create_tune(team=team, owner=alice)
    factories.create_tune(team=team, owner=bob)
    factories.create_album(owner=bob)
    post(alice_client, "member_remove", place(bob), seen="member", fate="delete")
    assert list(Tune.objects.all()) == [mine]
    assert not Album.objects.exists()


def test_nothing_is_lost_when_nothing_was_decided(
    team: Team, alice: User, bob: User, alice_client: Client
) -> None:
    tune = factories.create_tune(team=team, owner=bob)
    assert post(alice_client, "member_remove", place(bob), seen="member").status_code == 422
    assert place(bob)
    # A person who came after the page had been shown goes to whoever removes.
    Tune.objects.filter(pk=tune.pk).update(owner=alice)
    page = post(alice_client, "member_remove", place(bob), seen="member")
    assert page.status_code == 302


def test_only_somebody_who_makes_pictures_here_takes_over(
    team: Team, alice: User, bob: User, vera: User, charlie: User, alice_client: Client
) -> None:
    factories.create_tune(team=team, owner=bob)
    for heir in (vera, charlie, bob):
        data = {"seen": "member", "fate": "hand_over", "heir": place(heir).public_id}
        assert post(alice_client, "member_remove", place(bob), **data).status_code == 422
        with pytest.raises(MemberConflict):
            remove_member(place(alice), place(bob), seen=Role.MEMBER, heir=place(charlie))
    assert place(bob)


def test_a_member_leaves_and_hands_over(
    team: Team, alice: User, bob: User, bob_client: Client
) -> None:
    tune = factories.create_tune(team=team, owner=bob)
    album = factories.create_album(owner=bob)
    form = bob_client.get("/members/leave/").context["form"]
    assert list(form.heirs) == [place(alice).public_id]
    data = {"seen": "member", "fate": "hand_over", "heir": place(alice).public_id}
    response = bob_client.post("/members/leave/", data, follow=True)
    assert "You do not belong to a team yet" in response.content.decode()
    tune.refresh_from_db()
    album.refresh_from_db()
    assert (tune.owner, album.owner) == (alice, alice)
    assert bob_client.get("/members/").status_code == 403


def test_a_conflict_shows_nothing_to_who_is_out(team: Team, alice: User, bob: User) -> None:
    admin = add(team, Role.ADMIN, "Ada")
    client, bobs = signed_in(admin.user), place(bob)
    url = reverse("member_detail", args=[bobs.public_id])
    assert client.get(url).status_code == 200
    remove_member(place(alice), admin, seen=Role.ADMIN, heir=None)
    for name in ("member_role", "member_remove"):
        assert post(client, name, bobs, seen="member", role="viewer").status_code in (403, 404)
    factories.create_membership(team=factories.create_team(name="B"), user=admin.user)
    assert client.get(url).status_code == 404


def test_whoever_is_signed_in_makes_a_team(charlie: User, charlie_client: Client) -> None:
    Membership.objects.all().delete()
    assert "Make a team of your own" in charlie_client.get("/").content.decode()
    assert charlie_client.post("/teams/new/", {"name": ""}).status_code == 422
    assert charlie_client.post("/teams/new/", {"name": "Mine"}).status_code == 302
    assert (place(charlie).role, place(charlie).team.name) == (Role.OWNER, "Mine")
    assert "Mine" in charlie_client.get("/").content.decode()


# --- What the log tells -----------------------------------------------------------------------


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


# --- Side by side -----------------------------------------------------------------------------


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
