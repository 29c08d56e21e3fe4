"""Packs and orders as the gateway answers with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet

from prompts.models import DEFAULT_TOKEN, Pack, PackItem, Preset, Prompt, Shoot
from prompts.parameters import DEFAULT_IMAGES
from prompts.presets import sample_address

from .times import timestamp

JSON = dict[str, Any]

#: The classes a pack without one of its own is offered for.
PEOPLE = ("man", "woman", "person")


def packs_for_answers(rows: QuerySet[Pack]) -> QuerySet[Pack]:
    """With their presets in order, in a constant number of queries."""
    items = PackItem.objects.select_related("preset").order_by("position", "id")
    return rows.prefetch_related(Prefetch("items", items))


def pack(row: Pack, base_url: str) -> JSON:
    """A pack that came through `packs_for_answers`. Our pictures cost nothing."""
    presets = [item.preset for item in row.items.all()]
    classes = (row.main_class_name,) if row.main_class_name else PEOPLE
    count = sum(_num_images(preset) for preset in presets)
    return {
        "id": row.pk,
        "slug": row.slug,
        "title": row.title,
        "subtitle": row.subtitle,
        "main_class_name": row.main_class_name or None,
        "base_tune_id": None,
        "model_type": None,
        "token": DEFAULT_TOKEN,
        "cover_url": next(iter(_pictures(presets, base_url)), None),
        "public_at": timestamp(row.public_at),
        "unlisted_at": timestamp(row.unlisted_at),
        "created_at": timestamp(row.created_at),
        "updated_at": timestamp(row.updated_at),
        "costs": {name: {"cost": 0, "cost_mc": 0, "num_images": count} for name in classes},
        "prompts_per_class": {
            name: [{"id": p.pk, "images": _pictures([p], base_url)} for p in presets]
            for name in classes
        },
        "template_prompts": [_template(preset, classes[0], base_url) for preset in presets],
        "url": f"{base_url}/p/{row.slug}.json",
    }


def _template(preset: Preset, class_name: str, base_url: str) -> JSON:
    text = preset.text.replace("{token}", DEFAULT_TOKEN).replace("{class}", class_name)
    return {
        "id": preset.pk,
        "title": preset.title,
        **preset.parameters,
        "text": text,
        "num_images": _num_images(preset),
        "images": _pictures([preset], base_url),
    }


def _num_images(preset: Preset) -> int:
    return int(preset.parameters.get("num_images", DEFAULT_IMAGES))


def _pictures(presets: Sequence[Preset], base_url: str) -> list[str]:
    """What the built-in presets look like; the team's own have no picture yet."""
    origin = base_url.removesuffix("/api")
    addresses = [sample_address(preset.slug) for preset in presets if preset.team_id is None]
    return [f"{origin}{address}" for address in addresses if address]


def order(shoot: Shoot, prompts: Sequence[Prompt], tune_ids: Sequence[int]) -> JSON:
    """What running a pack is answered with."""
    return {
        "order": {"id": shoot.pk, "tune_ids": list(tune_ids)},
        "prompt_ids": [prompt.pk for prompt in prompts],
    }
