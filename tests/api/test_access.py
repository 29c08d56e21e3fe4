"""Every call of the gateway × every kind of key; a call missing from the table fails."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

import prompts.api.urls
from prompts.models import Pack, Team, User
from tests import factories
from tests.factories import ApiClient, create_api_key, signed_in

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Call:
    """What the writing key of the owner, a reading one of theirs, that of a viewer and the writing
    key of another team get, asking for the owner's `target`."""

    expected: tuple[int, int, int, int]
    target: str = ""


CALLS: dict[tuple[str, str], Call] = {
    # Tunes
    ("GET", "tunes"): Call((200, 200, 200, 200)),
    ("POST", "tunes"): Call((422, 403, 403, 422)),
    ("GET", "gallery_tunes"): Call((200, 200, 200, 200)),
    ("GET", "tune"): Call((200, 200, 200, 404), "tune"),
    ("PATCH", "tune"): Call((200, 403, 403, 404), "tune"),
    ("DELETE", "tune"): Call((200, 403, 403, 404), "tune"),
    # Prompts
    ("GET", "prompts"): Call((200, 200, 200, 200)),
    ("POST", "prompts"): Call((422, 403, 403, 422)),
    ("GET", "tune_prompts"): Call((200, 200, 200, 404), "tune of prompts"),
    ("POST", "tune_prompts"): Call((422, 403, 403, 404), "tune of prompts"),
    ("GET", "prompt"): Call((200, 200, 200, 404), "prompt"),
    ("PATCH", "prompt"): Call((200, 403, 403, 404), "prompt"),
    ("DELETE", "prompt"): Call((200, 403, 403, 404), "prompt"),
    ("GET", "tune_prompt"): Call((200, 200, 200, 404), "prompt of tune"),
    ("PATCH", "tune_prompt"): Call((200, 403, 403, 404), "prompt of tune"),
    ("DELETE", "tune_prompt"): Call((200, 403, 403, 404), "prompt of tune"),
    ("POST", "duplicate"): Call((201, 403, 403, 404), "prompt"),
    ("POST", "likes"): Call((201, 403, 403, 404), "prompt"),
    ("DELETE", "likes"): Call((200, 403, 403, 404), "prompt"),
    ("POST", "like"): Call((201, 403, 403, 404), "prompt"),
    ("DELETE", "like"): Call((200, 403, 403, 404), "prompt"),
    # Packs
    ("GET", "packs"): Call((200, 200, 200, 200)),
    ("POST", "packs"): Call((422, 403, 403, 422)),
    ("GET", "gallery_packs"): Call((200, 200, 200, 200)),
    ("GET", "pack"): Call((200, 200, 200, 404), "pack"),
    ("POST", "run_pack"): Call((422, 403, 403, 404), "pack"),
    ("POST", "themes"): Call((422, 403, 403, 422)),
    # Photos
    ("POST", "inspect"): Call((422, 422, 422, 422)),
    # Account
    ("GET", "users"): Call((200, 200, 200, 200)),
    ("GET", "workspaces"): Call((200, 200, 200, 200)),
    ("POST", "workspaces"): Call((422, 403, 403, 422)),
    ("GET", "workspace"): Call((200, 200, 200, 404), "team"),
    ("PATCH", "workspace"): Call((200, 403, 403, 404), "team"),
}
#: What needs no key.
OPEN = {"models", "docs", "openapi", "file", "unknown"}
#: What opens nothing, whatever is called.
CLOSED = (
    "no key", "unknown key", "revoked key", "expired key", "key of a removed member",
    "key of a disabled user", "session without key",
)  # fmt: skip
KEYS = ("writing", "reading", "viewer", "outsider")


def routes() -> Iterator[tuple[str, Any]]:
    """Name and view of every route of the gateway, its `.json` twin aside."""
    for pattern in prompts.api.urls.urlpatterns:
        if pattern.name and not pattern.name.endswith(".json"):
            yield pattern.name, pattern.callback


def test_the_table_names_every_call() -> None:
    calls = {(m, name) for name, view in routes() if name not in OPEN for m in view.methods}
    assert calls == set(CALLS)


def test_every_route_has_its_twin_with_json() -> None:
    names = {p.name for p in prompts.api.urls.urlpatterns}
    without = {name for name, view in routes() if getattr(view, "access", "") == "api"}
    assert {f"{name}.json" for name in without} <= names


def test_whatever_needs_a_key_is_marked() -> None:
    marks = {name: view.access for name, view in routes()}
    assert {name for name, mark in marks.items() if mark != "api"} == OPEN


@pytest.fixture
def clients(alice: User, bob: User, vera: User, charlie: User) -> dict[str, Client]:
    """One for every kind of key, and for what is none."""
    revoked, plain_revoked = create_api_key(user=alice)
    revoked.revoke()
    past = timezone.now() - dt.timedelta(seconds=1)
    removed, disabled = (factories.create_user() for _ in range(2))
    for user in (removed, disabled):
        factories.create_membership(team=alice.teams.get(), user=user)
    _, plain_removed = create_api_key(user=removed)
    _, plain_disabled = create_api_key(user=disabled)
    removed.memberships.all().delete()
    User.objects.filter(pk=disabled.pk).update(is_active=False)
    return {
        "writing": ApiClient(create_api_key(user=alice)[1]),
        "reading": ApiClient(create_api_key(user=alice, may_write=False)[1]),
        "viewer": ApiClient(create_api_key(user=vera)[1]),
        "outsider": ApiClient(create_api_key(user=charlie)[1]),
        "no key": Client(),
        "unknown key": ApiClient("sd_" + "k" * 48),
        "revoked key": ApiClient(plain_revoked),
        "expired key": ApiClient(create_api_key(user=alice, expires_at=past)[1]),
        "key of a removed member": ApiClient(plain_removed),
        "key of a disabled user": ApiClient(plain_disabled),
        "session without key": signed_in(alice),
    }


