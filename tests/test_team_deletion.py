"""Deleting a team: it is gone at once, and wholly in the end."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from prompts.flows.joining import JoinRefused, Problem, join
from prompts.flows.members import remove_member
from prompts.flows.team_deletion import delete_team
from prompts.jobs.control import Control
from prompts.jobs.team_deletions import run_team_deletion
from prompts.jobs.worker import Worker
from prompts.models import (
    AstriaAccount,
    Erasure,
    Handover,
    Invitation,
    Mail,
    Membership,
    Role,
    Share,
    Team,
    TeamDeletion,
    User,
)
from tests import factories
from tests.factories import ApiClient, signed_in
from tests.leaving import claim, files_below, fill, place, run_all
from tests.side_by_side import ends_of
from tests.traces import image_of, leave_traces, where

URL = "/teams/delete/"


# --- Nothing is left --------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_no_byte_of_the_team_is_left(
    folders: list[Path], alice: User, bob: User, charlie: User, alice_client: Client
) -> None:
    marker = f"zq{secrets.token_hex(8)}"
    team = alice.teams.get()
    Team.objects.filter(pk=team.pk).update(name=f"Team {marker}")
    leave_traces(marker, alice, alice_client)
    Mail.objects.update(team=team)
    alice_client.post(
        reverse("invitation_new"), {"addresses": f"{marker}@example.com", "role": "member"}
    )
    assert Invitation.objects.filter(email=f"{marker}@example.com").exists()
    team.invitelinks.create(author=alice, title=marker, token_sha256="2", domains=[marker])
    factories.create_api_key(user=bob, name=marker)
    AstriaAccount.objects.create(team=team, key=marker, holder=marker, reach_words=marker)
    theirs = image_of(
        factories.create_tune(team=charlie.teams.get(), owner=charlie, title="Ada", photos=1)
    )
    assert len(where(marker, folders)) >= 6
    response = alice_client.post(URL, {"name": f"team {marker.upper()}"})
    assert response.status_code == 302
    run_all()
    connections.close_all()
    worker = Worker()
    worker._sweep_if_due()
    run_all()
    assert where(marker, folders) == []
    assert not Team.objects.filter(pk=team.pk).exists()
    receipt = Erasure.objects.get()
    assert receipt.counts["people"] >= 2 and receipt.counts["files"] > 8
    assert receipt.kind == Erasure.Kind.TEAM and receipt.team is None
    # Others have lost nothing.
    theirs.refresh_from_db()
    assert default_storage.exists(theirs.file) and theirs.tune.photos.count() == 1
    assert set(User.objects.all()) == {alice, bob, charlie}


@pytest.mark.django_db(transaction=True)
def test_it_is_gone_for_everybody_at_once(
    team: Team, alice: User, bob: User, alice_client: Client, bob_client: Client
) -> None:
    tune = fill(team, alice)[0]
    image = tune.images.first()
    assert image is not None
    share = factories.create_share(author=alice, images=[image])
    program = ApiClient(factories.create_api_key(user=alice)[1])
    guest = Client()
    for client, address in ((guest, share.public_path), (program, "/api/tunes")):
        assert client.get(address).status_code == 200
    alice_client.post(URL, {"name": team.name})
    assert bob_client.get(tune.get_absolute_url()).status_code == 403
    assert alice_client.get(reverse("image_original", args=[image.public_id])).status_code == 403
    assert guest.get(share.public_path).status_code == 404
    assert guest.get(f"{share.public_path}{image.public_id}/320.webp").status_code == 404
    assert program.get("/api/tunes").status_code == 401
    page = bob_client.get("/")
    assert page.status_code == 200 and "You do not belong to a team yet" in page.content.decode()


@pytest.mark.django_db
def test_a_request_deletes_no_file(
    team: Team, alice: User, alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> int:
        raise AssertionError("a request deletes files")

    fill(team, alice)
    before = files_below(f"teams/{team.public_id}")
    monkeypatch.setattr("prompts.flows.team_deletion.delete_tree", refuse)
    assert alice_client.post(URL, {"name": team.name}).status_code == 302
    assert files_below(f"teams/{team.public_id}") == before != []


@pytest.mark.django_db
def test_a_large_team_is_deleted_as_quickly_as_a_small_one(
    team: Team, alice: User, charlie: User, django_assert_num_queries: Callable[[int], object]
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for user, people in ((alice, 1), (charlie, 6)):
        fill(user.teams.get(), user, people)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            delete_team(place(user))
        counts.append(len(captured))
    assert counts[0] == counts[1]


@pytest.mark.django_db
def test_the_receipt_is_open_and_says_when_all_is_done(
    team: Team, alice: User, alice_client: Client
) -> None:
    fill(team, alice)
    page = alice_client.post(URL, {"name": team.name}, follow=True).content.decode()
    assert "A team" in page and "Files are still being deleted" in page and team.name not in page
    run_team_deletion(claim(), Control())
    receipt = Erasure.objects.get()
    page = Client().get(receipt.get_absolute_url()).content.decode()
    assert "Files are still being deleted" not in page
    data = Client().get(reverse("erasure_json", args=[receipt.public_id])).json()
    assert data["is_complete"] and data["counts"]["people"] == 2 and data["by"] is None


# --- Who, and how they hear of it -------------------------------------------------------------


@pytest.mark.django_db
def test_only_an_owner_who_types_the_name(team: Team, alice: User, alice_client: Client) -> None:
    admin = factories.create_user()
    factories.create_membership(team=team, user=admin, role=Role.ADMIN)
    assert signed_in(admin).post(URL, {"name": team.name}).status_code == 403
    for name in ("", "Ac", "Acme!"):
        assert alice_client.post(URL, {"name": name}).status_code == 422
    Membership.objects.filter(user=alice).update(role=Role.ADMIN)
    with pytest.raises(PermissionDenied):
        delete_team(place(alice))
    assert not TeamDeletion.objects.exists() and team.memberships.count() == 2


@pytest.mark.django_db
def test_the_page_says_how_much_goes(team: Team, alice: User, alice_client: Client) -> None:
    image = image_of(fill(team, alice, 1)[0])
    factories.create_share(author=alice, images=[image])
    Handover.of(image.prompt, "").note(remote_id=7, sent_at=timezone.now())
    page = " ".join(alice_client.get(URL).content.decode().split())
    assert "1 person with 2 photos" in page and "3 pictures" in page and "1 link, which" in page
    assert "1 copy at a service is deleted there" in page
    assert "Delete this team" in alice_client.get(reverse("team_settings")).content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_other_owners_and_admins_are_told_by_whom(
    team: Team, alice: User, bob: User, folders: list[Path]
) -> None:
    for role, email in ((Role.OWNER, "olga@example.com"), (Role.ADMIN, "adam@example.com")):
        user = factories.create_user(email=email)
        factories.create_membership(team=team, user=user, role=role)
    gone = factories.create_user(is_active=False)
    factories.create_membership(team=team, user=gone, role=Role.ADMIN)
    delete_team(place(alice))
    mails = list(Mail.objects.order_by("to"))
    assert [mail.to for mail in mails] == ["adam@example.com", "olga@example.com"]
    assert all("Alice Ames has deleted the team Acme" in mail.text for mail in mails)
    assert not any("Acme" in mail.subject for mail in mails)
    run_all()
    written = [file.read_text() for file in (folders[0] / "data" / "mail").glob("*.log")]
    assert len(written) == 2 and not Team.objects.exists()


# --- Side by side -----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_delete_at_once_one_is_told() -> None:
    for _ in range(4):
        team = factories.create_team()
        owners = [factories.create_user() for _ in range(2)]
        for user in owners:
            factories.create_membership(team=team, user=user, role=Role.OWNER)
        ends = ends_of(partial(delete_team, place(user)) for user in owners)
        assert ends == ["MemberConflict", "done"]
        assert TeamDeletion.objects.filter(team=team).count() == 1
        assert not team.memberships.exists()


@pytest.mark.django_db(transaction=True)
def test_an_owner_deletes_while_a_member_leaves() -> None:
    for _ in range(4):
        team = factories.create_team()
        owner, member = factories.create_user(), factories.create_user()
        factories.create_membership(team=team, user=owner, role=Role.OWNER)
        factories.create_membership(team=team, user=member)
        factories.create_tune(team=team, owner=member)
        goes, heir = place(member), place(owner)
        ends = ends_of(
            [
                partial(delete_team, heir),
                partial(remove_member, goes, goes, seen=Role.MEMBER, heir=heir),
            ]
        )
        assert ends in (["MemberConflict", "done"], ["done", "done"])
        assert not team.memberships.exists() and TeamDeletion.objects.filter(team=team).exists()
        run_all()
        assert not Team.objects.filter(pk=team.pk).exists()


@pytest.mark.django_db
def test_who_comes_to_join_a_moment_late_is_refused(team: Team, alice: User, bob: User) -> None:
    link = team.invitelinks.create(author=alice, token_sha256="1")
    stranger = factories.create_user()
    delete_team(place(alice))
    with pytest.raises(JoinRefused) as refused:
        join(link, stranger)
    assert refused.value.problem is Problem.REVOKED
    assert not Membership.objects.exists()


@pytest.mark.django_db
def test_nobody_joins_a_team_whose_deletion_has_begun(
    team: Team, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the look at the link had come just before."""
    link = team.invitelinks.create(author=alice, token_sha256="1")
    stranger = factories.create_user()
    delete_team(place(alice))
    monkeypatch.setattr("prompts.flows.joining.problem_of", lambda door, user: None)
    with pytest.raises(JoinRefused):
        join(link, stranger)
    assert not Membership.objects.exists() and not Share.objects.exists()
