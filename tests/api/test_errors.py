"""One shape for every refusal, in the words clients know."""

from __future__ import annotations

import json

import pytest

from prompts.api.errors import (
    ApiError,
    BadRequest,
    Forbidden,
    Invalid,
    NotFound,
    TooLarge,
    Unauthorized,
    form_errors,
)
from prompts.forms import PromptForm


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        ({}, "text", "can't be blank"),
        ({"num_images": "9"}, "num_images", "must be less than or equal to 8"),
        ({"num_images": "0"}, "num_images", "must be greater than or equal to 1"),
        ({"num_images": "two"}, "num_images", "must be an integer"),
        ({"cfg_scale": "much"}, "cfg_scale", "is not a number"),
        ({"style": "Baroque"}, "style", "is not included in the list"),
        ({"w": "513"}, "w", "must be a multiple of 8"),
        ({"hires_fix": "on"}, "hires_fix", "needs super_resolution"),
        ({"controlnet": "pose"}, "controlnet", "needs input_image or input_image_url"),
        ({"text": "x" * 4001}, "text", "is too long (maximum is 4000 characters)"),
        ({"callback": "nonsense"}, "callback", "is not a valid URL"),
    ],
)
def test_messages_are_in_the_words_of_rails(
    given: dict[str, str], field: str, message: str
) -> None:
    form = PromptForm(given)
    assert form_errors(form)[field] == [message]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BadRequest("a"), 400), (Unauthorized(), 401), (Forbidden("a"), 403), (NotFound(), 404),
        (TooLarge("a"), 413), (ApiError(429, "a", {"Retry-After": "3"}), 429),
    ],
)  # fmt: skip
def test_a_refusal_is_one_sentence(error: ApiError, status: int) -> None:
    response = error.response()
    body = json.loads(response.content)
    assert response.status_code == status
    assert list(body) == ["error"]
    assert isinstance(body["error"], str)
    assert response["Content-Type"] == "application/json"


def test_what_is_invalid_is_listed_by_field() -> None:
    response = Invalid({"text": ["can't be blank"], "base": ("a", "b")}).response()
    assert response.status_code == 422
    assert json.loads(response.content) == {"text": ["can't be blank"], "base": ["a", "b"]}
