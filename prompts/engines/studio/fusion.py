"""The person's own colours under soft edges, without what shines through from behind.

Blur-fusion foreground estimation (Forte 2021), computed where a face is `FINE_FACE` px wide and
applied at full resolution.
"""

from __future__ import annotations

import cv2
import numpy as np

from .arrays import LUMA, Mask, Picture, Pixels, blur, resize, to_picture
from .matting import FINE_FACE


def foreground(pixels: Pixels, alpha: Mask, face_size: float) -> Picture:
    """The person's own colours, also where hair and background share a px.

    Under the soft edge the background's colour is removed, and what spills from a saturated
    background is drawn towards the colour of the person's nearest solid part.
    """
    picture = to_picture(pixels)
    height, width = alpha.shape
    scale = min(1.0, FINE_FACE / face_size)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    small, small_alpha = resize(picture, *size), resize(alpha, *size)

    radius = max(2, round(0.13 * face_size * scale))
    wide_fore, wide_back = _local_means(small, small, small_alpha, radius)
    fore = _fuse(small, small_alpha, wide_fore, wide_back)
    radius = max(1, round(0.014 * face_size * scale))
    fore, back = _local_means(fore, wide_back, small_alpha, radius)
    fore = _without_spill(fore, small_alpha, 0.05 * face_size * scale)

    return _fuse(picture, alpha, resize(fore, width, height), resize(back, width, height))


def _local_means(fore: Picture, back: Picture, alpha: Mask, radius: int) -> tuple[Picture, Picture]:
    """Mean colour of the person and of what is behind, within `radius` px."""
    side = (2 * radius + 1, 2 * radius + 1)
    weight = alpha[..., None]
    share = cv2.blur(alpha, side)[..., None]
    fore_mean = cv2.blur(fore * weight, side) / (share + 1e-5)
    back_mean = cv2.blur(back * (1 - weight), side) / (1 - share + 1e-5)
    return fore_mean, back_mean


def _fuse(picture: Picture, alpha: Mask, fore: Picture, back: Picture) -> Picture:
    """Blur-fusion's step: local foreground colour, corrected by what the px really shows."""
    weight = alpha[..., None]
    return np.clip(fore + weight * (picture - weight * fore - (1 - weight) * back), 0, 1)


def _without_spill(fore: Picture, alpha: Mask, reach: float) -> Picture:
    """Draws the hue of soft edges towards the nearest solid part; their brightness stays."""
    solid = (alpha > 0.97).astype(np.float32)
    near = blur(solid, reach)[..., None]
    own = blur(fore * solid[..., None], reach) / (near + 1e-4)
    brightness = cv2.transform(fore, LUMA) / (cv2.transform(own, LUMA) + 1e-3)
    share = ((1 - alpha) * 0.75)[..., None] * np.clip(near * 8, 0, 1)
    return fore + (own * np.clip(brightness, 0, 3)[..., None] - fore) * share
