"""Setting limits, for everybody and for one member."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from prompts.forms.quotas import GIGABYTE
from prompts.models import AuditEntry, Quota, Team, Tune, User
from tests import factories
from tests.quotas.asking import ask

pytestmark = pytest.mark.django_db


def test_admins_set_limits_for_everybody_and_the_log_tells(
    team: Team, alice: User, alice_client: Client
) -> None:
    url = reverse("quota_settings")
    data = {"images": "100", "tunes": "", "storage": "1.5"}
    assert alice_client.post(url, data).status_code == 302
    quota = Quota.objects.get(team=team)
    assert (quota.images, quota.tunes, quota.storage) == (100, None, GIGABYTE * 3 // 2)
    entry = AuditEntry.objects.get(action="quotas_changed")
    assert (entry.actor, entry.details["changed"]) == (alice, ["images", "storage"])
    assert 'value="1.5"' in alice_client.get(url).content.decode()
    alice_client.post(url, data)
    assert AuditEntry.objects.filter(action="quotas_changed").count() == 1
    alice_client.post(url, {})
    assert not Quota.objects.exists()


@pytest.mark.parametrize("data", [{"images": "-1"}, {"tunes": "many"}, {"storage": "0"}])
def test_wrong_limits_are_refused(data: dict[str, str], alice_client: Client) -> None:
    answer = alice_client.post(reverse("quota_settings"), data)
    assert answer.status_code == 422
    assert 'class="errorlist"' in answer.content.decode()
    assert not Quota.objects.exists()


def test_admins_give_a_member_limits_of_their_own(
    team: Team, bob: User, alice_client: Client, tune: Tune
) -> None:
    place = bob.memberships.get()
    url = reverse("member_quota", args=[place.public_id])
    assert alice_client.post(url, {"images": "5", "tunes": ""}).status_code == 302
    assert Quota.objects.get(team=team, user=bob).images == 5
    ask(tune, 5)
    page = alice_client.get(reverse("quota_settings")).content.decode()
    assert "5 of 5" in page
    assert alice_client.post(url, {"images": "", "tunes": ""}).status_code == 302
    assert not Quota.objects.exists()


def test_the_page_of_limits_asks_as_often_for_many_members(
    team: Team, alice_client: Client
) -> None:
    counts = []
    for more in (1, 15):
        for _ in range(more):
            factories.create_membership(team=team, user=factories.create_user())
        with CaptureQueriesContext(connection) as queries:
            alice_client.get(reverse("quota_settings"))
        counts.append(len(queries))
    assert counts[0] == counts[1]
