"""A team's own picture as backdrop."""

from __future__ import annotations

import cv2
import numpy as np

from ..arrays import Picture
from .camera import disc_blur

#: Radius of the blur in shares of the shorter side: enough to part the person from the picture.
DEFOCUS = 0.006


def from_picture(picture: Picture, h: int, w: int, defocus: float = DEFOCUS) -> Picture:
    """Crops a BGR 0–1 picture centrally to cover `h`×`w` px and sets it slightly out of focus.

    Raises ValueError for a picture without pixels.
    """
    source_h, source_w = picture.shape[:2]
    if not source_h or not source_w:
        raise ValueError("The backdrop picture has no pixels.")
    factor = max(h / source_h, w / source_w)
    crop_h, crop_w = min(source_h, round(h / factor)), min(source_w, round(w / factor))
    top, left = (source_h - crop_h) // 2, (source_w - crop_w) // 2
    crop = picture[top : top + max(1, crop_h), left : left + max(1, crop_w)]
    interpolation = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    covered = cv2.resize(np.ascontiguousarray(crop), (w, h), interpolation=interpolation)
    return np.clip(disc_blur(covered, defocus * min(h, w)), 0, 1)
