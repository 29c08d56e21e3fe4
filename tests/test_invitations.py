"""Being invited: by address, by table, by link; and everything that must not let anybody in."""

from __future__ import annotations

import datetime as dt
import logging
import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail as outbox
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from prompts import limits
from prompts.flows import invitations as flow
from prompts.flows.invitations import confirm_address, invite, make_link, resend
from prompts.flows.joining import JoinRefused, join, sign_up
from prompts.forms.address_lists import Entry
from prompts.jobs.control import Control
from prompts.jobs.mails import run_mail
from prompts.models import AuditEntry, Invitation, InviteLink, Mail, Membership, Role, Team, User
from tests import factories
from tests.factories import signed_in

pytestmark = pytest.mark.django_db
BEA = "bea@corp.example"
NEW = {"name": "Bea Brandt", "password": "a long enough phrase"}


def place(user: User, team: Team) -> Membership:
    return Membership.objects.select_related("team", "user").get(user=user, team=team)


def sent_token() -> str:
    """The token in the newest mail, which a worker has just sent."""
    while (mail := Mail.objects.claim("w")) is not None:
        run_mail(mail, Control())
    found = re.search(r"/join/([\w-]+)/", outbox.outbox[-1].body)
    assert found is not None
    return found[1]


def invited(team: Team, author: User, email: str = BEA, role: Role = Role.MEMBER) -> str:
    """The token of a fresh invitation."""
    invite(place(author, team), [Entry(email, "Bea", role)])
    return sent_token()


def link_of(team: Team, author: User, **fields: Any) -> tuple[InviteLink, str]:
    values = {"role": Role.MEMBER, "max_uses": 2} | fields
    return make_link(place(author, team), **values)


def arrive(client: Client, token: str) -> HttpResponse:
    return client.get(reverse("join_token", args=[token]), follow=True)


def come(client: Client, token: str, **data: str) -> HttpResponse:
    arrive(client, token)
    return client.post("/join/", data or {"go": "1"})


def is_member(email: str, team: Team) -> bool:
    return Membership.objects.filter(user__email=email, team=team).exists()


# --- By address -------------------------------------------------------------------------------


def test_somebody_new_comes_by_mail(team: Team, alice: User, client: Client) -> None:
    token = invited(team, alice, role=Role.ADMIN)
    message = outbox.outbox[-1]
    assert message.to == [BEA]
    assert "Alice Ames invites you to Acme" in message.subject
    page = arrive(client, token)
    assert page.redirect_chain == [("/join/", 302)]
    assert page.status_code == 200
    assert BEA in page.content.decode() and "Acme" in page.content.decode()
    assert come(client, token, **NEW).status_code == 302
    bea = User.objects.get(email=BEA)
    assert place(bea, team).role == Role.ADMIN
    assert "Welcome to Acme" in client.get("/").content.decode()
    assert client.get("/members/").status_code == 200


def test_somebody_with_an_account_signs_in_and_joins(
    team: Team, alice: User, charlie: User, client: Client
) -> None:
    token = invited(team, alice, charlie.email)
    assert "Sign in to join" in arrive(client, token).content.decode()
    assert come(client, token, **NEW).status_code == 403
    response = client.post(
        "/accounts/login/?next=/join/",
        {"login": charlie.email, "password": factories.PASSWORD, "next": "/join/"},
        follow=True,
    )
    assert "Join the team" in response.content.decode()
    assert client.post("/join/").status_code == 302
    assert place(charlie, team).role == Role.MEMBER
    assert charlie.memberships.count() == 2
    assert client.get("/members/").context["membership"].team == team


def test_looking_uses_nothing_up(team: Team, alice: User, client: Client) -> None:
    token = invited(team, alice)
    for _ in range(3):
        arrive(Client(), token)
        client.head(reverse("join_token", args=[token]))
    assert Invitation.objects.get().accepted_at is None
    assert come(client, token, **NEW).status_code == 302


