"""Light: how a scene is lit."""

from __future__ import annotations

from dataclasses import dataclass

BGR = tuple[float, float, float]


@dataclass(frozen=True)
class Rim:
    """An edge light from behind: `side` +1 is the picture's right, -1 its left.

    `gain` is its brightness (0.3 discreet, 1.7 blazing), `width` a fraction of the face's height.
    """

    colour: BGR
    side: int = 1
    gain: float = 0.5
    width: float = 0.035


@dataclass(frozen=True)
class Light:
    """The light of a scene.

    `key` points from the face to the main light (x right, y down, z towards the viewer).
    `ambient` 0–1 is the share of light without direction, `strength` 0–1 how far the photo's own
    light gives way. `warmth` multiplies the key's BGR, `exposure` the whole person.
    """

    key: tuple[float, float, float] = (-0.5, -0.5, 0.7)
    ambient: float = 0.6
    strength: float = 0.35
    warmth: BGR = (1.0, 1.0, 1.0)
    exposure: float = 1.0
    rims: tuple[Rim, ...] = ()
