"""Choosing a base model for a new person of a team that works with Astria."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from prompts.jobs.worker import Worker
from prompts.models import Team, Tune, User
from tests.astria.portal import connect_team, queued_tune
from tests.astria.server import FakeAstria
from tests.test_tunes import WHO

pytestmark = pytest.mark.django_db(transaction=True)


def listed(client: Client) -> str:
    answer = client.get(reverse("tune_bases"), headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def draft(client: Client, **values: str) -> Tune:
    answer = client.post(reverse("tune_new"), {**WHO, **values}, headers={"X-Draft": "1"})
    assert answer.status_code == 201, answer.content
    return Tune.objects.latest("pk")


def test_the_form_offers_the_models_of_the_gallery(
    team: Team, alice_client: Client, astria: FakeAstria
) -> None:
    connect_team(team, astria)
    page = alice_client.get(reverse("tune_new")).content.decode()
    assert reverse("tune_bases") in page
    html = listed(alice_client)
    assert '<optgroup label="Astria’s gallery">' in html
    assert re.search(r'<option value="690204">Realistic Vision', html)


def test_the_chosen_base_is_what_astria_is_asked_to_train_on(
    team: Team, alice: User, alice_client: Client, astria: FakeAstria
) -> None:
    connect_team(team, astria)
    chosen = draft(alice_client, base_tune_id="690204").parameters
    queued_tune(team, alice, parameters=chosen)
    assert Worker().run_next()
    sent = astria.asked("POST", "/tunes")[0].params["tune"]
    assert (sent["base_tune_id"], sent["model_type"]) == ("690204", "lora")
    assert "branch" not in sent


def test_a_key_that_is_refused_is_told_and_a_number_can_still_be_given(
    team: Team, alice_client: Client, astria: FakeAstria
) -> None:
    account = connect_team(team, astria)
    account.key = "sd_wrong"
    account.save()
    html = listed(alice_client)
    assert "could not be listed" in html
    assert 'type="number"' in html


def test_a_team_that_works_here_is_not_asked(team: Team, alice_client: Client) -> None:
    assert reverse("tune_bases") not in alice_client.get(reverse("tune_new")).content.decode()
    assert alice_client.get(reverse("tune_bases")).status_code == 404
    assert draft(alice_client, base_tune_id="690204").parameters == {}


def test_viewers_cannot_list_models(team: Team, vera_client: Client) -> None:
    team.engine = "astria"
    team.save()
    assert vera_client.get(reverse("tune_bases")).status_code == 403


def test_another_teams_models_are_not_shown(
    team: Team, charlie_client: Client, astria: FakeAstria
) -> None:
    connect_team(team, astria)
    assert charlie_client.get(reverse("tune_bases")).status_code == 404
