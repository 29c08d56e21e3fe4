"""Members go: what they lose at once, and what becomes of what they made."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from prompts.flows.members import MemberConflict, remove_member
from prompts.live.rights import rights_of_session
from prompts.models import Album, Membership, Role, Team, Tune, User
from tests import factories
from tests.factories import ApiClient, signed_in
from tests.members.team import add, place, post

pytestmark = pytest.mark.django_db


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
