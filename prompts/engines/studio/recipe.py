"""From the words and parameters of a prompt to the recipe of its pictures.

The grammar is small and explains itself: every choice keeps the words that led to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from . import vocabulary
from .backdrops import SCENES
from .styles import STYLES
from .words import Match, Prompt

JSON = dict[str, Any]

#: Styles that are a mood, and those that are a technique the mood can be made in.
_MOODS = frozenset({"Cinematic", "Fantasy art", "Enhance"})
_MEDIA = frozenset({"Oil painting", "Impasto", "Digital Art", "Comic book", "Lowpoly"})
_HEX_COLOUR = re.compile(r"#[0-9a-f]{6}\b")


@dataclass(frozen=True)
class Because:
    """One choice and the words or parameter that made it."""

    choice: str
    value: str
    words: str

    def as_json(self) -> JSON:
        return {"choice": self.choice, "value": self.value, "words": self.words}


@dataclass(frozen=True)
class Recipe:
    """What is common to all pictures of a prompt.

    `emphasis` scales how strongly light and palette follow the words (1 is usual), `retouch`
    0–1 the skin retouch, `softness` the backdrop's blur. `colour` "#rrggbb" is a plain backdrop
    in exactly that colour. `medium` is a style that words name beside the parameter's `style`.
    """

    scene: str
    shot: str
    colour: str = ""
    lights: tuple[str, ...] = ()
    palette: str = ""
    medium: str = ""
    style: str = ""
    grading: str = ""
    grain: bool = False
    emphasis: float = 1.0
    retouch: float = 0.3
    vignette: bool = True
    softness: float = 1.0
    fine: bool = False
    because: tuple[Because, ...] = ()
    not_followed: tuple[str, ...] = field(default=())

    def as_json(self) -> JSON:
        return {
            "scene": self.scene,
            "scene_title": self.colour or SCENES[self.scene].title,
            "shot": self.shot,
            "colour": self.colour,
            "light": list(self.lights),
            "palette": self.palette,
            "medium": self.medium,
            "style": self.style,
            "color_grading": self.grading,
            "film_grain": self.grain,
            "retouch": round(self.retouch, 3),
            "emphasis": round(self.emphasis, 3),
            "because": [reason.as_json() for reason in self.because],
            "not_followed": list(self.not_followed),
        }


def read(prompt: Prompt, unwanted: Prompt, parameters: Mapping[str, Any]) -> Recipe:
    """Chooses everything the words and parameters decide; a parameter wins over words."""
    reasons: list[Because] = []
    taken_away = {match.meaning for match in unwanted.find(vocabulary.UNWANTED)}
    shot = _shot(prompt, reasons)
    lights = _lights(prompt, taken_away, reasons)
    colour = _colour(prompt, reasons)
    medium, style = _styles(prompt, unwanted, parameters, reasons)
    return Recipe(
        scene="grey" if colour else _scene(prompt, unwanted, shot, reasons),
        shot=shot,
        colour=colour,
        lights=lights,
        palette=_palette(prompt, taken_away, reasons),
        medium=medium,
        style=style,
        grading=str(parameters.get("color_grading") or ""),
        grain=bool(parameters.get("film_grain")) and "grain" not in taken_away,
        emphasis=_emphasis(parameters, reasons),
        retouch=_retouch(parameters, taken_away, reasons),
        vignette="vignette" not in taken_away,
        softness=0.45 if "soft backdrop" in taken_away else 1.0,
        fine=(parameters.get("steps") or 0) >= 30,
        because=tuple(reasons),
        not_followed=_beyond(prompt),
    )


def _scene(prompt: Prompt, unwanted: Prompt, shot: str, reasons: list[Because]) -> str:
    words = {scene.name: scene.words for scene in SCENES.values()}
    excluded = {match.meaning for match in unwanted.find(words)}
    matches = [
        _as_scene(match)
        for match in prompt.find({**words, "": vocabulary.NO_SCENE})
        if match.meaning not in ("", *excluded)
    ]
    if matches:
        name = _strongest(matches)
        reasons.append(Because("scene", SCENES[name].title, _phrases(matches, name)))
        return name
    fallback = vocabulary.DEFAULT_SCENES[shot]
    name = fallback if fallback in SCENES and fallback not in excluded else "grey"
    if name in excluded:
        name = next((scene for scene in SCENES if scene not in excluded), "grey")
    reasons.append(Because("scene", SCENES[name].title, ""))
    return name


def _colour(prompt: Prompt, reasons: list[Because]) -> str:
    """A brand's colour, written as "#0b3d91"."""
    found = _HEX_COLOUR.search(prompt.text)
    if not found:
        return ""
    reasons.append(Because("scene", found.group(), found.group()))
    return found.group()


