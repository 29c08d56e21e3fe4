"""API keys: made once shown, listed, revoked; on the page and on the command line."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from prompts.forms.api_keys import KEY_CONSENT_TEXT
from prompts.models import ApiKey, Role, User
from tests import factories
from tests.factories import ApiClient, create_api_key

pytestmark = pytest.mark.django_db
PLAIN = re.compile(r"sd_[A-Za-z0-9]{48}")
URL = "/keys/"
WRITE = {"name": "Script", "scope": "write", "lifetime": "30", "consent": "on"}


def test_a_key_is_shown_once_and_works(alice: User, alice_client: Client) -> None:
    response = alice_client.post(URL, WRITE)
    page = response.content.decode()
    plain = PLAIN.findall(page)[0]
    assert response.status_code == 201
    assert "no-store" in response["Cache-Control"]
    assert "http://testserver/api/tunes" in page
    assert ApiClient(plain).get("/api/users").json()["email"] == alice.email
    key = ApiKey.objects.get()
    assert (key.consent_text, key.may_write) == (KEY_CONSENT_TEXT, True)
    assert key.expires_at is not None
    listed = alice_client.get(URL).content.decode()
    assert key.prefix in listed
    assert plain not in listed
    assert not PLAIN.search(listed)


def test_a_writing_key_needs_the_agreement(alice_client: Client) -> None:
    response = alice_client.post(URL, WRITE | {"consent": ""})
    assert response.status_code == 422
    assert "needs this agreement" in response.content.decode()
    assert 'value="Script"' in response.content.decode()
    assert not ApiKey.objects.exists()


def test_a_reading_key_needs_none(alice_client: Client) -> None:
    assert alice_client.post(URL, {"name": "Look", "scope": "read"}).status_code == 201
    key = ApiKey.objects.get()
    assert (key.may_write, key.consent_text, key.expires_at) == (False, "", None)


def test_a_viewer_makes_reading_keys_only(vera_client: Client) -> None:
    assert vera_client.post(URL, WRITE).status_code == 422
    assert vera_client.post(URL, {"name": "Look", "scope": "read"}).status_code == 201
    assert not ApiKey.objects.get().may_write


def test_a_revoked_key_ends_at_once(alice: User, alice_client: Client) -> None:
    key, plain = create_api_key(user=alice)
    assert ApiClient(plain).get("/api/users").status_code == 200
    response = alice_client.post(reverse("api_key_revoke", args=[key.public_id]), follow=True)
    assert "opens nothing any more" in response.content.decode()
    assert ApiClient(plain).get("/api/users").status_code == 401


def test_admins_see_and_revoke_everyones_keys_and_members_their_own(
    alice: User, bob: User, alice_client: Client, bob_client: Client, charlie_client: Client
) -> None:
    of_bob, _ = create_api_key(user=bob, name="Of Bob")
    of_alice, _ = create_api_key(user=alice, name="Of Alice")
    assert "Of Bob" in alice_client.get(URL).content.decode()
    page = bob_client.get(URL).content.decode()
    assert "Of Bob" in page
    assert "Of Alice" not in page
    assert "Of Bob" not in charlie_client.get(URL).content.decode()
    revoke = reverse("api_key_revoke", args=[of_alice.public_id])
    assert bob_client.post(revoke).status_code == 404
    assert charlie_client.post(revoke).status_code == 404
    assert alice_client.post(reverse("api_key_revoke", args=[of_bob.public_id])).status_code == 302
    of_bob.refresh_from_db()
    assert of_bob.is_revoked


def test_the_list_takes_the_same_queries_however_long(
    alice: User, alice_client: Client, django_assert_max_num_queries: object
) -> None:
    for _ in range(12):
        create_api_key(user=alice)
    with django_assert_max_num_queries(7):
        alice_client.get(URL)


def run(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("create_api_key", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_command_prints_the_key_alone(alice: User) -> None:
    out, err = run("Alice@Example.com")
    assert PLAIN.fullmatch(out.strip())
    assert out.count("\n") == 1
    assert KEY_CONSENT_TEXT in err
    assert ApiClient(out.strip()).get("/api/users").json()["may_write"] is True


def test_the_command_makes_reading_keys_with_a_name(vera: User) -> None:
    with pytest.raises(CommandError, match="--read-only"):
        run(vera.email)
    out, err = run(vera.email, "--read-only", "--name", "Report")
    key = ApiKey.objects.get()
    assert (key.name, key.may_write, err) == ("Report", False, "")
    assert ApiClient(out.strip()).get("/api/users").status_code == 200


def test_the_command_asks_which_team(alice: User) -> None:
    second = factories.create_team(name="Second")
    factories.create_membership(team=second, user=alice, role=Role.MEMBER)
    with pytest.raises(CommandError, match="Second"):
        run(alice.email)
    run(alice.email, "--team", "Second")
    assert ApiKey.objects.get().team == second
    with pytest.raises(CommandError, match="no such team"):
        run(alice.email, "--team", "Third")
    with pytest.raises(CommandError, match="no active user"):
        run("nobody@example.com")
