"""What the composer shows: the prompt form, its presets and what the engine makes of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from django.core.files.storage import default_storage
from django.forms import BoundField
from django.http import QueryDict
from django.urls import reverse

from prompts.engines.base import AnyEngine, Capability, Support
from prompts.engines.registry import MOCK, get_engine
from prompts.forms import PromptForm
from prompts.models import Campaign, Image, Preset, Prompt, Tune, User
from prompts.parameters import (
    DEFAULT_IMAGES,
    PARAMETERS,
    TOPIC_LABELS,
    Kind,
    Parameter,
    Topic,
    form_parameters,
)
from prompts.quotas import images_allowance
from prompts.storage import read_bytes

#: What the portal, not the engine, makes of a parameter.
PORTAL_CAPABILITIES = {
    "callback": Capability(Support.HONOURED, "Is sent the prompt when it has ended."),
    "input_image_url": Capability(Support.HONOURED, "Fetched when you press Generate."),
    "mask_image_url": Capability(Support.HONOURED, "Fetched when you press Generate."),
}
URL_OF = {"input_image_url": "input_image", "mask_image_url": "mask_image"}


@dataclass(frozen=True)
class FieldInfo:
    """A form field, its row of the table, and what the engine does with it."""

    field: BoundField
    parameter: Parameter
    capability: Capability


@dataclass(frozen=True)
class TopicInfo:
    """A folded part of the form."""

    topic: Topic
    label: str
    fields: list[FieldInfo]

    @property
    def has_errors(self) -> bool:
        return any(info.field.errors for info in self.fields)


@dataclass(frozen=True)
class PresetCard:
    """A preset and the picture that shows it, of this very person once there is one."""

    preset: Preset
    sample_url: str
    is_chosen: bool
    is_own: bool


def capability(engine: AnyEngine, name: str) -> Capability:
    """What becomes of a parameter: an address shares the fate of the image it names."""
    given = engine.capabilities.get(URL_OF.get(name, name))
    if given is not None and given.support != Support.HONOURED:
        return given
    return PORTAL_CAPABILITIES.get(name) or given or Capability(Support.IGNORED)


def not_followed(
    engine: AnyEngine, parameters: dict[str, Any]
) -> list[tuple[Parameter, Capability]]:
    """The given parameters that the engine does not honour, so that nothing is dropped silently."""
    found = ((p, capability(engine, p.name)) for p in PARAMETERS if p.name in parameters)
    return [(p, c) for p, c in found if c.support != Support.HONOURED]


def has_trigger(tune: Tune, text: str) -> bool:
    """Whether the trigger word stands in the text as a word of its own."""
    return re.search(rf"(?<![\w-]){re.escape(tune.token)}(?![\w-])", text, re.I) is not None


def with_trigger(tune: Tune, text: str) -> str:
    """The text with trigger word and class put in front."""
    return f"{tune.subject_words}, {text.strip()}"


def initial_values(tune: Tune, query: QueryDict) -> tuple[dict[str, Any], Preset | None]:
    """What the form starts with: a preset, an earlier prompt (`remix`), or the first preset.

    `what` limits a remix to the text or the seed; unknown names fall back to the first preset.
    """
    presets = Preset.objects.for_team(tune.team)
    preset = presets.filter(slug=query.get("preset", "")).first() or presets.first()
    values: dict[str, Any] = {"num_images": DEFAULT_IMAGES}
    remix = Prompt.objects.filter(tune=tune, public_id=query.get("remix", "")).first()
    what = query.get("what", "all")
    if remix is not None and what == "all":
        return {**remix.settings, "seed": remix.base_seed}, remix.preset
    if preset is not None:
        values |= {"text": preset.text_for(tune), **preset.parameters}
    if remix is not None and what == "text":
        return {**values, "text": remix.text}, None
    if remix is not None and what == "seed":
        return {**values, "seed": remix.base_seed}, preset
    return values, preset


def kept_images(tune: Tune, preset_slug: str, remix: str) -> dict[str, bytes]:
    """The images a form starts from without sending them.

    A preset's, an earlier prompt's, or a picture; `remix` is the public id of either.
    """
    picture = _picture(tune, remix)
    if picture is not None:
        return {"input_image": read_bytes(default_storage, picture.file)}
    preset = Preset.objects.for_team(tune.team).filter(slug=preset_slug).first()
    if preset is not None and preset.input_image:
        return {"input_image": read_bytes(default_storage, preset.input_image)}
    return kept_images_of(Prompt.objects.filter(tune=tune, public_id=remix).first())


def kept_images_of(prompt: Prompt | None) -> dict[str, bytes]:
    """The clean input and mask image of a prompt, as far as it has them."""
    names = {} if prompt is None else {n: getattr(prompt, n) for n in ("input_image", "mask_image")}
    return {key: read_bytes(default_storage, name) for key, name in names.items() if name}


def _picture(tune: Tune, public_id: str) -> Image | None:
    """The picture of that id, if it can serve as an input image: those are JPEG."""
    rows = Image.objects.present().filter(tune=tune, content_type="image/jpeg")
    return rows.filter(public_id=public_id).first()


def images_again(tune: Tune, query: QueryDict) -> str:
    """Public id of the prompt whose images the form takes over with all else, or nothing.

    With `what=image` that of the picture which becomes the input image.
    """
    if query.get("what") == "image":
        picture = _picture(tune, query.get("remix", ""))
        return picture.public_id if picture else ""
    if query.get("what", "all") != "all":
        return ""
    remix = query.get("remix", "")
    rows = Prompt.objects.filter(tune=tune, public_id=remix).exclude(input_image="")
    return remix if rows.exists() else ""


def new_form(tune: Tune, query: QueryDict) -> tuple[PromptForm, str]:
    """An unbound form filled by preset or remix, and the chosen preset's slug."""
    values, preset = initial_values(tune, query)
    return PromptForm(initial=values), preset.slug if preset else ""


