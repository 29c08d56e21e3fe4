"""The first pages a visitor meets."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from prompts.accounts import DEMO_EMAIL, DEMO_PASSWORD
from prompts.models import Membership, Role, Team, TuneStatus, User
from tests import factories
from tests.factories import PASSWORD, signed_in

pytestmark = pytest.mark.django_db

OWNER = {
    "team_name": "Acme",
    "name": "Ada Lovelace",
    "email": "Ada@Example.com",
    "password": "a long enough secret",
}


def test_first_visitor_of_a_fresh_install_becomes_owner(client: Client) -> None:
    assert client.get("/").url == reverse("setup")
    assert client.post(reverse("setup"), OWNER).url == reverse("home")
    place = Membership.objects.get()
    assert (place.user.email, place.role, place.team.name) == ("ada@example.com", "owner", "Acme")
    assert client.get("/").context["membership"] == place


def test_setup_is_closed_once_there_is_an_account(client: Client, alice: User) -> None:
    assert client.get(reverse("setup")).url == reverse("home")
    client.post(reverse("setup"), OWNER)
    assert User.objects.count() == 1
    assert not Team.objects.filter(members__email="ada@example.com").exists()


@pytest.mark.parametrize("password", ["short", "password12", "ada@example.com"])
def test_setup_refuses_weak_passwords_and_keeps_the_rest(client: Client, password: str) -> None:
    response = client.post(reverse("setup"), OWNER | {"password": password})
    assert response.status_code == 422
    assert "password" in response.context["form"].errors
    assert b"Ada Lovelace" in response.content
    assert not User.objects.exists()


def test_sign_in_ignores_the_case_of_the_address(client: Client, alice: User) -> None:
    data = {"login": "ALICE@example.com", "password": PASSWORD}
    assert client.post(reverse("account_login"), data).status_code == 302
    assert client.get("/").context["user"] == alice


def test_nobody_signs_up_without_invitation(client: Client, alice: User) -> None:
    data = {"email": "new@example.com", "password1": "a long enough secret"}
    client.post(reverse("account_signup"), data)
    assert not User.objects.filter(email="new@example.com").exists()


def test_demo_sign_in_stands_on_the_page_only_while_the_demo_is_in_use(
    client: Client, alice: User
) -> None:
    assert DEMO_PASSWORD not in client.get("/").content.decode()
    demo = factories.create_user(email=DEMO_EMAIL, is_demo=True)
    for url in ("/", reverse("account_login")):
        assert DEMO_PASSWORD in client.get(url).content.decode()
    demo.set_password("something of my own")
    demo.save()
    for url in ("/", reverse("account_login")):
        assert DEMO_PASSWORD not in client.get(url).content.decode()


def test_user_without_a_team_is_told_so(client: Client) -> None:
    user = factories.create_user()
    page = signed_in(user).get("/")
    assert page.status_code == 200
    assert "team" in page.content.decode()


def test_switching_teams_changes_what_pages_show(alice: User, alice_client: Client) -> None:
    second = factories.create_team(name="Second")
    factories.create_membership(team=second, user=alice, role=Role.VIEWER)
    factories.create_tune(team=second, owner=alice, title="In the second team")
    assert b"In the second team" not in alice_client.get(reverse("tune_list")).content
    alice_client.post(reverse("team_switch", args=[second.public_id]))
    assert b"In the second team" in alice_client.get(reverse("tune_list")).content


@pytest.mark.slow
def test_demo_command_makes_a_trained_sample_person_once(client: Client) -> None:
    call_command("demo", "--first-start")
    owner = User.objects.get(email=DEMO_EMAIL)
    tune = owner.tunes.get()
    assert tune.status == TuneStatus.TRAINED
    assert len(tune.samples) >= 12
    data = {"login": DEMO_EMAIL, "password": DEMO_PASSWORD}
    client.post(reverse("account_login"), data)
    page = client.get("/").context
    assert page["sample_tune"] == tune and page["is_new"]
    call_command("demo", "--first-start")
    assert User.objects.count() == 1


def test_demo_command_leaves_an_install_with_accounts_alone(alice: User) -> None:
    call_command("demo", "--first-start")
    assert not User.objects.filter(email=DEMO_EMAIL).exists()


def test_first_steps_give_way_to_pictures(alice: User, alice_client: Client) -> None:
    assert alice_client.get("/").context["is_new"]
    sample = factories.create_tune(team=alice.teams.get(), owner=alice, is_sample=True)
    assert alice_client.get("/").context["is_new"]
    factories.create_image(prompt=factories.create_prompt(tune=sample))
    assert not alice_client.get("/").context["is_new"]
