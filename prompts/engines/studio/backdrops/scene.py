"""What a backdrop is: its painter, the words that choose it and the light that goes with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..arrays import Picture
from ..lighting import Light


@dataclass(frozen=True)
class Look:
    """Wishes every painter understands.

    `softness` multiplies the lens blur (1 is the scene's own, 0 is sharp). `colour`, BGR 0–1,
    replaces the main colour of scenes that are a colour, and is ignored by places.
    """

    softness: float = 1.0
    colour: tuple[float, float, float] | None = None


PLAIN_LOOK = Look()


class Painter(Protocol):
    """Paints a backdrop of `h`×`w` px.

    Answers BGR float32 (h, w, 3) in 0–1. The layout depends on the generator and on the
    proportions only, so a small preview shows what the large picture will.
    """

    def __call__(
        self, h: int, w: int, rng: np.random.Generator, look: Look = PLAIN_LOOK
    ) -> Picture: ...


@dataclass(frozen=True)
class Scene:
    """A backdrop with the light in which a person before it looks at home.

    `near` tells that the person stands close enough to cast a soft shadow on it; `vignette` is
    the darkening of the corners, 0–1, that the finished picture bears.
    """

    name: str
    family: str
    title: str
    words: tuple[str, ...]
    light: Light
    paint: Painter
    near: bool = False
    vignette: float = 0.22
