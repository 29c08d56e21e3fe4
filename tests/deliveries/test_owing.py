"""Callbacks that are owed: which ends are told, once, with what, and signed."""

from __future__ import annotations

import json
from functools import partial

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings
from pytest_httpserver import HTTPServer
from standardwebhooks import Webhook
from werkzeug import Request, Response

from prompts import deliveries
from prompts.flows.prompts import cancel_prompt, delete_prompt, fail_prompt, finish_prompt
from prompts.flows.training import fail_training
from prompts.flows.tunes import delete_tune
from prompts.models import (
    ApiKey,
    Delivery,
    DeliveryStatus,
    Prompt,
    PromptStatus,
    Shoot,
    Team,
    Tune,
    TuneStatus,
    User,
)
from tests import factories
from tests.deliveries.sending import running, send_next
from tests.side_by_side import side_by_side

pytestmark = pytest.mark.django_db


def test_the_end_of_a_prompt_is_told_with_its_pictures_and_a_signature(
    receiver: HTTPServer, tune: Tune, key: ApiKey
) -> None:
    seen: list[Request] = []

    def handle(request: Request) -> Response:
        request.get_data()
        seen.append(request)
        return Response("thanks")

    receiver.expect_request("/done", method="POST").respond_with_handler(handle)
    prompt = running(tune, receiver.url_for("/done?prompt_id=1"), key)
    factories.create_image(prompt=prompt)
    assert finish_prompt(prompt)
    sent = send_next()
    assert (sent.status, sent.response_status, sent.response_excerpt) == (
        "delivered", 200, "thanks",
    )  # fmt: skip
    [request] = seen
    assert request.args["prompt_id"] == "1"
    body = json.loads(request.get_data())
    assert list(body) == ["prompt"]
    assert body["prompt"]["id"] == prompt.pk
    assert len(body["prompt"]["images"]) == 1
    # The reference implementation of Standard Webhooks accepts it, and nothing that was changed.
    headers = {name.lower(): value for name, value in request.headers.items()}
    webhook = Webhook(key.signing_secret)
    webhook.verify(request.get_data(as_text=True), headers)
    with pytest.raises(Exception, match="No matching signature"):
        webhook.verify(request.get_data(as_text=True) + " ", headers)
    assert headers["webhook-id"] == sent.message_id


@pytest.mark.parametrize("how", ["failed", "cancelled"])
def test_bad_ends_are_told_too(how: str, tune: Tune, key: ApiKey) -> None:
    prompt = running(tune, "https://example.com/x", key)
    assert fail_prompt(prompt, "No face.") if how == "failed" else cancel_prompt(prompt)
    delivery = Delivery.objects.get()
    body = deliveries.payload(delivery)
    assert body["prompt"]["status"] == how
    words = {"failed": "No face.", "cancelled": "It was cancelled."}
    assert body["prompt"]["user_error"] == words[how]


def test_nothing_is_owed_without_a_callback_or_by_who_lost_the_lease(tune: Tune) -> None:
    prompt = factories.create_prompt(tune=tune).take_lease("w")
    assert finish_prompt(prompt)
    late = running(tune, "https://example.com/x")
    Prompt.objects.filter(pk=late.pk).update(fence=99)
    assert not finish_prompt(late)
    assert not Delivery.objects.exists()


def test_the_end_of_a_training_is_told(tune: Tune, key: ApiKey) -> None:
    Tune.objects.filter(pk=tune.pk).update(
        status=TuneStatus.QUEUED, callback="https://example.com/t", api_key=key
    )
    held = Tune.objects.select_related("team").get(pk=tune.pk).take_lease("w")
    assert fail_training(held, "No face in any photo.")
    body = deliveries.payload(Delivery.objects.get())
    assert (body["tune"]["id"], body["tune"]["user_error"]) == (tune.pk, "No face in any photo.")


