"""Backdrops: photographs of places that never were, out of focus behind a person.

`SCENES` names them all; `paint` paints one.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..arrays import Picture
from . import action, cities, interiors, landscapes, lounges, nature, stage, studio, surfaces
from .brand import from_picture
from .scene import Look, Painter, Scene
from .studio import plain

__all__ = ["SCENES", "Look", "Painter", "Scene", "from_picture", "paint", "plain"]

_FAMILIES = (studio, surfaces, interiors, lounges, cities, nature, landscapes, stage, action)

SCENES: dict[str, Scene] = {scene.name: scene for family in _FAMILIES for scene in family.SCENES}


def paint(
    name: str,
    h: int,
    w: int,
    rng: np.random.Generator,
    *,
    softness: float = 1.0,
    colour: tuple[float, float, float] | None = None,
) -> Picture:
    """Paints the scene `name` (KeyError if unknown) as BGR float32 (h, w, 3) in 0–1.

    `softness` and `colour` are the wishes described at `Look`. Equal generators make equal
    pictures.
    """
    return SCENES[name].paint(h, w, rng, replace(Look(), softness=softness, colour=colour))
