"""What the client makes of every way in which Astria, or the way to it, can fail."""

from __future__ import annotations

import contextlib
import datetime as dt
import email.utils
import json
import logging
import traceback
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from prompts.engines.astria.answers import read_error
from prompts.engines.astria.client import AstriaClient
from prompts.engines.astria.errors import (
    AddressRefused,
    AstriaError,
    KeyRefused,
    NotThere,
    OutcomeUnknown,
    PaymentNeeded,
    Refused,
    ServerFault,
    TooManyRequests,
    Unreachable,
    read_retry_after,
)
from tests.astria.server import KEY, FakeAstria

FIELDS = {"text": "ohwx woman", "callback": "https://portal.example/callbacks/prompts/t"}


def failure(client: AstriaClient) -> AstriaError:
    """What asking for a prompt of tune 1 raises."""
    with pytest.raises(AstriaError) as caught:
        client.create_prompt(1, FIELDS)
    assert caught.value.message.endswith(".")
    return caught.value


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (400, Refused, False),
        (401, KeyRefused, False),
        (402, PaymentNeeded, False),
        (403, KeyRefused, False),
        (404, NotThere, False),
        (408, OutcomeUnknown, True),
        (409, OutcomeUnknown, True),
        (410, NotThere, False),
        (413, Refused, False),
        (422, Refused, False),
        (429, TooManyRequests, True),
        (500, ServerFault, True),
        (502, ServerFault, True),
        (503, ServerFault, True),
        (504, OutcomeUnknown, True),
        (524, OutcomeUnknown, True),
        (599, ServerFault, True),
    ],
)
def test_every_status_has_its_meaning(
    client: AstriaClient,
    astria: FakeAstria,
    status: int,
    kind: type[AstriaError],
    retryable: bool,
) -> None:
    astria.fault("status", status=status, body='{"error": "the reason"}')
    error = failure(client)
    assert type(error) is kind
    assert error.status == status
    assert error.retryable is retryable
    assert "the reason" in error.excerpt
    if not retryable:
        assert "the reason" in error.message


@pytest.mark.parametrize("kind", ["html", "truncated", "empty", "wrong types", "cut", "gzip"])
@pytest.mark.parametrize("done", [True, False])
def test_an_answer_that_cannot_be_read_leaves_the_outcome_unknown(
    client: AstriaClient, astria: FakeAstria, kind: str, done: bool
) -> None:
    astria.world.tunes[1] = {"id": 1, "trained_at": "2026-03-01T00:00:00.000Z"}
    astria.fault(kind, done=done)
    error = failure(client)
    assert isinstance(error, OutcomeUnknown)
    assert error.retryable
    assert astria.world.creates["prompts"] == done


def test_a_refusal_counts_even_if_its_words_are_packed(
    client: AstriaClient, astria: FakeAstria
) -> None:
    headers = {"Content-Encoding": "gzip"}
    astria.fault("status", status=402, headers=headers, body="packed")
    error = failure(client)
    assert isinstance(error, PaymentNeeded)
    assert error.message == "Astria wants to be paid first."


@pytest.mark.parametrize("kind", ["drip", "silence", "reset", "huge"])
def test_an_answer_that_does_not_end_well_leaves_the_outcome_unknown(
    hasty: AstriaClient, astria: FakeAstria, kind: str
) -> None:
    astria.fault(kind)
    assert isinstance(failure(hasty), OutcomeUnknown)


def test_an_answer_that_takes_its_time_is_waited_for(
    client: AstriaClient, astria: FakeAstria
) -> None:
    astria.fault("late", seconds=0.5)
    assert client.account().id == 7


def test_where_nobody_listens_nothing_was_sent(client: AstriaClient, astria: FakeAstria) -> None:
    astria.go_down()
    error = failure(client)
    assert isinstance(error, Unreachable)
    assert error.retryable
    astria.come_back()
    assert client.account().id == 7


def test_a_redirect_is_not_followed_and_the_key_not_sent_on(
    client: AstriaClient, astria: FakeAstria
) -> None:
    with FakeAstria() as elsewhere:
        astria.fault("redirect", location=f"{elsewhere.url}/users")
        assert isinstance(failure(client), ServerFault)
        assert elsewhere.requests == []


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254", "http://127.0.0.1", "ftp://api.example", "http://[::1", ""]
)
def test_an_address_inside_is_refused(settings: Settings, url: str) -> None:
    settings.FETCH_ALLOWED_HOSTS = []
    error = failure(AstriaClient(url, KEY))
    assert isinstance(error, AddressRefused | Unreachable)


