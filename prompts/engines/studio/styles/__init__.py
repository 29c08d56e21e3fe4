"""Styles: the finished photograph drawn, painted, cut or graded another way.

`STYLES` names them all; `apply` applies one.
"""

from __future__ import annotations

import numpy as np

from ..arrays import Picture
from ..figure import Figure
from . import drawn, imagined, lowpoly, painted, photographic
from .style import Painter, Sitting, Style

__all__ = ["STYLES", "Painter", "Sitting", "Style", "apply"]

_FAMILIES = (photographic, painted, drawn, imagined, lowpoly)

STYLES: dict[str, Style] = {style.name: style for family in _FAMILIES for style in family.STYLES}


def apply(
    name: str,
    picture: Picture,
    figure: Figure | None,
    rng: np.random.Generator,
    strength: float = 1.0,
) -> Picture:
    """The picture in a style (KeyError if unknown), BGR float32 0–1, same shape.

    `figure` tells where the person is, None that there is nobody. `strength` 0–1 blends between
    the photograph and the style.
    """
    sitting = Sitting(picture.shape[0], picture.shape[1], figure)
    styled = STYLES[name].paint(picture, sitting, rng)
    if strength < 1:
        styled = picture + np.float32(strength) * (styled - picture)
    return np.clip(styled, 0, 1).astype(np.float32, copy=False)
