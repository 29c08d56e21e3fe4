"""The addresses of the account library and of the admin site: none shows anything of a team."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from prompts.models import User
from tests.factories import signed_in

pytestmark = pytest.mark.django_db

#: The pages of the account library: what the anonymous and the signed-in get. None of them shows
#: anything of a team.
ACCOUNT_ROUTES = {
    "account_login": (200, 302),
    "account_logout": (302, 200),
    "account_inactive": (200, 200),
    "account_signup": (200, 302),
    "account_reauthenticate": (302, 200),
    "account_email": (302, 302),
    "account_email_verification_sent": (200, 200),
    "account_confirm_email": (200, 200),
    "account_confirm_login_code": (302, 302),
    "account_change_password": (302, 200),
    "account_set_password": (302, 302),
    "account_reset_password": (200, 200),
    "account_reset_password_done": (200, 200),
    "account_reset_password_from_key": (200, 200),
    "account_reset_password_from_key_done": (200, 200),
    "mfa_index": (302, 200),
    "mfa_authenticate": (302, 302),
    "mfa_reauthenticate": (302, 302),
    "mfa_activate_totp": (302, 302),
    "mfa_deactivate_totp": (302, 404),
    "mfa_list_webauthn": (302, 200),
    "mfa_add_webauthn": (302, 302),
    "mfa_remove_webauthn": (302, 302),
    "mfa_edit_webauthn": (302, 302),
    "mfa_login_webauthn": (302, 302),
    "mfa_reauthenticate_webauthn": (302, 302),
    "mfa_view_recovery_codes": (302, 404),
    "mfa_generate_recovery_codes": (302, 302),
    "mfa_download_recovery_codes": (302, 404),
    "socialaccount_login_cancelled": (200, 200),
    "socialaccount_login_error": (401, 401),
    "socialaccount_signup": (302, 302),
    "socialaccount_connections": (302, 200),
    "openid_connect_login": (404, 404),
    "openid_connect_callback": (404, 404),
}
ACCOUNT_ARGS: dict[str, tuple[object, ...]] = {
    "account_confirm_email": ("none",),
    "account_reset_password_from_key": ("1", "none"),
    "mfa_remove_webauthn": (1,),
    "mfa_edit_webauthn": (1,),
    "openid_connect_login": ("sso",),
    "openid_connect_callback": ("sso",),
}


def account_routes(resolver: URLResolver, prefix: str = "") -> dict[str, str]:
    """Name → address pattern of every route below."""
    found: dict[str, str] = {}
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            found |= account_routes(pattern)
        elif pattern.name:
            found[pattern.name] = str(pattern.pattern)
    return found


def test_the_table_names_every_route_of_accounts() -> None:
    below = [p for p in get_resolver().url_patterns if str(p.pattern).startswith("accounts/")]
    included = [p for p in below if isinstance(p, URLResolver)]
    names = {name for resolver in included for name in account_routes(resolver)}
    assert names == set(ACCOUNT_ROUTES)


@pytest.mark.parametrize("name", ACCOUNT_ROUTES)
def test_account_route_answers(name: str, bob: User) -> None:
    url = reverse(name, args=ACCOUNT_ARGS.get(name, ()))
    answers = (Client().get(url).status_code, signed_in(bob).get(url).status_code)
    assert answers == ACCOUNT_ROUTES[name]


def test_the_admin_site_is_for_staff_alone(alice: User) -> None:
    for client in (Client(), signed_in(alice)):
        for path in ("", "prompts/tune/", "prompts/user/"):
            answer = client.get(f"/admin/{path}")
            assert answer["Location"].startswith("/admin/login/")


def test_no_route_outside_the_product_serves_team_data() -> None:
    prefixes = {str(p.pattern) for p in get_resolver().url_patterns}
    accounts = {prefix for prefix in prefixes if prefix.startswith("accounts/")}
    assert prefixes - accounts == {"", "api/", "admin/"}
