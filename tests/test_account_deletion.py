"""Deleting an account: nothing tells any more whose it was, and nothing of others is lost."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from functools import partial
from io import StringIO
from pathlib import Path
from unittest import mock

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connections
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from prompts import limits
from prompts.audit import ERASED, record
from prompts.consents import consent_words
from prompts.flows.account_erasure import Decisions, erase_account
from prompts.flows.members import MemberConflict
from prompts.flows.prompts import cancel_prompt
from prompts.flows.team_deletion import delete_team
from prompts.flows.traces import Names
from prompts.jobs.worker import Worker
from prompts.mails import queue_mail, queue_message
from prompts.models import (
    Album,
    ApiKey,
    AuditEntry,
    Consent,
    Delivery,
    Erasure,
    Image,
    Invitation,
    Mail,
    Membership,
    Prompt,
    Role,
    Share,
    Team,
    TeamDeletion,
    Tune,
    User,
)
from tests import factories
from tests.factories import PASSWORD, ApiClient
from tests.side_by_side import ends_of
from tests.traces import image_of, leave_traces, mail_folder, where

URL = "/account/delete/"


def place(user: User) -> Membership:
    return Membership.objects.select_related("team", "user").get(user=user)


def leaving(user: User, *, heir: Membership | None = None) -> Decisions:
    """To leave every team, with everything handed to `heir` or deleted."""
    return {
        one.team_id: {"seen": one.role, "heir": heir, "delete": heir is None}
        for one in user.memberships.all()
    }


def confirm(client: Client, user: User, **data: str) -> HttpResponse:
    """Posts the form of the page as it stands now."""
    page = client.get(URL).content.decode()
    found = re.search(r'name="ends" value="([^"]*)"', page)
    values = {"password": PASSWORD, "ends": found[1] if found else ""}
    for one in user.memberships.all():
        values[f"{one.public_id}-seen"] = one.role
    return client.post(URL, values | data)


def signed_in_by_page(user: User) -> Client:
    """As people do it, so that the session is in the list."""
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert UserSession.objects.filter(user=user).exists()
    return client


def run_all() -> None:
    worker = Worker()
    while worker.run_next():
        pass


# --- Nothing is left --------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_no_byte_of_the_account_is_left(folders: list[Path], alice: User, team: Team) -> None:
    marker = f"zq{secrets.token_hex(8)}"
    email = f"{marker}@example.com"
    zoe = factories.create_user(name=f"Zoe {marker}", email=email)
    factories.create_membership(team=team, user=zoe)
    client = signed_in_by_page(zoe)
    leave_traces(marker, zoe, client)
    # A team of their own, and whatever hangs on an account.
    client.post(reverse("team_new"), {"name": f"Team {marker}"})
    client.post(reverse("team_switch", args=[team.public_id]))
    EmailAddress.objects.create(user=zoe, email=email, verified=True, primary=True)
    EmailAddress.objects.create(user=zoe, email=f"other-{email}")
    SocialAccount.objects.create(user=zoe, provider="sso", uid=marker, extra_data={"n": marker})
    Authenticator.objects.create(user=zoe, type=Authenticator.Type.TOTP, data={"secret": marker})
    team.invitations.create(
        author=alice, email=f"other-{email}", name=marker, token_sha256="1",
        expires_at=timezone.now(),
    )  # fmt: skip
    limits.take(f"join-confirm:1:{email}", 3, 3600)
    record(team, "role_changed", actor=alice, target=zoe, was="viewer", now="member")
    record(team, "member_joined", actor=alice, role="member", invited_by=str(zoe))
    record(team, "invitation_sent", actor=alice, role="member")
    AuditEntry.objects.filter(action="invitation_sent").update(target_label=email)
    kind = ContentType.objects.get_for_model(Team)
    LogEntry.objects.create(
        user=alice, content_type=kind, object_id=str(team.pk), object_repr="Acme",
        action_flag=CHANGE, change_message=f"membership “{zoe} in Acme”",
    )  # fmt: skip
    queue_mail(to=email, template="test", context={}, team=team)
    (mail_folder() / "20260101-3.log").write_text(f"To: {email}\n\nHello.")
    theirs = image_of(factories.create_tune(team=team, owner=alice, photos=1))
    assert len(where(marker, folders)) >= 6
    fate = {f"{Membership.objects.get(team=team, user=zoe).public_id}-fate": "delete"}
    response = confirm(client, zoe, **fate)
    assert response.status_code == 302, response.content
    connections.close_all()
    worker = Worker()
    worker._sweep_if_due()
    run_all()
    worker._sweep_at = 0
    worker._sweep_if_due()
    assert where(marker, folders) == []
    assert list(User.objects.all()) == [alice] and list(Team.objects.all()) == [team]
    # What was done is still known, and what is of others is still there.
    assert AuditEntry.objects.filter(team=team, actor_name=ERASED).exists()
    assert AuditEntry.objects.filter(action="account_erased").exists()
    theirs.refresh_from_db()
    assert theirs.tune.photos.count() == 1
    receipt = Erasure.objects.get()
    assert receipt.kind == Erasure.Kind.ACCOUNT and receipt.actor is None
    assert receipt.counts["people"] == 2 and receipt.counts["teams"] == 1


@pytest.mark.django_db
def test_the_receipt_is_shown_to_whom_is_signed_out_now(bob: User, alice: User) -> None:
    client, elsewhere = signed_in_by_page(bob), signed_in_by_page(bob)
    keys = [browser.session.session_key for browser in (client, elsewhere)]
    assert Session.objects.filter(session_key__in=keys).count() == 2
    response = confirm(client, bob)
    receipt = Erasure.objects.get()
    assert response["Location"] == receipt.get_absolute_url()
    page = client.get(response["Location"]).content.decode()
    assert receipt.number in page and "An account" in page and "Bob" not in page
    for browser in (client, elsewhere):
        assert browser.get(reverse("account")).status_code == 302
    assert Client().post(
        reverse("account_login"), {"login": "bob@example.com", "password": PASSWORD}
    ).status_code == 200  # fmt: skip
    assert not Session.objects.filter(session_key__in=keys).exists()


# --- What stays -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_what_is_handed_over_stays_without_an_author(
    team: Team, alice: User, bob: User, bob_client: Client, alice_client: Client
) -> None:
    tune = factories.create_tune(team=team, owner=bob, title="Ada", photos=1)
    image = image_of(tune)
    album = factories.create_album(owner=bob, images=[image])
    share = factories.create_share(author=bob, images=[image])
    factories.create_api_key(user=bob)
    record(team, "tune_edited", actor=bob, target=tune, changed=["title"])
    prefix = place(bob).public_id
    response = confirm(
        bob_client, bob, **{f"{prefix}-fate": "hand_over", f"{prefix}-heir": place(alice).public_id}
    )
    assert response.status_code == 302
    tune.refresh_from_db()
    album.refresh_from_db()
    assert tune.owner == album.owner == alice
    assert Prompt.objects.get().author is None and Image.objects.get().author is None
    assert not Share.objects.filter(pk=share.pk).exists() and not ApiKey.objects.exists()
    words = consent_words(tune)
    assert words is not None and words.confirmed_by == "somebody who has left"
    for page in (
        image.get_absolute_url(), tune.get_absolute_url(), image.prompt.get_absolute_url(),
        reverse("tune_data", args=[tune.public_id]), reverse("audit_log"), reverse("usage"),
    ):  # fmt: skip
        response = alice_client.get(page)
        assert response.status_code == 200
        assert b"Bob" not in response.content and b"bob@example.com" not in response.content
    told = AuditEntry.objects.values_list("action", "actor_name", "target_label")
    assert ("tune_edited", ERASED, "Ada") in told and ("member_left", ERASED, "") in told
    assert ("account_erased", ERASED, "") in told


@pytest.mark.django_db
def test_a_name_that_somebody_else_bears_stays_and_other_teams_are_not_touched(
    team: Team, alice: User, bob: User, charlie: User
) -> None:
    namesake = factories.create_user(name="Bob Brown")
    factories.create_membership(team=team, user=namesake)
    record(team, "album_deleted", actor=namesake)
    record(team, "album_deleted", actor=bob)
    album = factories.create_album(owner=alice, title="Bob Brown on stage")
    theirs = factories.create_album(owner=charlie, title="Bob Brown")
    erase_account(bob, leaving(bob), by=bob)
    names = AuditEntry.objects.filter(action="album_deleted").order_by("pk")
    assert list(names.values_list("actor_name", flat=True)) == ["Bob Brown", ERASED]
    assert Album.objects.get(pk=album.pk).title == "Bob Brown on stage"
    assert Album.objects.get(pk=theirs.pk).title == "Bob Brown"


@pytest.mark.django_db
def test_a_name_is_taken_out_of_what_the_team_wrote(team: Team, alice: User, bob: User) -> None:
    album = factories.create_album(owner=alice, title="For Bob Brown", note="bob@example.com.")
    erase_account(bob, leaving(bob), by=bob)
    album.refresh_from_db()
    assert (album.title, album.note) == (f"For {ERASED}", f"{ERASED}.")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("to bo@example.com.", True),
        ("<bo@example.com>", True),
        ("bo@example.com.au", False),
        ("jim.bo@example.com", False),
        ("bo@example.com-mail", False),
    ],
)
def test_an_address_within_another_is_another(text: str, found: bool) -> None:
    assert Names.of(["bo@example.com"]).are_in(text) is found


@pytest.mark.django_db
def test_mails_to_namesakes_still_go(team: Team, alice: User, bob: User, charlie: User) -> None:
    for to, at in (("x@example.com", charlie.teams.get()), ("y@example.com", team)):
        mail = queue_message(to=to, template="test", subject="Hello", text="Hello Bob Brown,")
        Mail.objects.filter(pk=mail.pk).update(team=at)
    queue_message(to=bob.email, template="test", subject="Hello", text="Hello,")
    erase_account(bob, leaving(bob), by=bob)
    assert [mail.to for mail in Mail.objects.all()] == ["x@example.com"]


@pytest.mark.django_db
def test_nobody_is_told_through_a_key_that_is_gone(team: Team, alice: User, bob: User) -> None:
    key, plain = factories.create_api_key(user=bob)
    tune = factories.create_tune(team=team, owner=alice, api_key=key, callback="https://b.test/")
    shoot = team.shoots.create(title="Ours", api_key=key, prompts_callback="https://b.test/")
    prompt = factories.create_prompt(
        tune=tune, api_key=key, is_api=True, shoot=shoot,
        parameters={"callback": "https://b.test/", "seed": 7},
    )  # fmt: skip
    team.deliveries.create(event="prompt", url="https://b.test/", prompt=prompt, api_key=key)
    erase_account(bob, leaving(bob), by=bob)
    assert ApiClient(plain).get("/api/tunes").status_code == 401
    prompt = Prompt.objects.select_related("tune__team", "team", "shoot", "api_key").get()
    tune.refresh_from_db()
    assert prompt.parameters == {"seed": 7} and tune.callback == ""
    assert cancel_prompt(prompt)
    assert not Delivery.objects.exists()


# --- The page ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_without_the_password_nothing_happens(bob: User, bob_client: Client) -> None:
    for password in ("", "wrong"):
        assert confirm(bob_client, bob, password=password).status_code == 422
    assert User.objects.filter(pk=bob.pk).exists() and not Erasure.objects.exists()


@pytest.mark.django_db
def test_passwords_cannot_be_guessed_here(bob: User, alice: User, bob_client: Client) -> None:
    for _ in range(10):
        assert confirm(bob_client, bob, password="wrong").status_code == 422
    response = confirm(bob_client, bob)
    assert response.status_code == 422 and "Too many tries" in response.content.decode()


@pytest.mark.django_db
def test_who_has_no_password_types_the_address(bob: User, alice: User, bob_client: Client) -> None:
    bob.set_unusable_password()
    bob.save()
    bob_client.force_login(bob, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "Type “bob@example.com”" in bob_client.get(URL).content.decode()
    assert confirm(bob_client, bob, email="bo@example.com").status_code == 422
    assert confirm(bob_client, bob, email="Bob@example.com").status_code == 302
    assert not User.objects.filter(pk=bob.pk).exists()


@pytest.mark.django_db
def test_who_has_a_second_factor_alone_shows_it_again(bob: User, bob_client: Client) -> None:
    bob.set_unusable_password()
    bob.save()
    bob_client.force_login(bob, backend="allauth.account.auth_backends.AuthenticationBackend")
    Authenticator.objects.create(user=bob, type=Authenticator.Type.TOTP, data={"secret": "x"})
    for response in (bob_client.get(URL), bob_client.post(URL, {"email": bob.email})):
        assert response.status_code == 302 and "reauthenticate" in response["Location"]
    # As the library notes it once the code was right.
    session = bob_client.session
    session["account_authentication_methods"] = [
        {"method": "mfa", "at": time.time(), "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = str(bob.pk)
    session.save()
    assert bob_client.get(URL).status_code == 200


@pytest.mark.django_db
def test_the_only_owner_hands_the_team_over_first(
    team: Team, alice: User, bob: User, alice_client: Client
) -> None:
    page = alice_client.get(URL).content.decode()
    assert "You are its only owner" in page
    assert reverse("member_detail", args=[place(bob).public_id]) in page
    assert "Delete my account for good" not in page
    assert confirm(alice_client, alice).status_code == 422
    with pytest.raises(MemberConflict):
        erase_account(alice, leaving(alice), by=alice)
    with pytest.raises(MemberConflict):
        erase_account(alice, {team.pk: None}, by=alice)
    assert team.memberships.count() == 2
    Membership.objects.filter(user=bob).update(role=Role.OWNER)
    assert confirm(alice_client, alice).status_code == 302


@pytest.mark.django_db
def test_a_team_with_nobody_else_goes_too_and_that_is_said(
    team: Team, alice: User, alice_client: Client
) -> None:
    disabled = factories.create_user(is_active=False)
    factories.create_membership(team=team, user=disabled, role=Role.OWNER)
    image_of(factories.create_tune(team=team, owner=alice))
    page = alice_client.get(URL).content.decode()
    assert "it is deleted with you: 1 person, 1 picture and 0 links" in " ".join(page.split())
    assert confirm(alice_client, alice).status_code == 302
    assert not team.memberships.exists()
    run_all()
    assert not Team.objects.exists() and list(User.objects.all()) == [disabled]


@pytest.mark.django_db
def test_somebody_who_came_meanwhile_keeps_the_team(
    team: Team, alice: User, alice_client: Client
) -> None:
    page = alice_client.get(URL).content.decode()
    assert "it is deleted with you" in page
    bea = factories.create_user()
    factories.create_membership(team=team, user=bea, role=Role.OWNER)
    values = {
        "password": PASSWORD, "ends": team.public_id, f"{place(alice).public_id}-seen": "owner",
    }  # fmt: skip
    response = alice_client.post(URL, values)
    assert response.status_code == 422 and "changed meanwhile" in response.content.decode()
    with pytest.raises(MemberConflict):
        erase_account(alice, {team.pk: None}, by=alice)
    assert team.memberships.count() == 2 and not TeamDeletion.objects.exists()


@pytest.mark.django_db
def test_an_outdated_decision_is_answered_with_the_present(
    team: Team, alice: User, bob: User, bob_client: Client
) -> None:
    with mock.patch("prompts.views.leaving.erase_account", side_effect=MemberConflict("Look.")):
        response = confirm(bob_client, bob)
    assert response.status_code == 422 and "Look." in response.content.decode()


@pytest.mark.django_db
def test_a_viewer_whose_owner_is_disabled_deletes_no_team(
    team: Team, alice: User, vera: User, vera_client: Client
) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert confirm(vera_client, vera).status_code == 302
    assert list(team.members.all()) == [alice] and not TeamDeletion.objects.exists()


@pytest.mark.django_db
def test_the_last_account_is_told_that_the_portal_is_open_then(
    team: Team, alice: User, alice_client: Client
) -> None:
    words = "Whoever opens the portal next"
    assert words in alice_client.get(URL).content.decode()
    factories.create_user()
    assert words not in alice_client.get(URL).content.decode()


@pytest.mark.django_db
def test_the_account_page_leads_there(bob: User, bob_client: Client) -> None:
    assert URL in bob_client.get(reverse("account")).content.decode()


# --- Side by side -----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_go_at_once_one_is_told() -> None:
    for _ in range(4):
        team = factories.create_team()
        owners = [factories.create_user() for _ in range(2)]
        for user in owners:
            factories.create_membership(team=team, user=user, role=Role.OWNER)
        ends = ends_of(partial(erase_account, user, leaving(user), by=user) for user in owners)
        assert ends == ["MemberConflict", "done"]
        assert team.memberships.count() == 1
        assert User.objects.filter(pk__in=[user.pk for user in owners]).count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_account_goes_once() -> None:
    team = factories.create_team()
    owner, user = factories.create_user(), factories.create_user()
    factories.create_membership(team=team, user=owner, role=Role.OWNER)
    factories.create_membership(team=team, user=user)
    decisions = leaving(user)
    ends = ends_of([partial(erase_account, user, decisions, by=user)] * 2)
    assert ends == ["AlreadyErased", "done"]
    assert Erasure.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_team_is_deleted_while_a_member_deletes_the_account() -> None:
    for _ in range(4):
        team = factories.create_team()
        owner, user = factories.create_user(), factories.create_user()
        factories.create_membership(team=team, user=owner, role=Role.OWNER)
        factories.create_membership(team=team, user=user)
        factories.create_tune(team=team, owner=user, photos=1)
        ends = ends_of(
            [
                partial(delete_team, place(owner)),
                partial(erase_account, user, leaving(user), by=user),
            ]
        )
        assert ends in (["MemberConflict", "done"], ["done", "done"])
        assert User.objects.filter(pk=user.pk).exists() is ("MemberConflict" in ends)
        assert not team.memberships.exists()
        run_all()
        assert not Team.objects.filter(pk=team.pk).exists()


# --- The command ------------------------------------------------------------------------------


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("erase_subject", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def two_teams(team: Team, alice: User, bob: User) -> Iterator[Team]:
    """Bob has people in Alice's team, and in another one that he has left."""
    factories.create_tune(team=team, owner=bob, title="Ada", photos=2)
    left = factories.create_team(name="Left")
    factories.create_membership(team=left, user=alice, role=Role.OWNER)
    factories.create_tune(team=left, owner=bob, title="Bea")
    return left