def test_a_proxy_in_the_environment_is_not_used(
    client: AstriaClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert client.account().id == 7


# --- Retry-After ------------------------------------------------------------------------------

NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("120", 120),
        (" 7 ", 7),
        ("1.5", 1.5),
        ("0", 1),
        ("-5", 1),
        ("1000000000", 3600),
        ("1e400", 3600),
        ("nan", 30),
        ("", 30),
        ("soon", 30),
        ("Wed, 99 Foo 2026", 30),
        (email.utils.format_datetime(NOW + dt.timedelta(seconds=90), usegmt=True), 90),
        (email.utils.format_datetime(NOW - dt.timedelta(days=1), usegmt=True), 1),
        (email.utils.format_datetime(NOW + dt.timedelta(days=9), usegmt=True), 3600),
        ("Sun, 01 Mar 2026 12:01:00 -0000", 60),
        ("9" * 5000, 3600),
    ],
)
def test_retry_after_is_honoured_within_an_hour(value: str | None, seconds: float | None) -> None:
    assert read_retry_after(value, now=NOW) == seconds


@pytest.mark.parametrize(("value", "seconds"), [("42", 42), ("garbage", 30), (None, 30)])
def test_a_busy_astria_says_how_long_to_wait(
    client: AstriaClient, astria: FakeAstria, value: str | None, seconds: float
) -> None:
    headers = {} if value is None else {"Retry-After": value}
    astria.fault("status", status=429, headers=headers)
    assert failure(client).retry_after == seconds


# --- Words ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"text": ["can\'t be blank"]}', "Text can't be blank"),
        (b'{"num_images": ["must be less than 9", "is odd"]}',
         "Num images must be less than 9; Num images is odd"),
        (b'{"images": ["Images must contain at least one image"]}',
         "Images must contain at least one image"),
        (b'{"base": ["No credit left"]}', "No credit left"),
        (b'{"error": "Not authorised"}', "Not authorised"),
        (b'{"errors": {"title": ["is too long"]}}', "Title is too long"),
        (b'["One", "Two"]', "One; Two"),
        (b'"Only words"', "Only words"),
        (b"<html>", ""),
        (b"", ""),
        (b"[" * 100_000, ""),
        (b'{"a": 1, "b": null, "c": {"d": "e"}}', ""),
        (b"12", ""),
    ],
)  # fmt: skip
def test_astrias_own_words_are_found_whatever_their_wrapping(body: bytes, words: str) -> None:
    assert read_error(body.decode())[0] == words


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(st.integers(200, 599), st.binary() | json_values.map(lambda v: json.dumps(v).encode()))
def test_any_answer_is_an_object_or_an_astria_error(status: int, body: bytes) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(status, stream=raw(body)))
    client = AstriaClient("https://api.example", KEY, transport=transport)
    for call in (client.account, client.tunes, lambda: client.prompt(1)):
        with contextlib.suppress(AstriaError):
            call()


def raw(body: bytes) -> httpx.ByteStream:
    return httpx.ByteStream(body)


# --- The key ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 401, "body": f'{{"error": "Bad key {KEY}"}}'},
        {"kind": "status", "status": 422, "body": f'{{"key": ["{KEY}"]}}'},
        {"kind": "status", "status": 500, "body": KEY},
        {"kind": "status", "status": 504, "body": "x" * 490 + KEY},
        {"kind": "html"},
        {"kind": "truncated", "done": True},
        {"kind": "reset"},
        {"kind": "redirect"},
        {"kind": "silence"},
    ],
    ids=lambda fault: f"{fault['kind']} {fault.get('status', '')}",
)
def test_the_key_is_nowhere_but_in_its_header(
    hasty: AstriaClient,
    astria: FakeAstria,
    fault: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    astria.fault(**fault)
    astria.world.tunes[1] = {"id": 1, "trained_at": "2026-03-01T00:00:00.000Z"}
    error = failure(hasty)
    assert astria.requests[-1].headers["Authorization"] == f"Bearer {KEY}"
    chain = "".join(
        traceback.TracebackException.from_exception(error, capture_locals=False).format()
    )
    logged = "\n".join(f"{r.getMessage()} {r.args} {r.exc_text}" for r in caplog.records)
    for text in (
        chain,
        logged,
        repr(error),
        str(error),
        repr(hasty),
        repr(vars(error)),
        error.excerpt,
    ):
        assert KEY[3:30] not in text
        assert FIELDS["callback"] not in text


@pytest.mark.parametrize("key", ["", "sd_ä", "sd_secret\nX-Evil: 1", "sd_secret\0"])
def test_what_cannot_be_a_key_is_not_sent_and_not_repeated(astria: FakeAstria, key: str) -> None:
    with pytest.raises(KeyRefused) as caught:
        AstriaClient(astria.url, key).account()
    assert "secret" not in "".join(traceback.format_exception(caught.value))
    assert astria.requests == []
