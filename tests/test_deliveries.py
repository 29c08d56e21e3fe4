"""Outgoing callbacks: owed once, signed, repeated, given up, switched off."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings
from pytest_httpserver import HTTPServer
from standardwebhooks import Webhook
from werkzeug import Request, Response

from prompts import deliveries
from prompts.flows.packs import ShootPrompt, start_shoot
from prompts.flows.prompts import cancel_prompt, delete_prompt, fail_prompt, finish_prompt
from prompts.flows.training import fail_training
from prompts.jobs.control import Control
from prompts.jobs.deliveries import RETRY_DELAYS, retry_delay, run_delivery
from prompts.models import (
    ApiKey,
    CallbackHost,
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
from tests.side_by_side import side_by_side

pytestmark = pytest.mark.django_db


@pytest.fixture
def receiver(httpserver: HTTPServer, settings: Settings) -> HTTPServer:
    settings.FETCH_ALLOWED_HOSTS = [f"localhost:{httpserver.port}"]
    return httpserver


@pytest.fixture
def key(alice: User) -> ApiKey:
    return factories.create_api_key(user=alice)[0]


@pytest.fixture
def tune(team: Team, alice: User) -> Tune:
    return factories.create_tune(team=team, owner=alice)


def running(tune: Tune, url: str, key: ApiKey | None = None, **fields: Any) -> Prompt:
    """A prompt that a worker holds."""
    prompt = factories.create_prompt(
        tune=tune, parameters={"callback": url}, api_key=key, is_api=key is not None, **fields
    )
    return Prompt.objects.select_related("team", "tune__team").get(pk=prompt.pk).take_lease("w")


def send_next() -> Delivery:
    """One try of the delivery that is due."""
    delivery = Delivery.objects.claim("w")
    assert delivery is not None
    run_delivery(delivery, Control())
    return Delivery.objects.get(pk=delivery.pk)


def due_now() -> None:
    Delivery.objects.update(run_after=None)


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
    assert body["prompt"]["user_error"] == ("No face." if how == "failed" else None)


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
    values = {"text": "ohwx", "parameters": {}, "num_images": 1}
    shoot, prompts = start_shoot(
        team=team,
        author=alice,
        title="x",
        prompts=[ShootPrompt(tune, values)] * 8,
        prompts_callback="https://example.com/all",
    )
    held = [prompt.take_lease("w") for prompt in prompts]

    assert all(side_by_side(partial(finish_prompt, prompt) for prompt in held))
    delivery = Delivery.objects.get()
    assert (delivery.event, delivery.shoot) == ("prompts", shoot)
    body = deliveries.payload(delivery)
    assert [prompt["id"] for prompt in body] == [prompt.pk for prompt in prompts]


def test_deleting_the_last_open_prompt_ends_an_order(team: Team, alice: User, tune: Tune) -> None:
    values = {"text": "ohwx", "parameters": {}, "num_images": 1}
    _, prompts = start_shoot(
        team=team,
        author=alice,
        title="x",
        prompts=[ShootPrompt(tune, values)] * 2,
        prompts_callback="https://example.com/all",
    )
    finish_prompt(prompts[0].take_lease("w"))
    assert Shoot.objects.get().ended_at is None
    delete_prompt(prompts[1])
    assert Shoot.objects.get().ended_at is not None
    assert len(deliveries.payload(Delivery.objects.get())) == 1


def drip(server: socket.socket) -> None:
    """Answers a byte at a time, without an end."""
    connection, _ = server.accept()
    with connection:
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            for _ in range(100):
                connection.sendall(b"X")
                time.sleep(0.05)
        except OSError:
            pass


@pytest.fixture
def dripping(settings: Settings) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:
        port = server.getsockname()[1]
        settings.FETCH_ALLOWED_HOSTS = [f"localhost:{port}"]
        pool.submit(drip, server)
        yield f"http://localhost:{port}/"


FAULTS = {
    "500": (Response("no", 500), "It answered 500."),
    "404": (Response("no", 404), "It answered 404."),
    "redirect": (Response("", 302, {"Location": "http://example.com/"}), "It redirects (302)"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_no_success_is_tried_again(
    fault: str, receiver: HTTPServer, tune: Tune, key: ApiKey
) -> None:
    answer, words = FAULTS[fault]
    receiver.expect_request("/").respond_with_response(answer)
    finish_prompt(running(tune, receiver.url_for("/"), key))
    tried = send_next()
    assert (tried.status, tried.attempts) == ("queued", 1)
    assert tried.error.startswith(words)
    assert tried.run_after is not None
    assert len(receiver.log) == 1


def test_a_slow_receiver_ends_with_the_deadline(
    dripping: str, tune: Tune, key: ApiKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prompts.jobs.deliveries.TOTAL_SECONDS", 0.5)
    finish_prompt(running(tune, dripping, key))
    tried = send_next()
    assert (tried.status, tried.error) == ("queued", "It did not answer in time.")


def test_a_huge_answer_is_cut(receiver: HTTPServer, tune: Tune, key: ApiKey) -> None:
    receiver.expect_request("/").respond_with_data("x" * 5_000_000)
    finish_prompt(running(tune, receiver.url_for("/"), key))
    sent = send_next()
    assert (sent.status, len(sent.response_excerpt)) == ("delivered", 500)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/x", "http://[::1]/", "http://10.0.0.1/", "http://no.invalid/"]
)
def test_inner_and_unknown_addresses_are_not_reached(url: str, tune: Tune, key: ApiKey) -> None:
    finish_prompt(running(tune, url, key))
    tried = send_next()
    assert tried.status == "queued"
    assert tried.error
    assert tried.response_status is None


def test_tries_are_spread_over_three_days_and_then_given_up(
    receiver: HTTPServer, tune: Tune, key: ApiKey
) -> None:
    assert sum(RETRY_DELAYS) == 75 * 3600 + 35 * 60 + 5
    for attempts, seconds in enumerate(RETRY_DELAYS, 1):
        assert seconds <= retry_delay(attempts).total_seconds() <= seconds * 1.2
    receiver.expect_request("/").respond_with_data("", 503)
    finish_prompt(running(tune, receiver.url_for("/"), key))
    for _ in range(9):
        assert send_next().status == "queued"
        due_now()
    given_up = send_next()
    assert (given_up.status, given_up.attempts) == ("failed", 10)
    assert len({r.headers["webhook-id"] for r, _ in receiver.log}) == 1


def test_a_fault_of_our_own_counts_and_ends(
    monkeypatch: pytest.MonkeyPatch, tune: Tune, key: ApiKey
) -> None:
    def broken(_: Delivery) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr("prompts.jobs.deliveries.payload", broken)
    finish_prompt(running(tune, "https://example.com/", key))
    for _ in range(9):
        assert send_next().status == "queued"
        due_now()
    given_up = send_next()
    assert (given_up.status, given_up.attempts) == ("failed", 10)
    assert "reference" in given_up.error
    assert CallbackHost.objects.get().failures == 0


def test_a_message_that_takes_its_workers_along_is_given_up(tune: Tune, key: ApiKey) -> None:
    finish_prompt(running(tune, "https://example.com/", key))
    Delivery.objects.update(attempts=Delivery.MAX_ATTEMPTS)
    given_up = send_next()
    assert given_up.status == "failed"
    assert "interrupted" in given_up.error


def test_a_worker_that_stops_gives_the_message_back_at_once(tune: Tune, key: ApiKey) -> None:
    finish_prompt(running(tune, "https://example.com/", key))
    delivery = Delivery.objects.claim("w")
    assert delivery is not None
    control = Control()
    control.stop()
    run_delivery(delivery, control)
    again = Delivery.objects.claim("another")
    assert again is not None
    assert (again.pk, again.attempts) == (delivery.pk, 1)


def test_delivered_means_not_sent_again(receiver: HTTPServer, tune: Tune, key: ApiKey) -> None:
    receiver.expect_request("/").respond_with_data("ok")
    finish_prompt(running(tune, receiver.url_for("/"), key))
    send_next()
    assert Delivery.objects.claim("w") is None


def test_gone_switches_the_host_off_and_a_person_on_again(
    receiver: HTTPServer, tune: Tune, key: ApiKey
) -> None:
    receiver.expect_request("/").respond_with_data("", 410)
    url = receiver.url_for("/")
    finish_prompt(running(tune, url, key))
    assert send_next().status == "failed"
    finish_prompt(running(tune, url, key))
    second = Delivery.objects.latest("id")
    assert second.status == DeliveryStatus.CANCELLED
    assert "410" in second.error
    CallbackHost.objects.get().enable()
    finish_prompt(running(tune, url, key))
    assert Delivery.objects.latest("id").status == DeliveryStatus.QUEUED


def test_persistent_failure_switches_off_and_success_forgives(team: Team, key: ApiKey) -> None:
    host = CallbackHost.objects.create(team=team, api_key=key, host="example.com")
    for _ in range(CallbackHost.PATIENCE - 1):
        host.note_failure("x")
    host.note_success()
    for _ in range(CallbackHost.PATIENCE):
        host.refresh_from_db()
        assert host.disabled_at is None
        host.note_failure("It answered 500.")
    host.refresh_from_db()
    assert (host.disabled_at is not None, host.reason) == (True, "It answered 500.")


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


def test_a_ping_tries_the_receiver_even_when_switched_off(
    receiver: HTTPServer, key: ApiKey
) -> None:
    receiver.expect_request("/").respond_with_data("pong")
    deliveries.host_of(key.team, key, receiver.url_for("/")).note_failure("x", for_good=True)
    deliveries.send_ping(key, receiver.url_for("/"))
    assert send_next().status == "delivered"
    assert json.loads(receiver.log[0][0].get_data())["ping"]["id"].startswith("msg_")


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


def test_what_waits_for_a_host_that_was_switched_off_is_not_sent(
    receiver: HTTPServer, tune: Tune, key: ApiKey
) -> None:
    finish_prompt(running(tune, receiver.url_for("/"), key))
    CallbackHost.objects.get().note_failure("x", for_good=True)
    assert send_next().status == DeliveryStatus.CANCELLED
    assert receiver.log == []


def test_what_cannot_be_signed_is_not_sent(receiver: HTTPServer, tune: Tune, key: ApiKey) -> None:
    finish_prompt(running(tune, receiver.url_for("/"), key))
    ApiKey.objects.update(signing_secret="")
    assert send_next().status == DeliveryStatus.FAILED
    assert receiver.log == []