def composer_context(
    tune: Tune,
    user: User,
    form: PromptForm,
    chosen: str,
    *,
    remix: str = "",
    trigger_missing: bool = False,
    style: Campaign | None = None,
) -> dict[str, Any]:
    """Everything `prompts/_composer.html` needs.

    `remix` names the prompt whose images serve; `style` is the one that must be kept to.
    """
    engine = get_engine(tune.engine)
    parameters = dict(form.initial)
    if form.is_bound and hasattr(form, "cleaned_data"):
        parameters = form.parameters | {"num_images": form.cleaned_data.get("num_images")}
    seconds = engine.expected_seconds(parameters, parameters.get("num_images") or 1)
    return {
        "tune": tune,
        "form": form,
        "main": {p.name: _info(form, p, engine) for p in form_parameters(Topic.MAIN)},
        "topics": [
            TopicInfo(topic, label, [_info(form, p, engine) for p in form_parameters(topic)])
            for topic, label in TOPIC_LABELS.items()
        ],
        "presets_by_kind": preset_cards(tune, chosen),
        "chosen": chosen,
        "remix": remix,
        "engine_label": engine.label,
        "data_path": engine.data_path,
        "expected": _in_words(seconds),
        "ignored": not_followed(engine, parameters),
        "trigger_words": tune.subject_words,
        "trigger_missing": trigger_missing,
        "style": style,
        "images_allowance": images_allowance(tune.team, user) if tune.engine != MOCK else None,
        "style_sample": _style_sample(tune, style),
    }


def _style_sample(tune: Tune, style: Campaign | None) -> str:
    return _card(tune, style.preset, "").sample_url if style and style.preset else ""


def _info(form: PromptForm, parameter: Parameter, engine: AnyEngine) -> FieldInfo:
    return FieldInfo(form[parameter.name], parameter, capability(engine, parameter.name))


def _in_words(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 90:
        rounded = max(1, round(seconds))
        return f"about {rounded} second{'s' if rounded != 1 else ''}"
    return f"about {round(seconds / 60)} minutes"


def preset_cards(tune: Tune, chosen: str) -> list[tuple[str, str, list[PresetCard]]]:
    """The presets of each kind, then the team's own, each with its picture."""
    presets = list(Preset.objects.for_team(tune.team))
    cards = [_card(tune, preset, chosen) for preset in presets]
    groups = [
        (kind.value, kind.label, [c for c in cards if c.preset.kind == kind and not c.is_own])
        for kind in Preset.Kind
    ]
    groups.append(("yours", "Yours", [c for c in cards if c.is_own]))
    return [group for group in groups if group[2]]


def _card(tune: Tune, preset: Preset, chosen: str) -> PresetCard:
    url = ""
    if preset.input_image:
        url = reverse("preset_backdrop", args=[preset.slug])
    if name := tune.samples.get(preset.slug):
        # Kept for ever by browsers: the content's hash makes a later training's a new address.
        version = PurePosixPath(name).stem[:12]
        url = f"{reverse('tune_sample', args=[tune.public_id, preset.slug])}?{version}"
    return PresetCard(preset, url, preset.slug == chosen, preset.team_id is not None)


def summary(prompt: Prompt) -> list[tuple[str, str]]:
    """A prompt's given settings as label and value, for its card."""
    rows = [("Images", str(prompt.num_images))]
    for parameter in PARAMETERS:
        value = prompt.look.get(parameter.name)
        if value is None:
            continue
        rows.append((parameter.label, "on" if parameter.kind == Kind.BOOLEAN else str(value)))
    if "seed" not in prompt.parameters:
        rows.append(("Seed", f"{prompt.base_seed} (drawn)"))
    return rows