def test_only_the_digest_of_a_token_is_stored(team: Team, alice: User) -> None:
    token = invited(team, alice)
    _, link_token = link_of(team, alice)
    client = Client()
    arrive(client, token)
    arrive(client, link_token)
    dump = "\n".join(
        str(row)
        for model in (Invitation, InviteLink, Mail)
        for row in model.objects.values()  # type: ignore[attr-defined]
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_data FROM django_session")
    session = str(dict(client.session))
    for secret in (token, link_token):
        assert len(secret) >= 43
        assert secret not in dump
        assert secret not in session


def test_tokens_are_in_no_log_and_no_referer(
    team: Team, alice: User, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = invited(team, alice)
    for secret in (token, "A" * 43):
        response = client.get(reverse("join_token", args=[secret]))
        assert (response.status_code, response["Location"]) == (302, "/join/")
        assert response["Referrer-Policy"] == "no-referrer"
        page = client.get("/join/")
        assert page["Referrer-Policy"] == "same-origin"
        assert "no-store" in page["Cache-Control"]
        assert secret not in page.content.decode()
        assert secret not in caplog.text


# --- Misuse -----------------------------------------------------------------------------------


def refused(response: HttpResponse, status: int, words: str, team: Team) -> None:
    assert response.status_code == status
    assert words in response.content.decode()
    assert not is_member(BEA, team)


def test_a_replayed_invitation_opens_nothing(
    team: Team, alice: User, client: Client, charlie_client: Client
) -> None:
    token = invited(team, alice)
    come(client, token, **NEW)
    for other in (Client(), charlie_client):
        response = come(other, token, **NEW)
        assert response.status_code == 410
        assert "was used" in response.content.decode()
    assert team.memberships.count() == 2
    again = arrive(client, token)
    assert again.status_code == 409
    assert "You are in Acme already" in again.content.decode()


def test_another_account_is_refused_and_told_nothing(
    team: Team, alice: User, charlie_client: Client, charlie: User
) -> None:
    token = invited(team, alice)
    for response in (arrive(charlie_client, token), come(charlie_client, token)):
        refused(response, 403, "for another address", team)
        assert BEA not in response.content.decode()
        assert "Acme" not in response.content.decode()
    assert not is_member(charlie.email, team)


def test_an_expired_invitation_opens_nothing(team: Team, alice: User, client: Client) -> None:
    token = invited(team, alice)
    life = Invitation.objects.get().expires_at - timezone.now()
    assert dt.timedelta(days=13) < life <= dt.timedelta(days=14)
    Invitation.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    refused(come(client, token, **NEW), 410, "has expired", team)


def test_a_revoked_invitation_opens_nothing(
    team: Team, alice: User, client: Client, alice_client: Client
) -> None:
    token = invited(team, alice)
    arrive(client, token)
    row = Invitation.objects.get()
    assert alice_client.post(reverse("invitation_revoke", args=[row.public_id])).status_code == 302
    refused(client.post("/join/", NEW), 410, "was withdrawn", team)


def test_nobody_who_was_shown_the_door_comes_back_by_an_invitation_of_their_own(
    team: Team, alice: User, bob: User, client: Client
) -> None:
    Membership.objects.filter(user=bob).update(role=Role.ADMIN)
    token = invited(team, bob)
    _, link_token = link_of(team, bob)
    Membership.objects.filter(user=bob).update(role=Role.MEMBER)
    for one in (token, link_token):
        refused(come(client, one, **NEW, email=BEA), 410, "was withdrawn", team)
    bob.memberships.all().delete()
    assert come(signed_in(bob), link_token).status_code == 410
    # Another admin answers for it from now on.
    assert resend(place(alice, team), Invitation.objects.get())
    assert come(Client(), sent_token(), **NEW).status_code == 302


def test_a_token_that_never_was_opens_nothing(client: Client, team: Team) -> None:
    refused(arrive(client, "x" * 43), 404, "opens nothing", team)
    refused(client.post("/join/", NEW), 404, "opens nothing", team)
    refused(arrive(client, "é"), 404, "", team)


def test_a_mail_that_is_sent_again_kills_the_earlier_link(
    team: Team, alice: User, alice_client: Client, client: Client
) -> None:
    old = invited(team, alice)
    arrive(client, old)
    row = Invitation.objects.get()
    Invitation.objects.update(expires_at=timezone.now() - dt.timedelta(days=1))
    alice_client.post(reverse("invitation_resend", args=[row.public_id]))
    new = sent_token()
    assert new != old
    refused(client.post("/join/", NEW), 404, "opens nothing", team)
    assert come(client, new, **NEW).status_code == 302


def test_reminders_go_once_a_day(team: Team, alice: User, alice_client: Client) -> None:
    invited(team, alice)
    row = Invitation.objects.get()

    def remind(name: str = "invitation_remind") -> int:
        alice_client.post(
            reverse(name, args=[row.public_id] if name == "invitation_remind" else [])
        )
        return Mail.objects.filter(template="invitation_reminder").count()

    assert remind() == 0
    Invitation.objects.update(sent_at=timezone.now() - dt.timedelta(hours=25))
    assert [remind(), remind(), remind("invitations_remind")] == [1, 1, 1]
    Invitation.objects.update(sent_at=timezone.now() - dt.timedelta(hours=25))
    assert remind("invitations_remind") == 2
    expires = Invitation.objects.get().expires_at
    assert expires == row.expires_at
    assert come(Client(), sent_token(), **NEW).status_code == 302


def test_tries_are_limited(team: Team, alice: User, client: Client) -> None:
    token = invited(team, alice)
    arrive(client, token)
    codes = [client.post("/join/", {"name": "B", "password": "x"}).status_code for _ in range(31)]
    assert codes == [422] * 30 + [429]


def test_a_weak_password_is_told_at_its_field(team: Team, alice: User, client: Client) -> None:
    token = invited(team, alice)
    response = come(client, token, name="Bea", password="short")
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"password"}
    response = come(client, token, name="Bea", password="bea@corp.example")
    assert response.context["form"].errors.keys() == {"password"}
    assert not User.objects.filter(email=BEA).exists()


# --- Sending ----------------------------------------------------------------------------------


def test_a_pasted_list_is_invited_and_says_who_was_left_out(
    team: Team, alice: User, bob: User, alice_client: Client
) -> None:
    invited(team, alice, "old@example.com")
    text = f"new@example.com, OLD@example.com\nBob <{bob.email}>"
    response = alice_client.post(
        "/members/invite/", {"addresses": text, "role": "viewer"}, follow=True
    )
    page = response.content.decode()
    assert "1 is invited." in page
    assert f"Already in the team: {bob.email}." in page
    assert "Already invited: old@example.com." in page
    assert Invitation.objects.get(email="new@example.com").role == Role.VIEWER
    assert Invitation.objects.count() == 2


def test_nobody_is_invited_from_a_list_with_faults(alice_client: Client) -> None:
    data = {"addresses": "good@example.com\nno address\nx@", "role": "member"}
    response = alice_client.post("/members/invite/", data)
    assert response.status_code == 422
    assert len(response.context["form"].errors["addresses"]) == 2
    assert not Invitation.objects.exists()
    data = {"addresses": "good@example.com", "role": "owner"}
    assert alice_client.post("/members/invite/", data).status_code == 422


def test_a_team_sends_so_many_a_day(
    team: Team, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "MAILS_A_DAY", 3)
    entries = [Entry(f"p{n}@example.com", "", Role.MEMBER) for n in range(5)]
    outcome = invite(place(alice, team), entries)
    assert (len(outcome.invited), len(outcome.limited)) == (3, 2)
    assert "Not sent: p3@example.com, p4@example.com" in outcome.words()
    assert not resend(place(alice, team), Invitation.objects.first())  # type: ignore[arg-type]
    assert Mail.objects.count() == 3


def test_more_teams_are_no_more_mails(
    team: Team, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "MAILS_A_DAY", 3)
    second = factories.create_team(name="Second")
    other = factories.create_membership(team=second, user=alice, role=Role.ADMIN)
    entries = [Entry(f"p{n}@example.com", "", Role.MEMBER) for n in range(2)]
    assert len(invite(place(alice, team), entries).invited) == 2
    assert len(invite(other, entries).invited) == 1


def test_a_table_is_shown_first_and_sent_when_confirmed(
    team: Team, alice: User, alice_client: Client
) -> None:
    text = "Name;E-Mail;Role\nAda;ada@example.com;Admin\nBo;nothing;\nCy;cy@example.com;owner\n"
    file = SimpleUploadedFile("people.csv", text.encode("cp1252"), "text/csv")
    page = alice_client.post("/members/invite/table/", {"file": file})
    assert page.status_code == 200
    assert not Invitation.objects.exists()
    assert [line.number for line in page.context["lines"] if line.error] == [3, 4]
    data = {"table": page.context["table"], "confirm": "1"}
    assert alice_client.post("/members/invite/table/", data).status_code == 302
    row = Invitation.objects.get()
    assert (row.email, row.name, row.role) == ("ada@example.com", "Ada", Role.ADMIN)


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\x00" * 300_000])
def test_files_that_hold_nobody_are_refused(alice_client: Client, data: bytes) -> None:
    file = SimpleUploadedFile("people.csv", data or b" ", "text/csv")
    response = alice_client.post("/members/invite/table/", {"file": file})
    assert response.status_code == 422
    assert response.context["table_form"].errors.keys() == {"file"}


def test_the_list_tells_how_each_stands(team: Team, alice: User, alice_client: Client) -> None:
    assert "Nobody is invited yet" in alice_client.get("/members/invitations/").content.decode()
    token = invited(team, alice)
    come(Client(), token, **NEW)
    invited(team, alice, "lost@example.com")
    Mail.objects.filter(to="lost@example.com").update(status="failed", error="No such user.")
    invited(team, alice, "late@example.com")
    Invitation.objects.filter(email="late@example.com").update(expires_at=timezone.now())
    page = alice_client.get("/members/invitations/").content.decode()
    for words in ("came ", "mail not delivered", "No such user.", "expired"):
        assert words in page


def test_a_long_list_needs_few_queries(
    team: Team,
    alice: User,
    alice_client: Client,
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    invite(place(alice, team), [Entry(f"p{n}@example.com", "", Role.MEMBER) for n in range(60)])
    with django_assert_max_num_queries(10):
        page = alice_client.get("/members/invitations/")
    assert len(page.context["page_obj"]) == 50


# --- By link ----------------------------------------------------------------------------------


def test_a_link_is_shown_once_and_lets_in_as_many_as_it_says(
    team: Team, alice: User, alice_client: Client, charlie_client: Client, client: Client
) -> None:
    data = {"title": "Onboarding", "role": "viewer", "max_uses": "2", "lifetime": "7"}
    page = alice_client.post("/members/invite/link/", data)
    assert page.status_code == 201
    token = page.context["address"].rsplit("/", 2)[1]
    assert token not in alice_client.get("/members/invitations/").content.decode()
    assert come(client, token, **NEW, email=BEA).status_code == 302
    assert come(charlie_client, token).status_code == 302
    assert Membership.objects.get(team=team, user__email=BEA).role == Role.VIEWER
    response = come(Client(), token, **NEW, email="late@example.com")
    assert response.status_code == 410
    assert "used up" in response.content.decode()
    assert "2 of 2 came" in alice_client.get("/members/invitations/").content.decode()


def test_whoever_is_in_already_uses_nothing_up(team: Team, alice: User, bob: User) -> None:
    link, token = link_of(team, alice)
    assert come(signed_in(bob), token).status_code == 409
    link.refresh_from_db()
    assert link.uses == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"expires_at": timezone.now() - dt.timedelta(1)}, "has expired"),
        ({"revoked_at": timezone.now()}, "was withdrawn"),
        ({"uses": 2}, "is used up"),
    ],
)
def test_a_link_that_has_ended_opens_nothing(
    team: Team, alice: User, client: Client, change: dict[str, Any], words: str
) -> None:
    link, token = link_of(team, alice)
    arrive(client, token)
    InviteLink.objects.filter(pk=link.pk).update(**change)
    refused(client.post("/join/", NEW | {"email": BEA}), 410, words, team)
    assert not User.objects.filter(email=BEA).exists()