@pytest.mark.django_db
def test_the_command_lists_and_erases_nothing(two_teams: Team, bob: User) -> None:
    told = command("BOB@example.com")
    assert "Ada in Acme: 2 photos, 0 pictures" in told and "Bea in Left" in told
    assert "the place in Acme" in told
    assert Tune.objects.count() == 2 and not Erasure.objects.exists()


@pytest.mark.django_db
def test_the_command_erases_the_account_and_its_people(two_teams: Team, bob: User) -> None:
    told = command("bob@example.com", "--yes")
    receipt = Erasure.objects.get()
    assert receipt.number in told and receipt.get_absolute_url() in told
    assert "People: 2" in told and "Photos: 2" in told
    assert not Tune.objects.exists() and not Consent.objects.exists()
    assert not User.objects.filter(pk=bob.pk).exists()


@pytest.mark.django_db
def test_the_command_refuses_the_only_owner(two_teams: Team, alice: User) -> None:
    with pytest.raises(CommandError, match="only owner of Acme"):
        command("alice@example.com", "--yes")
    assert User.objects.filter(pk=alice.pk).exists() and not Erasure.objects.exists()


@pytest.mark.django_db
def test_the_command_erases_an_address_without_an_account(team: Team, alice: User) -> None:
    with pytest.raises(CommandError, match="Nothing is kept"):
        command("guest@example.com")
    row = team.invitations.create(
        author=alice, email="guest@example.com", token_sha256="1", expires_at="2030-01-01T00:00Z"
    )
    record(team, "invitation_sent", actor=alice, target=row, role="member")
    assert "No account" in command("guest@example.com") and Invitation.objects.exists()
    told = command("guest@example.com", "--yes")
    assert "Invitations: 1" in told and Erasure.objects.get().number in told
    assert not Invitation.objects.exists()
    assert AuditEntry.objects.get().target_label == ERASED
