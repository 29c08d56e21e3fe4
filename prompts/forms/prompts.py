"""The prompt form, made from the table in `prompts.parameters`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import MaxValueValidator, MinValueValidator

from prompts.fetching import FetchError, fetch
from prompts.imaging import RefusedImage, clean_input_image, clean_mask
from prompts.parameters import (
    BY_NAME,
    DEFAULT_IMAGES,
    INPUT_IMAGE,
    OWN_COLUMNS,
    PARAMETERS,
    Kind,
    Parameter,
)

from .fields import web_address


def _is_empty(value: object) -> bool:
    """Whether a cleaned value means "not given"; 0 is a value."""
    return value is None or value == "" or value is False


def _field(parameter: Parameter) -> forms.Field:
    """The form field for one row of the table."""
    common: dict[str, Any] = {
        "label": parameter.label,
        "help_text": parameter.help,
        "required": parameter.required,
        "initial": parameter.form_default,
    }
    match parameter.kind:
        case Kind.TEXT:
            rows = 3 if parameter.name == "text" else 2
            return forms.CharField(
                max_length=parameter.max_length,
                widget=forms.Textarea(attrs={"rows": rows}),
                **common,
            )
        case Kind.BOOLEAN:
            return forms.BooleanField(**common)
        case Kind.CHOICE:
            choices = [("", "—"), *((choice, choice) for choice in parameter.choices)]
            return forms.ChoiceField(choices=choices, **common)
        case Kind.URL:
            return web_address(**common)
        case Kind.IMAGE:
            return forms.FileField(**common)
    numeric = forms.IntegerField if parameter.kind == Kind.INTEGER else forms.FloatField
    field = numeric(**common)
    step = parameter.multiple_of or (1 if parameter.kind == Kind.INTEGER else "any")
    field.widget.attrs.update(
        {"step": step, "min": _plain(parameter.minimum), "max": _plain(parameter.maximum)}
    )
    between = f"Between {_plain(parameter.minimum)} and {_plain(parameter.maximum)}."
    field.validators += [
        MinValueValidator(parameter.minimum, between),
        MaxValueValidator(parameter.maximum, between),
    ]
    return field


def _plain(bound: float | None) -> int | float | None:
    """8 rather than 8.0."""
    return int(bound) if bound is not None and bound == int(bound) else bound


class PromptForm(forms.Form):
    """Every prompt parameter with its ranges and dependencies.

    After validation `parameters` holds what was given, and `images` the clean bytes of
    `input_image` and `mask_image`; those in `kept` are there already and serve where no other
    is given.
    """

    def __init__(
        self,
        *args: Any,
        kept: Mapping[str, bytes] | None = None,
        reads_images: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._reads_images = reads_images
        for parameter in PARAMETERS:
            self.fields[parameter.name] = _field(parameter)
        self.images = dict(kept or {})

    @property
    def parameters(self) -> dict[str, Any]:
        """What was given, but for that which has a column or file of its own."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name in BY_NAME and name not in OWN_COLUMNS and not _is_empty(value)
        }

    def clean_num_images(self) -> int:
        given: int | None = self.cleaned_data["num_images"]
        return DEFAULT_IMAGES if given is None else given

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._check_multiples(cleaned)
        self._check_requirements(cleaned)
        if self._reads_images and not self.errors:
            self._read_image("input_image", cleaned)
            self._read_image("mask_image", cleaned)
        return cleaned

    def _check_multiples(self, cleaned: dict[str, Any]) -> None:
        for parameter in PARAMETERS:
            value, unit = cleaned.get(parameter.name), parameter.multiple_of
            if unit and value and value % unit:
                below = value - value % unit
                message = f"Must be a multiple of {unit}: {below} or {below + unit}."
                refusal = forms.ValidationError(message, "multiple_of", {"multiple_of": unit})
                self.add_error(parameter.name, refusal)

    def _check_requirements(self, cleaned: dict[str, Any]) -> None:
        for parameter in PARAMETERS:
            if not parameter.requires or _is_empty(cleaned.get(parameter.name)):
                continue
            if not any(self._is_there(need, cleaned) for need in parameter.requires):
                if any(need in self.errors for need in parameter.requires):
                    continue
                label = BY_NAME[parameter.requires[0]].label.lower()
                article = "an" if parameter.requires == INPUT_IMAGE else ""
                message = f"Needs {article} {label}.".replace("  ", " ")
                needed = {"requires": " or ".join(parameter.requires)}
                refusal = forms.ValidationError(message, "requires", needed)
                self.add_error(parameter.name, refusal)

    def _is_there(self, name: str, cleaned: dict[str, Any]) -> bool:
        return name in self.images or not _is_empty(cleaned.get(name))

    def _read_image(self, name: str, cleaned: dict[str, Any]) -> None:
        """Brings a file or an address through the guarded path into `images`."""
        file: UploadedFile | None = cleaned.get(name)
        url: str = cleaned.get(f"{name}_url", "")
        if file and url:
            self.add_error(f"{name}_url", "Give a file or an address, not both.")
            return
        clean = clean_input_image if name == "input_image" else clean_mask
        try:
            if file:
                self.images[name] = clean(file, name=file.name or name).data
            elif url:
                self.images[name] = clean(fetch(url).data, name=url).data
        except (RefusedImage, FetchError) as refusal:
            field = name if file else f"{name}_url"
            self.add_error(field, forms.ValidationError(refusal.message, code="refused"))
