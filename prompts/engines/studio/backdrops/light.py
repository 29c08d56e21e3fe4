"""Light: linear, added and mixed as in the world, and spread into discs by a lens.

Unbounded; 1 is a well-lit white wall.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..arrays import Floats, hex_colour, smoothstep

GAMMA = 2.2
#: Kernels up to this radius in px are convolved directly; larger ones would go through a slow DFT.
EXACT_RADIUS = 5.0
Colour = Floats
#: Fields of light or coverage that painters compute; either precision will do.
Field = NDArray[np.floating[Any]]


def light(code: str, gain: float = 1.0) -> Colour:
    """The linear BGR radiance of the display colour '#rrggbb', times `gain`."""
    return (hex_colour(code) ** GAMMA * gain).astype(np.float32)


def mix(a: Floats, b: Floats, share: Floats | float) -> Floats:
    """Light between `a` (share 0) and `b` (share 1); colours or (h, w, 3) fields."""
    return a + (b - a) * share


def disc_kernel(radius: float, rim: float = 0.0) -> Floats:
    """A disc of `radius` px that sums to 1; its edge is `rim` brighter than its centre."""
    reach = int(np.ceil(radius))
    span = np.arange(-reach, reach + 1, dtype=np.float32)
    distance: Floats = np.hypot(span[:, None], span[None, :])
    kernel = np.clip(radius - distance + 0.5, 0, 1)
    kernel *= 1 - rim + rim * smoothstep(0.5, 1.0, distance / radius)
    return kernel / kernel.sum()


def disc_blur(x: Floats, radius: float) -> Floats:
    """Blurs with a disc of `radius` px, the shape an out-of-focus point takes.

    Large discs are computed on a reduced copy, which rounds their edge a little.
    """
    if radius < 0.6:
        return x
    if radius <= EXACT_RADIUS:
        return cv2.filter2D(x, -1, disc_kernel(radius), borderType=cv2.BORDER_REFLECT)
    h, w = x.shape[:2]
    factor = EXACT_RADIUS / radius
    size = (max(2, round(w * factor)), max(2, round(h * factor)))
    small = disc_blur(cv2.resize(x, size, interpolation=cv2.INTER_AREA), EXACT_RADIUS)
    return cv2.resize(small, (w, h), interpolation=cv2.INTER_CUBIC)
