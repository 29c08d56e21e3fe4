"""Whatever comes as a body, the gateway answers as it tells, and never with a fault of its own."""

from __future__ import annotations

import pytest
from django.urls import reverse
from pytest_django import Settings

from prompts.api.reference.openapi import answers_of
from prompts.api.reference.resources import operations
from tests.api.mutations import CONTENT_TYPE, mutated_bodies, sound_body
from tests.api.test_access import check_shape
from tests.factories import ApiClient

pytestmark = pytest.mark.django_db

BODIES = 300
TARGETS = [o for o in operations() if o.method == "POST" and "<" not in o.route()]


@pytest.fixture(autouse=True)
def without_limit(settings: Settings) -> None:
    settings.API_WRITES_PER_MINUTE = 0


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", [o.name for o in TARGETS])
def test_mutated_forms_get_an_answer_that_is_told_of(
    name: str, seed: int, alice_api: ApiClient
) -> None:
    operation = next(o for o in TARGETS if o.name == name)
    url, told = reverse(f"api:{name}"), answers_of(operation)
    for body, content_type in mutated_bodies(operation.body or name, BODIES, seed):
        response = alice_api.generic("POST", url, body, content_type)
        assert response.status_code in told, (content_type, body)
        check_shape(response)


def test_the_form_they_are_made_from_is_sound(alice_api: ApiClient) -> None:
    response = alice_api.generic("POST", "/api/workspaces", sound_body("workspace"), CONTENT_TYPE)
    assert response.status_code == 201
    assert response.json()["title"] == "Fuzz"
