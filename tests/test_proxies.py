"""Whose address counts behind proxies."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from prompts.models import User
from tests.factories import PASSWORD

FORGED = "198.51.100.66"
CLIENT = "203.0.113.9"
INNER = "10.0.0.7"


@pytest.fixture(autouse=True)
def counts_of_its_own(settings: Settings) -> Iterator[None]:
    """In a cache that no other test counts in."""
    backend = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": __name__}}
    yield
    cache.clear()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("count", "forwarded", "seen"),
    [
        (0, "", "127.0.0.1"),
        (0, FORGED, "127.0.0.1"),
        (1, CLIENT, CLIENT),
        (1, f"{FORGED}, {CLIENT}", CLIENT),
        (2, f"{FORGED}, {CLIENT}, {INNER}", CLIENT),
        # Somebody who got past the proxies is still somebody.
        (1, "", "127.0.0.1"),
        (2, FORGED, "127.0.0.1"),
        (1, "2001:db8::1", "2001:db8::1"),
    ],
)
def test_only_what_our_own_proxies_say_counts(
    count: int, forwarded: str, seen: str, alice: User, settings: Settings
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = count
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    values = {"login": alice.email, "password": PASSWORD}
    assert Client(headers=headers).post("/accounts/login/", values).status_code == 302
    assert UserSession.objects.get().ip == seen


@pytest.mark.django_db
def test_strangers_who_share_a_proxy_do_not_share_a_limit(alice: User, settings: Settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    def sign_in(address: str, email: str, password: str) -> int:
        client = Client(headers={"X-Forwarded-For": f"{FORGED}, {address}"})
        return client.post("/accounts/login/", {"login": email, "password": password}).status_code

    for number in range(40):
        sign_in(CLIENT, f"nobody{number}@example.com", "wrong")
    assert sign_in(CLIENT, alice.email, PASSWORD) != 302
    assert sign_in("203.0.113.10", alice.email, PASSWORD) == 302


@pytest.mark.parametrize(
    ("given", "count"),
    [
        ({}, 0),
        ({"PUBLIC_URL": "http://portal.example"}, 0),
        ({"PUBLIC_URL": "https://portal.example"}, 1),
        ({"PUBLIC_URL": "https://portal.example", "PROXY_COUNT": "2"}, 2),
        ({"PROXY_COUNT": "1"}, 1),
    ],
)
def test_the_environment_says_how_many_there_are(
    given: dict[str, str], count: int, tmp_path: Path
) -> None:
    kept = {k: v for k, v in os.environ.items() if k not in ("PUBLIC_URL", "PROXY_COUNT")}
    ask = "from astria_web import settings; print(settings.ALLAUTH_TRUSTED_PROXY_COUNT)"
    done = subprocess.run(
        [sys.executable, "-c", ask],
        cwd=django_settings.BASE_DIR,
        env={**kept, "DATA_DIR": str(tmp_path), **given},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) == count