def test_a_link_takes_over_no_account(
    team: Team, alice: User, charlie: User, client: Client
) -> None:
    _, token = link_of(team, alice)
    response = come(client, token, **NEW, email=charlie.email.upper())
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"email"}
    assert not is_member(charlie.email, team)


@pytest.mark.parametrize("role", ["owner", "root"])
def test_links_make_no_owners(alice_client: Client, role: str) -> None:
    data = {"role": role, "max_uses": "2", "lifetime": "7"}
    assert alice_client.post("/members/invite/link/", data).status_code == 422


@pytest.mark.parametrize("domains", ["nodot", "a b@", "*.example.com", "https://example.com"])
def test_domains_that_are_none_are_refused(alice_client: Client, domains: str) -> None:
    data = {"role": "member", "max_uses": "2", "lifetime": "7", "domains": domains}
    response = alice_client.post("/members/invite/link/", data)
    assert response.context["form"].errors.keys() == {"domains"}


def test_an_address_of_the_domain_is_confirmed_before_anybody_is_in(
    team: Team, alice: User, client: Client
) -> None:
    link, token = link_of(team, alice, domains=["corp.example"])
    # Whoever claims the address sends a whole sign-up, and gets no more than a mail to it.
    response = come(client, token, **NEW, email=BEA.upper())
    assert "Look into your mail" in response.content.decode()
    assert not User.objects.filter(email=BEA).exists()
    link.refresh_from_db()
    assert link.uses == 0
    mine = sent_token()
    assert outbox.outbox[-1].to == [BEA]
    assert come(Client(), mine, **NEW).status_code == 302
    assert is_member(BEA, team)
    link.refresh_from_db()
    assert link.uses == 1


