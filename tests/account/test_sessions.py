"""Where one is signed in."""

from __future__ import annotations

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from prompts import middleware
from prompts.devices import device_words
from prompts.models import Image, User
from tests.account.signing_in import FIREFOX, sign_in
from tests.factories import PASSWORD, create_share

pytestmark = pytest.mark.django_db


def test_every_place_is_listed_and_can_be_signed_out(alice: User) -> None:
    here, there = sign_in(alice), sign_in(alice, "Mozilla/5.0 (iPhone) Version/18 Safari/604.1")
    page = here.get("/account/").content.decode()
    assert "Firefox on Windows" in page and "Safari on iPhone" in page and "This browser" in page
    other = UserSession.objects.get(user_agent__contains="iPhone")
    here.post("/account/sessions/end/", {"session": other.pk})
    assert there.get("/account/").status_code == 302
    assert here.get("/account/").status_code == 200


def test_whoever_came_without_the_sign_in_form_is_listed_too(db: None) -> None:
    client = Client(headers={"user-agent": FIREFOX})
    client.post(
        "/setup/",
        {"team_name": "Acme", "name": "Ann", "email": "ann@example.com", "password": PASSWORD},
    )
    session = UserSession.objects.get()
    assert session.session_key == client.session.session_key
    there = sign_in(User.objects.get())
    there.post("/account/sessions/end/")
    assert client.get("/account/").status_code == 302


def test_signing_out_everywhere_else_spares_this_browser(alice: User) -> None:
    here, others = sign_in(alice), [sign_in(alice), sign_in(alice)]
    here.post("/account/sessions/end/")
    assert [other.get("/account/").status_code for other in others] == [302, 302]
    assert here.get("/account/").status_code == 200


def test_nobody_ends_the_sessions_of_others(alice: User, bob: User) -> None:
    hers, his = sign_in(alice), sign_in(bob)
    row = UserSession.objects.get(user=alice)
    for number in (row.pk, "x", "9" * 5_000):
        his.post("/account/sessions/end/", {"session": number})
    his.post("/account/sessions/end/")
    assert hers.get("/account/").status_code == 200


def test_use_is_noted_now_and_then(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = sign_in(alice)
    client.get("/account/")
    before = UserSession.objects.get().last_seen_at
    client.get("/account/")
    assert UserSession.objects.get().last_seen_at == before
    monkeypatch.setattr(middleware, "NOTE_INTERVAL", 0)
    client.get("/account/")
    assert UserSession.objects.get().last_seen_at > before


def test_made_up_session_keys_fill_no_memory(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "NOTED_SESSIONS", 5)
    for number in range(20):
        Client(headers={"cookie": f"sessionid=made-up-{number}"}).get("/accounts/login/")
    assert len(middleware._noted) <= 5


def test_unlocking_a_link_keeps_the_session_in_the_list(alice: User, image: Image) -> None:
    here, there = sign_in(alice), sign_in(alice)
    share = create_share(author=alice, images=[image], password=PASSWORD)
    here.post(f"/s/{share.slug}/unlock/", {"password": PASSWORD})
    assert here.get(share.public_path).status_code == 200
    there.post("/account/sessions/end/")
    assert here.get("/account/").status_code == 302


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140 Mobile Safari/537", "Chrome on Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/18 Safari/605", "Safari on Mac"),
        ("curl/8.5", "An unknown device"),
        ("", "An unknown device"),
    ],
)
def test_devices_are_named_in_words(agent: str, words: str) -> None:
    assert device_words(agent) == words
