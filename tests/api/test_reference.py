"""Page and OpenAPI file tell of every call, and of no other."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from prompts.api.reference.openapi import document, openapi_path
from prompts.api.reference.resources import RESOURCES, operations
from prompts.api.reference.schemas import SCHEMAS
from prompts.models import User
from tests import factories
from tests.api.test_access import OPEN, routes

pytestmark = pytest.mark.django_db
#: Addresses that are the documents themselves, and what is not known.
NOT_TOLD = {"docs", "openapi", "file", "unknown"}


def test_every_call_is_told_of_and_no_other() -> None:
    there = {(m, name) for name, view in routes() if name not in NOT_TOLD for m in view.methods}
    told = [(operation.method, operation.name) for operation in operations()]
    assert sorted(told) == sorted(there)


def test_only_what_is_open_is_told_to_need_no_key() -> None:
    assert {o.name for o in operations() if not o.needs_key} == OPEN - NOT_TOLD


def test_the_page_shows_every_call_to_anybody(client: Client, alice_client: Client) -> None:
    for visitor in (client, alice_client):
        page = visitor.get("/api/docs").content.decode()
        for operation in operations():
            assert f'id="{operation.id}"' in page
            assert f"/api{openapi_path(operation)}" in page
        assert "http://testserver/api" in page
        for word in ("curl", "requests.", "await fetch("):
            assert word in page


def test_names_of_operations_are_unique() -> None:
    ids = [operation.id for operation in operations()] + [r.id for r in RESOURCES]
    assert len(ids) == len(set(ids))


def test_the_file_is_served_with_this_portals_address(client: Client) -> None:
    found = client.get("/api/openapi.json").json()
    assert found["openapi"] == "3.1.0"
    assert found["servers"] == [{"url": "http://testserver/api"}]
    assert found == json.loads(json.dumps(document("http://testserver/api")))


def references(node: Any) -> list[str]:
    """Every schema that is referred to."""
    if isinstance(node, dict):
        own = [node["$ref"].rsplit("/", 1)[-1]] if "$ref" in node else []
        return own + [name for value in node.values() for name in references(value)]
    if isinstance(node, list):
        return [name for value in node for name in references(value)]
    return []


def test_every_schema_is_used_and_exists() -> None:
    assert set(references(document("http://x/api"))) == set(SCHEMAS)


def test_the_page_names_the_engine_of_the_team(alice: User, alice_client: Client) -> None:
    page = alice_client.get("/api/docs").content.decode()
    assert "Pictures are made by Fake" in page
    team = factories.create_team(name="Real", engine="studio")
    alice.memberships.update(team=team)
    assert "Pictures are made by Studio" in alice_client.get("/api/docs").content.decode()
