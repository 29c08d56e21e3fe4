"""Every range and dependency of the parameter table, through the gateway's 422 answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from prompts.models import Prompt, Team, Tune, User
from prompts.parameters import BY_NAME, PARAMETERS, Kind, Parameter
from tests import factories
from tests.factories import ApiClient, jpeg_bytes

pytestmark = pytest.mark.django_db

#: Not taken by prompts of their own: only in those that come with a tune.
WITH_A_TUNE = {"lora_scale"}
IN_TEXT = "can't be blank"
Case = tuple[str, Any, str]


@pytest.fixture
def tune(team: Team, alice: User) -> Tune:
    return factories.create_tune(team=team, owner=alice)


def file() -> SimpleUploadedFile:
    return SimpleUploadedFile("in.jpg", jpeg_bytes(size=(160, 200)), "image/jpeg")


def needed_by(parameter: Parameter) -> dict[str, Any]:
    """What has to be there for the parameter to make sense."""
    if not parameter.requires:
        return {}
    name = parameter.requires[0]
    need = BY_NAME[name]
    value: Any = file() if need.kind == Kind.IMAGE else True
    return {name: value, **needed_by(need)}


def post(api: ApiClient, tune: Tune, values: dict[str, Any]) -> Any:
    named = {f"prompt[{name}]": value for name, value in {"text": "ohwx", **values}.items()}
    return api.post(f"/api/tunes/{tune.pk}/prompts", named)


def numeric() -> Iterator[Parameter]:
    kinds = (Kind.INTEGER, Kind.NUMBER)
    return (p for p in PARAMETERS if p.kind in kinds and p.name not in WITH_A_TUNE)


def plain(number: float) -> str:
    return f"{number:.10g}"


def taken() -> Iterator[Any]:
    """Name and value inside and at each bound."""
    for parameter in numeric():
        low, high = parameter.minimum, parameter.maximum
        assert low is not None
        assert high is not None
        middle = (low + high) / 2
        unit = parameter.multiple_of or (1 if parameter.kind == Kind.INTEGER else 0)
        inside = middle // unit * unit if unit else middle
        for value in (low, inside, high):
            yield pytest.param(parameter.name, plain(value), id=f"{parameter.name}={plain(value)}")
    for parameter in PARAMETERS:
        if parameter.kind == Kind.CHOICE:
            for choice in parameter.choices:
                yield pytest.param(parameter.name, choice, id=f"{parameter.name}={choice}")
        if parameter.kind == Kind.BOOLEAN:
            for value in ("true", "1", "on", "false", "0"):
                yield pytest.param(parameter.name, value, id=f"{parameter.name}={value}")


def refused() -> Iterator[Any]:
    """Name, value and message outside each bound, and of the wrong kind."""
    for parameter in numeric():
        low, high = parameter.minimum or 0, parameter.maximum or 0
        step = parameter.multiple_of or (1 if parameter.kind == Kind.INTEGER else 0.001)
        below, above = plain(low - step), plain(high + step)
        kind = "must be an integer" if parameter.kind == Kind.INTEGER else "is not a number"
        cases = [
            (below, f"must be greater than or equal to {plain(low)}"),
            (above, f"must be less than or equal to {plain(high)}"),
            ("many", kind),
        ]
        if parameter.multiple_of:
            odd = plain(low + 1)
            cases.append((odd, f"must be a multiple of {parameter.multiple_of}"))
        if parameter.kind == Kind.INTEGER:
            cases.append((plain(low + 0.5), kind))
        for value, message in cases:
            yield pytest.param(parameter.name, value, message, id=f"{parameter.name}={value}")
    for parameter in PARAMETERS:
        match parameter.kind:
            case Kind.CHOICE:
                bad, message = "nonsense", "is not included in the list"
            case Kind.BOOLEAN:
                bad, message = "perhaps", "is not a boolean"
            case Kind.TEXT:
                limit = parameter.max_length or 0
                bad = "x" * (limit + 1)
                message = f"is too long (maximum is {limit} characters)"
            case _:
                continue
        yield pytest.param(parameter.name, bad, message, id=f"{parameter.name} wrong")


@pytest.mark.parametrize(("name", "value"), list(taken()))
def test_values_inside_and_at_the_bounds_are_taken(
    name: str, value: str, alice_api: ApiClient, tune: Tune
) -> None:
    values = {**needed_by(BY_NAME[name]), name: value}
    response = post(alice_api, tune, values)
    assert response.status_code == 201, response.content


@pytest.mark.parametrize(("name", "value", "message"), list(refused()))
def test_values_outside_are_refused_by_name(
    name: str, value: str, message: str, alice_api: ApiClient, tune: Tune
) -> None:
    response = post(alice_api, tune, {**needed_by(BY_NAME[name]), name: value})
    assert (response.status_code, response.json()) == (422, {name: [message]})
    assert not Prompt.objects.exists()


def dependent() -> list[Parameter]:
    return [p for p in PARAMETERS if p.requires]


def value_of(parameter: Parameter) -> Any:
    """Some valid value."""
    if parameter.kind == Kind.IMAGE:
        return file()
    if parameter.kind == Kind.URL:
        return "https://example.com/mask.png"
    return parameter.choices[0] if parameter.choices else "true"


@pytest.mark.parametrize("parameter", dependent(), ids=lambda p: p.name)
def test_what_needs_something_else_is_refused_alone(
    parameter: Parameter, alice_api: ApiClient, tune: Tune
) -> None:
    response = post(alice_api, tune, {parameter.name: value_of(parameter)})
    assert response.status_code == 422
    assert list(response.json()) == [parameter.name]
    assert response.json()[parameter.name][0].startswith("needs ")


def test_a_switch_that_is_off_needs_nothing(alice_api: ApiClient, tune: Tune) -> None:
    for parameter in dependent():
        if parameter.kind == Kind.BOOLEAN:
            assert post(alice_api, tune, {parameter.name: "false"}).status_code == 201


def test_text_is_required(alice_api: ApiClient, tune: Tune) -> None:
    response = post(alice_api, tune, {"text": ""})
    assert (response.status_code, response.json()) == (422, {"text": [IN_TEXT]})


def test_scale_of_a_lora_counts_only_with_a_tune(alice_api: ApiClient, tune: Tune) -> None:
    response = post(alice_api, tune, {"lora_scale": "99"})
    assert response.status_code == 201
    assert "lora_scale" not in Prompt.objects.get().parameters


@pytest.mark.parametrize("value", ["javascript:alert(1)", "ftp://example.com/", "no where"])
def test_callbacks_are_web_addresses(value: str, alice_api: ApiClient, tune: Tune) -> None:
    response = post(alice_api, tune, {"callback": value})
    assert (response.status_code, response.json()) == (422, {"callback": ["is not a valid URL"]})


def test_a_file_and_an_address_at_once_are_refused(alice_api: ApiClient, tune: Tune) -> None:
    values = {"input_image": file(), "input_image_url": "https://example.com/a.jpg"}
    response = post(alice_api, tune, values)
    assert response.status_code == 422
    assert list(response.json()) == ["input_image_url"]
