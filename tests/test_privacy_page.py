"""The page on privacy: what it says, to whom, and where it is linked from."""

from __future__ import annotations

import datetime as dt

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from prompts.models import Team, User
from prompts.sign_ins import forget_ended
from tests.factories import PASSWORD, create_image, create_prompt, create_share, create_tune

pytestmark = pytest.mark.django_db


def page(client: Client) -> str:
    response = client.get("/privacy/")
    assert response.status_code == 200
    return response.content.decode()


def test_strangers_read_it_and_caches_keep_it(
    client: Client, team: Team, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Team.objects.update(photos_kept_days=77)
    with django_assert_num_queries(0):
        response = client.get("/privacy/")
    shown = response.content.decode()
    assert response["Cache-Control"] == "public, max-age=3600" and "Cookie" in response["Vary"]
    assert not response.cookies and 'hx-headers=\'{"X-CSRFToken": ""}\'' in shown
    assert "Photos are kept until the person is deleted or erased." in shown
    assert team.name not in shown and "77" not in shown


def test_members_read_their_own_teams_periods(
    alice: User, team: Team, alice_client: Client, charlie_client: Client
) -> None:
    Team.objects.filter(pk=team.pk).update(photos_kept_days=77)
    assert "Photos are deleted 77 days after training" in page(alice_client)
    assert "77 days" not in page(charlie_client)
    assert "private" in alice_client.get("/privacy/")["Cache-Control"]


def test_it_says_who_runs_the_portal(client: Client, settings: Settings) -> None:
    assert "can tell you" in page(client) and "mailto:" not in page(client)
    settings.OPERATOR_NAME, settings.OPERATOR_EMAIL = "Acme <IT>", "privacy@example.com"
    assert "Acme &lt;IT&gt;" in page(client)
    assert page(client).count('href="mailto:privacy@example.com"') == 2
    settings.OPERATOR_NAME = ""
    assert '<p><a href="mailto:privacy@example.com">' in page(client)


def test_it_names_the_services_that_are_installed(client: Client, settings: Settings) -> None:
    assert "unless a team has chosen Astria" in page(client)
    settings.ENGINES = {name: path for name, path in settings.ENGINES.items() if name != "astria"}
    assert "Astria:" not in page(client) and "Photos are sent nowhere." in page(client)


def test_every_page_that_asks_for_something_links_to_it(
    client: Client, alice: User, alice_client: Client
) -> None:
    tune = create_tune(team=alice.teams.get(), owner=alice)
    images = [create_image(prompt=create_prompt(tune=tune))]
    open_link = create_share(author=alice, images=images)
    locked = create_share(author=alice, images=images, password="correct horse")
    anonymous = ("/", "/accounts/login/", open_link.public_path, locked.public_path)
    own = (f"/tunes/{tune.public_id}/data/", "/settings/data/", "/account/")
    pages = [(client, path) for path in anonymous] + [(alice_client, path) for path in own]
    missing = [p for c, p in pages if 'href="/privacy/"' not in c.get(p).content.decode()]
    assert missing == []


def test_sign_ins_that_have_ended_are_forgotten(alice: User, bob: User) -> None:
    alices, bobs = Client(), Client()
    for client, user in ((alices, alice), (bobs, bob)):
        client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    ended = Session.objects.filter(pk=alices.session.session_key)
    ended.update(expire_date=timezone.now() - dt.timedelta(seconds=1))
    assert UserSession.objects.count() == 2
    assert forget_ended() == 1 and forget_ended() == 0
    assert UserSession.objects.get().user == bob
    assert bobs.get("/tunes/").status_code == 200