def test_an_account_with_such_an_address_confirms_it_too(team: Team, alice: User) -> None:
    _, token = link_of(team, alice, domains=["corp.example"])
    bea = factories.create_user(email=BEA)
    client = signed_in(bea)
    assert "Look into your mail" in come(client, token).content.decode()
    assert not is_member(BEA, team)
    assert come(client, sent_token()).status_code == 302
    assert is_member(BEA, team)


@pytest.mark.parametrize(
    "email", ["bea@other.example", "bea@sub.corp.example", "bea@corp.example.evil.example"]
)
def test_addresses_of_other_domains_are_refused(
    team: Team, alice: User, client: Client, email: str
) -> None:
    _, token = link_of(team, alice, domains=["corp.example"])
    refused(come(client, token, email=email), 403, "Not with this address", team)
    stranger = signed_in(factories.create_user(email=email))
    refused(arrive(stranger, token), 403, "Not with this address", team)
    refused(come(stranger, token), 403, "Not with this address", team)
    assert not Mail.objects.exists()


def test_the_answer_tells_nothing_of_who_has_an_account(
    team: Team, alice: User, client: Client
) -> None:
    _, token = link_of(team, alice, domains=["corp.example"])
    factories.create_user(email="known@corp.example")
    pages = [
        come(client, token, email=f"{name}@corp.example").content.decode().replace(name, "")
        for name in ("known", "other")
    ]
    assert "Look into your mail" in pages[0]
    known, other = (re.sub(r'"X-CSRFToken": "\w+"', "", page) for page in pages)
    assert known == other


