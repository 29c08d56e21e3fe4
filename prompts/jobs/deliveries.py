"""Sends one delivery: a POST that may take 20 seconds, and what follows from the answer."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

import httpx
from django.conf import settings
from django.db import transaction

from prompts.deliveries import (
    encoded,
    host_of,
    payload,
    publish_delivery,
    signed_headers,
    unwanted,
)
from prompts.fetching import FetchRefused, GuardedTransport
from prompts.models import Delivery, DeliveryStatus

from .control import Control, ShuttingDown
from .runs import DATABASE_AWAY, explain

#: Seconds for connecting and for each wait, and for the whole exchange.
WAIT_SECONDS, TOTAL_SECONDS = 15.0, 20.0
#: Waits before the second to the tenth attempt: three days in all (Standard Webhooks 1.0.0).
RETRY_DELAYS = (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
#: The drawn part of a wait, so that what failed together does not come back together.
JITTER = 0.2
#: Of an answer's body no more is read, in bytes.
EXCERPT = 500
GONE = 410


@dataclass(frozen=True)
class Outcome:
    """What came of one try: `status` is None when there was no answer."""

    status: int | None
    excerpt: str = ""
    error: str = ""

    @property
    def arrived(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def run_delivery(delivery: Delivery, control: Control) -> None:
    """One try of a claimed row; it ends delivered, in the queue again, failed or cancelled.

    Raises only `DATABASE_AWAY`; the row is then unsettled, and free when its lease has run out.
    """
    try:
        control.checkpoint()
        if delivery.attempts > delivery.MAX_ATTEMPTS:
            _end(delivery, DeliveryStatus.FAILED, "Sending it was interrupted again and again.")
        else:
            _try(delivery)
    except DATABASE_AWAY:
        raise
    except ShuttingDown:
        delivery.release_lease()
    except Exception as error:  # whatever it was, the delivery is settled
        _settle_fault(delivery, explain(delivery, error))


def _try(delivery: Delivery) -> None:
    if reason := unwanted(delivery):
        _end(delivery, DeliveryStatus.CANCELLED, reason)
        return
    if delivery.api_key and not delivery.api_key.signing_secret:
        _end(delivery, DeliveryStatus.FAILED, "The secret that signs it cannot be read any more.")
        return
    body = payload(delivery)
    if body is None:
        _end(
            delivery,
            DeliveryStatus.CANCELLED,
            "What this was about is gone, or no longer for who asked.",
        )
        return
    _settle(delivery, send(delivery, encoded(body)))


def _settle_fault(delivery: Delivery, reason: str) -> None:
    """A fault of our own: the receiver's host is not blamed for it."""
    if delivery.attempts >= delivery.MAX_ATTEMPTS:
        _end(delivery, DeliveryStatus.FAILED, reason)
    else:
        _try_later(delivery, Outcome(None, error=reason))


def send(delivery: Delivery, body: bytes) -> Outcome:
    """POSTs the message; redirects are not followed, private addresses not reached."""
    headers = signed_headers(delivery, body)
    try:
        with (
            httpx.Client(
                transport=GuardedTransport(TOTAL_SECONDS), timeout=WAIT_SECONDS, trust_env=False
            ) as client,
            client.stream("POST", delivery.url, content=body, headers=headers) as answer,
        ):
            return _read(answer)
    except FetchRefused as refusal:
        return Outcome(None, error=refusal.message)
    except httpx.TimeoutException:
        return Outcome(None, error="It did not answer in time.")
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return Outcome(None, error=f"It could not be reached ({type(error).__name__}).")


def _read(answer: httpx.Response) -> Outcome:
    """The status counts; of the body only the beginning is looked at, and may be missing."""
    excerpt = b""
    try:
        for chunk in answer.iter_raw():
            excerpt += chunk
            if len(excerpt) >= EXCERPT:
                break
    except (httpx.HTTPError, OSError):
        pass
    text = excerpt[:EXCERPT].decode("utf-8", "replace").replace("\x00", "")
    problem = "" if answer.is_success else f"It answered {answer.status_code}."
    if answer.is_redirect:
        problem = f"It redirects ({answer.status_code}), which is not followed."
    return Outcome(answer.status_code, text, problem)


def _settle(delivery: Delivery, outcome: Outcome) -> None:
    host = host_of(delivery.team, delivery.api_key, delivery.url)
    said = {"response_status": outcome.status, "response_excerpt": outcome.excerpt}
    if outcome.arrived:
        host.note_success()
        _end(delivery, DeliveryStatus.DELIVERED, "", **said)
    elif outcome.status == GONE:
        host.note_failure("it answered 410 Gone.", for_good=True)
        _end(delivery, DeliveryStatus.FAILED, outcome.error, **said)
    elif delivery.attempts >= delivery.MAX_ATTEMPTS:
        host.note_failure(outcome.error)
        _end(delivery, DeliveryStatus.FAILED, outcome.error, **said)
    else:
        _try_later(delivery, outcome, **said)


def _end(delivery: Delivery, status: DeliveryStatus, error: str, **said: object) -> None:
    with transaction.atomic():
        if delivery.finish_as(status, error=error, **said):
            publish_delivery(delivery)


def _try_later(delivery: Delivery, outcome: Outcome, **said: object) -> None:
    with transaction.atomic():
        if said:
            delivery.held().update(**said)
        if delivery.retry_later(retry_delay(delivery.attempts), outcome.error):
            publish_delivery(delivery)


def retry_delay(attempts: int) -> dt.timedelta:
    """The wait after so many attempts, with its jitter."""
    seconds = RETRY_DELAYS[min(max(attempts, 1), len(RETRY_DELAYS)) - 1]
    drawn = 1 + JITTER * random.random()  # noqa: S311 - spreads load, keeps no secret
    return dt.timedelta(seconds=seconds * drawn * settings.DELIVERY_PACE)
