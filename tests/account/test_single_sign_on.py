"""Single sign-on finds accounts, and makes none."""

from __future__ import annotations

import json
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from pytest_django import Settings
from pytest_httpserver import HTTPServer

from prompts.models import User

pytestmark = pytest.mark.django_db


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