def test_a_confirmation_is_worth_nothing_once_the_link_has_ended(
    team: Team, alice: User, client: Client
) -> None:
    link, token = link_of(team, alice, domains=["corp.example"], max_uses=1)
    come(client, token, email=BEA)
    mine = sent_token()
    come(client, token, email="fast@corp.example")
    assert come(Client(), sent_token(), **NEW).status_code == 302
    refused(come(client, mine, **NEW), 410, "used up", team)
    InviteLink.objects.filter(pk=link.pk).update(max_uses=5)
    link.revoke()
    refused(come(client, mine, **NEW), 410, "was withdrawn", team)


def test_confirmations_to_one_address_are_limited(team: Team, alice: User) -> None:
    link, _ = link_of(team, alice, domains=["corp.example"])
    assert [confirm_address(link, BEA) for _ in range(4)] == [True, True, True, False]
    assert confirm_address(link, "other@corp.example")
    assert Invitation.objects.filter(email=BEA).count() == 1


# --- What the log and single sign-on are told -------------------------------------------------


def test_invitations_are_noted_and_no_token_is(
    team: Team, alice: User, alice_client: Client, client: Client
) -> None:
    invited(team, alice)
    row = Invitation.objects.get()
    alice_client.post(reverse("invitation_resend", args=[row.public_id]))
    token = sent_token()
    come(client, token, **NEW)
    data = {"title": "Day one", "role": "viewer", "max_uses": "2", "lifetime": "7"}
    alice_client.post("/members/invite/link/", data)
    link = InviteLink.objects.get()
    for _ in range(2):
        alice_client.post(reverse("invite_link_revoke", args=[link.public_id]))
        alice_client.post(reverse("invitation_revoke", args=[row.public_id]))
    bea = User.objects.get(email=BEA)
    rows = list(AuditEntry.objects.filter(team=team).exclude(action="signed_in").order_by("id"))
    assert [(entry.action, entry.actor, entry.target_label) for entry in rows] == [
        ("invitation_sent", alice, BEA),
        ("invitation_resent", alice, BEA),
        ("member_joined", bea, ""),
        ("invite_link_created", alice, "Day one"),
        ("invite_link_revoked", alice, "Day one"),
    ]
    assert rows[2].details == {"role": "member", "invited_by": "Alice Ames"}
    assert token not in str([entry.__dict__ for entry in rows])


