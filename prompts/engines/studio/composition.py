"""Person and backdrop become one picture, as if one camera had seen both."""

from __future__ import annotations

import cv2
import numpy as np

from .arrays import Picture, blur, grid, luminance, resize, screen, smoothstep
from .figure import Figure

_COARSE = 0.25


def compose(
    figure: Figure,
    backdrop: Picture,
    *,
    near: bool = False,
    vignette: float = 0.22,
    bleed: float = 0.10,
) -> Picture:
    """Puts the figure before the backdrop.

    `near` lets the person cast a soft shadow on it, `vignette` 0–1 darkens the corners, `bleed`
    is how much of the backdrop's mean colour tints the person.
    """
    width, height = figure.width, figure.height
    small = max(8, round(width * _COARSE)), max(8, round(height * _COARSE))
    matte, behind = resize(figure.matte, *small), resize(backdrop, *small)
    if near:
        shadow = _shadow(matte)
        behind = behind * shadow[..., None]
        backdrop = backdrop * resize(shadow, width, height)[..., None]

    mean = behind.reshape(-1, 3).mean(0)
    luma = float(luminance(mean.reshape(1, 1, 3)).item())
    tint = 1 + np.float32(bleed) * (mean / (luma + 0.05) - 1)
    person = np.clip(figure.foreground * tint.astype(np.float32), 0, 1)

    # Light wrap: a bright backdrop's glow spills over the person's edges.
    soft = blur(matte, small[0] * 0.012)
    wrap = resize(1 - soft, width, height) * figure.matte * np.float32(0.33)
    glow = resize(blur(behind, small[0] * 0.03) * np.float32(0.6), width, height)
    person += wrap[..., None] * (screen(person, glow) - person)

    picture = backdrop + figure.matte[..., None] * (person - backdrop)
    if vignette:
        picture *= resize(_vignette(small[1], small[0], vignette), width, height)[..., None]
    return np.clip(picture, 0, 1, out=picture)


def _shadow(matte: Picture) -> Picture:
    """Darkening of a wall right behind the person: the matte, moved away from the light."""
    height, width = matte.shape
    move = np.array([[1, 0, width * 0.02], [0, 1, height * 0.01]], np.float32)
    cast = cv2.warpAffine(matte, move, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return 1 - np.float32(0.10) * blur(cast, width * 0.06)


def _vignette(height: int, width: int, amount: float) -> Picture:
    x, y = grid(height, width)
    distance = np.sqrt(((x - 0.5) * 1.1) ** 2 + (y - 0.45) ** 2) * 1.3
    return 1 - np.float32(amount) * smoothstep(0.45, 1.05, distance)
