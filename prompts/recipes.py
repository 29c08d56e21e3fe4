"""The recipe of a picture in words for people."""

from __future__ import annotations

from typing import Any

from prompts.data_paths import path_of_image
from prompts.models import Image
from prompts.parameters import BY_NAME, Kind

#: What is shown of an engine's recipe, in order; anything else stays in the embedded JSON.
ENGINE_ROWS = (
    ("scene_title", "Scene"),
    ("shot", "Shot"),
    ("light", "Light"),
    ("palette", "Palette"),
    ("medium", "Medium"),
)


def recipe_rows(image: Image) -> list[tuple[str, str]]:
    """Label and value of everything that made the picture."""
    prompt, recipe = image.prompt, image.recipe
    rows = [("Text", prompt.text)]
    rows += [
        (BY_NAME[name].label, "on" if BY_NAME[name].kind == Kind.BOOLEAN else str(value))
        for name, value in prompt.look.items()
        if name in BY_NAME and name != "seed"
    ]
    rows += [(label, _plain(recipe[key])) for key, label in ENGINE_ROWS if recipe.get(key)]
    if reasons := _reasons(recipe.get("because", [])):
        rows.append(("Because of", reasons))
    if recipe.get("not_followed"):
        rows.append(("Not followed", _plain(recipe["not_followed"])))
    rows += [
        ("Seed", str(image.seed)),
        ("Size", f"{image.width} × {image.height}"),
        ("Engine", f"{image.engine} {recipe.get('engine_version', '')}".strip()),
        ("Made", path_of_image(image)),
    ]
    return rows


def _reasons(reasons: list[dict[str, Any]]) -> str:
    """Which words of the text led to which choice: “office, daylight” → Open-plan office.

    What nothing asked for, and what a parameter says that stands in a row of its own, is left out.
    """
    told = [r for r in reasons if r.get("words") and not r["words"].startswith("parameter ")]
    return "; ".join(f"“{_plain(r['words'])}” → {_plain(r.get('value', ''))}" for r in told)


def _plain(value: Any) -> str:
    """Lists and mappings as people write them."""
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_plain(item)}" for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(_plain(item) for item in value)
    return str(value)