def _as_scene(match: Match) -> Match:
    """Words of light hint at a scene, but a named place is stronger: "office, soft light"."""
    of_light = match.phrase in _flat(vocabulary.LIGHTS)
    return replace(match, weight=match.weight * 0.3) if of_light else match


def _shot(prompt: Prompt, reasons: list[Because]) -> str:
    matches = prompt.find(vocabulary.SHOTS)
    if not matches:
        reasons.append(Because("shot", "headshot", ""))
        return "headshot"
    shot = _strongest(matches)
    reasons.append(Because("shot", shot, _phrases(matches, shot)))
    return shot


def _lights(prompt: Prompt, taken_away: set[str], reasons: list[Because]) -> tuple[str, ...]:
    matches = [m for m in prompt.find(vocabulary.LIGHTS) if m.meaning not in taken_away]
    found = tuple(dict.fromkeys(match.meaning for match in matches))
    reasons += [Because("light", light, _phrases(matches, light)) for light in found]
    if "dramatic" in taken_away and "soft" not in found:
        reasons.append(Because("light", "soft", "negative prompt"))
        found = (*found, "soft")
    return found


def _palette(prompt: Prompt, taken_away: set[str], reasons: list[Because]) -> str:
    matches = [m for m in prompt.find(vocabulary.PALETTES) if m.meaning not in taken_away]
    if matches:
        palette = _strongest(matches)
        reasons.append(Because("palette", palette, _phrases(matches, palette)))
        return palette
    if "vivid" in taken_away:
        reasons.append(Because("palette", "muted", "negative prompt"))
        return "muted"
    return ""


def _styles(
    prompt: Prompt, unwanted: Prompt, parameters: Mapping[str, Any], reasons: list[Because]
) -> tuple[str, str]:
    """Medium and style. The parameter wins over words, but a mood leaves them the medium.

    "oil painting style" with the style "Fantasy art" is an oil painting of a fantasy.
    """
    wanted = str(parameters.get("style") or "")
    if wanted in STYLES:
        reasons.append(Because("style", wanted, "parameter style"))
        if wanted not in _MOODS:
            return "", wanted
    words = {style.name: (*style.words, style.name.lower()) for style in STYLES.values()}
    excluded = {match.meaning for match in unwanted.find(words)}
    # "cinematic lighting" speaks of light: light words are matched along with the styles.
    found = prompt.find({**words, "": _flat(vocabulary.LIGHTS)})
    matches = [match for match in found if match.meaning not in ("", *excluded)]
    if wanted in STYLES:
        matches = [match for match in matches if match.meaning in _MEDIA]
    if not matches:
        return "", wanted if wanted in STYLES else ""
    named = _strongest(matches)
    reasons.append(Because("medium" if wanted else "style", named, _phrases(matches, named)))
    return (named, wanted) if wanted in STYLES else ("", named)


def _emphasis(parameters: Mapping[str, Any], reasons: list[Because]) -> float:
    scale = parameters.get("cfg_scale")
    if scale is None:
        return 1.0
    emphasis = float(np.interp(float(scale), (0, 7.5, 15), (0.5, 1.0, 1.5)))
    reasons.append(Because("emphasis", f"{emphasis:.2f}", "parameter cfg_scale"))
    return emphasis


def _retouch(parameters: Mapping[str, Any], taken_away: set[str], reasons: list[Because]) -> float:
    steps = parameters.get("steps")
    if "retouch" in taken_away:
        reasons.append(Because("retouch", "none", "negative prompt"))
        return 0.0
    if parameters.get("face_correct"):
        reasons.append(Because("retouch", "thorough", "parameter face_correct"))
        return 0.7
    if steps is not None and steps < 12:
        reasons.append(Because("retouch", "none", "parameter steps"))
        return 0.0
    return 0.3


def _beyond(prompt: Prompt) -> tuple[str, ...]:
    """Sentences about what was asked for and cannot be made."""
    notes: dict[str, list[str]] = {}
    for match in prompt.find(vocabulary.BEYOND):
        notes.setdefault(match.meaning, []).append(match.phrase)
    return tuple(f"{', '.join(dict.fromkeys(p))}: {note}" for note, p in notes.items())


def _strongest(matches: list[Match]) -> str:
    """The meaning with the greatest force; the one said first wins a tie."""
    forces: dict[str, float] = {}
    for match in matches:
        forces[match.meaning] = forces.get(match.meaning, 0.0) + match.force
    return max(forces, key=lambda meaning: forces[meaning])


def _phrases(matches: list[Match], meaning: str) -> str:
    return ", ".join(dict.fromkeys(m.phrase for m in matches if m.meaning == meaning))


def _flat(groups: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(phrase for group in groups.values() for phrase in group)
