"""Pages say where photos have been and where pictures were made."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from prompts.models import AstriaAccount, Handover, Prompt, PromptStatus, Team, TuneStatus, User
from tests.factories import create_image, create_prompt, create_tune

pytestmark = pytest.mark.django_db
SENT = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)


def at_astria(team: Team, owner: User, **fields: Any) -> Prompt:
    tune = create_tune(team=team, owner=owner, engine="astria", **fields)
    return create_prompt(tune=tune, status=PromptStatus.PROCESSING, num_images=1)


def page(client: Client, url: str) -> str:
    return " ".join(client.get(url).content.decode().split())


def test_a_person_trained_here(alice_client: Client, team: Team, alice: User) -> None:
    tune = create_tune(team=team, owner=alice)
    assert "<li>On this server</li>" in page(alice_client, tune.get_absolute_url())


def test_a_person_trained_at_astria(alice_client: Client, team: Team, alice: User) -> None:
    prompt = at_astria(team, alice, training_data={"sent_at": SENT.isoformat()})
    html = page(alice_client, prompt.tune.get_absolute_url())
    assert "Sent to Astria on 21 November 2026" in html


def test_a_person_who_is_being_sent(alice_client: Client, team: Team, alice: User) -> None:
    tune = at_astria(team, alice, status=TuneStatus.QUEUED).tune
    assert "Not sent to Astria yet" in page(alice_client, tune.get_absolute_url())
    Handover.of(tune, "").note(sent_at=SENT)
    assert "Sent to Astria on 21 November 2026" in page(alice_client, tune.get_absolute_url())


def test_a_picture_tells_in_its_recipe(alice_client: Client, team: Team, alice: User) -> None:
    recipe = {"sent_at": SENT.isoformat()}
    remote = create_image(prompt=at_astria(team, alice), recipe=recipe)
    local = create_image(prompt=create_prompt(tune=create_tune(team=team, owner=alice)))
    assert "sent to Astria on 21 November 2026" in page(alice_client, remote.get_absolute_url())
    assert "on this server" in page(alice_client, local.get_absolute_url())


def test_consent_names_where_the_photos_go(alice_client: Client, team: Team) -> None:
    assert "Astria" not in page(alice_client, "/tunes/new/").partition("<main")[2]
    Team.objects.update(engine="astria")
    assert "The photos are sent to Astria" in page(alice_client, "/tunes/new/")


@pytest.mark.parametrize(("days", "words"), [(20, "in 20 days"), (1, "a day from now")])
def test_expiry_is_told_before_it_comes(
    alice_client: Client, team: Team, alice: User, days: int, words: str
) -> None:
    expires_at = timezone.now() + dt.timedelta(days=days, minutes=5)
    tune = at_astria(team, alice, expires_at=expires_at).tune
    html = page(alice_client, tune.get_absolute_url())
    assert words in html and "the pictures here stay" in html


def test_an_open_prompt_tells_that_astria_is_away_and_when_it_was_last_heard(
    alice_client: Client, team: Team, alice: User
) -> None:
    account = AstriaAccount.objects.create(team=team, key="sd_0123456789abcdef")
    prompt = at_astria(team, alice)
    Handover.of(prompt, "").note(heard_at=timezone.now())
    assert "Last heard" in page(alice_client, prompt.get_absolute_url())
    AstriaAccount.objects.filter(pk=account.pk).update(down_since=timezone.now())
    html = page(alice_client, prompt.get_absolute_url())
    assert "Astria cannot be reached, since" in html
    assert f"engine-{team.public_id}" in html, "the card changes when Astria is back"


def test_a_finished_prompt_tells_which_pictures_are_missing(
    alice_client: Client, team: Team, alice: User
) -> None:
    prompt = at_astria(team, alice)
    Prompt.objects.update(status=PromptStatus.COMPLETED, error="Picture 2: refused.")
    assert "Picture 2: refused." in page(alice_client, prompt.get_absolute_url())


def test_cards_of_a_service_cost_a_constant_number_of_queries(
    alice_client: Client, team: Team, alice: User
) -> None:
    tune = at_astria(team, alice).tune
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as context:
            alice_client.get(tune.get_absolute_url())
        counts.append(len(context))
        for _ in range(6):
            create_prompt(tune=tune, status=PromptStatus.PROCESSING)
    assert counts[0] == counts[1]
