"""One's own account: name, picture, sessions, two factors, single sign-on."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import struct
import time
from base64 import b32decode
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.usersessions.models import UserSession
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from pytest_httpserver import HTTPServer

from prompts import middleware
from prompts.devices import device_words
from prompts.models import Image, Membership, Team, Tune, User
from tests.factories import (
    PASSWORD,
    create_image,
    create_membership,
    create_prompt,
    create_share,
    create_team,
    create_tune,
    signed_in,
)

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def sign_in(user: User, agent: str = FIREFOX) -> Client:
    """Through the form, as people do."""
    client = Client(headers={"user-agent": agent})
    answer = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def confirm(client: Client) -> Client:
    """Gives the password once more, as what changes the account asks for."""
    answer = client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert answer.status_code == 302
    return client


@pytest.fixture
def image(alice: User, team: Team) -> Image:
    return create_image(prompt=create_prompt(tune=create_tune(team=team, owner=alice)))


# --- Name and picture --------------------------------------------------------------------------


def test_the_name_is_changed_and_never_empty(alice: User) -> None:
    client = signed_in(alice)
    assert client.post("/account/", {"name": "  "}).status_code == 422
    client.post("/account/", {"name": "Alice A. Ames"})
    alice.refresh_from_db()
    assert alice.name == "Alice A. Ames"


def test_a_chosen_headshot_stands_for_the_member(alice: User, bob: User, image: Image) -> None:
    place = alice.memberships.get()
    address = reverse("member_picture", args=[place.public_id])
    assert signed_in(bob).get(address).status_code == 404
    signed_in(alice).post("/account/picture/", {"picture": image.public_id})
    answer = signed_in(bob).get(address)
    assert answer.status_code == 200 and answer["Content-Type"] == "image/webp"
    assert address in signed_in(alice).get("/").content.decode()
    signed_in(alice).post("/account/picture/", {"picture": ""})
    assert signed_in(bob).get(address).status_code == 404


def test_a_picture_in_the_trash_stands_for_nobody(alice: User, image: Image) -> None:
    client = signed_in(alice)
    client.post("/account/picture/", {"picture": image.public_id})
    client.post("/images/trash/", {"images": image.public_id})
    address = reverse("member_picture", args=[alice.memberships.get().public_id])
    assert client.get(address).status_code == 404
    assert address not in client.get("/account/").content.decode()


def test_only_ones_own_pictures_of_this_team_can_be_chosen(
    alice: User, bob: User, image: Image
) -> None:
    elsewhere = create_team(name="Elsewhere")
    create_membership(team=elsewhere, user=alice)
    tune = create_tune(team=elsewhere, owner=alice)
    foreign = create_image(prompt=create_prompt(tune=tune))
    for user, picture in ((bob, image), (alice, foreign)):
        client = signed_in(user)
        answer = client.post("/account/picture/", {"picture": picture.public_id})
        assert answer.status_code == 404
    assert not Membership.objects.exclude(picture=None).exists()


def test_finals_are_offered_first(alice: User, team: Team) -> None:
    from prompts.forms.account import MemberPictureForm

    tune = create_tune(team=team, owner=alice)
    images = [create_image(prompt=create_prompt(tune=tune), index=n) for n in range(3)]
    Tune.objects.filter(pk=tune.pk).update(final_image=images[0])
    offered = MemberPictureForm(membership=alice.memberships.get()).offered()
    assert offered == [images[0], images[2], images[1]]


def test_somebody_without_a_team_has_an_account_page(db: None) -> None:
    from tests.factories import create_user

    answer = signed_in(create_user(name="Nora")).get("/account/")
    assert answer.status_code == 200
    assert "Picture</h2>" not in answer.content.decode()


# --- Sessions ----------------------------------------------------------------------------------


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


def test_nobody_makes_an_address_theirs_without_proof(alice: User) -> None:
    client = sign_in(alice)
    for action in ("action_add", "action_primary"):
        answer = client.post("/accounts/email/", {action: "", "email": "boss@example.com"})
        assert answer["Location"] == "/account/"
    assert not EmailAddress.objects.filter(email="boss@example.com").exists()
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"


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


# --- Two factors -------------------------------------------------------------------------------


def code_of(secret: str) -> str:
    """The six digits of RFC 6238 for now."""
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.new(b32decode(secret), counter, hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def activate_app(client: Client) -> str:
    """Sets an authenticator app up; its secret."""
    secret = generate_totp_secret()
    session = client.session
    session["mfa.totp.secret"] = secret
    session.save()
    answer = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    assert answer.status_code == 302, answer.content.decode()
    return secret


def test_an_authenticator_app_is_asked_for_after_the_password(alice: User) -> None:
    secret = activate_app(confirm(sign_in(alice)))
    client = Client()
    answer = client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert client.get("/account/").status_code == 302
    wrong = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert wrong.status_code == 200 and client.get("/account/").status_code == 302
    from django.core.cache import cache

    cache.clear()  # a code is taken only once, and this one has set the app up
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert client.get("/account/").status_code == 200


def test_the_admin_site_asks_for_the_second_factor_too(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
    activate_app(confirm(sign_in(alice)))
    client = Client()
    entrance = client.post(
        "/admin/login/?next=/admin/", {"username": alice.email, "password": PASSWORD}
    )
    assert entrance["Location"] == "/accounts/login/?next=%2Fadmin%2F"
    assert client.get("/account/").status_code == client.get("/admin/").status_code == 302
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert client.get("/admin/").status_code == 302


def test_the_admin_site_is_for_staff(alice: User) -> None:
    client = sign_in(alice)
    assert client.get("/admin/", follow=True).status_code == 403
    User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
    assert client.get("/admin/").status_code == 200


def test_a_recovery_code_works_once(alice: User) -> None:
    mine = confirm(sign_in(alice))
    activate_app(mine)
    codes = mine.get("/accounts/2fa/recovery-codes/").context["unused_codes"]
    for attempt, expected in (("first", 200), ("second", 302)):
        client = Client()
        client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
        client.post("/accounts/2fa/authenticate/", {"code": codes[0]})
        assert client.get("/account/").status_code == expected, attempt


def test_secrets_of_the_second_factor_are_sealed_and_rotate(
    alice: User, settings: Settings
) -> None:
    settings.SECRETS_KEYS = ["old"]
    secret = activate_app(confirm(sign_in(alice)))
    stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    settings.SECRETS_KEYS = ["new", "old"]
    call_command("rotate_secrets", verbosity=0, stdout=io.StringIO())
    settings.SECRETS_KEYS = ["new"]
    from allauth.mfa.utils import decrypt

    totp = Authenticator.objects.get(type=Authenticator.Type.TOTP)
    assert decrypt(totp.data["secret"]) == secret


@pytest.mark.parametrize(
    "path",
    ["2fa/", "2fa/totp/activate/", "2fa/webauthn/", "2fa/webauthn/add/", "connections/"],
)
def test_the_librarys_pages_stand_in_our_frame(alice: User, path: str) -> None:
    answer = confirm(sign_in(alice)).get(f"/accounts/{path}")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'class="bar"' in page and "Menu:" not in page


# --- Single sign-on ----------------------------------------------------------------------------


class Provider:
    """An identity provider of one person; OpenID Connect Core 1.0, section 3.1."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("").rstrip("/")
        self.person = {"sub": "7", "email": "alice@example.com", "email_verified": True}
        server.expect_request("/.well-known/openid-configuration").respond_with_json(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "userinfo_endpoint": f"{self.url}/userinfo",
                "jwks_uri": f"{self.url}/keys",
            }
        )
        server.expect_request("/userinfo").respond_with_handler(
            lambda _: _json(self.person)  # read when it is asked for
        )
        server.expect_request("/token", method="POST").respond_with_handler(
            lambda _: _json({"access_token": "t", "token_type": "Bearer", "id_token": self.token()})
        )

    def token(self) -> str:
        import jwt

        claims = {**self.person, "iss": self.url, "aud": "portal", "exp": time.time() + 60}
        return jwt.encode({**claims, "iat": time.time()}, "s" * 32, algorithm="HS256")


