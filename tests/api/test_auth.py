"""Keys: what they open, for whom, and when they stop."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from prompts.access import require_maker
from prompts.access_tunes import get_tune
from prompts.api.answers import json_answer
from prompts.api.auth import ApiRequest, api
from prompts.models import ApiKey, Role, Tune, User
from tests import factories
from tests.factories import ApiClient, create_api_key, signed_in

pytestmark = pytest.mark.django_db
factory = RequestFactory()


@api(methods=["GET", "POST"])
def echo(request: ApiRequest) -> HttpResponse:
    """A view that says what it got."""
    return json_answer(
        {
            "team": request.membership.team_id,
            "teams": [m.team_id for m in request.memberships],
            "user": request.user.email,
            "params": request.params,
        }
    )


@api(methods=["GET"])
def tune_title(request: ApiRequest, id: int) -> HttpResponse:
    return json_answer({"title": get_tune(request, id).title})


@api(methods=["POST"])
def make(request: ApiRequest) -> HttpResponse:
    require_maker(request)
    return json_answer({}, 201)


def call(plain: str, method: str = "GET", view: Any = echo, *args: Any, **headers: str) -> Any:
    """Status and body of a call with that key."""
    headers.setdefault("Authorization", f"Bearer {plain}")
    response = view(factory.generic(method, "/api/x", headers=headers), *args)
    return response.status_code, json.loads(response.content)


def test_a_key_opens_its_own_team(alice: User) -> None:
    key, plain = create_api_key(user=alice)
    status, body = call(plain)
    assert (status, body["team"], body["user"]) == (200, key.team_id, alice.email)
    assert body["teams"] == [key.team_id]


def test_only_a_hash_of_the_key_is_kept(alice: User) -> None:
    key, plain = create_api_key(user=alice)
    assert plain.startswith(f"sd_{key.lookup}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM prompts_apikey")
        dump = str(cursor.fetchall())
    assert plain not in dump
    assert plain[11:] not in dump
    assert key.signing_secret.startswith("whsec_")
    assert key.signing_secret not in dump


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer sd_", "Bearer nonsense", "Basic {}", "{}", "Bearer {}x",
     "Bearer sd_\x00", "Bearer é"],
)  # fmt: skip
def test_anything_but_the_key_is_401(alice: User, header: str) -> None:
    _, plain = create_api_key(user=alice)
    header = header.format(plain) if "x" not in header else header.format(plain[:-1])
    request = factory.get("/api/x", headers={"Authorization": header})
    response = echo(request)
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert list(json.loads(response.content)) == ["error"]


def test_a_revoked_key_opens_nothing_from_the_next_call_on(alice: User) -> None:
    key, plain = create_api_key(user=alice)
    assert key.revoke()
    assert call(plain)[0] == 401
    assert not key.revoke()


def test_an_expired_key_opens_nothing(alice: User) -> None:
    _, plain = create_api_key(user=alice, expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert call(plain)[0] == 401
    _, plain = create_api_key(user=alice, expires_at=timezone.now() + dt.timedelta(hours=1))
    assert call(plain)[0] == 200


def test_the_key_of_somebody_disabled_or_removed_opens_nothing(alice: User, bob: User) -> None:
    _, plain = create_api_key(user=bob)
    other = factories.create_team(name="Next job")
    factories.create_membership(team=other, user=bob)
    bob.memberships.exclude(team=other).delete()
    assert call(plain)[0] == 401
    assert call(plain, **{"X-Workspace-Id": str(other.pk)})[0] == 401
    _, plain = create_api_key(user=alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert call(plain)[0] == 401


def test_a_session_alone_opens_nothing(alice: User) -> None:
    assert signed_in(alice).get("/api/tunes").status_code in (401, 404)
    request = factory.get("/api/x")
    request.user = alice
    assert echo(request).status_code == 401


def test_a_reading_key_cannot_write(alice: User) -> None:
    _, plain = create_api_key(user=alice, may_write=False)
    assert call(plain, "GET")[0] == 200
    assert call(plain, "POST")[0] == 403


def test_a_role_that_only_looks_gets_no_writing_key(vera: User) -> None:
    with pytest.raises(ValueError, match="only looks"):
        create_api_key(user=vera, may_write=True)


def test_a_writing_key_needs_consent(alice: User) -> None:
    with pytest.raises(ValueError, match="consent"):
        create_api_key(user=alice, consent_text="")
    key, _ = create_api_key(user=alice, consent_text="Words.")
    assert (key.consent_text, key.consent_at is not None) == ("Words.", True)


def test_the_role_at_the_time_of_the_call_counts(bob: User) -> None:
    _, plain = create_api_key(user=bob)
    assert call(plain, "POST", make)[0] == 201
    bob.memberships.update(role=Role.VIEWER)
    assert call(plain, "POST", make)[0] == 403


def test_the_tune_of_another_team_and_a_private_one_are_404(
    alice: User, bob: User, charlie: User
) -> None:
    tune = factories.create_tune(team=alice.teams.get(), owner=alice)
    assert call(create_api_key(user=bob)[1], "GET", tune_title, tune.pk)[0] == 200
    assert call(create_api_key(user=charlie)[1], "GET", tune_title, tune.pk)[0] == 404
    Tune.objects.filter(pk=tune.pk).update(visibility=Tune.Visibility.PRIVATE)
    assert call(create_api_key(user=bob)[1], "GET", tune_title, tune.pk)[0] == 404
    assert call(create_api_key(user=alice)[1], "GET", tune_title, tune.pk)[0] == 200


def test_a_workspace_header_chooses_another_team_of_the_user(alice: User, charlie: User) -> None:
    key, plain = create_api_key(user=alice)
    other = factories.create_team(name="Second")
    factories.create_membership(team=other, user=alice, role=Role.MEMBER)
    hidden = charlie.teams.get()
    status, body = call(plain, **{"X-Workspace-Id": str(other.pk)})
    assert (status, body["team"], body["teams"]) == (200, other.pk, [other.pk])
    status, body = call(plain, **{"X-Workspace-Id": "all"})
    assert body["team"] == key.team_id
    assert sorted(body["teams"]) == sorted([key.team_id, other.pk])
    for unknown in (str(hidden.pk), "0", "abc", "9" * 30):
        assert call(plain, **{"X-Workspace-Id": unknown})[0] == 404


def test_other_methods_are_405_and_head_is_like_get(alice: User) -> None:
    _, plain = create_api_key(user=alice)
    request = factory.delete("/api/x", headers={"Authorization": f"Bearer {plain}"})
    response = echo(request)
    assert (response.status_code, response["Allow"]) == (405, "GET, POST, HEAD")
    head = factory.head("/api/x", headers={"Authorization": f"Bearer {plain}"})
    assert echo(head).status_code == 200


def test_a_call_costs_two_queries_and_its_place_in_the_limit(alice: User) -> None:
    key, plain = create_api_key(user=alice)
    with CaptureQueriesContext(
        connection,
    ) as first:
        call(plain)
    assert [q["sql"].split()[0] for q in first] == ["SELECT", "SELECT", "UPDATE", "INSERT"]
    with CaptureQueriesContext(connection) as second:
        call(plain)
    assert [q["sql"].split()[0] for q in second] == ["SELECT", "SELECT", "INSERT"]
    long_ago = timezone.now() - dt.timedelta(minutes=2)
    ApiKey.objects.filter(pk=key.pk).update(last_used_at=long_ago)
    call(plain)
    key.refresh_from_db()
    assert key.last_used_at is not None
    assert key.last_used_at > long_ago


def test_unknown_addresses_of_the_gateway_answer_in_json(alice_api: ApiClient) -> None:
    for client in (alice_api, ApiClient("nonsense")):
        for ask in (client.get, client.post, client.delete, client.patch, client.options):
            response = ask("/api/nothing/here")
            assert response.status_code == 404
            assert list(response.json()) == ["error"]
