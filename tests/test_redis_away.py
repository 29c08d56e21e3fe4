"""Redis may be away: people sign in all the same, and limits go on counting."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator

import pytest
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from astria_web import cache as patient
from prompts.models import User
from tests.factories import PASSWORD
from tests.processes import free_port

pytestmark = pytest.mark.django_db
SIGN_IN = "/accounts/login/"


class Clock:
    """Moves the seconds that the cache goes by."""

    now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(patient, "time", clock)
    return clock


@pytest.fixture
def address(settings: Settings, clock: Clock) -> Iterator[str]:
    """Of a Redis where nothing listens; no other test knows anything of it."""
    address = f"redis://127.0.0.1:{free_port()}/0"
    backend = "astria_web.cache.PatientRedisCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": address}}
    yield address
    cache.clear()


def sign_in(email: str, password: str) -> int:
    return Client().post(SIGN_IN, {"login": email, "password": password}).status_code


def test_pages_and_signing_in_work(address: str, alice: User) -> None:
    assert Client().get("/").status_code == Client().get(SIGN_IN).status_code == 200
    assert sign_in(alice.email, PASSWORD) == 302
    assert UserSession.objects.get().user == alice


def test_limits_go_on_counting_in_the_process(address: str, alice: User) -> None:
    answers = [sign_in(alice.email, "wrong") for _ in range(12)]
    assert answers[0] == 200 and "many" in refusal(alice) and sign_in(alice.email, PASSWORD) == 200


def refusal(user: User) -> str:
    page = Client().post(SIGN_IN, {"login": user.email, "password": "wrong"}).content.decode()
    return page.lower()


def test_it_is_said_once_a_minute(
    address: str, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="astria_web.cache"):
        for _ in range(20):
            cache.set("a", 1)
            clock.now += 5
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 2
    assert "Redis is away" in caplog.text


def test_redis_is_not_asked_again_for_some_seconds(
    address: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.get("a")
    tries = []
    connect = socket.socket.connect

    def counted(self: socket.socket, *args: object) -> None:
        tries.append(args)
        connect(self, *args)

    monkeypatch.setattr(socket.socket, "connect", counted)
    cache.get("a")
    clock.now += patient.PAUSE
    assert tries == []
    cache.get("a")
    assert len(tries) == 1


def test_health_says_so(address: str, client: Client, settings: Settings) -> None:
    answer = client.get("/health/")
    assert answer.status_code == 200
    assert answer.content.decode().startswith("ok\nRedis is away")
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    assert client.get("/health/").content == b"ok"


def test_every_call_of_a_cache_is_answered(address: str) -> None:
    assert cache.add("a", 1) and not cache.add("a", 2)
    assert cache.incr("a") == 2 and cache.get("a") == 2 and cache.has_key("a")
    cache.set_many({"b": 2, "c": 3})
    assert cache.get_many(["a", "b", "x"]) == {"a": 2, "b": 2}
    assert cache.touch("b", 60) and cache.delete("b") and cache.get("b") is None
    cache.delete_many(["a", "c"])
    assert cache.get_or_set("a", 7) == 7
    cache.clear()
    assert cache.get("a") is None
    with pytest.raises(ValueError, match="not found"):
        cache.incr("a")
