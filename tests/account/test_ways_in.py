"""Both pages that sign people in offer every way that works there."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from prompts.models import User

pytestmark = pytest.mark.django_db
PAGES = ("/", "/accounts/login/")


@pytest.mark.parametrize("page", PAGES)
def test_single_sign_on_is_offered(
    client: Client, alice: User, settings: Settings, page: str
) -> None:
    app = {"provider_id": "sso", "name": "Acme ID", "client_id": "portal", "secret": "s" * 32}
    app["settings"] = {"server_url": "https://id.example"}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    assert "Continue with Acme ID" in client.get(page).content.decode()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("host", "works"), [("localhost:8000", True), ("127.0.0.1:8000", False), ("[::1]:8000", False)]
)
def test_passkeys_are_offered_under_a_name_alone(
    client: Client, alice: User, page: str, host: str, works: bool
) -> None:
    words = client.get(page, headers={"host": host}).content.decode()
    assert ("Sign in with a passkey" in words) == works