def _json(value: object) -> object:
    from werkzeug import Response

    return Response(json.dumps(value), content_type="application/json")


@pytest.fixture
def provider(httpserver: HTTPServer, settings: Settings) -> Provider:
    made = Provider(httpserver)
    app = {"provider_id": "sso", "name": "Acme ID", "client_id": "portal", "secret": "s" * 32}
    app["settings"] = {"server_url": made.url}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    return made


def come_through(client: Client) -> object:
    """The way of a browser: there, and back with the code."""
    there = client.post("/accounts/oidc/sso/login/")
    state = parse_qs(urlsplit(there["Location"]).query)["state"][0]
    return client.get("/accounts/oidc/sso/login/callback/", {"code": "c", "state": state})


def test_single_sign_on_finds_the_account_of_the_verified_address(
    alice: User, provider: Provider
) -> None:
    client = Client()
    assert "Continue with Acme ID" in client.get("/accounts/login/").content.decode()
    come_through(client)
    assert client.get("/account/").context["user"] == alice


@pytest.mark.parametrize(
    "person",
    [
        {"email_verified": False},
        {"email": "stranger@example.com"},
    ],
)
def test_single_sign_on_opens_nothing_to_others(
    alice: User, provider: Provider, person: dict[str, object]
) -> None:
    provider.person |= person
    client = Client()
    come_through(client)
    assert client.get("/account/").status_code == 302
    assert User.objects.count() == 1


def test_without_a_provider_there_is_no_single_sign_on(db: None) -> None:
    client = Client()
    assert "Continue with" not in client.get("/accounts/login/").content.decode()
    assert client.post("/accounts/oidc/sso/login/").status_code == 404
