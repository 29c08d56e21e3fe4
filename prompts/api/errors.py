"""What the gateway answers when it does not do as asked; one shape for each kind.

422 carries a list of messages for every field, in the words of Rails, which clients of the Astria
API know: `{"num_images": ["must be less than or equal to 8"]}`; `base` is the object as a whole.
Everything else carries one sentence: `{"error": "Not found"}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import Form, ModelForm
from django.http import JsonResponse

FieldErrors = Mapping[str, Iterable[str]]
#: The name under which messages about the whole object stand.
BASE = "base"

_WORDS = {
    "required": "can't be blank",
    "blank": "can't be blank",
    "null": "can't be blank",
    "invalid_choice": "is not included in the list",
    "min_value": "must be greater than or equal to {limit_value}",
    "max_value": "must be less than or equal to {limit_value}",
    "max_length": "is too long (maximum is {limit_value} characters)",
    "min_length": "is too short (minimum is {limit_value} characters)",
    "multiple_of": "must be a multiple of {multiple_of}",
    "requires": "needs {requires}",
    "null_characters_not_allowed": "is invalid",
}
#: What Django's plain "invalid" means for a field, by the field's class.
_INVALID_WORDS = {
    "IntegerField": "must be an integer",
    "FloatField": "is not a number",
    "URLField": "is not a valid URL",
    "EmailField": "is not a valid e-mail address",
}


class ApiError(Exception):
    """Ends a call of the gateway with this status and body."""

    def __init__(
        self, status: int, body: Mapping[str, Any] | str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = {"error": body} if isinstance(body, str) else dict(body)
        self.headers = dict(headers or {})

    def response(self) -> JsonResponse:
        """The answer as it goes over the wire."""
        return JsonResponse(self.body, status=self.status, headers=self.headers)


class BadRequest(ApiError):
    """400: the call itself cannot be understood."""

    def __init__(self, message: str) -> None:
        super().__init__(400, message)


class Unauthorized(ApiError):
    """401: no key, or one that does not open anything any more."""

    def __init__(self, message: str = "Give a valid API key: Authorization: Bearer sd_…") -> None:
        super().__init__(401, message, {"WWW-Authenticate": 'Bearer realm="api"'})


class Forbidden(ApiError):
    """403: a valid key that may not do this."""

    def __init__(self, message: str) -> None:
        super().__init__(403, message)


class NotFound(ApiError):
    """404: no such thing, or not for this key."""

    def __init__(self, message: str = "Not found") -> None:
        super().__init__(404, message)


class TooLarge(ApiError):
    """413: the body, or a part of it, is larger than what is taken."""

    def __init__(self, message: str) -> None:
        super().__init__(413, message)


class Unavailable(ApiError):
    """503: busy or away for the moment; the same call may be sent again."""

    def __init__(self) -> None:
        super().__init__(503, "Busy for the moment. Try again soon.", {"Retry-After": "5"})


class Invalid(ApiError):
    """422: messages by field; never worth another try with the same values."""

    def __init__(self, errors: FieldErrors) -> None:
        super().__init__(422, {name: list(messages) for name, messages in errors.items()})


def form_errors(form: Form | ModelForm) -> dict[str, list[str]]:
    """What is wrong with a bound form, by field, in the words of Rails."""
    return {
        BASE if name == NON_FIELD_ERRORS else name: [
            _message(form, name, error) for error in errors
        ]
        for name, errors in form.errors.as_data().items()
    }


def _message(form: Form | ModelForm, name: str, error: ValidationError) -> str:
    params = error.params or {}
    words = _WORDS.get(error.code or "")
    if error.code == "invalid" and name in form.fields:
        words = _INVALID_WORDS.get(type(form.fields[name]).__name__)
    if words:
        try:
            return words.format_map({key: _plain(value) for key, value in params.items()})
        except KeyError:
            pass
    return " ".join(error.messages)


def _plain(value: Any) -> Any:
    """8 rather than 8.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
