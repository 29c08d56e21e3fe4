"""The few colour moods that words can ask for; films and styles are elsewhere."""

from __future__ import annotations

import numpy as np

from .arrays import Picture, curve, luminance, saturate

_TINTS = {"warm": (0.93, 1.0, 1.05), "cool": (1.06, 1.0, 0.94)}
_SATURATION = {"vivid": 1.28, "muted": 0.72}


def apply(picture: Picture, name: str, emphasis: float = 1.0) -> Picture:
    """Grades a picture; `name` as in the vocabulary's PALETTES, `emphasis` 1 is usual."""
    if name == "black and white":
        grey = curve(luminance(picture), [(0, 0), (0.25, 0.22), (0.75, 0.79), (1, 1)])
        return np.repeat(grey[..., None], 3, axis=2)
    if name in _TINTS:
        tint = 1 + (np.array(_TINTS[name], np.float32) - 1) * np.float32(emphasis)
        return np.clip(picture * tint, 0, 1)
    if name in _SATURATION:
        return saturate(picture, max(0.0, 1 + (_SATURATION[name] - 1) * emphasis))
    return picture
