"""The page that deletes an account: who it is, and what becomes of each team."""

from __future__ import annotations

import time
from unittest import mock

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from prompts.flows.account_erasure import erase_account
from prompts.flows.members import MemberConflict
from prompts.models import (
    Erasure,
    Membership,
    Role,
    Team,
    TeamDeletion,
    User,
)
from tests import factories
from tests.factories import PASSWORD
from tests.leaving import URL, confirm, leaving, place, run_all
from tests.traces import image_of

pytestmark = pytest.mark.django_db


def test_without_the_password_nothing_happens(bob: User, bob_client: Client) -> None:
    for password in ("", "wrong"):
        assert confirm(bob_client, bob, password=password).status_code == 422
    assert User.objects.filter(pk=bob.pk).exists() and not Erasure.objects.exists()


def test_passwords_cannot_be_guessed_here(bob: User, alice: User, bob_client: Client) -> None:
    for _ in range(10):
        assert confirm(bob_client, bob, password="wrong").status_code == 422
    response = confirm(bob_client, bob)
    assert response.status_code == 422 and "Too many tries" in response.content.decode()


def test_who_has_no_password_types_the_address(bob: User, alice: User, bob_client: Client) -> None:
    bob.set_unusable_password()
    bob.save()
    bob_client.force_login(bob, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "Type “bob@example.com”" in bob_client.get(URL).content.decode()
    assert confirm(bob_client, bob, email="bo@example.com").status_code == 422
    assert confirm(bob_client, bob, email="Bob@example.com").status_code == 302
    assert not User.objects.filter(pk=bob.pk).exists()


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


def test_an_outdated_decision_is_answered_with_the_present(
    team: Team, alice: User, bob: User, bob_client: Client
) -> None:
    with mock.patch("prompts.views.leaving.erase_account", side_effect=MemberConflict("Look.")):
        response = confirm(bob_client, bob)
    assert response.status_code == 422 and "Look." in response.content.decode()


def test_a_viewer_whose_owner_is_disabled_deletes_no_team(
    team: Team, alice: User, vera: User, vera_client: Client
) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert confirm(vera_client, vera).status_code == 302
    assert list(team.members.all()) == [alice] and not TeamDeletion.objects.exists()


def test_the_last_account_is_told_that_the_portal_is_open_then(
    team: Team, alice: User, alice_client: Client
) -> None:
    words = "Whoever opens the portal next"
    assert words in alice_client.get(URL).content.decode()
    factories.create_user()
    assert words not in alice_client.get(URL).content.decode()


def test_the_account_page_leads_there(bob: User, bob_client: Client) -> None:
    assert URL in bob_client.get(reverse("account")).content.decode()
