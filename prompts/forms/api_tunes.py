"""What a program may say of a tune, beyond what people say on the page."""

from __future__ import annotations

import json
from typing import Any

from django import forms

from .fields import web_address
from .tunes import TuneSettingsForm

#: `fast` is the mock for integrators' tests. Branches the live service has added since are
#: refused rather than taken for one of these.
BRANCHES = ("flux1", "sd15", "sdxl1", "fast")
MODEL_TYPES = ("lora", "pti", "faceid")
TRAINING_PRESETS = ("flux-lora-focus", "flux-lora-portrait", "flux-lora-fast")
#: The older checkpoints were trained with another trigger word.
TOKENS = {"sd15": "sks"}
MAX_STEPS = 10_000
MAX_TRAITS = 40
MAX_TRAIT_LENGTH = 200
#: What is kept with the tune, and given to engines that train with it.
TRAINING_PARAMETERS = (
    "steps", "face_crop", "training_face_correct", "base_tune_id", "model_type", "auto_extend",
    "preset",
)  # fmt: skip


def _choices(*names: str) -> list[tuple[str, str]]:
    return [("", "—"), *((name, name) for name in names)]


class CharacteristicsField(forms.Field):
    """Traits of the person: an object of short texts, or the same as JSON text."""

    def to_python(self, value: Any) -> dict[str, str]:
        if value in (None, ""):
            return {}
        value = read_json(value)
        if not isinstance(value, dict) or len(value) > MAX_TRAITS:
            raise forms.ValidationError("must be an object", code="object")
        traits = {str(name)[:MAX_TRAIT_LENGTH]: trait for name, trait in value.items()}
        if any(isinstance(trait, dict | list) for trait in traits.values()):
            raise forms.ValidationError("must hold plain values", code="object")
        read = {name: _text_of(trait) for name, trait in traits.items() if trait is not None}
        if not all(_is_storable(text) for pair in read.items() for text in pair):
            raise forms.ValidationError("must hold plain values", code="object")
        return read


def read_json(value: Any) -> Any:
    """What a text says as JSON, None where it is none; other values as they are."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _is_storable(text: str) -> bool:
    """Whether every database takes it: JSON can spell what no text may hold."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _text_of(trait: Any) -> str:
    text = str(trait).lower() if isinstance(trait, bool) else str(trait)
    return text[:MAX_TRAIT_LENGTH]


class ApiTuneChangeForm(TuneSettingsForm):
    """What a program may change later."""

    characteristics = CharacteristicsField(required=False)
    auto_extend = forms.BooleanField(required=False)

    class Meta(TuneSettingsForm.Meta):
        fields: tuple[str, ...] = (*TuneSettingsForm.Meta.fields, "characteristics")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "auto_extend" in self.data:
            self.instance.parameters["auto_extend"] = cleaned.get("auto_extend", False)
        return cleaned


class ApiTuneForm(ApiTuneChangeForm):
    """A new tune as a program describes it; its photos are judged elsewhere."""

    callback = web_address(required=False)
    branch = forms.ChoiceField(required=False, choices=_choices(*BRANCHES))
    steps = forms.IntegerField(required=False, min_value=1, max_value=MAX_STEPS)
    face_crop = forms.BooleanField(required=False)
    training_face_correct = forms.BooleanField(required=False)
    base_tune_id = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    model_type = forms.ChoiceField(required=False, choices=_choices(*MODEL_TYPES))
    preset = forms.ChoiceField(required=False, choices=_choices(*TRAINING_PRESETS))

    class Meta(ApiTuneChangeForm.Meta):
        fields: tuple[str, ...] = (*ApiTuneChangeForm.Meta.fields, "branch", "callback")

    def clean_token(self) -> str:
        token: str = self.cleaned_data["token"]
        return token or TOKENS.get(self.data.get("branch", ""), "") or super().clean_token()

    @property
    def parameters(self) -> dict[str, Any]:
        """What was said of the training; absent means not given."""
        return {
            name: self.cleaned_data[name]
            for name in TRAINING_PARAMETERS
            if self.cleaned_data.get(name) not in (None, "", False) or name in self.data
        }
