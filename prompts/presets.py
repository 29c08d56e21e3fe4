"""The built-in presets, and how they reach the database.

`{token}` and `{class}` stand for the tune's trigger word and class name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.templatetags.static import static

from prompts.models import Preset

HEADSHOT, PORTRAIT, ACTION = Preset.Kind.HEADSHOT, Preset.Kind.PORTRAIT, Preset.Kind.ACTION


@dataclass(frozen=True)
class BuiltIn:
    """A preset that every team has."""

    slug: str
    kind: Preset.Kind
    title: str
    text: str
    parameters: dict[str, Any] = field(default_factory=dict)


BUILT_IN: tuple[BuiltIn, ...] = (
    BuiltIn(
        "professional-headshot", HEADSHOT, "Professional headshot",
        "professional headshot of {token} {class}, business attire, clean background, "
        "studio lighting",
        {
            "negative_prompt": "blurry, distorted, low quality, casual",
            "cfg_scale": 7.0,
            "steps": 30,
        },
    ),
    BuiltIn(
        "bright-white", HEADSHOT, "Bright white",
        "headshot of {token} {class}, pure white background, soft even light",
        {"negative_prompt": "dark, dramatic", "cfg_scale": 7.0, "steps": 25},
    ),
    BuiltIn(
        "corporate-blue", HEADSHOT, "Corporate blue",
        "corporate headshot of {token} {class}, deep blue studio background, soft rim light",
        {"negative_prompt": "blurry, casual", "cfg_scale": 7.0, "steps": 30},
    ),
    BuiltIn(
        "modern-office", HEADSHOT, "Modern office",
        "business headshot of {token} {class} in a modern office, large windows, soft daylight",
        {"negative_prompt": "blurry, distorted, clutter", "cfg_scale": 7.5, "steps": 30},
    ),
    BuiltIn(
        "executive", HEADSHOT, "Executive",
        "executive headshot of {token} {class}, dark studio background, low-key lighting",
        {"negative_prompt": "bright, casual", "cfg_scale": 8.0, "steps": 30},
    ),
    BuiltIn(
        "golden-park", HEADSHOT, "Golden park",
        "friendly headshot of {token} {class} outdoors in a green park, golden hour sunlight, "
        "blurred trees",
        {"negative_prompt": "studio, harsh shadows", "cfg_scale": 7.0, "steps": 30},
    ),
    BuiltIn(
        "artistic-portrait", PORTRAIT, "Artistic portrait",
        "artistic portrait of {token} {class}, oil painting style, dramatic lighting",
        {
            "negative_prompt": "photograph, realistic, blurry",
            "style": "Fantasy art",
            "cfg_scale": 9.0,
        },
    ),
    BuiltIn(
        "film-portrait", PORTRAIT, "Film portrait",
        "portrait of {token} {class} at a window, soft window light, natural look",
        {
            "negative_prompt": "harsh light, oversaturated",
            "color_grading": "Film Portra",
            "film_grain": True,
            "cfg_scale": 6.0,
        },
    ),
    BuiltIn(
        "city-night", PORTRAIT, "City at night",
        "portrait of {token} {class} in the city at night, colourful bokeh lights, cinematic",
        {"negative_prompt": "daylight", "cfg_scale": 8.0, "steps": 30},
    ),
    BuiltIn(
        "classic-canvas", PORTRAIT, "Classic canvas",
        "classic portrait of {token} {class}, hand-painted canvas backdrop, Rembrandt lighting",
        {"negative_prompt": "flat light, blurry", "cfg_scale": 8.0, "steps": 30},
    ),
    BuiltIn(
        "van-gogh", PORTRAIT, "Van Gogh",
        "a painting of {token} {class} in the style of Van Gogh",
        {
            "negative_prompt": "old, blemish, wrinkles, mole",
            "face_correct": True,
            "cfg_scale": 8.0,
        },
    ),
    BuiltIn(
        "action-scene", ACTION, "Action scene",
        "{token} {class} in action movie scene, dynamic pose, cinematic lighting",
        {"style": "Cinematic", "cfg_scale": 8.0, "steps": 25},
    ),
    BuiltIn(
        "storm-of-sparks", ACTION, "Storm of sparks",
        "{token} {class} as a film hero, explosion of sparks and embers, orange and teal light",
        {
            "negative_prompt": "calm, daylight",
            "color_grading": "Film Velvia",
            "cfg_scale": 9.0,
            "steps": 25,
        },
    ),
    BuiltIn(
        "neon-rain", ACTION, "Neon rain",
        "{token} {class} in the rain, a storm at night, neon light, dramatic rim light",
        {"style": "Neonpunk", "cfg_scale": 8.0, "steps": 25},
    ),
    BuiltIn(
        "comic-hero", ACTION, "Comic hero",
        "{token} {class} as a comic book hero, speed lines, dynamic action",
        {"style": "Comic book", "cfg_scale": 8.0, "steps": 25},
    ),
    BuiltIn(
        "in-the-spotlight", ACTION, "In the spotlight",
        "{token} {class} on stage, spotlight, smoke, concert lights",
        {"style": "Cinematic", "film_grain": True, "cfg_scale": 8.0, "steps": 25},
    ),
)  # fmt: skip


def sample_address(slug: str) -> str:
    """Address of the sample picture of a built-in preset; empty for one that has none."""
    try:
        return static(f"img/presets/{slug}.webp")
    except ValueError:  # not in the manifest of static files
        return ""


@transaction.atomic
def sync_built_in() -> None:
    """Makes the database's built-in presets equal to `BUILT_IN`; runs after every migration."""
    for position, preset in enumerate(BUILT_IN):
        Preset.objects.update_or_create(
            team=None,
            slug=preset.slug,
            defaults={
                "kind": preset.kind,
                "title": preset.title,
                "text": preset.text,
                "parameters": preset.parameters,
                "position": position,
            },
        )
    Preset.objects.filter(team=None).exclude(slug__in=[p.slug for p in BUILT_IN]).delete()
