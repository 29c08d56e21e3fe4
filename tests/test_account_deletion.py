"""Deleting an account: nothing tells any more whose it was, and nothing of others is lost."""

from __future__ import annotations

import secrets
from functools import partial
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from prompts import limits
from prompts.audit import ERASED, record
from prompts.consents import consent_words
from prompts.flows.account_erasure import erase_account
from prompts.flows.prompts import cancel_prompt
from prompts.flows.team_deletion import delete_team
from prompts.flows.traces import Names
from prompts.jobs.worker import Worker
from prompts.mails import queue_mail, queue_message
from prompts.models import (
    Album,
    ApiKey,
    AuditEntry,
    Delivery,
    Erasure,
    Image,
    Mail,
    Membership,
    Prompt,
    Role,
    Share,
    Team,
    User,
)
from tests import factories
from tests.factories import PASSWORD, ApiClient
from tests.leaving import confirm, leaving, place, run_all
from tests.side_by_side import ends_of
from tests.traces import image_of, leave_traces, mail_folder, where


def signed_in_by_page(user: User) -> Client:
    """As people do it, so that the session is in the list."""
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert UserSession.objects.filter(user=user).exists()
    return client


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
