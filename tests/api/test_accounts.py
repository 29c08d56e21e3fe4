"""Account, workspaces and the list of models."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from prompts.models import Membership, Role, Team, User
from tests import factories
from tests.factories import ApiClient, create_api_key

pytestmark = pytest.mark.django_db
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.mark.parametrize("address", ["/api/users", "/api/users.json"])
def test_a_key_tells_whose_it_is(alice: User, alice_api: ApiClient, address: str) -> None:
    account = alice_api.get(address).json()
    assert account["id"] == alice.pk
    assert account["email"] == alice.email
    assert account["role"] == "owner"
    assert account["may_write"] is True
    assert TIME.fullmatch(account["created_at"])
    assert "usd_balance_mc" in account


def test_a_viewer_is_told_that_it_may_not_write(vera_api: ApiClient) -> None:
    assert vera_api.get("/api/users").json()["may_write"] is False


def test_workspaces_are_the_teams_of_the_user(
    alice: User, alice_api: ApiClient, charlie: User
) -> None:
    second = factories.create_team(name="Second")
    factories.create_membership(team=second, user=alice)
    found = alice_api.get("/api/workspaces.json").json()
    assert {(w["title"], w["role"]) for w in found} == {("Acme", "owner"), ("Second", "member")}
    assert alice_api.get(f"/api/workspaces/{second.pk}.json").json()["title"] == "Second"
    hidden = charlie.teams.get()
    assert alice_api.get(f"/api/workspaces/{hidden.pk}").status_code == 404


def test_an_admin_creates_a_workspace_and_owns_it(alice: User, alice_api: ApiClient) -> None:
    response = alice_api.post("/api/workspaces.json", {"workspace[title]": "Nursery"})
    assert response.status_code == 201
    place = Membership.objects.get(team=response.json()["id"])
    assert (place.user, place.role, place.team.name) == (alice, Role.OWNER, "Nursery")
    listed = alice_api.get("/api/workspaces").json()
    assert "Nursery" in {w["title"] for w in listed}


def test_a_member_creates_none(bob_api: ApiClient) -> None:
    response = bob_api.post("/api/workspaces.json", {"workspace[title]": "Mine"})
    assert response.status_code == 403
    assert not Team.objects.filter(name="Mine").exists()


def test_a_workspace_needs_a_title(alice_api: ApiClient, team: Team) -> None:
    assert alice_api.post("/api/workspaces").json() == {"title": ["can't be blank"]}
    too_long = alice_api.post("/api/workspaces", {"workspace[title]": "x" * 121})
    assert too_long.status_code == 422
    assert too_long.json() == {"title": ["is too long (maximum is 120 characters)"]}


def test_an_admin_changes_a_workspace_and_others_do_not(
    alice_api: ApiClient, bob_api: ApiClient, charlie_api: ApiClient, team: Team
) -> None:
    address = f"/api/workspaces/{team.pk}.json"
    change = {"workspace": {"title": "Studio", "api_idempotency": True}}
    assert bob_api.patch(address, change, "application/json").status_code == 403
    assert charlie_api.patch(address, change, "application/json").status_code == 404
    answer = alice_api.patch(address, change, "application/json").json()
    assert (answer["title"], answer["api_idempotency"]) == ("Studio", True)
    alice_api.patch(address, {"workspace": {"title": "Again"}}, "application/json")
    team.refresh_from_db()
    assert (team.name, team.api_idempotency) == ("Again", True)


def test_the_role_in_the_workspace_counts_not_that_of_the_key(
    alice: User, alice_api: ApiClient
) -> None:
    second = factories.create_team(name="Second")
    factories.create_membership(team=second, user=alice, role=Role.MEMBER)
    response = alice_api.patch(
        f"/api/workspaces/{second.pk}", {"workspace": {"title": "Taken"}}, "application/json"
    )
    assert response.status_code == 403


def test_a_reading_key_changes_nothing(alice: User, team: Team) -> None:
    api = ApiClient(create_api_key(user=alice, may_write=False)[1])
    assert api.post("/api/workspaces", {"workspace[title]": "New"}).status_code == 403
    body = {"workspace": {"title": "New"}}
    assert api.patch(f"/api/workspaces/{team.pk}", body, "application/json").status_code == 403


def test_models_need_no_key(client: Client, db: None) -> None:
    answer = client.get("/api/cli/models").json()
    assert set(answer) == {"cache_ttl", "default", "models", "video_models"}
    assert answer["default"] in answer["models"]
    assert set(answer["models"][answer["default"]]) == {"tune_id", "title", "resolutions"}