@pytest.fixture
def targets(team: Team, alice: User) -> dict[str, dict[str, Any]]:
    """What stands in the address, by the table's word for it; everything is Alice's."""
    tune = factories.create_tune(team=team, owner=alice)
    prompt = factories.create_prompt(tune=tune)
    return {
        "": {},
        "team": {"id": team.pk},
        "tune": {"id": tune.pk},
        "tune of prompts": {"tune_id": tune.pk},
        "prompt": {"id": prompt.pk},
        "pack": {"slug": Pack.objects.create(team=team, slug="ours", title="Ours").slug},
        "prompt of tune": {"tune_id": tune.pk, "id": prompt.pk},
    }


def ask(client: Client, method: str, name: str, values: dict[str, Any]) -> HttpResponse:
    url = reverse(f"api:{name}", kwargs=values)
    return client.generic(method, url, "", "application/json")


def check_shape(response: HttpResponse) -> None:
    """A refusal is JSON: messages by field for 422, one sentence for everything else."""
    if response.status_code < 400:
        return
    assert response["Content-Type"] == "application/json"
    body = json.loads(response.content)
    if response.status_code == 422:
        assert body
        assert all(m and all(isinstance(x, str) for x in m) for m in body.values())
    else:
        assert list(body) == ["error"]
        assert isinstance(body["error"], str)


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize(("method", "name"), CALLS)
def test_call_answers_key(
    method: str, name: str, kind: str, clients: dict[str, Client], targets: dict[str, Any]
) -> None:
    call = CALLS[method, name]
    for route in (name, f"{name}.json"):
        with transaction.atomic():
            response = ask(clients[kind], method, route, targets[call.target])
            # The twin asks for the same, which a DELETE would have taken away.
            transaction.set_rollback(True)
        assert response.status_code == call.expected[KEYS.index(kind)], route
        check_shape(response)


@pytest.mark.parametrize(("method", "name"), CALLS)
def test_without_a_good_key_nothing_opens(
    method: str, name: str, clients: dict[str, Client], targets: dict[str, Any]
) -> None:
    for kind in CLOSED:
        response = ask(clients[kind], method, name, targets[CALLS[method, name].target])
        assert response.status_code == 401, kind
        check_shape(response)


@pytest.mark.parametrize("name", sorted({name for _, name in CALLS}))
def test_other_methods_are_405(
    name: str, clients: dict[str, Client], targets: dict[str, Any]
) -> None:
    known = {m: call for (m, n), call in CALLS.items() if n == name}
    values = targets[next(iter(known.values())).target]
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - set(known):
        response = ask(clients["writing"], method, name, values)
        assert response.status_code == 405
        assert set(known) <= set(response["Allow"].split(", "))
        check_shape(response)


def all_patterns(resolver: URLResolver, path: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address of the portal, with that of what it is included in."""
    for pattern in resolver.url_patterns:
        here = path + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from all_patterns(pattern, here)
        else:
            yield here, pattern


#: Besides the gateway only what Astria calls; it proves itself by the address.
CALLBACKS = ("callbacks/",)


def test_only_the_gateway_and_callbacks_do_without_csrf_tokens() -> None:
    exempt = {
        path
        for path, pattern in all_patterns(get_resolver())
        if getattr(pattern.callback, "csrf_exempt", False)
    }
    assert exempt
    assert {path for path in exempt if not path.startswith(("api/", *CALLBACKS))} == set()


def test_a_form_of_another_site_cannot_use_a_session_on_the_gateway(alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = signed_in(alice).cookies
    assert browser.post("/api/workspaces", {"workspace[title]": "Forged"}).status_code == 401
    assert not Team.objects.filter(name="Forged").exists()


def test_a_key_cannot_change_itself(alice: User) -> None:
    key, plain = create_api_key(user=alice, may_write=False)
    api = ApiClient(plain)
    for address in (f"/api/keys/{key.pk}", f"/api/api_keys/{key.pk}", f"/keys/{key.public_id}/"):
        response = api.patch(address, {"may_write": True}, "application/json")
        assert response.status_code in (403, 404)
    assert (
        api.post("/keys/", {"name": "More", "scope": "write", "consent": "on"}).status_code == 302
    )
    key.refresh_from_db()
    assert not key.may_write
    assert alice.api_keys.count() == 1


def test_our_own_fault_is_json_without_details(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("prompts.api.accounts.represent_account", fail)
    client = ApiClient(create_api_key(user=alice)[1])
    client.raise_request_exception = False
    response = client.get("/api/users")
    assert response.status_code == 500
    assert "secret detail" not in response.content.decode()
    check_shape(response)


def test_a_database_that_is_away_is_503(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    def fail(*_: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr("prompts.api.accounts.represent_account", fail)
    response = ApiClient(create_api_key(user=alice)[1]).get("/api/users")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    check_shape(response)
