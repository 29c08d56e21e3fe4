"""The second factor: asked for, replaced by a recovery code, and sealed."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import struct
import time
from base64 import b32decode

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from prompts.models import User
from tests.account.signing_in import sign_in
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def confirm(client: Client) -> Client:
    """Gives the password once more, as what changes the account asks for."""
    answer = client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert answer.status_code == 302
    return client


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
