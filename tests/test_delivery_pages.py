"""The log of deliveries."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from prompts import deliveries
from prompts.models import ApiKey, CallbackHost, Delivery, DeliveryStatus, User
from tests import factories

pytestmark = pytest.mark.django_db

URL = "https://example.com/hook"


@pytest.fixture
def key(alice: User) -> ApiKey:
    return factories.create_api_key(user=alice)[0]


@pytest.fixture
def delivery(alice: User, key: ApiKey) -> Delivery:
    tune = factories.create_tune(team=key.team, owner=alice)
    prompt = factories.create_prompt(tune=tune, text="ohwx woman by the sea", api_key=key)
    return Delivery.objects.create(
        team=key.team,
        api_key=key,
        event="prompt",
        prompt=prompt,
        url=URL,
        status=DeliveryStatus.FAILED,
        error="It answered 500.",
        response_status=500,
        response_excerpt="<b>oops</b>",
    )


def test_the_log_tells_what_became_of_each(alice_client: Client, delivery: Delivery) -> None:
    page = alice_client.get(reverse("delivery_list")).content.decode()
    for words in ("ohwx woman by the sea", URL, "failed", "It answered 500."):
        assert words in page


def test_the_log_filters(alice_client: Client, delivery: Delivery) -> None:
    def shown(query: str) -> bool:
        return URL in alice_client.get(f"/deliveries/?{query}").content.decode()

    assert shown("status=failed")
    assert not shown("status=delivered")
    assert shown("event=prompt")
    assert not shown("event=tune")
    assert shown("status=nonsense")


def test_the_details_show_the_message_but_no_secret(
    alice_client: Client, delivery: Delivery, key: ApiKey
) -> None:
    page = alice_client.get(reverse("delivery_detail", args=[delivery.public_id]))
    text = page.content.decode()
    assert delivery.message_id in text
    assert "ohwx woman by the sea" in text
    assert "&lt;b&gt;oops&lt;/b&gt;" in text
    assert key.signing_secret
    assert key.signing_secret not in text


def test_members_see_what_is_theirs(bob: User, bob_client: Client, delivery: Delivery) -> None:
    assert URL not in bob_client.get(reverse("delivery_list")).content.decode()
    own, _ = factories.create_api_key(user=bob)
    mine = deliveries.send_ping(own, "https://bob.example.com/")
    assert "bob.example.com" in bob_client.get(reverse("delivery_list")).content.decode()
    assert bob_client.get(reverse("delivery_detail", args=[mine.public_id])).status_code == 200


def test_replaying_queues_it_again(alice_client: Client, delivery: Delivery) -> None:
    url = reverse("delivery_replay", args=[delivery.public_id])
    assert alice_client.post(url).status_code == 302
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("queued", 0)
    alice_client.post(url)
    assert Delivery.objects.count() == 1


def test_a_ping_is_owed_to_the_address_given(alice_client: Client, key: ApiKey) -> None:
    response = alice_client.post(reverse("delivery_ping"), {"key": key.public_id, "url": URL})
    ping = Delivery.objects.get()
    assert response["Location"] == reverse("delivery_detail", args=[ping.public_id])
    assert (ping.event, ping.url, ping.api_key) == ("ping", URL, key)


def test_a_ping_with_somebody_elses_key_or_a_bad_address_is_refused(
    bob: User, bob_client: Client, key: ApiKey
) -> None:
    own, _ = factories.create_api_key(user=bob)
    for values in (
        {"key": key.public_id, "url": URL},
        {"key": own.public_id, "url": "ftp://example.com"},
    ):
        assert bob_client.post(reverse("delivery_ping"), values).status_code == 422
    assert not Delivery.objects.exists()


def test_a_host_that_was_switched_off_is_shown_and_switched_on(
    alice_client: Client, key: ApiKey
) -> None:
    host = deliveries.host_of(key.team, key, URL)
    host.note_failure("it answered 410 Gone.", for_good=True)
    page = alice_client.get(reverse("delivery_list")).content.decode()
    assert "example.com</strong> is switched off" in page
    alice_client.post(reverse("callback_host_enable", args=[host.public_id]))
    assert CallbackHost.objects.get().disabled_at is None


def test_the_log_takes_as_many_queries_for_one_as_for_many(
    alice_client: Client, delivery: Delivery, django_assert_num_queries: Any
) -> None:
    alice_client.get(reverse("delivery_list"))
    with CaptureQueriesContext(connection) as one:
        alice_client.get(reverse("delivery_list"))
    for _ in range(5):
        delivery.pk, delivery.public_id = (
            None,
            deliveries.send_ping(delivery.api_key, URL).public_id[::-1],
        )
        delivery.save(force_insert=True)
    with django_assert_num_queries(len(one)):
        alice_client.get(reverse("delivery_list"))
