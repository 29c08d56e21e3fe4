"""Schemathesis makes calls from the OpenAPI file: no 5xx, and nothing that it does not tell of."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from schemathesis import checks
from schemathesis.specs.openapi import checks as openapi_checks

from astria_web.wsgi import application
from prompts.models import User
from tests.factories import create_api_key

#: Calls of each operation; more at night.
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "25"))
CHECKS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
    openapi_checks.ignored_auth,
]

schema = schemathesis.openapi.from_wsgi("/api/openapi.json", application)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """A request leaves the connection open, which holds the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def key(alice: User) -> str:
    return create_api_key(user=alice)[1]


@pytest.fixture
def real_ids(alice: User) -> dict[str, Any]:
    """What stands in an address for the calls that shall reach something."""
    return {"workspaces": {"id": alice.teams.get().pk}}


@schema.parametrize()
@hypothesis_settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_calls_answer_as_told(case: schemathesis.Case, key: str, real_ids: dict[str, Any]) -> None:
    resource = case.path.split("/")[1]
    if case.path_parameters and resource in real_ids and len(str(case.path_parameters)) % 2:
        case.path_parameters.update(real_ids[resource])
    case.call_and_validate(headers={"Authorization": f"Bearer {key}"}, checks=CHECKS)
