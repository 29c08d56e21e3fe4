"""Callbacks that fail: repeated, given up, and hosts that are switched off."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pytest_django import Settings
from pytest_httpserver import HTTPServer
from werkzeug import Response

from prompts import deliveries
from prompts.flows.prompts import finish_prompt
from prompts.jobs.control import Control
from prompts.jobs.deliveries import RETRY_DELAYS, retry_delay, run_delivery
from prompts.models import ApiKey, CallbackHost, Delivery, DeliveryStatus, Team, Tune
from tests.deliveries.sending import due_now, running, send_next

pytestmark = pytest.mark.django_db


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


def test_a_ping_tries_the_receiver_even_when_switched_off(
    receiver: HTTPServer, key: ApiKey
) -> None:
    receiver.expect_request("/").respond_with_data("pong")
    deliveries.host_of(key.team, key, receiver.url_for("/")).note_failure("x", for_good=True)
    deliveries.send_ping(key, receiver.url_for("/"))
    assert send_next().status == "delivered"
    assert json.loads(receiver.log[0][0].get_data())["ping"]["id"].startswith("msg_")


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
