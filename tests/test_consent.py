"""What was agreed to can be read by whom it concerns."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from prompts.models import Consent, Role, Team, Tune, TuneStatus, User
from tests import factories
from tests.factories import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def tune(bob: User, team: Team) -> Tune:
    return factories.create_tune(team=team, owner=bob, title="Bob", status=TuneStatus.TRAINED)


def data_page(client: Client, tune: Tune) -> str:
    response = client.get(reverse("tune_data", args=[tune.public_id]))
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_tells_who_agreed_to_which_words_for_whom(
    tune: Tune, bob: User, bob_client: Client
) -> None:
    Consent.objects.filter(tune=tune).update(
        subject="Roberta Roe",
        relation=Consent.Relation.OTHER,
        confirmed_by=bob,
        confirmed_by_email=bob.email,
        text="She said yes.",
        text_sha256="abcdef0123456789",
    )
    page = data_page(bob_client, tune)
    for words in ("Roberta Roe", "bob@example.com", "Bob Brown", "She said yes.", "abcdef01"):
        assert words in page
    assert "an earlier one" in page


def test_a_person_without_consent_says_so(tune: Tune, bob_client: Client) -> None:
    Consent.objects.all().delete()
    assert "No consent is recorded" in data_page(bob_client, tune)


def test_the_owner_sees_it_in_any_role(tune: Tune, bob: User, bob_client: Client) -> None:
    bob.memberships.update(role=Role.VIEWER)
    assert "Consent" in data_page(bob_client, tune)


def test_another_member_does_not(tune: Tune, vera_client: Client) -> None:
    address = reverse("tune_data", args=[tune.public_id])
    assert vera_client.get(address).status_code == 403


def test_the_account_page_leads_to_ones_own_and_to_nobody_elses(
    tune: Tune, alice: User, team: Team, bob_client: Client
) -> None:
    hers = factories.create_tune(team=team, owner=alice)
    page = bob_client.get(reverse("account")).content.decode()
    assert reverse("tune_data", args=[tune.public_id]) in page
    assert hers.public_id not in page


def test_who_left_a_team_is_not_led_there(tune: Tune, bob: User) -> None:
    bob.memberships.all().delete()
    page = signed_in(bob).get(reverse("account")).content.decode()
    assert tune.public_id not in page
