"""How often a key may call."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from prompts.models import User
from tests.api.test_auth import call, echo, factory
from tests.factories import create_api_key

pytestmark = pytest.mark.django_db


def test_answers_tell_how_many_calls_are_left(alice: User, settings: Settings) -> None:
    settings.API_READS_PER_MINUTE = 2
    _, plain = create_api_key(user=alice)
    responses = [
        echo(factory.get("/api/x", headers={"Authorization": f"Bearer {plain}"})) for _ in range(3)
    ]
    assert [r.status_code for r in responses] == [200, 200, 429]
    assert [r["RateLimit"].split(";")[1] for r in responses] == ["r=1", "r=0", "r=0"]
    assert responses[0]["RateLimit-Policy"] == '"reads";q=2;w=60'
    assert 1 <= int(responses[2]["Retry-After"]) <= 30
    assert "Retry-After" not in responses[0]


def test_reads_and_writes_and_keys_are_counted_apart(alice: User, settings: Settings) -> None:
    settings.API_READS_PER_MINUTE = settings.API_WRITES_PER_MINUTE = 1
    _, one = create_api_key(user=alice)
    _, two = create_api_key(user=alice)
    assert [call(one)[0], call(one, "POST")[0], call(two)[0]] == [200, 200, 200]
    assert [call(one)[0], call(one, "POST")[0], call(two)[0]] == [429, 429, 429]


def test_a_limit_of_nothing_is_none(alice: User, settings: Settings) -> None:
    settings.API_READS_PER_MINUTE = 0
    _, plain = create_api_key(user=alice)
    response = echo(factory.get("/api/x", headers={"Authorization": f"Bearer {plain}"}))
    assert response.status_code == 200
    assert "RateLimit" not in response


def test_a_call_without_a_key_takes_no_place(alice: User, settings: Settings) -> None:
    settings.API_READS_PER_MINUTE = 1
    _, plain = create_api_key(user=alice)
    assert call("sd_" + "x" * 48)[0] == 401
    assert call(plain)[0] == 200
