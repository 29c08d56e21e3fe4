"""Ranges and dependencies of the prompt form, from the table and from the rules."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from prompts.forms import PromptForm
from prompts.parameters import PARAMETERS, Kind, Parameter
from tests.factories import jpeg_bytes

NUMERIC = [p for p in PARAMETERS if p.kind in (Kind.INTEGER, Kind.NUMBER)]
CHOICES = [p for p in PARAMETERS if p.kind == Kind.CHOICE]


def form(**data: Any) -> PromptForm:
    files = {k: v for k, v in data.items() if isinstance(v, SimpleUploadedFile)}
    plain = {k: v for k, v in data.items() if k not in files}
    return PromptForm({"text": "ohwx man", "num_images": "1", **plain}, files)


def picture(name: str = "input.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, jpeg_bytes(), "image/jpeg")


@pytest.mark.parametrize("parameter", NUMERIC, ids=lambda p: p.name)
def test_bounds_are_inclusive_and_enforced(parameter: Parameter) -> None:
    assert parameter.minimum is not None and parameter.maximum is not None
    unit = parameter.multiple_of or (1 if parameter.kind == Kind.INTEGER else 0.01)
    for value in (parameter.minimum, parameter.maximum):
        assert parameter.name not in form(**{parameter.name: value}).errors
    for value in (parameter.minimum - unit, parameter.maximum + unit):
        assert parameter.name in form(**{parameter.name: value}).errors


@pytest.mark.parametrize("parameter", CHOICES, ids=lambda p: p.name)
def test_choices_are_closed(parameter: Parameter) -> None:
    given = {parameter.name: parameter.choices[0]}
    extra = {"input_image": picture()} if parameter.requires else {}
    assert parameter.name not in form(**given, **extra).errors
    assert parameter.name in form(**{parameter.name: "no such thing"}).errors


@pytest.mark.parametrize(("w", "message"), [("1001", "1000 or 1008"), ("1023", "1016 or 1024")])
def test_sides_are_multiples_of_eight(w: str, message: str) -> None:
    assert message in form(w=w).errors["w"][0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("inpaint_faces", "on"),
        ("hires_fix", "on"),
        ("controlnet", "pose"),
        ("mask_image_url", "https://example.com/mask.png"),
    ],
)
def test_dependent_parameter_needs_its_condition(name: str, value: str) -> None:
    assert form(**{name: value}).errors[name][0].startswith("Needs")


def test_conditions_met_are_accepted() -> None:
    good = form(super_resolution="on", inpaint_faces="on", hires_fix="on")
    assert good.is_valid()
    assert good.parameters == {
        "super_resolution": True,
        "inpaint_faces": True,
        "hires_fix": True,
    }


def test_control_image_is_read_into_clean_bytes() -> None:
    good = form(controlnet="canny", input_image=picture())
    assert good.is_valid(), good.errors
    assert good.images["input_image"].startswith(b"\xff\xd8")


def test_image_that_is_none_is_refused_at_its_field() -> None:
    bad = form(input_image=SimpleUploadedFile("x.jpg", b"just text", "image/jpeg"))
    assert not bad.is_valid()
    assert list(bad.errors) == ["input_image"]


def test_file_and_address_exclude_each_other() -> None:
    bad = form(input_image=picture(), input_image_url="https://example.com/a.jpg")
    assert "not both" in bad.errors["input_image_url"][0]


def test_address_of_this_machine_is_refused_at_its_field() -> None:
    bad = form(input_image_url="http://127.0.0.1/a.jpg")
    assert "input_image_url" in bad.errors


@pytest.mark.parametrize("text", ["", "   "])
def test_empty_text_is_refused(text: str) -> None:
    assert "text" in form(text=text).errors


def test_parameters_hold_only_what_was_given() -> None:
    good = form(style="", seed="0", film_grain="", cfg_scale="7", negative_prompt="")
    assert good.is_valid()
    assert good.parameters == {"seed": 0, "cfg_scale": 7.0}