def test_only_an_address_that_a_mail_came_to_counts_as_confirmed(team: Team, alice: User) -> None:
    _, token = link_of(team, alice)
    come(Client(), token, **NEW, email="claimed@example.com")
    come(Client(), invited(team, alice), **NEW)
    verified = dict(EmailAddress.objects.values_list("email", "verified"))
    assert verified.pop(BEA) is True
    assert not any(verified.values())


def test_addresses_an_account_had_before_are_in_nobodys_way(
    team: Team, alice: User, charlie: User
) -> None:
    EmailAddress.objects.create(user=charlie, email="former@example.com", primary=True)
    EmailAddress.objects.create(user=alice, email=charlie.email, verified=True)
    assert come(signed_in(charlie), invited(team, alice, charlie.email)).status_code == 302
    assert is_member(charlie.email, team)


def test_somebody_who_was_removed_can_be_invited_again(team: Team, alice: User) -> None:
    come(Client(), invited(team, alice), **NEW)
    bea = User.objects.get(email=BEA)
    bea.memberships.all().delete()
    assert come(signed_in(bea), invited(team, alice)).status_code == 302
    assert is_member(BEA, team)


# --- Side by side -----------------------------------------------------------------------------


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


def test_limits_are_those_of_the_team(team: Team, alice: User, charlie: User) -> None:
    for _ in range(flow.MAILS_A_DAY):
        limits.take(f"invite:{team.pk}", flow.MAILS_A_DAY, flow.DAY)
    assert not invite(place(alice, team), [Entry(BEA, "", Role.MEMBER)]).invited
    other = charlie.teams.get()
    assert invite(place(charlie, other), [Entry(BEA, "", Role.MEMBER)]).invited