def test_an_order_is_told_once_however_many_end_at_once(
    transactional_db: None, team: Team, alice: User, tune: Tune
) -> None:
    shoot, prompts = factories.start_order(alice, *[tune] * 8)
    held = [prompt.take_lease("w") for prompt in prompts]

    assert all(side_by_side(partial(finish_prompt, prompt) for prompt in held))
    delivery = Delivery.objects.get()
    assert (delivery.event, delivery.shoot) == ("prompts", shoot)
    body = deliveries.payload(delivery)
    assert [prompt["id"] for prompt in body] == [prompt.pk for prompt in prompts]


def test_deleting_the_last_open_prompt_ends_an_order(team: Team, alice: User, tune: Tune) -> None:
    _, prompts = factories.start_order(alice, *[tune] * 2)
    finish_prompt(prompts[0].take_lease("w"))
    assert Shoot.objects.get().ended_at is None
    delete_prompt(prompts[1])
    assert Shoot.objects.get().ended_at is not None
    assert len(deliveries.payload(Delivery.objects.get())) == 1


def test_deleting_the_person_with_the_last_open_prompt_ends_an_order(
    team: Team, alice: User, tune: Tune
) -> None:
    other = factories.create_tune(team=team, owner=alice)
    _, prompts = factories.start_order(alice, tune, other)
    finish_prompt(prompts[0].take_lease("w"))
    delete_tune(other)
    assert Shoot.objects.get().ended_at is not None
    [told] = deliveries.payload(Delivery.objects.get())
    assert told["id"] == prompts[0].pk


def test_what_has_been_deleted_is_not_told(tune: Tune, key: ApiKey) -> None:
    prompt = running(tune, "https://example.com/", key)
    finish_prompt(prompt)
    delete_prompt(prompt)
    assert send_next().status == "cancelled"


def test_a_replay_is_the_same_message_with_todays_truth(
    receiver: HTTPServer, tune: Tune, key: ApiKey
) -> None:
    receiver.expect_request("/").respond_with_data("ok")
    prompt = running(tune, receiver.url_for("/"), key)
    factories.create_image(prompt=prompt)
    finish_prompt(prompt)
    sent = send_next()
    prompt.images.update(trashed_at=timezone.now())
    assert sent.replay()
    assert not Delivery.objects.get().replay()
    again = send_next()
    assert again.status == "delivered"
    (first, _), (second, _) = receiver.log
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert len(json.loads(first.get_data())["prompt"]["images"]) == 1
    assert json.loads(second.get_data())["prompt"]["images"] == []


def test_a_rolled_back_end_owes_nothing(tune: Tune, key: ApiKey) -> None:
    prompt = running(tune, "https://example.com/", key)

    class Undone(Exception):
        pass

    with pytest.raises(Undone), transaction.atomic():
        finish_prompt(prompt)
        raise Undone
    assert not Delivery.objects.exists()
    assert Prompt.objects.get().status == PromptStatus.PROCESSING


def test_pictures_are_named_by_the_address_the_key_calls(
    tune: Tune, key: ApiKey, settings: Settings
) -> None:
    ApiKey.objects.update(base_url="http://192.168.1.5:8000/api")
    key.refresh_from_db()
    assert deliveries.base_url(key) == "http://192.168.1.5:8000/api"
    settings.PUBLIC_URL = "https://portal.example.com"
    assert deliveries.base_url(key) == "https://portal.example.com/api"


@pytest.mark.parametrize("how", ["revoked", "left the team", "disabled"])
def test_a_key_that_opens_nothing_is_told_nothing(
    how: str, receiver: HTTPServer, tune: Tune, key: ApiKey, alice: User
) -> None:
    finish_prompt(running(tune, receiver.url_for("/"), key))
    if how == "revoked":
        key.revoke()
    elif how == "disabled":
        User.objects.filter(pk=alice.pk).update(is_active=False)
    else:
        alice.memberships.all().delete()
    assert send_next().status == DeliveryStatus.CANCELLED
    assert receiver.log == []
