"""From a pack, or a short idea, to the prompts of a shoot."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction

from prompts import live
from prompts.audit import record
from prompts.models import ApiKey, Pack, PackItem, Preset, Prompt, Shoot, Team, Tune, User
from prompts.quotas import demand_images
from prompts.storage import read_bytes

from .prompts import submit_prompt

_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
#: What an idea is tried in: shot, light and place, one prompt each.
VARIATIONS = (
    "close-up headshot, soft studio light",
    "headshot, plain light background",
    "half-length portrait, window light",
    "portrait outdoors, golden hour",
    "portrait in a modern office, daylight",
    "low-key portrait, dark background, rim light",
    "black and white portrait, contrast",
    "environmental portrait, shallow depth of field",
    "cinematic portrait, teal and orange",
    "portrait at night, city lights",
)


@dataclass(frozen=True)
class ShootPrompt:
    """One prompt of a shoot: values as `submit_prompt` takes them."""

    tune: Tune
    values: Mapping[str, Any] = field(default_factory=dict)
    preset: Preset | None = None


def template_text(preset: Preset, tune: Tune) -> str:
    """The preset's text about this person, with `{{eye_color}}` and the like filled in.

    A phrase (what stands between commas) whose placeholder nobody knows the answer to is left out.
    """
    return fill_placeholders(preset.text_for(tune), tune.characteristics)


def fill_placeholders(text: str, traits: Mapping[str, Any]) -> str:
    """`text` with each `{{name}}` replaced by the trait of that name; see `template_text`."""
    phrases = [
        _PLACEHOLDER.sub(lambda match: str(traits[match[1]]), phrase)
        for phrase in text.split(",")
        if all(traits.get(name) for name in _PLACEHOLDER.findall(phrase))
    ]
    return ",".join(phrases).strip(" ,")


def preset_values(preset: Preset, tune: Tune) -> dict[str, Any]:
    """Everything the preset says about this person, as a form takes it."""
    return {**preset.parameters, "text": template_text(preset, tune)}


def preset_images(preset: Preset) -> dict[str, bytes]:
    """The picture the preset starts from, if it has one."""
    if not preset.input_image:
        return {}
    return {"input_image": read_bytes(default_storage, preset.input_image)}


def idea_texts(idea: str, tune: Tune) -> list[str]:
    """Ten prompts from a short idea: always the same ones for the same idea."""
    idea = idea.strip().rstrip(".,")
    return [f"{tune.subject_words}, {idea}, {variation}" for variation in VARIATIONS]


def start_shoot(
    *,
    team: Team,
    author: User | None,
    title: str,
    prompts: Iterable[ShootPrompt],
    pack: Pack | None = None,
    prompts_callback: str = "",
    api_key: ApiKey | None = None,
) -> tuple[Shoot, list[Prompt]]:
    """Queues the prompts of a shoot together: all of them or none. Raises QuotaExceeded."""
    prompts = list(prompts)
    wanted: Counter[str] = Counter()
    for prompt in prompts:
        wanted[prompt.tune.engine] += prompt.values["num_images"]
    with transaction.atomic():
        for engine, count in wanted.items():
            demand_images(team, author, count, engine)
        shoot = Shoot.objects.create(
            team=team,
            author=author,
            title=title[:200],
            pack=pack,
            prompts_callback=prompts_callback,
            api_key=api_key,
        )
        made = [
            submit_prompt(
                tune=prompt.tune,
                author=author,
                preset=prompt.preset,
                api_key=api_key,
                shoot=shoot,
                **prompt.values,
            )
            for prompt in prompts
        ]
        people = {prompt.tune_id for prompt in made}
        pack_title = pack.title if pack else None
        record(
            team,
            "shoot_started",
            actor=author,
            target=shoot,
            prompts=len(made),
            people=len(people),
            pack=pack_title,
        )
        live.publish(team, f"shoot-{shoot.public_id}")
    return shoot, made


def preset_from(prompt: Prompt) -> Preset:
    """A preset of the team that asks for what this prompt asked for, of anybody."""
    tune = prompt.tune
    text = prompt.text.replace(tune.subject_words, "{token} {class}")
    text = re.sub(rf"(?<![\w-]){re.escape(tune.token)}(?![\w-])", "{token}", text)
    left_out = {"seed", "callback"}
    parameters = {k: v for k, v in prompt.parameters.items() if k not in left_out}
    preset, _ = Preset.objects.update_or_create(
        team=prompt.team,
        slug=f"prompt-{prompt.pk}",
        defaults={
            "kind": prompt.preset.kind if prompt.preset else Preset.Kind.PORTRAIT,
            "title": text.replace("{token} {class}", "").strip(" ,")[:60] or "Prompt",
            "text": text,
            "parameters": {**parameters, "num_images": prompt.num_images},
            "position": 200,
        },
    )
    return preset


def add_to_pack(pack: Pack, prompts: Sequence[Prompt]) -> None:
    """Makes templates of prompts; those that are in the pack already stay where they are."""
    with transaction.atomic():
        taken = pack.items.count()
        for number, prompt in enumerate(prompts):
            PackItem.objects.get_or_create(
                pack=pack, preset=preset_from(prompt), defaults={"position": taken + number}
            )
        Prompt.objects.filter(pk__in=[p.pk for p in prompts]).update(template_of=pack)
